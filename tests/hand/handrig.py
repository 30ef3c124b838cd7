"""A hand on a virtual clock, with a simulated camera at its other end: everything in one thread, step by step."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from indi_sony_py.clock import Deadline, VirtualClock
from indi_sony_py.engine.arrival import Told
from indi_sony_py.engine.messages import CameraStatus, Connect, Expose, ExposureRequest
from indi_sony_py.engine.worker import Worker
from indi_sony_py.errors import HandLost
from indi_sony_py.hand.core import Hand
from indi_sony_py.hand.launch import hello
from indi_sony_py.hand.messages import Delivered, FrameReady, FrameSaved, HandState, Message
from indi_sony_py.hand.pair import LocalConnection, local_pair
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.probes import Probes
from indi_sony_py.hand.wiring import inspect, room
from indi_sony_py.sim.attach import local_backend
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.darkroom import Picture
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.sim.geometry import small
from indi_sony_py.sim.pictures import SkyPictures
from indi_sony_py.sim.profile import profile_of
from indi_sony_py.sim.referee import Referee
from indi_sony_py.transport.usb import UsbTransport

M = TypeVar("M")
KEY = "sim-0"


@dataclass
class Face:
    """A face that hears, confirms what it is told to confirm, and keeps what it got."""

    end: LocalConnection
    confirms: bool = True
    heard: list[Message] = field(default_factory=list)
    frames: dict[int, bytes] = field(default_factory=dict)
    lost: bool = False

    def hear(self) -> None:
        while not self.lost:
            try:
                parcel = self.end.poll()
            except HandLost:
                self.lost = True
                return
            if parcel is None:
                return
            message = parcel.message
            self.heard.append(message)
            if isinstance(message, FrameReady):
                assert parcel.fd is not None
                self.frames[message.frame_id] = os.pread(parcel.fd, message.length, 0)
                os.close(parcel.fd)
            elif parcel.fd is not None:
                os.close(parcel.fd)
            if self.confirms and isinstance(message, FrameReady | FrameSaved):
                self.end.send(Delivered(message.frame_id))

    def all(self, kind: type[M]) -> list[M]:
        return [message for message in self.heard if isinstance(message, kind)]

    def last(self, kind: type[M]) -> M:
        return self.all(kind)[-1]


class Rig:
    """One camera that outlives hands and faces, and the scheduler."""

    def __init__(self, home: Path, model: str = "ILCE-7SM3", picture: Picture | None = None) -> None:
        self.clock = VirtualClock()
        self.referee = Referee()
        profile = profile_of(model)
        self.pictures = SkyPictures(profile, 1, small(512, 384))
        self.camera = Camera(clock=self.clock, profile=profile, referee=self.referee, picture=picture or self.pictures)
        self.backend = local_backend([UsbDevice(self.camera)], self.clock)
        self.places = Places(home / "state", (home / "last",))
        self.transports: list[UsbTransport] = []
        self.hand: Hand | None = None
        self.face: Face | None = None
        self.faces: list[Face] = []

    def start(self) -> Hand:
        def make(report: Callable[[Told], None]) -> Worker:
            def way(deadline: Deadline) -> UsbTransport:
                self.transports.append(UsbTransport.open(KEY, self.clock, self.backend))
                return self.transports[-1]

            probed = Probes(self.places.state).of
            return Worker(way, self.clock, report, inspect, room=partial(room, self.places), probed=probed)

        self.hand = Hand(KEY, self.clock, self.places, make)
        return self.hand

    def attach(self, confirms: bool = True) -> Face:
        assert self.hand is not None
        ours, theirs = local_pair()
        self.face = Face(ours, confirms)
        self.faces.append(self.face)
        self.hand.attach(theirs)
        ours.send(hello("face"))
        self.step()
        return self.face

    def ready(self) -> Face:
        """A hand, a face, and a camera that is connected."""
        if self.hand is None:
            self.start()
        face = self.attach()
        face.end.send(Connect())
        self.until(lambda: any(status.state == "ready" for status in face.all(CameraStatus)))
        return face

    def expose(self, seconds: float, number: int = 1, **more: object) -> None:
        assert self.face is not None
        self.face.end.send(Expose(ExposureRequest(number, seconds, **more)))  # type: ignore[arg-type]
        self.step()

    def step(self) -> float | None:
        wish = None
        if self.hand is not None and not self.hand.finished:
            wish = self.hand.step()
        for face in self.faces:
            face.hear()
        if self.hand is not None and not self.hand.finished:
            wish = self.hand.step()
        if self.hand is not None and self.hand.finished:
            self.hand.close()
            for face in self.faces:
                face.hear()
            self.hand = None
        return wish

    def until(self, done: Callable[[], bool], limit_s: float = 1000.0) -> None:
        """Step on, jumping from wish to wish, until `done`; fails when the limit passes first."""
        end = self.clock.monotonic() + limit_s
        while not done():
            wish = self.step()
            if done():
                return
            assert self.clock.monotonic() < end, f"not within {limit_s} s; heard {self.face and self.face.heard[-8:]}"
            now = self.clock.monotonic()
            self.clock.sleep_until(min(end, now + 0.5 if wish is None else max(wish, now + 0.001)))
            self.camera.advance()

    def wait(self, seconds: float) -> None:
        """Let time pass, to the very moment where nothing of the driver's own lasts longer."""
        at = self.clock.monotonic() + seconds
        while (now := self.clock.monotonic()) < at:
            wish = self.step()
            now = max(now, self.clock.monotonic())
            self.clock.sleep_until(min(at, now + 0.5 if wish is None else max(wish, now + 0.001)))
            self.camera.advance()

    def until_gone(self, limit_s: float = 1000.0) -> None:
        self.until(lambda: self.hand is None, limit_s)

    def kill_face(self) -> None:
        """SIGKILL: its end of the pair closes, nothing more."""
        assert self.face is not None
        self.face.end.close()
        self.face.lost = True
        self.face = None

    def kill_hand(self) -> None:
        """SIGKILL: the kernel closes its descriptors; no line of its code runs any more."""
        hand, self.hand = self.hand, None
        assert hand is not None
        for connection in hand.connections():
            connection.close()
        for transport in self.transports:
            transport.close()
        hand._frames.close()
        hand._staff.developer.drop_all()
        for face in self.faces:
            face.hear()

    def kill_late(self, hand: Hand) -> None:
        """The process of a hand that had given up is gone now, and with it what it held of the camera."""
        for transport in self.transports:
            transport.close()

    def close(self) -> None:
        for face in self.faces:
            face.end.close()
        if self.hand is not None:
            self.kill_hand()
        for transport in self.transports:
            transport.close()


def state_of(face: Face) -> HandState:
    return face.last(HandState)
