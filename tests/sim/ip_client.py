"""A plain PTP/IP host for the simulated camera, on a virtual clock: each test says itself what it sends."""

from __future__ import annotations

from typing import Any

from indi_sony_py.clock import Deadline, VirtualClock
from indi_sony_py.ptp import ippacket as ip
from indi_sony_py.ptp.ipexchange import IpExchange
from indi_sony_py.ptp.transaction import Reply, Request
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.ipdevice import IpDevice
from indi_sony_py.sim.iplocal import LocalStream, dial

__all__ = ["GUID", "IpHost", "NoAnswer"]

GUID = bytes(range(16))


class NoAnswer(Exception):
    """Nothing came within the limit."""


class IpHost:
    """One camera and one program."""

    def __init__(self, model: str = "ILCE-7SM3", *faults: Fault, **options: Any) -> None:
        self.clock = VirtualClock()
        self.camera = Camera(model, self.clock, faults=faults, **options)
        self.device = IpDevice(self.camera)
        self.commands: LocalStream | None = None
        self.events: LocalStream | None = None
        self.transaction = -1

    def within(self, seconds: float) -> Deadline:
        return Deadline.after(self.clock, seconds)

    def packet(self, stream: LocalStream, limit: float = 1.0) -> ip.Packet:
        """The next packet on a connection."""
        deadline, data = self.within(limit), b""
        while (parsed := ip.parse(data, 1 << 30)) is None:
            head = ip.read_header(data)
            wanted = (ip.IP_HEADER if head is None else head.length) - len(data)
            more = stream.receive(wanted, deadline)
            if not more:
                raise NoAnswer(data.hex())
            data += more
        return parsed[0]

    def knock(self, guid: bytes = GUID, name: str = "here") -> tuple[LocalStream, ip.Packet]:
        """The command connection alone, and what the camera said."""
        stream = dial(self.device, self.clock)
        stream.send(ip.encode(ip.InitCommand(guid, name)), self.within(1))
        return stream, self.packet(stream)

    def connect(self, guid: bytes = GUID) -> IpHost:
        """Both connections."""
        self.commands, ack = self.knock(guid)
        assert isinstance(ack, ip.InitAck), ack
        self.events = dial(self.device, self.clock)
        self.events.send(ip.encode(ip.InitEvent(ack.connection)), self.within(1))
        assert self.packet(self.events) == ip.Plain(ip.PacketType.INIT_EVENT_ACK)
        self.transaction = -1
        return self

    def ask(self, operation: int, *params: int, data: bytes | None = None, limit: float = 20) -> Reply:
        """One transaction."""
        assert self.commands is not None
        self.transaction = 0 if operation == 0x1002 else self.transaction + 1
        exchange = IpExchange(Request(operation, params, data), self.transaction)
        for part in exchange.outgoing():
            self.commands.send(part, self.within(limit))
        deadline = self.within(limit)
        while exchange.reply is None:
            piece = self.commands.receive(1 << 20, deadline)
            if not piece:
                raise NoAnswer(hex(operation))
            assert exchange.feed(piece) == len(piece)
        return exchange.reply

    def shake(self) -> IpHost:
        """Session and handshake in 3.00."""
        for operation, *params in (
            (0x1002, 1), (0x1001,), (0x9201, 1, 0, 0), (0x9201, 2, 0, 0), (0x9202, 300, 1), (0x9201, 3, 0, 0)
        ):  # fmt: skip
            assert self.ask(operation, *params).code == 0x2001
        return self

    @property
    def rules(self) -> list[str]:
        """The broken rules, in order."""
        return [entry.rule for entry in self.camera.referee.broken]

    def notes(self, kind: str) -> list[str]:
        return [entry.detail for entry in self.camera.referee.entries if entry.kind == kind]
