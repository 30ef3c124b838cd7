"""Numbers: read as libindi reads them, written so that they come back, shown as clients show them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.indi.numbers import read_number, show_number, write_number

READ = [
    ("1", 1.0),
    (" 1.5 ", 1.5),
    ("-2e-3", -0.002),
    (".5", 0.5),
    ("5.", 5.0),
    ("+3", 3.0),
    ("1:30", 1.5),
    ("-0:30", -0.5),
    ("-1:30:36", -1.51),
    ("12 : 30 : 36", 12.51),
    ("1,5", 1.0 + 5 / 60),
    ("10h30m", 10.5),
    ("1:-30", 1.5),
    ("1:", 1.0),
    ("5 s", 5.0),
    ("1e-06", 1e-06),
    ("1.5.30", 1.5 + 30 / 60),
]
UNREADABLE = ["", "  ", "x", "abc1", "nan", "inf", "-inf", "--1", "0x10", "1e999", ":30", "٣"]


@pytest.mark.parametrize(("text", "value"), READ)
def test_reads(text: str, value: float) -> None:
    assert read_number(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("text", UNREADABLE)
def test_refuses(text: str) -> None:
    assert read_number(text) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_comes_back(value: float) -> None:
    assert read_number(write_number(value)) == value


@given(st.text(max_size=200))
def test_any_text_gives_a_finite_number_or_none(text: str) -> None:
    value = read_number(text)
    assert value is None or abs(value) < float("inf")


@pytest.mark.parametrize(
    ("value", "text"), [(0.01, "0.010000000000000000208"), (3600.0, "3600"), (5.2, "5.2000000000000001776")]
)
def test_writes_as_in_the_captures(value: float, text: str) -> None:
    assert write_number(value) == text


SHOWN = [
    ("%5.2f", 1.0, " 1.00"),
    ("%.f", 3.7, "4"),
    ("%g", 0.5, "0.5"),
    ("%4.0f", 100.0, " 100"),
    ("%10.6m", 12.51, "  12:30:36"),
    ("%010.6m", 12.51, "  12:30:36"),
    ("%9.6m", -0.5, " -0:30:00"),
    ("%8.5m", 1.51, "  1:30.6"),
    ("%11.8m", 12.50001, " 12:30:00.0"),
    ("%12.9m", 1.99999999, "  2:00:00.00"),
    ("%6.3m", 1.5, "  1:30"),
    ("%6.3m", -1.999, " -2:00"),
    ("nonsense", 1.5, "1.5"),
    ("%s", 1.5, "1.5"),
    ("%999999d", 1.5, "1.5"),
]


@pytest.mark.parametrize(("form", "value", "text"), SHOWN)
def test_shows(form: str, value: float, text: str) -> None:
    assert show_number(form, value) == text


@given(st.floats(-1000, 1000), st.sampled_from(["%10.6m", "%12.9m", "%11.8m"]))
def test_a_sexagesimal_number_reads_back(value: float, form: str) -> None:
    read = read_number(show_number(form, value))
    assert read is not None and abs(read - value) < 1 / 3600


@given(st.text(max_size=12), st.floats(-1e9, 1e9))
def test_any_format_shows_something_short(form: str, value: float) -> None:
    assert 0 < len(show_number(form, value)) < 200
