"""The header tells how things stood when the light came in: the whole stack, with other devices, on one clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from astropy import units as u
from astropy.coordinates import ICRS, TETE, SkyCoord
from astropy.io import fits
from astropy.time import Time

from tests.driver.devices import MOUNT, deleted, said, vector
from tests.offline import astropy_offline
from tests.stage import Stage

FOCUSER = "Focuser Simulator"


def mount(ra_h: float, dec_deg: float) -> str:
    return said(MOUNT, "EQUATORIAL_EOD_COORD", RA=ra_h, DEC=dec_deg)


def same_place(header: dict[str, object], ra_h: float, dec_deg: float) -> bool:
    """Whether RA and DEC are that apparent place, by astropy's own way."""
    with astropy_offline():
        when = TETE(obstime=Time(str(header["DATE-OBS"])))
        truth = SkyCoord(ra_h * u.hourangle, dec_deg * u.deg, frame=when).transform_to(ICRS())
    found = SkyCoord(float(str(header["RA"])) * u.deg, float(str(header["DEC"])) * u.deg)
    return bool(found.separation(truth).arcsec < 0.1)


def test_a_held_request_tells_where_the_mount_was_at_its_opening() -> None:
    with Stage() as stage:
        stage.connect()
        client = stage.client
        client.send(mount(1, 10) + said(FOCUSER, "ABS_FOCUS_POSITION", FOCUS_ABSOLUTE_POSITION=100))
        client.text("FITS_HEADER", FITS_OBJECT="M 31")
        client.expose(30)
        stage.run(10)
        client.send(mount(2, 20))
        client.expose(5.3)
        client.text("FITS_HEADER", FITS_OBJECT="M 42")
        stage.settle()
        client.send(mount(3, 30) + said(FOCUSER, "ABS_FOCUS_POSITION", FOCUS_ABSOLUTE_POSITION=200))
        stage.until(lambda: stage.camera.do("state")["full"] and len(stage.camera.shots) == 2, 60)
        stage.run(1)
        client.send(mount(4, 40) + deleted(FOCUSER))
        frame = stage.until(lambda: client.frames, 60)[0]
        assert frame.serial == 2 and same_place(frame.header, 3, 30)
        assert (frame.header["FOCUSPOS"], frame.header["OBJECT"], frame.header["TELESCOP"]) == (200, "M 31", MOUNT)
        after = stage.expose(1.0)
        assert same_place(after.header, 4, 40)
        assert after.header["OBJECT"] == "M 42" and "FOCUSPOS" not in after.header
        stage.assert_clean()


def test_the_death_of_the_face_leaves_what_was_known_last() -> None:
    with Stage() as stage:
        stage.connect()
        stage.run(10)
        stage.client.send(mount(1, 10))
        stage.client.expose(20)
        stage.until(lambda: stage.hand.hand._view.exposure is not None, 5)
        stage.client.send(mount(2, 20))
        stage.settle()
        assert not stage.camera.shots, "its shutter has not opened yet"
        stage.kill_face()
        path = stage.until(lambda: [path for path, serial in stage.saved().items() if serial == 1], 200)[0]
        assert same_place(_header(path), 2, 20)


@pytest.mark.parametrize("moved", [False, True])
def test_the_death_of_the_hand_keeps_what_was_frozen_at_the_press(moved: bool) -> None:
    with Stage() as stage:
        stage.connect()
        stage.client.send(mount(1, 10) + vector("def", "Number", "CCD Simulator", "FILTER_SLOT", FILTER_SLOT_VALUE=3))
        stage.client.expose(60)
        stage.run(20)
        if moved:
            stage.client.send(mount(2, 20))
        stage.kill_hand()
        path = stage.until(lambda: [path for path, serial in stage.saved().items() if serial == 1], 200)[0]
        header = _header(path)
        assert path.name.startswith("kept_") and same_place(header, 1, 10) and header["FILTER"] == "3"


def _header(path: Path) -> dict[str, object]:
    with fits.open(path) as opened:
        opened.verify("exception")
        return dict(opened[0].header)
