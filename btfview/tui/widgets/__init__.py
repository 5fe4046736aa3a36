"""Widgets that know nothing of BPF: lists of lines, bars, an editor, a search line."""
