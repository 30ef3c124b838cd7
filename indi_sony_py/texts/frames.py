"""Texts about frames: where they were saved, why they were not delivered, what their files say."""

from __future__ import annotations

from indi_sony_py.texts import advice
from indi_sony_py.texts.row import Clause, Level, Text

__all__: list[str] = []

BROKEN = Text(
    "frames.broken",
    "The image file is damaged ({detail}).",
    "",
    advice.TAKE_AGAIN,
    where="CCD_EXPOSURE: Alert",
)
UNKNOWN = Text(
    "frames.unknown",
    "The image file cannot become a frame ({detail}).",
    "It holds no mosaic of sensor values that the driver, or its RAW library, knows.",
    advice.SET_RAW,
    where="CCD_EXPOSURE: Alert",
)
STAYS_IN_CAMERA = Text(
    "frames.stays_in_camera",
    "The image {name} stays in the camera for now: {reason}.",
    "Nobody is connected, and no disk has room. It is fetched at the next connection.",
    advice.FREE_SPACE,
)
WITH_ABORTED = Clause(
    "frames.with_aborted",
    "its exposure was aborted while the shutter was open",
    "Such an image is dropped: it was asked for by an abort.",
)
AFTER_REQUEST = Clause(
    "frames.after_request", "its request had ended before it came", "The exposure had failed or was aborted late."
)
WITH_RAW = Clause("frames.with_raw", "it belongs to the RAW", "The JPEG beside a RAW.")
AFTER_LIMIT = Clause("frames.after_limit", "it came after its time limit", "Its exposure had been given up.")
UNASKED = Clause(
    "frames.unasked",
    "nobody asked for it through INDI",
    "Somebody pressed the button at the camera, or another program took it.",
)
NO_RAW_WITH_IT = Clause("frames.no_raw_with_it", "no RAW came with it", "A JPEG came for a request that wants a RAW.")
NO_ROOM = Clause("frames.no_room", "no disk has room for it ({megabytes:.0f} MB needed)", "")
DROPPED = Text(
    "frames.dropped",
    "The image {name} was dropped: {why}.",
    "Only an abort drops an image.",
    level=Level.WARNING,
)
NOT_DEVELOPED = Text(
    "frames.not_developed",
    "The frame could not be developed ({detail}).",
    "The RAW library failed on it. The next message names the file.",
    advice.TAKE_AGAIN,
    where="CCD_EXPOSURE: Alert",
)
RAW_IS_AT = Text(
    "frames.raw_is_at",
    "{reason} The file as it came from the camera is {path}.",
    "The exposure failed, and nothing is lost: other programs may read that file.",
    where="CCD_EXPOSURE: Alert",
)
KEPT_IN_MEMORY = Text(
    "frames.kept_in_memory",
    "The image {name} cannot be saved and is kept in memory. {reason}",
    "It is tried again, more rarely with time. It is lost if the machine is switched off before.",
    "Free some space.",
)
RESCUED_FRAME = Text(
    "frames.rescued_frame",
    "A frame of {seconds:g} s taken at {when} UTC was saved as {path}: {why}",
    "Said at the next start of the driver, if nobody could hear it before.",
    level=Level.WARNING,
)
RESCUED_IMAGE = Text(
    "frames.rescued_image",
    "An image taken at {when} UTC was saved as {path}: {why}",
    "Said at the next start of the driver, if nobody could hear it before.",
    level=Level.WARNING,
)
DRIVER_GONE = Clause(
    "frames.driver_gone", "the INDI driver was gone when it came", "The server or the driver was stopped or killed."
)
NOT_DELIVERED = Clause(
    "frames.not_delivered",
    "the INDI driver ended before it was delivered",
    "The frame may have reached the client: the file is marked as a possible duplicate.",
)
QUEUE_FULL = Clause(
    "frames.queue_full",
    "the frames before it were not taken yet",
    "The client, or the network to it, is slower than the camera.",
)
NO_USE = Clause("frames.no_use", "the INDI driver had no use for it", "Its exposure was over for the client.")
AS_ASKED = Clause(
    "frames.as_asked", "it was saved as asked, and the INDI driver was gone", "So nobody was told of the file."
)
SENT_INSTEAD = Clause("frames.sent_instead", "no disk takes it, so it is sent to the client", "")
PROCESS_ENDED = Clause(
    "frames.process_ended",
    "the camera's process ended while it worked on this frame",
    "A crash of the RAW library: the file is the camera's own.",
)
NO_SPACE = Text(
    "frames.no_space",
    "There is no space left for {path}.",
    "",
    advice.FREE_SPACE,
)
NO_SPACE_FOR = Text(
    "frames.no_space_for",
    "There is no space left for {path} ({megabytes:.1f} MB needed).",
    "",
    advice.FREE_SPACE,
)
NOT_WRITABLE = Text(
    "frames.not_writable",
    "{path} may not be written: {reason}.",
    "",
    advice.OTHER_RIGHTS,
)
FOLDER_DENIED = Text(
    "frames.folder_denied",
    "The folder {path} cannot be made: {reason}.",
    "",
    advice.OTHER_RIGHTS,
)
FOLDER_MISSING = Text(
    "frames.folder_missing",
    "The folder {path} is not there and cannot be made: {reason}.",
    "A disk that is not mounted, or a file where a folder should be.",
    advice.OTHER_FOLDER,
)
FOREIGN_FOLDER = Text(
    "frames.foreign_folder",
    "The folder {path} belongs to somebody else.",
    "It lies where everybody may make folders, so it is not used.",
    advice.OTHER_RIGHTS,
)
NOT_WRITTEN = Text(
    "frames.not_written",
    "{path} could not be written: {reason}.",
    "",
    advice.OTHER_DISK,
)
NAME_IS_PATH = Text(
    "frames.name_is_path",
    "The file name {name!r} is a path of its own: it must lie below the upload folder.",
    "",
    advice.CHANGE_PREFIX,
)
NAME_LEAVES = Text(
    "frames.name_leaves",
    "The file name {name!r} leads out of the upload folder.",
    "",
    advice.CHANGE_PREFIX,
)
NAME_TOO_DEEP = Text(
    "frames.name_too_deep",
    "The file name {name!r} and so on has more than {most} folders in it.",
    "",
    advice.CHANGE_PREFIX,
)
FOLDER_TOO_DEEP = Text(
    "frames.folder_too_deep",
    "The folder {path} and so on lacks more than {most} folders above it.",
    "",
    advice.OTHER_FOLDER,
)
FULL_OF_PARTS = Text(
    "frames.full_of_parts",
    "{path} is full of unfinished files of this driver.",
    "Their names begin with .indi_sony_py and end with .part.",
    "Delete them, or choose another folder in Upload Settings.",
)
NO_FREE_NAME = Text(
    "frames.no_free_name",
    "There is no free name for {name} in {path}.",
    "",
    advice.CHANGE_PREFIX,
)
