"""Tests of btfview.checks."""
