"""How fast btfview is, in whole processes and beside its peers: ``python -m tests.bench``."""
