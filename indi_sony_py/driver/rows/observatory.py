"""Rows of what stands around the camera: other devices, the telescope, what clients write into headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indi_sony_py.driver.row import GENERAL, MAIN, OPTIONS, RO, RW, Fed, Row, Shown, Write, number, switch, text
from indi_sony_py.indi.vectors import NumberDef

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = ["ACTIVE_DEVICES", "CCD_ROTATION", "CCD_TEMPERATURE", "FITS_HEADER", "SCOPE_INFO", "WCS_CONTROL"]

_WCS = "WCS"


def _temperature(view: CameraView) -> Fed | None:
    told = view.temperature_c
    return None if told is None else Fed({"CCD_TEMPERATURE_VALUE": told})


ACTIVE_DEVICES = Row(
    text(
        "ACTIVE_DEVICES",
        "Snoop devices",
        OPTIONS,
        RW,
        60,
        ACTIVE_TELESCOPE="Telescope",
        ACTIVE_ROTATOR="Rotator",
        ACTIVE_FOCUSER="Focuser",
        ACTIVE_FILTER="Filter",
        ACTIVE_SKYQUALITY="Sky Quality",
        ACTIVE_GPS="GPS",
    ),
    Shown.ALWAYS,
    {
        "ACTIVE_TELESCOPE": "Telescope Simulator",
        "ACTIVE_ROTATOR": "Rotator Simulator",
        "ACTIVE_FOCUSER": "Focuser Simulator",
        "ACTIVE_FILTER": "CCD Simulator",
        "ACTIVE_SKYQUALITY": "SQM",
    },
    Write.AROUND,
    saved=True,
    early=True,
    autosave=True,
    does=(
        "The mount, rotator, focuser, filter wheel, sky meter and GPS whose facts go into headers; an empty "
        "name forgets them."
    ),
)
FITS_HEADER = Row(
    text(
        "FITS_HEADER",
        "FITS Header",
        GENERAL,
        RW,
        60,
        KEYWORD_NAME="Name",
        KEYWORD_VALUE="Value",
        KEYWORD_COMMENT="Comment",
        FITS_OBSERVER="Observer",
        FITS_OBJECT="Object",
    ),
    write=Write.AROUND,
    does="Cards of your own in every frame, observer and object among them; the older form and the newer one.",
)
"""The first three are libindi's since 2.0.1, where clients count them; the others are those before, which clients name.
A client of either kind may send all five."""
CCD_TEMPERATURE = Row(
    number(
        "CCD_TEMPERATURE",
        "Temperature",
        MAIN,
        RO,
        60,
        NumberDef("CCD_TEMPERATURE_VALUE", "Temperature (C)", "%5.2f", -50, 50),
    ),
    feed=_temperature,
    does="The temperature that the last file told.",
    needs="A body that writes it into its files.",
)
SCOPE_INFO = Row(
    number(
        "SCOPE_INFO",
        "Scope",
        OPTIONS,
        RW,
        60,
        NumberDef("FOCAL_LENGTH", "Focal Length (mm)", "%.2f", 0, 10000, 100),
        NumberDef("APERTURE", "Aperture (mm)", "%.2f", 0, 3000, 100),
    ),
    write=Write.AROUND,
    saved=True,
    autosave=True,
    does="Focal length and aperture, for the header and for solving.",
    needs="A telescope is no lens to a camera: it tells nothing.",
)
"""0 is not known. libindi's least is 10 mm, which a lens of 24 mm at f/4 (6 mm of aperture) does not have."""
WCS_CONTROL = Row(
    switch("WCS_CONTROL", "WCS", _WCS, 0, WCS_ENABLE="Enable", WCS_DISABLE="Disable"),
    values={"WCS_DISABLE": True},
    write=Write.AROUND,
    does="World coordinates in headers, once an angle is known.",
)
CCD_ROTATION = Row(
    number("CCD_ROTATION", "CCD FOV", _WCS, RW, 60, NumberDef("CCD_ROTATION_VALUE", "Rotation", "%g", -360, 360, 1)),
    Shown.ASKED,
    write=Write.AROUND,
    does="The angle of the image on the sky, as a client solved it.",
)
