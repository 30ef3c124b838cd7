"""Texts about the camera's settings: what must hold for an exposure, and what cannot be set from the computer."""

from __future__ import annotations

from indi_sony_py.texts.row import Level, Text

__all__: list[str] = []

_ALERT = "CCD_EXPOSURE: Alert"
_BOTH = "CCD_EXPOSURE: Alert, CCD_ISO: Alert"
_OTHER_ISO = "Choose another ISO."
_SET_SPEED = "Set the shutter speed at the camera, and check that its dial is not locked."
_SET_BULB = "Turn the shutter dial past 30 s to BULB at the camera; drive mode must be Single, Silent Mode off."
_SET_FORMAT = "Set File Format (or Quality) to {aim}."
_CARD = "Put in a card that can be written to, or set Still Img. Save Dest.: PC Only."

BATTERY = Text(
    "settings.battery",
    "The battery is empty.",
    "",
    "Put in a charged one, or power the camera over USB.",
    where=_ALERT,
)
MOVIE = Text(
    "settings.movie",
    "The camera is recording a movie.",
    "",
    "Stop the recording at the camera.",
    where=_ALERT,
)
PLAYBACK = Text(
    "settings.playback",
    "The camera shows its pictures (playback).",
    "",
    "Half-press its shutter button, so that it is ready to shoot.",
    where=_ALERT,
)
PROGRAM = Text(
    "settings.program",
    "The mode dial stands on {value}.",
    "Only in M does the camera keep the exposure time that is set.",
    "Turn it to M (manual exposure).",
    where=_ALERT,
)
DRIVE = Text(
    "settings.drive",
    "The drive mode is {value}.",
    "One press must make one photo, at once.",
    "Set Drive Mode: Single Shooting.",
    where=_ALERT,
)
INTERVAL = Text(
    "settings.interval",
    "Interval shooting is on.",
    "",
    "Set Interval Shoot Func.: Off.",
    where=_ALERT,
)
CARD_ONLY = Text(
    "settings.card_only",
    "Images are saved to the card only.",
    "Nothing would be sent to the computer.",
    "Set Still Img. Save Dest.: PC Only or PC+Camera (menu: Network or Setup, PC Remote Settings).",
    where=_ALERT,
)
SMALL_IMAGE = Text(
    "settings.small_image",
    "Only a small JPEG is sent to the computer.",
    "",
    "Set PC Save Image Size: Original.",
    where=_ALERT,
)
JPEG_ONLY = Text(
    "settings.jpeg_only",
    "Only the JPEG is sent to the computer.",
    "",
    "Set RAW+J PC Save Image: RAW & JPEG.",
    where=_ALERT,
)
SILENT = Text(
    "settings.silent",
    "Silent shooting takes BULB away on some bodies.",
    "The exposure is tried all the same.",
    "Set Silent Mode: Off.",
    level=Level.WARNING,
)
BULB_TIMER = Text(
    "settings.bulb_timer",
    "The camera's own bulb timer is on: it decides how long a bulb exposure takes.",
    "The exposure is made all the same; the frame tells its true time.",
    "Set Bulb Timer: Off.",
    level=Level.WARNING,
)
AUTO_FOCUS = Text(
    "settings.auto_focus",
    "Auto-focus is on ({value}): each exposure waits for it.",
    "On a telescope there is nothing that it could focus.",
    "Set the focus mode to MF at the camera or the lens.",
    level=Level.WARNING,
)
NO_CARD = Text("settings.no_card", "Images are to be saved on the card too, but no card is in the camera.", "", _CARD,
               where=_ALERT)  # fmt: skip
