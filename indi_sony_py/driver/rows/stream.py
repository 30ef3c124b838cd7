"""Rows of live view: the stream, its form on the way to clients, recordings. There while the camera has live view.

Names, labels and the order of elements are those of libindi's StreamManager (1.9.9, observed); KStars' video window
counts elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indi_sony_py.driver.row import RO, RW, Fed, Row, Write, number, switch, text
from indi_sony_py.indi.messages import Kind
from indi_sony_py.indi.vectors import BlobDef, NumberDef, VectorDef

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = [
    "CCD_STREAM",
    "CCD_STREAM_ENCODER",
    "CCD_STREAM_FRAME",
    "CCD_STREAM_RECORDER",
    "CCD_VIDEO_STREAM",
    "FPS",
    "LEAST_PART",
    "LIMITS",
    "RECORD_FILE",
    "RECORD_OPTIONS",
    "RECORD_STREAM",
    "STREAMING",
    "STREAMING_EXPOSURE",
    "STREAM_BLOB",
    "STREAM_DELAY",
]

STREAMING = "Streaming"
LEAST_PART = 10
"""Pixels: the least side of a part of the picture (libindi)."""


def _there(view: CameraView) -> Fed | None:
    return Fed() if view.has_live_view else None


def _frame(view: CameraView) -> Fed | None:
    if not view.has_live_view:
        return None
    width, height = view.live_size or (0, 0)
    limits = {
        "X": (0.0, max(0.0, width - 1.0)),
        "Y": (0.0, max(0.0, height - 1.0)),
        "WIDTH": (float(min(LEAST_PART, width)), float(width)),
        "HEIGHT": (float(min(LEAST_PART, height)), float(height)),
    }
    part = view.live_part or (0, 0, width, height)
    return Fed({name: float(value) for name, value in zip(limits, part, strict=True)}, limits=limits)


CCD_VIDEO_STREAM = Row(
    switch("CCD_VIDEO_STREAM", "Video Stream", STREAMING, 0, STREAM_ON="Stream On", STREAM_OFF="Stream Off"),
    values={"STREAM_OFF": True},
    write=Write.STREAM,
    feed=_there,
    does="Live view, as BLOBs of CCD_STREAM. It stops for each photo and goes on by itself.",
    needs="A body that has live view over USB; the others do not have this property.",
)
CCD_STREAM = Row(
    VectorDef("CCD_STREAM", "Video Data", STREAMING, Kind.BLOB, RO, (BlobDef("CCD_STREAM", "Video"),), timeout_s=60),
    feed=_there,
    does="The pictures of live view.",
)
STREAM_BLOB = Row(
    switch("STREAM_BLOB", "Video by", STREAMING, 0, OWN="CCD_STREAM", IMAGE="CCD1"),
    values={"OWN": True},
    write=Write.STREAM,
    feed=_there,
    saved=True,
    does=(
        "Which BLOB brings the pictures: their own, or that of photos, as with libindi's cameras, for a program that "
        "looks at that one alone. Then end live view before photos: clients made with libindi keep both in one memory, "
        "and KStars 3.6.2 crashes."
    ),
)
STREAM_DELAY = Row(
    number(
        "STREAM_DELAY", "Video Stream Delay", STREAMING, RO, 0,
        NumberDef("STREAM_DELAY_TIME", "Delay (s)", "%.3f", 0, 60, 0.001),
    ),
    feed=_there,
    does="From the moment in which a picture was asked of the camera until the server had it.",
)  # fmt: skip
STREAMING_EXPOSURE = Row(
    number(
        "STREAMING_EXPOSURE", "Expose", STREAMING, RW, 60,
        NumberDef("STREAMING_EXPOSURE_VALUE", "Duration (s)", "%.6f", 1e-6, 60, 0.1),
        NumberDef("STREAMING_DIVISOR_VALUE", "Divisor", "%.f", 1, 15, 1),
    ),
    values={"STREAMING_EXPOSURE_VALUE": 0.03, "STREAMING_DIVISOR_VALUE": 1.0},
    write=Write.STREAM,
    feed=_there,
    does=(
        "The least time from one picture to the next, and of how many pictures one is taken; for recordings, too. The "
        "camera itself chooses how long it exposes live view."
    ),
)  # fmt: skip
FPS = Row(
    number(
        "FPS", "FPS", STREAMING, RO, 60,
        NumberDef("EST_FPS", "Instant.", "%.2f", 0, 999),
        NumberDef("AVG_FPS", "Average (1 sec.)", "%.2f", 0, 999),
    ),
    feed=_there,
    does="Pictures a second that come from the camera, whether clients get all of them or not.",
)  # fmt: skip
RECORD_STREAM = Row(
    switch(
        "RECORD_STREAM", "Video Record", STREAMING, 0, RECORD_ON="Record On", RECORD_DURATION_ON="Record (Duration)",
        RECORD_FRAME_ON="Record (Frames)", RECORD_OFF="Record Off",
    ),
    values={"RECORD_OFF": True},
    write=Write.STREAM,
    feed=_there,
    does="Records live view into a file, streamed or not: until Off, for a time, or so many pictures.",
    needs="Pillow on the computer (`pip install pillow`).",
)  # fmt: skip
RECORD_FILE = Row(
    text("RECORD_FILE", "Record File", STREAMING, RW, 0, RECORD_FILE_DIR="Dir.", RECORD_FILE_NAME="Name"),
    values={"RECORD_FILE_NAME": "indi_record__T_"},
    write=Write.STREAM,
    feed=_there,
    saved=True,
    does=(
        "Where recordings go. _D_ becomes the date, _H_ the time, _T_ both (UTC), _F_ the filter. "
        "No file is overwritten."
    ),
)
RECORD_OPTIONS = Row(
    number(
        "RECORD_OPTIONS", "Record Options", STREAMING, RW, 60,
        NumberDef("RECORD_DURATION", "Duration (sec)", "%.3f", 0.001, 999999),
        NumberDef("RECORD_FRAME_TOTAL", "Frames", "%.f", 1, 999999999, 1),
    ),
    values={"RECORD_DURATION": 1.0, "RECORD_FRAME_TOTAL": 30.0},
    write=Write.STREAM,
    feed=_there,
    saved=True,
    does="How long a recording is to be.",
)  # fmt: skip
CCD_STREAM_FRAME = Row(
    number(
        "CCD_STREAM_FRAME", "Frame", STREAMING, RW, 60,
        NumberDef("X", "Left", "%.f"), NumberDef("Y", "Top", "%.f"), NumberDef("WIDTH", "Width", "%.f"),
        NumberDef("HEIGHT", "Height", "%.f"),
    ),
    write=Write.STREAM_PART,
    feed=_frame,
    does="The part of the picture that is streamed and recorded; its limits are known from the first picture on.",
    needs="Pillow on the computer, for a part.",
)  # fmt: skip
CCD_STREAM_ENCODER = Row(
    switch("CCD_STREAM_ENCODER", "Encoder", STREAMING, 0, RAW="RAW", MJPEG="MJPEG"),
    values={"MJPEG": True},
    write=Write.STREAM,
    feed=_there,
    saved=True,
    does="MJPEG: the camera's own JPEGs (`.stream_jpg`). RAW: pixels in red, green, blue (`.stream`), far longer.",
    needs="Pillow on the computer, for RAW.",
)
CCD_STREAM_RECORDER = Row(
    switch("CCD_STREAM_RECORDER", "Recorder", STREAMING, 0, SER="SER"),
    values={"SER": True},
    write=Write.STREAM,
    feed=_there,
    saved=True,
    does="The form of recordings: SER with colours, 8 bits, and the time of each picture.",
)
LIMITS = Row(
    number(
        "LIMITS", "Limits", STREAMING, RW, 0,
        NumberDef("LIMITS_BUFFER_MAX", "Maximum Buffer Size (MB)", "%.0f", 1, 65536, 1),
        NumberDef("LIMITS_PREVIEW_FPS", "Maximum Preview FPS", "%.0f", 1, 120, 1),
    ),
    values={"LIMITS_BUFFER_MAX": 512.0, "LIMITS_PREVIEW_FPS": 10.0},
    write=Write.STREAM,
    feed=_there,
    saved=True,
    does="How much of a recording may wait for a slow disk, and how many pictures a second go to clients at the most.",
)  # fmt: skip
