"""A camera that misbehaves or stands wrongly: each case ends within a bound, in a frame or in words for what to do.

Every row is tried on a body of each protocol version. `frame`: the engine puts it right by itself. Else the text names
what to do at the camera, no press was made (unless the body hides its state, `blind`), and after it was put right at
the camera the next exposure gives a new frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from indi_sony_py.engine.messages import Collected, ExposureFailed, ExposureStarted, Role
from indi_sony_py.sim.control import BadCommand
from indi_sony_py.sim.faults import Fault
from tests.engine.bench import Bench, serial_of

BODIES = {"3.00": "ILCE-7SM3", "2.00": "ILCE-6000"}

Row = dict[str, Any]


def ignoring(*codes: int) -> tuple[Row, ...]:
    """Nothing that is written to these settings takes."""
    return tuple({"kind": "ignore-set", "when": {"property": code, "count": 0}} for code in codes)


@dataclass(frozen=True)
class Case:
    """`do` and `undo` are commands at the camera, `faults` rows from the start on. `words` of each version."""

    name: str
    do: tuple[tuple[str, Row], ...] = ()
    undo: tuple[tuple[str, Row], ...] = ()
    faults: tuple[Row, ...] = ()
    words: tuple[str, ...] = ()
    frame: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()
    notice: str = ""
    limit_s: float = 20.0
    only: tuple[str, ...] = ("2.00", "3.00")
    options: Row = field(default_factory=dict)


def at(command: str, **args: Any) -> tuple[tuple[str, Row], ...]:
    return ((command, args),)


ALWAYS = ("2.00", "3.00")
OLD, NEW = ("2.00",), ("3.00",)
CHECKLIST = ("No image came", "Check at the camera")
BLIND_S = 45.0
"""Twice the exposure and 30 s."""

CASES = (
    Case("dial on P", at("dial", program="P"), at("dial", program="M"), words=("on P", "Turn it to M"), frame=NEW),
    Case("dial on P, fixed", at("dial", program="P"), at("dial", program="M"), ignoring(0x500E),
         words=("on P", "Turn it to M")),
    Case("dial on S, fixed", at("dial", program="S"), at("dial", program="M"), ignoring(0x500E),
         words=("on S", "Turn it to M")),
    Case("dial on Auto, fixed", at("dial", program="Auto"), at("dial", program="M"), ignoring(0x500E),
         words=("on Auto", "Turn it to M")),
    Case("dial on movie, fixed", at("dial", program="Movie"), at("dial", program="M"), ignoring(0x500E),
         words=("on Movie", "Turn it to M")),
    Case("movie runs", at("set", property=0xD21D, value=1), at("set", property=0xD21D, value=0),
         words=("recording a movie", "Stop the recording")),
    Case("playback", at("playback", on=True), at("playback", on=False), words=("playback", "Half-press"), only=NEW),
    Case("playback that is not told", at("playback", on=True), at("playback", on=False),
         words=(*CHECKLIST, "no menu or picture"), blind=OLD, limit_s=BLIND_S, only=OLD),
    Case("continuous drive", at("drive", mode="continuous"), frame=ALWAYS),
    Case("continuous drive, fixed", at("drive", mode="continuous"), at("drive", mode="single"), ignoring(0x5013),
         words=("drive mode is continuous", "Single Shooting")),
    Case("self-timer", at("drive", mode="self-timer"), frame=ALWAYS),
    Case("self-timer, fixed", at("drive", mode="self-timer"), at("drive", mode="single"), ignoring(0x5013),
         words=("drive mode is self-timer", "Single Shooting")),
    Case("bracket, fixed", at("drive", mode="bracket"), at("drive", mode="single"), ignoring(0x5013),
         words=("drive mode is bracket", "Single Shooting")),
    Case("interval shooting, fixed", at("set", property=0xD24F, value=2), at("set", property=0xD24F, value=1),
         ignoring(0xD24F), words=("Interval shooting is on", "Interval Shoot Func.: Off"), only=NEW),
    Case("auto-focus", at("focus", mode="auto"), frame=ALWAYS),
    Case("auto-focus, fixed", at("focus", mode="auto"), faults=ignoring(0x500A), frame=ALWAYS,
         notice="Set the focus mode to MF", limit_s=25.0),
    Case("auto-focus that fails", (*at("focus", mode="auto"), *at("focus-finds", on=False)), at("focus", mode="manual"),
         ignoring(0x500A), words=("could not focus", "MF (manual focus)"), limit_s=25.0),
    Case("files to the card only", at("save-to", to="card"), frame=NEW, only=NEW),
    Case("files to the card only, fixed", at("save-to", to="card"), at("save-to", to="host"), ignoring(0xD222),
         words=("card only", "Still Img. Save Dest.: PC Only"), only=NEW),
    Case("files to the card only, not told", at("save-to", to="card"), at("save-to", to="host"),
         words=(*CHECKLIST, "Still Img. Save Dest."), blind=OLD, limit_s=BLIND_S, only=OLD),
    Case("no card", (*at("save-to", to="both"), *at("card", state="none")), at("card", state="ok"),
         words=("no card", "Put in a card"), only=NEW),
    Case("no card, not told", (*at("save-to", to="both"), *at("card", state="none")), at("card", state="ok"),
         words=(*CHECKLIST, "a card"), blind=OLD, limit_s=BLIND_S, only=OLD),
    Case("card locked", (*at("save-to", to="both"), *at("card", state="locked")), at("card", state="ok"),
         words=("read-only", "can be written to"), only=NEW),
    Case("card full", (*at("save-to", to="both"), *at("card", state="full")), at("card", state="ok"),
         words=(*CHECKLIST, "a card with room"), blind=ALWAYS, limit_s=BLIND_S),
    Case("no card, and none is needed", at("card", state="none"), frame=ALWAYS),
    Case("no lens, release allowed", at("lens", on=False), frame=ALWAYS),
    Case("no lens, release not allowed", (*at("lens", on=False), *at("menu", item="release_without_lens", on=False)),
         frame=NEW, only=NEW),
    Case("no lens, release not allowed and not told",
         (*at("lens", on=False), *at("menu", item="release_without_lens", on=False)), at("lens", on=True),
         words=(*CHECKLIST, "Release w/o Lens: Enable"), blind=OLD, limit_s=BLIND_S, only=OLD),
    Case("battery empty", at("set", property=0xD20E, value=2), at("set", property=0xD20E, value=7),
         words=("battery is empty", "charged one")),
    Case("battery gives out", at("battery", percent=0), (*at("battery", percent=50), *at("power", on=True)),
         words=("Check the cable, the battery",)),
    Case("switched off", at("power", on=False), at("power", on=True), words=("that the camera is on",)),
    Case("asleep", at("sleep", on=True), at("sleep", on=False), words=("not asleep",)),
    Case("another USB mode", at("usb-mode", mode="mtp"), at("usb-mode", mode="remote"), words=("PC Remote mode",),
         notice="At the camera: MENU"),
    Case("JPEG alone", at("format", files="jpeg"), frame=ALWAYS),
    Case("JPEG alone, fixed", at("format", files="jpeg"), at("format", files="raw"), ignoring(0x5004, 0xD253),
         words=("file format stays at JPEG", "to RAW")),
    Case("small files, fixed", at("set", property=0xD268, value=2), at("set", property=0xD268, value=1),
         ignoring(0xD268), words=("small JPEG", "PC Save Image Size: Original"), only=NEW),
    Case("silent shooting", at("silent", on=True), frame=NEW, only=NEW),
    Case("silent shooting that is not told", at("silent", on=True), at("silent", on=False),
         words=("shutter speed stays at 30 s and does not go to BULB", "Silent Mode off"), only=OLD),
    Case("shutter speed ignored", (), (), ignoring(0xD20D), words=("does not go to BULB", "Turn the shutter dial")),
    Case("shutter speed altered", faults=(
        {"kind": "alter-set", "when": {"property": 0xD20D, "count": 0}, "value": 0x000100FA},),
        words=("stays at 1/250 s and does not go to BULB", "Turn the shutter dial")),
    Case("ISO ignored", faults=ignoring(0xD21E, 0xD226), options={"iso": 1600},
         words=("The ISO stays at 800 and does not go to 1600",)),
    Case("the body's button is held", at("press", hold_s=-1.0), at("release"), words=(*CHECKLIST, "holds its button"),
         blind=ALWAYS, limit_s=BLIND_S),
    Case("the button is refused", at("fault", row={"kind": "refuse", "when": {"property": 0xD2C2}, "code": 0x2005}),
         words=("refused its release button", "no menu and no picture")),
    Case("half press is refused", at("fault", row={"kind": "refuse", "when": {"property": 0xD2C1}, "code": 0x2005}),
         words=("refused its release button", "no menu and no picture")),
    Case("no button is listed", faults=({"kind": "hide", "code": 0xD2C1}, {"kind": "hide", "code": 0xD2C2}),
         frame=ALWAYS),
    Case("no events", faults=({"kind": "drop-event", "when": {"count": 0}},), frame=ALWAYS),
    Case("answers late", faults=({"kind": "late-answer", "when": {"operation": 0x9209, "count": 0}, "seconds": 2.0},),
         frame=ALWAYS, limit_s=40.0),
    Case("answers later than any limit",
         at("fault", row={"kind": "late-answer", "when": {"operation": 0x9209, "count": 3}, "seconds": 12.0}),
         words=("connection to the camera was lost", "switch the camera off and on"), limit_s=60.0),
    Case("does not answer any more", at("hang"), (*at("power", on=False), *at("power", on=True)),
         words=("connection to the camera was lost", "switch the camera off and on"), limit_s=60.0),
)  # fmt: skip

ROWS = [
    pytest.param(version, case, id=f"{case.name}-{version}") for case in CASES for version in ALWAYS
    if version in case.only
]  # fmt: skip


def act(bench: Bench, commands: tuple[tuple[str, Row], ...]) -> None:
    for command, args in commands:
        bench.do(command, **args)


@pytest.mark.parametrize(("version", "case"), ROWS)
def test_a_bounded_wait_and_words_that_say_what_to_do(version: str, case: Case) -> None:
    bench = Bench(BODIES[version], [Fault.of(**row) for row in case.faults])
    assert bench.connect().state == "ready"
    act(bench, case.do)
    before = bench.clock.monotonic()
    end = bench.expose(2.2, limit_s=case.limit_s, **case.options)
    assert bench.clock.monotonic() - before < case.limit_s
    if version in case.frame:
        assert isinstance(end, Collected), end
        assert end.shot is not None and end.shot.measured_s is not None
    else:
        assert isinstance(end, ExposureFailed), end
        for words in case.words:
            assert words in end.text
        assert end.text.endswith((".", "!")) and "  " not in end.text and ".." not in end.text
        if version not in case.blind:
            assert not any(e.kind in ("press", "refused") for e in bench.referee.entries)
    if case.notice:
        bench.until(lambda: any(case.notice in n for n in bench.notices) or None, 60)
    assert not bench.camera.body.half and not bench.camera.body.full


@pytest.mark.parametrize(
    ("version", "case"), [row for row in ROWS if isinstance(row.values[1], Case) and row.values[1].undo]
)
def test_when_it_is_put_right_at_the_camera_all_goes_on(version: str, case: Case) -> None:
    bench = Bench(BODIES[version], [Fault.of(**row) for row in case.faults])
    bench.connect()
    act(bench, case.do)
    bench.expose(2.2, limit_s=case.limit_s)
    act(bench, case.undo)
    bench.until(lambda: bench.worker.state.camera, 120)
    last = bench.camera.body.serial
    end = bench.expose(2.2, limit_s=120)
    if isinstance(end, ExposureFailed) and version in case.blind:
        end = bench.expose(2.2, limit_s=120)
    assert isinstance(end, Collected), end
    assert (serial_of(end.data) or 0) > last, "a new frame"


def test_what_is_commanded_exists_on_the_body() -> None:
    """A case that asks the body for what it has not is skipped nowhere: it fails here."""
    for version, case in ((v, c) for c in CASES for v in c.only):
        bench = Bench(BODIES[version])
        try:
            act(bench, case.do)
        except BadCommand as error:
            pytest.fail(f"{case.name}, {version}: {error}")


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("mtp", "ILCE-7SM3 is in MTP mode. At the camera: MENU > Network > PC Remote Function: On"),
        ("mass_storage", "The Sony device at sim-0 shows no interface for remote control. In the camera's menu choose"),
        ("other", "ILCE-7SM3 refuses remote control in its present USB mode. At the camera: MENU > Network"),
    ],
)
def test_a_connection_that_fails_says_which_menu_entry_to_change(mode: str, words: str) -> None:
    bench = Bench("ILCE-7SM3")
    bench.do("usb-mode", mode=mode)
    status = bench.connect()
    assert status.failed and status.text.startswith(words) and status.text.endswith(".")


@pytest.mark.parametrize("version", ALWAYS)
def test_a_camera_that_hangs_at_the_start_is_given_up_within_a_minute(version: str) -> None:
    bench = Bench(BODIES[version])
    bench.do("hang")
    before = bench.clock.monotonic()
    status = bench.connect()
    assert status.failed and "switch the camera off and on" in status.text
    assert bench.clock.monotonic() - before < 60


@pytest.mark.parametrize("version", ALWAYS)
def test_a_cable_that_stays_out_ends_in_words_for_the_image_too(version: str) -> None:
    """Pulled in mid exposure for ever: the request ends at once, the image is given up in words, nothing hangs."""
    bench = Bench(BODIES[version])
    bench.connect()
    request = bench.ask(4.4)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.do("unplug", back_s=-1.0)
    end = bench.until(lambda: bench.end_of(request), 15)
    assert isinstance(end, ExposureFailed) and "Check the cable" in end.text
    bench.settle()
    assert any("could not be fetched" in n and "at the next connection" in n for n in bench.notices)
    bench.do("plug")
    found = bench.until(lambda: bench.of(Collected), 60)
    assert [(c.role, serial_of(c.data)) for c in found] == [(Role.KEPT, 1)], "and then it is fetched after all"
    assert found[0].shot is not None and found[0].shot.request.id == request.id
