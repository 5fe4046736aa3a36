"""The typed program: definitions, the tree of bodies, patterns, and what is asked of them."""
