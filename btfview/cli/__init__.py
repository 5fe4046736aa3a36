"""Commands: one module each, with its arguments, its run and its examples. ``main`` finds them by name."""
