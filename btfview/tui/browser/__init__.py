"""The type browser: any type of any target, found by name, on show with its layout, or beside another's."""
