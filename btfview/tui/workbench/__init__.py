"""The standing screen: panes on one file, joined by one selection."""
