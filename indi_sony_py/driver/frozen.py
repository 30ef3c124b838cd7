"""What holds for one frame, frozen when it is asked for: nothing is looked up later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indi_sony_py.engine.messages import ExposureRequest, Policy

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device

__all__ = ["area", "frame_type", "freeze", "iso_as_gain", "upload_mode"]

_POLICIES = {"AUTO": Policy.AUTO, "TIMED": Policy.TIMED, "BULB": Policy.BULB}
_FORMATS = {"INDI_RAW": "raw", "INDI_RAW_JPEG": "raw+jpeg", "INDI_JPEG": "jpeg"}
_UPLOADS = {"UPLOAD_CLIENT": "client", "UPLOAD_LOCAL": "local", "UPLOAD_BOTH": "both"}


def freeze(device: Device, duration_s: float) -> ExposureRequest:
    """Everything that holds for this frame, as it is set now."""
    board = device.board
    return ExposureRequest(
        id=device.new_exposure_id(),
        duration_s=duration_s,
        frame_type=frame_type(device),
        policy=_POLICIES[board["SHUTTER_POLICY"].chosen() or "AUTO"],
        iso=device.changes.wanted("iso"),
        capture_format=_FORMATS[board["CCD_CAPTURE_FORMAT"].chosen() or "INDI_RAW"],
        transfer="native" if board["CCD_TRANSFER_FORMAT"].chosen() == "FORMAT_NATIVE" else "fits",
        upload=upload_mode(device),
        folder=board["UPLOAD_SETTINGS"].text("UPLOAD_DIR"),
        prefix=board["UPLOAD_SETTINGS"].text("UPLOAD_PREFIX"),
        companions="keep" if board["COMPANIONS"].chosen() == "KEEP" else "discard",
        area=area(device),
        device=board.device,
        pixel_um=device.view.told_um,
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
