"""The number of the focus magnifier (0xD254), by the dumps of real bodies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.sony.magnifier import ANYWHERE, COLUMNS, OFF, ROWS, label, part, place, ratio, same_part, window

LISTED = {
    "ILCE-7SM3": (4294967295, 47244640255, 94489280511, 180388626431),
    "ILCE-1M2": (4294967295, 47244640255, 184683593727, 369367187455),
    "ILCE-7M5": (4294967295, 47244640255, 240518168575, 476741369855),
}


@pytest.mark.parametrize(
    ("model", "labels"),
    [
        ("ILCE-7SM3", ["Off", "x1", "x2.1", "x4.1"]),
        ("ILCE-1M2", ["Off", "x1", "x4.2", "x8.5"]),
        ("ILCE-7M5", ["Off", "x1", "x5.5", "x11"]),
    ],
)
def test_the_choices_of_real_bodies(model: str, labels: list[str]) -> None:
    assert [label(value) for value in LISTED[model]] == labels
    assert all(place(value) is None for value in LISTED[model]) and LISTED[model][0] == OFF


@pytest.mark.parametrize(("value", "where"), [(28770465, (439, 161)), (27590975, (421, 319)), (20971760, (320, 240))])
def test_what_real_bodies_read_at_rest(value: int, where: tuple[int, int]) -> None:
    assert ratio(value) == 0 and label(value) == "Off" and place(value) == where
    assert (window(value).left, window(value).top, window(value).side) == (0, 0, 1)


def test_sonys_example() -> None:
    value = 0x0000002800960064
    assert (ratio(value), place(value), label(value)) == (4.0, (150, 100), "x4")


@given(st.integers(1, 200), st.floats(-1, 2), st.floats(-1, 2))
def test_a_part_lies_in_the_picture_with_its_middle_as_near_as_may_be(tenths: int, x: float, y: float) -> None:
    value = part(tenths << 32 | ANYWHERE, (x, y))
    column, row = place(value) or (-1, -1)
    seen = window(value)
    assert ratio(value) == tenths / 10 and 0 <= column < COLUMNS and 0 <= row < ROWS
    assert seen.side == pytest.approx(1 / max(tenths / 10, 1))
    for begin, middle, wanted, count in ((seen.left, column, x, COLUMNS), (seen.top, row, y, ROWS)):
        assert -1e-9 <= begin <= 1 - seen.side + 1e-9
        nearest = min(max(wanted, seen.side / 2), 1 - seen.side / 2)
        assert middle / count == pytest.approx(nearest, abs=1 / count)
        assert begin + seen.side / 2 == pytest.approx(nearest, abs=1 / count)


def test_what_shows_the_same() -> None:
    x4, x2 = 41 << 32, 21 << 32
    assert same_part(x4 | 150 << 16 | 100, x4 | 151 << 16 | 98) and same_part(x4 | ANYWHERE, x4 | 5 << 16 | 5)
    assert not same_part(x4 | 150 << 16 | 100, x4 | 153 << 16 | 100) and not same_part(x4 | ANYWHERE, x2 | ANYWHERE)
    assert same_part(28770465, OFF) and same_part(28770465, 20971760), "off is off"
