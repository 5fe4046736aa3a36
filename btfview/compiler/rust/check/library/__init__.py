"""What of ``core`` can be called: a module for each type or module of it."""
