"""The screen played from a script of keys, as a recording for asciinema or a picture.

Assumes a screen that it can start on a terminal of its own; the screen knows nothing of being recorded.
"""
