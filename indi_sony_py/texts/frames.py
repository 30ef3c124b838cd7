"""Texts about frames: where they were saved, why they were not delivered, what their files say."""

from __future__ import annotations

from indi_sony_py.texts import advice
from indi_sony_py.texts.row import Clause, Text

__all__: list[str] = []

BROKEN = Text(
    "frames.broken",
    "The image file is damaged ({detail}).",
    "",
    advice.TAKE_AGAIN,
    where="CCD_EXPOSURE: Alert",
)
UNKNOWN = Text(
    "frames.unknown",
    "The image file cannot become a frame ({detail}).",
    "It holds no mosaic of sensor values that the driver, or its RAW library, knows.",
    advice.SET_RAW,
    where="CCD_EXPOSURE: Alert",
)
STAYS_IN_CAMERA = Text(
    "frames.stays_in_camera",
    "The image {name} stays in the camera for now: {reason}.",
    "Nobody is connected, and no disk has room. It is fetched at the next connection.",
    advice.FREE_SPACE,
)
WITH_ABORTED = Clause(
    "frames.with_aborted",
    "its exposure was aborted while the shutter was open",
    "Such an image is dropped: it was asked for by an abort.",
)
AFTER_REQUEST = Clause(
    "frames.after_request", "its request had ended before it came", "The exposure had failed or was aborted late."
)
WITH_RAW = Clause("frames.with_raw", "it belongs to the RAW", "The JPEG beside a RAW.")
AFTER_LIMIT = Clause("frames.after_limit", "it came after its time limit", "Its exposure had been given up.")
UNASKED = Clause(
    "frames.unasked",
    "nobody asked for it through INDI",
    "Somebody pressed the button at the camera, or another program took it.",
)
NO_RAW_WITH_IT = Clause("frames.no_raw_with_it", "no RAW came with it", "A JPEG came for a request that wants a RAW.")
NO_ROOM = Clause("frames.no_room", "no disk has room for it ({megabytes:.0f} MB needed)", "")
