"""Texts of the command indi-sony. The driver never loads them."""

from __future__ import annotations

from indi_sony_py.texts import advice
from indi_sony_py.texts.row import Clause, Label, Level, Text

__all__: list[str] = []

PROGRAM = Label("tool.program", "Sony Alpha cameras for INDI: the tool for the night when nothing works.")
DOES_LIST = Label("tool.does_list", "show which Sony cameras are there, and who holds them")
DOES_DOCTOR = Label("tool.does_doctor", "check each possible obstacle in turn, and say what to do")
DOES_INFO = Label("tool.does_info", "show what a camera says of itself")
DOES_SETTINGS = Label("tool.does_settings", "show the camera's settings, or change some")
DOES_SHOOT = Label("tool.does_shoot", "take exposures into files")
DOES_LIVE = Label("tool.does_live", "show live view on a page of this computer, with the brightest star in numbers")
DOES_PROBE = Label("tool.does_probe", "learn from a camera what no table tells, for the driver")
DOES_REPORT = Label("tool.does_report", "make a bundle for a report of a fault; serial numbers, names, places removed")
DOES_FRAMES = Label("tool.does_frames", "show the frames that were rescued, and where they are")
DOES_SIMULATE = Label("tool.does_simulate", "be a simulated camera")

HELP_JSON = Label("tool.help_json", "print one JSON object instead of words")
HELP_LAST = Label("tool.help_last", "the last N frames only")
HELP_HTML = Label("tool.help_html", "write a page of a night instead: pictures, timeline, faults, HFR, in one file")
HELP_NIGHT = Label("tool.help_night", "which night, by the date of its evening; without it the last one")
HELP_QUICK = Label("tool.help_quick", "do not look at frames that were not looked at in the night")
HELP_LOOK_IN = Label("tool.help_look_in", "for --html: a folder with frames that went to a client alone; several times")
LOOKING_AT = Label("tool.looking_at", "looking at frame {number} of {count}")
HELP_CAMERA = Label(
    "tool.help_camera",
    "which one, where there are several: its place (usb-1-2), its serial number or the end of it, its model, or its "
    "address in the network; indi-sony list shows them",
)
HELP_BUS = Label("tool.help_bus", "simulated cameras in place of USB; several with commas between")
HELP_NETWORK = Label("tool.help_network", "look for cameras in the network, too")
HELP_FORCE_200 = Label("tool.help_force_200", "speak version 2.00 of Sony's protocol")
HELP_ALL = Label("tool.help_all", "all choices, however many there are")
HELP_CHANGES = Label("tool.help_changes", "set this, such as iso=1600 or 'raw type=Uncompressed'")
HELP_SHOOT = Label("tool.help_shoot", "make an exposure at the end, too")
HELP_FORGET = Label("tool.help_forget", "forget what was learnt of its ISO values and speeds")
HELP_NO_FRAMES = Label("tool.help_no_frames", "only values, no test exposures")
HELP_OUTPUT = Label("tool.help_output", "where the bundle goes; without it a new file in this folder")
REPORT_README = Label(
    "tool.report_readme",
    "A report of indi_sony_py. Serial numbers, names and places were removed; look into the files before you send it.\n"
    "As a simulated camera: indi-sony simulate --body THIS.zip --listen unix:/tmp/bus\n",
)
HELP_COMPUTER = Label("tool.help_computer", "only what needs no camera")
HELP_SECONDS = Label("tool.help_seconds", "exposure, such as 30, 0.5 or 1/250")
HELP_COUNT = Label("tool.help_count", "so many frames, one after the other")
HELP_ISO = Label("tool.help_iso", "ISO; without it the camera's")
HELP_TYPE = Label("tool.help_type", "what kind of frame it is")
HELP_SHUTTER = Label("tool.help_shutter", "who times the exposure; auto: the camera where it has that speed, else bulb")
HELP_CAPTURE = Label("tool.help_capture", "what the camera makes")
HELP_FORMAT = Label("tool.help_format", "what the frame becomes; native: the camera's own file")
HELP_FOLDER = Label("tool.help_folder", "where frames go; without it this folder")
HELP_PREFIX = Label("tool.help_prefix", "name; XXX becomes a number, ISO8601 the time")
HELP_SETUP = Label("tool.help_setup", "set the camera up for a night first, tell what that would change, or leave it")

