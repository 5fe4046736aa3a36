"""Kernels' BTF: found on this machine, opened from any form, taken out of images and archives.

A target is a name and a BTF; bundled kernels stand in ``bundled/``. Nothing here knows of programs.
"""
