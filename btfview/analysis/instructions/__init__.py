"""The instructions of an object, linked to its lines and records, and from one kernel to another."""
