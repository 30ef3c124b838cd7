"""The whole tree of errors.

Rules kept here:

- Two kinds. `RuleBroken` is ours (a bug: stop and say so). Everything below `OutsideError` was done by the camera,
  the cable, the disk or a client: recover, and tell the user what to do.
- What a user may read comes from the catalogue (`texts`): an error is made of a row and its fields. `str` of it is what
  happened, `advise` adds what to do: the row's own advice, or that of the class.
- `RuleBroken` and `BadData` say what a programmer needs; users read a row that holds that as a detail.
- Foreign exceptions (usb, OSError, LibRaw) are translated once, at the edge where they are met.

    SonyError
    ├── RuleBroken
    └── OutsideError
        ├── BadData                  bytes from outside that do not say what they must
        │   ├── BrokenImage
        │   └── UnknownImage
        ├── CameraError
        │   ├── CameraGone           cable, power, another USB mode
        │   ├── CameraInUse          another program holds the interface
        │   ├── CameraDenied         no permission for the device
        │   ├── CameraSilent         no answer within the deadline
        │   ├── CameraStalled        the pipe was halted
        │   ├── CameraRefused        a response other than OK
        │   ├── WrongUsbMode
        │   └── NotControllable
        ├── ExposureError            an exposure that could not be made; the text says which setting to change
        │   ├── WrongSetting
        │   ├── NotFocused
        │   ├── ButtonHeld
        │   └── NoImage
        ├── DiskError
        │   ├── DiskFull
        │   ├── NotWritable
        │   └── NoFolder
        ├── HandLost                 the process that holds the camera ended
        ├── FaceLost                 the process that the INDI server started ended
        ├── NoMemory
        └── NotInstalled             a library that is not there
"""

from __future__ import annotations

from indi_sony_py import texts
from indi_sony_py.texts import Clause, Text, advice

__all__ = [
    "BadData",
    "BrokenImage",
    "ButtonHeld",
    "CameraDenied",
    "CameraError",
    "CameraGone",
    "CameraInUse",
    "CameraRefused",
    "CameraSilent",
    "CameraStalled",
    "DiskError",
    "DiskFull",
    "ExposureError",
    "FaceLost",
    "HandLost",
    "NoFolder",
    "NoImage",
    "NoMemory",
    "NotControllable",
    "NotFocused",
    "NotInstalled",
    "NotWritable",
    "OutsideError",
    "RuleBroken",
    "SonyError",
    "UnknownImage",
    "WrongSetting",
    "WrongUsbMode",
    "advise",
]


class SonyError(Exception):
    """Root of all errors of this package. `what` is a row of the catalogue with its `fields`, or a plain sentence."""

    advice: str = ""

    def __init__(self, what: Text | Clause | str, /, **fields: object) -> None:
        if isinstance(what, str):
            super().__init__(what)
            return
        if isinstance(what, Text):
            super().__init__(what.happened(**fields))
            self.advice = what.advice(**fields) or self.advice
        else:
            super().__init__(what(**fields))

    @property
    def happened(self) -> str:
        """What happened, for a user."""
        return str(self)


class RuleBroken(SonyError):
    """We broke one of our own rules: a bug, never the user's doing. The text is for whoever mends it."""

    advice = advice.REPORT

    @property
    def happened(self) -> str:
        return texts.driver.FAULT.happened(detail=str(self))


class OutsideError(SonyError):
    """Something outside did what it must not; the driver recovers."""


class BadData(OutsideError):
    """Bytes from outside that cannot be what they claim to be.

    `field` names the first field that does not fit, `offset` is its place in bytes from the start of the data set.
    """

    advice = advice.REPORT_DATA
    row = texts.cable.BAD_DATA

    def __init__(self, field: str, offset: int, why: str) -> None:
        super().__init__(f"{field} at byte {offset}: {why}")
        self.field = field
        self.offset = offset
        self.why = why

    @property
    def happened(self) -> str:
        return self.row.happened(detail=str(self))


class BrokenImage(BadData):
    """An image file that is cut off, damaged or contradicts itself."""

    advice = advice.TAKE_AGAIN
    row = texts.frames.BROKEN


class UnknownImage(BadData):
    """An image file of a kind that cannot become a mosaic of sensor values."""

    advice = advice.SET_RAW
    row = texts.frames.UNKNOWN


class CameraError(OutsideError):
    """The camera, or the way to it, failed."""

    advice = advice.CABLE_AND_POWER


class CameraGone(CameraError):
    """The device left the bus."""

    advice = advice.CAMERA_IS_GONE


class CameraInUse(CameraError):
    """Another program has claimed the camera's interface."""

    advice = advice.CLOSE_PROGRAM


class CameraDenied(CameraError):
    """The operating system denied access to the device."""

    advice = advice.UDEV_RULE


class CameraSilent(CameraError):
    """No answer came within the deadline."""

    advice = advice.OFF_AND_ON


class CameraStalled(CameraError):
    """An endpoint was halted by the camera instead of an answer."""


class CameraRefused(CameraError):
    """The camera answered with a code other than OK. `what` was asked; `code` is the PTP response code."""

    advice = advice.NO_MENU

    def __init__(self, what: str, code: int) -> None:
        super().__init__(texts.camera.REFUSED, operation=what, code=code)
        self.what = what
        self.code = code


class WrongUsbMode(CameraError):
    """A Sony camera that is not in PC Remote mode."""

    advice = advice.PC_REMOTE


class NotControllable(CameraError):
    """A body without remote control in its firmware."""

    advice = advice.NO_REMOTE


class ExposureError(OutsideError):
    """An exposure was not made, or its image did not come."""


class WrongSetting(ExposureError):
    """A setting that must hold does not, and could not be set from here."""


class NotFocused(ExposureError):
    """Auto-focus did not find its focus, so the camera would not have released."""

    advice = advice.MANUAL_FOCUS


class ButtonHeld(ExposureError):
    """The release button of the camera is down, or looks so."""

    advice = advice.BUTTON_UP


class NoImage(ExposureError):
    """The time limit passed and the camera showed no image."""

    advice = advice.WHY_NO_IMAGE


class DiskError(OutsideError):
    """A file could not be written."""


class DiskFull(DiskError):
    """No space left on the device."""

    advice = advice.FREE_SPACE


class NotWritable(DiskError):
    """The folder or file may not be written by this user."""

    advice = advice.OTHER_RIGHTS


class NoFolder(DiskError):
    """The folder is not there and cannot be made."""

    advice = advice.OTHER_FOLDER


class HandLost(OutsideError):
    """The process that holds the camera ended."""

    advice = advice.NEW_HAND


class FaceLost(OutsideError):
    """The process that the INDI server started ended, or another one of its kind took its place."""


class NoMemory(OutsideError):
    """Too little memory for a frame of this size."""

    advice = advice.MORE_MEMORY


class NotInstalled(OutsideError):
    """A library that this Python does not have; the row names it and the ways out."""


def advise(error: BaseException) -> str:
    """What happened and, if known, what to do: the text for a user."""
    text = (error.happened if isinstance(error, SonyError) else str(error)) or type(error).__name__
    advice = getattr(error, "advice", "")
    if not advice or advice in text:
        return text
    return f"{text}{'' if text.endswith(('.', '!', '?')) else '.'} {advice}"
