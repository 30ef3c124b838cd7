"""Texts of what indi-sony does to a machine: `install`, `finish`, manual pages. The driver never loads them."""

from __future__ import annotations

from indi_sony_py.texts.row import Label, Level, Text

__all__: list[str] = []

DOES_FINISH = Label("system.does_finish", "close open shutters, save the images, end the cameras' processes")
DOES_INSTALL = Label("system.does_install", "make the driver known to the system, after pip or pipx (as root)")
HELP_LIMIT = Label("system.help_limit", "wait no longer than that many seconds (600)")
HELP_REMOVE = Label("system.help_remove", "take it all back")
HELP_DRY_RUN = Label("system.help_dry_run", "say what would be done, and do nothing")
HELP_ROOT = Label("system.help_root", "do it in the system below this folder, for an image of a disk")

PURPOSE = Label("system.purpose", "tools for Sony Alpha cameras with INDI")
MANUAL_HELP = Label("system.manual_help", "Each command has an option --help, which says the same as this page.")
MANUAL_STATUS = Label(
    "system.manual_status",
    "0: done. 1: it could not be done, and a message says why. 2: a wrong argument, or none that says which of several "
    "cameras. 3: no camera that could be used. 4: another program holds the camera. 130: interrupted.",
)

FOR_COMMANDS = Label("system.for_commands", "the driver and its tools are found by name")
FOR_REGISTRATION = Label("system.for_registration", "KStars and INDI Web Manager find the driver")
FOR_RULES = Label("system.for_rules", "cameras may be opened, stay awake, and are left alone by photo imports")
FOR_SERVICE = Label("system.for_service", "a server that starts with the machine, where somebody enables it")
FOR_MANUAL = Label("system.for_manual", "man {page}")
FOR_COMPLETION = Label("system.for_completion", "completion in {shell}")

NO_HANDS = Text(
    "system.no_hands",
    "No process of this user holds a camera: nothing is to be finished.",
    "Each user has cameras' processes of their own.",
    level=Level.INFO,
)
FINISHING = Text(
    "system.finishing",
    "Process {process} closes the shutter, saves what there is, and ends.",
    "It was asked to end now, as when the machine goes down. Its frame is announced at the next start of the driver, "
    "and `indi-sony frames` shows it.",
    level=Level.INFO,
)
FINISHED = Text("system.finished", "Process {process} has ended.", "Its frames are saved.", level=Level.INFO)
NOT_FINISHED = Text(
    "system.not_finished",
    "Process {process} has not ended within {seconds:g} s.",
    "It still waits for an image, or for a disk that takes it.",
    "Leave the camera on and the cable in; ask again in some minutes.",
)

WROTE = Text("system.wrote", "Wrote {path}: {reason}.", "", level=Level.INFO)
WOULD_WRITE = Text("system.would_write", "Would write {path}: {reason}.", "", level=Level.INFO)
REMOVED = Text("system.removed", "Removed {path}.", "", level=Level.INFO)
WOULD_REMOVE = Text("system.would_remove", "Would remove {path}.", "", level=Level.INFO)
NOTHING_INSTALLED = Text(
    "system.nothing_installed", "Nothing that this command writes is there.", "It is removed already.", level=Level.INFO
)
RAN = Text("system.ran", "Ran {command}.", "", level=Level.INFO)
WOULD_RUN = Text("system.would_run", "Would run {command}.", "", level=Level.INFO)
DID_NOT_RUN = Text(
    "system.did_not_run",
    "{command} could not be run: {reason}.",
    "What was written holds from the next start of the machine on.",
    "Plug the camera in again, or start the machine anew.",
    level=Level.WARNING,
)
NEEDS_ROOT = Text(
    "system.needs_root",
    "{path} cannot be written: {reason}.",
    "This part belongs to the system.",
    "Run it as root: 'sudo {command}'.",
)
FROM_PACKAGE = Text(
    "system.from_package",
    "The Debian package indi-sony-py is installed.",
    "It has brought all of this, and pip's files would stand in its way.",
    "Use the driver as it is; or remove the package first: 'sudo apt remove indi-sony-py'.",
)
NO_PROGRAMS = Text(
    "system.no_programs",
    "There is no {path}: this Python runs the package without having installed it.",
    "The system needs a program that it can start.",
    "Install it first: in the folder of the source pipx install ., or pip install . in a virtual environment.",
)
IN_THE_WAY = Text(
    "system.in_the_way",
    "{path} is something else than this command writes.",
    "It is left as it is.",
    "Look at it, and move it away.",
)
JOIN_GROUP = Text(
    "system.join_group",
    "{user} is not in group {group}.",
    "Who sits at the machine may use the camera in any case; a server that starts with the machine needs the group.",
    "Run 'sudo usermod -aG {group} {user}', then log in anew.",
    level=Level.WARNING,
)
NO_PAGES = Text(
    "system.no_pages",
    "Manual pages and completion are left out: the Python package {name} is not installed.",
    "They are made from the program's commands, one of which needs it.",
    "Install that package, and run this again.",
    level=Level.WARNING,
)
NO_GROUP = Text(
    "system.no_group",
    "This system has no group {group}: the rules give the camera to whoever sits at the machine.",
    "Debian and its relatives have it.",
    "For a server that starts with the machine: make that group, add its user, and run this again.",
    level=Level.WARNING,
)
