"""What holds for one frame, frozen when it is asked for: nothing is looked up later.

What other devices know is told anew until the shutter opens (`Exposure.observed`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indi_sony_py.driver.folders import placed
from indi_sony_py.engine.messages import ExposureRequest, Policy

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device

__all__ = ["area", "as_it_is", "binning", "frame_type", "freeze", "iso_as_gain", "packs", "speeds_only", "upload_mode"]

_POLICIES = {"AUTO": Policy.AUTO, "TIMED": Policy.TIMED, "BULB": Policy.BULB}
_FORMATS = {"INDI_RAW": "raw", "INDI_RAW_JPEG": "raw+jpeg", "INDI_JPEG": "jpeg"}
_TRANSFERS = {"FORMAT_FITS": "fits", "FORMAT_NATIVE": "native", "FORMAT_XISF": "xisf"}
_UPLOADS = {"UPLOAD_CLIENT": "client", "UPLOAD_LOCAL": "local", "UPLOAD_BOTH": "both"}


def freeze(device: Device, duration_s: float) -> ExposureRequest:
    """Everything that holds for this frame, as it is set now."""
    board = device.board
    whole = as_it_is(device)
    return ExposureRequest(
        id=device.new_exposure_id(),
        duration_s=duration_s,
        frame_type=frame_type(device),
        policy=_POLICIES[board["SHUTTER_POLICY"].chosen() or "AUTO"],
        iso=device.changes.wanted("iso"),
        capture_format=_FORMATS[board["CCD_CAPTURE_FORMAT"].chosen() or "INDI_RAW"],
        transfer=_TRANSFERS[board["CCD_TRANSFER_FORMAT"].chosen() or "FORMAT_FITS"],
        upload=upload_mode(device),
        folder=placed(board["UPLOAD_SETTINGS"].text("UPLOAD_DIR")),
        prefix=board["UPLOAD_SETTINGS"].text("UPLOAD_PREFIX"),
        companions="keep" if board["COMPANIONS"].chosen() == "KEEP" else "discard",
        area=area(device),
        part=None if whole else device.view.part,
        binning=1 if whole else binning(device),
        compress=packs(device),
        bin_mode=(board["BINNING_MODE"].chosen() or "MOSAIC").lower(),
        device=board.device,
        pixel_um=device.view.told_um,
        cards=device.surroundings.cards,
        observatory=device.surroundings.observatory(),
        look=(board["PREVIEW"].chosen() or "OFF").lower(),
    )


def frame_type(device: Device) -> str:
    """`FRAME_LIGHT` as "Light"."""
    return (device.board["CCD_FRAME_TYPE"].chosen() or "FRAME_LIGHT").removeprefix("FRAME_").capitalize()


def upload_mode(device: Device) -> str:
    """One of "client", "local", "both"."""
    return _UPLOADS[device.board["UPLOAD_MODE"].chosen() or "UPLOAD_CLIENT"]


def area(device: Device) -> str:
    """The part of the sensor that becomes the frame: "visible", "crop" or "libraw"."""
    return (device.board["FRAME_AREA"].chosen() or "VISIBLE").lower()


def iso_as_gain(device: Device) -> bool:
    """Whether clients see the ISO as a gain, so that none of them takes the camera for one that it must ask about."""
    return device.board["ISO_CONTROL"].chosen() == "ISO_GAIN"


def speeds_only(device: Device) -> bool:
    """Whether every exposure is one of the camera's own speeds."""
    return device.board["SHUTTER_POLICY"].chosen() == "TIMED"


def as_it_is(device: Device) -> bool:
    """Whether the camera's own file is the frame: whole, unbinned."""
    board = device.board
    wishes = board["CCD_TRANSFER_FORMAT"].chosen(), board["CCD_CAPTURE_FORMAT"].chosen()
    return "FORMAT_NATIVE" in wishes or "INDI_JPEG" in wishes


def binning(device: Device) -> int:
    """How many pixels become one, in each direction."""
    return int(device.board["CCD_BINNING"].number("HOR_BIN"))


def packs(device: Device) -> bool:
    """Whether the client gets packed frames: FITS alone, and never a file."""
    board = device.board
    is_fits = board["CCD_TRANSFER_FORMAT"].chosen() == "FORMAT_FITS" and not as_it_is(device)
    return is_fits and upload_mode(device) != "local" and board["CCD_COMPRESSION"].chosen() == "INDI_ENABLED"
