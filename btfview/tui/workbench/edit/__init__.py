"""A source is edited: in its pane, or in an editor outside."""
