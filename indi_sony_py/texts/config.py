"""Texts about the saved configuration. Those that are marked so have libindi's own words, which clients know."""

from __future__ import annotations

from indi_sony_py.texts.row import Clause, Level, Text

__all__: list[str] = []

_BUSY = "CONFIG_PROCESS"
_ALERT = "CONFIG_PROCESS: Alert"

SAVING = Text("config.saving", "Saving device configuration...", "libindi's words.", level=Level.INFO, where=_BUSY)
SAVED = Text("config.saved", "Device configuration saved.", "libindi's words.", level=Level.INFO, where=_BUSY)
DELETED = Text("config.deleted", "Device configuration deleted.", "libindi's words.", level=Level.INFO, where=_BUSY)
LOADING = Text("config.loading", "Loading device configuration...", "libindi's words.", level=Level.INFO, where=_BUSY)
APPLIED = Text("config.applied", "Device configuration applied.", "libindi's words.", level=Level.INFO, where=_BUSY)
NOT_SAVED_YET = Text(
    "config.not_saved_yet",
    "There is no saved configuration yet.",
    "Nothing is wrong: KStars asks for it at each connection.",
    "Choose Save to make one.",
    level=Level.WARNING,
    where=_ALERT,
)
UNUSABLE = Text(
    "config.unusable",
    "The configuration {path} cannot be used: {reason}.",
    "The system refuses to read or write the file.",
    "Change the permissions of the file and its folder, or free some space.",
    where=_ALERT,
)
LEFT_OUT = Text(
    "config.left_out",
    "Left out of {path}: {entries}.",
    "The rest was applied. Choose Save to write the configuration anew; for settings of the camera, Load once it is "
    "connected.",
    level=Level.WARNING,
)
TOO_LARGE = Clause("config.too_large", "{path} is larger than any config", "Nothing of it is read.")
OF_OTHER_DEVICE = Clause("config.of_other_device", "{name} of {device}", "It belongs to another device.")
UNREADABLE = Clause("config.unreadable", "what cannot be read near byte {offset} ({reason})", "The file is damaged.")
UNKNOWN_ELEMENT = Clause("config.unknown_element", "the element {tag}", "It does not belong in a configuration.")
CUT_OFF = Clause("config.cut_off", "its end, where it was cut off", "The file is damaged.")
NOT_KEPT = Clause(
    "config.not_kept",
    "{name}, which is not kept in a config",
    "Another driver's, an older one's, or one that the first device alone has.",
)
NOT_CONNECTED = Clause("config.not_connected", "{name}: the camera is not connected", "Choose Load once it is.")
REFUSED = Clause("config.refused", "{name}: {reason}", "The value is not one that this camera or driver takes.")
