"""Texts about other devices, and about what clients want in the headers of frames."""

from __future__ import annotations

from indi_sony_py.texts.row import Level, Text

__all__: list[str] = []

_HEADER = "FITS_HEADER: Alert"

SILENT = Text(
    "observatory.silent",
    "{device} does not answer any more: what it knew is left out of the headers of frames.",
    "Its driver ended, or hangs. Exposures go on.",
    "Start its driver again, or take its name out of Snoop devices.",
    level=Level.WARNING,
)
NO_FOCAL_LENGTH = Text(
    "observatory.no_focal_length",
    "Telescope focal length is missing: frames have no FOCALLEN and no SCALE, unless a lens tells its own.",
    "Said once for each connection. Plate solvers find their scale by trying, which takes longer.",
    "Choose an optical train in Ekos, or set Scope (SCOPE_INFO).",
    level=Level.WARNING,
)
WCS_ON = Text("observatory.wcs_on", "World Coordinate System is enabled.", "libindi's words.", level=Level.INFO)
WCS_OFF = Text("observatory.wcs_off", "World Coordinate System is disabled.", "libindi's words.", level=Level.INFO)
KEYWORD_BAD = Text(
    "observatory.keyword_bad",
    "{keyword!r} is no FITS keyword.",
    "The header stays as it was.",
    "Choose a name of 1 to 8 capital letters, digits, - and _.",
    where=_HEADER,
)
KEYWORD_OURS = Text(
    "observatory.keyword_ours",
    "{keyword} cannot be set: the driver writes this FITS card itself.",
    "The header stays as it was.",
    "Choose another keyword.",
    where=_HEADER,
)
KEYWORD_LONG = Text(
    "observatory.keyword_long",
    "The value of {keyword} has {length} characters, more than {most}.",
    "The header stays as it was.",
    "Shorten it, or part it into COMMENT cards.",
    where=_HEADER,
)
KEYWORDS_MANY = Text(
    "observatory.keywords_many",
    "{keyword} is one FITS card too many: {most} may be set.",
    "The header stays as it was.",
    "Clear them: write INDI_CLEAR as the keyword's name.",
    where=_HEADER,
)
