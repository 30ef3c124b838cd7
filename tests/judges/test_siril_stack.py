"""Siril calibrates, demosaics, registers and stacks frames of the driver: stars where the sky has them, colours right.

One small night by the whole driver (`tests.stage`). The same judgement must fail where a header or the pixels lie.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from indi_sony_py.sim.geometry import small
from indi_sony_py.sim.sky import Star
from tests.judges import siril
from tests.judges.siril import Siril
from tests.judges.skyshots import Plan, Shots, on_stage
from tests.judges.starlight import layers, lonely, measure

pytestmark = pytest.mark.skipif(bool(siril.missing()), reason=siril.missing())

# Siril's demosaic (RCD) takes some red and blue from stars this sharp; what it is given is right to 2 % (below).
_DEMOSAICED = 0.08


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Shots:
    plan = Plan(exposure_s=60.0, focal_mm=400.0)
    return on_stage(tmp_path_factory.mktemp("frames"), plan, small(768, 512), raw="uncompressed")


@pytest.fixture(scope="module")
def judge(shots: Shots, tmp_path_factory: pytest.TempPathFactory) -> Siril:
    """Siril with its masters made."""
    folder = tmp_path_factory.mktemp("siril")
    siril.sort_frames(shots.frames, folder)
    made = Siril(folder)
    made.masters()
    return made


@pytest.fixture(scope="module")
def stars(shots: Shots) -> list[Star]:
    return lonely(shots.stars, shots.size, shots.plan.exposure_s, shots.plan.iso)


def test_a_stack_has_each_star_where_the_sky_has_it(judge: Siril, stars: list[Star]) -> None:
    """Registered on the first light: its places hold. The colour between the stars is true to 2 %."""
    stacked = judge.stack()
    found = measure(layers(stacked), stars)
    assert found.stars >= 15
    assert found.faults(colours=_DEMOSAICED) == []
    assert max(abs(shift) for shift in found.shift_px) < 0.05
    assert found.sky == pytest.approx((1, 1), abs=0.02)
    assert "Filter Pattern: RGGB" in judge.log


def test_the_colours_of_its_calibrated_stars_are_those_of_the_sky(judge: Siril, stars: list[Star]) -> None:
    """Each pixel of the mosaic's square stacked alone, so that no demosaic comes between."""
    found = measure(judge.planes(), stars)
    assert found.faults() == []
    assert found.slope == pytest.approx(1, abs=0.04)


def test_darks_flats_and_bias_do_what_they_are_for(judge: Siril, shots: Shots) -> None:
    """Without them the sky of a light has dark corners and hot pixels; with them it has neither."""
    raw = fits.getdata(shots.of("light")[0]).astype(float) - 512
    clean, _ = judge.calibrated(shots.of("light")[:2])
    hot = fits.getdata(shots.of("dark")[0]).astype(float) - 512 > 300
    hot[:160] = False
    assert hot.sum() > 20

    def sky(frame: np.ndarray, rows: slice, columns: slice) -> float:
        return float(np.median(frame[1::2, 0::2][rows, columns]))

    middle, corner = (slice(110, 150), slice(150, 230)), (slice(220, 250), slice(350, 380))
    assert sky(raw, *corner) / sky(raw, *middle) < 0.85
    assert sky(clean, *corner) / sky(clean, *middle) == pytest.approx(1, abs=0.02)
    level = float(np.median(clean))
    # Where no star is: what a hot pixel adds is gone, but for its noise and the clipping of the hottest.
    tame = hot & (fits.getdata(shots.of("dark")[0]) < 8000)
    assert np.median(raw[tame]) > 5 * level
    assert abs(np.median(clean[tame]) - level) < 0.1 * level


def _changed(source: Path, to: Path, change: Callable[[fits.PrimaryHDU], None]) -> Path:
    with fits.open(source) as opened:
        hdu = fits.PrimaryHDU(opened[0].data.copy(), opened[0].header.copy())
    change(hdu)
    hdu.writeto(to)
    return to


def _pattern(letters: str) -> Callable[[fits.PrimaryHDU], None]:
    return lambda hdu: hdu.header.set("BAYERPAT", letters)


def _row_order(hdu: fits.PrimaryHDU) -> None:
    hdu.header["ROWORDER"] = "BOTTOM-UP"


def _upside_down(hdu: fits.PrimaryHDU) -> None:
    hdu.data = hdu.data[::-1].copy()


def _offset(hdu: fits.PrimaryHDU) -> None:
    hdu.header["XBAYROFF"] = 1


LIES = {
    "BGGR": _pattern("BGGR"), "GRBG": _pattern("GRBG"), "GBRG": _pattern("GBRG"), "BOTTOM-UP": _row_order,
    "upside down": _upside_down, "XBAYROFF": _offset,
}  # fmt: skip


def test_a_header_or_pixels_that_lie_are_found(judge: Siril, shots: Shots, stars: list[Star], tmp_path: Path) -> None:
    """The judgement of single lights: the true one passes, each lie fails."""
    true = shots.of("light")[0]
    lies = [_changed(true, tmp_path / f"{number}.fits", change) for number, change in enumerate(LIES.values())]
    whole, *others = (measure(layers(image), stars) for image in judge.debayer([true, *lies]))
    assert whole.faults(colours=_DEMOSAICED) == [] and whole.sky == pytest.approx((1, 1), abs=0.02)
    passed = [name for name, found in zip(LIES, others, strict=True) if not found.faults(colours=_DEMOSAICED)]
    assert passed == []


def test_siril_reads_the_cards_that_it_knows(judge: Siril, shots: Shots) -> None:
    """What it took from our header stands in the headers that it writes."""
    mine = fits.getheader(shots.of("light")[0])
    judge.run("cd lights", f"load {shots.of('light')[0].stem}", "save ../process/copied")
    copied = fits.getheader(judge.folder / "process" / "copied.fit")
    same = ("INSTRUME", "EXPTIME", "XPIXSZ", "YPIXSZ", "XBINNING", "YBINNING", "CCD-TEMP", "ROWORDER", "BAYERPAT")
    assert {name: copied[name] for name in same} == {name: mine[name] for name in same}
    assert (copied["ISOSPEED"], copied["GAIN"]) == (800, 800)
    assert copied["DATE-OBS"].startswith(mine["DATE-OBS"])
    assert (copied["XBAYROFF"], copied["YBAYROFF"]) == (0, 0)


def test_the_files_are_whole_for_fitsverify(shots: Shots) -> None:
    if shutil.which("fitsverify") is None:
        pytest.skip("fitsverify is not installed (Debian package fitsverify)")
    done = subprocess.run(["fitsverify", "-q", *shots.frames], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.count("verification OK") == len(shots.frames), done.stdout[-2000:]


def test_astap_sees_the_stars_of_a_light(shots: Shots) -> None:
    """As many as the sky has there, as sharp as the sky made them."""
    if shutil.which("astap_cli") is None:
        pytest.skip("astap_cli is not installed (Debian package astap-cli)")
    command = ["astap_cli", "-f", str(shots.of("light")[0]), "-analyse", "10"]
    # Its exit status is the result itself.
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240).stdout
    seen = {name: float(value) for name, value in re.findall(r"^(\w+)=([\d.]+)$", said, re.M)}
    assert 0.4 * len(shots.stars) < seen["STARS"] < 1.1 * len(shots.stars)
    # A Gaussian of 1.7 pixels has a half-flux diameter of 2.355 sigma; a mosaic is seen a little wider.
    assert 3.6 < seen["HFD_MEDIAN"] < 5.0
