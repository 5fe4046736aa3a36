"""One module for each kind of demand: what asks, and what a kernel answers."""
