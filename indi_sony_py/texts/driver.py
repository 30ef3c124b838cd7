"""Texts about the driver itself: its processes, its faults, its log."""

from __future__ import annotations

from indi_sony_py.texts import advice
from indi_sony_py.texts.row import Clause, Level, Text

__all__: list[str] = []

FAULT = Text(
    "driver.fault",
    "A fault of the driver: {detail}.",
    "It begins anew by itself; an image that is owed is still fetched.",
    advice.REPORT,
    where="CCD_EXPOSURE: Alert, CONNECTION: Alert",
)
PROCESS_FAILS = Text(
    "driver.process_fails",
    "The camera's process failed ({detail}): it saves, and ends.",
    "The shutter is closed, the image collected and saved; the driver starts another process.",
    advice.REPORT,
)
PROCESS_REPLACED = Text(
    "driver.process_replaced",
    "The camera's process failed ({detail}) and ends; a new one takes over.",
    "The new one releases the buttons first, and saves what the old one had.",
    advice.REPORT,
)
TOLD_TO_END = Text(
    "driver.told_to_end",
    "The camera's process was told to end: it closes the shutter and saves.",
    "The machine goes down, or somebody ended the process.",
    level=Level.WARNING,
)
ENDING = Clause("driver.ending", "the camera's process is ending", "It was told to.")
FAILED_ENDING = Clause("driver.failed_ending", "the camera's process failed and is ending", "Another one is started.")
FAILED = Clause("driver.failed", "the camera's process failed", "Another one is started.")
TIME_LIMIT = Clause(
    "driver.time_limit", "the time limit of the camera's process was reached", "Nobody was left to take the frame."
)
OTHER_VERSION_HOLDS = Clause(
    "driver.other_version_holds",
    "a driver of another version ({theirs}, not {ours}) holds this camera",
    "An update was installed while the old driver still finishes an exposure.",
)
OTHER_DRIVER_HOLDS = Clause(
    "driver.other_driver_holds", "another driver is attached to this camera", "Two INDI servers run."
)
NO_HELLO_FIRST = Clause("driver.no_hello_first", "a driver says Hello first, not {message}", "Not a driver at all.")
SPEAKS_VERSION = Clause(
    "driver.speaks_version",
    "it speaks version {theirs} of the pair, and this driver version {ours}",
    "An update was installed while the old driver still finishes an exposure.",
)
REFUSED = Text(
    "driver.refused",
    "The camera's process takes no driver: {reason}.",
    "",
    advice.STOP_OTHER,
    where="CONNECTION: Alert",
)
REFUSED_UNTIL = Text(
    "driver.refused_until",
    "The camera's process takes no driver: {reason}; it finishes what it began, in {seconds:.0f} s at the latest.",
    "",
    advice.STOP_OTHER,
    where="CONNECTION: Alert",
)
NO_INTERPRETER = Text(
    "driver.no_interpreter",
    "The Python interpreter of this program cannot be found, so no process for the camera can be started.",
    "",
    "Start the driver with the Python that it was installed for.",
    where="CONNECTION: Alert",
)
NOT_STARTED = Text(
    "driver.not_started",
    "The camera's process cannot be started: {reason}.",
    "The machine is short of processes or memory, or the installation is damaged.",
    "Close other programs, then connect again.",
    where="CONNECTION: Alert",
)
NO_SOCKET = Text(
    "driver.no_socket",
    "No socket for the camera's process can be made: {reason}.",
    "",
    "Close other programs, then connect again.",
    where="CONNECTION: Alert",
)
NO_ANSWER = Text(
    "driver.no_answer",
    "The camera's process did not answer in time.",
    "It was just ending, or the machine is very busy.",
    advice.NEW_HAND,
    where="CONNECTION: Alert",
)
NOT_REACHED = Text(
    "driver.not_reached",
    "The camera's process cannot be reached; its log is {log}.",
    "It ended as soon as it was started.",
    advice.NEW_HAND,
    where="CONNECTION: Alert",
)
BEGAN_WRONG = Text(
    "driver.began_wrong",
    "The camera's process began with {message} and not with its greeting.",
    "",
    advice.NEW_HAND,
    where="CONNECTION: Alert",
)
NO_HELLO = Text(
    "driver.no_hello",
    "The camera's process did not say hello in time.",
    "This computer is very busy, or the process hangs.",
    "Close other programs; restart the computer if that does not help.",
    where="CONNECTION: Alert",
)
PAIR_BROKE = Text(
    "driver.pair_broke",
    "The connection between the driver's two processes broke ({detail}).",
    "One of them ended.",
    advice.NEW_HAND,
)
WITH_LOG = Text(
    "driver.with_log",
    "{reason} Its log is {log}.",
    "",
    advice.NEW_HAND,
    where="CONNECTION: Alert",
)
LOG_FILE = Text(
    "driver.log_file",
    "The log is written to {path}, the camera's own is beside it.",
    "Send both with a report.",
    level=Level.INFO,
    where="LOG_OUTPUT: Ok",
)
NO_LOG_FILE = Text(
    "driver.no_log_file",
    "There is no log file: {reason} ({path}).",
    "",
    "Change the permissions of that folder, or free some space.",
    where="LOG_OUTPUT: Ok",
)
PROCESS_ENDED = Text(
    "driver.process_ended",
    "The camera's process ended.",
    "A crash, of the RAW library say. An exposure that ran is lost to the client; what the camera still has is saved.",
    advice.NEW_HAND,
    level=Level.WARNING,
    where="CCD_EXPOSURE: Alert, CCD_ISO: Alert, CONNECTION: Alert",
)
PROCESS_ENDS_AGAIN = Text(
    "driver.process_ends_again",
    "The camera's process ended {count} times.",
    "Within two minutes. Its log (hand-….log) tells why.",
    "Look at the camera: switch it off and on.",
    where="CONNECTION: Alert",
)
WISH_NOT_TAKEN = Text(
    "driver.wish_not_taken",
    "The camera's process did not take the wish to connect.",
    "It was just ending; another one is started.",
    level=Level.WARNING,
)
CANNOT_REACH = Text(
    "driver.cannot_reach",
    "The camera's process could not be reached: {detail}.",
    "",
    advice.REPORT,
    where="CONNECTION: Alert",
)
TOO_MANY = Clause("driver.too_many", "too many of them are still at work", "They end with the exposures they finish.")
TOO_MANY_ATTEMPTS = Clause(
    "driver.too_many_attempts", "too many attempts are still under way", "Each ends within some seconds."
)
