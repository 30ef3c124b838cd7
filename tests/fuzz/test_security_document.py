"""docs/SECURITY.md promises nothing that no test keeps; and what the driver keeps for itself is its user's alone."""

from __future__ import annotations

import ast
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indi_sony_py.driver.logs import Logs
from indi_sony_py.engine.messages import Collected, Identity, Role
from indi_sony_py.hand.journal import Journal
from indi_sony_py.hand.launch import _open_log
from indi_sony_py.hand.marker import Marker
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.spool import Spool
from indi_sony_py.indi.process import Stderr
from tests.driver.scripted import Rig
from tests.fuzz.inside import journal_entry, open_mark

_ROOT = Path(__file__).resolve().parents[2]
_TEXT = (_ROOT / "docs" / "SECURITY.md").read_text()


def _tests() -> set[str]:
    found = set()
    for path in (_ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(path.read_text())
        found |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return found


def test_every_promise_names_a_test_that_is_there() -> None:
    heads = ("| promise", "| ---")
    rows = [line for line in _TEXT.splitlines() if line.startswith("| ") and not line.startswith(heads)]
    assert len(rows) >= 12
    named = {name for row in rows for name in re.findall(r"`(test_\w+)`", row.rsplit("|", 2)[1])}
    assert all(re.search(r"`test_\w+`", row.rsplit("|", 2)[1]) for row in rows)
    assert named - _tests() == set()


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A user who lets everybody read and write what is not held back on purpose."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_what_the_driver_keeps_for_itself_is_the_users_alone(tmp_path: Path, open_umask: None) -> None:
    """Whichever of them comes first makes the folder."""
    makers: tuple[Callable[[Places], None], ...] = (
        lambda places: os.close(_open_log(places.log("usb-1"))),
        lambda places: Marker(places.marker("usb-1")).write(open_mark()),
        lambda places: Journal(*places.journals).add(journal_entry("a")),
        lambda places: _face_log(places.state),
    )
    for first in range(len(makers)):
        places = Places(tmp_path / f"state-{first}" / "indi_sony_py")
        for make in (*makers[first:], *makers[:first]):
            make(places)
        got = Collected(Role.FRAME, "DSC00001.ARW", 0xB101, b"image", None, Identity("ILCE-7M3"))
        Spool(places, "usb-1").put(1, got)
        assert stat.S_IMODE(places.state.stat().st_mode) == 0o700
        assert stat.S_IMODE((places.state / "spool").stat().st_mode) == 0o700
        for path in (places.marker("usb-1"), places.journals[0], places.log("usb-1")):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def _face_log(folder: Path) -> None:
    rig = Rig()
    null = os.open(os.devnull, os.O_WRONLY)
    logs = Logs(lambda line: None, folder, Stderr(null))
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "DEBUG", ENABLE="On")
    rig.new("Switch", "LOG_OUTPUT", FILE_DEBUG="On")
    logs.apply(rig.device.board)
    logs.close()
    os.close(null)
    rig.close()
    assert (folder / "driver.log").exists()
