"""Which of the libraries that make a frame are not installed, and the text for each. Looks for modules, loads none.

A 32-bit system has no rawpy (there are wheels for 64 bits only): the compiled decoder does without it; without both,
uncompressed files become FITS, and every file can be had as it is.
"""

from __future__ import annotations

from importlib.util import find_spec

from indi_sony_py import texts
from indi_sony_py.texts import Text

__all__ = ["DECODER", "NEEDED", "absent", "missing", "missing_for_live_view"]

DECODER = "indi_sony_py.image._decode"
"""The compiled part (`compiled`)."""

NEEDED: dict[str, Text] = {
    "numpy": texts.frames.NO_NUMPY,
    "rawpy": texts.frames.NO_RAWPY,
    "erfa": texts.frames.NO_ERFA,
}
"""In order of weight: the text for the first one that is missing says all."""


def missing() -> Text | None:
    """What to tell before the first frame; None if nothing is missing. Takes milliseconds."""
    for name, row in NEEDED.items():
        if not _is_there(name) and not (name == "rawpy" and _is_there(DECODER)):
            return row
    return None


def missing_for_live_view() -> Text | None:
    """What to tell where live view cannot become pixels; None where it can."""
    return None if _is_there("PIL") else texts.stream.NO_PILLOW


def absent(fault: ImportError) -> Text | None:
    """The text for a module that could not be found; None if it is there, and fails for another reason."""
    if not isinstance(fault, ModuleNotFoundError) or fault.name is None:
        return None
    return NEEDED.get(fault.name.partition(".")[0])


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
