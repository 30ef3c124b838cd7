"""Text that goes out comes back from an XML reader, and never exceeds a C client's buffers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.indi import notices
from indi_sony_py.indi.messages import DelProperty, GetProperties, MessageText
from indi_sony_py.indi.stream import Parser
from indi_sony_py.indi.text import MESSAGE_BYTES, attribute, clean, cut, escape, split_message, timestamp

ANY_TEXT = st.text(st.characters(), max_size=400)
NOON = datetime(2026, 1, 15, 12, 0, 0, 999999, tzinfo=UTC)


@given(ANY_TEXT)
def test_an_attribute_comes_back_from_an_xml_reader(text: str) -> None:
    value = ElementTree.fromstring(f"<a{attribute('x', text, 100)}/>").get("x")
    assert value is not None and len(value.encode()) <= 100
    assert clean(text, lines=True).translate({9: " ", 10: " "}).startswith(value.rstrip()[:1])


@given(ANY_TEXT)
def test_escaped_text_comes_back_from_an_xml_reader(text: str) -> None:
    wanted = clean(text, lines=True)
    assert (ElementTree.fromstring(f"<a>{escape(wanted)}</a>").text or "") == wanted


@given(ANY_TEXT, st.integers(0, 80))
def test_a_cut_text_is_a_beginning_and_short_enough(text: str, limit: int) -> None:
    text = clean(text)
    short = cut(text, limit)
    assert text.startswith(short) and len(short.encode()) <= limit
    assert short == text or len((short + text[len(short)]).encode()) > limit


@given(ANY_TEXT, st.sampled_from(["", "[INFO] ", "[ERROR] "]))
def test_a_split_message_loses_no_word(text: str, tag: str) -> None:
    parts = split_message(tag + text)
    assert all(len(part.encode()) <= MESSAGE_BYTES and part.startswith(tag.strip()) for part in parts)
    told = "".join(part[len(tag) :] for part in parts).replace(" ", "")
    if not text.lstrip().startswith("["):
        assert told == "".join(clean(" ".join(text.split())).split(" "))


def test_a_message_is_parted_at_blanks_with_its_tag_on_each_part() -> None:
    assert split_message("[INFO] aaa bbb ccc", 15) == ("[INFO] aaa bbb", "[INFO] ccc")
    assert split_message("") == ("",)


def test_control_characters_never_leave() -> None:
    text = "a\x00b\x07c\x1bd\x7fe\x85f\ud800g\uffffh"
    assert clean(text) == "abcdefgh"
    assert clean("a\nb\tc\rd", lines=True) == "a\nb\tcd"
    assert attribute("x", "a\nb") == ' x="a b"'


@pytest.mark.parametrize("hours", [0, 9, -5])
def test_time_stamps_are_utc_without_fraction(hours: int) -> None:
    assert timestamp(NOON.astimezone(timezone(timedelta(hours=hours)))) == "2026-01-15T12:00:00"


def test_notices_are_read_back() -> None:
    def clock() -> datetime:
        return NOON

    data = notices.message("Dé'v", '[ERROR] a < b & "c"', clock) + notices.message(None, "x", clock)
    data += notices.delete_device("D", clock) + notices.snoop("M") + notices.snoop("M", "EQUATORIAL_EOD_COORD")
    assert Parser().feed(data) == [
        MessageText("Dé'v", '[ERROR] a < b & "c"'),
        MessageText(None, "x"),
        DelProperty("D", None),
        GetProperties("1.7", "M", None),
        GetProperties("1.7", "M", "EQUATORIAL_EOD_COORD"),
    ]
    assert b'timestamp="2026-01-15T12:00:00"' in data


def test_a_message_is_cut_to_the_clients_buffer() -> None:
    (item,) = Parser().feed(notices.message("D", "é" * 300, lambda: NOON))
    assert item == MessageText("D", "é" * 127)
