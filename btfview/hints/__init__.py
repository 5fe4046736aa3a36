"""What stands in place of what a kernel lacks: rules, each with its evidence, and facts that no type shows.

A question (:mod:`.question`) is a path that one kernel has and another lacks. Every rule is a function
from it to what it finds; :mod:`.order` says which come first and how sure each is; :mod:`.find` asks them.
"""
