"""Ekos' align module solves a frame of the driver, syncs the mount, and the next frame's WCS cards are true."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from indi_sony_py.sim.catalogue import project, read_catalogue
from indi_sony_py.sim.night import Pointing
from tests.judges.solving import missing, real_stars
from tools.align import MOUNT, align, align_settings, sync_mount
from tools.ekosbench import SIZE, bench

# Never below the horizon of Greenwich, where KStars is at first; the focal length is that of its first optical train.
RA_DEG, DEC_DEG, ANGLE_DEG, FOCAL_MM = 180.0, 75.0, 20.0, 300.0


@pytest.mark.filterwarnings("ignore::astropy.wcs.wcs.FITSFixedWarning")  # INDI's names of cards, older than astropy's
@pytest.mark.skipif(bool(missing()), reason=missing() or "all there")
def test_a_frame_is_solved_and_the_next_one_says_where_its_stars_are(kstars_home: Path, tmp_path: Path) -> None:
    stars = real_stars(tmp_path / "stars.csv", RA_DEG, DEC_DEG, 5.0)
    settings = align_settings(exposure_s=3)
    drivers = ("indi_simulator_telescope",)
    with bench(kstars_home, drivers=drivers, mount=MOUNT, settings=settings, stars=stars) as ekos:
        ekos.camera.control(
            command="point", ra_deg=RA_DEG, dec_deg=DEC_DEG, focal_mm=FOCAL_MM, angle_deg=ANGLE_DEG
        )  # fmt: skip
        # The mount is wrong by a tenth of a degree, and by the precession since 2000.
        sync_mount(ekos.kstars.desktop, RA_DEG + 0.1, DEC_DEG + 0.1)
        found = align(ekos.kstars.desktop, 120)
        away = np.hypot((found.ra_deg - RA_DEG) * np.cos(np.radians(DEC_DEG)), found.dec_deg - DEC_DEG) * 3600
        assert away < 20
        assert abs((found.angle_deg - ANGLE_DEG - 180 + 180) % 360 - 180) < 0.2
        (path,) = ekos.run([ekos.job("Light", 2.1, folder=ekos.rig.folder / "after")], 120)
        header = fits.getheader(path)
        assert ekos.camera.broken_rules() == []
    assert header["TELESCOP"] == MOUNT and abs(header["OBJCTALT"]) <= 90
    # Where the cards say that each star is, against where the sky put it: a pixel has 5.7 arcsec.
    truth = Pointing(RA_DEG, DEC_DEG, ANGLE_DEG, 206.264806 * header["XPIXSZ"] / FOCAL_MM)
    known = read_catalogue(stars).near(RA_DEG, DEC_DEG, 10.0)
    middle = ((SIZE[0] - 1) / 2, (SIZE[1] - 1) / 2)
    places = project(known, truth, middle)
    inside = [0 < x < SIZE[0] - 1 and 0 < y < SIZE[1] - 1 for x, y in places]
    theirs = np.stack(WCS(header).all_world2pix(known[inside, 0], known[inside, 1], 0), axis=1)
    off = np.hypot(*(theirs - places[inside]).T)
    print(f"solved {away:.1f} arcsec off, {found.angle_deg:.2f} degrees; stars {off.max():.1f} pixels off at most")
    assert off.max() < 12
