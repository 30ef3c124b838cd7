"""Which text of the catalogue fits: the engine's choices that depend on more than one fact."""

from __future__ import annotations

from indi_sony_py import texts
from indi_sony_py.engine.messages import Shot, ShutterMode
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Settings
from indi_sony_py.sony.values import SaveDestination
from indi_sony_py.texts import Text

__all__ = ["aborted_open", "held", "is_chance", "late", "no_image", "waiting"]


def aborted_open(mode: ShutterMode, busy_s: float) -> str:
    """To an abort with the shutter open; `busy_s`: seconds until the camera is free."""
    return texts.exposure.ABORTED_BULB() if mode is ShutterMode.BULB else texts.exposure.ABORTED_TIMED(seconds=busy_s)


def held(busy_s: float, committed: bool) -> str:
    """To a request that has to wait; `busy_s`: seconds until the camera is free, `committed`: a photo is under way."""
    return texts.exposure.HELD_FOR(seconds=busy_s) if committed and busy_s >= 1 else texts.exposure.HELD()


def waiting(nr: str, shot: Shot) -> str:
    """Why the image takes long after the shutter has closed; empty where there is no reason to tell."""
    seconds = shot.nominal_s or shot.measured_s or 0.0
    if nr == "off" or seconds < 1.0:
        return ""
    row = texts.exposure.OWN_DARK if nr == "on" else texts.exposure.OWN_DARK_PROBABLY
    return row(seconds=2 * seconds)


def late(nr: str, shot: Shot, preparing: bool) -> str:
    """To an image that is not there some time after its exposure; `preparing`: the camera says that it works on it."""
    if preparing:
        return waiting(nr, shot) or texts.exposure.PREPARING()
    return texts.exposure.NOTHING_YET()


def no_image(shot: Shot, settings: Settings, only_jpeg: bool, foreign: bool, interrupted: bool) -> str:
    """To an exposure without an image: what to look at in the camera.

    `only_jpeg`: a JPEG came, and no RAW. `foreign`: a RAW came that is not, or not certainly, its own. `interrupted`:
    the connection was lost meanwhile.
    """
    if interrupted and not (only_jpeg or foreign or settings.number(Prop.OBJECTS_IN_MEMORY)):
        return texts.exposure.GONE(seconds=shot.request.duration_s, began=began(shot))
    return _no_image(settings, only_jpeg, foreign)(seconds=shot.request.duration_s)


def is_chance(settings: Settings, only_jpeg: bool, foreign: bool) -> bool:
    """Whether the next exposure may well have an image: no setting of the camera's keeps it from coming."""
    wrong_setting = (texts.exposure.ONLY_JPEG, texts.exposure.CARD_ONLY)
    return all(_no_image(settings, only_jpeg, foreign) is not text for text in wrong_setting)


def began(shot: Shot) -> str:
    """The press, as a user reads it: UTC to the second."""
    return shot.pressed_utc[:19].replace("T", " ")


def _no_image(settings: Settings, only_jpeg: bool, foreign: bool) -> Text:
    if only_jpeg:
        return texts.exposure.ONLY_JPEG
    if foreign:
        return texts.exposure.FOREIGN_IMAGE
    if settings.number(Prop.SAVE_DESTINATION) == SaveDestination.CARD:
        return texts.exposure.CARD_ONLY
    if settings.number(Prop.OBJECTS_IN_MEMORY):
        return texts.exposure.STILL_PREPARING
    return texts.exposure.NO_IMAGE
