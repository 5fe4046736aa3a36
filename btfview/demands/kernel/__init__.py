"""A kernel as demands ask it, and what of kernels is not in their BTF: releases, lists, renamed functions."""
