"""A night on the simulated sensor: flats, darks, hot pixels, light path, and stars of a sky where one points."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from astropy.coordinates import Angle, SkyCoord
from astropy.wcs import WCS
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.image.stars import find_stars
from indi_sony_py.sim.catalogue import MadeUpSky, StarList, colours, project, read_catalogue
from indi_sony_py.sim.geometry import Geometry, small
from indi_sony_py.sim.night import PLAIN, Night, Optics, Pointing
from indi_sony_py.sim.serial_mark import MARK
from indi_sony_py.sim.sky import ELECTRONS_PER_ADU, Sky
from tests.sim.plain_client import a7s3
from tools.compare import compare

_SENSOR = Geometry(1536, 1024, (1512, 1024), None, (12, 12, 1488, 1000))
_ORION = Pointing(83.82, -5.39, 20.0, 3.5)
_BELOW_MARK = 200


def _green(cfa: npt.NDArray[np.uint16]) -> npt.NDArray[np.float64]:
    """Values above black, of the rows below the serial number."""
    return cfa[_BELOW_MARK::2, 1::2].astype(float) - 512


def _level(seconds: float, iso: int, night: Night) -> float:
    return float(np.median(_green(Sky(1, _SENSOR).render(seconds, iso, "flat", 1, night).cfa)))


def test_a_flats_level_follows_time_iso_and_panel() -> None:
    dim = Night(panel=0.1)
    one = _level(1.0, 100, dim)
    assert one == pytest.approx(24000 * 0.1 / ELECTRONS_PER_ADU * 0.9, rel=0.05)
    assert _level(4.0, 100, dim) == pytest.approx(4 * one, rel=0.01)
    assert _level(1.0, 400, dim) == pytest.approx(4 * one, rel=0.01)
    assert _level(0.1, 100, PLAIN) == pytest.approx(one, rel=0.01)
    assert _level(60.0, 100, dim) == 16383 - 512


def test_the_dark_current_doubles_with_each_six_and_a_half_degrees() -> None:
    def dark(celsius: float) -> float:
        night = Night(temperature_c=celsius)
        return float(np.mean(_green(Sky(1, _SENSOR).render(2000.0, 400, "dark", 1, night).cfa)))

    assert dark(24.0) == pytest.approx(0.02 * 2000, rel=0.02)
    assert dark(37.0) == pytest.approx(4 * dark(24.0), rel=0.02)


def test_hot_pixels_stay_where_they_are_and_follow_time_and_warmth() -> None:
    sky, night = Sky(1, _SENSOR), Night(hot_pixels=True)
    cold = sky.render(60.0, 100, "dark", 1, night).cfa.astype(int)
    later = sky.render(60.0, 100, "dark", 2, night).cfa.astype(int)
    without = sky.render(60.0, 100, "dark", 1).cfa.astype(int)
    hot, again = (np.argwhere(frame[_BELOW_MARK:] > 512 + 60) for frame in (cold, later))
    # Of one pixel in 5,000 those that stand out: not the faintest.
    assert 0.4 < len(hot) / (cold.size / 5000) < 1.0
    assert len({tuple(place) for place in hot} & {tuple(place) for place in again}) > 0.9 * len(hot)
    assert without[_BELOW_MARK:].max() < 512 + 60
    warm = sky.render(60.0, 100, "dark", 1, Night(hot_pixels=True, temperature_c=30.5)).cfa.astype(int)
    rates = [(warm[_BELOW_MARK + y, x] - 512) / (cold[_BELOW_MARK + y, x] - 512) for y, x in hot
             if warm[_BELOW_MARK + y, x] < 16000]  # fmt: skip
    assert np.median(rates) == pytest.approx(2.0, rel=0.03)


def test_the_light_path_weakens_sky_and_panel_alike() -> None:
    sky, night = Sky(1, _SENSOR), Night(optics=Optics(0.4, 8))
    light = _green(sky.render(600.0, 400, "sky", 1, night).cfa)
    flat = _green(sky.render(0.1, 400, "flat", 2, night).cfa)
    blocks = [np.median(frame[:400, :752].reshape(25, 16, 47, 16), axis=(1, 3)) for frame in (light, flat)]
    share = blocks[0] / blocks[1]
    assert blocks[1].min() < 0.75 * blocks[1].max()
    assert share.std() / share.mean() < 0.01
    # Dust is in both, and moves by nothing.
    clean = _green(sky.render(0.1, 400, "flat", 2, Night(optics=Optics(0.4, 0))).cfa)
    motes = np.median((flat / clean)[:400, :752].reshape(50, 8, 94, 8), axis=(1, 3))
    assert motes.min() < 0.98 and np.median(motes) == pytest.approx(1, abs=0.01)


def test_a_cap_keeps_the_light_path_out() -> None:
    sky = Sky(1, _SENSOR)
    assert np.array_equal(sky.render(5, 400, "dark", 1, Night(optics=Optics())).cfa, sky.render(5, 400, "dark", 1).cfa)


def test_a_stars_flux_goes_with_the_light_that_reaches_it() -> None:
    sky = Sky(1, _SENSOR)
    plain = sky.render(5, 400, "sky", 1)
    shaded = sky.render(5, 400, "sky", 1, Night(optics=Optics(0.4, 0)))
    for (x, y, whole), (_, _, left) in zip(plain.stars, shaded.stars, strict=True):
        share = 1 - 0.2 * ((2 * x / 1535 - 1) ** 2 + (2 * y / 1023 - 1) ** 2)
        assert left / whole == pytest.approx(share, rel=0.01)


def _wcs(pointing: Pointing, middle: tuple[float, float]) -> WCS:
    """The same by astropy: pixels from 0, y downwards."""
    wcs = WCS(naxis=2)
    angle, scale = np.radians(pointing.angle_deg), pointing.arcsec_per_pixel / 3600
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [pointing.ra_deg, pointing.dec_deg]
    wcs.wcs.crpix = [middle[0] + 1, middle[1] + 1]
    wcs.wcs.cd = scale * np.array([[-np.cos(angle), -np.sin(angle)], [np.sin(angle), -np.cos(angle)]])
    return wcs


@settings(max_examples=60, deadline=None)
@given(
    ra=st.floats(0, 360), dec=st.floats(-89.9, 89.9), angle=st.floats(-180, 180), scale=st.floats(0.5, 20),
    east=st.floats(-2, 2), north=st.floats(-2, 2),
)  # fmt: skip
def test_stars_are_projected_as_astropy_projects_them(
    ra: float, dec: float, angle: float, scale: float, east: float, north: float
) -> None:
    pointing = Pointing(ra, dec, angle, scale)
    star = SkyCoord(ra, dec, unit="deg").spherical_offsets_by(Angle(east, "deg"), Angle(north, "deg"))
    ours = project(np.array([[star.ra.deg, star.dec.deg, 5.0, 0.5]]), pointing, (755.5, 511.5))[0]
    theirs = _wcs(pointing, (755.5, 511.5)).world_to_pixel(star)
    assert ours == pytest.approx([float(theirs[0]), float(theirs[1])], abs=1e-3)


def test_with_north_up_east_is_left() -> None:
    pointing = Pointing(100.0, 20.0, 0.0, 10.0)
    stars = np.array([[100.0, 20.1, 5, 0], [100.1, 20.0, 5, 0]])
    north, east = project(stars, pointing, (500.0, 400.0))
    assert north == pytest.approx([500, 400 - 36], abs=0.1)
    assert east[0] < 500 - 30 and east[1] == pytest.approx(400, abs=0.1)


def test_stars_stand_where_the_sky_has_them() -> None:
    night = Night(pointing=_ORION)
    shot = Sky(1, _SENSOR).render(10.0, 800, "sky", 1, night)
    bright = sorted(shot.stars, key=lambda star: -star[2])[:60]
    found = find_stars(shot.cfa, ignore=MARK)
    alone = [
        (x, y)
        for x, y, _ in bright
        if sum((x - a) ** 2 + (y - b) ** 2 < 900 for a, b, _ in shot.stars) == 1
        and 30 < x < 1480 and 150 < y < 990
    ]  # fmt: skip
    assert len(alone) > 5
    for x, y in alone:
        assert any(abs(fx - x) < 0.3 and abs(fy - y) < 0.3 for fx, fy, _ in found), (x, y)


def test_a_dither_moves_the_stars_and_brings_others() -> None:
    sky = Sky(1, _SENSOR)
    one = sky.render(1.0, 800, "sky", 1, Night(pointing=Pointing(83.82, -5.39, 0.0, 3.5)))
    two = sky.render(1.0, 800, "sky", 2, Night(pointing=Pointing(83.82, -5.39 + 35 / 3600, 0.0, 3.5)))
    # The same star again: looking 35 arcsec further north, it stands 10 pixels lower.
    seen = {round(flux, 1): (x, y) for x, y, flux in one.stars}
    moved = [(x - seen[key][0], y - seen[key][1]) for x, y, flux in two.stars if (key := round(flux, 1)) in seen]
    assert len(moved) > 5
    assert np.median(moved, axis=0) == pytest.approx([0, 10], abs=0.05)


@pytest.mark.parametrize(("ra", "dec"), [(0.0, 0.0), (359.9, 45.0), (180.0, 89.5), (10.0, -90.0), (250.0, 60.5)])
def test_the_made_up_sky_is_everywhere_as_dense_and_always_the_same(ra: float, dec: float) -> None:
    sky = MadeUpSky(5)
    stars = sky.near(ra, dec, 3.0)
    assert len(stars) / (np.pi * 9) == pytest.approx(60 * 10**0.6, rel=0.1)
    inside = sky.near(ra, dec, 1.0)
    assert {tuple(star) for star in inside} <= {tuple(star) for star in stars}
    assert len({tuple(star) for star in stars}) == len(stars)
    assert not np.array_equal(MadeUpSky(6).near(ra, dec, 1.0), inside)


def test_a_stars_colour_is_that_of_its_b_v() -> None:
    blue, white, red = colours(np.array([0.0, 0.65, 1.5]))
    assert tuple(white) == (1, 1, 1)
    assert blue[0] < 1 < blue[2] and red[0] > 1 > red[2]


def test_a_file_of_stars(tmp_path: Path) -> None:
    path = tmp_path / "stars.csv"
    path.write_text("name,ra_deg,dec_deg,v,b_v\nRigel,78.634,-8.2016,0.13,-0.03\nfar,200,40,5,1\n")
    catalogue = read_catalogue(path)
    assert catalogue.near(79.0, -8.0, 1.0).tolist() == [[78.634, -8.2016, 0.13, -0.03]]
    path.write_text("ra,dec\n1,2\n")
    with pytest.raises(ValueError, match="ra_deg, dec_deg, v, b_v"):
        read_catalogue(path)
    path.write_text("ra_deg,dec_deg,v,b_v\n1,2,3,4\n1,2,x,4\n")
    with pytest.raises(ValueError, match="line 3"):
        read_catalogue(path)
    assert len(StarList(np.empty((0, 4))).near(1, 1, 5)) == 0


def test_a_night_is_told_and_made_anew() -> None:
    night = Night(_ORION, Optics(0.2, 3), 0.5, -4.0, True)
    assert Night.of(json.loads(json.dumps(night.told()))) == night
    assert PLAIN.told() == {} and Night.of({}) == PLAIN


def test_the_truth_tells_the_night() -> None:
    truth = io.StringIO()
    h = a7s3(truth=truth)
    h.camera.world.menu.night = Night(panel=2.0)
    h.camera.leave_behind(1)
    assert json.loads(truth.getvalue())["night"] == {"panel": 2.0}


def test_a_frame_is_compared_with_its_night() -> None:
    night = Night(pointing=_ORION, optics=Optics(), hot_pixels=True)
    geometry = small()
    shot = Sky(1, geometry).render(5.0, 800, "sky", 4, night)
    truth = {"exposure_s": 5.0, "iso": 800, "scene": "sky", "serial": 4, "raw": "uncompressed", "stars": [],
             "night": night.told()}  # fmt: skip
    cfa = shot.cfa[:, : geometry.visible[0]]
    assert compare(cfa, truth, 1, geometry, stars=False).faults == ()
    assert compare(cfa, truth | {"night": {}}, 1, geometry, stars=False).faults != ()
