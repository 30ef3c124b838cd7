"""EXPTIME: the policy as a table."""

from __future__ import annotations

import pytest

from indi_sony_py.image.exptime import exptime, near
from tests.image.frames import record

# mode, asked, the body's speed, measured, the file's; the card, and a word of the warning ("" for none).
_CASES = [
    # The body's own shutter: its speed, the file agrees.
    ("timed", 5.0, 5.0, None, 5.0, 5.0, ""),
    ("timed", 30.2, 30.0, None, 30.0, 30.0, ""),
    ("timed", 0.0, 1 / 8000, None, 1 / 8000, 1 / 8000, ""),
    ("timed", 5.0, 5.0, None, None, 5.0, ""),
    ("timed", 5.0, 5.0, 7.0, None, 7.0, "7 s"),
    # Within 2 %, or within 0.1 s.
    ("timed", 30.0, 30.0, None, 30.6, 30.0, ""),
    ("timed", 30.0, 30.0, None, 30.61, 30.61, "30.61 s"),
    ("timed", 2.0, 2.0, None, 2.1, 2.0, ""),
    ("timed", 2.0, 2.0, None, 2.11, 2.11, "2.11 s"),
    ("timed", 5.0, 5.0, None, 2.5, 2.5, "2.5 s"),
    # Short speeds are within 0.1 s of each other: EXPTIME stays, but it is said.
    ("timed", 1 / 1000, 1 / 1000, None, 1 / 30, 1 / 1000, "EXPFILE"),
    ("timed", 1 / 60, 1 / 60, None, 1 / 64, 1 / 60, ""),
    # Bulb: the measured time is the truth, the file may round it.
    ("bulb", 300.0, None, 300.012, 300.0, 300.0, ""),
    ("bulb", 300.0, None, 300.012, None, 300.0, ""),
    ("bulb", 300.0, None, 306.5, 306.5, 306.5, "306.5 s"),
    ("bulb", 300.0, None, 120.0, 120.0, 120.0, "120 s"),
    ("bulb", 1.5, None, 1.59, 1.6, 1.5, ""),
    # The dial was not on BULB: the body ended it by itself.
    ("bulb", 300.0, None, 300.01, 30.0, 30.0, "30 s"),
    # A timer in the body.
    ("bulb timer", 120.0, None, None, 120.0, 120.0, ""),
    ("bulb timer", 120.0, None, None, 60.0, 60.0, "60 s"),
    ("bulb timer", 120.0, None, None, None, 120.0, ""),
]


@pytest.mark.parametrize(("mode", "asked", "nominal", "measured", "file", "card", "word"), _CASES)
def test_the_table(
    mode: str, asked: float, nominal: float | None, measured: float | None, file: float | None, card: float, word: str
) -> None:
    made = record(shutter_mode=mode, requested_s=asked, nominal_s=nominal, measured_s=measured)
    found = exptime(made, file)
    assert found.value_s == card
    assert (found.warning or "") == "" if word == "" else word in (found.warning or "")


@pytest.mark.parametrize(
    ("truth", "asked", "wanted"),
    [(5.1, 5.0, True), (5.11, 5.0, False), (102.0, 100.0, True), (102.1, 100.0, False), (0.1, 0.0, True)],
)
def test_near(truth: float, asked: float, wanted: bool) -> None:
    assert near(truth, asked) is wanted
