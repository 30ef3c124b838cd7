"""The soak's judgement of growth, and its look into the pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits

from indi_sony_py.sim.serial_mark import write_serial
from tools.compare import serial_of
from tools.growth import Reading, growth


def as_fits(cfa: np.ndarray) -> bytes:
    made = io.BytesIO()
    fits.PrimaryHDU(cfa).writeto(made)
    return made.getvalue()


def readings(*mb: float, descriptors: int = 10, threads: int = 4) -> list[Reading]:
    return [Reading(value, descriptors, threads) for value in mb]


def test_what_stays_flat_after_the_warm_up_has_no_fault() -> None:
    assert growth(readings(*([20.0] * 5 + [40.0] * 45))).faults == ()


def test_one_peak_is_no_growth_but_is_shown() -> None:
    found = growth(readings(*([40.0] * 30 + [275.0] + [40.0] * 30)))
    assert found.faults == () and found.most.resident_mb == 275.0


def test_memory_that_grows_steadily_is_a_fault() -> None:
    assert "memory grew" in growth(readings(*(40.0 + 0.2 * frame for frame in range(100)))).faults[0]


@pytest.mark.parametrize(("name", "word"), [("descriptors", "open descriptors"), ("threads", "threads")])
def test_a_descriptor_or_thread_that_stays_is_a_fault(name: str, word: str) -> None:
    rows = [Reading(40.0, **{"descriptors": 10, "threads": 4} | {name: 10 + frame // 20}) for frame in range(100)]
    assert [fault for fault in growth(rows).faults if word in fault]


def test_too_few_frames_are_no_judgement() -> None:
    with pytest.raises(ValueError, match="too few"):
        growth(readings(*[40.0] * 9))


def test_the_serial_number_is_read_out_of_a_whole_file() -> None:
    cfa = np.full((256, 512), 600, np.uint16)
    assert write_serial(cfa, 4711, 512)
    assert serial_of(as_fits(cfa)) == 4711
    assert serial_of(as_fits(np.full((256, 512), 600, np.uint16))) is None