CARD_UNREADABLE = Text(
    "settings.card_unreadable",
    "Images are to be saved on the card too, but the card cannot be read.",
    "",
    _CARD,
    where=_ALERT,
)
CARD_UNFORMATTED = Text(
    "settings.card_unformatted",
    "Images are to be saved on the card too, but the card must be formatted.",
    "",
    _CARD,
    where=_ALERT,
)
CARD_READ_ONLY = Text(
    "settings.card_read_only",
    "Images are to be saved on the card too, but the card is read-only.",
    "",
    _CARD,
    where=_ALERT,
)
FORMAT_IS = Text(
    "settings.format_is",
    "The file format is {value}.",
    "It cannot be set from the computer now.",
    _SET_FORMAT,
    where=_ALERT,
)
FORMAT_STAYS = Text(
    "settings.format_stays",
    "The file format stays at {value} and does not go to {aim}.",
    "",
    _SET_FORMAT,
    where=_ALERT,
)
DESTINATION_STAYS = Text(
    "settings.destination_stays",
    "The camera keeps its save destination.",
    "Where images go besides the computer could not be changed from here.",
    "Set Still Img. Save Dest. at the camera.",
    where="SAVE_DESTINATION: Alert",
)
FORMAT_NOT_LISTED = Text(
    "settings.format_not_listed",
    "The camera does not list its file format.",
    "It did before: the camera is in another state now.",
    "Set File Format (or Quality) at the camera.",
    where=_ALERT,
)
FORMAT_UNREADABLE = Text(
    "settings.format_unreadable",
    "The file format cannot be read and does not go to {aim}.",
    "",
    _SET_FORMAT,
    where=_ALERT,
)
FORMAT_MOVES = Text(
    "settings.format_moves",
    "The file format goes from {value} to {aim}; the camera takes a while.",
    "It is written again where the camera does not follow. The exposure starts after that.",
    level=Level.INFO,
    where="CCD_EXPOSURE: Busy",
)
ISO_NOT_LISTED = Text(
    "settings.iso_not_listed",
    "The camera does not list its ISO.",
    "It cannot be set from the computer in the camera's present mode.",
    _OTHER_ISO,
    where=_BOTH,
)
ISO_NOT_OFFERED = Text(
    "settings.iso_not_offered",
    "The camera does not offer ISO {aim} now.",
    "",
    _OTHER_ISO,
    where=_BOTH,
)
ISO_STAYS = Text(
    "settings.iso_stays",
    "The ISO stays at {value} and does not go to {aim}.",
    "",
    _OTHER_ISO,
    where=_BOTH,
)
ISO_UNREADABLE = Text(
    "settings.iso_unreadable",
    "The ISO cannot be read and does not go to {aim}.",
    "",
    _OTHER_ISO,
    where=_BOTH,
)
ISO_MOVES = Text(
    "settings.iso_moves",
    "The ISO goes from {value} to {aim}; the camera takes a while.",
    "Older bodies are stepped, notch by notch. An exposure that was asked for starts after that.",
    level=Level.INFO,
    where="CCD_EXPOSURE: Busy, CCD_ISO: Busy",
)
SPEED_NOT_LISTED = Text(
    "settings.speed_not_listed",
    "The camera does not list its shutter speed.",
    "It cannot be set from the computer in the camera's present mode.",
    _SET_SPEED,
    where=_ALERT,
)
SPEED_NOT_OFFERED = Text(
    "settings.speed_not_offered",
    "The camera does not offer the shutter speed {aim} now.",
    "",
    _SET_SPEED,
    where=_ALERT,
)
SPEED_STAYS = Text(
    "settings.speed_stays",
    "The shutter speed stays at {value} and does not go to {aim}.",
    "",
    _SET_SPEED,
    where=_ALERT,
)
SPEED_UNREADABLE = Text(
    "settings.speed_unreadable",
    "The shutter speed cannot be read and does not go to {aim}.",
    "",
    _SET_SPEED,
    where=_ALERT,
)
SPEED_MOVES = Text(
    "settings.speed_moves",
    "The shutter speed goes from {value} to {aim}; the camera takes a while.",
    "Older bodies are stepped, notch by notch. An exposure that was asked for starts after that.",
    level=Level.INFO,
    where="CCD_EXPOSURE: Busy",
)
BULB_NOT_LISTED = Text(
    "settings.bulb_not_listed",
    "The camera does not list its shutter speed, so it cannot be set to BULB.",
    "",
    _SET_BULB,
    where=_ALERT,
)
BULB_STAYS = Text(
    "settings.bulb_stays",
    "The shutter speed stays at {value} and does not go to {aim}.",
    "Without BULB the camera would end the exposure by itself. Bodies have it in M and single drive only.",
    _SET_BULB,
    where=_ALERT,
)
BULB_UNREADABLE = Text(
    "settings.bulb_unreadable",
    "The shutter speed cannot be read and does not go to {aim}.",
    "Without BULB the camera would end the exposure by itself.",
    _SET_BULB,
    where=_ALERT,
)
NOT_CHANGEABLE = Text(
    "settings.not_changeable",
    "The setting {name} cannot be changed from here.",
    "",
    "Change it at the camera.",
)
NOT_OFFERED = Text(
    "settings.not_offered",
    "The camera does not offer {aim}.",
    "The list of choices that the client has may be older than the camera's mode.",
    "Choose another value.",
    where="WHITE_BALANCE: Alert",
)
NOT_NOW = Text(
    "settings.not_now",
    "{aim} cannot be set in the camera's present state.",
    "Bodies lock settings that do not fit to others: the RAW type without RAW, the aperture without a lens that has "
    "contacts, some of them while an exposure mode of the dial decides.",
    "Change at the camera what it depends on, or set it there.",
    where="WHITE_BALANCE: Alert",
)
VALUE_STAYS = Text(
    "settings.value_stays",
    "The camera does not go to {aim}.",
    "It was tried several times, and another value read back.",
    "Choose another value, or set it at the camera.",
    where="WHITE_BALANCE: Alert",
)
REFUSED = Text(
    "settings.refused",
    "The camera answered {code} to it.",
    "A PTP response code, behind the message of a setting that stays as it is.",
    where=_BOTH,
)
CHANGE_FAILED = Text(
    "settings.change_failed",
    "{label}: {reason}",
    "A setting that was chosen in a client could not be set. The old value is shown.",
    where="CCD_ISO: Alert",
)
NEAREST = Text(
    "settings.nearest",
    "{label}: the camera has no {asked:g}; {taken:g} is set.",
    "A client sent a number that is none of the camera's own; the nearest one is taken.",
    level=Level.INFO,
    where="CCD_GAIN",
)
CAMERA_AWAY = Text(
    "settings.camera_away",
    "The camera is not there.",
    "",
    "Connect it first.",
    where="CCD_ISO: Alert",
)
NOT_TAKEN = Text(
    "settings.not_taken",
    "The camera did not take it.",
    "The value read back is another.",
    "Choose another value, or set it at the camera.",
    where="CCD_ISO: Alert",
)
NO_ANSWER = Text(
    "settings.no_answer",
    "The camera did not answer in time.",
    "",
    "Choose the value again, or set it at the camera.",
    where="CCD_ISO: Alert",
)
