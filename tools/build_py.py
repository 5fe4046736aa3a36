"""Build the package for a wheel: its modules without what is there for who reads them.

A fifth of a wheel would be docstrings and comments. They are taken out line for line, so that a traceback
names the lines of the sources; ``typing`` and all code stay as they are. The sdist has the sources.
An editable installation (``make setup``) is the sources.
"""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

from setuptools.command.build_py import build_py


class BuildPy(build_py):  # type: ignore[misc]
    """setuptools' own, and then :func:`without_prose`."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for path in map(Path, self.get_outputs(include_bytecode=False)):
            if path.suffix == ".py":
                path.write_text(without_prose(path.read_text("utf-8")), "utf-8")


def without_prose(text: str) -> str:
    """Return a module without its docstrings and comments; all else stands in the line where it stood.

    >>> without_prose('def f():  # why\\n    "What."\\n    return 1\\n')
    'def f():\\n\\n    return 1\\n'
    """
    lines = text.split("\n")
    for start, end, instead in sorted(_prose(text), reverse=True):
        (first, column), (last, end_column) = start, end
        behind = lines[last - 1][end_column:]
        lines[first - 1 : last] = [lines[first - 1][:column] + instead + behind] + [""] * (last - first)
    stripped = "\n".join(line.rstrip() for line in lines)
    assert _code(stripped) == _code(text)
    return stripped if stripped.strip() else ""


def _prose(text: str) -> list[tuple[tuple[int, int], tuple[int, int], str]]:
    """Return where comments and docstrings begin and end (line from 1, column), and what is put there."""
    found = [
        (token.start, token.end, "")
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    ]
    lines = [line.encode() for line in text.split("\n")]
    for node in ast.walk(ast.parse(text)):
        docstrings = _docstrings(node)
        is_all = not isinstance(node, ast.Module) and docstrings == getattr(node, "body", ())
        for docstring in docstrings:
            first, last = docstring.lineno, docstring.end_lineno or docstring.lineno
            before = lines[first - 1][: docstring.col_offset].decode()
            upto = lines[last - 1][: docstring.end_col_offset].decode()
            behind = lines[last - 1][docstring.end_col_offset :].split(b"#")[0]
            if before.strip() or behind.strip():
                continue  # it shares its line with code
            instead = "pass" if is_all and docstring is docstrings[0] else ""
            found.append(((first, len(before)), (last, len(upto)), instead))
    return found


def _docstrings(node: ast.AST) -> list[ast.Expr]:
    """Return the statements of a body that are a string: docstrings, and what is said of a field."""
    body = getattr(node, "body", None)
    if not isinstance(body, list):  # a lambda has one that is an expression
        return []
    return [
        statement
        for statement in body
        if isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    ]


class _WithoutDocstrings(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for docstring in _docstrings(node):
            node.body.remove(docstring)  # type: ignore[attr-defined]
            if not node.body and not isinstance(node, ast.Module):  # type: ignore[attr-defined]
                node.body.append(ast.Pass())  # type: ignore[attr-defined]
        return node


def _code(text: str) -> str:
    """Return what *text* says to Python, docstrings left out."""
    return ast.dump(_WithoutDocstrings().visit(ast.parse(text)))
