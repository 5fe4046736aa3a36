"""Types of the language: what there is, how it is laid out and passed, and the inference between them.

Assumes nothing of syntax or names: a type is a value here, whoever wrote it.
"""