HELP_PREVIEW = Label(
    "tool.help_preview", "look at each frame: stars, HFR, and a stretched JPEG in colour beside the file"
)
HELP_PORT = Label("tool.help_port", "where the page is on this computer; without it {port}, or no page with --folder")
HELP_LIVE_FOLDER = Label("tool.help_live_folder", "save each picture as a JPEG into this folder")
HELP_FPS = Label("tool.help_fps", "at most so many pictures a second; without it {fps}")
HELP_FRAMES = Label("tool.help_frames", "end after so many pictures")
HELP_LIVE_SECONDS = Label("tool.help_live_seconds", "end so many seconds after the first picture")

CAMERA = Label("tool.camera", "Camera")
CAMERA_AT = Label("tool.camera_at", "{model} at {place}")
CAMERA_WITH = Label("tool.camera_with", "{place} ({model}, {number})")
SOME_CAMERA = Label("tool.some_camera", "the camera")
MODEL = Label("tool.model", "Model")
SERIAL = Label("tool.serial", "Serial number")
PLACE = Label("tool.place", "Place")
SHOWS_AS = Label("tool.shows_as", "Shows itself as")
HOLDER = Label("tool.holder", "Held by")
FIRMWARE = Label("tool.firmware", "Firmware")
PROTOCOL = Label("tool.protocol", "Protocol")
SENSOR = Label("tool.sensor", "Sensor")
SENSOR_IS = Label("tool.sensor_is", "{width} x {height} pixels of {um:g} um")
SENSOR_SHOWS = Label("tool.sensor_shows", "{width} x {height} pixels, {cfa}")
TRYING = Label("tool.trying", "{name} {label}")
TEST_FRAME = Label("tool.test_frame", "a test frame of {seconds:g} s")
ISOS_ARE = Label("tool.isos_are", "ISO values that the camera has: {labels}")
SPEEDS_ARE = Label("tool.speeds_are", "Speeds that the camera has: {labels}")
BULB_OF = Label("tool.bulb_of", "Bulb of {seconds:g} s")
BULB_WAS = Label("tool.bulb_was", "{file:g} s by its file; the image came {image:g} s after the end")
SETTING = Label("tool.setting", "Setting")
VALUE = Label("tool.value", "Value")
CHOICES = Label("tool.choices", "Choices")
SAVED = Label("tool.saved", "{path}")
CONNECTING = Label("tool.connecting", "connecting (a camera needs 3 s after its greeting)")
FRAME_OF = Label("tool.frame_of", "{number} of {count}: ")
PREPARING = Label("tool.preparing", "preparing")
OPEN = Label("tool.open", "shutter open, {left:.0f} s left")
FETCHING = Label("tool.fetching", "fetching the image")
BAD_SECONDS = Label(
    "tool.bad_seconds", "{text!r}: allowed is a time of 0 to {most:g} seconds, such as 30, 0.5 or 1/250"
)
LOOKING = Label("tool.looking", "looking at the frame")
LOOKED = Label("tool.looked", "{stars} stars, HFR {hfr:.2f} pixels; preview: {preview}")
LOOKED_DARK = Label("tool.looked_dark", "background {median} ADU; preview: {preview}")
LIVE_TITLE = Label("tool.live_title", "Live view")
LIVE_OVER = Label("tool.live_over", "Live view has ended.")
LIVE_WAITS = Label("tool.live_waits", "waiting for the first picture")
LIVE_RATE = Label("tool.live_rate", "{shown:.1f} of {made:.1f} pictures a second, {width} x {height}")
LIVE_STAR = Label(
    "tool.live_star",
    "HFR {hfr:.2f} (best {best:.2f}), FWHM {fwhm:.1f} {pixels}, peak {peak:.0f} %; {count} stars, median {median:.2f}",
)
LIVE_PHOTO_PIXELS = Label("tool.live_photo_pixels", "pixels of the photo")
LIVE_OWN_PIXELS = Label("tool.live_own_pixels", "pixels of live view")
LIVE_NO_STAR = Label("tool.live_no_star", "no star that is not white in the middle")
LIVE_SUMMARY = Label("tool.live_summary", "{frames} pictures in {seconds:.1f} s.")
LIVE_BEST = Label("tool.live_best", "The smallest star had an HFR of {best:.2f} {pixels}.")
BAD_PORT = Label("tool.bad_port", "{text!r}: allowed is a port from 1024 to 65535")
BAD_NUMBER = Label("tool.bad_number", "{text!r}: allowed is a whole number from 1 on")

