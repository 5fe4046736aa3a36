"""Layouts of types as rows: the struct tree, two beside one another, what changed, the browser."""
