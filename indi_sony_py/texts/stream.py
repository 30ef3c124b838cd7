"""Texts about live view on its way to clients, and about recordings."""

from __future__ import annotations

from indi_sony_py.texts.row import Level, Text

__all__: list[str] = []

_RECORD = "RECORD_STREAM: Alert"

NO_PILLOW = Text(
    "stream.no_pillow",
    "Live view cannot be recorded, cut, or sent as pixels: Pillow is not installed.",
    "The stream itself needs nothing: the camera's own JPEGs go as they are (encoder MJPEG, whole frame).",
    "Install it for the Python that runs the driver: pip install pillow, or the package python3-pil.",
    where=_RECORD,
)
RECORDS_TO = Text("stream.records_to", "Live view is recorded to {path}.", "", level=Level.INFO)
RECORDED = Text(
    "stream.recorded",
    "{frames} frames of live view, {seconds:.1f} s, are in {path}.",
    "The file is whole.",
    level=Level.INFO,
    where="RECORD_STREAM: Idle",
)
NOTHING_RECORDED = Text(
    "stream.nothing_recorded",
    "Nothing is recorded: no frame of live view came in that time.",
    "A file without frames would be of no use, so there is none.",
    "See whether CCD_VIDEO_STREAM shows something, and record again.",
    level=Level.WARNING,
)
MISSED = Text(
    "stream.missed",
    "{frames} frames were left out of the recording.",
    "The disk, or this computer, is too slow for all of them, or they came damaged; the time of each frame is in the "
    "file.",
    "Record fewer frames a second (STREAMING_EXPOSURE) or a part (CCD_STREAM_FRAME), or allow more to wait (LIMITS).",
    level=Level.WARNING,
)
RECORDING_NOW = Text(
    "stream.recording_now",
    "A recording is under way: this stays as it is.",
    "What a recording depends on cannot be changed while it runs.",
    "End it first (RECORD_STREAM: Record Off).",
    level=Level.WARNING,
)
NAME_IS_PATH = Text(
    "stream.name_is_path",
    "The name of a recording cannot be a path.",
    "The folder has an element of its own.",
    "Write the folder into RECORD_FILE_DIR.",
    where="RECORD_FILE: Alert",
)
SIZE_CHANGED = Text(
    "stream.size_changed",
    "The recording has ended: the camera's picture changed its size.",
    "A file holds pictures of one size. What came before is in it.",
    "Begin another one.",
    where=_RECORD,
)
DAMAGED = Text(
    "stream.damaged",
    "Frames of live view are damaged and left out ({detail}).",
    "What the camera sent is no whole picture. It is told once.",
    "If none come at all: try another cable or USB port.",
    level=Level.WARNING,
)
CUT_SHORT = Text(
    "stream.cut_short",
    "The recording was cut short; what it had is in {path}, without the times of the frames.",
    "The camera's process ended in the middle of it.",
    level=Level.WARNING,
)
RECORDER_FAILED = Text(
    "stream.recorder_failed",
    "The recording failed ({detail}).",
    "A fault of the driver. What was written until then is in its file.",
    "Begin another one; please report this with the hand's log.",
    where=_RECORD,
)
