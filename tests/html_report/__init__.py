"""Tests of btfview.html_report."""
