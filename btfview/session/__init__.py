"""What is open.

The file, its options and targets, what was asked and answered, edits, and the files around it.
"""
