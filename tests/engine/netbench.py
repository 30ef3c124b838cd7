"""The engine on a camera in the network, in virtual time: the same bench, the other way."""

from __future__ import annotations

from typing import Any, cast

from indi_sony_py.clock import Deadline
from indi_sony_py.engine.worker import Worker
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.ipdevice import IpDevice
from indi_sony_py.sim.iplocal import dial
from indi_sony_py.transport.ip import Host, IpTransport
from indi_sony_py.transport.ipaddress import NetworkPlace
from indi_sony_py.transport.ipstream import Stream
from tests.engine.bench import Bench, inspect

__all__ = ["NetBench", "network_fault"]

PLACE = NetworkPlace("camera.test")
HOST = Host(bytes(range(16)), "here")


def network_fault(kind: str, operation: int, nth: int = 1, **args: object) -> Fault:
    return Fault.of(kind, {"operation": operation, "nth": nth}, **args)


class NetBench(Bench):
    """`Bench` over PTP/IP. `network` is the camera's address."""

    def __init__(self, model: str = "ILCE-7SM3", *faults: Fault, **options: Any) -> None:
        self.network: IpDevice | None = None
        super().__init__(model, faults, **options)

    def new_worker(self) -> Worker:
        if self.network is None:
            self.network = IpDevice(self.camera)
            # The bench itself only moves it and asks when to look again.
            self.device = cast(UsbDevice, self.network)
        network = self.network

        def find(deadline: Deadline) -> IpTransport:
            return IpTransport.open(PLACE, self.clock, HOST, deadline, lambda limit: self.dial(network))

        return Worker(find, self.clock, self.reports.append, inspect)

    def dial(self, network: IpDevice) -> Stream:
        return dial(network, self.clock)
