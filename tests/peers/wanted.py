"""Every difference from libindi's cameras that is wanted, and why. Names and texts are whole regular expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["WANTED", "Wanted", "reasons"]


@dataclass(frozen=True, slots=True)
class Wanted:
    name: str
    text: str
    why: str


WANTED = (
    Wanted(
        "SIMULATOR_SETTINGS|EQUATORIAL_PE|SIM_FOCUSING|SIMULATE_BAYER|CCD_SIMULATE_CRASH|CCD_DIRECTORY_.*|FILTER_.*"
        "|GUIDER_.*|CCD2|TELESCOPE_TIMED_GUIDE_.*|CCD_GAIN|CCD_OFFSET",
        "is not there",
        "That simulator's own; a Sony has no guide chip, no filter wheel, no offset. CCD_GAIN comes with ISO_CONTROL.",
    ),
    Wanted("CCD_COOLER|CCD_TEMP_RAMP", "is not there", "No Sony cools its sensor."),
    Wanted("CCD_TEMPERATURE", "is not there", "It is there from the first file on that tells a temperature."),
    Wanted("AUX_VIDEO_STREAM", "is not there", "CCD_VIDEO_STREAM is the preview."),
    Wanted("STREAMING_EXPOSURE", "only here", "As libindi's own cameras have it; indi_gphoto_ccd lacks it."),
    Wanted(
        "CCD_STREAM|STREAM_BLOB",
        "only here",
        "Live view in a vector of its own: KStars crashes when a photo and live view take turns in CCD1.",
    ),
    Wanted("CCD_STREAM_FRAME", "(X|Y|WIDTH|HEIGHT): .*", "The size of live view is known from its first picture."),
    Wanted("CCD_STREAM_ENCODER", "(RAW|MJPEG): .*", "The camera's own JPEGs cost nothing; pixels are made on demand."),
    Wanted("DSP_.*", "is not there", "Filters of one library, for pictures to look at."),
    Wanted("Auto Focus", "is not there", "The body's own AF finds nothing on stars; the lens is a focuser here."),
    Wanted(
        ".*FOCUS_.*", "group: .*", "In a group of its own, as a camera that is a focuser too has it (indi_gphoto_ccd)."
    ),
    Wanted("FOCUS_SPEED", "is not there", "A lens' motor has one speed."),
    Wanted(
        "REL_FOCUS_POSITION|ABS_FOCUS_POSITION|FOCUS_BACKLASH_STEPS",
        "FOCUS_[A-Z]+(_POSITION)?(_VALUE)?: .*",
        "The lens' own limits.",
    ),
    Wanted("FOCUS_MAX", "perm: .*|FOCUS_MAX_VALUE: .*", "It is the lens' own stop, and may be near."),
    Wanted(
        "FOCUS_BACKLASH_TOGGLE", "INDI_(EN|DIS)ABLED: .*", "A lens may have play: it is taken up unless told otherwise."
    ),
    Wanted(
        "FOCUS_ABORT_MOTION|FOCUS_SYNC",
        "only here",
        "As libindi's focuser interface has them; that simulator has neither.",
    ),
    Wanted(
        "FOCUS_HOME|LENS|LENS_MEASURE|FOCUS_ASSIST",
        "only here",
        "Of a lens, whose stop makes its position known; docs/PROPERTIES.md tells more.",
    ),
    Wanted("DEVICE_PORT", "is not there", "A shutter release on a serial port: bulb goes over USB on every body here."),
    Wanted("CCD_UPLOAD_FILE", "is not there", "A file in place of a camera's; SIMULATION has a whole camera."),
    Wanted("CCD_SD_CARD_ACTION", "is not there", "A Sony's card cannot be read or emptied while it shoots."),
    Wanted("CCD_FORCE_BLOB", "is not there", "Frames always come: nothing has to be forced."),
    Wanted("ACTIVE_DEVICES", "ACTIVE_GPS only here", "The place for SITELAT and SITELONG, as newer libindi has it."),
    Wanted(
        "FITS_HEADER",
        "KEYWORD_(NAME|VALUE|COMMENT) only here",
        "The form since libindi 2.0.1 follows the older one's two elements: both are served.",
    ),
    Wanted("CCD_EXPOSURE", "CCD_EXPOSURE_VALUE: .*", "The shortest exposure is the body's own."),
    Wanted("CCD_FRAME", "(X|Y|WIDTH|HEIGHT): .*", "The limits are the sensor's own; a part has at least 16 pixels."),
    Wanted(
        "CCD_CAPTURE_FORMAT",
        "(INDI_MONO|FORMAT_1) is not there|INDI_(RAW|RAW_JPEG|JPEG) only here",
        "What the camera makes, with names that keep their places.",
    ),
    Wanted("CCD_TRANSFER_FORMAT", "FORMAT_XISF only here", "As newer libindi has it."),
    Wanted("CCD_INFO|CCD_CFA", "perm: 'ro', theirs 'rw'", "The truth of the body; what a client writes is answered."),
    Wanted("SCOPE_INFO", "(FOCAL_LENGTH|APERTURE): .*", "0 means unknown, and may be written to say so."),
    Wanted("CCD_ISO", "ISO[0-9]+: .*|ISO3 is not there", "The body's own list, and what is set at it."),
    Wanted("CCD_EXPOSURE_PRESETS", ".*", "It is there while SHUTTER_POLICY allows only the body's own speeds."),
    Wanted("SIMULATION", "(ENABLE|DISABLE): .*", "It was recorded while simulating."),
    Wanted("SIMULATION|CCD_CFA|CCD_ISO", "only here", "As indi_gphoto_ccd has it."),
    Wanted(
        "CAMERA_BINDING|NETWORK_CAMERA|NETWORK_SEARCH|PROTOCOL|ISO_CONTROL|BATTERY|BATTERY_LIMIT|SHUTTER_POLICY"
        "|RETAKES|NIGHT_SETUP"
        "|FRAME_AREA|BINNING_MODE|COMPANIONS|CAMERA_INFO|CAMERA_SETTINGS|PREVIEW",
        "only here",
        "This driver's own; docs/PROPERTIES.md tells what each is for.",
    ),
)


def reasons(name: str, text: str) -> list[str]:
    """Why a difference is wanted; empty for one that is not."""
    return [w.why for w in WANTED if re.fullmatch(w.name, name) and re.fullmatch(w.text, text)]
