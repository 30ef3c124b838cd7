"""FITS_HEADER in both of its forms: what a client writes becomes cards, or is refused with words."""

from __future__ import annotations

import pytest

from indi_sony_py.driver.keywords import LONGEST, MOST, Keywords
from indi_sony_py.driver.rows.observatory import FITS_HEADER
from tests.driver.scripted import Rig

NAMES = [element.name for element in FITS_HEADER.vector.elements]
BLANK = dict.fromkeys(NAMES, "")


def write(keywords: Keywords, name: str, value: str = "", comment: str = "", whole: bool = True) -> str:
    """As a newer client does: the first three elements by their place, all of them sent along."""
    values = {**keywords.shown(), **dict(zip(NAMES, (name, value, comment), strict=False))}
    return keywords.write(values, frozenset(NAMES if whole else NAMES[:3]))


def test_the_first_three_are_the_keyword_s_own() -> None:
    assert NAMES == ["KEYWORD_NAME", "KEYWORD_VALUE", "KEYWORD_COMMENT", "FITS_OBSERVER", "FITS_OBJECT"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("-12", -12), ("+3", 3), ("0", 0), ("007", "007"), ("1" * 30, float("1" * 30)), ("1.5", 1.5),
        (".5", 0.5), ("-1e3", -1000.0), ("1e999", "1e999"), ("1.2.3", "1.2.3"), ("T", "T"), ("nan", "nan"),
        ("0x10", "0x10"), ("M 31", "M 31"), ("Grüße", "Gru?e"), ("00 42 44", "00 42 44"), ("0.5", 0.5),
        ("1_000", "1_000"), ("\u0663", "?"),
    ],
)  # fmt: skip
def test_a_value_s_type_follows_its_form(text: str, value: object) -> None:
    keywords = Keywords()
    assert write(keywords, "mykey", text, "it is mine") == ""
    assert keywords.cards == (("MYKEY", value, "it is mine"),)
    assert type(keywords.cards[0][1]) is type(value)


def test_an_object_is_a_text_whatever_its_name() -> None:
    keywords = Keywords()
    write(keywords, "OBJECT", "7000", "NGC")
    assert keywords.cards == (("OBJECT", "7000", "NGC"),)
    assert keywords.shown() == {**BLANK, "FITS_OBJECT": "7000"}


def test_a_newer_client_that_sends_all_elements_along_changes_one_card() -> None:
    """KStars: OBSERVER, OBJECT and TELESCOP in one burst, its mirror of the other elements is still the old one."""
    keywords = Keywords()
    stale = dict(BLANK)
    for name, value in (("OBSERVER", "Joe"), ("OBJECT", "M31"), ("TELESCOP", "EQ6")):
        values = {**stale, "KEYWORD_NAME": name, "KEYWORD_VALUE": value, "KEYWORD_COMMENT": name.title()}
        assert keywords.write(values, frozenset(NAMES)) == ""
    assert [card[:2] for card in keywords.cards] == [("OBSERVER", "Joe"), ("OBJECT", "M31"), ("TELESCOP", "EQ6")]


def test_an_older_client_names_the_other_two() -> None:
    keywords = Keywords()
    assert keywords.write({**keywords.shown(), "FITS_OBJECT": "M 42"}, frozenset({"FITS_OBJECT"})) == ""
    assert keywords.write({**keywords.shown(), "FITS_OBSERVER": "Ann"}, frozenset(NAMES)) == ""
    assert {card[0]: card[1] for card in keywords.cards} == {"OBJECT": "M 42", "OBSERVER": "Ann"}
    assert keywords.write({**keywords.shown(), "FITS_OBJECT": ""}, frozenset({"FITS_OBJECT"})) == ""
    assert [card[0] for card in keywords.cards] == ["OBSERVER"]


def test_taking_back() -> None:
    keywords = Keywords()
    for name in ("A", "B"):
        write(keywords, name, "1")
    write(keywords, "COMMENT", "clear sky")
    write(keywords, "HISTORY", "", "as a comment")
    assert [card[0] for card in keywords.cards] == ["A", "B", "COMMENT", "HISTORY"]
    write(keywords, "a")
    assert [card[0] for card in keywords.cards] == ["B", "COMMENT", "HISTORY"]
    write(keywords, "indi_clear")
    assert keywords.cards == ()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("EXPTIME", "5", "writes this FITS card itself"),
        ("simple", "T", "writes this FITS card itself"),
        ("NAXIS3", "3", "writes this FITS card itself"),
        ("TOOLONGNAME", "5", "is no FITS keyword"),
        ("MY KEY", "5", "is no FITS keyword"),
        ("ÄÖ", "5", "is no FITS keyword"),
        ("", "5", "is no FITS keyword"),
        ("LONG", "x" * (LONGEST + 1), f"more than {LONGEST}"),
    ],
)
def test_what_cannot_be_is_refused_with_words(name: str, value: str, words: str) -> None:
    keywords = Keywords()
    write(keywords, "KEPT", "1")
    assert words in write(keywords, name, value, whole=False)
    assert keywords.cards == (("KEPT", 1, ""),)


def test_there_is_an_end_to_them() -> None:
    keywords = Keywords()
    for number in range(MOST):
        assert write(keywords, f"K{number}", "1") == ""
    assert "one FITS card too many" in write(keywords, "MORE", "1")
    assert "one FITS card too many" in write(keywords, "COMMENT", "1")
    assert write(keywords, "K5", "2") == ""
    assert len(keywords.cards) == MOST


def test_the_vector_answers_each_write_once_and_is_blank_again() -> None:
    rig = Rig()
    rig.connect()
    rig.forget()
    rig.new("Text", "FITS_HEADER", KEYWORD_NAME="OBJECT", KEYWORD_VALUE="M 31", KEYWORD_COMMENT="")
    rig.new("Text", "FITS_HEADER", KEYWORD_NAME="EXPTIME", KEYWORD_VALUE="1", KEYWORD_COMMENT="")
    rig.new("Text", "FITS_HEADER", KEYWORD_NAME="", KEYWORD_VALUE="", KEYWORD_COMMENT="")
    answers = [e for e in rig.said if e.attrib.get("name") == "FITS_HEADER"]
    assert [e.attrib["state"] for e in answers] == ["Ok", "Alert", "Alert"]
    for answer in answers:
        shown = {one.attrib["name"]: (one.text or "").strip() for one in answer}
        assert shown == {**BLANK, "FITS_OBJECT": "M 31"}
    assert [text.startswith("[ERROR]") for text in rig.messages()] == [True, True]
    rig.expose()
    assert rig.hand.request.cards == (("OBJECT", "M 31", ""),)
    rig.close()
