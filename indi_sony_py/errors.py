"""The whole tree of errors.

Rules kept here:

- Two kinds. `RuleBroken` is ours (a bug: stop and say so). Everything below `OutsideError` was done by the camera,
  the cable, the disk or a client: recover, and tell the user what to do.
- Each class carries its `advice`: the sentence that a user sees after the text of what happened.
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
        └── NoMemory
"""

from __future__ import annotations

from typing import ClassVar

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
    """Root of all errors of this package."""

    advice: ClassVar[str] = ""


class RuleBroken(SonyError):
    """We broke one of our own rules: a bug, never the user's doing."""

    advice = "This is a fault of the driver. Please report it with the log of this night."


class OutsideError(SonyError):
    """Something outside did what it must not; the driver recovers."""


class BadData(OutsideError):
    """Bytes from outside that cannot be what they claim to be.

    `field` names the first field that does not fit, `offset` is its place in bytes from the start of the data set.
    """

    advice = "If it comes again, send the log: the camera speaks in a way that the driver does not know yet."

    def __init__(self, field: str, offset: int, why: str) -> None:
        super().__init__(f"{field} at byte {offset}: {why}")
        self.field = field
        self.offset = offset
        self.why = why


class BrokenImage(BadData):
    """An image file that is cut off, damaged or contradicts itself."""

    advice = "The file as it came from the camera is kept; try the cable, and take the frame again."


class UnknownImage(BadData):
    """An image file of a kind that cannot become a mosaic of sensor values."""

    advice = (
        "The file as it came from the camera is kept. Set the camera's menu to RAW, "
        "RAW File Type: Uncompressed or Lossless Compressed (L)."
    )


class CameraError(OutsideError):
    """The camera, or the way to it, failed."""

    advice = "Check the cable and the camera's power; the driver goes on trying."


class CameraGone(CameraError):
    """The device left the bus."""

    advice = "Check the cable, the battery, and that the camera is on, not asleep, and in the PC Remote mode."


class CameraInUse(CameraError):
    """Another program has claimed the camera's interface."""

    advice = (
        "Close the other program. A desktop's gvfs is stopped with "
        "'systemctl --user stop gvfs-gphoto2-volume-monitor.service'."
    )


class CameraDenied(CameraError):
    """The operating system denied access to the device."""

    advice = "Add a udev rule for vendor 054c, or the user to the group plugdev, then plug the camera in again."


class CameraSilent(CameraError):
    """No answer came within the deadline."""

    advice = "If it stays silent: switch the camera off and on; if that does not help, take its battery out."


class CameraStalled(CameraError):
    """An endpoint was halted by the camera instead of an answer."""


class CameraRefused(CameraError):
    """The camera answered with a code other than OK. `code` is the PTP response code."""

    advice = (
        "Check that the camera shows no menu and no picture, and is in the PC Remote mode; if it stays so, switch it "
        "off and on."
    )

    def __init__(self, what: str, code: int) -> None:
        super().__init__(f"{what}: the camera answered 0x{code:04X}")
        self.what = what
        self.code = code


class WrongUsbMode(CameraError):
    """A Sony camera that is not in PC Remote mode."""

    advice = (
        "In the camera's menu choose USB Connection: PC Remote "
        "(newer bodies: USB Connection Mode: Remote Shooting)."
    )


class NotControllable(CameraError):
    """A body without remote control in its firmware."""

    advice = "This body cannot be controlled over USB by any program; a cable release can drive its shutter."


class ExposureError(OutsideError):
    """An exposure was not made, or its image did not come."""


class WrongSetting(ExposureError):
    """A setting that must hold does not, and could not be set from here."""


class NotFocused(ExposureError):
    """Auto-focus did not find its focus, so the camera would not have released."""

    advice = "Set the focus mode to MF (manual focus) at the camera or the lens."


class ButtonHeld(ExposureError):
    """The release button of the camera is down, or looks so."""

    advice = "Release the shutter button, unplug a wired remote, then try again; else switch the camera off and on."


class NoImage(ExposureError):
    """The time limit passed and the camera showed no image."""

    advice = (
        "Check at the camera: no menu or picture on its screen, nobody holds its button, M on the dial, MF, a lens or "
        "'Release w/o Lens: Enable', a card with room or 'Release w/o Card: Enable', and "
        "'Still Img. Save Dest.: PC' or 'PC+Camera'."
    )


class DiskError(OutsideError):
    """A file could not be written."""


class DiskFull(DiskError):
    """No space left on the device."""

    advice = "Free some space on that disk, or choose another folder in Upload Settings."


class NotWritable(DiskError):
    """The folder or file may not be written by this user."""

    advice = "Choose a folder that the user of the INDI server may write to, or change its permissions."


class NoFolder(DiskError):
    """The folder is not there and cannot be made."""

    advice = "Choose another folder in Upload Settings."


class HandLost(OutsideError):
    """The process that holds the camera ended."""

    advice = "A new one is started; it first closes the shutter, then collects what the camera still holds."


class FaceLost(OutsideError):
    """The process that the INDI server started ended, or another one of its kind took its place."""


class NoMemory(OutsideError):
    """Too little memory for a frame of this size."""

    advice = "Close other programs, or add swap; a frame needs about twice its RAW size."


def advise(error: BaseException) -> str:
    """What happened and, if known, what to do: the text for a user."""
    text = str(error) or type(error).__name__
    advice = getattr(error, "advice", "")
    if not advice or advice in text:
        return text
    return f"{text}{'' if text.endswith(('.', '!', '?')) else '.'} {advice}"
