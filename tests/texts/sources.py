"""Texts in the syntax trees of the sources: sentences that are not in the catalogue, and the uses of its rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "indi_sony_py"
_SENTENCE = re.compile(r"[A-Za-z]{2,}\W+[a-z']+\W+[a-z']{2,}")
_LOG = re.compile(r"(^|\.)_?log$|^logging$|^warnings$")
_LOGGED = frozenset({"debug", "info", "warning", "error", "critical", "exception", "log"})
TECHNICAL = frozenset(
    {
        *("RuleBroken", "BadData", "BrokenImage", "UnknownImage"),
        *("ValueError", "TypeError", "KeyError", "RuntimeError", "AssertionError", "OSError"),
        *("PermissionError", "FileNotFoundError"),
    }
)
"""What these errors say is for a programmer, or stands as a detail in a row of the catalogue."""


@dataclass(frozen=True)
class Use:
    """A row of the catalogue in the code: "group.NAME", the fields that are given there (None: it is not called)."""

    row: str
    fields: frozenset[str] | None
    where: str


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Each module that can speak to a user, but the catalogue: its path below the package, and its tree."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name.split("/")[0] not in ("texts", "sim", "cli"):
            yield name, ast.parse(path.read_text("utf-8"))


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of each literal that reads like a sentence, and is neither documentation, log nor detail."""
    passed: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()):
                passed.update(map(id, ast.walk(node)))
            case ast.Assert(msg=msg) if msg is not None:
                passed.update(map(id, ast.walk(msg)))
            case ast.Call() if _is_log(node) or _called(node) in TECHNICAL:
                passed.update(map(id, ast.walk(node)))
            case ast.JoinedStr() if id(node) not in passed:
                passed.update(id(part) for part in node.values)
    for node in ast.walk(tree):
        if id(node) in passed:
            continue
        match node:
            case ast.Constant(value=str(text), lineno=line) if _SENTENCE.search(text):
                yield line, text
            case ast.JoinedStr(lineno=line):
                literal = "…".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
                if _SENTENCE.search(literal):
                    yield line, literal


def uses(name: str, tree: ast.Module) -> Iterator[Use]:
    """Each `texts.group.NAME` of a module, with the fields of the call that it is in, or that it is given to."""
    called: dict[int, frozenset[str] | None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = frozenset(k.arg for k in node.keywords if k.arg is not None)
            if _row(node.func) is not None:
                called[id(node.func)] = given
            elif node.args and _row(node.args[0]) is not None and len(node.args) == 1:
                called[id(node.args[0])] = given
    for node in ast.walk(tree):
        row = _row(node)
        if row is not None:
            yield Use(row, called.get(id(node)), f"{name}:{node.lineno}")  # type: ignore[attr-defined]


def _row(node: ast.AST) -> str | None:
    match node:
        case ast.Attribute(attr=name, value=ast.Attribute(attr=group, value=ast.Name(id="texts"))) if name.isupper():
            return f"{group}.{name}"
        case _:
            return None


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rsplit(".", 1)[-1]


def _is_log(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(attr=name, value=whose) if name in _LOGGED:
            return _LOG.search(ast.unparse(whose)) is not None
        case _:
            return False
