"""docs/DRIVER.md says what the code does: its table of properties, and its variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from indi_sony_py.driver.config import path_for
from indi_sony_py.driver.properties import TABLE
from indi_sony_py.driver.row import Row
from indi_sony_py.driver.simulation import DEFAULT_BODY
from tools.properties import DOCUMENT, document

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "DRIVER.md").read_text()
SOURCES = "".join(path.read_text() for path in sorted((ROOT / "indi_sony_py").rglob("*.py")))


def test_the_page_of_properties_is_written_from_the_table() -> None:
    assert DOCUMENT.read_text() == document(), "python -m tools.properties writes it anew"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_each_property_says_what_it_is_for(row: Row) -> None:
    for text in (row.does, row.needs):
        assert "|" not in text and "\n" not in text
    assert row.does.endswith(".") and (not row.needs or row.needs.endswith("."))


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