SEVERAL = Text(
    "tool.several",
    "{count} cameras could be meant.",
    "Nothing is done to a camera before it is clear which one it is.",
    "Name one with --camera, by its place or the end of its number: {names}.",
)
HELD = Text(
    "tool.held",
    "The camera at {key} is held by {who}: it is left alone.",
    "Only one program can use a camera, and this tool fights with nobody.",
    "Disconnect it there (in Ekos: the camera's INDI panel, Disconnect), or stop that program. Then try again.",
)
HELD_BY_HAND = Clause(
    "tool.held_by_hand",
    "an INDI driver or another indi-sony of this user",
    "The process for this camera is at work (HAND.md).",
)
HELD_BY_OTHERS_HAND = Clause(
    "tool.held_by_others_hand", "an INDI driver of another user (id {user})", "The INDI server runs as that user."
)
NO_SUCH_CAMERA = Text(
    "tool.no_such_camera",
    "No camera is called {wanted}. There is: {names}.",
    "--camera names another one than those found.",
    "Name the place, the serial number (or its last four digits or more) or the model of one of these, or leave "
    "--camera out. One that is missing: switch it on, and check its cable.",
)
NO_SIMULATED = Text(
    "tool.no_simulated",
    "No simulated camera listens at {bus}, and real ones are not looked for.",
    "--bus or INDI_SONY_BUS names simulated cameras.",
    "Start one there (indi-sony simulate), or leave --bus out and unset INDI_SONY_BUS.",
)
HELD_BY_PROGRAM = Clause("tool.held_by_program", "the program {who}", "It has opened the camera's USB device.")
FINISHES_WORK = Clause(
    "tool.finishes_work",
    "it finishes an exposure of a driver that is gone, and saves its frame",
    "Wait until that is over; indi-sony frames shows the frame then.",
)
NOT_READY = Text(
    "tool.not_ready",
    "The camera was not ready within {seconds:g} s.",
    "",
    advice.OFF_AND_ON,
)
NO_RESULT = Text("tool.no_result", "Nothing was heard of the change of {name} in time.", "", advice.OFF_AND_ON)
NO_FRAME = Text(
    "tool.no_frame",
    "Nothing was heard of the exposure for {seconds:g} s.",
    "The camera's process still waits for its image, and saves it if it comes.",
    advice.OFF_AND_ON,
)
NOT_LOOKED = Text(
    "tool.not_looked",
    "Nothing was heard of the look at the frame for {seconds:g} s.",
    "The frame itself is in its file.",
    advice.REPORT,
)
NOT_LOOKED_AT = Text(
    "tool.not_looked_at",
    "No preview was made: only RAW frames are looked at.",
    "The camera's own JPEG is a picture already.",
    level=Level.WARNING,
)
LOOK_FAILED = Text(
    "tool.look_failed",
    "The frame could not be looked at: {reason}",
    "The frame itself is in its file.",
    level=Level.WARNING,
)
NO_LIVE = Text(
    "tool.no_live",
    "No picture of live view came for {seconds:g} s.",
    "The camera is connected, and sends none.",
    advice.OFF_AND_ON,
)
LIVE_AT = Text(
    "tool.live_at",
    "Live view is at {url} on this computer. Ctrl-C ends it.",
    "Nobody else in the network can see it.",
    "From another computer: ssh -L {port}:127.0.0.1:{port} THIS_COMPUTER, then the same address there.",
    level=Level.INFO,
)
LIVE_INTO = Text("tool.live_into", "Pictures of live view are saved in {folder}. Ctrl-C ends it.", "", level=Level.INFO)
LIVE_NOT_SAVED = Text(
    "tool.live_not_saved",
    "Live view cannot be saved to {path}: {reason}.",
    "What was saved before is whole.",
    "Free some space, or name another folder.",
)
PORT_TAKEN = Text(
    "tool.port_taken",
    "No page can be served at port {port}: {reason}.",
    "Another program uses it, perhaps another `indi-sony live`.",
    "Name another one with --port.",
)
NOT_ABORTED = Text("tool.not_aborted", "The abort was not answered in time.", "", advice.OFF_AND_ON)
HAND_LEFT = Text("tool.hand_left", "The camera's process left.", "Its log tells why (HAND.md).", advice.REPORT)
UNASKED_SAVED = Text(
    "tool.unasked_saved",
    "An image was saved that this command did not ask for, as {path}: {why}",
    "It was in the camera's memory, or somebody pressed the button.",
    level=Level.WARNING,
)
UNKNOWN_BODY = Text(
    "tool.unknown_body",
    "No table knows the {model}: it is driven by what it says of itself.",
    "",
    "Please send the output of indi-sony report, so that it can be added.",
    level=Level.WARNING,
)
STAR_EATER = Text(
    "tool.star_eater",
    "The {model} filters its RAW files in bulb, which softens stars: exposures timed by the camera are better.",
    "",
    level=Level.WARNING,
)
FORGOTTEN = Text(
    "tool.forgotten",
    "What was learnt of the ISO values and speeds of the {model} is forgotten.",
    "The table of bodies and the camera's lists count again.",
    level=Level.INFO,
)
LISTS_ARE_TRUE = Text(
    "tool.lists_are_true",
    "The {model} speaks version 3.00, in which lists tell what there is: nothing is to be learnt of its values.",
    "",
    level=Level.INFO,
)
TOO_FEW_VALUES = Text(
    "tool.too_few_values",
    "Hardly any ISO value or speed could be set: nothing is kept of them.",
    "A dial stands on Auto or P, or is locked.",
    "Turn the mode dial to M, set a fixed ISO at the camera, and try again.",
    level=Level.WARNING,
)
REPORT_MADE = Text(
    "tool.report_made",
    "The report is {path}",
    "What doctor found, what the camera lists, what went over the wire, and the logs. Serial numbers, names and places "
    "were removed.",
    level=Level.INFO,
)
REPORT_WITHOUT_CAMERA = Text(
    "tool.report_without_camera",
    "It tells nothing of the camera's settings: the camera was not opened, or did not answer.",
    "What went over the wire until then is in it.",
    "If the camera is held by a driver, disconnect it there and make the report again.",
    level=Level.WARNING,
)
NO_SUCH_SETTING = Text(
    "tool.no_such_setting",
    "{text} names no setting.",
    "",
    "Write NAME=VALUE with one of these names: {names}.",
)
NO_SUCH_VALUE = Text(
    "tool.no_such_value",
    "{value} is no choice of {name}.",
    "",
    "Choose one of these: {labels}.",
)

