"""Tests of btfview.compiler."""
