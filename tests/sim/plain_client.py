"""A plain PTP host for the simulated camera: no policy, no recovery; each test says itself what it sends."""

from __future__ import annotations

from typing import Any

from indi_sony_py.clock import VirtualClock
from indi_sony_py.ptp.container import Container, parse
from indi_sony_py.ptp.data import ObjectInfo
from indi_sony_py.ptp.transaction import Exchange, Reply, Request
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sony.codes import HANDLE_IMAGE, Ctl, Op, Prop
from indi_sony_py.sony.snapshot import ExtDeviceInfo, Settings, Version, decode_settings

__all__ = ["Host", "NoAnswer", "a7s3", "a6000", "host"]

UP, DOWN = 1, 2


class NoAnswer(Exception):
    """Nothing came within the limit."""


class Host:
    """One camera, and the host at its endpoints."""

    def __init__(self, model: str = "ILCE-7SM3", faults: tuple[Fault, ...] = (), **options: Any) -> None:
        self.clock = VirtualClock()
        self.camera = Camera(model, self.clock, faults=faults, **options)
        self.device = UsbDevice(self.camera)
        self.transaction = -1
        self.version = Version.V200
        self.late = 0

    # ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def wait(self, seconds: float) -> None:
        """Let time pass; the events that come are read away, as a good host does."""
        end = self.clock.monotonic() + seconds
        while True:
            change = self.device.next_change()
            self.clock.sleep_until(end if change is None else min(end, change))
            self.device.advance()
            if self.camera.present:
                self.events()
            if self.clock.monotonic() >= end:
                return

    def events(self) -> list[Container]:
        """All events that wait."""
        found = []
        while (data := self.device.interrupt_read(64)) is not None:
            parsed = parse(data)
            assert parsed is not None
            found.append(parsed[0])
        return found

    # ── transactions ─────────────────────────────────────────────────────────────────────────────────────────────

    def ask(
        self, operation: int, *params: int, data: bytes | None = None, transaction: int | None = None, limit: float = 20
    ) -> Reply:
        """One transaction; `transaction` overrides the running number."""
        self.transaction = 0 if operation == 0x1002 else self.transaction + 1
        number = self.transaction if transaction is None else transaction
        exchange = Exchange(Request(operation, params, data), number)
        for container in exchange.outgoing():
            self.device.bulk_write(container)
        end = self.clock.monotonic() + limit
        while exchange.reply is None:
            piece = self.device.bulk_read(1 << 20)
            if piece is None:
                change = self.device.next_change()
                if change is None or change > end:
                    self.clock.sleep_until(end)
                    self.device.advance()
                    raise NoAnswer(hex(operation))
                self.clock.sleep_until(change)
            else:
                exchange.feed(piece)
        self.late = exchange.late
        return exchange.reply

    def ok(self, operation: int, *params: int, data: bytes | None = None) -> Reply:
        reply = self.ask(operation, *params, data=data)
        assert reply.code == 0x2001, f"0x{operation:04X} answered 0x{reply.code:04X}"
        return reply

    def connect(self, asked: int = Version.V300, priority: bool = True, warm: bool = True) -> Host:
        """Session and handshake by the book, buttons released, the deaf time waited."""
        self.ok(0x1002, 1)
        self.ok(0x1001)
        self.ok(Op.CONNECT, 1, 0, 0)
        self.ok(Op.CONNECT, 2, 0, 0)
        info = None
        for _ in range(20):
            info = ExtDeviceInfo.decode(self.ok(Op.GET_EXT_DEVICE_INFO, asked, 1).data or b"")
            if info is not None:
                break
        assert info is not None
        self.version = info.version
        self.ok(Op.CONNECT, 3, 0, 0)
        if priority and Prop.PRIORITY in info.properties and self.version is Version.V300:
            self.write(Prop.PRIORITY, 1)
        if warm:
            self.button(Ctl.FULL_PRESS, UP)
            self.button(Ctl.HALF_PRESS, UP)
            self.wait(self.camera.world.profile.behaviour.deaf_s + 0.1)
            self.settings()
        return self

    def close(self) -> None:
        if self.version is Version.V300 and Prop.PRIORITY in self.camera.panel.book:
            self.write(Prop.PRIORITY, 0)
            self.wait(0.2)
        self.settings()
        self.ok(0x1003)

    def settings(self) -> Settings:
        return decode_settings(self.ok(Op.GET_ALL_PROPERTIES).data or b"", self.version)

    def write(self, code: int, value: int) -> None:
        descriptor = self.camera.panel.book.get(code)
        assert descriptor is not None
        kind = descriptor.type
        self.ok(Op.SET_PROPERTY, code, data=value.to_bytes(kind.size, "little", signed=kind.signed))

    def button(self, code: int, value: int) -> None:
        self.ok(Op.CONTROL, code, data=value.to_bytes(2, "little"))

    def notch(self, code: int, steps: int, width: int = 1) -> None:
        self.ok(Op.CONTROL, code, data=steps.to_bytes(width, "little", signed=True))

    # ── what a photographer does ─────────────────────────────────────────────────────────────────────────────────

    def press(self) -> None:
        self.button(Ctl.HALF_PRESS, DOWN)
        self.button(Ctl.FULL_PRESS, DOWN)

    def release(self) -> None:
        self.button(Ctl.FULL_PRESS, UP)
        self.button(Ctl.HALF_PRESS, UP)

    def shoot(self, hold_s: float = 0.1) -> None:
        self.press()
        self.wait(hold_s)
        self.release()

    def counter(self) -> int:
        return self.settings().number(Prop.OBJECTS_IN_MEMORY) or 0

    def wait_image(self, limit: float = 60.0) -> int:
        """Poll until bit 15 is set; returns 0xD215, or raises `NoAnswer`."""
        end = self.clock.monotonic() + limit
        while self.clock.monotonic() < end:
            value = self.counter()
            if value & 0x8000:
                return value
            self.wait(0.2)
        raise NoAnswer("no image")

    def fetch(self) -> tuple[ObjectInfo, bytes]:
        info = ObjectInfo.decode(self.ok(0x1008, HANDLE_IMAGE).data or b"")
        data = bytes(self.ok(0x1009, HANDLE_IMAGE).data or b"")
        return info, data

    def set_shutter(self, value: int) -> None:
        """By value or by notches; waits until it reads back."""
        if self.version is Version.V300:
            self.write(Prop.SHUTTER_SPEED, value)
            self.wait(0.3)
        else:
            for _ in range(40):
                current = self.settings().number(Prop.SHUTTER_SPEED)
                if current == value:
                    break
                ladder = list(self.camera.responder.writes.ladder(Prop.SHUTTER_SPEED))
                assert current is not None
                here = ladder.index(current) if current in ladder else 0
                steps = ladder.index(value) - here
                self.notch(Ctl.SHUTTER_SPEED, steps)
                self.wait(self.camera.world.profile.behaviour.notch_s * (abs(steps) + 1) + 0.2)
        assert self.settings().number(Prop.SHUTTER_SPEED) == value

    @property
    def rules(self) -> list[str]:
        """The broken rules, in order."""
        return [entry.rule for entry in self.camera.referee.broken]

    def notes(self, kind: str) -> list[str]:
        return [entry.detail for entry in self.camera.referee.entries if entry.kind == kind]


def host(model: str = "ILCE-7SM3", *faults: Fault, **options: Any) -> Host:
    return Host(model, faults, **options)


def a7s3(*faults: Fault, **options: Any) -> Host:
    """A 3.00 body, ready to shoot."""
    return host("ILCE-7SM3", *faults, **options).connect()


def a6000(*faults: Fault, **options: Any) -> Host:
    """A 2.00 body, ready to shoot."""
    return host("ILCE-6000", *faults, **options).connect()
