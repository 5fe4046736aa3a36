"""Values of constants: typed trees evaluated as rustc evaluates them.

Assumes trees that were checked; a panic or an overflow is a diagnostic with rustc's code (E0080). How often a
constant is asked for is not its concern: ``items.facts`` asks once.
"""
