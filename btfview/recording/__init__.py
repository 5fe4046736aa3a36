"""The screen played from a script of keys, as a recording for asciinema or a picture."""
