"""Patterns: read from syntax, checked against what they are matched with, taken apart, exhausted."""
