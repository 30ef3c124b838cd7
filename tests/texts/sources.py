"""Texts in the syntax trees of the sources: sentences that are not in the catalogue, and the uses of its rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from indi_sony_py import errors

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


SPEAKING = frozenset(
    {
        *("say", "fail", "refuse", "_fail_job", "_end_for_client", "_drop_held", "_fail_changes", "_give_up", "_lose"),
        *("Notice", "ExposureFailed", "ExposureHeld", "Aborted", "ChangeResult", "AttachFailed", "Declined"),
        *(name for name in errors.__all__ if name[0].isupper() and name not in TECHNICAL),
    }
)
"""What is given to these is read by a user: even a single word of it comes from the catalogue."""


@dataclass(frozen=True)
class Use:
    """A row of the catalogue in the code: "group.NAME", the fields that are given there (None: it is not called)."""

    row: str
    fields: frozenset[str] | None
    where: str


@lru_cache(maxsize=1)
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Each module that can speak to a user, but the catalogue: its path below the package, and its tree."""
    paths = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
    passed = ("texts/", "sim/", "cli/driver.py")
    return tuple((n, ast.parse(p.read_text("utf-8"))) for n, p in paths.items() if not n.startswith(passed))


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


def spoken(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of each literal, long or short, that is given to something that speaks to a user."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in SPEAKING:
            for given in (*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "text")):
                match given:
                    case ast.Constant(value=str(text)) if text:
                        yield node.lineno, text
                    case ast.JoinedStr():
                        yield node.lineno, ast.unparse(given)


def uses(name: str, tree: ast.Module) -> Iterator[Use]:
    """Each row that a module names, with the fields of the call that it is in, or that it is given to."""
    groups = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "indi_sony_py.texts"
        for alias in node.names
        if alias.name.islower() and alias.name != "advice"
    }
    called: dict[int, frozenset[str] | None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = frozenset(k.arg for k in node.keywords if k.arg is not None)
            if _row(node.func, groups) is not None:
                called[id(node.func)] = given
            elif len(node.args) == 1 and _row(node.args[0], groups) is not None:
                called[id(node.args[0])] = given
    for node in ast.walk(tree):
        row = _row(node, groups)
        if row is not None:
            yield Use(row, called.get(id(node)), f"{name}:{node.lineno}")  # type: ignore[attr-defined]


def _row(node: ast.AST, groups: dict[str, str]) -> str | None:
    """`texts.group.NAME`, or `group.NAME` where the group was imported under that name."""
    match node:
        case ast.Attribute(attr=name, value=ast.Attribute(attr=group, value=ast.Name(id="texts"))) if name.isupper():
            return f"{group}.{name}"
        case ast.Attribute(attr=name, value=ast.Name(id=group)) if name.isupper() and group in groups:
            return f"{groups[group]}.{name}"
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
