"""docs/DRIVER.md says what the code does: its table of properties, and its variables."""

from __future__ import annotations

import re
from pathlib import Path

from indi_sony_py.driver.config import path_for
from indi_sony_py.driver.properties import TABLE
from indi_sony_py.driver.row import Row, Shown, Write
from indi_sony_py.driver.simulation import DEFAULT_BODY
from indi_sony_py.indi.messages import Permission

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "DRIVER.md").read_text()
SOURCES = "".join(path.read_text() for path in sorted((ROOT / "indi_sony_py").rglob("*.py")))
HEAD = ("property", "shown as", "in group", "clients", "there", "kept", "elements")


def there(row: Row) -> str:
    match row.shown, row.write:
        case Shown.ALWAYS, _:
            return "always"
        case Shown.CONNECTED, _:
            return "connected"
        case _, Write.LOGGING:
            return "with DEBUG"
        case _:
            return "with files"


def kept(row: Row) -> str:
    return "" if not row.saved else "start" if row.early else "load"


def elements(row: Row) -> str:
    if row.setting:
        return "the camera's own"
    on = [name for name, value in row.values.items() if value is True]
    return ", ".join(f"{e.name}{'*' * (e.name in on)} ({e.label.strip()})" for e in row.vector.elements)


def line(row: Row) -> str:
    perm = "read" if row.vector.perm is Permission.READ_ONLY else "write"
    cells = (row.name, row.vector.label, row.vector.group, perm, there(row), kept(row), elements(row))
    return f"| {' | '.join(cells)} |"


def table() -> str:
    head = [f"| {' | '.join(HEAD)} |", f"|{' --- |' * len(HEAD)}"]
    return "\n".join([*head, *(line(row) for row in TABLE)])


def between(start: str, end: str) -> str:
    return TEXT.partition(start)[2].partition(end)[0].strip()


def test_the_table_of_properties_is_the_drivers_own() -> None:
    assert between("<!-- properties -->", "<!-- end -->") == table()


def test_each_property_that_is_explained_exists() -> None:
    named = set(re.findall(r"\*\*([A-Z0-9_, ]+)\*\*", TEXT))
    assert {name for group in named for name in group.split(", ")} <= {row.name for row in TABLE}


def test_each_variable_is_read_somewhere() -> None:
    variables = re.findall(r"^\| `([A-Z_]+)` \|", TEXT, re.M)
    assert len(variables) >= 7
    for name in variables:
        assert f'"{name}"' in SOURCES
    assert DEFAULT_BODY in TEXT


def test_the_config_is_where_it_is_said_to_be() -> None:
    assert str(path_for("<device>", True, {"HOME": "~"})) in TEXT
