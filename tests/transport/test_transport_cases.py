"""The wire, case by case, on both ways to a camera: in process and over a socket."""

from __future__ import annotations

import threading
from collections import deque

import pytest

from indi_sony_py.errors import BadData, CameraGone, CameraInUse, CameraSilent, CameraStalled, RuleBroken
from indi_sony_py.ptp.codes import ContainerType, Response
from indi_sony_py.ptp.container import HEADER, Container, encode
from indi_sony_py.ptp.data import DeviceInfo
from indi_sony_py.transport import usb
from indi_sony_py.transport.base import Reply, Request
from indi_sony_py.transport.usb import UsbTransport, find_cameras
from tests.transport.rigs import SHORT_S, Rig
from tests.transport.scripted_device import INFO, Answer

SETTINGS, SET, BUTTON, INFO_OP, OBJECT = 0x9209, 0x9205, 0x9207, 0x1001, 0x1009
HANDLE = 0xFFFFC001
PACKET = 512


def data_of(code: int, transaction: int, payload: bytes) -> bytes:
    return encode(Container(ContainerType.DATA, code, transaction, (), payload))


def response(transaction: int, code: int = Response.OK) -> bytes:
    return encode(Container(ContainerType.RESPONSE, code, transaction))


def pattern(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def test_device_info_and_transaction_ids(rig: Rig) -> None:
    rig.device.answers[INFO_OP] = Answer(INFO.encode())
    camera = rig.open()
    before = rig.ask(camera, INFO_OP)
    assert before.data is not None and DeviceInfo.decode(before.data) == INFO
    rig.ask(camera, 0x1002, 1)
    for _ in range(3):
        rig.ask(camera, INFO_OP)
    rig.ask(camera, 0x1003)
    rig.ask(camera, INFO_OP)
    rig.ask(camera, 0x1002, 1)
    rig.ask(camera, INFO_OP)
    assert [c.transaction for c in rig.device.commands] == [0, 0, 1, 2, 3, 4, 0, 0, 1]


def test_ids_after_a_refused_open_go_on_from_1(rig: Rig) -> None:
    rig.device.answers[0x1002] = Answer(code=Response.SESSION_ALREADY_OPEN)
    camera = rig.open()
    assert rig.ask(camera, 0x1002, 1).code == Response.SESSION_ALREADY_OPEN
    rig.ask(camera, 0x1003)
    rig.ask(camera, 0x1002, 1)
    assert [c.transaction for c in rig.device.commands] == [0, 1, 0]


def test_ids_wrap_before_the_one_that_means_any(rig: Rig) -> None:
    camera = rig.session()
    camera._numbering.number = 0xFFFFFFFD
    for _ in range(4):
        rig.ask(camera, SETTINGS)
    assert [c.transaction for c in rig.device.commands[1:]] == [0xFFFFFFFD, 0xFFFFFFFE, 1, 2]


@pytest.mark.parametrize("size", [0, 1, 499, 500, 501, 1012, 9349, 1024 * 1024 - 12, 3 * 1024 * 1024 + 7])
@pytest.mark.parametrize("zlp", [True, False])
def test_data_of_every_size(rig: Rig, size: int, zlp: bool) -> None:
    rig.device.answers[SETTINGS] = Answer(pattern(size), params=(7, 8))
    rig.device.zlp_after_data = zlp
    camera = rig.session()
    for _ in range(2):
        reply = rig.ask(camera, SETTINGS)
        assert reply.data == pattern(size)
        assert (reply.code, reply.params) == (Response.OK, (7, 8))
    assert all(length % PACKET == 0 for length in rig.device.lengths)
    assert max(rig.device.lengths) <= 1024 * 1024


@pytest.mark.parametrize("knobs", [{"zlp_before_data"}, {"zlp_before_response"}, {"split_header"}])
@pytest.mark.parametrize("size", [100, 500, 5000])
def test_packets_cut_as_cameras_cut_them(rig: Rig, knobs: set[str], size: int) -> None:
    for knob in knobs:
        setattr(rig.device, knob, True)
    rig.device.answers[SETTINGS] = Answer(pattern(size))
    camera = rig.session()
    for _ in range(2):
        assert rig.ask(camera, SETTINGS).data == pattern(size)


def test_response_in_place_of_data(rig: Rig) -> None:
    rig.device.answers[SETTINGS] = Answer(None, Response.GENERAL_ERROR)
    reply = rig.ask(rig.session(), SETTINGS)
    assert (reply.code, reply.data) == (Response.GENERAL_ERROR, None)


def test_data_out_with_a_zero_length_packet_after_whole_packets(rig: Rig) -> None:
    camera = rig.session()
    rig.ask(camera, SET, 0xD25A, data=b"\x01")
    rig.ask(camera, SET, 0xD25A, data=pattern(PACKET - 12))
    assert rig.device.data_out == [b"\x01", pattern(PACKET - 12)]
    assert [len(w) for w in rig.device.written] == [16, 16, 13, 16, 512, 0]


def test_late_answer_is_read_away(rig: Rig) -> None:
    camera = rig.session()
    rig.device.answers[SETTINGS] = Answer(b"new")
    rig.device.before = [data_of(INFO_OP, 77, pattern(1500)), response(77)]
    assert rig.ask(camera, SETTINGS).data == b"new"
    assert camera.late == 2


def test_stall_is_cleared_and_the_question_asked_once_more(rig: Rig) -> None:
    camera = rig.session()
    rig.device.answers[SETTINGS] = Answer(b"there")
    rig.device.stall_answer = deque([True])
    assert rig.ask(camera, SETTINGS).data == b"there"
    assert [c.transaction for c in rig.device.commands] == [0, 1, 2]


def test_two_stalls_are_an_error_and_the_next_question_works(rig: Rig) -> None:
    camera = rig.session()
    rig.device.stall_answer = deque([True, True])
    with pytest.raises(CameraStalled):
        rig.ask(camera, SETTINGS)
    assert rig.ask(camera, SETTINGS).code == Response.OK


@pytest.mark.parametrize("operation", [SET, BUTTON, OBJECT])
def test_what_must_not_happen_twice_is_not_sent_twice(rig: Rig, operation: int) -> None:
    camera = rig.session()
    rig.device.stall_answer = deque([True])
    with pytest.raises(CameraStalled):
        rig.ask(camera, operation, 0xD2C2, data=None if operation == OBJECT else b"\x02\x00")
    assert [c.code for c in rig.device.commands].count(operation) == 1


def test_a_button_that_never_went_out_is_sent_again_with_its_id(rig: Rig) -> None:
    camera = rig.session()
    rig.device.stall_command = deque([True])
    assert rig.ask(camera, BUTTON, 0xD2C2, data=b"\x02\x00").code == Response.OK
    assert [(c.code, c.transaction) for c in rig.device.commands] == [(0x1002, 0), (BUTTON, 1)]
    assert rig.device.data_out == [b"\x02\x00"]


@pytest.mark.parametrize("operation", [SETTINGS, BUTTON])
def test_silence_then_the_late_answer_is_not_taken_for_the_next(rig: Rig, operation: int) -> None:
    camera = rig.session()
    rig.device.silent = lambda code, nth: code == operation
    with pytest.raises(CameraSilent):
        rig.ask(camera, operation, data=b"\x01" if operation == BUTTON else None, s=SHORT_S)
    late = data_of(SETTINGS, 1, b"old") if operation == SETTINGS else b""
    rig.do(lambda: rig.device.send(*(t for t in (late, response(1)) if t)))
    rig.device.silent = lambda code, nth: False
    rig.device.answers[SETTINGS] = Answer(b"new")
    assert rig.ask(camera, SETTINGS).data == b"new"


def test_silence_in_mid_data_is_finished_before_the_next_question(rig: Rig) -> None:
    camera = rig.session()
    rig.device.answers[SETTINGS] = Answer(pattern(9000))
    kept: list[bytes] = []

    def cut(transfers: list[bytes]) -> list[bytes]:
        kept.extend([transfers[0][2048:], *transfers[1:]])
        return [transfers[0][:2048]]

    rig.device.shape = cut
    with pytest.raises(CameraSilent):
        rig.ask(camera, SETTINGS, s=SHORT_S)
    rig.device.shape = lambda transfers: transfers
    rig.do(lambda: rig.device.send(*kept))
    rig.device.answers[SETTINGS] = Answer(b"new")
    assert rig.ask(camera, SETTINGS).data == b"new"


def test_an_object_that_is_late_is_taken_up_again(rig: Rig) -> None:
    camera = rig.session()
    rig.device.answers[OBJECT] = Answer(pattern(300_000))
    kept: list[bytes] = []

    def cut(transfers: list[bytes]) -> list[bytes]:
        kept.extend([transfers[0][204_800:], *transfers[1:]])
        return [transfers[0][:204_800]]

    rig.device.shape = cut
    with pytest.raises(CameraSilent):
        rig.ask(camera, OBJECT, HANDLE, s=SHORT_S)
    rig.do(lambda: rig.device.send(*kept))
    assert rig.ask(camera, OBJECT, HANDLE).data == pattern(300_000)
    assert [c.code for c in rig.device.commands].count(OBJECT) == 1


def test_an_object_that_is_late_and_has_no_response_is_kept(rig: Rig) -> None:
    camera = rig.session()
    rig.device.answers[OBJECT] = Answer(pattern(300_000))
    kept: list[bytes] = []

    def cut(transfers: list[bytes]) -> list[bytes]:
        kept.append(transfers[0][204_800:])
        return [transfers[0][:204_800]]

    rig.device.shape = cut
    with pytest.raises(CameraSilent):
        rig.ask(camera, OBJECT, HANDLE, s=SHORT_S)
    rig.do(lambda: rig.device.send(*kept))
    assert rig.ask(camera, OBJECT, HANDLE, s=SHORT_S).data == pattern(300_000)


@pytest.mark.parametrize(("missing", "kept"), [(0, True), (300_000, False)])
def test_an_object_whose_last_byte_came_is_kept_though_the_camera_is_gone(rig: Rig, missing: int, kept: bool) -> None:
    """The camera forgets it with that byte: there is no other copy."""
    camera = rig.session()
    rig.device.answers[OBJECT] = Answer(pattern(300_000))
    rig.device.vanish_after_bytes = HEADER + 300_000 - missing
    if kept:
        assert rig.ask(camera, OBJECT, HANDLE) == Reply(Response.OK, (), pattern(300_000))
    else:
        with pytest.raises(CameraGone):
            rig.ask(camera, OBJECT, HANDLE)
    with pytest.raises(CameraGone):
        rig.ask(camera, SETTINGS)


@pytest.mark.parametrize("then", ["nothing", "junk", "a halt"])
def test_an_object_whose_last_byte_came_is_kept_whatever_comes_behind_it(
    rig: Rig, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usb, "_RESPONSE_S", SHORT_S)
    camera = rig.session()
    rig.device.answers[OBJECT] = Answer(pattern(300_000))
    behind = [b"\xff" * 64] if then == "junk" else []
    rig.device.shape = lambda transfers: [*transfers[:-1], *behind]
    if then == "a halt":
        rig.device.halt_after_bytes = HEADER + 300_000
    assert rig.ask(camera, OBJECT, HANDLE) == Reply(Response.OK, (), pattern(300_000))
    rig.device.shape = lambda transfers: transfers
    rig.device.halt_after_bytes = None
    rig.device.answers[SETTINGS] = Answer(b"settings")
    assert rig.ask(camera, SETTINGS).data == b"settings"
    assert [c.code for c in rig.device.commands].count(OBJECT) == 1


def test_a_response_that_comes_too_late_belongs_to_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind an object that was kept without it."""
    monkeypatch.setattr(usb, "_RESPONSE_S", SHORT_S)
    camera = rig.session()
    rig.device.answers[OBJECT] = Answer(pattern(300_000))
    held: list[bytes] = []

    def without(transfers: list[bytes]) -> list[bytes]:
        held.append(transfers[-1])
        return transfers[:-1]

    rig.device.shape = without
    assert rig.ask(camera, OBJECT, HANDLE).data == pattern(300_000)
    rig.device.shape = lambda transfers: [*held, *transfers]
    rig.device.answers[SETTINGS] = Answer(b"settings")
    assert rig.ask(camera, SETTINGS).data == b"settings"


def test_what_can_be_asked_again_is_not_kept_without_its_response(rig: Rig) -> None:
    camera = rig.session()
    rig.device.answers[SETTINGS] = Answer(pattern(300_000))
    rig.device.vanish_after_bytes = HEADER + 300_000
    with pytest.raises(CameraGone):
        rig.ask(camera, SETTINGS)


def test_a_button_waits_hardly_for_an_answer_that_never_comes(rig: Rig) -> None:
    camera = rig.session()
    rig.device.silent = lambda code, nth: code == SETTINGS
    with pytest.raises(CameraSilent):
        rig.ask(camera, SETTINGS, s=SHORT_S)
    start = rig.clock.monotonic()
    assert rig.ask(camera, BUTTON, 0xD2C2, data=b"\x01\x00", s=1.5).code == Response.OK
    assert rig.clock.monotonic() - start < 1.5


def test_an_expired_deadline_sends_nothing(rig: Rig) -> None:
    camera = rig.session()
    with pytest.raises(CameraSilent):
        rig.ask(camera, BUTTON, data=b"\x02\x00", s=0)
    assert len(rig.device.commands) == 1


@pytest.mark.parametrize("phase", ["command", "data out", "answer", "data in", "event", "reset", "halt"])
def test_unplugged_in_each_phase(rig: Rig, phase: str) -> None:
    camera = rig.session()
    device = rig.device
    device.answers[SETTINGS] = Answer(pattern(1_500_000))
    match phase:
        case "command":
            device.on_write = lambda data: device.unplug()
        case "data out":
            device.on_write = lambda data: device.unplug() if data[4:5] == b"\x02" else None
        case "answer":

            def vanish(code: int, nth: int) -> bool:
                device.unplug()
                return True

            device.silent = vanish
        case "data in":
            device.vanish_after_bytes = 700_000
        case _:
            rig.do(device.unplug)
    with pytest.raises(CameraGone):
        match phase:
            case "event":
                camera.next_event(rig.within(1))
            case "reset":
                camera.reset(rig.within(1))
            case "data out":
                rig.ask(camera, BUTTON, data=b"\x02\x00")
            case _:
                rig.ask(camera, SETTINGS)
    with pytest.raises(CameraGone):
        rig.ask(camera, SETTINGS)
    assert find_cameras(rig.backend) == []


def test_plugged_in_again_it_is_another_address_and_the_old_way_stays_dead(rig: Rig) -> None:
    camera = rig.session()
    before = find_cameras(rig.backend)[0]
    rig.do(rig.device.unplug)
    rig.do(rig.device.replug)
    with pytest.raises(CameraGone):
        rig.ask(camera, SETTINGS)
    after = find_cameras(rig.backend)[0]
    assert (after.key, after.serial) == (before.key, before.serial)
    assert after.address != before.address
    with pytest.raises(CameraGone):
        UsbTransport.open(before, rig.clock, rig.backend)
    assert rig.ask(rig.session(), SETTINGS).code == Response.OK


def test_a_second_program_is_told_that_the_camera_is_held(rig: Rig) -> None:
    first = rig.session()
    with pytest.raises(CameraInUse, match="held by another program"):
        rig.open()
    assert rig.ask(first, SETTINGS).code == Response.OK
    assert (rig.device.attached, rig.device.gone) == (1, 0)
    first.close()
    first.close()
    assert rig.ask(rig.session(), SETTINGS).code == Response.OK
    assert (rig.device.attached, rig.device.gone) == (2, 1)
    with pytest.raises(CameraGone):
        rig.ask(first, SETTINGS)


def test_looking_does_not_disturb_a_camera_at_work(rig: Rig) -> None:
    camera = rig.session()
    for _ in range(3):
        assert len(find_cameras(rig.backend)) == 1
        assert rig.ask(camera, SETTINGS).code == Response.OK
    assert (rig.device.attached, rig.device.gone, rig.device.controls) == (1, 0, [])


def test_the_configuration_is_never_set(rig: Rig) -> None:
    camera = rig.session()
    camera.reset(rig.within(5))
    camera.close()
    assert (0x00, 9) not in rig.device.controls


@pytest.mark.parametrize("works", [True, False])
@pytest.mark.parametrize("forgets", [True, False])
def test_reset_begins_gently(rig: Rig, works: bool, forgets: bool) -> None:
    camera = rig.session()
    rig.device.reset_forgets = forgets
    rig.device.class_reset_works = works
    rig.device.answers[SETTINGS] = Answer(b"old", Response.OK)
    rig.do(lambda: rig.device.halted.update({0x81, 0x02, 0x83}))
    rig.do(lambda: rig.device.send(b"junk" * 300))
    camera.reset(rig.within(10))
    assert rig.device.controls[0] == (0x21, 0x66)
    assert rig.device.resets == (0 if works else 1)
    assert not rig.device.halted
    rig.ask(camera, 0x1002, 1)
    rig.ask(camera, SETTINGS)
    assert [c.transaction for c in rig.device.commands] == [0, 0, 1]


def test_a_gentle_reset_that_did_not_help_is_followed_by_a_hard_one(rig: Rig) -> None:
    camera = rig.session()
    rig.device.silent = lambda code, nth: code == 0x1002
    for resets in (0, 1):
        camera.reset(rig.within(10))
        assert rig.device.resets == resets
        with pytest.raises(CameraSilent):
            rig.ask(camera, 0x1002, 1, s=SHORT_S)
    rig.device.silent = lambda code, nth: False
    rig.do(lambda: rig.device.send(response(0)))
    rig.ask(camera, 0x1002, 1)
    camera.reset(rig.within(10))
    assert rig.device.resets == 1
    assert (rig.device.attached, rig.device.gone) == (1, 0)


def test_junk_in_place_of_an_answer_is_refused_and_then_read_away(rig: Rig) -> None:
    camera = rig.session()
    rig.device.before = [b"\xff" * 700, b"\x00" * 100]
    with pytest.raises(BadData):
        rig.ask(camera, SETTINGS)
    assert rig.ask(camera, SETTINGS).code == Response.OK


def test_progress_is_told_and_ends_with_the_whole(rig: Rig) -> None:
    rig.device.answers[OBJECT] = Answer(pattern(3_000_000))
    camera = rig.session()
    seen: list[int] = []
    camera.transact(Request(OBJECT, (HANDLE,)), rig.within(20), seen.append)
    assert seen == sorted(seen)
    assert len(seen) >= 3
    assert seen[-1] == 3_000_000


def test_only_the_first_thread_may_talk(rig: Rig) -> None:
    camera = rig.session()
    found: list[BaseException] = []

    def other() -> None:
        try:
            rig.ask(camera, SETTINGS)
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join(10)
    assert [type(error) for error in found] == [RuleBroken]
    assert len(rig.device.commands) == 1


def test_events_several_in_one_read_and_late_ones(rig: Rig) -> None:
    camera = rig.session()
    changed = [Container(ContainerType.EVENT, 0xC203, 0xFFFFFFFF, (code,)) for code in (0xD215, 0xD213)]
    added = Container(ContainerType.EVENT, 0xC201, 0xFFFFFFFF, (HANDLE,))
    rig.do(lambda: rig.device.event(*changed))
    rig.do(lambda: rig.device.event(added, after_s=0.05))
    seen = [camera.next_event(rig.within(5)) for _ in range(3)]
    assert [(e.code, e.params) for e in seen if e] == [(0xC203, (0xD215,)), (0xC203, (0xD213,)), (0xC201, (HANDLE,))]
    assert camera.next_event(rig.within(0)) is None


def test_a_halted_event_endpoint_is_cleared_and_nothing_lost_with_it(rig: Rig) -> None:
    camera = rig.session()
    rig.do(lambda: rig.device.halted.add(0x83))
    assert camera.next_event(rig.within(1)) is None
    rig.do(lambda: rig.device.event(Container(ContainerType.EVENT, 0xC202, 5, (1,))))
    event = camera.next_event(rig.within(5))
    assert event is not None and event.code == 0xC202
