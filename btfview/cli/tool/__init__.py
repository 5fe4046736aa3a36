"""Commands on btfview itself: the screen, its demos and recordings, this machine, the shell."""
