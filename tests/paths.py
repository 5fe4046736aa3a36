"""Where things stand in the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "demo"
EXPECTATIONS = ROOT / "tests" / "expectations"
"""What other tools said, as `make expectations` stored it."""
RUST_CASES = ROOT / "tests" / "compiler" / "rust" / "cases"
"""Rust programs and lines with what rustc says of them."""
