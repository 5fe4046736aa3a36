"""Tests of btfview.schemas."""