INTERRUPTED = Text("tool.interrupted", "Interrupted.", "Ctrl-C was pressed.", level=Level.INFO)
UNWRITTEN = Text(
    "tool.unwritten",
    "The output cannot be written: {reason}.",
    "The command ended there; frames that it saved are whole.",
    "Free some space, or send the output elsewhere.",
)
NO_MODULE = Text(
    "tool.no_module",
    "This Python has no {name}, and the command needs it.",
    "A library of the installation is missing.",
    "Install it, or the whole package anew (INSTALL.md); indi-sony doctor tells what else is missing.",
)
NO_FRAMES = Text(
    "tool.no_frames",
    "No frame had to be rescued: nothing is written down in {folder}, and no image lies in the fall-back folders.",
    "Each user has journal and folders of their own.",
    "Where the INDI server runs as another user, run this as that user.",
    level=Level.INFO,
)
FRAME_MOVED = Text(
    "tool.frame_moved",
    "That file is not there any more: it was moved or deleted.",
    "",
    level=Level.INFO,
)
OTHER_IMAGES = Text(
    "tool.other_images",
    "Images in the fall-back folders that stand in no journal: {count}.",
    "They were saved there as asked, or their lines are older than the journal goes back.",
    level=Level.INFO,
)
SPOOLED = Text(
    "tool.spooled",
    "Images whose process ended before they were a file: {count}, in {folder}.",
    "Their bytes are safe.",
    "Connect the camera once with the driver: it saves them.",
    level=Level.WARNING,
)
UNFINISHED = Text(
    "tool.unfinished",
    "Exposures that were begun and not finished: {count}.",
    "One is under way now, or its process was killed.",
    "If none is under way: connect the camera once with the driver, and it fetches their images.",
    level=Level.WARNING,
)
NO_NIGHT = Text(
    "tool.no_night",
    "There is no record of {night} in {folder}.",
    "The hand writes one from the first exposure of a night on; it keeps 30 nights.",
    "Run it as the user who runs the INDI server. `indi-sony frames --json` lists the nights.",
)
NO_RECORDS = Text(
    "tool.no_records",
    "There is no record of any night in {folder}.",
    "The hand writes one from the first exposure of a night on.",
    "Run it as the user who runs the INDI server.",
)
PAGE_WRITTEN = Text(
    "tool.page_written",
    "The page of the night of {night} is {path} ({frames} frames).",
    "",
    level=Level.INFO,
)
NOT_A_FILE = Label("tool.not_a_file", "something other than a file is there")
REPORT_NOT_WRITTEN = Text(
    "tool.report_not_written",
    "The report cannot be written to {path}: {reason}.",
    "A file that is there is never overwritten.",
    "Free some space, or name another file with --output.",
)
PAGE_NOT_WRITTEN = Text(
    "tool.page_not_written",
    "The page cannot be written to {path}: {reason}.",
    "",
    "Name another file.",
)
