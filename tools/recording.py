"""What a client sent and what the driver answered, as a short file that can be read and played again. Pure, and a file.

A row is `[seconds, "to driver" or "to client", tag, vector, state, {element: text}]`. Left out are definitions,
messages, the server's own traffic, what the camera changed by itself, and repetitions of a state (countdowns).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tools.tap import Passed

__all__ = ["TO_CLIENT", "TO_DRIVER", "Row", "load", "rows_of", "save"]

TO_DRIVER, TO_CLIENT = "to driver", "to client"


class Row(NamedTuple):
    """One element."""

    at: float
    way: str
    tag: str
    vector: str
    state: str
    elements: dict[str, str]


def rows_of(passed: Iterable[Passed], device: str) -> list[Row]:
    """What the client wrote to the device, and how the vectors that it wrote to were set, in order; BLOBs too."""
    passed = list(passed)
    mine = [each for each in passed if each.element.get("device") == device]
    written = {e.element.get("name") for e in mine if e.to_driver and e.element.tag.startswith("new")} | {"CCD1"}
    found: list[Row] = []
    last: dict[str, str] = {}
    for each in mine:
        element, name = each.element, each.element.get("name", "")
        elements = {part.get("name", ""): (part.text or "").strip() for part in element}
        if each.to_driver and element.tag.startswith("new"):
            last.pop(name, None)
            found.append(Row(round(each.at, 2), TO_DRIVER, element.tag, name, "", elements))
        elif element.tag.startswith("set") and name in written:
            state = element.get("state", "")
            blob = element.tag == "setBLOBVector"
            if blob or last.get(name) != state:
                found.append(Row(round(each.at, 2), TO_CLIENT, element.tag, name, state, {} if blob else elements))
            last[name] = state
    return found


def save(path: Path, rows: Iterable[Row], **about: str) -> None:
    """One row a line; `about` says how it was made."""
    lines = [json.dumps(about), *(json.dumps(list(row)) for row in rows)]
    path.write_text("[" + ",\n".join(lines) + "]\n")


def load(path: Path) -> tuple[dict[str, str], list[Row]]:
    """What `save` wrote."""
    about, *rows = json.loads(path.read_text())
    return about, [Row(*row) for row in rows]
