"""The screen; the only importer of textual."""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from btfview.analysis.kernels.target_choice import TargetChoice
    from btfview.compiler.options import CompileOptions
    from btfview.configuration.screen import ScreenSettings

_KEPT_OPEN = 32
"""Whole kernels that stay in memory, so that no key waits for one; 31 take 150 MB."""


def run_app(
    paths: list[str],
    target_specs: list[str],
    options: CompileOptions,
    loader: str | None = None,
    settings: ScreenSettings | None = None,
    choice: TargetChoice | None = None,
    *,
    is_fresh: bool = False,
) -> int:
    """Open the screen and return the exit code of the command.

    The first of *paths* is opened; *target_specs* are what ``open_target`` takes, none for the default, and
    *choice* leaves out some of them; without *loader* the one that was shown last; where it *is_fresh*, what
    was arranged before is left out.
    """
    import gc

    # Importing Textual makes a few hundred thousand objects that all stay: collecting meanwhile costs 50 ms.
    gc.disable()
    from btfview.analysis.kernels.target_choice import EVERY
    from btfview.targets.kept_open import keep_open_everywhere

    from .app import BtfviewApp

    keep_open_everywhere(_KEPT_OPEN)
    app = BtfviewApp(paths, target_specs, options, loader, settings, choice or EVERY, is_fresh=is_fresh)
    app.run()
    if app.crash_told:
        import sys

        print(app.crash_told, file=sys.stderr)
    return app.return_code or 0
