"""The simulated camera at its network address: who is let in, packets cut as they come, links that break."""

from __future__ import annotations

import pytest

from indi_sony_py.errors import CameraGone
from indi_sony_py.ptp import ippacket as ip
from indi_sony_py.ptp.data import DeviceInfo
from indi_sony_py.sim.control import answer_line
from indi_sony_py.sim.faults import Fault
from tests.sim.ip_client import GUID, IpHost, NoAnswer

SETTINGS = 0x9209


def fault(kind: str, operation: int = SETTINGS, **args: object) -> Fault:
    return Fault.of(kind, {"operation": operation}, **args)


def do(host: IpHost, line: str) -> None:
    assert '"ok": true' in answer_line(host.camera, line)


def test_a_session_and_the_handshake() -> None:
    host = IpHost().connect().shake()
    info = DeviceInfo.decode(host.ask(0x1001).data or b"")
    assert info.model == "ILCE-7SM3"
    assert len(host.ask(SETTINGS).data or b"") > 1000
    assert host.ask(0x1003).code == 0x2001
    assert host.rules == []


def test_the_ack_names_the_camera_and_the_connection() -> None:
    host = IpHost()
    _, ack = host.knock()
    assert isinstance(ack, ip.InitAck)
    assert (ack.name, ack.connection) == ("ILCE-7SM3", 1)
    assert ack.guid == host.device.guid != bytes(16)


def test_a_second_program_is_refused_until_the_first_is_gone() -> None:
    host = IpHost().connect().shake()
    assert host.knock(bytes(16))[1] == ip.InitFail(ip.FailReason.BUSY)
    assert host.ask(SETTINGS).code == 0x2001
    assert host.commands is not None
    host.commands.close()
    assert isinstance(host.knock(bytes(16))[1], ip.InitAck)
    assert host.camera.responder.session_open is False


def test_the_end_of_either_connection_is_the_end_of_the_program() -> None:
    for name in ("commands", "events"):
        host = IpHost().connect().shake()
        getattr(host, name).close()
        assert host.device.link == 0
        assert host.notes("host")[-1] == "gone"


def test_access_authentication_lets_nobody_in() -> None:
    host = IpHost()
    do(host, '{"command": "menu", "item": "access_authentication"}')
    assert host.knock()[1] == ip.InitFail(ip.FailReason.REJECTED)


def test_pairing_is_confirmed_at_the_camera_once_and_kept_by_guid() -> None:
    host = IpHost()
    do(host, '{"command": "menu", "item": "pairing_needed"}')
    assert answer_line(host.camera, '{"command": "pair"}') == '{"ok": false, "error": "pair: no computer has asked"}'
    assert host.knock()[1] == ip.InitFail(ip.FailReason.REJECTED)
    do(host, '{"command": "pair"}')
    for _ in range(2):
        stream, answer = host.knock()
        assert isinstance(answer, ip.InitAck)
        stream.close()
    assert host.knock(bytes(16))[1] == ip.InitFail(ip.FailReason.REJECTED)


def test_events_go_to_the_event_connection() -> None:
    host = IpHost().connect().shake()
    assert host.events is not None
    do(host, '{"command": "shutter", "speed": "1/60"}')
    event = host.packet(host.events)
    assert isinstance(event, ip.Event)
    assert (event.code, event.transaction) == (0xC203, 0xFFFFFFFF)


def test_pings_are_answered_on_both_connections() -> None:
    host = IpHost().connect()
    assert host.commands is not None and host.events is not None
    for stream in (host.commands, host.events):
        stream.send(ip.encode(ip.Plain(ip.PacketType.PING)), host.within(1))
        assert host.packet(stream) == ip.Plain(ip.PacketType.PONG)


def test_an_event_connection_of_nobody_is_refused() -> None:
    host = IpHost()
    stream, ack = host.knock()
    other, _ = host.knock()
    other.send(ip.encode(ip.InitEvent(77)), host.within(1))
    del stream, ack
    from indi_sony_py.sim.iplocal import dial

    stranger = dial(host.device, host.clock)
    stranger.send(ip.encode(ip.InitEvent(77)), host.within(1))
    assert host.packet(stranger) == ip.InitFail(ip.FailReason.UNSPECIFIED)
    assert "R-CONTAINER" in host.rules


BAD_PACKETS: list[tuple[str, bytes, str]] = [
    ("junk", b"\xff" * 12, "R-CONTAINER"),
    ("a response", ip.encode(ip.Response(0x2001, 1)), "R-CONTAINER"),
    ("data that nobody asked for", ip.encode(ip.StartData(9, 4)), "R-CONTAINER"),
    ("a payload without its start", ip.encode(ip.Payload(9, b"x", True)), "R-CONTAINER"),
]


@pytest.mark.parametrize("data, rule", [(d, r) for _, d, r in BAD_PACKETS], ids=[name for name, _, _ in BAD_PACKETS])
def test_what_a_host_may_not_send_ends_the_link(data: bytes, rule: str) -> None:
    host = IpHost().connect().shake()
    assert host.commands is not None
    host.commands.send(data, host.within(1))
    assert host.rules == [rule]
    with pytest.raises(CameraGone):
        host.ask(SETTINGS)


