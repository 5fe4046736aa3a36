"""The typed program: definitions, the tree of bodies, patterns, and what is asked of them.

Data alone: made by ``check``, read by ``consts``, ``lower`` and ``lints``.
"""
