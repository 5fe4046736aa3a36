"""What of ``core`` can be called: a module for each type or module of it.

Assumes receivers and arguments that are typed; knows no calls, blocks or programs, which call it.
"""
