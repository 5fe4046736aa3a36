"""Values of constants: typed trees evaluated as rustc evaluates them."""