@pytest.mark.parametrize("sent, claimed", [(b"\x01\x02", 1), (b"", 1)])
def test_a_data_phase_of_another_length_than_announced(sent: bytes, claimed: int) -> None:
    host = IpHost().connect().shake()
    assert host.commands is not None
    for packet in (
        ip.Command(0x9205, host.transaction + 1, (0xD25A,), ip.DataPhase.OUT),
        ip.StartData(host.transaction + 1, claimed),
        ip.Payload(host.transaction + 1, sent, True),
    ):
        host.commands.send(ip.encode(packet), host.within(1))
    assert host.rules == ["R-LENGTH"]


def test_the_link_may_break_after_any_byte_of_an_answer() -> None:
    whole = len(IpHost().connect().shake().ask(SETTINGS).data or b"") + 12 + 20 + 14
    for after in (0, 1, 20, 32, 5000, whole - 1):
        host = IpHost("ILCE-7SM3", fault("cut", after_bytes=after)).connect().shake()
        assert host.commands is not None
        host.commands.send(ip.encode(ip.Command(SETTINGS, host.transaction + 1)), host.within(1))
        came = 0
        with pytest.raises(CameraGone):
            while True:
                came += len(host.commands.receive(700, host.within(5)))
        assert came == after
        assert host.connect().shake().ask(SETTINGS).code == 0x2001


def test_half_an_answer_and_then_silence_until_the_host_comes_anew() -> None:
    host = IpHost("ILCE-7SM3", fault("half-answer", after_bytes=100)).connect().shake()
    with pytest.raises(NoAnswer):
        host.ask(SETTINGS)
    with pytest.raises(NoAnswer):
        host.ask(SETTINGS)
    assert host.commands is not None and host.events is not None
    host.commands.close()
    assert host.connect().shake().ask(SETTINGS).code == 0x2001


def test_a_command_that_is_cut_off_before_it_is_carried_out() -> None:
    host = IpHost("ILCE-7SM3", fault("cut", 0x9207, carried_out=False)).connect().shake()
    with pytest.raises(CameraGone):
        host.ask(0x9207, 0xD2C1, data=b"\x02\x00")
    assert host.camera.body.half is False


def test_a_link_that_breaks_lets_go_of_the_buttons() -> None:
    host = IpHost("ILCE-7SM3", Fault.of("cut", {"operation": SETTINGS, "nth": 2})).connect().shake()
    host.ask(SETTINGS)
    host.ask(0x9207, 0xD2C1, data=b"\x02\x00")
    assert host.camera.body.half is True
    with pytest.raises(CameraGone):
        host.ask(SETTINGS)
    assert (host.camera.body.half, host.rules) == (False, [])


def test_an_idle_link_is_dropped_where_the_body_does_that() -> None:
    host = IpHost("ILCE-7SM3", Fault.of("idle-drop")).connect().shake()
    assert host.commands is not None
    for _ in range(5):
        host.clock.sleep_until(host.clock.monotonic() + 9.9)
        assert host.ask(SETTINGS).code == 0x2001
    assert host.commands.receive(1, host.within(9.9)) == b""
    with pytest.raises(CameraGone):
        host.commands.receive(1, host.within(0.2))
    host.connect()


def test_some_bodies_are_out_of_reach_after_that_until_the_power_is_switched() -> None:
    host = IpHost("ILCE-7SM3", Fault.of("idle-drop", until_power=True)).connect().shake()
    assert host.commands is not None
    with pytest.raises(CameraGone):
        host.commands.receive(1, host.within(10.1))
    with pytest.raises(CameraGone):
        host.knock()
    do(host, '{"command": "power", "on": false}')
    do(host, '{"command": "power", "on": true}')
    host.connect()


def test_files_are_answered_after_the_handshake_only() -> None:
    host = IpHost("ILCE-7SM3", Fault.of("handshake-first")).connect()
    assert host.ask(0x1002, 1).code == 0x2001
    with pytest.raises(NoAnswer):
        host.ask(0x1004)
    host.ask(0x1003)
    assert host.shake().ask(0x1004).code == 0x2001


def test_a_camera_that_is_off_or_hangs() -> None:
    host = IpHost().connect().shake()
    do(host, '{"command": "hang"}')
    with pytest.raises(NoAnswer):
        host.ask(SETTINGS)
    do(host, '{"command": "power", "on": false}')
    with pytest.raises(CameraGone):
        host.ask(SETTINGS)
    with pytest.raises(CameraGone):
        host.knock()
    do(host, '{"command": "power", "on": true}')
    assert host.connect(GUID).shake().ask(SETTINGS).code == 0x2001


@pytest.mark.parametrize("kind", ["zlp-before-data", "zlp-before-response", "header-alone", "stale-answer"])
def test_packets_cut_in_other_ways(kind: str) -> None:
    host = IpHost("ILCE-7SM3", fault(kind)).connect().shake()
    assert len(host.ask(SETTINGS).data or b"") > 1000


def test_a_slow_network_takes_its_time() -> None:
    host = IpHost("ILCE-7SM3", transfer_mbps=0.01).connect().shake()
    begun = host.clock.monotonic()
    size = len(host.ask(SETTINGS).data or b"")
    assert host.clock.monotonic() - begun == pytest.approx(size / 10_000, rel=0.1)
