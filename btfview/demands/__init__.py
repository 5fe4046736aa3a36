"""What an object asks of a kernel beside its CO-RE records, what a kernel answers, and so whether it loads.

A demand is data (:mod:`.demand`); each kind has a module that finds the demands of an object and one rule a
demand, with the function of libbpf or of the kernel that it follows. :mod:`.verdict` adds them up.
"""
