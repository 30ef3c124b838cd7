"""Texts about one exposure: what it became, how long it still takes, why there is no image."""

from __future__ import annotations

from indi_sony_py.texts import advice
from indi_sony_py.texts.row import Clause, Level, Text

__all__: list[str] = []

_ALERT = "CCD_EXPOSURE: Alert"

NEAREST_SPEED = Text(
    "exposure.nearest_speed",
    "{asked:g} s is not a speed of this camera; the nearest, {speed} s, is used.",
    "Exposures that are too short for bulb can only be those on the camera's dial.",
    level=Level.INFO,
)
ADOPTED = Text(
    "exposure.adopted",
    "An exposure of {seconds:g} s was under way before; its image is awaited and will be saved.",
    "The driver, or the process that holds the camera, ended during an exposure. Nothing is lost.",
    level=Level.INFO,
)
STAR_EATER = Text(
    "exposure.star_eater",
    "{model} filters its RAW files in BULB, which softens or removes small stars. Where the exposure time is one of "
    "the camera's own shutter speeds, that speed is used instead.",
    "Said once. A property of this body; no setting changes it.",
    level=Level.WARNING,
)
LONG_NR = Text(
    "exposure.long_nr",
    "Long exposure noise reduction is on in the camera: after {seconds:g} s it takes as long again, and KStars gives a "
    "frame up 180 s after its exposure.",
    "Said before the shutter opens.",
    "Switch Long Exposure NR off in the camera's menu.",
    level=Level.WARNING,
)
LONG_NR_FIXED = Text(
    "exposure.long_nr_fixed",
    "{model} makes a dark frame of its own: after {seconds:g} s it takes as long again, and KStars gives a frame up "
    "180 s after its exposure.",
    "Said before the shutter opens, of bodies whose menu cannot switch it off.",
    "Take shorter exposures.",
    level=Level.WARNING,
)
OWN_DARK_FIXED = Text(
    "exposure.own_dark_fixed",
    "{model} makes a dark frame of its own after each exposure of a second and more, and its menu has no entry that "
    "switches that off.",
    "Said at the connection.",
    "Plan twice the exposure time for each frame.",
    level=Level.INFO,
)
FETCHING = Text(
    "exposure.fetching",
    "{name} is being fetched: {megabytes:.0f} of {of_megabytes:.0f} MB.",
    "Said every few seconds of a long transfer. USB 2, a hub or Wi-Fi make it long.",
    level=Level.INFO,
    where="CCD_EXPOSURE: Busy",
)
OWN_DARK = Text(
    "exposure.own_dark",
    "The camera is making its own dark frame (Long Exposure NR): it takes as long again as the exposure, about "
    "{seconds:.0f} s in all.",
    "The image comes after that.",
    level=Level.INFO,
)
OWN_DARK_PROBABLY = Text(
    "exposure.own_dark_probably",
    "The camera is probably making its own dark frame (Long Exposure NR): it takes as long again as the exposure, "
    "about {seconds:.0f} s in all.",
    "The image comes after that. The first file tells whether it is so.",
    level=Level.INFO,
)
PREPARING = Text(
    "exposure.preparing",
    "The camera is preparing the image.",
    "Some bodies take long for a file, after a burst above all.",
    level=Level.INFO,
    where="CCD_EXPOSURE: Busy",
)
NOTHING_YET = Text(
    "exposure.nothing_yet",
    "The camera shows no image yet; it is waited for.",
    "Either it makes a dark frame of its own and does not say so, or it took no photo.",
    level=Level.INFO,
    where="CCD_EXPOSURE: Busy",
)
HELD_FOR = Text(
    "exposure.held_for",
    "The camera is finishing the exposure before for about {seconds:.0f} s; this one starts then.",
    "An exposure was asked for before the camera was free. It is not refused; it waits.",
    level=Level.INFO,
    where="CCD_EXPOSURE: Busy",
)
HELD = Text(
    "exposure.held",
    "The camera is not ready yet; the exposure starts as soon as it is.",
    "",
    level=Level.INFO,
    where="CCD_EXPOSURE: Busy",
)
TAKEN_AGAIN = Text(
    "exposure.taken_again",
    "The exposure of {seconds:g} s is made once more (try {number} of {tries}). {reason}",
    "A frame will not come, and RETAKES allows another try. What the camera still has of the one before is saved.",
    level=Level.WARNING,
    where="CCD_EXPOSURE: Busy",
)
FAST_WAITS = Text(
    "exposure.fast_waits",
    "{frames} frames are not taken yet: the next exposure waits for that.",
    "Said once in a series of fast exposures. The server, or the disk, is slower than the camera.",
    level=Level.WARNING,
    where="CCD_FAST_COUNT: Busy",
)
ABORTED_BULB = Text(
    "exposure.aborted_bulb",
    "The shutter is being closed; the camera then finishes this image, which is fetched and dropped.",
    "An abort during a bulb exposure.",
    level=Level.INFO,
    where="CCD_ABORT_EXPOSURE: Ok",
)
ABORTED_TIMED = Text(
    "exposure.aborted_timed",
    "The camera times this exposure itself and cannot be stopped: it is busy for about {seconds:.0f} s more, "
    "then its image is fetched and dropped.",
    "An abort during one of the camera's own shutter speeds.",
    level=Level.INFO,
    where="CCD_ABORT_EXPOSURE: Ok",
)
ABORTED_LATE = Text(
    "exposure.aborted_late",
    "The exposure was already over: the camera finishes it, and the frame will be saved.",
    "An abort after the shutter had closed. The frame is whole; a message names its file.",
    level=Level.INFO,
    where="CCD_ABORT_EXPOSURE: Ok",
)
ABORTED_EARLY = Text(
    "exposure.aborted_early",
    "The exposure was stopped before the shutter opened.",
    "No photo was taken.",
    level=Level.INFO,
    where="CCD_ABORT_EXPOSURE: Ok",
)
ABORTED_HELD = Text(
    "exposure.aborted_held",
    "The exposure had not begun.",
    "It waited for its turn, and will not be made.",
    level=Level.INFO,
    where="CCD_ABORT_EXPOSURE: Ok",
)
NOTHING_TO_ABORT = Text(
    "exposure.nothing_to_abort",
    "No exposure was under way.",
    "",
    level=Level.INFO,
    where="CCD_ABORT_EXPOSURE: Ok",
)
REPLACED = Text(
    "exposure.replaced",
    "This exposure was not begun: a newer request took its place.",
    "Two exposures were asked for while the camera was busy: the last one is made.",
)
DISCONNECTED = Text(
    "exposure.disconnected",
    "The camera was disconnected before the shutter opened.",
    "No photo was taken.",
    where=_ALERT,
)
DISCONNECTED_OPEN = Text(
    "exposure.disconnected_open",
    "The camera was disconnected during the exposure: its image is fetched and saved.",
    "A message names the file.",
    where=_ALERT,
)
LOST_IMAGE = Text(
    "exposure.lost_image",
    "The image of the exposure of {seconds:g} s could not be fetched: the camera did not come back in time. It may "
    "still be in the camera; it is fetched and saved at the next connection.",
    "Do not take the camera's battery out before.",
)
GONE = Text(
    "exposure.gone",
    "No image of the exposure of {seconds:g} s that began at {began} UTC is in the camera, now that it is back: it was "
    "not taken, or the camera lost it when it was switched off. This frame is lost.",
    "The connection was lost during an exposure. What a camera has not given away yet, some forget without power.",
    "Take it again; pull the cable or switch the camera off only when no exposure runs.",
    level=Level.WARNING,
)
IN_OTHER_CAMERA = Text(
    "exposure.in_other_camera",
    "The image of the exposure of {seconds:g} s is in the camera that took it: another one ({model}) was plugged in "
    "instead.",
    "It is fetched and saved when that camera is connected again, unless it was without its battery.",
    level=Level.WARNING,
)
NO_IMAGE = Text(
    "exposure.no_image",
    "No image came after the exposure of {seconds:g} s.",
    "The camera took no photo, or keeps it to itself.",
    advice.WHY_NO_IMAGE,
    where=_ALERT,
)
ONLY_JPEG = Text(
    "exposure.only_jpeg",
    "Only a JPEG came for the exposure of {seconds:g} s, no RAW; it is saved.",
    "A message names the file.",
    "Set File Format (or Quality) to RAW, and RAW+J PC Save Image to RAW & JPEG.",
    where=_ALERT,
)
FOREIGN_IMAGE = Text(
    "exposure.foreign_image",
    "No image came after the exposure of {seconds:g} s that is certainly its own; the other one that came meanwhile is "
    "saved.",
    "An older image, or one taken by hand, came instead. It is no answer to the request; a message names its file.",
    advice.WHY_NO_IMAGE,
    where=_ALERT,
)
CARD_ONLY = Text(
    "exposure.card_only",
    "No image came after the exposure of {seconds:g} s: images are saved to the card only.",
    "The frame is on the camera's card.",
    "Set Still Img. Save Dest.: PC Only or PC+Camera (menu: Network or Setup, PC Remote Settings).",
    where=_ALERT,
)
STILL_PREPARING = Text(
    "exposure.still_preparing",
    "No image came after the exposure of {seconds:g} s: the camera is still preparing it. It is saved when it comes.",
    "The time limit is twice the exposure and half a minute. The image is not lost.",
    "Switch Long Exposure NR off in the camera's menu if it is on.",
    where=_ALERT,
)
UNSTEADY = Text(
    "exposure.unsteady",
    "The camera's settings do not hold still: {setting} was set again and again.",
    "Somebody turns a dial, or another program talks to the camera.",
    "Leave the camera's dials alone, and close other programs that use it.",
    where=_ALERT,
)
TOO_EARLY = Clause(
    "exposure.too_early",
    "it was ready before an exposure as long as its own could have ended",
    "The image was in the camera before: it belongs to an earlier press.",
)
OTHER_CLOCK = Clause(
    "exposure.other_clock",
    "the camera's clock in it belongs to another exposure",
    "The time in the file does not fit this press.",
)
OTHER_LENGTH = Clause(
    "exposure.other_length",
    "its exposure time is that of another exposure",
    "The exposure time in the file does not fit this request.",
)
IN_DOUBT = Clause(
    "exposure.in_doubt",
    "an earlier image was still owed, and nothing tells the two apart",
    "Better saved, as the camera made it, than an old frame taken for a new one; the file says when it was taken.",
)
NO_PROCESS = Text(
    "exposure.no_process",
    "The camera's process is not there.",
    "It ended, and no other was started.",
    "Connect the camera again.",
    where=_ALERT,
)
ABORTED = Text(
    "exposure.aborted",
    "The exposure was aborted.",
    "By another client, or because the process that holds the camera was told to end.",
    where=_ALERT,
)
STILL_BUSY = Text(
    "exposure.still_busy",
    "{reason} The camera is busy for up to {seconds:.0f} s more.",
    "An exposure that is asked for meanwhile waits until then.",
    level=Level.INFO,
    where="CCD_ABORT_EXPOSURE: Ok",
)
NOT_SENT = Text(
    "exposure.not_sent",
    "The frame could not be sent: it was saved as {path}",
    "The frame is whole, in that file.",
    where=_ALERT,
)
NOT_SENT_BECAUSE = Text(
    "exposure.not_sent_because",
    "The frame could not be sent: it was saved as {path} ({why})",
    "The frame is whole, in that file.",
    where=_ALERT,
)
SILENCE = Text(
    "exposure.silence",
    "The camera's process told nothing of the exposure within its time limit.",
    "It hangs, and was asked to abort. What comes of it is saved.",
    "Look at the camera, then connect it again.",
    where=_ALERT,
)
