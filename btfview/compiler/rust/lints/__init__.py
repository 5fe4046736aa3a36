"""Lints: what a checked program may say and probably should not; levels as rustc has them.

Assumes a program without errors, its typed tree and its queries; changes nothing in it.
"""
