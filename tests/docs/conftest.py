"""Cargo projects of the pages share what is built with those of the other tests."""

from tests.compiler.rustc.conftest import shared_target

__all__ = ("shared_target",)
