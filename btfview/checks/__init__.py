"""What CI needs of findings: which are new, which are allowed, where they lie, and how each tool reads them.

Pure functions of findings: nothing is resolved, read or written here. :mod:`.formats` has a module a format.
"""
