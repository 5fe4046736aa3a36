"""Tests of btfview.configuration."""
