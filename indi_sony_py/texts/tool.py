"""Texts of the command indi-sony. The driver never loads them."""

from __future__ import annotations

from indi_sony_py.texts.row import Label, Level, Text

__all__: list[str] = []

PROGRAM = Label("tool.program", "Sony Alpha cameras for INDI: the tool for the night when nothing works.")
DOES_FRAMES = Label("tool.does_frames", "show the frames that were rescued, and where they are")
DOES_SIMULATE = Label("tool.does_simulate", "be a simulated camera")
HELP_JSON = Label("tool.help_json", "print one JSON object instead of words")
HELP_LAST = Label("tool.help_last", "the last N frames only")

INTERRUPTED = Text("tool.interrupted", "Interrupted.", "Ctrl-C was pressed.", level=Level.INFO)
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
