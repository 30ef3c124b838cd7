"""The simulated camera as a usbredir host, on a virtual clock: what a virtual machine's kernel would ask and get."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from indi_sony_py.clock import VirtualClock
from indi_sony_py.errors import BadData
from indi_sony_py.ptp.codes import ContainerType
from indi_sony_py.ptp.container import Container, encode
from indi_sony_py.ptp.data import DeviceInfo
from indi_sony_py.sim.attach import LocalPort
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.control import perform
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.sim.faults import Fault, parse
from indi_sony_py.sim.hostside import HostSide
from indi_sony_py.sim.redirpackets import (
    Capability,
    Kind,
    Packet,
    Parser,
    Speed,
    Status,
    encode_head,
    hello,
    slot_of,
)
from indi_sony_py.sim.usbredir import RedirHost

IN, OUT, EVENTS = 0x81, 0x02, 0x83
CLEAR_HALT = (0x02, 0x01, 0)
INFO = 0x1001


class Machine:
    """A guest that has said hello; `came` holds what the host sent."""

    def __init__(self, *faults: Fault, speed: str = "super", body: str = "ILCE-7SM3") -> None:
        self.clock = VirtualClock()
        self.camera = Camera(body, self.clock, faults=faults)
        self.host = HostSide(UsbDevice(self.camera, speed))
        self.redir = RedirHost(self.host)
        self.came: list[Packet] = []
        self._parser = Parser()
        self._ids = 100
        self.send(hello("test", Capability.IDS_64_BITS))

    def send(self, packet: Packet) -> None:
        self.redir.feed(encode_head(packet) + bytes(packet.data))
        self.collect()

    def collect(self) -> None:
        for buffer in self.redir.outbox:
            self.came += self._parser.feed(bytes(buffer))
        self.redir.outbox.clear()

    def wait(self, seconds: float) -> None:
        self.clock.sleep_until(self.clock.monotonic() + seconds)
        self.redir.step()
        self.collect()

    def ask(self, kind: Kind, *values: Any, data: bytes = b"") -> int:
        self._ids += 1
        self.send(Packet(kind, self._ids, values, data))
        return self._ids

    def answer(self, mark: int) -> Packet | None:
        return next((p for p in self.came if p.id == mark), None)

    def control(self, request_type: int, request: int, value: int = 0, index: int = 0, length: int = 0) -> Packet:
        values = (request_type & 0x80, request, request_type, 0, value, index, length)
        packet = self.answer(self.ask(Kind.CONTROL_PACKET, *values))
        assert packet is not None
        return packet

    def read(self, length: int = 1024) -> int:
        return self.ask(Kind.BULK_PACKET, IN, 0, length & 0xFFFF, 0, length >> 16)

    def write(self, data: bytes) -> Status:
        packet = self.answer(self.ask(Kind.BULK_PACKET, OUT, 0, len(data), 0, 0, data=data))
        assert packet is not None
        return Status(int(packet.values[1]))

    def command(self, operation: int, transaction: int, *params: int) -> Status:
        return self.write(encode(Container(ContainerType.COMMAND, operation, transaction, params)))

    def transact(self, operation: int, transaction: int, *params: int) -> list[bytes]:
        """All transfers of an answer, the response last."""
        assert self.command(operation, transaction, *params) is Status.SUCCESS
        found: list[bytes] = []
        while not found or found[-1][4:6] != b"\x03\x00":
            mark = self.read(64 * 1024)
            self.wait(1)
            answer = self.answer(mark)
            assert answer is not None
            found.append(bytes(answer.data))
        return found

    def kinds(self) -> list[Kind]:
        return [p.kind for p in self.came]


def test_the_camera_is_announced_with_its_endpoints_before_it_is_connected() -> None:
    for speed, named, packet in (("super", Speed.SUPER, 1024), ("high", Speed.HIGH, 512)):
        machine = Machine(speed=speed)
        assert machine.kinds() == [Kind.HELLO, Kind.INTERFACE_INFO, Kind.EP_INFO, Kind.DEVICE_CONNECT]
        _, interface, endpoints, connect = machine.came
        assert interface.values[0] == 1 and [bytes(t)[0] for t in interface.values[1:]] == [0, 6, 1, 1]
        types, intervals, _, sizes = (bytes(t) for t in endpoints.values)
        assert [types[slot_of(e)] for e in (0, 0x80, IN, OUT, EVENTS, 0x84)] == [0, 0, 2, 2, 3, 255]
        assert intervals[slot_of(EVENTS)] == 4
        assert struct.unpack("<32H", sizes)[slot_of(IN)] == packet
        assert connect.values == (named, 0, 0, 0, 0x054C, machine.camera.product_id, connect.values[6])


def test_descriptors_and_strings() -> None:
    machine = Machine()
    device = machine.control(0x80, 6, 0x0100, 0, 64)
    assert device.values[3] == Status.SUCCESS and device.values[6] == len(device.data) == 18
    configuration = bytes(machine.control(0x80, 6, 0x0200, 0, 255).data)
    assert configuration[2:4] == len(configuration).to_bytes(2, "little") and configuration.count(b"\x06\x30") == 3
    assert bytes(machine.control(0x80, 6, 0x0F00, 0, 255).data)[:5] == bytes((5, 15, 22, 0, 2))
    assert bytes(machine.control(0x80, 6, 0x0302, 0x0409, 255).data)[2:].decode("utf-16-le") == "ILCE-7SM3"
    assert machine.control(0x80, 6, 0x0309, 0x0409, 255).values[3] == Status.STALL
    assert bytes(machine.control(0x80, 0, 0, 0, 2).data) == b"\x01\x00"
    assert machine.control(0x00, 0x30, 0, 0, 0).values[3] == Status.SUCCESS
    high = Machine(speed="high")
    assert bytes(high.control(0x80, 6, 0x0600, 0, 10).data)[:2] == bytes((10, 6))
    assert b"\x06\x30" not in bytes(high.control(0x80, 6, 0x0200, 0, 255).data)
    assert high.control(0x80, 6, 0x0F00, 0, 255).values[3] == Status.STALL
    assert high.control(0x00, 0x30, 0, 0, 0).values[3] == Status.STALL


def test_a_read_waits_for_its_answer() -> None:
    machine = Machine()
    first, second = machine.read(), machine.read()
    assert machine.answer(first) is None
    assert machine.command(INFO, 0) is Status.SUCCESS
    machine.wait(1)
    data, response = machine.answer(first), machine.answer(second)
    assert data is not None and response is not None
    assert DeviceInfo.decode(bytes(data.data)[12:]).model == "ILCE-7SM3"
    assert data.values[2] == len(data.data) and len(response.data) == 12
    assert not machine.camera.referee.broken


def test_a_cancelled_read_is_answered_and_loses_nothing() -> None:
    machine = Machine()
    idle = machine.read()
    machine.send(Packet(Kind.CANCEL_DATA_PACKET, idle))
    cancelled = machine.answer(idle)
    assert cancelled is not None and cancelled.values[1] == Status.CANCELLED and not cancelled.data
    whole = machine.transact(INFO, 0)[0]
    # The answer to a read crosses with its cancel: the guest throws that answer away, and reads again.
    machine.command(INFO, 0)
    machine.wait(1)
    crossed = machine.read()
    assert machine.answer(crossed) is not None
    machine.send(Packet(Kind.CANCEL_DATA_PACKET, crossed))
    again, response = machine.answer(machine.read()), machine.answer(machine.read())
    assert again is not None and bytes(again.data) == whole
    assert response is not None and len(response.data) == 12


def test_a_read_that_was_half_full_when_it_was_cancelled_goes_on_in_the_next() -> None:
    machine = Machine()
    for number, (operation, *params) in enumerate(
        [(0x1002, 1), (0x9201, 1, 0, 0), (0x9201, 2, 0, 0), (0x9202, 0x12C, 1), (0x9201, 3, 0, 0)]
    ):
        machine.transact(operation, number, *params)
    machine.host.device._bytes_per_s = 20_000.0
    machine.command(0x9209, 5)
    machine.wait(0.2)
    first = machine.read(64 * 1024)
    machine.wait(0.1)
    assert machine.answer(first) is None
    machine.send(Packet(Kind.CANCEL_DATA_PACKET, first))
    second = machine.read(64 * 1024)
    machine.wait(10)
    answer = machine.answer(second)
    assert answer is not None and len(answer.data) == int.from_bytes(bytes(answer.data)[:4], "little") > 4000
    assert not machine.camera.referee.broken


def test_a_stall_halts_until_it_is_cleared() -> None:
    machine = Machine(*parse([{"kind": "stall", "when": {"operation": INFO}}]))
    machine.command(INFO, 0)
    machine.wait(1)
    stalled = machine.answer(machine.read())
    assert stalled is not None and stalled.values[1] == Status.STALL
    assert machine.command(INFO, 0) is Status.STALL
    assert bytes(machine.control(0x82, 0, 0, IN, 2).data) == b"\x01\x00"
    for endpoint in (IN, OUT):
        assert machine.control(*CLEAR_HALT, endpoint).values[3] == Status.SUCCESS
    assert machine.command(INFO, 0) is Status.SUCCESS
    machine.wait(1)
    assert machine.answer(machine.read()) is not None


def test_events_are_sent_while_the_guest_listens() -> None:
    machine = Machine()
    machine.camera.world.emit(0xC203, (1,))
    machine.wait(1)
    assert Kind.INTERRUPT_PACKET not in machine.kinds()
    started = machine.answer(machine.ask(Kind.START_INTERRUPT_RECEIVING, EVENTS))
    assert started is not None and started.values == (Status.SUCCESS, EVENTS)
    (event,) = [p for p in machine.came if p.kind is Kind.INTERRUPT_PACKET]
    assert event.values == (EVENTS, Status.SUCCESS, 16) and bytes(event.data)[6:8] == b"\x03\xc2"
    machine.ask(Kind.STOP_INTERRUPT_RECEIVING, EVENTS)
    machine.camera.world.emit(0xC203, (1,))
    machine.wait(1)
    assert machine.kinds().count(Kind.INTERRUPT_PACKET) == 1


def test_unplugging_ends_the_device_and_plugging_brings_it_back() -> None:
    machine = Machine()
    machine.read()
    perform(machine.camera, "unplug", {"back_s": 2.0})
    machine.wait(0.1)
    assert machine.kinds()[-1] is Kind.DEVICE_DISCONNECT
    late = machine.read()
    machine.wait(2)
    assert machine.kinds()[-3:] == [Kind.INTERFACE_INFO, Kind.EP_INFO, Kind.DEVICE_CONNECT]
    assert machine.answer(late) is None
    machine.command(INFO, 0)
    machine.wait(1)
    answer = machine.answer(machine.read())
    assert answer is not None and answer.data


def test_another_usb_mode_is_another_device() -> None:
    machine = Machine()
    perform(machine.camera, "usb-mode", {"mode": "mass_storage"})
    machine.wait(0.1)
    assert machine.kinds()[-4:] == [
        Kind.DEVICE_DISCONNECT, Kind.INTERFACE_INFO, Kind.EP_INFO, Kind.DEVICE_CONNECT
    ]  # fmt: skip
    interface = machine.came[-3]
    assert bytes(interface.values[2])[0] == 8


def test_a_cable_that_goes_in_mid_transfer_ends_the_device() -> None:
    row = {"kind": "unplug", "when": {"operation": INFO}, "after_bytes": 100, "back_s": -1.0}
    machine = Machine(*parse([row]))
    machine.command(INFO, 0)
    machine.wait(1)
    machine.read()
    assert machine.kinds()[-1] is Kind.DEVICE_DISCONNECT


def test_a_reset_ends_open_reads_and_the_session() -> None:
    machine = Machine()
    machine.command(0x1002, 0, 1)
    machine.wait(1)
    assert machine.answer(machine.read()) is not None and machine.camera.responder.session_open
    waiting = machine.read()
    machine.ask(Kind.RESET)
    answer = machine.answer(waiting)
    assert answer is not None and answer.values[1] == Status.CANCELLED
    assert not machine.camera.responder.session_open


def test_only_a_programs_configuration_is_told_to_the_camera() -> None:
    machine = Machine()
    for expected in ([], ["R-OPTIONS"]):
        set_to = machine.answer(machine.ask(Kind.SET_CONFIGURATION, 1))
        assert set_to is not None and set_to.values == (Status.SUCCESS, 1)
        assert [entry.rule for entry in machine.camera.referee.broken] == expected
    machine.ask(Kind.RESET)
    machine.ask(Kind.SET_CONFIGURATION, 1)
    assert len(machine.camera.referee.broken) == 1
    got = machine.answer(machine.ask(Kind.GET_CONFIGURATION))
    assert got is not None and got.values == (Status.SUCCESS, 1)


def test_who_came_first_has_the_camera() -> None:
    machine = Machine()
    port = LocalPort(machine.host.device, machine.clock, machine.host)
    with pytest.raises(OSError, match="busy"):
        port.claim(0)
    machine.redir.close()
    port.claim(0)
    late = RedirHost(machine.host)
    late.feed(encode_head(hello("late", Capability.IDS_64_BITS)) + struct.pack("<I", Capability.IDS_64_BITS))
    parser = Parser()
    assert [p.kind for b in late.outbox for p in parser.feed(bytes(b))] == [Kind.HELLO]
    late.outbox.clear()
    port.release(0)
    late.step()
    assert [p.kind for b in late.outbox for p in parser.feed(bytes(b))][-1] is Kind.DEVICE_CONNECT


def test_junk_is_refused() -> None:
    with pytest.raises(BadData):
        RedirHost(Machine().host).feed(b"GET / HTTP/1.0\r\n\r\n")
