"""Rows of what the compiler makes of a program, stage by stage."""
