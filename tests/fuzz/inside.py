"""Targets: what clients, the INDI server, the other half of the driver and files on disk say."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from indi_sony_py.clock import VirtualClock
from indi_sony_py.driver.config import ConfigFile
from indi_sony_py.engine.focustable import AT_FAR_STOP, MAX_PLAN, homing, plan
from indi_sony_py.engine.messages import CameraStatus, Identity
from indi_sony_py.errors import BadData
from indi_sony_py.hand.codec import HEAD, Splitter, decode, encode
from indi_sony_py.hand.journal import Entry, Journal
from indi_sony_py.hand.lenses import Lenses
from indi_sony_py.hand.marker import Mark, Marker
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.setups import Setups
from indi_sony_py.hand.spool import Spool
from indi_sony_py.indi.messages import Incoming, Junk
from indi_sony_py.indi.numbers import read_number, show_number, write_number
from indi_sony_py.indi.stream import Parser
from indi_sony_py.indi.text import attribute, split_message
from tests.driver.scripted import DEVICE, IDENTITY, SETTINGS, Rig
from tests.fuzz import seeds
from tests.fuzz.clients import home
from tests.fuzz.decoders import pieces
from tests.fuzz.target import Target

__all__ = ["INSIDE_TARGETS", "journal_entry", "open_mark", "writes"]

_KEPT = 1 << 15
_NAME = "Sony Alpha"


def _messages(parts: list[bytes]) -> list[Incoming]:
    parser = Parser(max_element_bytes=_KEPT, max_text_bytes=1 << 12, max_tag_bytes=1 << 11)
    found: list[Incoming] = []
    for part in parts:
        found += parser.feed(part)
        assert parser.kept_bytes <= _KEPT + len(part)
    return found


def _xml(data: bytes) -> None:
    """Never an error; the cuts between reads change nothing of what is understood; a message behind it is found."""
    parts = pieces(data)
    whole = b"".join(parts)
    once = [item for item in _messages([whole]) if not isinstance(item, Junk)]
    assert [item for item in _messages(parts) if not isinstance(item, Junk)] == once
    probe = b"<pingReply uid='the end'/>" * 2
    assert "the end" in str(_messages([whole, b" " * _KEPT, probe])[-1:])


def _in_pieces(data: bytes) -> bytes:
    return b"".join(bytes((len(data[at : at + 200]),)) + data[at : at + 200] for at in range(0, len(data), 200))


def _number(data: bytes) -> None:
    form, _, text = data.decode("utf-8", "replace").partition("\n")
    value = read_number(text)
    if value is not None:
        assert read_number(write_number(value)) == value
        assert len(show_number(form, value)) < 1100


def _text(data: bytes) -> None:
    """Text of anybody on its way to a client: one well-formed attribute, no longer than C clients take."""
    text = data.decode("utf-8", "surrogatepass" if data[:1] == b"s" else "replace")
    for part in split_message(text):
        assert len(part.encode()) <= 254
        attribute("message", part, 254)
    assert "<" not in attribute("name", text) and attribute("name", text).count('"') == 2


class _Quiet(Rig):
    """A face that writes nothing outside a folder of its own."""

    def __init__(self) -> None:
        super().__init__({"HOME": home(), "XDG_STATE_HOME": home()})

    def connect_if_bound(self) -> None:
        """As `connect`; a config may have bound the device to another camera than the one that is there."""
        self.client("<getProperties version='1.7'/>")
        self.new("Switch", "CONNECTION", CONNECT="On")
        if self.outside.hands:
            self.hand.say(CameraStatus("warming", IDENTITY), SETTINGS, CameraStatus("ready", IDENTITY))


def _driver(data: bytes) -> None:
    """A client writes whatever it likes: the face answers in XML, and its answers are in proportion. First byte: 1 is
    with a camera connected.
    """
    rig = _Quiet()
    try:
        if data[:1] == b"\1":
            rig.connect()
        else:
            rig.client("<getProperties version='1.7'/>")
        before = len(rig.said)
        parser = Parser()
        messages = parser.feed(data[1:])
        for item in messages:
            rig.face.handle(item)
            rig.run()
        assert len(rig.said) - before <= 60 * (1 + len(messages))
        rig.wait(1.0)
    finally:
        rig.close()


def writes() -> list[bytes]:
    """A legal write to every vector that a client may write to, without and with a camera."""
    from indi_sony_py.driver.properties import TABLE

    found = []
    for row in TABLE:
        kind = row.vector.kind.value
        if kind in ("BLOB", "Light"):
            continue
        for mark in (b"\0", b"\1"):
            inside = "".join(
                f"<one{kind} name='{e.name}'>{'On' if kind == 'Switch' and not n else 'Off' if kind == 'Switch' else n}"
                f"</one{kind}>"
                for n, e in enumerate(row.vector.elements)
            )
            element = f"<new{kind}Vector device='{_NAME}' name='{row.name}'>{inside}</new{kind}Vector>"
            found.append(mark + element.encode())
    expose = "<newNumberVector device='{0}' name='CCD_EXPOSURE'><oneNumber name='CCD_EXPOSURE_VALUE'>{1}</oneNumber>"
    end = "</newNumberVector>"
    found.append(("\1" + "".join(expose.format(_NAME, seconds) + end for seconds in (5, 1, 0, -3, "1e9"))).encode())
    return found


def _config(data: bytes) -> None:
    """A config file: read, applied, saved, read again."""
    folder = Path(home()) / ".indi"
    folder.mkdir(exist_ok=True)
    path = folder / f"{_NAME}_config.xml"
    path.write_bytes(data)
    file = ConfigFile(path)
    entries, _ = file.read(_NAME)
    rig = _Quiet()
    try:
        rig.connect_if_bound()
        rig.new("Switch", "CONFIG_PROCESS", CONFIG_LOAD="On")
    finally:
        rig.close()
    kept = [entry for entry in entries if entry.kind.value in ("Number", "Text", "Switch")]
    file.save(kept)
    again, left_out = file.read(_NAME)
    assert not left_out and [e.name for e in again] == [e.name for e in kept]
    path.unlink()
    file.default.unlink(missing_ok=True)


def configs() -> list[bytes]:
    """What the driver itself saves, and old forms of it."""
    path = Path(home()) / ".indi" / f"{_NAME}_config.xml"
    rig = _Quiet()
    rig.connect()
    rig.new("Switch", "CONFIG_PROCESS", CONFIG_SAVE="On")
    rig.close()
    saved = path.read_bytes()
    path.unlink()
    path.with_name(path.name + ".default").unlink(missing_ok=True)
    header = b"<?xml version='1.0'?>\n<INDIDriver name='a'>\n"
    return [saved, header + saved.partition(b"\n")[2], b"<INDIDriver>\n</INDIDriver>\n"]


def _pair(data: bytes) -> None:
    """A stream of frames: each is a message that is written back as an equal one, or the pair ends."""
    splitter = Splitter()
    for piece in pieces(data):
        splitter.feed(piece)
        while (body := splitter.next()) is not None:
            message, with_fd = decode(body)
            assert decode(encode(message, with_fd)[HEAD:]) == (message, with_fd)


def _pair_seeds() -> list[bytes]:
    return [_in_pieces(frame) for frame in seeds.pair_frames()]


def _face(data: bytes) -> None:
    """A hand says whatever fits the codec: the face never falters."""
    rig = _Quiet()
    try:
        hand = rig.connect()
        rig.expose(5.0)
        splitter = Splitter()
        splitter.feed(data)
        while (body := splitter.next()) is not None:
            message, with_fd = decode(body)
            fd = os.memfd_create("fuzz", os.MFD_CLOEXEC) if with_fd else None
            hand.say(message, fd=fd)
        rig.wait(1.0)
    finally:
        rig.close()


def _hand_words() -> tuple[bytes, ...]:
    from indi_sony_py.hand.codec import TYPES

    return tuple(f'"{name}"'.encode() for name in TYPES)


def _place(name: str) -> Path:
    return Path(home()) / name


def _journal(data: bytes) -> None:
    """A journal with anything in it can be read, and takes one more entry."""
    path = _place("journal.jsonl")
    path.write_bytes(data)
    journal = Journal(path)
    known = journal.entries()
    for entry in known:
        assert entry.text
    journal.add(journal_entry("new"))
    assert "new" in [entry.id for entry in journal.entries()]
    journal.mark(["new"])
    assert "new" not in [entry.id for entry in journal.unannounced()]


def journal_entry(name: str) -> Entry:
    return Entry("/tmp/a.fits", _NAME, "ILCE-7M3", "2026-01-15T20:30:12", "2026-01-15T20:31:00", 7, 5.0, 9, "why", name)


def _journal_seeds() -> list[bytes]:
    path = _place("seed.jsonl")
    journal = Journal(path)
    journal.add(journal_entry("one"))
    journal.add(journal_entry("two"))
    journal.mark(["one"])
    saved = path.read_bytes()
    path.unlink()
    return [saved, saved[:-20], b'{"announced":"x"}\n']


def open_mark() -> Mark:
    from indi_sony_py.engine.messages import ExposureRequest, ShutterMode

    return Mark(ExposureRequest(7, 5.0), False, "boot", ShutterMode.BULB, 100.0, "2026-01-15T20:30:12", 5.0)


def _marker(data: bytes) -> None:
    path = _place("open.json")
    path.write_bytes(data)
    found = Marker(path).read()
    if found is not None:
        found.owed("boot", 100.0)
        Marker(path).write(found)
        assert Marker(path).read() == found


def _marker_seeds() -> list[bytes]:
    path = _place("seed.json")
    Marker(path).write(open_mark())
    saved = path.read_bytes()
    path.unlink()
    return [saved]


def _lenses(data: bytes) -> None:
    """Tables in any form: one that is taken leads to steps of a bounded number, and a new one is kept beside them."""
    path = _place("lenses.json")
    path.write_bytes(data)
    lenses = Lenses(path.parent)
    known = lenses.read()
    for table in known:
        for target in (0.0, table.span / 3, table.reach):
            assert len(plan(table, AT_FAR_STOP, target)) <= 2 * MAX_PLAN
        assert len(homing(table)) <= MAX_PLAN + 2
    lenses.keep(replace(seeds.lens(), name="new"))
    assert [table.name for table in lenses.read()][:1] == ["new"]
    path.unlink()


def _lenses_seeds() -> list[bytes]:
    lenses = Lenses(Path(home()) / "seed")
    for name in ("one", "two"):
        lenses.keep(replace(seeds.lens(), name=name))
    return [(Path(home()) / "seed" / "lenses.json").read_bytes()]


def _setups(data: bytes) -> None:
    """What is to be put back on a camera, whatever stands there; what this hand changes is kept beside it."""
    folder = Path(home()) / "setups"
    folder.mkdir(exist_ok=True)
    (folder / "setup-camera-7.json").write_bytes(data)
    setups = Setups(folder, "usb-1-2")
    before = setups.read()
    setups.keep(Identity("ILCE-7SM3", "0123", "", "3.00"), seeds.changes())
    assert len(setups.read()) == len(before) + len(seeds.changes())
    setups.keep(Identity("ILCE-7SM3", "0123", "", "3.00"), ())
    assert setups.read() == before


def _setups_seeds() -> list[bytes]:
    folder = Path(home()) / "seed"
    Setups(folder, "usb-1-2").keep(Identity("ILCE-7SM3", "0123", "", "3.00"), seeds.changes())
    return [(folder / "setup-camera-0123.json").read_bytes()]


def _spool(data: bytes) -> None:
    """What an earlier hand left, whatever it is: its bytes are given as an image that can get a place and a name."""
    from indi_sony_py.hand.frame import Frame, Stage, local_time, places_for, record_of

    places = Places(Path(home()))
    stem = places.spool("usb-1-2")
    stem.parent.mkdir(parents=True, exist_ok=True)
    note, _, image = data.partition(b"\0")
    name = stem.with_name(f"{stem.name}-1-0a1b2c-1")
    name.with_suffix(".spool").write_bytes(image)
    name.with_suffix(".json").write_bytes(note)
    spool = Spool(places, "usb-1-2")
    found = list(spool.left_over())
    assert len(found) == 1 and found[0][1].data == image
    for key, got in found:
        frame = Frame(1, got, Stage.SAVING)
        for place in places_for(frame, None, (Path("/own"),)):
            assert place.prefix
        assert "/" not in frame.suffix
        if got.shot is not None:
            record_of(got, got.shot, None, None)
            spool.holds(got.shot.request.id)
            local_time(got.shot.pressed_utc, VirtualClock())
        spool.forget(key)


def _spool_seeds() -> list[bytes]:
    from indi_sony_py.engine.messages import Collected, Identity, Role

    places = Places(Path(home()) / "seed")
    spool = Spool(places, "usb-1-2")
    shot = open_mark().owed("boot", 100.0)
    found = []
    for each in (shot, None):
        spool.put(1, Collected(Role.FRAME, "DSC00001.ARW", 0xB101, b"image", each, Identity("ILCE-7M3")))
        (note,) = places.spool("usb-1-2").parent.glob("*.json")
        found.append(note.read_bytes() + b"\0image")
        spool.clear(1)
    return found


_TAGS = tuple(
    f"<{verb}{kind}Vector device='{DEVICE}' name='CCD1'>".encode()
    for verb in ("new", "def", "set")
    for kind in ("Number", "Switch", "Text", "BLOB", "Light")
)
_XML = (
    *_TAGS, b"<oneNumber name='a'>", b"</oneNumber>", b"<oneBLOB name='a'>", b"</oneBLOB>", b"</newNumberVector>",
    b"<!--", b"-->", b"<?", b"?>", b"<![CDATA[", b"]]>", b"&amp;", b"&#0;", b"&", b"<!DOCTYPE a [", b"\xff", b"\xc3",
)  # fmt: skip


def _names() -> tuple[bytes, ...]:
    from indi_sony_py.driver.properties import TABLE

    found = {row.name for row in TABLE} | {e.name for row in TABLE for e in row.vector.elements}
    return (*(name.encode() for name in sorted(found)), b"On", b"Off", b"-0:30", b"1e300", b"\xc3\xa9")


INSIDE_TARGETS = (
    Target(
        "xml-stream", "the stream of an INDI server", _xml, lambda: [_in_pieces(s) for s in seeds.streams()], (), _XML,
        calls=(3000, 40), memory=(1 << 19, 800), few=200,
    ),
    Target("xml-number", "numbers as clients write them", _number, lambda: [b"%g\n5", b"%10.6m\n-12:30:15.5"], (),
           (b"%", b"m", b"e", b":"), 600, few=2000),
    Target("xml-text", "texts on their way to clients", _text, lambda: [b"[INFO] a <b> & 'c'\n", "né".encode()],
           (UnicodeDecodeError,), longest=2000, few=1000, calls=(3000, 20)),
    Target(
        "xml-driver", "writes of a client, up to the device", _driver, writes, (), (*_XML, *_names()),
        calls=(60_000, 300), memory=(4 << 20, 1000), few=40,
    ),
    Target(
        "config", "a config file", _config, configs, (), (*_XML, *_names(), b"<INDIDriver>", b"<?xml"),
        calls=(90_000, 300), memory=(8 << 20, 1000), longest=8192, few=25,
    ),
    Target("pair", "messages between face and hand", _pair, _pair_seeds,
           words=(*_hand_words(), b"null", b"1e999", b"[["), calls=(3000, 60), memory=(1 << 19, 1000), few=400),
    Target(
        "pair-face", "what a hand may say, up to the device", _face, seeds.pair_frames, (BadData,), _hand_words(),
        calls=(60_000, 300), memory=(4 << 20, 1000), few=40,
    ),
    Target("journal", "the journal of rescued frames", _journal, _journal_seeds, (), (b'{"frame":', b"\n", b"null"),
           calls=(8000, 100), memory=(1 << 20, 1000), few=150),
    Target("marker", "the marker of an open shutter", _marker, _marker_seeds, (), (b"null", b"1e308", b"-1"),
           calls=(4000, 60), memory=(4 << 20, 1000), few=300),
    Target("lenses", "the tables of lenses", _lenses, _lenses_seeds, (), (b"null", b"1e308", b"-1", b"0.0"),
           calls=(60_000, 100), memory=(2 << 20, 1000), few=80),
    Target("setups", "what is to be put back on a camera", _setups, _setups_seeds, (), (b"null", b"true", b"-1"),
           calls=(15_000, 100), memory=(2 << 20, 1000), few=80),
    Target("spool", "a spooled frame's note", _spool, _spool_seeds, (), (b"null", b"1e308", b"/../", b"\\u0000"),
           calls=(8000, 100), memory=(1 << 20, 1000), few=150),
)  # fmt: skip
