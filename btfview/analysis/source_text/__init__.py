"""The text behind a program: where it asks, in its own language."""
