"""BTF as data: reader (a fast index), types, layout, writer; ``wire`` describes the format with construct.

Assumes nothing of the bytes: a damaged file gives :class:`btfview.errors.BtfFormatError`. Relocation,
targets and text for people are for others (:mod:`.format` alone writes text).
"""
