"""JSON schemas (draft 2020-12) of what the commands print with ``--json``: the contract, for programs.

What is there keeps its name and meaning; more may come, so an object may have more than its schema says.
Tests hold every output to its schema, and to no more than that.
"""
