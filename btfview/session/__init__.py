"""What is open.

The file, its options and targets, what was asked and answered, edits, and the files around it. Assumes
nobody in front of it: no widget, no thread of its own; bad input is part of an answer, never an exception.
"""
