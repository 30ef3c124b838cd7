"""Events from an interrupt endpoint: together, in parts, among junk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.ptp.codes import ContainerType
from indi_sony_py.ptp.container import Container, encode
from indi_sony_py.transport.base import Event
from indi_sony_py.transport.eventparser import EventParser

REAL = bytes.fromhex("1000000004000 3c2ffffffff1dd20000".replace(" ", ""))
EVENTS = st.builds(Event, st.integers(0, 0xFFFF), st.lists(st.integers(0, 0xFFFFFFFF), max_size=3).map(tuple))


def raw(event: Event) -> bytes:
    return encode(Container(ContainerType.EVENT, event.code, 0xFFFFFFFF, event.params))


def test_the_event_of_a_real_camera() -> None:
    assert EventParser().feed(REAL) == [Event(0xC203, (0xD21D,))]


@given(st.lists(EVENTS, max_size=6), st.data())
def test_cut_anywhere_the_same_events_come_out(events: list[Event], data: st.DataObject) -> None:
    stream = b"".join(map(raw, events))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    parser, seen = EventParser(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        seen += parser.feed(stream[start:end])
    assert seen == events


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_any_bytes_are_no_error_and_a_whole_event_after_a_clear_is_seen(junk: list[bytes]) -> None:
    parser = EventParser()
    for transfer in junk:
        parser.feed(transfer)
    parser.clear()
    assert parser.feed(REAL) == [Event(0xC203, (0xD21D,))]


@pytest.mark.parametrize("junk", [b"\xff" * 16, b"\x0c\0\0\0\x03\0\x01\x20\0\0\0\0"])
def test_the_transfer_after_junk_is_looked_at_afresh(junk: bytes) -> None:
    parser = EventParser()
    assert parser.feed(junk) == []
    assert parser.feed(REAL) == [Event(0xC203, (0xD21D,))]


def test_events_before_junk_in_one_transfer_are_kept() -> None:
    assert EventParser().feed(REAL + b"\xff" * 20) == [Event(0xC203, (0xD21D,))]
