"""Pictures that take long: made beside the camera, which goes on answering and says that an image is being prepared."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from indi_sony_py.ptp.codes import ObjectFormat
from indi_sony_py.sim import studio as studio_module
from indi_sony_py.sim.darkroom import Files, Press
from indi_sony_py.sim.studio import Studio
from indi_sony_py.sim.truth import Star
from indi_sony_py.sony.codes import Ctl
from indi_sony_py.sony.values import FileFormat
from tests.sim.plain_client import DOWN, Host, a7s3, a6000

_LIMIT_S = 30.0


def _press(serial: int) -> Press:
    now = datetime(2026, 1, 15, tzinfo=UTC)
    raw = FileFormat(True, False)
    return Press(serial, 1.0, now, 5.0, Fraction(5), 800, raw, "sky", False, "host", "lossy")


class _Slow:
    """A picture that waits until it's let go, and tells who made it."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.made: list[tuple[int, str]] = []
        self._last = 0

    def __call__(self, press: Press) -> Files:
        assert self.go.wait(_LIMIT_S)
        self.made.append((press.serial, threading.current_thread().name))
        self._last = press.serial
        if press.serial == 13:
            raise ValueError("no such picture")
        return [(f"DSC{press.serial}.ARW", ObjectFormat.ARW, b"x")]

    def stars(self) -> tuple[Star, ...]:
        return ((float(self._last), 0.0, 0.0),)


def _until_ready(*ready: Callable[[], bool]) -> None:
    limit = threading.Event()
    for _ in range(int(_LIMIT_S / 0.01)):
        if all(one() for one in ready):
            return
        limit.wait(0.01)
    raise AssertionError("no picture came")


def test_pictures_are_made_in_turn_in_threads_of_their_own() -> None:
    slow = _Slow()
    studio = Studio(slow, slow.stars)
    ready = [studio.order(_press(serial)) for serial in (1, 2)]
    assert not any(one() for one in ready)
    slow.go.set()
    _until_ready(*ready)
    # The stars are those of the picture that was taken, whatever was made since.
    for serial in (1, 2):
        assert [name for name, _, _ in studio(_press(serial))] == [f"DSC{serial}.ARW"]
        assert studio.stars() == ((float(serial), 0.0, 0.0),)
    assert sorted(slow.made) == [(1, "picture 1"), (2, "picture 2")]


def test_a_picture_that_nobody_ordered_is_made_at_once() -> None:
    slow = _Slow()
    slow.go.set()
    studio = Studio(slow, slow.stars)
    assert len(studio(_press(5))) == 1
    assert slow.made == [(5, threading.current_thread().name)]


def test_orders_that_nobody_takes_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_module, "_MOST_ORDERS", 2)
    slow = _Slow()
    slow.go.set()
    studio = Studio(slow, slow.stars)
    _until_ready(*[studio.order(_press(serial)) for serial in (1, 2, 3)])
    assert len(slow.made) == 3
    for serial in (3, 2, 1):
        studio(_press(serial))
    assert [serial for serial, _ in slow.made[3:]] == [1]


def test_what_went_wrong_comes_out_where_the_picture_is_taken() -> None:
    slow = _Slow()
    slow.go.set()
    studio = Studio(slow, slow.stars)
    _until_ready(studio.order(_press(13)))
    with pytest.raises(ValueError, match="no such picture"):
        studio(_press(13))


@pytest.mark.parametrize("make", [a7s3, a6000])
def test_the_camera_answers_while_its_picture_is_made(make: Callable[..., Host]) -> None:
    h = make()
    ready: list[Any] = []
    asked = 0

    def look() -> bool:
        nonlocal asked
        asked += 1
        return bool(ready)

    h.camera.darkroom.order = lambda press: look
    h.button(Ctl.HALF_PRESS, DOWN)
    h.wait(1.0)
    h.button(Ctl.FULL_PRESS, DOWN)
    h.wait(0.1)
    h.release()
    h.wait(60)
    assert h.counter() == 1 and asked > 10
    assert not h.notes("object")
    ready.append(True)
    h.wait(1)
    assert h.counter() == 0x8001
    assert len(h.notes("object")) == 1
