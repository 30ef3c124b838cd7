"""Vectors: the forms against captures of libindi's own drivers, and what a client's request makes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.indi.messages import (
    DefVector,
    DelProperty,
    Element,
    Kind,
    NewVector,
    Permission,
    Rule,
    SetVector,
    State,
)
from indi_sony_py.indi.numbers import read_number
from indi_sony_py.indi.stream import Parser
from indi_sony_py.indi.vectors import (
    Accepted,
    BlobDef,
    Dropped,
    ElementDef,
    LightDef,
    NumberDef,
    Refused,
    SwitchDef,
    TextDef,
    Value,
    Vector,
    VectorDef,
)

CAPTURES = sorted(Path(__file__).with_name("data").glob("*.xml"))


def noon() -> datetime:
    return datetime(2026, 1, 15, 12, 0, 0, tzinfo=UTC)


def _roots(verb: str) -> list[ElementTree.Element]:
    found = {}
    for path in CAPTURES:
        for root in ElementTree.fromstring(b"<r>" + path.read_bytes() + b"</r>"):
            if root.tag.startswith(verb) and root.tag.endswith("Vector"):
                found[f"{root.get('device')}.{root.get('name')}.{len(root)}.{root.get('message')}"] = root
    return [found[key] for key in sorted(found)]


def _element(kind: Kind, member: ElementTree.Element) -> tuple[ElementDef, Value]:
    name, label, text = member.get("name", ""), member.get("label", ""), (member.text or "").strip()
    match kind:
        case Kind.NUMBER:
            low, high, step = (float(member.get(key, "0")) for key in ("min", "max", "step"))
            return NumberDef(name, label, member.get("format", "%g"), low, high, step), read_number(text) or 0.0
        case Kind.TEXT:
            return TextDef(name, label), text
        case Kind.SWITCH:
            return SwitchDef(name, label), text == "On"
        case Kind.LIGHT:
            return LightDef(name, label), State(text)
        case Kind.BLOB:
            return BlobDef(name, label), ""


def _vector(root: ElementTree.Element) -> Vector:
    kind = Kind(root.tag[3:-6])
    elements = [_element(kind, member) for member in root]
    definition = VectorDef(
        name=root.get("name", ""),
        label=root.get("label", ""),
        group=root.get("group", ""),
        kind=kind,
        perm=Permission(root.get("perm", "ro")),
        rule=Rule(root.get("rule", "OneOfMany")) if kind is Kind.SWITCH else None,
        timeout_s=float(root.get("timeout", "0")),
        elements=tuple(element for element, _ in elements),
    )
    values = {element.name: value for element, value in elements}
    return Vector(definition, noon, values, State(root.get("state", "Idle")), device=root.get("device"))


def _same(ours: bytes, theirs: ElementTree.Element) -> None:
    root = ElementTree.fromstring(ours)
    assert root.tag == theirs.tag
    stamp = {"timestamp": "2026-01-15T12:00:00"}
    assert list(root.attrib.items()) == list({**theirs.attrib, **stamp}.items())
    assert len(root) == len(theirs)
    for mine, other in zip(root, theirs, strict=True):
        assert mine.tag == other.tag
        assert list(mine.attrib.items()) == list(other.attrib.items())
        assert (mine.text or "").strip() == (other.text or "").strip()


@pytest.mark.parametrize("theirs", _roots("def"), ids=lambda root: f"{root.get('device')}.{root.get('name')}")
def test_a_definition_is_the_captured_one(theirs: ElementTree.Element) -> None:
    _same(_vector(theirs).define(), theirs)


_SETS = [root for root in _roots("set") if root.tag != "setBLOBVector"]


@pytest.mark.parametrize("theirs", _SETS, ids=lambda root: f"{root.get('device')}.{root.get('name')}")
def test_a_set_is_the_captured_one(theirs: ElementTree.Element) -> None:
    vector = _vector(theirs)
    limits = any(member.get("min") for member in theirs)
    _same(vector.set(message=theirs.get("message"), limits=limits), theirs)


def switches(rule: Rule, on: str | None = None, perm: Permission = Permission.READ_WRITE) -> Vector:
    elements = tuple(SwitchDef(name, name.lower()) for name in "ABC")
    row = VectorDef("S", "Label", "Main", Kind.SWITCH, perm, elements, rule, 60, "D")
    vector = Vector(row, noon)
    vector.choose(on)
    return vector


def numbers(perm: Permission = Permission.READ_WRITE) -> Vector:
    elements = (NumberDef("X", "x", "%4.0f", 0, 100, 1), NumberDef("Y", "y"))
    return Vector(VectorDef("N", "Label", "Main", Kind.NUMBER, perm, elements, device="D"), noon, {"X": 5.0})


def texts() -> Vector:
    row = VectorDef("T", "Label", "Main", Kind.TEXT, Permission.READ_WRITE, (TextDef("P", "p"), TextDef("Q", "q")))
    return Vector(row, noon, {"P": "p", "Q": "q"}, device="D")


def new(kind: Kind, *pairs: tuple[str, str]) -> NewVector:
    return NewVector(kind, "D", "V", tuple(Element(name, text) for name, text in pairs))


def test_a_part_of_a_vector_keeps_the_rest() -> None:
    outcome = numbers().apply(new(Kind.NUMBER, ("Y", "-1:30")))
    assert outcome == Accepted({"X": 5.0, "Y": -1.5}, frozenset("Y"))
    outcome = texts().apply(new(Kind.TEXT, ("Q", "a <b>\n\x01c")))
    assert outcome == Accepted({"P": "p", "Q": "a <b>\nc"}, frozenset("Q"))


REFUSED = [
    (numbers(), new(Kind.NUMBER, ("Z", "1")), State.IDLE, "Error: Z is not a member of Label (N) property."),
    (
        numbers(),
        new(Kind.NUMBER, ("Y", "3"), ("X", "100.5")),
        State.ALERT,
        "Error: Invalid range for Label (N). Valid range is from 0 to 100. Requested value is 100.5",
    ),
    (numbers(), new(Kind.NUMBER, ("Y", "3"), ("X", "abc")), State.ALERT, "[ERROR] N: Bad format abc"),
    (numbers(), new(Kind.NUMBER), State.ALERT, "[ERROR] N: newNumberVector with no valid members"),
    (texts(), new(Kind.TEXT, ("P", "a"), ("R", "b")), State.IDLE, "Error: R is not a member of Label (T) property."),
    (
        switches(Rule.ONE_OF_MANY, "A"),
        new(Kind.SWITCH, ("A", "Off")),
        State.IDLE,
        "Error: invalid state switch for property Label (S). No switch is on.",
    ),
    (
        switches(Rule.ONE_OF_MANY, "A"),
        new(Kind.SWITCH, ("A", "On"), ("B", "On")),
        State.IDLE,
        "Error: invalid state switch for property Label (S). Too many switches are on.",
    ),
    (
        switches(Rule.AT_MOST_ONE),
        new(Kind.SWITCH, ("A", "On"), ("B", "On")),
        State.IDLE,
        "Error: invalid state switch for property Label (S). Too many switches are on.",
    ),
    (switches(Rule.ONE_OF_MANY), new(Kind.SWITCH, ("A", "on")), State.ALERT, "[ERROR] S: must be On or Off: on"),
    (
        switches(Rule.ONE_OF_MANY, "B"),
        new(Kind.SWITCH, ("NOPE", "On")),
        State.IDLE,
        "Error: NOPE is not a member of Label (S) property.",
    ),
]


@pytest.mark.parametrize(("vector", "request_", "state", "text"), REFUSED, ids=lambda value: str(value)[:40])
def test_a_refusal_says_why_and_keeps_every_value(vector: Vector, request_: NewVector, state: State, text: str) -> None:
    before = dict(vector.values)
    assert vector.apply(request_) == Refused(state, text)
    assert dict(vector.values) == before
    (answer,) = Parser().feed(vector.set(state, text))
    assert isinstance(answer, SetVector) and answer.state is state


ACCEPTED = [
    (Rule.ONE_OF_MANY, "A", [("B", "On")], "B"),
    (Rule.ONE_OF_MANY, "A", [("A", "Off"), ("B", "On"), ("C", "Off")], "B"),
    (Rule.ONE_OF_MANY, "A", [("C", "Only")], "C"),
    (Rule.ONE_OF_MANY, "A", [("C", "On ")], "C"),
    (Rule.AT_MOST_ONE, "A", [("B", "On")], "B"),
    (Rule.AT_MOST_ONE, "A", [("A", "Off")], ""),
    (Rule.AT_MOST_ONE, "A", [("B", "Off")], "A"),
    (Rule.ANY_OF_MANY, "A", [("B", "On"), ("C", "On")], "ABC"),
    (Rule.ANY_OF_MANY, "A", [("A", "Off")], ""),
]


@pytest.mark.parametrize(("rule", "before", "sent", "after"), ACCEPTED)
def test_switch_rules(rule: Rule, before: str, sent: list[tuple[str, str]], after: str) -> None:
    outcome = switches(rule, before).apply(new(Kind.SWITCH, *sent))
    assert isinstance(outcome, Accepted)
    assert "".join(name for name, on in outcome.values.items() if on) == after
    assert outcome.named == {name for name, _ in sent}


def test_what_cannot_be_written_is_dropped() -> None:
    assert isinstance(numbers(Permission.READ_ONLY).apply(new(Kind.NUMBER, ("X", "1"))), Dropped)
    assert isinstance(numbers().apply(new(Kind.TEXT, ("X", "1"))), Dropped)
    lights = VectorDef("L", "l", "g", Kind.LIGHT, Permission.READ_WRITE, (LightDef("A", "a"),), device="D")
    assert isinstance(Vector(lights, noon).apply(new(Kind.LIGHT, ("A", "Ok"))), Dropped)


def test_limits_can_be_left_to_the_caller_and_changed() -> None:
    vector = numbers()
    assert isinstance(vector.apply(new(Kind.NUMBER, ("X", "500")), check_range=False), Accepted)
    vector.limit("X", 10, 600, 2)
    assert isinstance(vector.apply(new(Kind.NUMBER, ("X", "500"))), Accepted)
    assert isinstance(vector.apply(new(Kind.NUMBER, ("X", "5"))), Refused)
    (told,) = Parser().feed(vector.set(limits=True, only=["X"]))
    assert told == SetVector(
        Kind.NUMBER, "D", "N", State.IDLE, (Element("X", "5", {"min": "10", "max": "600", "step": "2"}),)
    )
    (defined,) = Parser().feed(vector.define())
    assert isinstance(defined, DefVector) and defined.elements[0].attributes["max"] == "600"


def test_only_what_is_asked_for_is_sent_and_the_state_is_taken_over() -> None:
    vector = texts()
    (told,) = Parser().feed(vector.set(State.BUSY, "m & m", only=["Q"]))
    assert told == SetVector(Kind.TEXT, "D", "T", State.BUSY, (Element("Q", "q"),))
    assert vector.state is State.BUSY
    assert Parser().feed(vector.delete()) == [DelProperty("D", "T")]


def test_a_blob_vector_without_bytes_has_size_zero_and_no_enclen() -> None:
    row = VectorDef("CCD1", "Image", "g", Kind.BLOB, Permission.READ_ONLY, (BlobDef("CCD1", "i"),), device="D")
    data = Vector(row, noon).set(State.BUSY)
    assert b'size="0"' in data and b"enclen" not in data


def test_wrong_values_and_rows_are_our_own_bugs() -> None:
    with pytest.raises(KeyError):
        numbers().commit({"Z": 1.0})
    for wrong in ("1", True, State.OK):
        with pytest.raises(TypeError):
            numbers().commit({"X": wrong})
    with pytest.raises(TypeError):
        switches(Rule.ANY_OF_MANY).commit({"A": 1.0})
    with pytest.raises(KeyError):
        switches(Rule.ANY_OF_MANY).choose("Z")
    with pytest.raises(TypeError):
        texts().number("P")
    with pytest.raises(TypeError):
        numbers().text("X")
    with pytest.raises(ValueError, match="no device"):
        Vector(VectorDef("N", "n", "g", Kind.TEXT, Permission.READ_ONLY, ()), noon)
    rows: list[tuple[tuple[ElementDef, ...], Rule | None]] = [
        ((TextDef("A", ""), TextDef("A", "")), None),
        ((TextDef("A" * 64, ""),), None),
        ((TextDef("", ""),), None),
        ((TextDef("a\nb", ""),), None),
        ((NumberDef("A", ""),), None),
        ((TextDef("A", ""),), Rule.ONE_OF_MANY),
    ]
    for elements, rule in rows:
        with pytest.raises(ValueError, match="P"):
            VectorDef("P", "", "", Kind.TEXT, Permission.READ_ONLY, elements, rule)


NAMES = st.sampled_from(["A", "B", "C", "X", "Y", "P", "Z"])
VALUES = st.one_of(st.sampled_from(["On", "Off", "1", "50", "1:2:3", "-1", ""]), st.text(max_size=20))


@given(
    st.sampled_from(["one", "most", "any", "numbers", "texts"]),
    st.sampled_from([Kind.SWITCH, Kind.NUMBER, Kind.TEXT]),
    st.lists(st.tuples(NAMES, VALUES), max_size=4),
)
@settings(max_examples=300, deadline=None)
def test_any_request_gives_an_outcome_and_changes_nothing(which: str, kind: Kind, pairs: list[tuple[str, str]]) -> None:
    vector = {
        "one": switches(Rule.ONE_OF_MANY, "A"),
        "most": switches(Rule.AT_MOST_ONE),
        "any": switches(Rule.ANY_OF_MANY),
        "numbers": numbers(),
        "texts": texts(),
    }[which]
    before = dict(vector.values)
    outcome = vector.apply(new(kind, *pairs))
    assert dict(vector.values) == before
    match outcome:
        case Accepted():
            assert outcome.values.keys() == before.keys()
            vector.commit(outcome.values)
            on = sum(value is True for value in vector.values.values())
            assert on == 1 if which == "one" else on <= (1 if which == "most" else 3)
        case Refused(text=text):
            assert text
        case Dropped(reason=reason):
            assert reason
    (told,) = Parser().feed(vector.set())
    assert isinstance(told, SetVector) and len(told.elements) == len(before)


@given(st.text(st.characters(), max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_value_and_label_can_be_told(text: str) -> None:
    row = VectorDef("T", text, text, Kind.TEXT, Permission.READ_WRITE, (TextDef("P", text),), device="D")
    vector = Vector(row, noon, {"P": text})
    for data in (vector.define(text), vector.set(message=text)):
        ElementTree.fromstring(data)
        assert all(isinstance(item, DefVector | SetVector) for item in Parser().feed(data))
