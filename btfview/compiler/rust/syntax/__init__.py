"""Text to tree: tree-sitter's tree, attributes, literals, the macros of queries, the prelude.

What is written, not what it means. The only importer of tree_sitter.
"""
