"""LLVM in a process of its own: started cold or kept warm, spoken to over pipes, limited and killed.

Only :mod:`.process` imports llvmlite, and it runs in the child.
"""
