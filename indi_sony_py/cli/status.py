"""Exit statuses of `indi-sony`, and the error that ends a command with one of them. Pure. docs/TOOL.md lists them."""

from __future__ import annotations

from enum import IntEnum

from indi_sony_py.errors import (
    CameraGone,
    CameraInUse,
    NotControllable,
    OutsideError,
    SonyError,
    WrongUsbMode,
)
from indi_sony_py.texts import Text

__all__ = ["NoCamera", "Status", "Unclear", "status_of"]


class Status(IntEnum):
    """What a script may go by."""

    DONE = 0
    FAILED = 1
    """The message says what."""
    WRONG_ARGUMENTS = 2
    """Or one is missing: which of several cameras."""
    NO_CAMERA = 3
    """None was found, or none that can be controlled as it is."""
    HELD = 4
    """A driver, or another program, holds the camera."""
    INTERRUPTED = 130


class NoCamera(OutsideError):
    """No camera that could be used. Made of a row, or of a text that says all."""

    def __init__(self, what: Text | str, /, **fields: object) -> None:
        super().__init__(what, **fields)


class Unclear(OutsideError):
    """The arguments leave open which of several cameras is meant."""


def status_of(error: SonyError) -> Status:
    """The status for an error that ends a command."""
    # Loaded late: `frames` and others do without processes.
    from indi_sony_py.hand.launch import HandRefused

    if isinstance(error, CameraInUse | HandRefused):
        return Status.HELD
    if isinstance(error, Unclear):
        return Status.WRONG_ARGUMENTS
    if isinstance(error, NoCamera | CameraGone | WrongUsbMode | NotControllable):
        return Status.NO_CAMERA
    return Status.FAILED
