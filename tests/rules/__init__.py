"""Tests of btfview.rules."""
