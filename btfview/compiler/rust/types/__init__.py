"""Types of the language: what there is, how it is laid out and passed, and the inference between them."""
