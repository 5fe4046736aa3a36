"""A report as one HTML file: the fate of a program on every kernel, why, and its source.

No script, nothing from elsewhere: it opens from a mail, an artefact of CI or a disk. Rows are those of the
screen (:mod:`btfview.views`); here they get tags. Everything that comes from a file goes through
:func:`.markup.escaped`.
"""
