"""A source as rustc is shown it, and the way back from there: edits that keep its lines."""
