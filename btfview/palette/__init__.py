"""What can be gone to by name: choices, how they match what is typed, previews of them."""
