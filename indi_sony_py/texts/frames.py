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
OTHER_LEVELS = Text(
    "frames.other_levels",
    "This frame was read out with {bits} bits and a white level of {white}, the one before with {old_bits} bits and "
    "{old_white}.",
    "Some bodies read their sensor with 12 bits in continuous drive, with a silent shutter or in bulb. The values stay "
    "on the scale of 14 bits; ADCBITS and WHTLEVEL in the header tell.",
    "Darks and flats of the one kind do not fit the other: look at Drive Mode and Silent Mode in the camera's menu.",
    level=Level.WARNING,
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
TOO_LARGE = Text(
    "frames.too_large",
    "The image {name} stays in the camera for now: there is no memory for its {megabytes:.0f} MB.",
    "It is fetched and saved as soon as there is, at the latest at the next connection.",
    advice.MORE_MEMORY,
)
NOT_LOADED = Text(
    "frames.not_loaded",
    "What makes a frame of the camera's file could not be loaded ({reason}).",
    "There is too little memory, or the installation of numpy or rawpy is damaged.",
    advice.MORE_MEMORY,
    where="CCD_EXPOSURE: Alert",
)
NO_NUMPY = Text(
    "frames.no_numpy",
    "This driver's Python has no numpy: no frame can become FITS.",
    "The package was installed without its requirements.",
    "Install it (Debian: apt install python3-numpy), or set Encode to Native.",
    level=Level.WARNING,
    where="CONNECTION: Ok, CCD_EXPOSURE: Alert",
)
NO_RAWPY = Text(
    "frames.no_rawpy",
    "This driver's Python has no rawpy, and no compiled decoder: compressed RAW files cannot become FITS.",
    "There is no rawpy for 32-bit systems. Uncompressed files need neither; another computer can hold the camera, too.",
    "Install gcc, then this package anew, or rawpy (docs/RIGS.md); or set RAW File Type: Uncompressed at the camera.",
    level=Level.WARNING,
    where="CONNECTION: Ok, CCD_EXPOSURE: Alert",
)
NO_ERFA = Text(
    "frames.no_erfa",
    "This driver's Python has no pyerfa: frames have no RA, DEC and altitude in their headers.",
    "The mount's place is known, but the library that turns it into J2000 is missing. All else is as it should be.",
    "Install it (Debian: apt install python3-erfa).",
    level=Level.WARNING,
    where="CONNECTION: Ok",
)
NO_MEMORY_FOR = Text(
    "frames.no_memory_for",
    "There is no memory for a frame of {megabytes:.1f} MB.",
    "",
    advice.MORE_MEMORY,
    where="CCD_EXPOSURE: Alert",
)
NO_MEMORY = Text(
    "frames.no_memory",
    "No memory is left to develop the frame.",
    "",
    advice.MORE_MEMORY,
    where="CCD_EXPOSURE: Alert",
)
NOT_HANDED_OVER = Text(
    "frames.not_handed_over",
    "The frame could not be handed over: {reason}.",
    "The system refused a file in memory: limits of the user, or a full system.",
    advice.MORE_MEMORY,
    where="CCD_EXPOSURE: Alert",
)
OTHER_ISO = Text(
    "frames.other_iso",
    "ISO {asked} was set, but the camera used ISO {used}: the header has the true one.",
    "Somebody turned a dial, or the camera took the value back.",
    level=Level.WARNING,
)
CLOCK_MOVED = Text(
    "frames.clock_moved",
    "The computer's clock was moved by {seconds:+.1f} s during this exposure. The exposure is right; DATE-OBS is the "
    "press by the clock as it was then, CLOCKSTP says by how much it was moved.",
    "NTP or a GPS set the clock, or somebody did.",
    "Set the clock before the night begins.",
    level=Level.WARNING,
)
OTHER_BODY = Text(
    "frames.other_body",
    "The file comes from a {model}, the camera at hand is a {body}.",
    "An image of another camera, or a body that calls itself otherwise over USB.",
    level=Level.WARNING,
)
OTHER_SENSOR = Text(
    "frames.other_sensor",
    "The file says {said}, the table of bodies {listed}: the file is believed.",
    "The sensor's facts in the header are those of the file. Told once for a camera.",
    "Please report it.",
    level=Level.INFO,
)
BLACK_LEVEL = Clause("frames.black_level", "black level {level}")
WHITE_LEVEL = Clause("frames.white_level", "white level {level}")
COLORS = Clause("frames.colors", "colors {pattern}")
OTHER_SIZE = Text(
    "frames.other_size",
    "The frame has {width} x {height} pixels, a full one has {full_width} x {full_height}.",
    "Larger than the table of bodies says, or the client was told another size.",
    level=Level.WARNING,
)
NATIVE_WHOLE = Text(
    "frames.native_whole",
    "The camera's own file comes as it is: CCD_FRAME and CCD_BINNING change nothing in it.",
    "With Native under Encode, or JPEG under Format, the image is the whole one, unbinned.",
    "Choose RAW under Format and FITS under Encode for a part of the image, or for binning.",
    level=Level.WARNING,
)
NOT_PACKABLE = Text(
    "frames.not_packable",
    "CCD_COMPRESSION packs FITS on the way to the client, and nothing else: this comes as it is.",
    "The camera's own file is compressed by the camera if it is set so there; files on the disk are never packed.",
    "Choose FITS under Encode, or switch the compression off.",
    level=Level.WARNING,
)
NO_CODEC = Text(
    "frames.no_codec",
    "The frame is not packed: this computer has no cfitsio library.",
    "It is delivered as a plain FITS.",
    "Install cfitsio (Debian: libcfitsio10), or switch the compression off.",
    level=Level.WARNING,
)
NOT_PACKED = Text(
    "frames.not_packed",
    "The frame is not packed ({reason}).",
    "It is delivered as a plain FITS: there was no memory left for the packed one.",
    "Close other programs, or switch the compression off.",
    level=Level.WARNING,
)
PART_UNFIT = Text(
    "frames.part_unfit",
    "The part that CCD_FRAME asks for does not lie in this image of {width} x {height}: the whole one is delivered.",
    "The camera made a smaller image than the one before, mostly because of an APS-C crop set at the camera.",
    "Choose the part anew, or switch the crop off at the camera.",
    level=Level.WARNING,
)
CROPPED = Text(
    "frames.cropped",
    "The frame has {width} x {height} pixels, a full one has {full_width} x {full_height}.",
    "A crop that is set in the camera. Darks must be taken with the same.",
    "Set APS-C/Super 35 Shooting: Off in the camera's menu.",
    level=Level.WARNING,
)
OWN_DARK = Text(
    "frames.own_dark",
    "Long Exposure NR is on in the camera: it took a dark of its own, subtracted it, and the exposure took twice as "
    "long.",
    "",
    "Switch it off in the camera's menu.",
    level=Level.WARNING,
)
OTHER_TIME = Text(
    "frames.other_time",
    "The client asked for {asked:g} s, but the exposure took {true:g} s: EXPTIME has the true time.",
    "The camera was slower than it should, or its dial was turned.",
    level=Level.WARNING,
)
ENDED_ITSELF = Text(
    "frames.ended_itself",
    "The client asked for {asked:g} s, but the camera itself ended the exposure after {true:g} s: EXPTIME has the true "
    "time.",
    "",
    "Look for its bulb timer, or where its dial stands.",
    level=Level.WARNING,
)
OTHER_SPEED = Text(
    "frames.other_speed",
    "The client asked for {asked:g} s, but the camera used {true:g} s: the true time stands in EXPFILE.",
    "A short exposure with another speed than the one that was set; EXPTIME stays as asked for.",
    level=Level.WARNING,
)
DAMAGED_HEAD = Text(
    "frames.damaged_head",
    "The file's head is damaged or of a new kind: {detail}.",
    "The pixels could be read; some cards of the header may be missing.",
    level=Level.WARNING,
)
CARD_BAD_NAME = Text(
    "frames.card_bad_name",
    "FITS card {keyword!r} was left out: its name is not a keyword of up to 8 letters and digits.",
    "",
    level=Level.WARNING,
)
CARD_OURS = Text(
    "frames.card_ours",
    "FITS card {keyword} was left out: the driver writes it itself.",
    "",
    level=Level.WARNING,
)
CARD_UNFIT = Text(
    "frames.card_unfit",
    "FITS card {keyword} was left out: {detail}.",
    "Its value cannot stand in a FITS header.",
    level=Level.WARNING,
)
NO_COORDINATES = Text(
    "frames.no_coordinates",
    "The frame has no RA, DEC and altitude in its header: {reason}.",
    "The mount's place is known, but the library that turns it into J2000 cannot be loaded.",
    "Install the Python package pyerfa anew where the driver runs.",
    level=Level.WARNING,
)
FINISHED_PICTURE = Clause(
    "frames.finished_picture",
    "it holds a finished picture and not the sensor's values",
    "Compressed and lossless files of size M or S, and other pictures.",
)
SAVED = Text("frames.saved", "Image saved to {path}", "As it was asked for by Upload.", level=Level.INFO)
SAVED_COMPANION = Text(
    "frames.saved_companion",
    "The image beside the RAW was saved to {path}",
    "The JPEG of a RAW+JPEG pair.",
    level=Level.INFO,
)
SAVED_UNASKED = Text(
    "frames.saved_unasked",
    "An image that was in the camera was saved as {path}",
    "Somebody took it at the camera, or an earlier program left it there.",
    level=Level.WARNING,
)
SAVED_KEPT = Text(
    "frames.saved_kept", "A frame was saved as {path}", "Its request had ended before it came.", level=Level.WARNING
)
SAVED_DROPPED = Text("frames.saved_dropped", "An image was dropped: {path}", "", level=Level.WARNING)
BECAUSE = Text(
    "frames.because",
    "{text} ({why})",
    "One of the messages about a saved file, and why it was not delivered, or not saved where it was asked for.",
    level=Level.WARNING,
)
DUPLICATE = Text(
    "frames.duplicate",
    "This frame may have been delivered before.",
    "The driver ended while it was sent. Its header says DUPLICAT.",
    level=Level.WARNING,
)
BIG = Text(
    "frames.big",
    "Frames of {megabytes:.0f} MB: indiserver cuts off clients that are more than its option -m behind.",
    "Said once. By default -m is 128 MB. With 100 MB, as in old INDI Web Managers, such a frame cuts off every client.",
    "Start indiserver with -m 1000.",
    level=Level.INFO,
)
OVERTAKEN = Clause("frames.overtaken", "another exposure was asked for before its turn came", "")
EXPOSURE_ABORTED = Clause("frames.exposure_aborted", "its exposure was aborted", "Before the frame was sent.")
DISCONNECTED = Clause("frames.disconnected", "the camera was disconnected before its turn came", "")
NOBODY_WAITS = Clause("frames.nobody_waits", "nobody waits for it any more", "Its exposure was over for the client.")
NOT_LOOKED_AT = Clause(
    "frames.not_looked_at",
    "the frame was not looked at: {reason}",
    "Its stars and its histogram are not known; nothing is wrong with the frame itself. The page of the night says it.",
)
LOOK_ENDED = Clause(
    "frames.look_ended",
    "the process that looks at it ended with {status}",
    "Most often for want of memory: that process is the first to go, so that no frame is.",
)
