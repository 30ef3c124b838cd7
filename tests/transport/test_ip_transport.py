"""PTP/IP against the simulated camera: ids, silence, links that break at any byte, being let in, events, keep-alive."""

from __future__ import annotations

import threading

import pytest

from indi_sony_py.clock import Deadline
from indi_sony_py.errors import (
    BadData,
    CameraDenied,
    CameraError,
    CameraGone,
    CameraInUse,
    CameraSilent,
    RuleBroken,
    advise,
)
from indi_sony_py.ptp import ippacket as ip
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sony.codes import HANDLE_IMAGE
from indi_sony_py.transport.base import Request
from indi_sony_py.transport.ip import Host, IpTransport
from tests.transport.ip_rig import GUID, PLACE, IpRig

SETTINGS, SET, BUTTON, INFO, OBJECT = 0x9209, 0x9205, 0x9207, 0x1008, 0x1009


def fault(kind: str, operation: int = SETTINGS, nth: int = 1, **args: object) -> Fault:
    return Fault.of(kind, {"operation": operation, "nth": nth}, **args)


def with_image(*faults: Fault) -> IpRig:
    rig = IpRig(Fault.of("leftover"), *faults)
    rig.clock.sleep_until(rig.clock.monotonic() + 1)
    return rig


def an_image() -> bytes:
    """What the waiting image is, without a fault."""
    rig = with_image()
    transport = rig.session()
    rig.ask(transport, SETTINGS)
    return bytes(rig.ask(transport, OBJECT, HANDLE_IMAGE).data or b"")


def test_a_session_by_the_book() -> None:
    rig = IpRig()
    transport = rig.session()
    assert rig.ask(transport, SET, 0xD25A, data=b"\x01").code == 0x2001
    assert len(rig.ask(transport, SETTINGS).data or b"") > 1000
    assert rig.ask(transport, 0x1003).code == 0x2001
    assert rig.ask(transport, 0x1001).code == 0x2001
    rig.shake(transport)
    transport.close()
    transport.close()
    assert rig.rules == []
    with pytest.raises(CameraGone):
        rig.ask(transport, 0x1001)


def test_an_object_of_several_packets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indi_sony_py.sim.ipwire.PIECE", 7)
    rig = with_image()
    transport = rig.session()
    rig.ask(transport, SETTINGS)
    seen: list[int] = []
    reply = transport.transact(Request(OBJECT, (HANDLE_IMAGE,)), rig.within(5), seen.append)
    assert bytes(reply.data or b"").startswith(b"ARW ")
    assert seen and seen[-1] == len(reply.data or b"")


def test_an_expired_deadline_sends_nothing() -> None:
    rig = IpRig()
    transport = rig.session()
    with pytest.raises(CameraSilent):
        rig.ask(transport, BUTTON, 0xD2C1, data=b"\x02\x00", s=0)
    assert rig.camera.body.half is False
    assert rig.ask(transport, SETTINGS).code == 0x2001
    assert rig.rules == []


def test_a_late_answer_is_not_taken_for_the_next() -> None:
    rig = IpRig(fault("late-answer", seconds=3.0))
    transport = rig.session()
    with pytest.raises(CameraSilent):
        rig.ask(transport, SETTINGS, s=1.0)
    assert rig.ask(transport, BUTTON, 0xD2C1, data=b"\x01\x00", s=5.0).code == 0x2001
    assert len(rig.ask(transport, SETTINGS).data or b"") > 1000
    assert transport.late > 0


def test_a_button_is_hardly_kept_waiting_by_silence() -> None:
    rig = IpRig(fault("no-answer"))
    transport = rig.session()
    with pytest.raises(CameraSilent):
        rig.ask(transport, SETTINGS, s=1.0)
    begun = rig.clock.monotonic()
    assert rig.ask(transport, BUTTON, 0xD2C2, data=b"\x01\x00", s=1.5).code == 0x2001
    assert rig.clock.monotonic() - begun < 0.2


