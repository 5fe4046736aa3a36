"""What the verifier makes of a program beyond its records: what it reads, calls, stores and returns."""
