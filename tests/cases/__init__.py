"""Situations of public reports, and their neighbours, through the commands that people use."""
