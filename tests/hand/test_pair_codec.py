"""Messages to bytes and back, and whatever else may come over the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.engine import messages as engine
from indi_sony_py.engine.focusmessages import LensKept
from indi_sony_py.engine.messages import (
    Change,
    Connect,
    Expose,
    ExposureRequest,
    ExposureStarted,
    Identity,
    Leave,
    Shot,
    ShutterMode,
)
from indi_sony_py.errors import BadData, RuleBroken
from indi_sony_py.hand.codec import HEAD, MAX_FRAME, TYPES, Splitter, decode, encode, load, parse
from indi_sony_py.hand.messages import FROM_FACE, FROM_HAND, FrameReady, HandState, Hello, Message

_TEXT = st.text(max_size=20)
_INT = st.integers(-(1 << 63), (1 << 63) - 1)
_FLOAT = st.floats(allow_nan=False, allow_infinity=False)
for plain, strategy in ((int, _INT), (float, _FLOAT), (str, _TEXT)):
    st.register_type_strategy(plain, strategy)
MESSAGES: st.SearchStrategy[Any] = st.one_of([st.from_type(kind) for kind in TYPES.values()])
JSON = st.recursive(
    st.none() | st.booleans() | _INT | _FLOAT | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


def body_of(frame: bytes) -> bytes:
    assert int.from_bytes(frame[:HEAD], "big") == len(frame) - HEAD
    return frame[HEAD:]


@settings(max_examples=150)
@given(MESSAGES, st.booleans())
def test_every_message_comes_back_equal(message: Message, with_fd: bool) -> None:
    again, fd = decode(body_of(encode(message, with_fd)))
    assert again == message and fd is with_fd
    assert [type(getattr(again, f.name)) for f in fields(again)] == [
        type(getattr(message, f.name)) for f in fields(message)
    ]


@settings(max_examples=40)
@given(st.lists(MESSAGES, min_size=1, max_size=4), st.data())
def test_frames_survive_any_cut_of_the_stream(messages: list[Message], data: st.DataObject) -> None:
    stream = b"".join(encode(message) for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    splitter, got = Splitter(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        splitter.feed(stream[start:end])
        while (body := splitter.next()) is not None:
            got.append(decode(body)[0])
    assert got == messages


def test_byte_by_byte_with_bytes_behind_that_stay_unread() -> None:
    frame = encode(Connect())
    splitter = Splitter()
    for place in range(len(frame)):
        assert splitter.next() is None
        splitter.feed(frame[place : place + 1])
    splitter.feed(b"\0\0")
    assert decode(splitter.next() or b"")[0] == Connect()
    assert splitter.next() is None


@settings(max_examples=300)
@given(st.binary(max_size=60) | JSON.map(lambda tree: json.dumps(tree).encode()))
def test_any_bytes_are_a_message_or_bad_data(body: bytes) -> None:
    try:
        decode(body)
    except BadData:
        return
    pytest.fail("that is no message")


@settings(max_examples=200)
@given(st.sampled_from(sorted(TYPES)), JSON, st.data())
def test_a_damaged_message_is_bad_data_or_a_message(name: str, junk: Any, data: st.DataObject) -> None:
    message = data.draw(st.from_type(TYPES[name]))
    tree = json.loads(body_of(encode(message)))
    names = sorted(tree["fields"])
    if names:
        place = data.draw(st.sampled_from(names))
        if data.draw(st.booleans()):
            del tree["fields"][place]
        else:
            tree["fields"][place] = junk
    else:
        tree["fields"][data.draw(_TEXT)] = junk
    try:
        again, _ = decode(json.dumps(tree).encode())
    except BadData as error:
        assert error.field
        return
    assert type(again) is TYPES[name]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"type":1e999,"fd":false,"fields":{}}',
        '{"type":"Abort","fd":false,"fields":{},"fields":{}}',
        '{"type":"Abort","fd":0,"fields":{}}',
        '{"type":"Abort","fd":false,"fields":[]}',
        '{"type":"Leave","fd":false,"fields":{"close_now":true}}',
        '{"type":"Change","fd":false,"fields":{"name":"iso","value":true}}',
        '{"type":"Change","fd":false,"fields":{"name":"iso","value":1.0}}',
        '{"type":"Change","fd":false,"fields":{"name":"iso","value":9223372036854775808}}',
        '{"type":"Change","fd":false,"fields":{"name":"iso","value":' + "9" * 5000 + "}}",
        '{"type":"Aborted","fd":false,"fields":{"id":1,"text":"","busy_s":NaN}}',
        '{"type":"Notice","fd":false,"fields":{"level":"LOUD","text":""}}',
        '{"type":"Notice","fd":false,"fields":{"level":["INFO"],"text":""}}',
        '{"type":"Collected","fd":false,"fields":{}}',
        "",
        "\udcff",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(BadData):
        decode(text.encode("utf-8", "surrogateescape"))


def test_caps() -> None:
    splitter = Splitter()
    splitter.feed((MAX_FRAME + 1).to_bytes(4, "big"))
    with pytest.raises(BadData, match="at most"):
        splitter.next()
    with pytest.raises(RuleBroken, match="too long"):
        encode(Change("x" * MAX_FRAME, 1))


def test_an_integer_may_stand_where_a_fraction_belongs_but_comes_back_as_one() -> None:
    request = ExposureRequest(1, 5)
    again, _ = decode(body_of(encode(Expose(request))))
    assert isinstance(again, Expose)
    assert again.request.duration_s == 5.0 and isinstance(again.request.duration_s, float)


def test_what_the_face_writes_into_a_header_keeps_its_kind() -> None:
    cards = (("A", 1, ""), ("B", 1.0, ""), ("C", True, ""), ("D", "1", ""))
    again, _ = decode(body_of(encode(Expose(ExposureRequest(1, 1.0, cards=cards)))))
    assert isinstance(again, Expose)
    assert [type(value) for _, value, _ in again.request.cards] == [int, float, bool, str]


def test_a_shot_of_an_earlier_life_crosses_whole() -> None:
    shot = Shot(ExposureRequest(3, 60.0), ShutterMode.BULB, None, 5.0, "2026-01-01T00:00:00.000000")
    assert decode(body_of(encode(Connect(owed=shot))))[0] == Connect(owed=shot)


@dataclass(frozen=True)
class _Stranger:
    value: object = None


class _Wrong(Enum):
    A = "a"


@pytest.mark.parametrize(
    "message",
    [
        _Stranger(),
        Leave(),
        Change("iso", 1.5),  # type: ignore[arg-type]
        Change("iso", 1 << 64),
        Change("iso", _Wrong.A),  # type: ignore[arg-type]
        ExposureStarted(1, float("nan"), ShutterMode.BULB, "", 0.0),
        Hello(1, 2, "face", None),  # type: ignore[arg-type]
    ],
)
def test_sending_what_is_no_message_is_our_own_fault(message: Any) -> None:
    with pytest.raises((RuleBroken, ValueError)):
        encode(message)


def test_every_message_has_a_direction_and_only_messages_have() -> None:
    assert set(FROM_FACE) | set(FROM_HAND) == set(get_args(Message))
    assert not {engine.Collected, engine.LiveFrame} & set(TYPES.values()), "bytes of an image never cross"
    reports = set(get_args(engine.Report)) - {engine.Collected, engine.LiveFrame, engine.SetupKept, LensKept}
    assert reports <= set(FROM_HAND)


def test_states_and_frames_have_the_form_that_the_documents_show() -> None:
    assert load(HandState, parse(json.dumps(json.loads(body_of(encode(HandState())))["fields"]))) == HandState()
    assert json.loads(body_of(encode(FrameReady(1, 2, ".fits", 3), True)))["fd"] is True
    assert json.loads(body_of(encode(HandState())))["fields"]["status"]["identity"] == {
        f.name: "" for f in fields(Identity)
    }
