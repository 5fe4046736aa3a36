"""C by way of the clang that is there: its command, and what it says as diagnostics."""
