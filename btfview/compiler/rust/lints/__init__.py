"""Lints: what a checked program may say and probably should not; levels as rustc has them."""
