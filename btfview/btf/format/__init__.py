"""BTF as text: as bpftool, as C, as pahole, as JSON, as a list; and the spelling of names.

What a peer prints is printed byte for byte as the peer does. Names from outside are made visible before
they reach a terminal (:mod:`.spelling`).
"""
