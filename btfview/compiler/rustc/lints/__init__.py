"""The lints of the built-in front end for programs that rustc compiles: from the tree, from what rustc says
of fields, and from the types in its debug info."""