def test_half_a_packet_and_silence_do_not_hold_up_a_button_for_long() -> None:
    """Nothing comes any more: the button's command goes out, its answer never comes, and a reset makes it good."""
    rig = IpRig(fault("half-answer", after_bytes=1000))
    transport = rig.session()
    with pytest.raises(CameraSilent):
        rig.ask(transport, SETTINGS, s=1.0)
    with pytest.raises(CameraSilent):
        rig.ask(transport, BUTTON, 0xD2C1, data=b"\x02\x00", s=2.0)
    assert rig.camera.body.half is True
    transport.reset(rig.within(5))
    rig.shake(transport)
    assert len(rig.ask(transport, SETTINGS).data or b"") > 1000


@pytest.mark.parametrize("after", [0, 1, 8, 19, 20, 27, 31, 32, 33])
def test_an_object_is_whole_or_stays_in_the_camera(after: int) -> None:
    rig = with_image(fault("cut", OBJECT, after_bytes=after))
    transport = rig.session()
    rig.ask(transport, SETTINGS)
    with pytest.raises(CameraGone):
        rig.ask(transport, OBJECT, HANDLE_IMAGE)
    assert rig.camera.memory.counter() == 0x8001
    transport.close()
    again = rig.session()
    rig.ask(again, SETTINGS)
    assert bytes(rig.ask(again, OBJECT, HANDLE_IMAGE).data or b"").startswith(b"ARW ")
    assert rig.rules == []


@pytest.mark.parametrize("kind", ["cut", "half-answer"])
@pytest.mark.parametrize("missing", [14, 13, 7, 1])
def test_an_object_without_its_response_is_kept(kind: str, missing: int) -> None:
    """The camera gave it away with its last byte; what is missing is bytes of the 14 of the response."""
    size = len(an_image())
    rig = with_image(fault(kind, OBJECT, after_bytes=20 + 12 + size + 14 - missing))
    transport = rig.session()
    rig.ask(transport, SETTINGS)
    assert len(rig.ask(transport, OBJECT, HANDLE_IMAGE, s=5.0).data or b"") == size
    assert rig.camera.memory.counter() == 0


def test_an_object_that_is_late_is_taken_up_where_it_was() -> None:
    rig = IpRig(Fault.of("leftover"), transfer_mbps=0.00001)
    rig.clock.sleep_until(rig.clock.monotonic() + 1)
    transport = rig.open()
    for operation, *params in ((0x1002, 1), (0x9201, 1, 0, 0), (0x9201, 2, 0, 0), (0x9202, 300, 1), (0x9201, 3, 0, 0)):
        rig.ask(transport, operation, *params, s=500.0)
    tries = 0
    while True:
        try:
            reply = rig.ask(transport, OBJECT, HANDLE_IMAGE, s=2.0)
            break
        except CameraSilent:
            tries += 1
    assert tries > 2 and bytes(reply.data or b"").startswith(b"ARW ")
    assert [entry.detail for entry in rig.camera.referee.entries if entry.kind == "fetched"] == [
        "DSC00001.ARW, serial 1"
    ]


def test_a_broken_data_phase_is_bad_data_and_the_end_of_the_link() -> None:
    rig = IpRig(fault("wrong-length"))
    transport = rig.session()
    with pytest.raises(BadData):
        rig.ask(transport, SETTINGS)
    with pytest.raises(CameraGone):
        rig.ask(transport, SETTINGS)
    transport.reset(rig.within(5))
    rig.shake(transport)
    assert rig.ask(transport, SETTINGS).code == 0x2001


