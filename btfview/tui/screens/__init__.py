"""The workbench and its dialogues."""
