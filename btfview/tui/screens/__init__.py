"""Screens and dialogues beside the workbench."""
