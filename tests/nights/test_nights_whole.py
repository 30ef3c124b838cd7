"""Whole nights, a reduced number of them: `tools/nights` plays the others. And guards that are broken, one by one: each
must be found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from indi_sony_py.engine.capture import _Machine
from indi_sony_py.engine.images import Verdict
from indi_sony_py.engine.moves import Moved
from indi_sony_py.engine.worker import Worker
from indi_sony_py.hand.disk import SaveJob
from indi_sony_py.hand.frame import record_of
from indi_sony_py.hand.frames import Frames
from indi_sony_py.hand.journal import Journal
from tests.nights.judge import Wrong
from tests.nights.night import Night

pytestmark = pytest.mark.quiet

_NIGHTS = 8
KEPT: dict[int, tuple[float, float, str]] = {
    11: (0.1, 150.0, "ILCE-6000"),
    12: (0.1, 150.0, "ILCE-7SM3"),
}
"""Seeds with their hours, storm and body; those that once failed stay. Played without retakes, as they were then."""
RETAKEN: dict[int, tuple[float, float, str]] = {
    31: (0.1, 150.0, "ILCE-6000"),
    32: (0.1, 150.0, "ILCE-7SM3"),
}
"""Played with the driver's own number of retakes."""


@pytest.mark.parametrize("seed", KEPT)
def test_a_night(seed: int) -> None:
    hours, storm, body = KEPT[seed]
    Night(seed, hours, body, storm, retakes=0).run()


@pytest.mark.parametrize("seed", RETAKEN)
def test_a_night_with_retakes(seed: int) -> None:
    hours, storm, body = RETAKEN[seed]
    night = Night(seed, hours, body, storm, retakes=2)
    night.run()
    assert night.counts["retakes"] > 0


def test_a_night_in_which_cables_are_put_into_other_ports() -> None:
    """Two bodies, each with its own device and its own frames, whichever port it is at."""
    only = ("another port", "swapped cameras")
    night = Night(41, 0.05, "ILCE-7RM3", 400.0, only, retakes=1, second="ILCE-6000")
    night.run()
    assert night.counts["swapped cameras"] and night.counts["another port"]
    assert all(camera.presses for camera in night.stage.cameras)


def test_how_often_a_night_tries_is_drawn_and_changes_nothing_else() -> None:
    nights = [Night(seed, 0.1) for seed in range(40)]
    assert {night.retakes for night in nights} == {0, 1, 2}
    assert all(Night(n.seed, 0.1, retakes=0).pick.getstate() == n.pick.getstate() for n in nights)


def test_a_night_of_fast_exposures() -> None:
    night = Night(24, 0.1, "ILCE-7SM3", 150.0, fast=0.9, retakes=0)
    night.run()
    assert night.counts["frames"] + night.counts["files"] > 20


# --- broken guards ----------------------------------------------------------------------------------------------------


def no_judgement() -> AbstractContextManager[Any]:
    """Whose image it is, is not asked."""
    return patch("indi_sony_py.engine.results.judge", lambda *evidence: Verdict(True))


def unmarked_duplicates() -> AbstractContextManager[Any]:
    """A frame that may have been delivered does not say so."""
    real = Frames._save_job

    def made(frames: Frames, frame: Any) -> SaveJob:
        return replace(real(frames, frame), duplicate=False)

    return patch.object(Frames, "_save_job", made)


def late_release() -> AbstractContextManager[Any]:
    """A bulb is released five milliseconds late."""
    real = _Machine._pressed

    def pressed(machine: _Machine, item: Moved) -> None:
        real(machine, item)
        assert machine.s.job is not None
        machine._job(release_at=machine.s.job.release_at + 0.005)

    return patch.object(_Machine, "_pressed", pressed)


def untold_journal() -> AbstractContextManager[Any]:
    """What earlier lives saved is not told."""
    return patch.object(Journal, "unannounced", lambda journal: [])


def no_drain() -> AbstractContextManager[Any]:
    """The memory is taken for empty before the press."""
    return patch.object(_Machine, "_left_over", lambda machine: 0)


def rounded_stamp() -> AbstractContextManager[Any]:
    """DATE-OBS loses what follows the second."""
    real = Worker._button

    def button(worker: Worker, action: Any) -> Moved:
        moved = real(worker, action)
        return replace(moved, utc=moved.utc[:19])

    return patch.object(Worker, "_button", button)


def silent_drop() -> AbstractContextManager[Any]:
    """An aborted image is dropped although nobody hears of it."""
    real = Frames._notice

    def notice(frames: Frames, row: Any, /, **fields: object) -> bool:
        real(frames, row, **fields)
        return True

    return patch.object(Frames, "_notice", notice)


def other_number() -> AbstractContextManager[Any]:
    """The header of a frame has the number of another exposure."""
    return patch("indi_sony_py.hand.frame.record_of", _changed(lambda record: record.exposure_id + 1, "exposure_id"))


def other_body() -> AbstractContextManager[Any]:
    """The header of a frame has the serial number of another body."""
    return patch("indi_sony_py.hand.frame.record_of", _changed(lambda record: "99999999", "serial"))


def _changed(value: Callable[[Any], Any], name: str) -> Callable[..., Any]:
    real = record_of

    def changed(*given: Any) -> Any:
        made: Any = real(*given)
        return replace(made, **{name: value(made)})

    return changed


BREAKS: tuple[tuple[Callable[[], AbstractContextManager[Any]], int, tuple[str, ...], str], ...] = (
    (no_judgement, 8, ("press", "oddity", "abort"), "stale"),
    (unmarked_duplicates, 2, ("FIFO stop", "stalled server"), "came out as"),
    (late_release, 1, ("NTP",), "the bulb of photo"),
    (untold_journal, 1, ("FIFO stop", "hand killed"), "nobody was told"),
    (no_drain, 1, ("press",), "R-"),
    (rounded_stamp, 1, ("NTP",), "DATE-OBS"),
    (other_number, 1, ("NTP",), "says that it is of"),
    (other_body, 1, ("NTP",), "says that it is of"),
    (silent_drop, 1, ("FIFO stop", "stalled server"), "lost without a word"),
)


@pytest.mark.parametrize(("guard", "seed", "only", "says"), BREAKS, ids=lambda row: getattr(row, "__name__", ""))
def test_a_broken_guard_is_found(
    guard: Callable[[], AbstractContextManager[Any]], seed: int, only: tuple[str, ...], says: str,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    """In the night that found it last, or in one of the next: what a seed draws moves with the code."""
    monkeypatch.delenv("XDG_DATA_HOME")
    for number in range(_NIGHTS):
        monkeypatch.setenv("HOME", str(tmp_path / str(number)))
        night = Night(seed + number, 0.1, "ILCE-7SM3", 600.0, only, retakes=0)
        try:
            with guard():
                night.run()
        except Wrong as wrong:
            assert re.search(says, str(wrong)), wrong
            assert night.told()
            return
    pytest.fail(f"not found in {_NIGHTS} nights")


def test_a_seed_replays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XDG_DATA_HOME")
    nights = [Night(3, 0.05, "ILCE-6000", 600.0, retakes=2) for _ in range(2)]
    for number, night in enumerate(nights):
        monkeypatch.setenv("HOME", str(tmp_path / str(number)))
        night.run()
    assert nights[0].counts == nights[1].counts and nights[0].counts["photos"]
