"""The catalogue of texts: one voice, whole sentences, fields that fit, and properties that exist."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from indi_sony_py import errors, texts
from indi_sony_py.driver.properties import TABLE
from indi_sony_py.errors import CameraGone, CameraRefused, RuleBroken, SonyError, advise
from indi_sony_py.texts import Clause, Label, Level, Row, Text, catalogue, groups
from tests.texts.sources import ROOT

ROWS = [row for _, row in catalogue()]
TEXTS = [row for row in ROWS if isinstance(row, Text)]
CLAUSES = [row for row in ROWS if isinstance(row, Clause)]
LIBINDI = "libindi's words"
"""What clients know from libindi's own drivers is said as they say it."""
PROPERTIES = {row.name for row in TABLE}
STATES = {"Idle", "Ok", "Busy", "Alert"}
NOTHING_TO_DO = {
    "camera.lost": "the reason inside says what to do",
    "camera.lost_open": "the reason inside says what to do",
    "camera.button_refused": "the reason inside says what to do",
    "camera.connected_later": "the reason inside says what to do",
    "camera.disconnecting": "the user asked for it",
    "camera.driver_leaves": "the user asked for it",
    "exposure.replaced": "the user asked for it",
    "exposure.disconnected": "the user asked for it",
    "exposure.disconnected_open": "the user asked for it",
    "exposure.aborted": "somebody asked for it",
    "exposure.not_sent": "the frame is where it says",
    "exposure.not_sent_because": "the frame is where it says",
    "exposure.lost_image": "it says that the next connection fetches it",
    "frames.raw_is_at": "the reason inside says what to do",
    "simulation.closing": "it says to wait a moment",
    "client.binning": "nothing failed: the whole frame comes",
    "client.out_of_bounds": "the bounds stand in it",
    "settings.change_failed": "the reason inside says what to do",
    "settings.refused": "it stands behind a message that says what to do",
}
"""Errors without advice of their own, and why."""


def name_of(row: Row) -> str:
    return row.id


def sample(row: Row) -> str:
    """The text with something in each field."""
    return row(**dict.fromkeys(row.fields, 7))


@pytest.mark.parametrize("title", groups())
def test_a_row_is_called_as_its_place_says(title: str) -> None:
    module: ModuleType = groups()[title]
    group = module.__name__.rsplit(".", 1)[-1]
    for name, row in vars(module).items():
        if isinstance(row, Row):
            assert row.id == f"{group}.{name.lower()}"


def test_no_text_stands_twice() -> None:
    """The same may happen for two reasons; then something else is to be done."""
    said = [(row.says, row.do if isinstance(row, Text) else "") for row in ROWS]
    assert sorted({text for text in said if said.count(text) > 1}) == []


def test_a_message_is_whole_sentences_with_a_capital_and_an_end() -> None:
    for row in TEXTS:
        assert re.match(r"[A-Z{]", row.says), "sentence case"
        assert re.search(r"(\.|\?|\{path\}|\{why\}\)?|\{reason\})$", row.says), (
            "an end; a path stands alone, to be copied"
        )
        assert row.do == "" or (re.match(r"[A-Z]", row.do) and row.do.endswith("."))
        for part in (row.says, row.do, row.means):
            assert "  " not in part and part == part.strip() and "\n" not in part
        assert row.means == "" or re.search(r"[.]$", row.means)


def test_a_reason_is_a_clause_that_can_stand_inside_a_message() -> None:
    for row in CLAUSES:
        if not row.means.startswith(LIBINDI):
            assert re.match(r"[a-z{0-9]", row.says) and not row.says.endswith(".")
        assert row.means == "" or row.means.endswith(".")


def test_an_error_says_what_to_do() -> None:
    for row in TEXTS:
        if row.level is Level.ERROR:
            assert bool(row.do) is (row.id not in NOTHING_TO_DO)


def test_the_list_of_those_with_nothing_to_do_has_no_leftovers() -> None:
    assert set(NOTHING_TO_DO) <= {row.id for row in TEXTS if row.level is Level.ERROR}


def test_where_a_message_appears_exists() -> None:
    for row in TEXTS:
        for place in row.where.split(", "):
            if place != "message":
                name, _, state = place.partition(": ")
                assert name in PROPERTIES and state in {"", *STATES}
        if "Alert" in row.where and row.level is not Level.ERROR:
            assert row.level is Level.WARNING


def test_a_row_takes_its_fields_and_no_others() -> None:
    for row in ROWS:
        fields: dict[str, object] = dict.fromkeys(row.fields, 7)
        said = row(**fields)
        assert "{" not in said and "}" not in said and said.count("7") >= len(row.fields)
        for name in row.fields:
            with pytest.raises(TypeError, match=re.escape(row.id)):
                row(**{key: value for key, value in fields.items() if key != name})
        with pytest.raises(TypeError, match=re.escape(row.id)):
            row(**fields, surplus=7)


def test_an_error_says_what_happened_and_advice_is_added_once() -> None:
    error = CameraGone(texts.camera.SESSION_CLOSED)
    assert str(error) == texts.camera.SESSION_CLOSED.happened()
    assert advise(error) == texts.camera.SESSION_CLOSED()
    plain = CameraGone("It went away")
    assert advise(plain) == f"It went away. {CameraGone.advice}"
    assert advise(CameraGone(advise(plain))) == advise(plain)
    refused = advise(CameraRefused("SDIO_Connect", 0x2019))
    assert "SDIO_Connect" in refused and "0x2019" in refused and refused.endswith(CameraRefused.advice)
    assert advise(RuleBroken("x")) == texts.driver.FAULT(detail="x")
    assert advise(ValueError("x")) == "x" and advise(ValueError()) == "ValueError"


def test_a_reason_can_be_an_error_without_advice_of_its_own() -> None:
    error = SonyError(texts.frames.NO_ROOM, megabytes=12.0)
    assert str(error) == "no disk has room for it (12 MB needed)" and error.advice == ""


@pytest.mark.parametrize("kind", [getattr(errors, name) for name in errors.__all__ if name[0].isupper()])
def test_the_advice_of_a_kind_of_error_stands_in_the_catalogue(kind: type[SonyError]) -> None:
    shared = {value for name, value in vars(texts.advice).items() if name.isupper()}
    assert kind.advice == "" or kind.advice in shared


def test_each_shared_advice_is_used() -> None:
    used = {row.do for row in TEXTS} | {getattr(errors, name).advice for name in errors.__all__ if name[0].isupper()}
    assert {value for name, value in vars(texts.advice).items() if name.isupper()} <= used


def test_the_manual_is_what_the_catalogue_says() -> None:
    from tools.troubleshooting import DOCUMENT, document

    assert DOCUMENT == ROOT / "docs" / "TROUBLESHOOTING.md"
    assert DOCUMENT.read_text("utf-8") == document(), "run python -m tools.troubleshooting"


def test_the_manual_holds_each_text() -> None:
    from tools.troubleshooting import document

    page = document()
    for title in groups():
        assert f"## {title}\n" in page
    for row in ROWS:
        if isinstance(row, Label):
            continue
        start = re.split(r"[{|]", row.says)[0]
        assert start in page
        assert not isinstance(row, Text) or re.split(r"[{|]", row.do)[0] in page
