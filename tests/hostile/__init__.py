"""Files that ask for more time or memory than they are worth, and the limits that commands keep on them."""
