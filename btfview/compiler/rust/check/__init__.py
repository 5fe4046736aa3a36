"""Syntax to typed tree, by rustc's rules and with its errors: one rule for each kind of expression."""
