"""A simulated camera in the network and the driver's transport to it, in one thread on a virtual clock."""

from __future__ import annotations

from typing import Any

from indi_sony_py.clock import Deadline, VirtualClock
from indi_sony_py.errors import CameraError
from indi_sony_py.ptp.transaction import Reply, Request
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.control import answer_line
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.ipdevice import IpDevice
from indi_sony_py.sim.iplocal import dial
from indi_sony_py.transport.ip import Host, IpTransport
from indi_sony_py.transport.ipaddress import NetworkPlace

__all__ = ["GUID", "HANDSHAKE", "PLACE", "IpRig"]

GUID = bytes(range(16))
PLACE = NetworkPlace("camera.test")
HANDSHAKE = ((0x1002, 1), (0x1001,), (0x9201, 1, 0, 0), (0x9201, 2, 0, 0), (0x9202, 300, 1), (0x9201, 3, 0, 0))


class IpRig:
    """One camera; `open` gives a transport that was let in. `known`: what its description says of a refusal."""

    def __init__(self, *faults: Fault, model: str = "ILCE-7SM3", **options: Any) -> None:
        self.clock = VirtualClock()
        self.camera = Camera(model, self.clock, faults=faults, **options)
        self.device = IpDevice(self.camera)
        self.known: CameraError | None = None

    def within(self, seconds: float) -> Deadline:
        return Deadline.after(self.clock, seconds)

    def open(self, guid: bytes = GUID, seconds: float = 40.0) -> IpTransport:
        return IpTransport.open(
            PLACE, self.clock, Host(guid, "here"), self.within(seconds),
            lambda deadline: dial(self.device, self.clock), lambda deadline: self.known,
        )  # fmt: skip

    def session(self) -> IpTransport:
        """Open, with the handshake in 3.00."""
        transport = self.open()
        self.shake(transport)
        return transport

    def shake(self, transport: IpTransport) -> None:
        for operation, *params in HANDSHAKE:
            assert self.ask(transport, operation, *params).code == 0x2001

    def ask(
        self, transport: IpTransport, operation: int, *params: int, data: bytes | None = None, s: float = 20.0
    ) -> Reply:
        return transport.transact(Request(operation, params, data), self.within(s))

    def control(self, line: str) -> None:
        assert '"ok": true' in answer_line(self.camera, line)

    @property
    def rules(self) -> list[str]:
        return [entry.rule for entry in self.camera.referee.broken]
