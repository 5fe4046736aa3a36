"""Keys: bound by name, in order, and which matter where."""
