"""Anything at the endpoints: never an exception but the two documented ones, and the camera survives it."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.ptp.codes import ContainerType
from indi_sony_py.ptp.container import HEADER, Container, encode
from indi_sony_py.sim.device import Stalled, Unplugged, UsbDevice
from indi_sony_py.sony.codes import Ctl, Op, Prop
from tests.sim.plain_client import Host, a7s3, a6000, host

OPERATIONS = st.one_of(
    st.sampled_from([0x1001, 0x1002, 0x1003, 0x1004, 0x1007, 0x1008, 0x1009, *Op]), st.integers(0, 0xFFFF)
)
PARAMS = st.lists(
    st.one_of(st.sampled_from([*Prop, *Ctl, 0xFFFFC001, 0xFFFFC002, 1, 2, 3]), st.integers(0, 0xFFFFFFFF)), max_size=5
)


def drain(device: UsbDevice) -> None:
    """Read until nothing comes; a halted endpoint is cleared."""
    for _ in range(50):
        try:
            if device.bulk_read(1 << 20) is None and device.interrupt_read(64) is None:
                return
        except Stalled as stall:
            device.clear_halt(stall.endpoint)
    raise AssertionError("the camera never runs dry")


def survives(h: Host) -> None:
    """After a reset the camera speaks again (power first, if the junk crashed its firmware)."""
    if h.camera.hung or not h.device.present:
        h.camera.power(False)
        h.camera.power(True)
        h.camera.plug()
    for endpoint in (0x81, 0x02, 0x83):
        h.device.clear_halt(endpoint)
    h.device.reset()
    h.connect()
    h.settings()


@settings(max_examples=150)
@given(st.lists(st.binary(max_size=64), max_size=6))
def test_bytes(pieces: list[bytes]) -> None:
    h = host("ILCE-6000")
    for piece in pieces:
        with suppress(Stalled):
            h.device.bulk_write(piece)
        h.clock.sleep_until(h.clock.monotonic() + 0.1)
        drain(h.device)
    survives(h)


@settings(max_examples=200)
@given(st.lists(st.tuples(OPERATIONS, PARAMS, st.none() | st.binary(max_size=9), st.booleans()), max_size=8))
def test_well_formed_containers_with_any_content(junk: list[tuple[int, list[int], bytes | None, bool]]) -> None:
    h = a6000()
    for operation, params, data, right in junk:
        number = h.transaction + 1 if right else 7
        h.transaction = number
        with suppress(Stalled, Unplugged):
            h.device.bulk_write(encode(Container(ContainerType.COMMAND, operation, number, tuple(params))))
            if data is not None:
                h.device.bulk_write(encode(Container(ContainerType.DATA, operation, number, (), data)))
        h.clock.sleep_until(h.clock.monotonic() + 0.3)
        h.device.advance()
        drain(h.device)
    survives(h)


@settings(max_examples=150)
@given(st.data())
def test_a_real_session_with_one_flipped_byte(data: st.DataObject) -> None:
    h = a7s3()
    number = h.transaction + 1
    command = encode(Container(ContainerType.COMMAND, Op.CONTROL, number, (Ctl.FULL_PRESS,)))
    value = encode(Container(ContainerType.DATA, Op.CONTROL, number, (), b"\x02\x00"))
    which = data.draw(st.integers(0, len(command) + len(value) - 1))
    both = bytearray(command + value)
    both[which] ^= data.draw(st.integers(1, 255))
    with suppress(Stalled):
        h.device.bulk_write(bytes(both[: len(command)]))
        h.device.bulk_write(bytes(both[len(command) :]))
    h.clock.sleep_until(h.clock.monotonic() + 1)
    drain(h.device)
    survives(h)


@settings(max_examples=100)
@given(
    st.integers(0, 255), st.integers(0, 255), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF),
    st.one_of(st.binary(max_size=16), st.integers(0, 64)),
)  # fmt: skip
def test_control_requests(kind: int, request: int, value: int, index: int, load: bytes | int) -> None:
    h = host("ILCE-6000")
    with suppress(Stalled):
        answer = h.device.control(kind, request, value, index, load)
        assert isinstance(answer, int | bytes)
    survives(h)


def test_a_header_and_its_payload_may_come_apart() -> None:
    h = a6000()
    number = h.transaction + 1
    value = encode(Container(ContainerType.DATA, Op.CONTROL, number, (), b"\x01\x00"))
    h.device.bulk_write(encode(Container(ContainerType.COMMAND, Op.CONTROL, number, (Ctl.FULL_PRESS,))))
    h.device.bulk_write(value[:HEADER])
    h.device.bulk_write(value[HEADER:])
    h.device.bulk_write(b"")
    h.wait(0.1)
    assert h.device.bulk_read(512) == encode(Container(ContainerType.RESPONSE, 0x2001, number))
    assert h.rules == []


def test_whole_packets_and_a_zero_length_one_at_the_end() -> None:
    h = a6000()
    packet = h.device.identity.max_packet
    stored = b"\xab" * (3 * packet - HEADER)
    h.camera.darkroom._picture = lambda press: [("DSC1.ARW", 0xB101, stored)]
    h.shoot()
    h.wait_image()
    number = h.transaction + 1
    h.device.bulk_write(encode(Container(ContainerType.COMMAND, 0x1009, number, (0xFFFFC001,))))
    h.wait(0.1)
    pieces = [h.device.bulk_read(packet) for _ in range(5)]
    assert [len(p or b"") for p in pieces] == [packet, packet, packet, 0, HEADER] and pieces[3] == b""
    assert h.device.bulk_read(packet) is None
    assert h.camera.memory.counter() == 0


def test_an_object_is_gone_only_when_it_was_read_whole() -> None:
    h = a6000()
    h.shoot()
    h.wait_image()
    h.device.bulk_write(encode(Container(ContainerType.COMMAND, 0x1009, h.transaction + 1, (0xFFFFC001,))))
    h.wait(0.1)
    h.device.host_gone()
    assert h.camera.memory.counter() == 0x8001


def test_transfers_take_their_time() -> None:
    h = a6000(transfer_mbps=10.0)
    h.camera.darkroom._picture = lambda press: [("DSC1.ARW", 0xB101, bytes(20_000_000))]
    h.shoot()
    h.wait_image()
    before = h.clock.monotonic()
    assert len(h.ok(0x1009, 0xFFFFC001).data or b"") == 20_000_000
    assert 1.99 < h.clock.monotonic() - before < 2.1


def test_unplugged_says_so_everywhere() -> None:
    h = a6000()
    h.camera.unplug()
    for call in (
        lambda: h.device.bulk_write(b"x"),
        lambda: h.device.bulk_read(512),
        lambda: h.device.interrupt_read(64),
        lambda: h.device.control(0xA1, 0x67, 0, 0, 8),
        lambda: h.device.clear_halt(0x81),
        h.device.reset,
    ):
        try:
            call()
        except Unplugged:
            continue
        raise AssertionError("an unplugged camera answered")
