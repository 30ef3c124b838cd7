"""Commands on a simulated camera in virtual time: the tool, a hand and the camera in one thread."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from indi_sony_py.clock import Clock
from indi_sony_py.hand.launch import Attached, HandRefused, hello
from indi_sony_py.hand.messages import HandState, Hello, Message, Refused
from indi_sony_py.hand.pair import LocalConnection, Parcel, local_pair
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.trace import ENVIRONMENT, Traced
from indi_sony_py.sim.control import perform
from indi_sony_py.sim.profile import Profile
from indi_sony_py.transport.usb import UsbTransport
from tests.cli.toolrig import Said, run
from tests.hand.handrig import Rig

__all__ = ["Desk", "RigLink"]


@dataclass
class RigLink:
    """The tool's end of a pair. Waiting for a word is what makes time pass."""

    rig: Rig
    end: LocalConnection
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        self.sent.append(message)
        self.end.send(message)

    def receive(self, timeout_s: float | None = None) -> Parcel | None:
        end = self.rig.clock.monotonic() + (1000.0 if timeout_s is None else timeout_s)
        while True:
            parcel = self.end.poll()
            if parcel is not None:
                return parcel
            now = self.rig.clock.monotonic()
            if now >= end:
                return None
            wish = self.rig.step()
            self.rig.clock.sleep_until(min(end, now + 0.1 if wish is None else max(wish, now + 0.001)))
            self.rig.camera.advance()

    def close(self) -> None:
        self.end.close()
        if self.rig.hand is not None:
            self.rig.until_gone()


class Way:
    """How the hand's wiring reaches a camera, traced on wish."""

    @staticmethod
    def open(key: str, clock: Clock, backend: Any) -> Any:
        way = UsbTransport.open(key, clock, backend)
        path = os.environ.get(ENVIRONMENT)
        return Traced(way, Path(path), clock) if path else way


class Desk:
    """A camera on the desk, and the tool beside it."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._home = home
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.links: list[RigLink] = []

    def camera(self, model: str = "ILCE-7SM3", profile: Profile | None = None, **more: Any) -> Rig:
        """Put it there; `profile`: another one than that of a known body."""
        if profile is not None:
            self._monkeypatch.setattr("tests.hand.handrig.profile_of", lambda model: profile)
        self._monkeypatch.setattr("tests.hand.handrig.UsbTransport", Way)
        self.rig = Rig(self._home, model, **more)
        self.rig.places = replace(self.rig.places, state=Places.of().state)
        self._monkeypatch.setattr("indi_sony_py.transport.find.backend_from_environment", lambda: self.rig.backend)
        self._monkeypatch.setattr("indi_sony_py.cli.session.reach", self._reach)
        self._monkeypatch.setattr("time.monotonic", self.rig.clock.monotonic)
        return self.rig

    def tell(self, do: str, **arguments: Any) -> None:
        """A command for the simulated camera (docs/SIMULATOR.md)."""
        perform(self.rig.camera, do, arguments)

    def run(self, *arguments: str) -> Said:
        return run(self._capsys, *arguments)

    def _reach(self, key: str) -> tuple[Attached, Clock]:
        if self.rig.hand is None:
            self.rig.start()
        assert self.rig.hand is not None
        ours, theirs = local_pair()
        self.rig.hand.attach(theirs)
        ours.send(hello("face"))
        link = RigLink(self.rig, ours)
        self.links.append(link)
        theirs_hello: Hello | None = None
        while (parcel := link.receive(10.0)) is not None:
            match parcel.message:
                case Refused(reason, left_s):
                    raise HandRefused(reason, left_s)
                case Hello() as theirs_hello:
                    pass
                case HandState() as state:
                    assert theirs_hello is not None
                    return Attached(link, theirs_hello, state, state.adopted), self.rig.clock  # type: ignore[arg-type]
                case _:
                    pass
        raise AssertionError("no word of the hand")

    def close(self) -> None:
        for link in self.links:
            link.end.close()
        if hasattr(self, "rig"):
            self.rig.close()
