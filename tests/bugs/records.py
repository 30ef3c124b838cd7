"""THE TABLE of public fault reports on Sony cameras, and docs/FAULTS.md, which is written from it.

One row a record, in the order of their numbers; the tests of a record are the functions `test_bNN_…` in this folder.
`python -m tests.bugs.records` writes the document anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DOCUMENT", "RECORDS", "Record", "document", "shown_by"]

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "FAULTS.md"


@dataclass(frozen=True, slots=True)
class Record:
    """What somebody reported, what other programs do there, and what this driver does.

    `threads`: public issue threads, as owner/repository#number. `later`: why there is no test yet; "" where there is.
    """

    number: int
    kind: str
    threads: str
    wrong: str
    peers: str
    ours: str
    later: str = ""

    @property
    def name(self) -> str:
        return f"B{self.number:02d}"


RECORDS: tuple[Record, ...] = (
    Record(
        1, "STALE", "indilib/indi-3rdparty#151",
        "One preview in three opens the shutter; the others show the picture before.",
        "Press, then give out whatever lies in the camera's memory.",
        "Memory is emptied before each press, and what was in it is saved and named. Only an image that became ready "
        "after its own press is delivered.",
    ),
    Record(
        2, "STALE", "gphoto/libgphoto2#1124",
        "After a download that was broken off, the whole later series is late by one image, even over a power switch.",
        "libgphoto2 clears memory only when exactly one image waits; its event path and INDIGO not at all.",
        "A killed program's image is fetched and saved by the next one before anything is exposed; a surplus image is "
        "saved and named, and is never the next frame.",
    ),
    Record(
        3, "STALE", "indilib/indi-3rdparty#339",
        "RAW was chosen, the JPEG comes, and the RAW comes as the next shot's frame.",
        "indi_gphoto returns 100 ms after the first file; libgphoto2 takes one file for each capture.",
        "The format is read back before the press and set if it can be. Both files of a photo are collected in either "
        "order, up to 5 s apart; the RAW is the frame, the JPEG is kept or dropped as chosen.",
    ),
    Record(
        4, "STALE", "gphoto/gphoto2#499",
        "Photos that are taken while the host downloads never reach the disk.",
        "One file is taken for each capture; the rest is overwritten or left.",
        "Photos of the button at the body are collected, saved under names of their own, and told. Where the body's "
        "own photo shut out the press, the exposure fails in words.",
    ),
    Record(
        5, "STALE", "AstroWimSara/SolarEclipseWorkbench pull 183",
        "Events that nobody read make the body skip a picture, and the next command fails.",
        "Each program empties events in some of its paths, and not in others.",
        "One function presses, for every kind of exposure; before it, events and memory are emptied.",
    ),
    Record(
        6, "EXPOSURE", "dougforpres/ASCOMSonyCameraDriver#25",
        "A long bulb was asked for, 1/60 s was exposed.",
        "The speed is written and not read back.",
        "The speed must read back before the press, and again just before it; after three tries the exposure fails "
        "with the wanted and the true speed, unpressed.",
    ),
    Record(
        7, "EXPOSURE", "indilib/indi#1857",
        "10 s were asked for, the body made 1 s and 1.6 s while the client counted down.",
        "The countdown is the program's own; nothing compares.",
        "The file's own exposure time is compared with what was to be made: a difference is told, and EXPTIME is the "
        "true one.",
    ),
    Record(
        8, "EXPOSURE", "indilib/indi-3rdparty#487, rkaczorek/astroberry-server#165",
        "Nothing shorter than 0.1 s; without bulb the connection is lost.",
        "Everything is a bulb that the program times.",
        "What is a speed of the body is timed by the body, from its shortest on; bulb only above the longest and "
        "between speeds.",
    ),
    Record(
        9, "EXPOSURE", "indilib/indi-3rdparty#344, ma1co/OpenMemories-Tweak#267, ma1co/OpenMemories-Tweak#315",
        "Stars vanish, because the firmware filters RAW files made in BULB.",
        "Bulb is the only way offered.",
        "The body's own speeds go before bulb; SHUTTER_POLICY forces either; bodies that filter are named once, before "
        "their first bulb.",
    ),
    Record(
        10, "EXPOSURE", "dougforpres/ASCOMSonyCameraDriver#21",
        "The dial stands on BULB, 60 s are asked for, the shutter only clicks.",
        "Timed or bulb is decided by a setting of the program's, not by the camera's state.",
        "The speed that the camera shows just before the press decides; one that was turned meanwhile is set anew.",
    ),
    Record(
        11, "EXPOSURE", "dougforpres/ASCOMSonyCameraDriver#12",
        "The client counts its time, the camera makes its own.",
        "INDIGO never sets the speed; others count beside the camera.",
        "Each exposure sets its speed. With the dial on P, A, S or Auto it fails and says where the dial stands and "
        "what to turn.",
    ),
    Record(
        12, "EXPOSURE", "gphoto/libgphoto2#159, gphoto/gphoto2#53, jim-easterbrook/python-gphoto2#195",
        "\"No bulb control\": bulb was the name of a control that can be missing.",
        "Bulb is found in a list of the library's widgets, or it is not.",
        "Bulb is the speed BULB and a button that is held; it needs no entry in any list.",
    ),
    Record(
        13, "EXPOSURE", "gphoto/gphoto2#678",
        "Long exposures only by the body's own bulb timer.",
        "The program holds the button and takes its own time for the true one.",
        "The button is held for the whole time, and the body's own timer is switched off. Where it stays on, or is "
        "hidden, the frame is told with both times; every wait ends.",
    ),
    Record(
        14, "SETTING", "gphoto/libgphoto2#775",
        "The speed lands beside the wanted one.",
        "Notches are counted and not read back.",
        "Notches are followed by reading: step, look, step back, with a bound. Ok only with the value that reads back.",
    ),
    Record(
        15, "SETTING", "gphoto/libgphoto2#854",
        "A speed that a program sets becomes a nearly random one.",
        "Writes follow each other faster than the body does.",
        "One write is under way at a time; changes queue behind each other and behind exposures; each ends with its "
        "own result.",
    ),
    Record(
        16, "SETTING", "gphoto/libgphoto2#20",
        "ISO goes the wrong way, then flips between two values for ever.",
        "The loop ends only at the wanted value.",
        "A circle, a standstill, a number of steps and a time end every walk, with the value that stayed.",
    ),
    Record(
        17, "SETTING", "gphoto/libgphoto2#523",
        "The list of ISO values is empty, for they stand under another code.",
        "One code for all bodies.",
        "The body's list, its settable twin's list, the table of bodies, then the usual ladder: CCD_ISO is never "
        "empty, and what does not take ends as Alert.",
    ),
    Record(
        18, "SETTING", "gphoto/libgphoto2#276, indigo-astronomy/indigo pull 106",
        "The list of speeds is empty: no exposure control, or a crash.",
        "The first entry of an empty list is read, or the control is left out.",
        "An empty list is usual: speeds come from the table of bodies or the standard ladder within the body's range.",
    ),
    Record(
        19, "SETTING", "gphoto/libgphoto2#1068",
        "Lists that do not fit the body, and change with lens and mode.",
        "Lists are read once.",
        "Lists are read with every look; a changed one is defined anew for clients, with the value that is set.",
    ),
    Record(
        20, "SETTING", "indigo-astronomy/indigo#272",
        "Quality cannot be set to RAW.",
        "One width and one set of codes for all bodies.",
        "Values are written in the width that the descriptor declares, by the codes of the version in use; a refusal "
        "is told with its code.",
    ),
    Record(
        21, "SETTING", "gphoto/libgphoto2 pull 527",
        "30 s to 1/4000 s takes 40 s.",
        "One smallest step at a time.",
        "The whole way in one jump where the body takes it, single steps at its own pace else; longer than 2 s it is "
        "told. An exposure that is asked for meanwhile waits for it.",
    ),
    Record(
        22, "SETTING", "dougforpres/ASCOMSonyCameraDriver#20",
        "Exposures with a new ISO or time each end in \"waiting for camera\", for ever.",
        "Several threads share the camera.",
        "One worker owns the camera; settings and exposures are one queue; every wait has an end.",
    ),
    Record(
        23, "SETTING", "AstroWimSara/SolarEclipseWorkbench pull 119",
        "The aperture stays as it was, and nobody notices.",
        "OK is taken for done.",
        "Success is the value that reads back, for every setting; one that does not take is an Alert with the value "
        "that stayed. Aperture is not offered.",
    ),
    Record(
        24, "CONNECT", "indigo-astronomy/indigo#271, indigo-astronomy/indigo pull 288",
        "The body starts its remote mode anew in the handshake; the first connect fails.",
        "One try; the user clicks again.",
        "A body that leaves in its first handshake is opened again when it is back, also at a new address; an Alert "
        "comes only after 12 s, and the wish stays.",
    ),
    Record(
        25, "CONNECT", "indigo-astronomy/indigo#701",
        "Busy, without a word.",
        "Who holds the interface is not told.",
        "A held interface is an Alert within seconds, with who holds it and the command that stops it; each wait of "
        "more than 2 s says what for.",
    ),
    Record(
        26, "CONNECT", "gphoto/gphoto2#268, gphoto/gphoto2#542, gphoto/gphoto2#592, gphoto/gphoto2#617",
        "\"Already in use\", while the body is a disk, MTP or a webcam.",
        "Every failure is a failure to claim.",
        "Disk, MTP, charging, streaming and PC Remote are told apart by their descriptors, each with the menu entry.",
    ),
    Record(
        27, "CONNECT", "gphoto/libgphoto2#944",
        "A preview in MTP mode wedges the body until its battery is out.",
        "Sony's commands are sent in any mode.",
        "No command of Sony's before the body lists them and its mode is proved; else it is refused in words.",
    ),
    Record(
        28, "CONNECT", "dougforpres/ASCOMSonyCameraDriver#8, dougforpres/ASCOMSonyCameraDriver#9",
        "A new body is not seen in PC Remote.",
        "A list of models or USB ids decides.",
        "Vendor and interface class decide; an unknown body is driven by what it says of itself, and a report is asked "
        "for.",
    ),
    Record(
        29, "CONNECT", "dougforpres/ASCOMSonyCameraDriver#13",
        "Another USB device stands first, and is opened.",
        "The first one that matches is taken.",
        "Foreign devices are passed over; a camera is known by its serial number, at whatever place.",
    ),
    Record(
        30, "CONNECT", "gphoto/libgphoto2 pull 1240",
        "Bodies before 2020 never answer a request for all storages.",
        "Generic requests go to every body.",
        "That request is never sent; each request has its own limit.",
    ),
    Record(
        31, "CONNECT", "indilib/indi#243, indilib/indi#149",
        "A stale setting in the config file takes the server down at first use.",
        "The file is applied as it is.",
        "What cannot be used is left out and named; the rest is applied, and the driver starts.",
    ),
    Record(
        32, "CRASH", "gphoto/libgphoto2#721, gphoto/libgphoto2#762",
        "The library dies after 20 to 80 frames.",
        "Faults in C at a random frame.",
        "Memory, descriptors and threads stay as they were, frame after frame.",
    ),
    Record(
        33, "CRASH", "gphoto/gphoto2#109, gphoto/gphoto2#192, gphoto/gphoto2#28, gphoto/libgphoto2#613",
        "An event is lost, and the series stops for ever.",
        "The event is waited for.",
        "Events only shorten a wait; the memory counter decides, and every wait has an end.",
    ),
    Record(
        34, "CRASH", "dougforpres/ASCOMSonyCameraDriver#24",
        "A loose cable in a download closes the whole program.",
        "An exception nobody expected.",
        "The exposure fails with the reason, the camera is opened anew by itself, its image is fetched and saved, and "
        "the next exposure works.",
    ),
    Record(
        35, "CRASH", "dougforpres/SonyCamera#15",
        "A pulled cable or an empty battery crashes the program.",
        "As above, in every state.",
        "In each state the device comes back by itself when the camera does, also at another address; what ran is one "
        "Alert.",
    ),
    Record(
        36, "CRASH", "gphoto/libgphoto2#874",
        "USB errors end in a segmentation fault.",
        "Lengths from the wire are believed.",
        "Every length is checked before it is read; damage is one documented error that names the field, and never a "
        "wait without an end.",
    ),
    Record(
        37, "CRASH", "dougforpres/ASCOMSonyCameraDriver#6",
        "The second frame of 61 megapixels exhausts memory.",
        "Whole copies in each layer, in a 32-bit process.",
        "The pixels are developed in bands straight into the memory that is handed over; a camera's process with 61 "
        "megapixels works within 700 MB.",
    ),
    Record(
        38, "CRASH", "gphoto/gphoto2#133",
        "Auto-focus cannot lock, then a time-out, and the body starts anew.",
        "Half press is held until the body gives up.",
        "Focus is set to manual where the body lets it; else a focus that fails lets go of the button at once, and the "
        "exposure fails in words.",
    ),
    Record(
        39, "TIMEOUT", "indilib/indi#251",
        "With noise reduction on the first long frame fails.",
        "The wait ends before the body's own dark frame does.",
        "The limit is twice the exposure and 30 s until a file or the camera says that noise reduction is off, and "
        "longer while the camera says that it works. The user is told what is waited for, and how long.",
    ),
    Record(
        40, "TIMEOUT", "gphoto/libgphoto2#414",
        "30 s exposures fail right after the shutter has closed.",
        "libgphoto2 waits 35 s in all.",
        "As B39.",
    ),
    Record(
        41, "TIMEOUT", "ma1co/OpenMemories-Tweak#295, ma1co/OpenMemories-Tweak#169, ma1co/OpenMemories-Tweak#152",
        "Noise reduction cannot be switched off in the menu of A5000 and A5100.",
        "Users are told to switch it off.",
        "The row of the body knows it: said once at connect, waited for from the first frame on, and no menu entry is "
        "named that is not there.",
    ),
    Record(
        42, "TIMEOUT", "gphoto/libgphoto2#122",
        "Each shot in manual focus loses a second to a focus event that never comes.",
        "The event is waited for in every mode.",
        "In manual focus nothing is waited for: 50 bias frames take what the body needs and less than 0.1 s more each.",
    ),
    Record(
        43, "RECOVERY", "indilib/indi-3rdparty#151",
        "After an abort or a new connection the driver hangs in \"downloading\".",
        "An abort ends the wait, and leaves the image for the next exposure.",
        "An abort is answered at once and the camera is followed through: its image is fetched, and dropped by name if "
        "the shutter was still open, else saved. The next exposure waits until memory is empty.",
    ),
    Record(
        44, "RECOVERY", "dougforpres/ASCOMSonyCameraDriver#22, dougforpres/ASCOMSonyCameraDriver#26",
        "A looping client makes the camera fire on and on.",
        "A stream is faked by full shots; nothing stops it.",
        "There is no stream of full shots. After an abort the button is not pressed again until somebody asks.",
    ),
    Record(
        45, "RECOVERY", "gphoto/gphoto2#643",
        "After a week or two the body shows itself as a charger.",
        "The camera is gone, for a reason that nobody tells.",
        "The charger is recognised: the power switch is named, and the camera is taken up again when it is back.",
    ),
    Record(
        46, "RECOVERY", "gphoto/gphoto2#111",
        "Works for hours, then the body answers no more.",
        "The program waits, or is started anew by hand.",
        "A ladder: read again, open the session anew, reset the USB device, then go on trying every few seconds; the "
        "exposure fails in words meanwhile.",
    ),
    Record(
        47, "RECOVERY", "gphoto/gphoto2#263",
        "PC Remote keeps the body awake until the battery is empty.",
        "Nothing is told.",
        "The charge is a property; 20 and 10 % are told once each. A lowest charge for exposures can be set. A "
        "disconnect closes the session.",
    ),
    Record(
        48, "LIVEVIEW", "dougforpres/SonyCamera#3",
        "Live view gives one frame and hangs the body.",
        "All settings are read between two frames.",
        "The row of the body knows it: its settings are read in a pause of live view, once a minute, before a photo, "
        "and after the event of an image.",
    ),
    Record(
        49, "LIVEVIEW", "gphoto/libgphoto2#634",
        "The first frames are refused, and that is taken for the end.",
        "One try.",
        "Refusals that pass are waited out without a word; after 10 s without a picture the user is told once, and it "
        "is asked for on and on, more rarely.",
    ),
    Record(
        50, "LIVEVIEW", "marcinz606/NegPy#621, gphoto/libgphoto2#93",
        "A preview wedges a body that has none.",
        "The object is asked for without a look at what the body can do.",
        "The body says whether it has live view, else its row does: without it CCD_VIDEO_STREAM is absent, and the "
        "object is never requested.",
    ),
    Record(
        51, "LIVEVIEW", "indilib/indi#1034, gphoto/libgphoto2#441",
        "A preview needs a control that Sony's bodies do not have.",
        "One way for all makes.",
        "No control is needed: frames are asked for, or not. STREAM_ON and STREAM_OFF may come at any time and twice, "
        "and are answered each time.",
    ),
    Record(
        52, "FOCUS", "indilib/indi-3rdparty#1341",
        "Steps of the lens are not linear: auto-focus by the client cannot work.",
        "A fixed ratio of three step sizes.",
        "Sizes are a table of the lens, positions are counted from its stop: an absolute focuser whose steps are even.",
    ),
    Record(
        53, "FOCUS", "gphoto/libgphoto2#895",
        "A move is 1 to 7 steps and no more.",
        "The limit is handed on.",
        "A move is as long as it is asked for, in as many steps as it takes.",
    ),
    Record(
        54, "FOCUS", "gphoto/libgphoto2#985",
        "Manual focus is not announced, and works.",
        "What is not listed is not there.",
        "What a newer body does not tell in 2.00 is offered; a refusal takes the focuser back.",
    ),
    Record(
        55, "FOCUS", "rkaczorek/astroberry-server#125, dougforpres/ASCOMSonyCameraDriver#15",
        "No focuser in the client.",
        "None is offered.",
        "All of libindi's focuser interface on the same device, where the lens can be driven and nowhere else.",
    ),
    Record(
        56, "FOCUS", "simonmitchell/rocc#29, dognotdog/ptpwebcam#39",
        "With back-button focus half press does not focus.",
        "The focus is waited for.",
        "In manual focus nothing depends on it; with auto-focus on the press comes after 5 s at the most, and MF is "
        "asked for.",
    ),
    Record(
        57, "FILE", "isbeorn/nina#324, LibRaw/LibRaw#717, letmaik/rawpy#248",
        "\"Unsupported file format\": the frame is lost to the client.",
        "A decoder that is too old is the end of the frame.",
        "The camera's own file is always kept: as the native BLOB, or on disk with an Alert that names file, code, "
        "decoder and the menu entry.",
    ),
    Record(
        58, "FILE", "LibRaw/LibRaw#776",
        "No decoder for a new body, for months.",
        "All files go through the library.",
        "Native frames need no decoder; uncompressed values are read from the file as they stand, whatever the model.",
    ),
    Record(
        59, "FILE", "dougforpres/ASCOMSonyCameraDriver#4",
        "The client gets values that were debayered and bayered again.",
        "The decoder's picture is taken for the sensor's.",
        "The FITS has the sensor's values and nothing else; BAYERPAT is the pattern at its first pixel, for each area. "
        "A part of a frame begins on an even column and row.",
    ),
    Record(
        60, "FILE", "dougforpres/ASCOMSonyCameraDriver#6, RawTherapee/RawTherapee#7075",
        "Sizes differ from program to program, with empty columns.",
        "Whatever the decoder cuts.",
        "One size a body for each area, told before the first exposure; what a file says otherwise is told before its "
        "BLOB. The official crop has no empty column.",
    ),
    Record(
        61, "FILE", "darktable-org/darktable#10556, jonasjuffinger/TimeLapse#47",
        "Some modes read out 12 bits in place of 14.",
        "Nobody is told.",
        "ADCBITS and WHTLEVEL stand in each header; a change within a session is one warning; nothing is scaled.",
    ),
    Record(
        62, "FILE", "indilib/indi#773",
        "Wrong sizes of image and pixel, until the user types them in.",
        "The user's word, or zeros.",
        "A row for each body, told before the first exposure. Of an unknown body the first file tells the size, and "
        "what the client says of its pixels is kept, for headers too.",
    ),
    Record(
        63, "BODY",
        "gphoto/libgphoto2#937, gphoto/libgphoto2#946, gphoto/gphoto2#610, gphoto/gphoto2#660, gphoto/libgphoto2#892",
        "An update asks for the new protocol, and ISO, shutter speed and capture are gone.",
        "The newest protocol is taken, whatever it lists.",
        "The newer one is asked for; a body that refuses it, or lists too little in it, is driven in the older one. "
        "CAMERA_INFO says which and why; PROTOCOL forces the older one.",
    ),
    Record(
        64, "BODY",
        "indilib/indi-3rdparty#5, indilib/indi-3rdparty#7, indilib/indi#1000, indilib/indi#710, gphoto/libgphoto2#439",
        "A body without a remote mode is tried for months.",
        "\"No exposure widget\", and advice to set BULB.",
        "One sentence at the connection: this body cannot be controlled over USB, but by a cable release.",
    ),
    Record(
        65, "BODY", "gphoto/libgphoto2#912",
        "\"Does not support generic capture\" after a firmware update.",
        "The USB mode is not named.",
        "As B26.",
    ),
    Record(
        66, "STORAGE",
        "gphoto/libgphoto2#117, gphoto/libgphoto2#162, gphoto/libgphoto2#204, "
        "gphoto/gphoto2#108, gphoto/gphoto2#227",
        "Nothing is kept on the card in PC Remote, and nobody says that it cannot be.",
        "The wish is taken and has no effect.",
        "SAVE_DESTINATION has the body's own choices that reach the computer, and is absent where there are none. "
        "\"Camera only\" is set back before an exposure, or named; the wait for an image ends.",
    ),
    Record(
        67, "STORAGE", "FormerLurker/Octolapse#331, gphoto/gphoto2#227",
        "A file of 42 megapixels takes longer than the limit.",
        "25 s, or 35 s in all, whatever the size.",
        "The limit of a transfer follows its size (at least 0.5 MB/s and 30 s more); how far it is is told every 5 s.",
    ),
    Record(
        68, "STORAGE", "INDIGO ccd_ptp, its README",
        "No frames without a card.",
        "Nothing arrives, and nothing is told.",
        "Release without card is switched on where the body lets it; else the exposure fails in time, and names the "
        "menu entry.",
    ),
    Record(
        69, "WIFI", "frank26080115/alpha-fairy#39",
        "An A7C II drops the network link 10 s after the last command, and must be switched off and on.",
        "The link is left idle, and not made anew.",
        "The settings are read at least each 5 s, in a bulb too, so that a link is never idle. A lost one is made anew "
        "by itself.",
    ),
    Record(
        70, "WIFI", "gphoto/libgphoto2#1219",
        "An RX100 VI in the network stays at \"Connecting…\", and questions about files hang.",
        "Files are asked for before Sony's handshake.",
        "The handshake is the same as over USB, and comes before everything else.",
    ),
    Record(
        71, "MESSAGE", "dougforpres/ASCOMSonyCameraDriver#23",
        "A save folder is chosen, and the program crashes.",
        "The path is not checked.",
        "A folder that is missing is made. One that cannot be made or written, or is full, is told with what failed "
        "and what to do; the frame goes to another folder, which is told, and to the client all the same.",
    ),
    Record(
        72, "MESSAGE", "dougforpres/ASCOMSonyCameraDriver#17, dougforpres/ASCOMSonyCameraDriver#19",
        "\"Problem executing task\": a text without a cause.",
        "Users remove other programs until it works.",
        "What fails at the connection is told with its cause. `indi-sony doctor` looks at each obstacle in turn and "
        "says what to do about those that are there.",
    ),
)  # fmt: skip


def shown_by(record: Record) -> tuple[str, ...]:
    """`file::test` of each test of a record, in the order of the files and of the tests in them."""
    pattern = re.compile(rf"^def (test_{record.name.lower()}_\w+)\(", re.MULTILINE)
    files = sorted(Path(__file__).parent.glob("test_*.py"))
    return tuple(f"{file.stem}::{name}" for file in files for name in pattern.findall(file.read_text("utf-8")))


_HEAD = """\
# Faults that people reported, and what happens here

Public reports on Sony cameras in astronomy and tethering programs, each tried on this driver with the simulated camera.
What peers do is what their reporters saw or their code shows (2026). Tests stand in `tests/bugs/`. This page is written
by `python -m tests.bugs.records` from the table in that file.

| record | reported in | goes wrong | what peers do | what this driver does | tests |
| --- | --- | --- | --- | --- | --- |
"""


def _row(record: Record) -> str:
    shown = ", ".join(f"`{test}`" for test in shown_by(record)) or record.later
    cells = (f"{record.name} {record.kind}", record.threads, record.wrong, record.peers, record.ours, shown)
    return f"| {' | '.join(cells)} |\n"


def document(records: Iterable[Record] = RECORDS) -> str:
    """The whole of docs/FAULTS.md."""
    return _HEAD + "".join(map(_row, records))


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
