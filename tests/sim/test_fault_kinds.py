"""Each kind of fault, seen on the wire; rows that say something unknown are refused with what is allowed."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.codes import ObjectFormat
from indi_sony_py.ptp.container import read_header
from indi_sony_py.ptp.data import DeviceInfo
from indi_sony_py.sim.camera import plain_files
from indi_sony_py.sim.control import BadCommand
from indi_sony_py.sim.darkroom import Files, Press
from indi_sony_py.sim.device import Stalled, Unplugged
from indi_sony_py.sim.faultkinds import KINDS, Hook
from indi_sony_py.sim.faults import BadFault, Fault, load, parse
from indi_sony_py.sony.codes import HANDLE_IMAGE, HANDLE_LIVE_VIEW, Ctl, Ev, Op, Prop
from indi_sony_py.sony.snapshot import Lists, Version, decode_settings
from indi_sony_py.sony.values import encode_shutter
from tests.sim.plain_client import Host, NoAnswer, a7s3, a6000, host

SETTINGS = Op.GET_ALL_PROPERTIES
TWO_S = encode_shutter(Fraction(2))


def fault(kind: str, **rest: object) -> Fault:
    """A row as in a file: `when` and arguments."""
    (found,) = parse([{"kind": kind, **rest}])
    return found


def at(operation: int, nth: int = 1, **rest: int) -> dict[str, int]:
    return {"operation": operation, "nth": nth, **rest}


def raw_answer(h: Host, operation: int, *params: int) -> list[bytes]:
    """The pieces of an answer as they are read, up to the response."""
    from indi_sony_py.ptp.transaction import Exchange, Request

    h.transaction += 1
    for piece in Exchange(Request(operation, params), h.transaction).outgoing():
        h.device.bulk_write(piece)
    h.wait(1.0)
    pieces: list[bytes] = []
    while (piece_in := h.device.bulk_read(1 << 16)) is not None:
        pieces.append(piece_in)
    return pieces


def empty_ext_info() -> None:
    h = host("ILCE-7SM3", fault("empty-ext-info", when=at(Op.GET_EXT_DEVICE_INFO, count=3)))
    h.connect()
    assert h.notes("fault") == ["empty-ext-info"] * 3


def empty_object_info() -> None:
    h = a7s3(fault("empty-object-info", when=at(0x1008)))
    h.shoot()
    h.wait_image()
    assert h.ok(0x1008, HANDLE_IMAGE).data == b""
    assert h.fetch()[0].name == "DSC00001.ARW"


def no_answer() -> None:
    h = a7s3(fault("no-answer", when={"property": Prop.ISO}, carried_out=True))
    with pytest.raises(NoAnswer):
        h.write(Prop.ISO, 1600)
    h.wait(1)
    assert h.settings().number(Prop.ISO) == 1600
    assert h.rules == []


def late_answer() -> None:
    h = a7s3(fault("late-answer", when=at(0x1001, 2), seconds=5.0))
    before = h.clock.monotonic()
    h.ok(0x1001)
    assert h.clock.monotonic() - before == pytest.approx(5.0, abs=0.1)


def stall() -> None:
    h = a7s3(fault("stall", when=at(0x1001, 2)))
    with pytest.raises(Stalled):
        h.ask(0x1001)
    with pytest.raises(Stalled):
        h.device.bulk_read(512)
    assert h.device.control(0xA1, 0x67, 0, 0, 32) == bytes.fromhex("0c001920 02000000 81000000")
    h.device.clear_halt(0x81)
    h.device.control(0x02, 0x01, 0, 0x02, b"")
    assert h.ok(0x1001).data


def refuse() -> None:
    h = a7s3(fault("refuse", when=at(SETTINGS, 2), code=0x200F))
    reply = h.ask(SETTINGS)
    assert reply.code == 0x200F and reply.data is None


def not_done() -> None:
    h = a7s3(fault("not-done", when={"property": Ctl.FULL_PRESS, "nth": 2}))
    h.shoot()
    h.wait(2)
    assert h.counter() == 0 and h.camera.body.serial == 0


def zlp_before_data() -> None:
    h = a7s3(fault("zlp-before-data", when=at(0x1001, 2)))
    assert [len(p) > 0 for p in raw_answer(h, 0x1001)] == [False, True, True]


def zlp_before_response() -> None:
    h = a7s3(fault("zlp-before-response", when=at(0x1001, 2)))
    assert [len(p) > 0 for p in raw_answer(h, 0x1001)] == [True, False, True]


def header_alone() -> None:
    h = a7s3(fault("header-alone", when=at(0x1001, 2)))
    assert len(raw_answer(h, 0x1001)[0]) == 12


def short_data() -> None:
    h = a7s3(fault("short-data", when=at(SETTINGS, 2), cut=100))
    data = h.ok(SETTINGS).data
    with pytest.raises(BadData):
        decode_settings(data or b"", h.version)


def wrong_length() -> None:
    h = a7s3(fault("wrong-length", when=at(0x1001, 2), by=32))
    first = raw_answer(h, 0x1001)[0]
    head = read_header(first)
    assert head is not None and head.length == len(first) + 32


def damaged_data() -> None:
    h = a7s3(fault("damaged-data", when=at(SETTINGS, 2), offset=10, bytes=2))
    with pytest.raises(BadData):
        decode_settings(h.ok(SETTINGS).data or b"", h.version)


def noise() -> None:
    h, clean = a7s3(), a7s3()
    h.camera.arm(fault("noise", when=at(SETTINGS, count=0), share=1.0))
    whole = raw_answer(clean, SETTINGS)
    spoilt = [raw_answer(h, SETTINGS) for _ in range(20)]
    lengths = {sum(map(len, pieces)) for pieces in spoilt}
    assert len(lengths) > 3 and max(lengths) == sum(map(len, whole)), "some lack their end"
    assert len({b"".join(pieces) for pieces in spoilt}) == 20
    quiet = a7s3(fault("noise", when=at(SETTINGS, count=0), share=0.0))
    assert [sum(map(len, raw_answer(quiet, SETTINGS))) for _ in range(5)] == [sum(map(len, whole))] * 5


def stale_answer() -> None:
    h = a7s3(fault("stale-answer", when=at(SETTINGS, 2)))
    assert len(h.ok(SETTINGS).data or b"") > 1000
    assert h.late == 2


def unplug() -> None:
    h = a7s3(fault("unplug", when=at(0x1009), after_bytes=20, back_s=3.0))
    address = h.device.identity.address
    h.shoot()
    h.wait_image()
    with pytest.raises(Unplugged):
        h.fetch()
    h.wait(3.1)
    now = h.device
    assert now.present and now.identity.address == address + 1
    h.connect()
    assert h.wait_image() == 0x8001
    assert b'"serial": 1' in h.fetch()[1]


def unplug_before_the_answer() -> None:
    h = a7s3(fault("unplug", when=at(SETTINGS, 2), back_s=-1.0))
    with pytest.raises(Unplugged):
        h.settings()
    h.wait(100)
    assert not h.device.present


def hang() -> None:
    h = a7s3(fault("hang", when={"press": 1}))
    with pytest.raises(NoAnswer):
        h.press()
    assert h.device.present
    h.camera.power(False)
    h.camera.power(True)
    h.connect()


def mute() -> None:
    h = a7s3(fault("mute", when={"press": 1}, until="session"))
    with pytest.raises(NoAnswer):
        h.press()
    with pytest.raises(NoAnswer):
        h.settings()
    assert h.device.present and h.ask(0x1002, 1).code == 0x201E, "the session is open still"
    h.ok(0x1003)
    h.connect()
    deaf = a7s3(fault("mute", when={"press": 1}, until="reset"))
    with pytest.raises(NoAnswer):
        deaf.press()
    with pytest.raises(NoAnswer):
        deaf.ask(0x1002, 1)
    deaf.device.reset()
    deaf.connect()


def ignore_set() -> None:
    h = a7s3(fault("ignore-set", when={"property": Prop.ISO}))
    h.write(Prop.ISO, 1600)
    h.wait(2)
    assert h.settings().number(Prop.ISO) == 800
    slow = a6000(fault("ignore-set", when={"property": Prop.ISO}))
    slow.notch(Ctl.ISO, 1)
    slow.wait(2)
    assert slow.settings().number(Prop.ISO) == 800


def alter_set() -> None:
    h = a7s3(fault("alter-set", when={"property": Prop.SHUTTER_SPEED}, value=1 << 16 | 60))
    h.write(Prop.SHUTTER_SPEED, 0)
    h.wait(1)
    assert h.settings().number(Prop.SHUTTER_SPEED) == 1 << 16 | 60


def slow_set() -> None:
    h = a7s3(fault("slow-set", when={"property": Prop.ISO}, seconds=2.0))
    h.write(Prop.ISO, 1600)
    h.wait(1)
    assert h.settings().number(Prop.ISO) == 800
    h.wait(1.5)
    assert h.settings().number(Prop.ISO) == 1600


def fall_back() -> None:
    h = a7s3(fault("fall-back", when={"property": Prop.SHUTTER_SPEED}, value=TWO_S, seconds=1.0))
    h.write(Prop.SHUTTER_SPEED, 0)
    h.wait(0.5)
    assert h.settings().number(Prop.SHUTTER_SPEED) == 0
    h.wait(1.0)
    assert h.settings().number(Prop.SHUTTER_SPEED) == TWO_S


def overshoot() -> None:
    h = a6000(fault("overshoot", when={"property": Prop.ISO}, by=2))
    h.notch(Ctl.ISO, 1)
    h.wait(1)
    assert h.settings().number(Prop.ISO) == 1600


def wrong_direction() -> None:
    h = a6000(fault("wrong-direction", when={"property": Prop.ISO}))
    h.notch(Ctl.ISO, 1)
    h.wait(1)
    assert h.settings().number(Prop.ISO) == 640


def deaf() -> None:
    h = a7s3(fault("deaf", when={"press": 1}))
    h.shoot()
    h.wait(2)
    assert h.counter() == 0
    h.shoot()
    assert h.wait_image() == 0x8001


def wrong_exposure() -> None:
    h = a7s3(fault("wrong-exposure", seconds=1.0))
    h.set_shutter(0)
    h.shoot(10.0)
    h.wait_image()
    assert b'"exposure_s": 1.0' in h.fetch()[1]


def two_frames() -> None:
    h = a7s3(fault("two-frames"))
    h.shoot()
    h.wait(2)
    assert h.counter() == 0x8002


def noise_reduction() -> None:
    h = a6000(fault("noise-reduction"))
    h.set_shutter(encode_shutter(Fraction(10)))
    h.shoot()
    h.wait(15)
    assert h.counter() == 1
    h.wait(6)
    assert h.counter() == 0x8001


def twelve_bits() -> None:
    bits: list[int] = []

    def picture(press: Press) -> Files:
        bits.append(press.bits)
        return plain_files(press)

    h = a7s3(fault("twelve-bits", when={"press": 2}), picture=picture)
    for _ in range(3):
        h.shoot()
        h.wait_image()
        h.fetch()
    assert bits == [14, 12, 14]


def early_event() -> None:
    h = a7s3(fault("early-event"))
    h.set_shutter(TWO_S)
    h.press()
    assert Ev.OBJECT_ADDED in [e.code for e in h.events()]
    assert h.counter() == 0


def slow_image() -> None:
    h = a7s3(fault("slow-image", seconds=20.0))
    h.shoot()
    h.wait(15)
    assert h.counter() == 1
    h.wait(6)
    assert h.counter() == 0x8001


def no_image() -> None:
    h = a7s3(fault("no-image"))
    h.shoot()
    h.wait(60)
    assert h.counter() == 0


def pair() -> None:
    h = a7s3(fault("pair", gap_s=0.8, raw_first=True, count_once=True))
    h.write(Prop.FILE_FORMAT_300, 2)
    h.wait(0.5)
    h.shoot()
    assert h.wait_image() == 0x8001
    first = h.fetch()[0]
    assert h.counter() == 1
    assert h.wait_image() == 0x8001
    second = h.fetch()[0]
    assert (first.name, second.name) == ("DSC00001.ARW", "DSC00001.JPG")
    assert first.sequence == second.sequence


def heif() -> None:
    h = a7s3(fault("heif"))
    h.write(Prop.FILE_FORMAT_300, 2)
    h.wait(0.5)
    h.shoot()
    h.wait_image()
    first, data = h.fetch()
    assert (first.name, first.format, data[4:12]) == ("DSC00001.HIF", ObjectFormat.HEIF, b"ftypheic")
    h.wait_image()
    assert h.fetch()[0].name == "DSC00001.ARW"


def broken_file() -> None:
    h = a7s3(fault("broken-file", cut=5, hole=4))
    h.shoot()
    h.wait_image()
    data = h.fetch()[1]
    assert data[len(data) // 2 : len(data) // 2 + 4] == bytes(4) and not data.endswith(b"}")


def absurd_count() -> None:
    h = a7s3(fault("absurd-count", seconds=2.0), fault("slow-image", seconds=5.0))
    h.shoot()
    h.wait(4)
    assert h.counter() == 0xFFFB
    assert h.ok(0x1008, HANDLE_IMAGE).data == b""
    h.wait(2)
    assert h.counter() == 0x8001
    assert h.rules == []


def events_after_a_photo(*faults: Fault) -> list[int]:
    h = a7s3(*faults)
    h.events()
    h.press()
    h.release()
    h.clock.sleep_until(h.clock.monotonic() + 1.0)
    h.device.advance()
    return [e.code for e in h.events()]


def drop_event() -> None:
    assert Ev.OBJECT_ADDED in events_after_a_photo()
    assert Ev.OBJECT_ADDED not in events_after_a_photo(fault("drop-event", when=at(Ev.OBJECT_ADDED, count=0)))


def double_event() -> None:
    found = events_after_a_photo(fault("double-event", when=at(Ev.OBJECT_ADDED, count=0)))
    assert found.count(Ev.OBJECT_ADDED) == 2


def late_event() -> None:
    h = a7s3(fault("late-event", when=at(Ev.OBJECT_ADDED), seconds=5.0))
    h.press()
    h.release()
    h.clock.sleep_until(h.clock.monotonic() + 2)
    h.device.advance()
    first = [e.code for e in h.events()]
    h.clock.sleep_until(h.clock.monotonic() + 5)
    assert Ev.OBJECT_ADDED not in first and [e.code for e in h.events()] == [Ev.OBJECT_ADDED]


def always_pair() -> None:
    h = a7s3(fault("always-pair"))
    h.shoot()
    h.wait_image()
    assert [h.fetch()[0].name for _ in range(2)] == ["DSC00001.JPG", "DSC00001.ARW"]
    assert h.counter() == 0


def flood() -> None:
    h = a7s3(fault("flood", when={"property": Ctl.HALF_PRESS, "nth": 2}, number=20, parameter=0x5004))
    h.events()
    h.press()
    assert [e.params for e in h.events() if e.code == Ev.PROPERTY_CHANGED].count((0x5004,)) == 20


def lists() -> None:
    h = host("ILCE-7SM3", fault("lists", lists=1)).connect()
    assert h.settings().lists is Lists.ONE
    h = host("ILCE-6000", fault("lists", lists=2)).connect()
    assert h.settings().lists is Lists.TWO


def hide() -> None:
    h = a6000(fault("hide", code=Ctl.FULL_PRESS))
    assert Ctl.FULL_PRESS not in h.settings() and Ctl.HALF_PRESS in h.settings()
    h.shoot()
    assert h.wait_image()


def empty_list() -> None:
    h = a7s3(fault("empty-list", code=Prop.F_NUMBER))
    aperture = h.settings().get(Prop.F_NUMBER)
    assert aperture is not None and aperture.values == ()


def unlist() -> None:
    for h in (a7s3(fault("unlist")), a6000(fault("unlist", value=TWO_S))):
        listed = h.settings().get(Prop.SHUTTER_SPEED)
        gone = 0 if h.settings().version is Version.V300 else TWO_S
        assert listed is not None and gone not in (*listed.values, *(listed.reportable or ()))
    h = a7s3(fault("unlist"))
    h.write(Prop.SHUTTER_SPEED, 0)
    h.wait(0.5)
    assert h.settings().number(Prop.SHUTTER_SPEED) == 0


def rest_value() -> None:
    h = a6000(fault("rest-value", value=2))
    assert h.settings().number(Ctl.FULL_PRESS) == 2
    h.shoot()
    assert h.settings().number(Ctl.FULL_PRESS) == 2
    assert h.wait_image()


def stranger() -> None:
    h = a7s3(fault("stranger", product=0x0ABC, model="ILCE-1000"))
    assert h.device.identity.product == 0x0ABC and h.device.identity.product_name == "ILCE-1000"
    assert DeviceInfo.decode(h.ok(0x1001).data or b"").model == "ILCE-1000"


def leftover() -> None:
    h = a7s3(fault("leftover", count=2))
    assert h.counter() == 0x8002
    assert [json.loads(h.fetch()[1][4:])["serial"] for _ in range(2)] == [1, 2]


def button_held() -> None:
    h = a7s3(fault("button-held"))
    h.wait(1)
    assert h.camera.body.user_full and h.counter() == 0x8001


def small_buffer() -> None:
    h = a7s3(fault("small-buffer", images=1))
    h.shoot()
    h.wait_image()
    with pytest.raises(NoAnswer):
        h.press()


def relist() -> None:
    h = a7s3(fault("relist", when={"time": 20.0}, code=Prop.F_NUMBER, values=[280, 400]))
    h.wait(20)
    aperture = h.settings().get(Prop.F_NUMBER)
    assert aperture is not None and aperture.values == (280, 400)


def user() -> None:
    h = a7s3(fault("user", when={"time": 10.0}, command="dial", args={"program": "P"}))
    h.wait(10)
    assert (h.settings().number(Prop.PROGRAM) or 0) & 0xFFFF == 2


def live_view_freezes() -> None:
    h = a7s3(fault("live-view-freezes"))
    h.ok(0x1009, HANDLE_LIVE_VIEW)
    h.shoot()
    h.wait_image()
    h.fetch()
    h.settings()
    h.ok(0x1009, HANDLE_LIVE_VIEW)
    with pytest.raises(NoAnswer):
        h.shoot()


def live_view_alone() -> None:
    h = a7s3(fault("live-view-alone"))
    h.ok(0x1009, HANDLE_LIVE_VIEW)
    h.wait(1.0)
    h.settings()
    h.ok(0x1009, HANDLE_LIVE_VIEW)
    with pytest.raises(NoAnswer):
        h.settings()


CASES: dict[str, Callable[[], None]] = {
    f.__name__.replace("_", "-"): f
    for f in (
        empty_ext_info, empty_object_info, no_answer, late_answer, stall, refuse, not_done, zlp_before_data,
        zlp_before_response, header_alone, short_data, wrong_length, damaged_data, noise, stale_answer, unplug, hang,
        mute, ignore_set, alter_set, slow_set, fall_back, overshoot, wrong_direction, deaf, wrong_exposure, two_frames,
        noise_reduction, early_event, twelve_bits, slow_image, no_image, pair, always_pair, broken_file, heif,
        absurd_count, drop_event, double_event, late_event, flood, lists, stranger, hide, empty_list, unlist,
        rest_value, leftover, button_held, small_buffer, live_view_freezes,
        live_view_alone, relist, user,
    )
}  # fmt: skip


IN_THE_NETWORK = frozenset({"cut", "half-answer", "idle-drop", "handshake-first"})
"""test_network_camera has these."""


def test_every_kind_has_its_case() -> None:
    assert set(CASES) == set(KINDS) - IN_THE_NETWORK


@pytest.mark.parametrize("kind", CASES)
def test_seen_on_the_wire(kind: str) -> None:
    CASES[kind]()


def test_unplugged_before_the_answer() -> None:
    unplug_before_the_answer()


def test_live_view_that_is_off_may_stall() -> None:
    h = a7s3(fault("stall", when={"operation": 0x1009, "property": 0xFFFFC002}))
    h.camera.panel.show(Prop.LIVE_VIEW, 0)
    with pytest.raises(Stalled):
        h.ask(0x1009, 0xFFFFC002)
    h.device.clear_halt(0x81)
    h.device.clear_halt(0x02)
    assert h.ask(0x1009, 0xFFFFC002).code == 0x2009


def test_a_file_that_nobody_knows() -> None:
    h = a7s3(fault("damaged-data", when={"operation": 0x1009}, offset=0, bytes=2))
    h.shoot()
    h.wait_image()
    assert h.fetch()[1].startswith(b"\xff\xff")


def test_busy_and_denied_are_answers() -> None:
    h = a7s3(fault("refuse", when=at(SETTINGS, 2), code=0x200F), fault("refuse", when=at(SETTINGS, 3), code=0x2019))
    assert [h.ask(SETTINGS).code for _ in range(3)] == [0x200F, 0x2019, 0x2001]


def test_every_row_is_whole() -> None:
    for kind in KINDS.values():
        assert kind.says.endswith(".") and kind.knob
        assert Fault.of(kind.id).args == kind.args


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"kind": "bogus"}, r"fault kind 'bogus': allowed are absurd-count, .*zlp-before-response"),
        ({}, r"a fault needs a kind: allowed are absurd-count"),
        ({"kind": "deaf", "seconds": 1}, r"deaf: argument 'seconds': allowed are none"),
        ({"kind": "stall", "carried_out": 1}, r"stall: argument 'carried_out': 1 is not a bool"),
        ({"kind": "slow-image", "seconds": "a"}, r"slow-image: argument 'seconds': 'a' is not a float"),
        ({"kind": "deaf", "when": {"shot": 1}}, r"deaf: when.shot: allowed are operation, property, press, time"),
        ({"kind": "deaf", "when": {"press": -1}}, r"deaf: when.press: -1 is not a number of 0 or more"),
        ({"kind": "deaf", "when": {"press": True}}, r"deaf: when.press: True is not a number"),
        ({"kind": "deaf", "when": {"nth": 0}}, r"deaf: when.nth counts from 1"),
        ({"kind": "deaf", "when": 3}, r"deaf: when is a table"),
    ],
)
def test_what_is_unknown_is_refused(row: dict[str, object], says: str) -> None:
    with pytest.raises(BadFault, match=says):
        parse([row])


def test_a_file_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text('[[fault]]\nkind = "refuse"\nwhen = { operation = 0x9209, nth = 3, count = 0 }\ncode = 0x2019\n')
    (row,) = load(path)
    assert row.when.operation == 0x9209 and row.when.count == 0 and row["code"] == 0x2019
    path.write_text("faults = 3\n")
    with pytest.raises(BadFault, match="only"):
        load(path)
    path.write_text("= no toml")
    with pytest.raises(BadFault, match=r"faults\.toml"):
        load(path)
    path.write_text("fault = 3")
    with pytest.raises(BadFault, match="rows"):
        load(path)


def test_a_command_that_does_not_exist_is_refused_at_the_start() -> None:
    with pytest.raises(BadCommand, match="allowed are"):
        host("ILCE-7SM3", fault("user", command="bogus"))


def test_nth_and_count() -> None:
    h = a7s3(fault("refuse", when=at(0x1001, 3, count=2)))
    codes = [h.ask(0x1001).code for _ in range(4)]
    assert codes == [0x2001, 0x2019, 0x2019, 0x2001]


def test_a_time_means_from_then_on() -> None:
    h = a7s3(fault("refuse", when={"operation": 0x1001, "time": 10.0, "count": 0}))
    assert h.ask(0x1001).code == 0x2001
    h.wait(10)
    assert {h.ask(0x1001).code for _ in range(3)} == {0x2019}


def test_hooks_say_what_when_may_name() -> None:
    assert all(hook.value for hook in Hook)
