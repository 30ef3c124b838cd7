"""What other devices know, as cards: each from its fact, and the coordinates against astropy."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import FK5, ICRS, TETE, AltAz, EarthLocation, SkyCoord
from astropy.io import fits
from astropy.time import Time
from astropy.utils import iers
from astropy.wcs import WCS

from indi_sony_py.image.arw import read_arw
from indi_sony_py.image.cards import TABLE, Source, make_header
from indi_sony_py.image.coordinates import air_mass, pointing
from indi_sony_py.image.exptime import exptime
from indi_sony_py.image.fits import fits_size, write_fits
from indi_sony_py.image.installed import missing
from indi_sony_py.image.skycards import DEVICES, FILTER, SKY, TELESCOPE
from indi_sony_py.image.skycards import WCS as WCS_ROWS
from indi_sony_py.observatory import Observatory
from indi_sony_py.sim.arw_encoder import encode_arw
from tests.image.frames import Pieces, noise, record, spec

UTC = "2026-01-15T20:30:12.123456"
WHOLE = Observatory(
    "EQ6-R", 5.6, -5.4, False, "WEST", 48.2, -16.4, 210.0, 600.0, 100.0, 12.5, 36700.4, -3.25, "H_Alpha", 21.3, 90.0
)
_HEADER = read_arw(encode_arw(noise(spec().geometry), spec()))


@pytest.fixture(autouse=True)
def no_network() -> Any:
    """The earth's turning as the installed tables foretell it."""
    with (
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        yield


def source(seen: Observatory, **changes: Any) -> Source:
    made = record(observatory=seen, pressed_utc=UTC, **changes)
    return Source(made, _HEADER, exptime(made, _HEADER.exposure_s), 488, 384, "RGGB", 512, 16383)


def header(seen: Observatory, **changes: Any) -> fits.Header:
    return _cards(source(seen, **changes))


def _cards(made: Source) -> fits.Header:
    raw, notes = make_header(made)
    assert notes == ()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return fits.Header.fromstring(raw.decode("ascii"))


def test_all_cards_in_indi_s_order() -> None:
    found = [keyword for keyword in header(WHOLE) if keyword in {row.keyword for row in TABLE if row.free}]
    assert found == [
        "TELESCOP", "FILTER", "FOCALLEN", "APTDIA", "MPSAS", "ROTATANG", "FOCUSPOS", "FOCUSTEM", "SCALE", "SITELAT",
        "SITELONG", "AIRMASS", "OBJCTAZ", "OBJCTALT", "OBJCTRA", "OBJCTDEC", "RA", "DEC", "PIERSIDE", "EQUINOX",
        "CRVAL1", "CRVAL2", "RADECSYS", "CTYPE1", "CTYPE2", "CRPIX1", "CRPIX2", "SECPIX1", "SECPIX2", "CDELT1",
        "CDELT2", "CROTA1", "CROTA2",
    ]  # fmt: skip


def test_each_fact_is_its_card() -> None:
    cards = header(WHOLE)
    told = {
        "TELESCOP": "EQ6-R", "FILTER": "H_Alpha", "FOCALLEN": 600.0, "APTDIA": 100.0, "MPSAS": 21.3, "ROTATANG": 12.5,
        "FOCUSPOS": 36700, "FOCUSTEM": -3.25, "SITELAT": 48.2, "SITELONG": -16.4, "PIERSIDE": "WEST", "EQUINOX": 2000.0,
        "CROTA2": 270.0,
    }  # fmt: skip
    assert {name: cards[name] for name in told} == told
    assert cards["SCALE"] == pytest.approx(206.264806 * 5.95 / 600)


def test_nothing_known_gives_no_card() -> None:
    cards = header(Observatory())
    assert not [row.keyword for row in (TELESCOPE, FILTER, *DEVICES, *SKY, *WCS_ROWS) if row.keyword in cards]


@pytest.mark.parametrize("frame_type", ["Dark", "Flat", "Bias"])
def test_where_it_points_stands_in_lights_only(frame_type: str) -> None:
    cards = header(WHOLE, frame_type=frame_type)
    assert not [row.keyword for row in (*SKY, *WCS_ROWS) if row.keyword in cards]
    assert all(row.keyword in cards for row in (TELESCOPE, FILTER, *DEVICES))


@pytest.mark.parametrize(
    ("missing", "absent", "present"),
    [
        ({"latitude_deg": None, "longitude_deg": None}, {"SITELAT", "AIRMASS", "OBJCTALT", "OBJCTAZ"}, {"RA"}),
        ({"ra_h": None, "dec_deg": None}, {"RA", "OBJCTRA", "AIRMASS", "PIERSIDE", "CRVAL1"}, {"SITELAT", "FOCALLEN"}),
        ({"focal_mm": None}, {"SCALE", "FOCALLEN", "CRVAL1", "CDELT1"}, {"RA", "APTDIA"}),
        ({"fov_rotation_deg": None}, {"CRVAL1", "CTYPE1", "CROTA2"}, {"RA", "SCALE"}),
        ({"pier_side": ""}, {"PIERSIDE"}, {"RA"}),
        ({"dec_deg": 80.0, "latitude_deg": -60.0}, {"AIRMASS"}, {"OBJCTALT"}),
    ],
)
def test_what_needs_a_fact_goes_with_it(missing: dict[str, Any], absent: set[str], present: set[str]) -> None:
    cards = header(replace(WHOLE, **missing))
    assert not absent & set(cards) and present <= set(cards)


def test_a_lens_tells_its_focal_length_where_nobody_told_of_a_telescope() -> None:
    made = replace(spec(), focal_mm=Fraction(135))
    lens = read_arw(encode_arw(noise(made.geometry), made))
    no_telescope = replace(WHOLE, focal_mm=None)
    told = _cards(replace(source(no_telescope), header=lens))
    assert (told["FOCALLEN"], told.comments["FOCALLEN"]) == (135.0, "[mm] lens, rounded, as the camera's file says")
    assert told["SCALE"] == pytest.approx(206.264806 * 5.95 / 135)
    assert "CRVAL1" not in told, "a rounded focal length is none for coordinates"
    beaten = _cards(replace(source(WHOLE), header=lens))
    assert (beaten["FOCALLEN"], beaten.comments["FOCALLEN"]) == (600.0, "[mm] focal length")
    mine = _cards(replace(source(no_telescope, cards=(("FOCALLEN", 420, ""),)), header=lens))
    assert mine["FOCALLEN"] == 420 and mine["SCALE"] == pytest.approx(206.264806 * 5.95 / 420)
    assert list(mine).count("FOCALLEN") == list(beaten).count("FOCALLEN") == 1


@pytest.mark.parametrize("focal", [Fraction(0), Fraction(30_000)])
def test_a_body_without_a_lens_tells_no_focal_length(focal: Fraction) -> None:
    made = replace(spec(), focal_mm=focal)
    assert read_arw(encode_arw(noise(made.geometry), made)).focal_mm is None


def test_a_client_s_card_takes_the_place_of_ours() -> None:
    mine = (("TELESCOP", "my tube", ""), ("FOCALLEN", 420, ""), ("OBJECT", "M 42", ""), ("ROTATANG", 1.0, ""))
    cards = header(WHOLE, cards=mine)
    assert (cards["TELESCOP"], cards["FOCALLEN"], cards["ROTATANG"]) == ("my tube", 420, 1.0)
    assert cards["SCALE"] == pytest.approx(206.264806 * 5.95 / 420)
    keywords = list(cards)
    assert keywords.index("TELESCOP") < keywords.index("OBJECT") < keywords.index("EXPTIME")


@pytest.mark.filterwarnings("ignore")  # astropy knows the earth's turning of coming years only roughly
def test_places_against_astropy() -> None:
    pick = np.random.default_rng(7)
    for _ in range(60):
        when = Time(f"{pick.integers(2024, 2035)}-0{pick.integers(1, 10)}-15T{pick.integers(10, 23)}:12:33.5")
        ra, dec = float(pick.uniform(0, 24)), float(pick.uniform(-89.5, 89.5))
        lat, lon = float(pick.uniform(-80, 80)), float(pick.uniform(-180, 180))
        seen = Observatory(ra_h=ra, dec_deg=dec, latitude_deg=lat, longitude_deg=lon, elevation_m=300.0)
        found = pointing(seen, when.isot)
        assert found is not None and found.altitude_deg is not None and found.azimuth_deg is not None
        truth = SkyCoord(ra * u.hourangle, dec * u.deg, frame=TETE(obstime=when)).transform_to(ICRS())
        ours = SkyCoord(found.ra_deg * u.deg, found.dec_deg * u.deg)
        assert ours.separation(truth).arcsec < 0.01
        fk5 = truth.transform_to(FK5(equinox="J2000"))
        assert SkyCoord(found.ra_deg * u.deg, found.dec_deg * u.deg, frame=fk5.frame).separation(fk5).arcsec < 0.1
        site = EarthLocation(lat=lat * u.deg, lon=lon * u.deg, height=300 * u.m)
        sky = truth.transform_to(AltAz(obstime=when, location=site))
        seen_at = SkyCoord(found.azimuth_deg * u.deg, found.altitude_deg * u.deg)
        # UT1 - UTC, which only tables know, is up to 0.9 s.
        assert seen_at.separation(SkyCoord(sky.az, sky.alt)).arcsec < 14
        if found.altitude_deg > 30:
            assert air_mass(found.altitude_deg) == pytest.approx(float(sky.secz), rel=0.004)
        same = pointing(replace(seen, ra_h=float(truth.ra.hour), dec_deg=float(truth.dec.deg), j2000=True), when.isot)
        assert same is not None and same.altitude_deg == pytest.approx(found.altitude_deg, abs=1e-5)
        assert same.ra_deg == pytest.approx(found.ra_deg, abs=1e-9)


def test_a_place_that_was_worked_out_by_hand() -> None:
    """Theta Persei on 2028 November 13.19: Meeus, Astronomical Algorithms, examples 21.b, 22.a and 23.a."""
    apparent = (2 + 46 / 60 + 14.390 / 3600, 49 + 21 / 60 + 7.45 / 3600)
    # J2000 with 28.867 years of proper motion (0.03425 s and -0.0895 arcsec a year).
    mean = (15 * (2 + 44 / 60 + (11.986 + 0.9887) / 3600), 49 + 13 / 60 + (42.48 - 2.584) / 3600)
    found = pointing(Observatory(ra_h=apparent[0], dec_deg=apparent[1]), "2028-11-13T04:32:26")
    assert found is not None
    assert abs(found.ra_deg - mean[0]) * 3600 * 0.65 < 0.1
    assert abs(found.dec_deg - mean[1]) * 3600 < 0.1


@pytest.mark.parametrize(
    ("altitude", "mass"), [(90, 1.0), (60, 1.154), (41.81, 1.4975), (30, 1.995), (10, 5.60), (0, 38.0)]
)
def test_air_mass_as_published(altitude: float, mass: float) -> None:
    assert air_mass(altitude) == pytest.approx(mass, rel=0.003)
    assert air_mass(-0.1) is None


@pytest.mark.parametrize(
    ("ra_h", "dec", "texts"),
    [
        (0.0, -0.0001, ("00 00 00.00", "-00 00 00.36")),
        (23.9999999999, 89.99999999, ("00 00 00.00", "+90 00 00.00")),
        (5.575, -5.0, ("05 34 30.00", "-05 00 00.00")),
        (1 / 3600 - 1e-9, 59.9999 / 3600, ("00 00 01.00", "+00 00 60.00")),
    ],
)
def test_sexagesimal(ra_h: float, dec: float, texts: tuple[str, str]) -> None:
    cards = header(Observatory(ra_h=ra_h, dec_deg=dec, j2000=True))
    wanted = tuple(text.replace("+00 00 60.00", "+00 01 00.00") for text in texts)
    assert (cards["OBJCTRA"], cards["OBJCTDEC"]) == wanted


@pytest.mark.parametrize("turned", [0.0, 33.0, 180.0, -120.0])
def test_the_wcs_says_where_the_y_axis_points_and_is_no_mirror_image(turned: float) -> None:
    cards = header(replace(WHOLE, j2000=True, fov_rotation_deg=turned))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # RADECSYS is an old name
        wcs = WCS(cards)
    middle = SkyCoord(5.6 * u.hourangle, -5.4 * u.deg, frame="fk5", equinox="J2000")
    assert wcs.pixel_to_world(243.5, 191.5).separation(middle).arcsec < 0.01
    up, right = wcs.pixel_to_world(243.5, 201.5), wcs.pixel_to_world(253.5, 191.5)
    assert middle.position_angle(up).deg == pytest.approx(turned % 360, abs=0.1)
    assert middle.separation(up).arcsec == pytest.approx(10 * cards["SCALE"], rel=1e-3)
    # With its first row on top, north up, east is on the left.
    assert middle.position_angle(right).deg == pytest.approx((turned + 90) % 360, abs=0.1)


@pytest.mark.parametrize("binning", [1, 2, 4])
def test_the_wcs_of_a_part_is_that_of_the_whole(binning: int) -> None:
    whole = source(WHOLE)
    made = replace(whole.record, binning=binning)
    part = replace(whole, record=made, width=100 // binning, height=60 // binning, corner=(40, 300), area=(488, 384))
    frames = [fits.Header.fromstring(make_header(each)[0].decode("ascii")) for each in (whole, part)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        of_whole, of_part = (WCS(each) for each in frames)
    # The middle of the first pixel of the part, binned or not, lies there in the whole.
    there = of_whole.pixel_to_world(40 + (binning - 1) / 2, 300 + (binning - 1) / 2)
    assert of_part.pixel_to_world(0, 0).separation(there).arcsec < 1e-3
    assert frames[1]["SCALE"] == pytest.approx(binning * frames[0]["SCALE"])


def test_without_its_library_a_frame_comes_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pointing.cache_clear()
    monkeypatch.setitem(sys.modules, "erfa", None)
    raw, notes = make_header(source(WHOLE))
    cards = fits.Header.fromstring(raw.decode("ascii"))
    assert "RA" not in cards and cards["FOCUSPOS"] == 36700 and cards["SITELAT"] == 48.2
    assert notes == ()
    row = missing()
    assert row is not None and "has no pyerfa: frames have no RA, DEC" in row()


def test_a_library_that_is_broken_is_told_with_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    pointing.cache_clear()
    monkeypatch.setitem(sys.modules, "erfa", ModuleType("erfa"))
    monkeypatch.delitem(sys.modules, "erfa.ufunc", raising=False)
    raw, notes = make_header(source(WHOLE))
    assert "RA" not in fits.Header.fromstring(raw.decode("ascii"))
    assert len(notes) == 1 and "no RA, DEC and altitude in its header" in notes[0]
    assert make_header(source(WHOLE, frame_type="Dark"))[1] == ()


def test_fitsverify_finds_nothing_in_all_of_them(tmp_path: Path) -> None:
    mine = (("OBSERVER", "O'Neill " * 30, ""), ("OBJECT", "7000", ""), ("MYNUM", 1.5, "mine"))
    raw, _ = make_header(source(WHOLE, cards=mine))
    cfa = noise(spec().geometry)[:, :488]
    whole = bytearray(fits_size(len(raw), 488, 384))
    write_fits(memoryview(whole), raw, Pieces(cfa.shape, [(0, cfa)]))
    with fits.open(io.BytesIO(whole)) as opened:
        opened.verify("exception")
        assert opened[0].header["OBSERVER"].startswith("O'Neill O'Neill")
    path = tmp_path / "frame.fits"
    path.write_bytes(whole)
    try:
        done = subprocess.run(["fitsverify", path], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("fitsverify is not installed")
    assert "0 warning(s) and 0 error(s)" in done.stdout, done.stdout
