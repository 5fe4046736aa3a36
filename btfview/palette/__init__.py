"""What can be gone to by name: choices, how they match what is typed, previews of them.

Assumes an analysis, or a kernel to search; what a choice does when it is taken is for the screen.
"""
