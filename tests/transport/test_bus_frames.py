"""The frames of the simulated bus: both directions, three ways of feeding, any bytes; and their page in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.errors import BadData
from indi_sony_py.transport.busframe import (
    HEAD,
    MAX_BODY,
    MAX_DATA,
    BulkRead,
    BulkWrite,
    Claim,
    ClearHalt,
    Control,
    Data,
    Done,
    Failed,
    Frame,
    Identify,
    Identity,
    InterruptRead,
    Kind,
    Release,
    Reset,
    decode,
    encode,
    encode_head,
    parse,
    read_head,
)

U8, U16, U32 = st.integers(0, 0xFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
BYTES = st.binary(max_size=50)
FRAMES: st.SearchStrategy[Frame] = st.one_of(
    st.builds(Identify, U16),
    st.builds(Claim, U8),
    st.builds(Release, U8),
    st.builds(BulkWrite, U32, BYTES),
    st.builds(BulkRead, U32, U32),
    st.builds(InterruptRead, U32, U32),
    st.builds(Control, U32, U8, U8, U16, U16, U16, BYTES),
    st.builds(ClearHalt, U8),
    st.builds(Reset),
    st.builds(Identity, U8, U8, st.lists(U8, max_size=7).map(tuple), U8, BYTES, BYTES, U16),
    st.builds(Done, U32),
    st.builds(Data, BYTES),
    st.builds(Failed, U16),
)
PAGE = Path(__file__).parents[2] / "docs" / "simulated-bus.md"


@given(FRAMES, st.binary(max_size=9))
def test_whole_byte_by_byte_and_with_bytes_behind(frame: Frame, behind: bytes) -> None:
    raw = encode(frame)
    assert parse(raw) == (frame, len(raw))
    assert parse(raw + behind) == (frame, len(raw))
    for end in range(len(raw)):
        assert parse(raw[:end]) is None


@given(st.binary(max_size=80))
def test_any_bytes_are_a_frame_more_to_come_or_bad_data(data: bytes) -> None:
    try:
        parsed = parse(data)
    except BadData:
        return
    if parsed is not None:
        assert encode(parsed[0]) == data[: parsed[1]]


@given(st.sampled_from(Kind), st.binary(max_size=40))
def test_any_body_of_a_kind_is_a_frame_or_bad_data(kind: Kind, body: bytes) -> None:
    try:
        frame = decode(kind, body)
    except BadData:
        return
    assert encode(frame) == encode_head(kind, len(body)) + body


def test_a_body_beyond_the_limit_is_refused_before_it_comes() -> None:
    assert read_head(encode_head(Kind.DATA, MAX_BODY)) == (Kind.DATA, MAX_BODY)
    with pytest.raises(BadData, match="beyond"):
        read_head(encode_head(Kind.DATA, MAX_BODY + 1))
    with pytest.raises(ValueError, match="at most"):
        encode(Data(bytes(MAX_BODY + 1)))


def test_the_page_names_every_kind_and_the_limits() -> None:
    text = PAGE.read_text()
    rows = re.findall(r"^\| 0x(\w\w) \| (\w+) \|", text, re.MULTILINE)
    assert {int(number, 16): name for number, name in rows} == {int(kind): kind.name for kind in Kind}
    assert f"{MAX_BODY}" in text
    assert f"{MAX_DATA}" in text


def test_the_example_of_the_page_is_what_goes_over_the_wire() -> None:
    lines = re.findall(r"^    [<>] ([0-9a-f ]+?)(?:\.\.\.)?(?:  +.*)?$", PAGE.read_text(), re.MULTILINE)
    raw = [bytes.fromhex(line) for line in lines]
    kinds = []
    for data in raw:
        head = read_head(data)
        assert head is not None
        kinds.append(head[0])
        if head[0] is not Kind.IDENTITY:
            assert parse(data) is not None and len(data) == HEAD + head[1]
    assert [kind.name for kind in kinds] == [
        "IDENTIFY",
        "IDENTITY",
        "CLAIM",
        "DONE",
        "BULK_WRITE",
        "DONE",
        "BULK_READ",
        "DATA",
    ]
    assert parse(raw[6]) == (BulkRead(5000, 1024), len(raw[6]))
