"""What each key does, where, and by which name the user's configuration calls it; without Textual.

:mod:`.table` has the keys of the workbench, :mod:`.places` those of lists and dialogues, :mod:`.keymap` what
the user made of them.
"""
