"""Texts about the camera: its connection as a whole, its buttons, its state, what it is."""

from __future__ import annotations

from indi_sony_py.texts import advice
from indi_sony_py.texts.row import Clause, Level, Text

__all__: list[str] = []

CLOSED = Text(
    "camera.closed",
    "The connection to the camera was closed.",
    "It was asked for, or the driver ends.",
    level=Level.INFO,
)
OPENED_ANEW = Text(
    "camera.opened_anew",
    "The camera is let go of and opened anew.",
    "After two exposures without an image, or a fault of the driver. It goes on by itself.",
    level=Level.WARNING,
    where="CONNECTION: Alert",
)
LOST = Text(
    "camera.lost",
    "The connection to the camera was lost. {reason}",
    "The reason says what failed. The shutter had not opened.",
    where="CCD_EXPOSURE: Alert",
)
LOST_OPEN = Text(
    "camera.lost_open",
    "The connection to the camera was lost. Its image is fetched and saved when the camera is back, as far as it still "
    "has it. {reason}",
    "The reason says what failed. The shutter had opened: leave the camera's battery in.",
    where="CCD_EXPOSURE: Alert",
)
STILL_AWAY = Text(
    "camera.still_away",
    "Still not connected. {reason}",
    "The driver goes on trying, every few seconds. Said once for each reason.",
    level=Level.WARNING,
)
DID_NOT_COME_BACK = Text(
    "camera.did_not_come_back",
    "The camera did not come back.",
    "An exposure waited for a camera that was lost, for two minutes.",
    advice.CABLE_AND_POWER,
    where="CCD_EXPOSURE: Alert",
)
NOT_CONNECTED = Text(
    "camera.not_connected",
    "The camera is not connected.",
    "",
    advice.CONNECT_FIRST,
    where="CCD_EXPOSURE: Alert, CCD_ISO: Alert",
)
NO_LIVE_VIEW = Text(
    "camera.no_live_view",
    "The {model} has no live view over its cable.",
    "The camera says so, or it is known of the model.",
    "Look through the camera's own screen, or take short exposures.",
    level=Level.WARNING,
)
NO_LIVE_FRAME = Text(
    "camera.no_live_frame",
    "Live view has had no picture for {seconds:.0f} s: {why}.",
    "The camera answers, but gives no frame. It is asked again once a second; exposures are possible all the same.",
    "At the camera: leave the menu and the playback of images.",
    level=Level.WARNING,
)
LIVE_VIEW_OFF = Clause("camera.live_view_off", "the camera says that it is off", "Why there is no picture.")
LIVE_VIEW_REFUSED = Clause("camera.live_view_refused", "the camera answers {answer}", "Why there is no picture.")
LIVE_VIEW_DAMAGED = Clause("camera.live_view_damaged", "its frames are damaged ({detail})", "Why there is no picture.")
LIVE_VIEW_GIVEN_UP = Text(
    "camera.live_view_given_up",
    "Live view was switched off: the camera was lost twice in the middle of it.",
    "Some cameras stop in live view. Exposures are possible without it.",
    "Switch the camera off and on if it does not answer. Start live view again if the cable was the reason.",
    level=Level.WARNING,
)
DISCONNECTING = Text(
    "camera.disconnecting",
    "The camera is being disconnected.",
    "What had not begun is not done any more.",
    where="CCD_EXPOSURE: Alert, CCD_ISO: Alert",
)
DRIVER_LEAVES = Text(
    "camera.driver_leaves",
    "The driver is leaving.",
    "What had not begun is not done any more; what had is finished and saved.",
    where="CCD_EXPOSURE: Alert, CCD_ISO: Alert",
)
BATTERY_LOW = Text(
    "camera.battery_low",
    "The camera's battery is down to {percent} %.",
    "Said at 20 % and at 10 %. The remote mode keeps the camera awake, so it empties faster than by itself.",
    "Change it between two exposures, or power the camera over USB.",
    level=Level.WARNING,
)
BATTERY_BELOW = Text(
    "camera.battery_below",
    "The camera's battery has {percent} %, less than the {limit} % that BATTERY_LIMIT asks for: nothing was exposed.",
    "Only where a limit was set.",
    "Change the battery, or lower the limit.",
    where="CCD_EXPOSURE: Alert",
)
UNKNOWN_PIXELS = Text(
    "camera.unknown_pixels",
    "How large a pixel of {model} is stands in no table.",
    "Without it plate solving fails. The number of pixels comes from the first file.",
    "Enter the pixel size in the client: Ekos asks for it, or see CCD_INFO.",
    level=Level.WARNING,
)
UNKNOWN_BODY = Text(
    "camera.unknown_body",
    "{model} is not in the table of bodies: it is driven by what it says of itself, and its sensor's facts come from "
    "the first file.",
    "Most things work all the same.",
    "Please report how it works.",
    level=Level.WARNING,
)
NEVER_EMPTY = Text(
    "camera.never_empty",
    "The camera says that it is still preparing an image, for longer than any exposure takes.",
    "Nothing is exposed until it is done: the next image might be the old one.",
    "Switch the camera off and on; if that does not help, take its battery out.",
    where="CCD_EXPOSURE: Alert",
)
BUTTON_HELD = Text(
    "camera.button_held",
    "The camera's shutter button is held down, or stuck.",
    "It reads other than after the driver had released it.",
    advice.BUTTON_UP,
    where="CCD_EXPOSURE: Alert",
)
BUTTON_REFUSED = Text(
    "camera.button_refused",
    "The camera refused its release button. {reason}",
    "No photo was taken.",
    where="CCD_EXPOSURE: Alert",
)
NOT_FOCUSED = Text(
    "camera.not_focused",
    "The camera could not focus, so it would not have released.",
    "Auto-focus is on and found nothing to focus on. No photo was taken.",
    advice.MANUAL_FOCUS,
    where="CCD_EXPOSURE: Alert",
)
REFUSED = Text(
    "camera.refused",
    "The camera answered {operation} with 0x{code:04X}.",
    "A refusal, with PTP's response code.",
    advice.NO_MENU,
    where="CCD_EXPOSURE: Alert, CONNECTION: Alert",
)
SESSION_CLOSED = Text(
    "camera.session_closed",
    "The connection to the camera is not open.",
    "",
    advice.CAMERA_IS_GONE,
    where="CONNECTION: Alert",
)
REFUSES_REMOTE = Text(
    "camera.refuses_remote",
    "{model} refuses remote control in its present USB mode.",
    "",
    advice.AT_THE_MENU,
    where="CONNECTION: Alert",
)
IN_MTP_MODE = Text(
    "camera.in_mtp_mode",
    "{model} is in MTP mode.",
    "It gives its files to a computer, and takes no commands.",
    advice.AT_THE_MENU,
    where="CONNECTION: Alert",
)
NO_REMOTE = Text(
    "camera.no_remote",
    "{model} has no remote control over USB.",
    "Its firmware lacks it.",
    advice.NO_REMOTE,
    where="CONNECTION: Alert",
)
SAYS_NOTHING = Text(
    "camera.says_nothing",
    "The camera did not say what it can do.",
    "It answered the greeting, but its list of functions stayed empty.",
    advice.OFF_AND_ON,
    where="CONNECTION: Alert",
)
ASKED_FOR = Clause("camera.asked_for", "asked for by the user", "In CAMERA_INFO, beside the protocol's version.")
NEWEST = Clause("camera.newest", "the newest that the camera speaks", "In CAMERA_INFO, beside the protocol's version.")
NO_NEWER = Clause("camera.no_newer", "the camera speaks no newer one", "In CAMERA_INFO, beside the protocol's version.")
LISTS_TOO_LITTLE = Clause("camera.lists_too_little", "in 3.00 the camera lists too little", "Why 2.00 is used.")
UNREADABLE_SETTINGS = Clause(
    "camera.unreadable_settings", "in 3.00 its settings cannot be read ({detail})", "Why 2.00 is used."
)
REFUSES_TO_TELL = Clause(
    "camera.refuses_to_tell", "in 3.00 it refuses to tell what it can do ({detail})", "Why 2.00 is used."
)
NEVER_TELLS = Clause("camera.never_tells", "in 3.00 it never tells what it can do", "Why 2.00 is used.")
LOOKING = Text("camera.looking", "Looking for cameras.", "", level=Level.INFO, where="CONNECTION: Busy")
WAITING_FOR_PROCESS = Text(
    "camera.waiting_for_process",
    "Waiting for the process that holds the camera.",
    "It starts, or still finishes an exposure of an earlier life.",
    level=Level.INFO,
    where="CONNECTION: Busy",
)
WAITING_FOR_CAMERA = Text(
    "camera.waiting_for_camera",
    "Waiting for the camera to answer and to tell its settings.",
    "",
    level=Level.INFO,
    where="CONNECTION: Busy",
)
CONNECTED_LATER = Text(
    "camera.connected_later",
    "{reason} It is then connected by itself.",
    "The wish to connect stays until Disconnect.",
    where="CONNECTION: Alert",
)
STILL_AT_WORK = Text(
    "camera.still_at_work",
    "The camera is still at work from before the driver was started; that goes on.",
    "An exposure of the driver's earlier life: it is shown, and its frame comes.",
    level=Level.INFO,
    where="CONNECTION: Ok",
)
NOT_OPENED = Text(
    "camera.not_opened",
    "The camera could not be opened.",
    "",
    advice.CABLE_AND_POWER,
    where="CONNECTION: Alert",
)
IS_GONE = Text(
    "camera.is_gone",
    "The camera is gone.",
    "",
    advice.CABLE_AND_POWER,
    where="CONNECTION: Alert",
)
NOT_READY = Text(
    "camera.not_ready",
    "The camera was not ready within {seconds:.0f} s.",
    "It did not answer, or its process hangs.",
    "Switch it off and on.",
    where="CONNECTION: Alert",
)
BACK = Text("camera.back", "The camera is back.", "", level=Level.INFO, where="CONNECTION: Ok")
OTHER_PLACE = Text(
    "camera.other_place",
    "The camera was plugged in at another place.",
    "It is connected there by itself.",
    level=Level.INFO,
)
ANOTHER_CAMERA = Text(
    "camera.another_camera",
    "Another camera ({model}, serial number {serial}) is where this device's camera was.",
    "It is not used here; it has a device of its own.",
    "Plug the first one in again.",
    where="CONNECTION: Alert",
)
CONNECTED = Text(
    "camera.connected",
    "{model} is connected: firmware {firmware}, serial number {serial}, protocol {protocol}.",
    "A dash stands for what the camera does not tell.",
    level=Level.INFO,
    where="CONNECTION: Ok",
)
