"""The judge of the demonstration: a true frame passes, anything else is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from indi_sony_py.sim.arw_codecs import lossy_round_trip
from indi_sony_py.sim.geometry import Geometry, small
from indi_sony_py.sim.sky import Sky
from tools.compare import Cfa, compare

SEED = 7
SIZE = small(800, 608)


def _press(raw: str = "uncompressed", serial: int = 41) -> tuple[Cfa, dict[str, Any]]:
    rendered = Sky(SEED, SIZE).render(5.0, 800, "sky", serial)
    truth = {
        "exposure_s": 5.0, "iso": 800, "scene": "sky", "serial": serial, "raw": raw,
        "stars": [list(star) for star in rendered.stars],
    }  # fmt: skip
    cfa = lossy_round_trip(rendered.cfa) if raw == "lossy" else rendered.cfa
    width, height = SIZE.visible
    return cfa[:height, :width].copy(), truth


@pytest.mark.parametrize("raw", ["uncompressed", "lossy", "lossless"])
def test_a_true_frame_has_no_faults(raw: str) -> None:
    cfa, truth = _press(raw)
    result = compare(cfa, truth, SEED, SIZE)
    assert result.faults == () and result.different == 0 and result.serial_found == 41
    assert result.stars.put_in == len(truth["stars"]) > 0
    assert result.stars.matched == result.stars.put_in
    assert result.stars.median_offset_px is not None and result.stars.median_offset_px < 0.5


def test_stars_need_not_be_looked_for() -> None:
    cfa, truth = _press()
    result = compare(cfa, truth, SEED, SIZE, stars=False)
    assert result.faults == () and result.stars.put_in == len(truth["stars"]) and result.stars.found == 0


def test_the_crop_is_compared_in_its_place() -> None:
    cfa, truth = _press()
    assert SIZE.crop is not None
    x, y, width, height = SIZE.crop
    result = compare(cfa[y : y + height, x : x + width], truth, SEED, SIZE, area="crop")
    assert result.faults == () and result.stars.matched == result.stars.put_in


def test_one_wrong_pixel_is_found() -> None:
    cfa, truth = _press()
    cfa[300, 300] += 9
    (fault,) = compare(cfa, truth, SEED, SIZE).faults
    assert fault == f"1 of {cfa.size} pixels differ from the sky, by up to 9"


def test_the_frame_of_another_press_is_found() -> None:
    cfa, _ = _press(serial=41)
    _, truth = _press(serial=42)
    serial, pixels = compare(cfa, truth, SEED, SIZE).faults
    assert serial == "the pixels carry serial number 41, the press had 42" and "differ from the sky" in pixels


def test_another_size_is_found() -> None:
    cfa, truth = _press()
    result = compare(cfa[:-2], truth, SEED, SIZE)
    assert result.faults == ("the frame has another size than the sky",) and result.different is None


def test_an_empty_frame_has_no_serial_number_and_no_stars() -> None:
    cfa, truth = _press()
    result = compare(np.full_like(cfa, 512), truth, SEED, SIZE)
    assert result.serial_found is None and result.stars.found == 0 and result.stars.median_offset_px is None


def test_the_body_decides_the_area() -> None:
    bare = Geometry(800, 608, (800, 608))
    rendered = Sky(SEED, bare).render(1.0, 100, "flat", 3)
    truth = {"exposure_s": 1.0, "iso": 100, "scene": "flat", "serial": 3, "raw": "uncompressed", "stars": []}
    assert compare(rendered.cfa, truth, SEED, bare, area="crop").faults == ()
