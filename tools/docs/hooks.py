"""For mkdocs (``hooks`` of mkdocs.yml): to the pages of ``docs/`` come the reference, and the pictures of
``screenshots/``, to which pages link as in the repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

from tools.docs.reference import pages

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

PICTURES = "screenshots"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Return the files of ``docs/``, and those that are made or stand elsewhere."""
    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    root = Path(config.config_file_path).parent
    for picture in sorted((root / PICTURES).glob("*.svg")):
        files.append(File.generated(config, f"{PICTURES}/{picture.name}", abs_src_path=str(picture)))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Return the text of a page with links to the pictures as they stand in the site."""
    return markdown.replace(f"](../{PICTURES}/", f"]({PICTURES}/")
