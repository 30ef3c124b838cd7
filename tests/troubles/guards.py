"""Guards of the engine by name, and how to take one out: a test of a trouble shows what it notices without its guard.

`take_out(monkeypatch, guard)` replaces the one method or function that keeps a trouble away by one that does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from indi_sony_py.engine import capture
from indi_sony_py.engine.images import Verdict
from indi_sony_py.engine.phases import Phase
from tests.engine.bench import Bench, serial_of

__all__ = ["BOTH", "GUARDS", "presses", "refused", "serials", "take_out"]

BOTH = pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"], ids=["3.00", "2.00"])
"""One body of each protocol version."""

_MACHINE = "indi_sony_py.engine.capture._Machine"


def _no_drain_read(machine: capture._Machine) -> None:
    """The drain believes what was read before."""
    machine._set(news=True)
    _DRAINING(machine)


def _released_already(machine: capture._Machine) -> None:
    machine._set(released=2)
    _WARMING(machine)


def _forget_the_shot(machine: capture._Machine) -> None:
    """An abort that believes that the camera stops too."""
    machine._job(over=True)
    machine._set(job=None, phase=Phase.IDLE, news=False)


_DRAINING: Callable[[capture._Machine], None] = capture._Machine._go_draining
_WARMING: Callable[[capture._Machine], None] = capture._Machine._go_warming

GUARDS: Mapping[str, tuple[str, Any]] = MappingProxyType(
    {
        "settings read in the drain": (f"{_MACHINE}._go_draining", _no_drain_read),
        "settings fresh at the press": (f"{_MACHINE}._fresh", lambda machine: True),
        "memory empty at the press": (f"{_MACHINE}._left_over", lambda machine: 0),
        "whose image is it": ("indi_sony_py.engine.results.judge", lambda *facts: Verdict(True)),
        "followed through after an abort": (f"{_MACHINE}._abort_job", _forget_the_shot),
        "focus awaited": (f"{_MACHINE}._focused", lambda machine, job: True),
        "buttons released first": (f"{_MACHINE}._go_warming", _released_already),
        "button looked at": (f"{_MACHINE}._held", lambda machine: False),
        "bit 15": (f"{_MACHINE}._waits", lambda machine, in_memory: bool(in_memory)),
    }
)
"""Guard → what stands in its place when it is out."""


def take_out(monkeypatch: pytest.MonkeyPatch, *guards: str) -> None:
    for guard in guards:
        target, nothing = GUARDS[guard]
        monkeypatch.setattr(target, nothing)


def presses(bench: Bench) -> int:
    """Full presses of the host that the camera took."""
    return sum(e.kind == "press" and "by the host" in e.detail for e in bench.referee.entries)


def refused(bench: Bench) -> list[str]:
    """Presses that the camera ignored in silence, and why."""
    return [e.detail for e in bench.referee.entries if e.kind == "refused"]


def serials(images: list[Any]) -> list[int | None]:
    return [serial_of(image.data) for image in images]
