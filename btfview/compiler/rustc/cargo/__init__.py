"""Cargo projects: every crate of a workspace checked by cargo, with a wrapper of ours in rustc's place."""
