"""Texts about setting the camera up for a night, and putting it back."""

from __future__ import annotations

from indi_sony_py.texts.row import Clause, Level, Text

__all__: list[str] = []

SET = Text(
    "night.set",
    "The camera is set up for the night: {settings}.",
    "NIGHT_SETUP stands on Set. What was changed is put back when the camera is disconnected, except for what somebody "
    "has changed since.",
    level=Level.INFO,
)
LEFT = Text(
    "night.left",
    "Not set for the night: {settings}.",
    "The camera does not let the computer set it, or did not follow.",
    "Set it at the camera.",
    level=Level.WARNING,
)
UNSEEN = Text(
    "night.unseen",
    "The computer cannot see: {settings}.",
    "Older bodies, and the older protocol, show a part of their settings only in their own menus.",
    "Check it at the camera, once.",
    level=Level.INFO,
)
WANTED = Text(
    "night.wanted",
    "For a night the camera would be set to: {settings}.",
    "NIGHT_SETUP stands on Tell only: nothing was changed.",
    "Set NIGHT_SETUP to Set, or set it at the camera.",
    level=Level.INFO,
)
NOT_BACK = Text(
    "night.not_back",
    "The camera was not put back to what it was before the night: {settings}.",
    "The camera did not take the old value, or does not let it be set in its present state.",
    "Set it at the camera.",
    level=Level.WARNING,
)

FORMAT = Clause("night.format", "file format RAW")
RAW_TYPE = Clause("night.raw_type", "uncompressed or lossless RAW of full size")
IMAGE_SIZE = Clause("night.image_size", "the largest JPEG")
PROGRAM = Clause("night.program", "exposure mode M")
DRIVE = Clause("night.drive", "drive mode single")
FOCUS = Clause("night.focus", "manual focus")
SILENT = Clause("night.silent", "silent mode off")
STEADY = Clause("night.steady", "no SteadyShot")
REDUCTION = Clause("night.reduction", "long exposure noise reduction off")
NO_LENS = Clause("night.no_lens", "release without lens on")
DESTINATION = Clause("night.destination", "files to the computer")
CROP = Clause("night.crop", "no APS-C crop")
FURTHER = Clause("night.further", "{setting} back to {value}")