@pytest.mark.parametrize("operation", [0x1002, 0x1001, 0x9201, 0x9202, SET, BUTTON, SETTINGS])
@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("reset", [True, False])
def test_a_link_that_breaks_at_any_transaction(operation: int, carried_out: bool, reset: bool) -> None:
    rig = IpRig(fault("cut", operation, carried_out=carried_out, reset=reset))
    transport = rig.open()
    steps: list[tuple[tuple[int, ...], bytes | None]] = [
        ((0x1002, 1), None), ((0x1001,), None), ((0x9201, 1, 0, 0), None), ((0x9201, 2, 0, 0), None),
        ((0x9202, 300, 1), None), ((0x9201, 3, 0, 0), None), ((SET, 0xD25A), b"\x01"),
        ((BUTTON, 0xD2C1), b"\x01\x00"), ((SETTINGS,), None),
    ]  # fmt: skip
    broke = 0
    for _ in range(2):
        try:
            for (code, *params), data in steps:
                assert rig.ask(transport, code, *params, data=data).code == 0x2001
        except CameraGone:
            broke += 1
            with pytest.raises(CameraGone):
                rig.ask(transport, SETTINGS)
            transport.reset(rig.within(5))
    assert broke == 1
    assert rig.rules == []


def test_a_second_program_is_told_that_the_camera_is_held() -> None:
    rig = IpRig()
    first = rig.session()
    begun = rig.clock.monotonic()
    with pytest.raises(CameraInUse, match=r"camera\.test is held by another program"):
        rig.open(bytes(16))
    assert 10 < rig.clock.monotonic() - begun < 20
    assert rig.ask(first, SETTINGS).code == 0x2001
    first.close()
    assert rig.ask(rig.open(bytes(16)), 0x1001).code == 0x2001


def test_a_host_that_vanished_is_waited_out() -> None:
    rig = IpRig()
    first = rig.session()
    rig.camera.world.agenda.after(5.0, rig.device.host_gone)
    assert rig.ask(rig.open(), 0x1001).code == 0x2001
    first.close()


def test_pairing_and_access_authentication_are_said_in_words() -> None:
    rig = IpRig()
    rig.control('{"command": "menu", "item": "pairing_needed"}')
    with pytest.raises(CameraDenied) as refused:
        rig.open()
    said = advise(refused.value)
    assert "camera.test does not admit this computer" in said and "Pairing" in said and "Access Authen." in said
    rig.control('{"command": "pair"}')
    rig.open(GUID).close()
    rig.control('{"command": "menu", "item": "access_authentication"}')
    with pytest.raises(CameraDenied):
        rig.open(GUID)
    rig.known = CameraDenied("it wants SSH")
    with pytest.raises(CameraDenied, match="it wants SSH"):
        rig.open(GUID)


def test_nothing_there_and_nothing_said() -> None:
    rig = IpRig()
    rig.control('{"command": "power", "on": false}')
    with pytest.raises(CameraGone):
        rig.open()
    rig.control('{"command": "power", "on": true}')
    rig.control('{"command": "hang"}')
    with pytest.raises(CameraSilent, match="does not answer the greeting"):
        rig.open()


def test_events_come_and_the_end_of_the_link_is_seen_by_a_look() -> None:
    rig = IpRig()
    transport = rig.session()
    assert transport.next_event(rig.within(0)) is None
    rig.control('{"command": "shutter", "speed": "1/60"}')
    event = transport.next_event(rig.within(1))
    assert event is not None and event.code == 0xC203
    rig.control('{"command": "power", "on": false}')
    with pytest.raises(CameraGone):
        for _ in range(10):
            transport.next_event(rig.within(0))
    with pytest.raises(CameraGone):
        rig.ask(transport, SETTINGS)


def test_pings_of_the_camera_are_answered() -> None:
    rig = IpRig(fault("zlp-before-response"))
    transport = rig.session()
    assert rig.ask(transport, SETTINGS).code == 0x2001
    rig.device._events.append((0.0, ip.encode(ip.Plain(ip.PacketType.PING))))
    assert transport.next_event(rig.within(0)) is None
    assert rig.ask(transport, SETTINGS).code == 0x2001
    assert rig.rules == []


