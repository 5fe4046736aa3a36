"""The standing screen: panes on one file, joined by one selection.

``screen.WorkbenchScreen`` owns a controller for each concern (arrangement, search, work, editing ...).
A controller knows the others by ``bench.Bench`` alone: what it may ask of the workbench. Dialogues come from
``btfview.tui.screens``; they report back by what they are left with, and know no workbench.
"""
