"""Where panes, rows and columns stand, and how much room each has."""
