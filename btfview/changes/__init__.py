"""What is different between two results: records, instructions, selection; and between two layouts.

Assumes two :mod:`btfview.analysis` results. It tells facts, and leaves how they read to :mod:`btfview.views`.
"""
