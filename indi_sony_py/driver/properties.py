"""THE TABLE: every property vector of a camera, in the order in which clients get them.

A row says what the vector is, when it is shown, what feeds it, what a client's write does, and whether it is saved.

- `Shown.ALWAYS`: before the connection too. `CONNECTED`: while the camera is. `ASKED`: something else shows it.
- A feed turns the view of the camera into values, limits or elements; None hides the vector (the camera has none).
- A setting of the camera is a row with `setting_switch` or `setting_choice`: its elements are the camera's own choices.
- `early` rows are read from the config before the first definition goes out, `autosave` ones are written on change.

Names, labels, groups, formats and defaults are those of libindi 1.9.9 and indi_gphoto_ccd 3.2 where they have the same
property (observed); the order of elements is API, clients count them.
"""

from __future__ import annotations

from indi_sony_py.driver.row import Row
from indi_sony_py.driver.rows import camera, exposure, files, focuser, image, magnifier, observatory, options, stream

__all__ = ["FIRST_ONLY", "TABLE", "row_of"]

FIRST_ONLY = frozenset({"SIMULATION", "NETWORK_CAMERA", "NETWORK_SEARCH"})
"""Vectors of the device that always exists; the further ones are cameras that are there."""

TABLE: tuple[Row, ...] = (
    options.CONNECTION,
    options.DRIVER_INFO,
    options.POLLING_PERIOD,
    options.DEBUG,
    options.SIMULATION,
    options.CONFIG_PROCESS,
    observatory.ACTIVE_DEVICES,
    options.CAMERA_BINDING,
    options.NETWORK_CAMERA,
    options.NETWORK_SEARCH,
    options.PROTOCOL,
    options.NIGHT_SETUP,
    options.ISO_CONTROL,
    options.DEBUG_LEVEL,
    options.LOGGING_LEVEL,
    options.LOG_OUTPUT,
    exposure.CCD_EXPOSURE,
    exposure.CCD_ABORT_EXPOSURE,
    image.CCD_FRAME,
    image.CCD_FRAME_RESET,
    image.CCD_BINNING,
    observatory.FITS_HEADER,
    image.CCD_CAPTURE_FORMAT,
    image.CCD_TRANSFER_FORMAT,
    image.CCD_INFO,
    image.CCD_COMPRESSION,
    image.CCD1,
    exposure.CCD_FRAME_TYPE,
    image.CCD_CFA,
    observatory.CCD_TEMPERATURE,
    observatory.SCOPE_INFO,
    observatory.WCS_CONTROL,
    observatory.CCD_ROTATION,
    files.UPLOAD_MODE,
    files.UPLOAD_SETTINGS,
    files.CCD_FILE_PATH,
    exposure.CCD_FAST_TOGGLE,
    exposure.CCD_FAST_COUNT,
    stream.CCD_VIDEO_STREAM,
    stream.CCD_STREAM,
    stream.STREAM_BLOB,
    stream.STREAM_DELAY,
    stream.STREAMING_EXPOSURE,
    stream.FPS,
    stream.RECORD_STREAM,
    stream.RECORD_FILE,
    stream.RECORD_OPTIONS,
    stream.CCD_STREAM_FRAME,
    stream.CCD_STREAM_ENCODER,
    stream.CCD_STREAM_RECORDER,
    stream.LIMITS,
    magnifier.FOCUS_MAGNIFIER,
    magnifier.FOCUS_MAGNIFIER_POSITION,
    exposure.CCD_EXPOSURE_PRESETS,
    camera.CCD_ISO,
    camera.CCD_GAIN,
    camera.BATTERY,
    exposure.BATTERY_LIMIT,
    camera.SAVE_DESTINATION,
    exposure.SHUTTER_POLICY,
    exposure.RETAKES,
    image.FRAME_AREA,
    image.BINNING_MODE,
    files.COMPANIONS,
    files.PREVIEW,
    files.FRAME_MEASURES,
    camera.CAMERA_INFO,
    camera.CAMERA_SETTINGS,
    *focuser.FOCUSER,
    *camera.FURTHER,
)

_ROWS = {row.name: row for row in TABLE}


def row_of(name: str) -> Row | None:
    """The row of a vector; None for a name that is none of ours."""
    return _ROWS.get(name)
