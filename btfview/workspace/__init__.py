"""What the screen and the command line both stand on."""
