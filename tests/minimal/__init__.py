"""Tests of btfview.minimal."""
