"""The tables of lenses on disk: by name, whole or not at all."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from indi_sony_py.engine.focustable import LensTable
from indi_sony_py.hand.lenses import Lenses

SIZES = (1.0, 2.5, 8.0, 20.0, 55.0, 146.0, 389.0)
ONE, OTHER = LensTable("FE 28mm F2", SIZES, 900.0, 3.0), LensTable("E 50mm F1.8", SIZES, 4200.0)


def test_kept_by_name_the_newest_first(tmp_path: Path) -> None:
    lenses = Lenses(tmp_path / "new")
    assert lenses.read() == ()
    lenses.keep(ONE)
    lenses.keep(OTHER)
    better = LensTable("FE 28mm F2", SIZES, 950.0, 4.0)
    lenses.keep(better)
    assert Lenses(tmp_path / "new").read() == (better, OTHER)


def test_a_lens_without_a_name_is_not_kept(tmp_path: Path) -> None:
    Lenses(tmp_path).keep(LensTable("", SIZES, 900.0))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", ["{", "[]", '{"lenses": [{}]}', "\x00"])
def test_what_cannot_be_read_is_put_aside(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    lenses = Lenses(tmp_path)
    lenses.keep(ONE)
    path = tmp_path / "lenses.json"
    path.write_text(damage)
    with caplog.at_level(logging.ERROR):
        assert lenses.read() == ()
    assert "put aside" in caplog.text and not path.exists() and path.with_suffix(".unreadable").exists()
    lenses.keep(OTHER)
    assert lenses.read() == (OTHER,)


def test_a_folder_that_takes_nothing_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state").write_text("a file")
    with caplog.at_level(logging.ERROR):
        Lenses(tmp_path / "state").keep(ONE)
    assert "cannot be written" in caplog.text


def test_a_table_that_no_lens_can_have_is_passed_over(tmp_path: Path) -> None:
    lenses = Lenses(tmp_path)
    lenses.keep(ONE)
    lenses.keep(OTHER)
    path = tmp_path / "lenses.json"
    tree = json.loads(path.read_text())
    tree["lenses"][0]["span"] = 2.0
    path.write_text(json.dumps(tree))
    assert lenses.read() == (ONE,)
