"""Other devices at a real server: what a mount, a focuser and a wheel of libindi's say stands in the header."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from astropy import units as u
from astropy.coordinates import ICRS, TETE, AltAz, EarthLocation, SkyCoord
from astropy.time import Time

from tests.e2e.frames import Body, Frame, body_camera, expose, finished_presses
from tests.offline import astropy_offline
from tools.client import Client, Event
from tools.rig import DRIVER, Rig

BODY = Body("ILCE-7SM3", "uncompressed", "3.00")
DRIVERS = ("indi_simulator_telescope", "indi_simulator_focus", "indi_simulator_wheel")
MOUNT, FOCUSER, WHEEL = "Telescope Simulator", "Focuser Simulator", "Filter Simulator"
LATITUDE, LONGITUDE = 48.2, 351.25
WEST_H, DEC_DEG = 0.4, 30.5

pytestmark = pytest.mark.skipif(
    any(shutil.which(name) is None for name in DRIVERS), reason="libindi's simulators are not installed (indi-bin)"
)


def connected(client: Client) -> None:
    client.set_switch("CONNECTION", "CONNECT")
    client.wait_state("CONNECTION", "Ok", 10)


def aim(mount: Client) -> None:
    """Near the meridian and high, wherever the night is."""
    connected(mount)
    mount.defined("EQUATORIAL_EOD_COORD")
    mount.set_number("GEOGRAPHIC_COORD", LAT=LATITUDE, LONG=LONGITUDE, ELEV=210)
    mount.wait_state("GEOGRAPHIC_COORD", "Ok", 20)
    if mount.defined("TELESCOPE_PARK").values["PARK"]:
        mount.set_switch("TELESCOPE_PARK", "UNPARK")
        mount.wait(lambda e: e.name == "TELESCOPE_PARK" and bool(e.values["UNPARK"]), 20, "end of parking")
    mount.set_number("EQUATORIAL_EOD_COORD", RA=(sidereal_h() + WEST_H) % 24, DEC=DEC_DEG)

    def there(event: Event) -> bool:
        reached = event.name == "EQUATORIAL_EOD_COORD" and event.state == "Ok"
        return reached and abs(event.values["DEC"] - DEC_DEG) < 0.1

    mount.wait(there, 90, "end of the slew")


def sidereal_h() -> float:
    """Of the site, good to a second: Meeus, Astronomical Algorithms, 12.4."""
    days = (datetime.now(UTC) - datetime(2000, 1, 1, 12, tzinfo=UTC)).total_seconds() / 86400
    return (18.697374558 + 24.06570982441908 * days + LONGITUDE / 15) % 24


def truth(client: Client, name: str) -> Mapping[str, Any]:
    """What a device said last."""
    while client.next(0.0) is not None:
        pass
    return client.latest[client.device, name].values


def judge_places(header: Mapping[str, Any], place: Mapping[str, Any]) -> None:
    with astropy_offline():
        when = Time(header["DATE-OBS"])
        told = SkyCoord(place["RA"] * u.hourangle, place["DEC"] * u.deg, frame=TETE(obstime=when)).transform_to(ICRS())
        found = SkyCoord(header["RA"] * u.deg, header["DEC"] * u.deg)
        text = SkyCoord(header["OBJCTRA"], header["OBJCTDEC"], unit=(u.hourangle, u.deg))
        # The simulator follows the sky in steps of some tenths of an arcsecond.
        assert found.separation(told).arcsec < 1
        assert text.separation(found).arcsec < 0.2
        site = EarthLocation(lat=LATITUDE * u.deg, lon=LONGITUDE * u.deg, height=210 * u.m)
        sky = told.transform_to(AltAz(obstime=when, location=site))
        assert (
            SkyCoord(header["OBJCTAZ"] * u.deg, header["OBJCTALT"] * u.deg).separation(SkyCoord(sky.az, sky.alt)).arcsec
            < 16
        )
        assert header["AIRMASS"] == pytest.approx(float(sky.secz), rel=0.01)


def verified(frame: Frame, data_of: Path) -> None:
    if shutil.which("fitsverify") is not None:
        done = subprocess.run(["fitsverify", data_of], capture_output=True, text=True, check=False)
        assert "0 warning(s) and 0 error(s)" in done.stdout, done.stdout


@pytest.mark.timeout(300)
def test_the_header_tells_what_other_devices_know_until_they_go(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server(drivers=(DRIVER, *DRIVERS))
    client = rig.connected(server)
    client.set_text("ACTIVE_DEVICES", ACTIVE_FILTER=WHEEL)
    client.wait_state("ACTIVE_DEVICES", "Ok", 10)
    bare = expose(client, 0.1).header
    assert not {"RA", "TELESCOP", "FOCUSPOS", "FILTER"} & set(bare)

    mount, focuser, wheel = (rig.client(server, device) for device in (MOUNT, FOCUSER, WHEEL))
    aim(mount)
    connected(focuser)
    connected(wheel)
    wheel.set_number("FILTER_SLOT", FILTER_SLOT_VALUE=4)
    wheel.wait_state("FILTER_SLOT", "Ok", 20)
    start = focuser.defined("ABS_FOCUS_POSITION").values["FOCUS_ABSOLUTE_POSITION"]
    focuser.set_number("ABS_FOCUS_POSITION", FOCUS_ABSOLUTE_POSITION=start + 200)
    focuser.wait_state("ABS_FOCUS_POSITION", "Ok", 20)
    client.set_text("FITS_HEADER", KEYWORD_NAME="OBJECT", KEYWORD_VALUE="7000", KEYWORD_COMMENT="NGC")
    client.wait_state("FITS_HEADER", "Ok", 10)
    client.set_text("FITS_HEADER", KEYWORD_NAME="", KEYWORD_VALUE="", FITS_OBSERVER="Ann")
    client.wait_state("FITS_HEADER", "Ok", 10)

    client.set_switch("UPLOAD_MODE", "UPLOAD_BOTH")
    client.defined("CCD_FILE_PATH", 10)
    client.set_text("UPLOAD_SETTINGS", UPLOAD_DIR=str(rig.folder / "frames"), UPLOAD_PREFIX="light_XXX")
    client.wait_state("UPLOAD_SETTINGS", "Ok", 10)
    frame = expose(client, 0.5)
    header = frame.header
    judge_places(header, truth(mount, "EQUATORIAL_EOD_COORD"))
    optics = truth(mount, "TELESCOPE_INFO")
    focal = optics["TELESCOPE_FOCAL_LENGTH"]
    pier = "WEST" if truth(mount, "TELESCOPE_PIER_SIDE")["PIER_WEST"] else "EAST"
    told = {
        "TELESCOP": MOUNT,
        "OBJECT": "7000",
        "OBSERVER": "Ann",
        "SITELAT": LATITUDE,
        "SITELONG": pytest.approx(LONGITUDE - 360),
        "PIERSIDE": pier,
        "FOCALLEN": focal,
        "APTDIA": optics["TELESCOPE_APERTURE"],
        "SCALE": pytest.approx(206.264806 * header["XPIXSZ"] / focal),
        "FOCUSPOS": start + 200,
        "FOCUSTEM": pytest.approx(truth(focuser, "FOCUS_TEMPERATURE")["TEMPERATURE"]),
        "FILTER": truth(wheel, "FILTER_NAME")["FILTER_SLOT_NAME_4"],
    }
    assert {name: header.get(name) for name in told} == told
    verified(frame, rig.folder / "frames" / "light_001.fits")

    dark = expose(client, 0.1, "FRAME_DARK").header
    assert "RA" not in dark and dark["FILTER"] == told["FILTER"]

    focuser.set_switch("CONNECTION", "DISCONNECT")
    focuser.wait_state("CONNECTION", "Idle", 10)
    client.set_text("ACTIVE_DEVICES", ACTIVE_TELESCOPE="")
    client.wait_state("ACTIVE_DEVICES", "Ok", 10)
    without = expose(client, 0.1).header
    assert not {"FOCUSPOS", "FOCUSTEM", "RA", "AIRMASS", "TELESCOP"} & set(without)
    assert without["FILTER"] == told["FILTER"]
    finished_presses(camera, 4)
    assert camera.broken_rules() == []
