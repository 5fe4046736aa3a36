"""C by way of the clang that is there: its command, and what it says as diagnostics.

Assumes nothing of that clang but its options; without one, the answer is a diagnostic. What the object holds
is for its readers.
"""
