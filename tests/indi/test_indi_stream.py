"""The stream parser: captures of real servers, junk of every kind, and bytes without sense, cut anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.indi import stream
from indi_sony_py.indi.messages import (
    DefVector,
    DelProperty,
    Element,
    EnableBlob,
    GetProperties,
    Incoming,
    Junk,
    Kind,
    MessageText,
    NewVector,
    PingReply,
    SetVector,
    State,
    Unknown,
)
from indi_sony_py.indi.stream import Parser

CAPTURES = sorted(Path(__file__).with_name("data").glob("*.xml"))
PROBE = b"<newNumberVector device='P' name='N'><oneNumber name='A'> 5 </oneNumber></newNumberVector>"
PROBED = NewVector(Kind.NUMBER, "P", "N", (Element("A", "5"),))
FILLER = b" " * 2048


def parse(pieces: Iterable[bytes], **caps: int) -> list[Incoming]:
    parser = Parser(**caps)
    return [item for piece in pieces for item in parser.feed(piece)]


def singly(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def cut_at(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_a_capture_is_read_as_an_xml_reader_reads_it(path: Path) -> None:
    data = path.read_bytes()
    found = parse([data])
    roots = list(ElementTree.fromstring(b"<r>" + data + b"</r>"))
    assert len(found) == len(roots) > 0
    for item, root in zip(found, roots, strict=True):
        match item:
            case DefVector() | SetVector():
                prefix = "def" if isinstance(item, DefVector) else "set"
                assert root.tag == f"{prefix}{item.kind.value}Vector"
                assert (item.device, item.name) == (root.get("device"), root.get("name"))
                assert item.state is not None and item.state.value == root.get("state")
                assert [e.name for e in item.elements] == [e.get("name") for e in root]
                if item.kind is not Kind.BLOB:
                    assert [e.text for e in item.elements] == [(e.text or "").strip() for e in root]
                for element, member in zip(item.elements, root, strict=True):
                    assert {**element.attributes, "name": element.name} == member.attrib
            case MessageText():
                assert (item.device, item.text) == (root.get("device"), root.get("message"))
            case DelProperty():
                assert (item.device, item.name) == (root.get("device"), root.get("name"))
            case _:
                pytest.fail(f"{item} for <{root.tag}>")


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_a_capture_gives_the_same_byte_by_byte_and_with_bytes_behind(path: Path) -> None:
    data = path.read_bytes()
    whole = parse([data])
    assert parse(singly(data)) == whole
    assert parse([data + b"<newTextVector device='d' na"]) == whole


MESSAGES: list[tuple[bytes, Incoming]] = [
    (b"<getProperties version='1.7'/>", GetProperties("1.7")),
    (b'<getProperties version="1.7" device="A B" name="CCD1"/>', GetProperties("1.7", "A B", "CCD1")),
    (b"<getProperties></getProperties>", GetProperties()),
    (b"<enableBLOB device='D'>\n Also\n</enableBLOB>", EnableBlob("D", None, "Also")),
    (b"<pingReply uid='SetBLOB/7'/>", PingReply("SetBLOB/7")),
    (b"<delProperty device='D' timestamp='x'/>", DelProperty("D", None)),
    (b"<delProperty device='D' name='P'/>", DelProperty("D", "P")),
    (b"<message message='a &lt;b&gt; &amp; &quot;c&apos;'/>", MessageText(None, "a <b> & \"c'")),
    (b"<message device='D' message='caf\xc3\xa9'/>", MessageText("D", "café")),
    (
        b"<newSwitchVector device='D' name='P' timestamp='t'>\n  <oneSwitch name='A'>\n      On\n  </oneSwitch>\n"
        b"  <oneSwitch name='B'>Off</oneSwitch></newSwitchVector>",
        NewVector(Kind.SWITCH, "D", "P", (Element("A", "On"), Element("B", "Off"))),
    ),
    (
        b"<newTextVector device='D' name='P'><oneText name='T'/></newTextVector>",
        NewVector(Kind.TEXT, "D", "P", (Element("T", ""),)),
    ),
    (b"<newNumberVector device='D' name='P'/>", NewVector(Kind.NUMBER, "D", "P", ())),
    (
        b"<setNumberVector device='M' name='RA' state='Busy'><oneNumber name='A' min='1'>2:30</oneNumber>"
        b"</setNumberVector>",
        SetVector(Kind.NUMBER, "M", "RA", State.BUSY, (Element("A", "2:30", {"min": "1"}),)),
    ),
    (
        b"<defLightVector device='M' name='L' state='what'><defLight name='A'>Ok</defLight></defLightVector>",
        DefVector(Kind.LIGHT, "M", "L", None, (Element("A", "Ok"),)),
    ),
    (b"<somethingNew a='1'><deep>x</deep></somethingNew>", Unknown("somethingNew")),
]


@pytest.mark.parametrize(("data", "wanted"), MESSAGES, ids=lambda value: str(value)[:40])
def test_each_message_whole_bytewise_and_with_bytes_behind(data: bytes, wanted: Incoming) -> None:
    assert parse([data]) == [wanted]
    assert parse(singly(data)) == [wanted]
    assert parse([data + b"<getPr"]) == [wanted]
    assert parse([b"\n <?xml version='1.0' encoding='UTF-8'?>\n<!-- a comment -->" + data + data]) == [wanted, wanted]


JUNK: list[tuple[bytes, str]] = [
    (b"hello world", "text between"),
    (b"\xef\xbb\xbf", "text between"),
    (b"</indi>", "end without"),
    (b"</newTextVector>", "mismatched"),
    (b"<newTextVector device='D' name='P'><oneText name='T'>cut off", "within newTextVector"),
    (b"<newTextVector device='D' name='P'><oneText name='T'>a</oneNumber></newTextVector>", "mismatched"),
    (b"<newTextVector device='D' na", "not well-formed"),
    (b"<newTextVector device='D", "not well-formed"),
    (b"<newTextVector device='a & b' name='P'/>", "not well-formed"),
    (b"<newTextVector device='D' device='E' name='P'/>", "duplicate"),
    (b"<newTextVector name='P'></newTextVector>", "without device"),
    (b"<newTextVector device='D'></newTextVector>", "without name"),
    (b"<pingReply/>", "without uid"),
    (b"<message message='nul \0'/>", "not well-formed"),
    (b"<message message='\xff\xfe'/>", "not well-formed"),
    (b"\xc3", "not well-formed"),
    (b"<!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY l2 '&lol;&lol;'>]>", "not well-formed"),
    (b"<message message='&lol;'/>", "undefined entity"),
    (b"<message message='&#0;'/>", "invalid character"),
    (b"<?php echo 1 ?>", "processing instruction"),
    (b"<message><![CDATA[x]]></message>", "CDATA"),
    (b"<!-- a -- b -->", "not well-formed"),
    (b"<unknown><a>", "within unknown"),
    (b"<<<<>>>>&&&;;", "not well-formed"),
    (b"<a>" * 50, "too deep"),
    (b"<setBLOBVector device='D' name='B'><oneBLOB name='B' size='9'>AAAA", "within setBLOBVector"),
]


@pytest.mark.parametrize(("junk", "reason"), JUNK, ids=lambda value: str(value)[:40])
def test_junk_is_told_once_and_what_follows_is_read(junk: bytes, reason: str) -> None:
    for pieces in ([junk + PROBE + PROBE], singly(junk + PROBE + PROBE)):
        first, *rest = parse(pieces)
        assert isinstance(first, Junk) and reason in first.reason
        assert 0 <= first.offset <= len(junk)
        assert rest == [PROBED, PROBED]


def test_each_run_of_junk_is_told_anew() -> None:
    found = parse([b"xx" + PROBE + b"</y></z>&a;" + PROBE + PROBE])
    assert [type(item) for item in found] == [Junk, NewVector, Junk, NewVector, NewVector]
    first, second = (item.offset for item in found if isinstance(item, Junk))
    assert first == 0
    assert 2 + len(PROBE) <= second < 2 + len(PROBE) + len(b"</y>")


def test_an_open_comment_swallows_little() -> None:
    for pieces in ([b"<!-- " + PROBE + FILLER], singly(b"<!-- " + PROBE + FILLER)):
        first, *rest = parse(pieces)
        assert isinstance(first, Junk) and "comment" in first.reason
        assert rest == [PROBED]


CAPS: list[tuple[dict[str, int], bytes, str]] = [
    ({"max_text_bytes": 100}, b"<newTextVector device='D' name='P'><oneText name='T'>" + b"x" * 200, "text that is"),
    ({"max_attribute_bytes": 100}, b"<message message='" + b"x" * 200 + b"'/>", "attribute"),
    ({"max_tag_bytes": 1000}, b"<message message='" + b"x" * 20000, "tag that is"),
    ({"max_tag_bytes": 1000}, b"<message message='&" + b"x" * 20000, "tag that is"),
    (
        {"max_elements": 3},
        b"<newTextVector device='D' name='P'>" + b"<oneText name='T'/>" * 4 + b"</newTextVector>",
        "too many",
    ),
    ({"max_depth": 2}, b"<newTextVector device='D' name='P'><oneText><a>", "too deep"),
    (
        {"max_element_bytes": 5000},
        b"<newTextVector device='D' name='P'>" + b"<oneText name='T'>hello</oneText>" * 500,
        "too large",
    ),
    ({"max_element_bytes": 5000}, b"<foo>" + b" " * 9000, "too large"),
]


@pytest.mark.parametrize(("caps", "junk", "reason"), CAPS, ids=lambda value: str(value)[:30])
def test_every_cap_is_kept(caps: dict[str, int], junk: bytes, reason: str) -> None:
    for pieces in ([junk + PROBE], singly(junk + PROBE), cut_at(junk + PROBE, list(range(0, 20000, 700)))):
        first, *rest = parse(pieces, **caps)
        assert isinstance(first, Junk) and reason in first.reason
        assert rest == [PROBED]


def test_values_at_the_cap_pass() -> None:
    text = b"x" * 100
    data = b"<newTextVector device='D' name='P'><oneText name='T'>" + text + b"</oneText></newTextVector>"
    assert parse([data], max_text_bytes=100) == [NewVector(Kind.TEXT, "D", "P", (Element("T", text.decode()),))]


@pytest.mark.parametrize("line", [0, 72])
def test_a_blob_of_many_megabytes_is_skipped_in_little_memory(line: int) -> None:
    parser = Parser()
    piece = (b"A" * 71 + b"\n" if line else b"A" * 72) * 700
    assert parser.feed(b"<newBLOBVector device='D' name='B'><oneBLOB name='B' size='9' format='.fits'>") == []
    for _ in range(200):
        assert parser.feed(piece) == []
        assert parser.kept_bytes < 100
    wanted = NewVector(Kind.BLOB, "D", "B", (Element("B", "", {"size": "9", "format": ".fits"}), Element("C", "")))
    tail = b"</oneBLOB><oneBLOB name='C'>" + piece + b"</oneBLOB></newBLOBVector>"
    assert parser.feed(tail + PROBE) == [wanted, PROBED]


def test_what_is_kept_stays_small_whatever_never_ends() -> None:
    beginnings = (b"", b"<", b"<message a='", b"<!--", b"<?xml ", b"<foo>", b"</a>", b"<newTextVector device='D")
    for beginning in beginnings:
        parser = Parser()
        parser.feed(beginning)
        for _ in range(60):
            parser.feed(b"x" * 40000)
            assert parser.kept_bytes <= (1 << 14) + 40000
        assert parser.feed(PROBE)[-1] == PROBED


class _Meter:
    """An expat that counts what it is fed."""

    total = 0

    def __init__(self, make: Callable[[str], Any], encoding: str) -> None:
        object.__setattr__(self, "inner", make(encoding))

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "inner"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(object.__getattribute__(self, "inner"), name, value)

    def Parse(self, data: bytes, final: bool) -> int:
        _Meter.total += len(data)
        return int(object.__getattribute__(self, "inner").Parse(data, final))


@pytest.mark.parametrize(
    "unit",
    [b"<message ", b"<message><newTextVector>", b"<message/></a>", b"<message a='1'><![CDATA[", b"&x;<message/>"],
    ids=lambda unit: str(unit),
)
def test_restarts_cost_no_more_than_the_input(unit: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    make = expat.ParserCreate
    monkeypatch.setattr(expat, "ParserCreate", lambda encoding: _Meter(make, encoding))
    _Meter.total = 0
    data = unit * (60000 // len(unit))
    Parser().feed(data)
    assert _Meter.total < 30 * len(data)


@given(st.binary(max_size=300), st.lists(st.integers(0, 400), max_size=6))
@settings(max_examples=300, deadline=None)
def test_any_bytes_cut_anywhere_never_raise_and_the_next_element_is_found(junk: bytes, places: list[int]) -> None:
    found = parse(cut_at(junk + PROBE + FILLER, places))
    assert PROBED in found


FRAGMENTS = st.sampled_from(
    [
        b"<", b">", b"/>", b"</", b"'", b'"', b"=", b"&", b";", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?", b"?>",
        b"<?xml ", b"<!DOCTYPE x", b"<newTextVector", b"<oneText name='T'>", b"</oneText>", b"</newTextVector>",
        b" device='D'", b" name='N'", b"<oneBLOB>", b"<setBLOBVector device='D' name='B'>", b"</setBLOBVector>",
        b"<message/>", b"<getProperties", b"text", b"\0", b"\xff", b"\xe2\x82", b" ", b"\n", b"&amp;", b"&lol;",
        b"<x>", b"</x>", b"</indi>", PROBE, PROBE[:40], PROBE[40:], b"<?xm", b"<?xml?>",
    ]
)  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=25), st.lists(st.integers(0, 600), max_size=6))
@settings(max_examples=500, deadline=None)
def test_pieces_of_xml_in_any_order_never_raise_and_the_next_element_is_found(
    fragments: list[bytes], places: list[int]
) -> None:
    found = parse(cut_at(b"".join(fragments) + PROBE + FILLER, places))
    assert PROBED in found


WHOLE = st.sampled_from(
    [PROBE, b"\n", b"<x y='1'/>", b"<!-- c -->", b"<?xml version='1.0'?>", *(data for data, _ in MESSAGES)]
    + [junk + PROBE for junk, _ in JUNK]
)


class _Deferring(_Meter):
    """An expat with the reparse deferral of 2.6, whatever the one below has.

    An attempt that ended within its first token is repeated when twice as much has come, not before
    (expat/lib/xmlparse.c of 2.6.0, callProcessor).
    """

    def __init__(self, make: Callable[[str], Any], encoding: str) -> None:
        super().__init__(make, encoding)
        object.__setattr__(self, "state", (b"", 0, 0))

    def Parse(self, data: bytes, final: bool) -> int:
        inner, (waiting, given_before, tried) = (object.__getattribute__(self, name) for name in ("inner", "state"))
        waiting += data
        done = 1
        if len(waiting) >= 2 * tried:
            before = max(inner.CurrentByteIndex, 0)
            done = int(inner.Parse(waiting[given_before:], final))
            used = inner.CurrentByteIndex - before
            waiting = waiting[used:]
            given_before, tried = len(waiting), 0 if used else len(waiting)
        object.__setattr__(self, "state", (waiting, given_before, tried))
        return done


@given(st.lists(WHOLE, max_size=8), st.lists(st.integers(0, 1500), max_size=10))
@settings(max_examples=300, deadline=None)
def test_an_expat_that_defers_half_a_tag_holds_no_message_back(parts: list[bytes], places: list[int]) -> None:
    data = b"".join(parts)
    wanted = parse([data])
    with pytest.MonkeyPatch.context() as patch:
        make = expat.ParserCreate
        patch.setattr(expat, "ParserCreate", lambda encoding: _Deferring(make, encoding))
        assert parse(cut_at(data, places)) == wanted
        assert parse(singly(data)) == wanted


@given(st.lists(WHOLE, max_size=8), st.lists(st.integers(0, 1500), max_size=10))
@settings(max_examples=300, deadline=None)
def test_where_the_stream_is_cut_makes_no_difference(parts: list[bytes], places: list[int]) -> None:
    data = b"".join(parts)
    assert parse(cut_at(data, places)) == parse([data])


def test_roots_that_the_protocol_names_are_all_sought() -> None:
    for tag in stream._ROOTS:
        assert re.match(stream._ROOT, f"<{tag} ".encode())
    assert not re.match(stream._ROOT, b"<messages ")
