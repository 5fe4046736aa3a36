"""An atlas: one file that holds the BTF of thousands of kernels, each type and each name once.

:mod:`.numbering` gives each different type a number, in which other named types stand by their names; a
kernel is then a list of numbers. :mod:`.order` writes such a list as what differs from another kernel's,
:mod:`.packing` packs it, :mod:`.file` keeps it in SQLite, :mod:`.write` adds kernels, and merges what many of
them brought in into one value, :mod:`.read` finds them; :mod:`.rebuild` gives back the very bytes.
"""
