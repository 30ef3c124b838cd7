"""docs/PROPERTIES.md, written from the table of properties: `python -m tools.properties` writes it anew."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from indi_sony_py.driver.properties import TABLE
from indi_sony_py.driver.row import Row, Shown
from indi_sony_py.indi.messages import Permission

__all__ = ["DOCUMENT", "document", "main"]

DOCUMENT = Path(__file__).parents[1] / "docs" / "PROPERTIES.md"

_HEAD = """# Properties

Every property of a camera, in the groups in which clients show them, in the order in which they get them. A star
marks what is chosen at first. "there": before the connection too (always), while the camera is connected, or when
another property asks for it. "kept": in the config; *start*: read when the driver starts, *load*: when a client loads
it. What one does in detail, and what it answers, stands in [DRIVER.md](DRIVER.md). Names, labels, elements and their
order are those of libindi's cameras where these have the same property; `python -m tests.peers.definitions` tells every
difference, and why. This page is written by `python -m tools.properties` from `indi_sony_py/driver/rows/`.
"""
_COLUMNS = ("property", "what it does", "what the camera needs for it", "clients", "there", "kept", "elements")


def document() -> str:
    """The whole page."""
    groups: dict[str, list[Row]] = {}
    for row in TABLE:
        groups.setdefault(row.vector.group, []).append(row)
    head = "\n".join((f"| {' | '.join(_COLUMNS)} |", f"|{' --- |' * len(_COLUMNS)}"))
    parts = [_HEAD, *(f"## {group}\n{head}\n{_lines(rows)}\n" for group, rows in groups.items())]
    return "\n".join(parts)


def _lines(rows: Iterable[Row]) -> str:
    return "\n".join(f"| {' | '.join(_cells(row))} |" for row in rows)


def _cells(row: Row) -> tuple[str, ...]:
    perm = "read" if row.vector.perm is Permission.READ_ONLY else "write"
    kept = "" if not row.saved else "start" if row.early else "load"
    return (f"**{row.vector.label.strip()}** {row.name}", row.does, row.needs, perm, _there(row), kept, _elements(row))


def _there(row: Row) -> str:
    return {Shown.ALWAYS: "always", Shown.CONNECTED: "connected", Shown.ASKED: "when asked for"}[row.shown]


def _elements(row: Row) -> str:
    if row.setting:
        return "the camera's own"
    on = [name for name, value in row.values.items() if value is True]
    return ", ".join(f"{e.name}{'*' * (e.name in on)} ({e.label.strip()})" for e in row.vector.elements)


def main() -> int:
    DOCUMENT.write_text(document())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
