"""What tests of records share on the engine's bench: what was pressed, what came out, a process that is killed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from indi_sony_py.engine.messages import Collected, ExposureFailed, Role
from indi_sony_py.sim.faults import Fault
from tests.engine.bench import Bench, serial_of

__all__ = [
    "BOTH",
    "NEW",
    "OLD",
    "Killed",
    "connected",
    "frame_or_words",
    "images",
    "kill_after",
    "open_times",
    "presses",
    "serials",
]

OLD, NEW = "ILCE-6000", "ILCE-7SM3"
BOTH = pytest.mark.parametrize("model", [NEW, OLD], ids=["3.00", "2.00"])
"""One body of each protocol version."""


class Killed(BaseException):
    """The process is gone at this very moment: no handler of its own runs."""


def connected(model: str, *faults: Fault, **options: Any) -> Bench:
    bench = Bench(model, faults, **options)
    status = bench.connect()
    assert status.state == "ready", status
    return bench


def presses(bench: Bench) -> list[str]:
    """What the camera noted of each press of the host that it took: serial number and speed."""
    return [e.detail for e in bench.referee.entries if e.kind == "press" and "by the host" in e.detail]


def open_times(bench: Bench) -> list[float]:
    """True open time of each photo, seconds."""
    return [float(e.detail.split("open ")[1].rstrip(" s")) for e in bench.referee.entries if e.kind == "photo"]


def images(bench: Bench, role: Role) -> list[Collected]:
    return [image for image in bench.of(Collected) if image.role is role]


def serials(bench: Bench, role: Role) -> list[int | None]:
    return [serial_of(image.data) for image in images(bench, role)]


def frame_or_words(end: object) -> str:
    """ "" for a frame, the text for a failure; anything else is none of the two ends that an exposure may have."""
    assert isinstance(end, Collected | ExposureFailed), end
    return end.text if isinstance(end, ExposureFailed) else ""


def kill_after(monkeypatch: pytest.MonkeyPatch, bench: Bench, seconds: float, at: Callable[[], bool]) -> None:
    """SIGKILL to the process that holds the camera, `seconds` after `at` first holds, in the middle of a transfer.

    A new worker stands ready, and what the old one had told is forgotten.
    """
    jump = bench.clock.sleep_until
    since: list[float] = []

    def sleep_until(when: float) -> None:
        jump(when)
        if at() and not since:
            since.append(bench.clock.monotonic())
        if since and bench.clock.monotonic() >= since[0] + seconds:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(bench.clock, "sleep_until", sleep_until)
        with pytest.raises(Killed):
            bench.run(300.0)
    bench.kill()
    bench.reports.clear()
