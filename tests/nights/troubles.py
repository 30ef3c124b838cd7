"""THE TABLE of what goes wrong in a night: how often, and what is done."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.engine.nights import OTHERS, PASSING
from tests.nights.disk import DiskState

if TYPE_CHECKING:
    from tests.nights.night import Night

__all__ = ["TABLE", "Trouble"]


@dataclass(frozen=True)
class Trouble:
    """A row. `weight`: how often beside the others. `ends_bulbs_s`: it may end a bulb within so many seconds."""

    name: str
    weight: float
    do: Callable[[Night, random.Random], None]
    ends_bulbs_s: float | None = None


def _wire(night: Night, pick: random.Random) -> None:
    row, operations = pick.choice(PASSING)
    count = {"count": pick.randrange(2, 6)} if pick.random() < 0.1 else {}
    night.at_camera("fault", row={**row, "when": {"operation": pick.choice(operations), **count}})


def _oddity(night: Night, pick: random.Random) -> None:
    night.at_camera("fault", row=dict(pick.choice(OTHERS)))


def _press(night: Night, pick: random.Random) -> None:
    night.finger(pick.choice((0.1, 0.1, 0.1, 1.0, 4.0)))


def _cable(night: Night, pick: random.Random) -> None:
    night.at_camera("unplug", back_s=pick.choice((0.5, 2.0, 8.0, 30.0, 120.0)))


def _cable_in_transfer(night: Night, pick: random.Random) -> None:
    when = {"operation": pick.choice((0x1009, 0x1009, 0x9209, 0x1008))}
    row = {"kind": "unplug", "when": when, "after_bytes": pick.choice((0, 12, 500, 60_000)), "back_s": 5.0}
    night.at_camera("fault", row=row)


def _port(night: Night, pick: random.Random) -> None:
    night.move_cable(pick)


def _swap(night: Night, pick: random.Random) -> None:
    night.swap_cameras(pick)


def _power(night: Night, pick: random.Random) -> None:
    night.at_camera("power", on=False)
    night.later(pick.choice((2.0, 10.0, 60.0)), "power on", lambda: night.at_camera("power", on=True))


def _battery(night: Night, pick: random.Random) -> None:
    night.at_camera("pull-battery")
    night.later(pick.choice((5.0, 30.0, 90.0)), "power on", lambda: night.at_camera("power", on=True))


def _sleep(night: Night, pick: random.Random) -> None:
    night.at_camera("sleep", on=True)
    night.later(pick.choice((3.0, 60.0)), "wake up", lambda: night.at_camera("sleep", on=False))


def _usb_mode(night: Night, pick: random.Random) -> None:
    night.at_camera("usb-mode", mode=pick.choice(("mtp", "mass_storage", "other")))
    night.later(pick.choice((10.0, 60.0)), "remote", lambda: night.at_camera("usb-mode", mode="remote"))


def _hang(night: Night, pick: random.Random) -> None:
    night.at_camera("hang")
    night.later(pick.choice((20.0, 90.0)), "switch", night.restart_camera)


_AT_THE_BODY: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("dial", {"program": "P"}, {"program": "M"}),
    ("dial", {"program": "A"}, {"program": "M"}),
    ("dial", {"program": "Movie"}, {"program": "M"}),
    ("drive", {"mode": "continuous"}, {"mode": "single"}),
    ("drive", {"mode": "self-timer"}, {"mode": "single"}),
    ("focus", {"mode": "auto"}, {"mode": "manual"}),
    ("focus-finds", {"on": False}, {"on": True}),
    ("format", {"files": "jpeg"}, {"files": "raw"}),
    ("format", {"files": "raw+jpeg"}, {"files": "raw"}),
    ("save-to", {"to": "card"}, {"to": "host"}),
    ("save-to", {"to": "both"}, {"to": "host"}),
    ("card", {"state": "none"}, {"state": "ok"}),
    ("card", {"state": "full"}, {"state": "ok"}),
    ("noise-reduction", {"on": True}, {"on": False}),
    ("silent", {"on": True}, {"on": False}),
    ("playback", {"on": True}, {"on": False}),
    ("shutter", {"speed": "1/60"}, {"speed": "1/60"}),
    ("scene", {"scene": "dark"}, {"scene": "sky"}),
    ("menu", {"item": "raw_first", "on": True}, {"item": "raw_first", "on": False}),
)


def _at_the_body(night: Night, pick: random.Random) -> None:
    command, wrong, right = pick.choice(_AT_THE_BODY)
    night.at_camera(command, **wrong)
    night.later(pick.choice((2.0, 30.0, 200.0)), f"{command} right", lambda: night.at_camera(command, **right))


def _abort(night: Night, pick: random.Random) -> None:
    night.someone(pick).abort()


def _disconnect(night: Night, pick: random.Random) -> None:
    night.someone(pick).disconnect()


def _client_crash(night: Night, pick: random.Random) -> None:
    night.client_gone(night.someone(pick), pick.choice((1.0, 20.0, 120.0)))


def _fifo_stop(night: Night, pick: random.Random) -> None:
    night.restart_driver(pick.choice((1.0, 1.0, 5.0, 40.0)))


def _server_end(night: Night, pick: random.Random) -> None:
    night.restart_server(pick.choice((2.0, 10.0, 60.0)))


def _kill_hand(night: Night, pick: random.Random) -> None:
    night.kill_hand()


def _terminate_hand(night: Night, pick: random.Random) -> None:
    night.terminate_hand()


def _ntp(night: Night, pick: random.Random) -> None:
    night.step_wall(pick.choice((-2.0, -0.7, 0.4, 1.5, 30.0, -30.0)))


def _gps(night: Night, pick: random.Random) -> None:
    night.step_wall(pick.choice((3600.0, -3600.0, 7200.0, 86400.0 * 200)))


def _disk(night: Night, pick: random.Random) -> None:
    night.disk_is(pick.choice((DiskState.FULL, DiskState.READ_ONLY)))
    night.later(pick.choice((10.0, 60.0, 400.0)), "disk ok", lambda: night.disk_is(DiskState.OK))


def _stalled_server(night: Night, pick: random.Random) -> None:
    night.server_reads(False)
    night.later(pick.choice((2.0, 8.0, 40.0)), "server reads", lambda: night.server_reads(True))


TABLE: tuple[Trouble, ...] = (
    Trouble("wire", 12, _wire),
    Trouble("oddity", 12, _oddity),
    Trouble("press", 7, _press, 5.0),
    Trouble("cable", 4, _cable, 0.0),
    Trouble("cable in a transfer", 3, _cable_in_transfer),
    Trouble("another port", 0.7, _port, 0.0),
    Trouble("swapped cameras", 0.7, _swap, 0.0),
    Trouble("power", 1.5, _power, 0.0),
    Trouble("battery", 0.7, _battery, 0.0),
    Trouble("sleep", 1, _sleep, 0.0),
    Trouble("USB mode", 0.7, _usb_mode, 0.0),
    Trouble("hang", 0.5, _hang, 0.0),
    Trouble("at the body", 5, _at_the_body, 0.0),
    Trouble("abort", 5, _abort, 0.0),
    Trouble("disconnect", 2, _disconnect, 0.0),
    Trouble("client crash", 1.5, _client_crash),
    Trouble("FIFO stop", 2, _fifo_stop),
    Trouble("server end", 1, _server_end),
    Trouble("hand killed", 2.5, _kill_hand, 0.0),
    Trouble("hand terminated", 1, _terminate_hand, 0.0),
    Trouble("NTP", 1.5, _ntp),
    Trouble("GPS", 1, _gps),
    Trouble("disk", 1.5, _disk),
    Trouble("stalled server", 1, _stalled_server),
)
