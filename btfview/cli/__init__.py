"""Commands: one module each, with its arguments, its run and its examples, in a folder by what it is on.

``commands`` is the table of them, ``main`` the entry; what several commands share stands beside.
"""
