"""The engine's sentences for the user: what happened, and what to do at the camera."""

from __future__ import annotations

from indi_sony_py.engine.messages import Shot, ShutterMode
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Settings
from indi_sony_py.sony.values import SaveDestination

__all__ = [
    "ADOPTED",
    "ANEW",
    "LONG_NR",
    "LONG_NR_FIXED",
    "NEVER_EMPTY",
    "OWN_DARK_FIXED",
    "STAR_EATER",
    "UNKNOWN_BODY",
    "aborted_open",
    "held",
    "lost_image",
    "no_image",
    "waiting",
]

ANEW = "The camera is let go of and opened anew."
ADOPTED = "An exposure of {seconds:g} s was under way before; its image is awaited and will be saved."
UNKNOWN_BODY = (
    "{model} is not in the table of bodies: it is driven by what it says of itself, and its sensor's facts come from "
    "the first file. Please report how it works."
)
STAR_EATER = (
    "{model} filters its RAW files in BULB, which softens or removes small stars. Where the exposure time is one of "
    "the camera's own shutter speeds, that speed is used instead."
)
LONG_NR = (
    "Long exposure noise reduction is on in the camera: after {seconds:g} s it takes as long again, and KStars gives a "
    "frame up 180 s after its exposure. Switch Long Exposure NR off in the camera's menu."
)
LONG_NR_FIXED = (
    "{model} makes a dark frame of its own: after {seconds:g} s it takes as long again, and KStars gives a frame up "
    "180 s after its exposure. Take shorter exposures."
)
OWN_DARK_FIXED = (
    "{model} makes a dark frame of its own after each exposure of a second and more, and its menu has no entry that "
    "switches that off: plan twice the exposure time for each frame."
)
NEVER_EMPTY = (
    "The camera says that it is still preparing an image, for longer than any exposure takes. "
    "Switch the camera off and on; if that does not help, take its battery out."
)


def aborted_open(mode: ShutterMode, busy_s: float) -> str:
    """To an abort with the shutter open; `busy_s`: seconds until the camera is free."""
    if mode is ShutterMode.BULB:
        return "The shutter is being closed; the camera then finishes this image, which is fetched and dropped."
    return (
        f"The camera times this exposure itself and cannot be stopped: it is busy for about {busy_s:.0f} s more, "
        "then its image is fetched and dropped."
    )


def held(busy_s: float, committed: bool) -> str:
    """To a request that has to wait; `busy_s`: seconds until the camera is free, `committed`: a photo is under way."""
    if committed and busy_s >= 1:
        return f"The camera is finishing the exposure before for about {busy_s:.0f} s; this one starts then."
    return "The camera is not ready yet; the exposure starts as soon as it is."


def waiting(nr: str, shot: Shot) -> str:
    """Why the image takes long after the shutter has closed; empty where there is no reason to tell."""
    seconds = shot.nominal_s or shot.measured_s or 0.0
    if nr == "off" or seconds < 1.0:
        return ""
    how = "is" if nr == "on" else "is probably"
    return (
        f"The camera {how} making its own dark frame (Long Exposure NR): it takes as long again as the exposure, about "
        f"{2 * seconds:.0f} s in all."
    )


def lost_image(shot: Shot) -> str:
    """To an exposure whose image was out of reach when the camera did not come back."""
    return (
        f"The image of the exposure of {shot.request.duration_s:g} s could not be fetched: the camera did not come "
        "back in time. It may still be in the camera; it is fetched and saved at the next connection."
    )


def no_image(shot: Shot, settings: Settings, only_jpeg: bool, foreign: bool) -> str:
    """To an exposure without an image: what to look at in the camera.

    `only_jpeg`: a JPEG came, and no RAW. `foreign`: a RAW came that is not, or not certainly, its own.
    """
    what = f"No image came after the exposure of {shot.request.duration_s:g} s"
    if only_jpeg:
        return (
            f"Only a JPEG came for the exposure of {shot.request.duration_s:g} s, no RAW; it is saved. Set File Format "
            "(or Quality) to RAW, and RAW+J PC Save Image to RAW & JPEG."
        )
    if foreign:
        return f"{what} that is certainly its own; the other one that came meanwhile is saved"
    if settings.number(Prop.SAVE_DESTINATION) == SaveDestination.CARD:
        return f"{what}: images are saved to the card only"
    if settings.number(Prop.OBJECTS_IN_MEMORY):
        return f"{what}: the camera is still preparing it. It is saved when it comes"
    return what
