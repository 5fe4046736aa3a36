"""The reference of the documentation and the man page, made from the code when the documentation is built."""
