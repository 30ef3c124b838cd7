"""Texts about what clients write. Those that are marked so have libindi's own words, which clients know."""

from __future__ import annotations

from indi_sony_py.texts.row import Clause, Level, Text

__all__: list[str] = []

_WORDS = "libindi's words, as its own drivers say them."

OUT_OF_BOUNDS = Text(
    "client.out_of_bounds",
    "Requested exposure value ({asked:g}) seconds out of bounds [{low:g},{high:g}].",
    "libindi's words. Nothing was exposed.",
    where="CCD_EXPOSURE: Alert",
)
FRAME_OUTSIDE = Text(
    "client.frame_outside",
    "A frame of {width:g} x {height:g} at {x:g}, {y:g} does not lie in the image of {full_width} x "
    "{full_height}, or has less than {least} x {least} pixels.",
    "The frame stays as CCD_FRAME shows it, and exposures go on with that.",
    "Choose one within the limits, or reset the frame.",
    where="CCD_FRAME: Alert",
)
SIZE_UNKNOWN = Text(
    "client.size_unknown",
    "A part of the image cannot be chosen before the first one has come: no table knows how large this body's are.",
    "Exposures go on, with the whole image.",
    "Take one image, then choose the frame.",
    where="CCD_FRAME: Alert",
)
BINNING = Text(
    "client.binning",
    "{x:g}x{y:g} binning is not supported.",
    "libindi's words. Exposures go on with the binning that CCD_BINNING shows; 1x1, 2x2, 3x3 and 4x4 can be chosen.",
    where="CCD_BINNING: Alert",
)
UPLOAD_CLIENT = Text("client.upload_client", "Upload settings set to client only.", _WORDS, level=Level.INFO)
UPLOAD_LOCAL = Text("client.upload_local", "Upload settings set to local only.", _WORDS, level=Level.INFO)
UPLOAD_BOTH = Text("client.upload_both", "Upload settings set to client and local.", _WORDS, level=Level.INFO)
FAST_ON = Text(
    "client.fast_on",
    "Fast exposure is on: after each frame the next exposure begins at once, CCD_FAST_COUNT of them.",
    "Frames are made as fast as the camera allows. Server and network must carry them in that time: a client that is "
    "too far behind is dropped by its INDI server.",
    "For large frames start the server with a large limit (indiserver -m 1000), or set Upload to Local.",
    level=Level.INFO,
    where="CCD_FAST_TOGGLE: Ok",
)
DEBUG_ON = Text("client.debug_on", "Debug is enabled.", _WORDS, level=Level.INFO)
DEBUG_OFF = Text("client.debug_off", "Debug is disabled.", _WORDS, level=Level.INFO)
NOT_DEFINED = Clause("client.not_defined", "Property {name} is not defined in {device}.", _WORDS)
NOT_DEFINED_AS = Clause("client.not_defined_as", "Property {name} is not defined in {device} as {kind}.", _WORDS)
READ_ONLY = Clause("client.read_only", "Cannot set read-only property {name}", _WORDS)
READ_ONLY_VALUES = Clause(
    "client.read_only_values", "Cannot set read-only property {name}, {count} values dropped", _WORDS
)
NO_MEMBERS = Clause("client.no_members", "[ERROR] {name}: new{kind}Vector with no valid members", _WORDS)
NO_MEMBER = Clause("client.no_member", "Error: {element} is not a member of {label} ({name}) property.", _WORDS)
BAD_FORMAT = Clause("client.bad_format", "[ERROR] {name}: Bad format {value}", _WORDS)
OUT_OF_RANGE = Clause(
    "client.out_of_range",
    "Error: Invalid range for {label} ({name}). Valid range is from {low:g} to {high:g}. Requested value is {value:g}",
    _WORDS,
)
ON_OR_OFF = Clause("client.on_or_off", "[ERROR] {name}: must be On or Off: {value}", _WORDS)
NO_SWITCH = Clause(
    "client.no_switch", "Error: invalid state switch for property {label} ({name}). No switch is on.", _WORDS
)
MANY_SWITCHES = Clause(
    "client.many_switches",
    "Error: invalid state switch for property {label} ({name}). Too many switches are on.",
    _WORDS,
)