def test_junk_among_the_events_is_thrown_away() -> None:
    rig = IpRig()
    transport = rig.session()
    rig.device._events.append((0.0, b"\xff" * 20))
    rig.device._events.append((0.1, ip.encode(ip.Event(0xC201, (7,)))))
    found = [transport.next_event(rig.within(0.1)) for _ in range(3)]
    assert any(event is not None and event.code == 0xC201 for event in found)


def test_a_second_thread_is_a_broken_rule() -> None:
    rig = IpRig()
    transport = rig.session()
    caught: list[BaseException] = []

    def other() -> None:
        try:
            transport.next_event(rig.within(0))
        except RuleBroken as error:
            caught.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join(10)
    assert len(caught) == 1


def test_a_refusal_that_nobody_knows() -> None:
    transport = IpRig().open()
    error = transport._refusal(77)
    assert type(error) is CameraError and "reason 77" in str(error)


class Stuck:
    """A connection that answers its greeting and takes nothing more."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.sent = 0
        self.closed = False

    def send(self, data: bytes, deadline: Deadline) -> None:
        self.sent += 1
        if self.sent > 1:
            raise CameraSilent("it takes nothing")

    def receive(self, most: int, deadline: Deadline) -> bytes:
        data, self.answer = self.answer[:most], self.answer[most:]
        return data

    def close(self) -> None:
        self.closed = True


def test_a_command_that_could_not_be_sent_whole_is_the_end_of_the_link() -> None:
    """What was sent of it may still arrive: nothing else may follow it on that connection."""
    rig = IpRig()
    made = [
        Stuck(ip.encode(ip.InitAck(1, GUID, "camera"))),
        Stuck(ip.encode(ip.Plain(ip.PacketType.INIT_EVENT_ACK))),
    ]
    streams = iter(made)
    transport = IpTransport.open(PLACE, rig.clock, Host(GUID, "here"), rig.within(5), lambda limit: next(streams))
    for _ in range(2):
        with pytest.raises(CameraGone):
            rig.ask(transport, BUTTON, 0xD2C1, data=b"\x02\x00")
    assert [stream.closed for stream in made] == [True, True]
    assert made[0].sent == 2


class Scripted(Stuck):
    """A connection that answers its greeting, and the command behind it with these packets."""

    def __init__(self, answer: bytes, then: bytes) -> None:
        super().__init__(answer)
        self.then = then

    def send(self, data: bytes, deadline: Deadline) -> None:
        self.sent += 1
        if self.sent == 2:
            self.answer += self.then
        if self.sent > 2:
            raise CameraSilent("it takes nothing")


@pytest.mark.parametrize(
    "behind",
    [b"\xff" * 32, ip.encode(ip.StartData(0, 5)), ip.encode(ip.Plain(ip.PacketType.PING))],
    ids=("junk", "a second data phase", "a ping whose answer is not taken"),
)
@pytest.mark.parametrize("missing", [0, 1])
def test_an_object_is_kept_whatever_comes_behind_it(behind: bytes, missing: int) -> None:
    """The camera gave it away with its last byte; what is no whole one is still there."""
    rig = IpRig()
    image = ip.encode(ip.StartData(0, 5)) + ip.encode(ip.Payload(0, b"image"[: 5 - missing])) + behind
    streams = iter(
        [
            Scripted(ip.encode(ip.InitAck(1, GUID, "camera")), image),
            Stuck(ip.encode(ip.Plain(ip.PacketType.INIT_EVENT_ACK))),
        ]
    )
    transport = IpTransport.open(PLACE, rig.clock, Host(GUID, "here"), rig.within(5), lambda limit: next(streams))
    if missing:
        with pytest.raises((BadData, CameraSilent)):
            rig.ask(transport, OBJECT, HANDLE_IMAGE)
    else:
        assert rig.ask(transport, OBJECT, HANDLE_IMAGE).data == b"image"
