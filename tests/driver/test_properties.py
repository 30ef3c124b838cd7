"""What clients get: each vector's form against a table, the order, what is there when.

The table is written from the definitions that libindi 1.9.9 and indi_gphoto_ccd 3.2 send (observed), for a body with
4256 x 2848 visible pixels of 8.31 um. Where it is not theirs, the reason stands beside the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import pytest

from indi_sony_py import __version__
from indi_sony_py.driver.properties import FIRST_ONLY, TABLE, row_of
from indi_sony_py.driver.row import Row, Shown, Write
from indi_sony_py.driver.rows.camera import FURTHER
from indi_sony_py.driver.rows.focuser import FOCUSER
from indi_sony_py.engine.messages import Choice, SettingsReport, SettingView
from indi_sony_py.hand.messages import Looked
from indi_sony_py.image.glance import Glance
from indi_sony_py.image.record import FileFacts
from indi_sony_py.indi.messages import Kind, Permission
from tests.driver.scripted import DEVICE, Rig

HOME = "/home/astro"


@dataclass(frozen=True)
class Form:
    """One vector as it must arrive. Elements: name, label, value, and for numbers format, min, max, step."""

    name: str
    tag: str
    label: str
    group: str
    perm: str
    rule: str | None
    timeout: float
    elements: tuple[tuple[str | float, ...], ...]


def switches(on: str, *pairs: tuple[str, str]) -> tuple[tuple[str | float, ...], ...]:
    return tuple((name, label, "On" if name == on else "Off") for name, label in pairs)


MAIN, OPTIONS, GENERAL, SETTINGS, INFO = "Main Control", "Options", "General Info", "Image Settings", "Image Info"
STREAMING = "Streaming"
ONE, MOST = "OneOfMany", "AtMostOne"
SWITCH, NUMBER, TEXT, BLOB = "defSwitchVector", "defNumberVector", "defTextVector", "defBLOBVector"

ALWAYS = (
    Form("CONNECTION", SWITCH, "Connection", MAIN, "rw", ONE, 60,
         switches("DISCONNECT", ("CONNECT", "Connect"), ("DISCONNECT", "Disconnect"))),
    Form("DRIVER_INFO", TEXT, "Driver Info", GENERAL, "ro", None, 60, (
        ("DRIVER_NAME", "Name", "Sony Alpha"),
        ("DRIVER_EXEC", "Exec", "indi_sony_py"),
        ("DRIVER_VERSION", "Version", __version__),
        ("DRIVER_INTERFACE", "Interface", "2"),  # a camera, and nothing else
    )),
    Form("POLLING_PERIOD", NUMBER, "Polling", OPTIONS, "rw", None, 0, (
        ("PERIOD_MS", "Period (ms)", 1000, "%.f", 10, 600000, 1000),)),
    Form("DEBUG", SWITCH, "Debug", OPTIONS, "rw", ONE, 0,
         switches("DISABLE", ("ENABLE", "Enable"), ("DISABLE", "Disable"))),
    Form("SIMULATION", SWITCH, "Simulation", OPTIONS, "rw", ONE, 0,
         switches("DISABLE", ("ENABLE", "Enable"), ("DISABLE", "Disable"))),
    Form("CONFIG_PROCESS", SWITCH, "Configuration", OPTIONS, "rw", MOST, 0,
         switches("", ("CONFIG_LOAD", "Load"), ("CONFIG_SAVE", "Save"), ("CONFIG_DEFAULT", "Default"),
                  ("CONFIG_PURGE", "Purge"))),
    Form("ACTIVE_DEVICES", TEXT, "Snoop devices", OPTIONS, "rw", None, 60, (
        ("ACTIVE_TELESCOPE", "Telescope", "Telescope Simulator"),
        ("ACTIVE_ROTATOR", "Rotator", "Rotator Simulator"),
        ("ACTIVE_FOCUSER", "Focuser", "Focuser Simulator"),
        ("ACTIVE_FILTER", "Filter", "CCD Simulator"),
        ("ACTIVE_SKYQUALITY", "Sky Quality", "SQM"),
        ("ACTIVE_GPS", "GPS", ""),  # as libindi's spectrographs have it
    )),
)  # fmt: skip

CONNECTED = (
    Form("CCD_EXPOSURE", NUMBER, "Expose", MAIN, "rw", None, 60, (
        ("CCD_EXPOSURE_VALUE", "Duration (s)", 1, "%5.2f", 1 / 8000, 3600, 1),)),  # the body's shortest speed
    Form("CCD_ABORT_EXPOSURE", SWITCH, "Abort", MAIN, "rw", MOST, 60, switches("", ("ABORT", "Abort"))),
    Form("CCD_FRAME", NUMBER, "Frame", SETTINGS, "rw", None, 60, (
        ("X", "Left ", 0, "%4.0f", 0, 4255, 0),
        ("Y", "Top", 0, "%4.0f", 0, 2847, 0),
        ("WIDTH", "Width", 4256, "%4.0f", 16, 4256, 0),  # what the coarsest binning needs
        ("HEIGHT", "Height", 2848, "%4.0f", 16, 2848, 0),
    )),
    Form("CCD_FRAME_RESET", SWITCH, "Frame Values", SETTINGS, "wo", ONE, 0, switches("", ("RESET", "Reset"))),
    Form("CCD_BINNING", NUMBER, "Binning", SETTINGS, "rw", None, 60, (
        ("HOR_BIN", "X", 1, "%2.0f", 1, 4, 1),
        ("VER_BIN", "Y", 1, "%2.0f", 1, 4, 1),
    )),
    Form("FITS_HEADER", TEXT, "FITS Header", GENERAL, "rw", None, 60, (
        ("KEYWORD_NAME", "Name", ""),  # the three of libindi 2.0.1, which clients count
        ("KEYWORD_VALUE", "Value", ""),
        ("KEYWORD_COMMENT", "Comment", ""),
        ("FITS_OBSERVER", "Observer", ""),  # "Unknown" with libindi: what is not known gives no card here
        ("FITS_OBJECT", "Object", ""),
    )),
    Form("CCD_CAPTURE_FORMAT", SWITCH, "Format", SETTINGS, "rw", ONE, 60,
         switches("INDI_RAW", ("INDI_RAW", "RAW"), ("INDI_RAW_JPEG", "RAW+JPEG"),
                  ("INDI_JPEG", "JPEG"))),  # what this driver can take
    Form("CCD_TRANSFER_FORMAT", SWITCH, "Encode", SETTINGS, "rw", ONE, 60,
         switches("FORMAT_FITS", ("FORMAT_FITS", "FITS"), ("FORMAT_NATIVE", "Native"), ("FORMAT_XISF", "XISF"))),
    Form("CCD_INFO", NUMBER, "CCD Information", INFO, "ro", None, 60, (  # read-only: the driver knows its sensors
        ("CCD_MAX_X", "Max. Width", 4256, "%.f", 1, 16000, 0),
        ("CCD_MAX_Y", "Max. Height", 2848, "%.f", 1, 16000, 0),
        ("CCD_PIXEL_SIZE", "Pixel size (um)", 8.31, "%.2f", 1, 40, 0),
        ("CCD_PIXEL_SIZE_X", "Pixel size X", 8.31, "%.2f", 1, 40, 0),
        ("CCD_PIXEL_SIZE_Y", "Pixel size Y", 8.31, "%.2f", 1, 40, 0),
        ("CCD_BITSPERPIXEL", "Bits per pixel", 16, "%.f", 8, 64, 0),
    )),
    Form("CCD_COMPRESSION", SWITCH, "Compression", SETTINGS, "rw", ONE, 60,
         switches("INDI_DISABLED", ("INDI_ENABLED", "Enabled"), ("INDI_DISABLED", "Disabled"))),
    Form("CCD1", BLOB, "Image Data", INFO, "ro", None, 60, (("CCD1", "Image", ""),)),
    Form("CCD_FRAME_TYPE", SWITCH, "Type", SETTINGS, "rw", ONE, 60,
         switches("FRAME_LIGHT", ("FRAME_LIGHT", "Light"), ("FRAME_BIAS", "Bias"), ("FRAME_DARK", "Dark"),
                  ("FRAME_FLAT", "Flat"))),
    Form("CCD_CFA", TEXT, "Bayer Info", INFO, "ro", None, 60, (  # read-only: it is what the frame really has
        ("CFA_OFFSET_X", "X Offset", "0"), ("CFA_OFFSET_Y", "Y Offset", "0"), ("CFA_TYPE", "Filter", "RGGB"))),
    Form("SCOPE_INFO", NUMBER, "Scope", OPTIONS, "rw", None, 60, (
        ("FOCAL_LENGTH", "Focal Length (mm)", 0, "%.2f", 0, 10000, 100),  # the least is 10 with libindi: lenses
        ("APERTURE", "Aperture (mm)", 0, "%.2f", 0, 3000, 100),
    )),
    Form("WCS_CONTROL", SWITCH, "WCS", "WCS", "rw", ONE, 0,
         switches("WCS_DISABLE", ("WCS_ENABLE", "Enable"), ("WCS_DISABLE", "Disable"))),
    Form("UPLOAD_MODE", SWITCH, "Upload", OPTIONS, "rw", ONE, 0,
         switches("UPLOAD_CLIENT", ("UPLOAD_CLIENT", "Client"), ("UPLOAD_LOCAL", "Local"), ("UPLOAD_BOTH", "Both"))),
    Form("UPLOAD_SETTINGS", TEXT, "Upload Settings", OPTIONS, "rw", None, 60, (
        ("UPLOAD_DIR", "Dir", HOME), ("UPLOAD_PREFIX", "Prefix", "IMAGE_XXX"))),
    Form("CCD_FAST_TOGGLE", SWITCH, "Fast Exposure", OPTIONS, "rw", ONE, 0,
         switches("INDI_DISABLED", ("INDI_ENABLED", "Enabled"), ("INDI_DISABLED", "Disabled"))),
    Form("CCD_FAST_COUNT", NUMBER, "Fast Count", OPTIONS, "rw", None, 0, (
        ("FRAMES", "Frames", 1, "%.f", 0, 100000, 1),)),
    Form("CCD_VIDEO_STREAM", SWITCH, "Video Stream", STREAMING, "rw", ONE, 0,
         switches("STREAM_OFF", ("STREAM_ON", "Stream On"), ("STREAM_OFF", "Stream Off"))),
    Form("STREAM_DELAY", NUMBER, "Video Stream Delay", STREAMING, "ro", None, 0, (
        ("STREAM_DELAY_TIME", "Delay (s)", 0, "%.3f", 0, 60, 0.001),)),
    Form("STREAMING_EXPOSURE", NUMBER, "Expose", STREAMING, "rw", None, 60, (
        ("STREAMING_EXPOSURE_VALUE", "Duration (s)", 0.03, "%.6f", 1e-06, 60, 0.1),
        ("STREAMING_DIVISOR_VALUE", "Divisor", 1, "%.f", 1, 15, 1))),
    Form("FPS", NUMBER, "FPS", STREAMING, "ro", None, 60, (
        ("EST_FPS", "Instant.", 0, "%.2f", 0, 999, 0), ("AVG_FPS", "Average (1 sec.)", 0, "%.2f", 0, 999, 0))),
    Form("RECORD_STREAM", SWITCH, "Video Record", STREAMING, "rw", ONE, 0, switches(
        "RECORD_OFF", ("RECORD_ON", "Record On"), ("RECORD_DURATION_ON", "Record (Duration)"),
        ("RECORD_FRAME_ON", "Record (Frames)"), ("RECORD_OFF", "Record Off"))),
    Form("RECORD_FILE", TEXT, "Record File", STREAMING, "rw", None, 0, (
        ("RECORD_FILE_DIR", "Dir.", f"{HOME}/indi__D_"), ("RECORD_FILE_NAME", "Name", "indi_record__T_"))),
    Form("RECORD_OPTIONS", NUMBER, "Record Options", STREAMING, "rw", None, 60, (
        ("RECORD_DURATION", "Duration (sec)", 1, "%.3f", 0.001, 999999, 0),
        ("RECORD_FRAME_TOTAL", "Frames", 30, "%.f", 1, 999999999, 1))),
    Form("CCD_STREAM_FRAME", NUMBER, "Frame", STREAMING, "rw", None, 60, (
        ("X", "Left", 0, "%.f", 0, 0, 0), ("Y", "Top", 0, "%.f", 0, 0, 0),
        ("WIDTH", "Width", 0, "%.f", 0, 0, 0), ("HEIGHT", "Height", 0, "%.f", 0, 0, 0))),
    Form("CCD_STREAM_ENCODER", SWITCH, "Encoder", STREAMING, "rw", ONE, 0,
         switches("MJPEG", ("RAW", "RAW"), ("MJPEG", "MJPEG"))),
    Form("CCD_STREAM_RECORDER", SWITCH, "Recorder", STREAMING, "rw", ONE, 0, switches("SER", ("SER", "SER"))),
    Form("LIMITS", NUMBER, "Limits", STREAMING, "rw", None, 0, (
        ("LIMITS_BUFFER_MAX", "Maximum Buffer Size (MB)", 512, "%.0f", 1, 65536, 1),
        ("LIMITS_PREVIEW_FPS", "Maximum Preview FPS", 10, "%.0f", 1, 120, 1))),
    Form("CCD_ISO", SWITCH, "ISO", SETTINGS, "rw", ONE, 60,
         switches("ISO1", ("ISO0", "100"), ("ISO1", "800"), ("ISO2", "1600"))),  # the camera's own, put in order
    Form("BATTERY", NUMBER, "Battery", INFO, "ro", None, 0, (("LEVEL", "Charge (%)", 87, "%.f", 0, 100, 0),)),
)  # fmt: skip

LEVELS = (("ERROR", "Errors"), ("WARNING", "Warnings"), ("SESSION", "Messages"), ("DEBUG", "Driver Debug"))


def levels(name: str, label: str, prefix: str) -> Form:
    elements = tuple((f"{prefix}_{key}", text, "Off" if key == "DEBUG" else "On") for key, text in LEVELS)
    return Form(name, SWITCH, label, OPTIONS, "rw", "AnyOfMany", 0, elements)


DEBUGGING = (
    levels("DEBUG_LEVEL", "Debug Levels", "DBG"),
    levels("LOGGING_LEVEL", "Logging Levels", "LOG"),
    Form("LOG_OUTPUT", SWITCH, "Log Output", OPTIONS, "rw", "AnyOfMany", 0,
         switches("CLIENT_DEBUG", ("CLIENT_DEBUG", "To Client"), ("FILE_DEBUG", "To Log File"))),
)  # fmt: skip
ROTATION = Form("CCD_ROTATION", NUMBER, "CCD FOV", "WCS", "rw", None, 60, (
    ("CCD_ROTATION_VALUE", "Rotation", 0, "%g", -360, 360, 1),))  # fmt: skip
TEMPERATURE = Form("CCD_TEMPERATURE", NUMBER, "Temperature", MAIN, "ro", None, 60, (  # nothing cools it
    ("CCD_TEMPERATURE_VALUE", "Temperature (C)", 21, "%5.2f", -50, 50, 0),))  # fmt: skip
FILE_PATH = Form("CCD_FILE_PATH", TEXT, "Filename", INFO, "ro", None, 60, (("FILE_PATH", "Path", ""),))

OWN = {
    "CAMERA_BINDING", "PROTOCOL", "SHUTTER_POLICY", "FRAME_AREA", "COMPANIONS", "CAMERA_INFO", "CAMERA_SETTINGS",
    "BATTERY_LIMIT", "BINNING_MODE", "SAVE_DESTINATION", "CCD_EXPOSURE_PRESETS", "NETWORK_CAMERA", "NETWORK_SEARCH",
    "ISO_CONTROL", "CCD_GAIN", "RETAKES", "NIGHT_SETUP", "PREVIEW", "FRAME_MEASURES",
    "CCD_STREAM", "STREAM_BLOB", "FOCUS_MAGNIFIER", "FOCUS_MAGNIFIER_POSITION",
    *(row.name for row in (*FURTHER, *FOCUSER)),
}  # fmt: skip
"""What only this driver has, and what a camera without its lists has not; docs/DRIVER.md describes them."""


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig({"HOME": HOME})
    yield made
    made.close()


def arrived(element: Element) -> Form:
    """A definition as a row of the table."""
    parts = []
    for e in element:
        part: tuple[str | float, ...] = (e.attrib["name"], e.attrib["label"])
        value = (e.text or "").strip()
        if element.tag == NUMBER:
            limits = tuple(float(e.attrib[key]) for key in ("min", "max", "step"))
            part = (*part, float(value), e.attrib["format"], *limits)
        else:
            part = (*part, value)
        parts.append(part)
    a = element.attrib
    return Form(a["name"], element.tag, a["label"], a["group"], a["perm"], a.get("rule"), float(a["timeout"]),
                tuple(parts))  # fmt: skip


def definitions(rig: Rig) -> list[Form]:
    return [arrived(e) for e in rig.said if e.tag.startswith("def")]


def compare(found: list[Form], wanted: tuple[Form, ...]) -> None:
    """Those of the table, in its order; the driver's own may stand between them."""
    for form, other in zip([form for form in found if form.name not in OWN], wanted, strict=True):
        assert form == other


def test_before_the_connection(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    compare(definitions(rig), ALWAYS)
    assert all(e.attrib["state"] == "Idle" for e in rig.said if e.tag.startswith("def"))


def test_the_connection_brings_the_cameras_vectors(rig: Rig) -> None:
    rig.connect()
    compare(definitions(rig), ALWAYS + CONNECTED)


def test_what_comes_later_has_its_form_too(rig: Rig) -> None:
    rig.connect()
    rig.expose()
    rig.hand.start()
    rig.forget()
    rig.hand.frame(facts=FileFacts("ILCE-7SM3", camera_temperature_c=21.0))
    rig.new("Switch", "WCS_CONTROL", WCS_ENABLE="On")
    compare(definitions(rig), (TEMPERATURE, ROTATION))


def test_every_definition_carries_all_attributes_in_libindis_order(rig: Rig) -> None:
    rig.connect()
    for element in rig.said:
        if element.tag.startswith("def"):
            rule = ["rule"] if element.tag == SWITCH else []
            start = ["device", "name", "label", "group", "state", "perm", *rule, "timeout", "timestamp"]
            assert list(element.attrib) == start and element.attrib["device"] == DEVICE


def test_debug_brings_its_vectors_and_takes_them_back(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.forget()
    rig.new("Switch", "DEBUG", ENABLE="On")
    compare(definitions(rig), DEBUGGING)
    assert rig.messages() == ["[INFO] Debug is enabled."]
    assert rig.said[-1].attrib == rig.said[-1].attrib | {"name": "DEBUG", "state": "Ok"}
    rig.forget()
    rig.new("Switch", "DEBUG", DISABLE="On")
    assert rig.messages() == ["[INFO] Debug is disabled."]
    assert [name for tag, name in rig.tags() if tag == "delProperty"] == [form.name for form in DEBUGGING]


@pytest.mark.parametrize(("element", "text"), [("UPLOAD_LOCAL", "local only"), ("UPLOAD_BOTH", "client and local")])
def test_an_upload_to_files_brings_the_path_and_one_to_the_client_takes_it_back(
    rig: Rig, element: str, text: str
) -> None:
    rig.connect()
    rig.forget()
    rig.new("Switch", "UPLOAD_MODE", **{element: "On"})
    compare(definitions(rig), (FILE_PATH,))
    assert rig.messages() == [f"[INFO] Upload settings set to {text}."]
    assert rig.tags()[-1] == ("setSwitchVector", "UPLOAD_MODE")
    assert rig.switch_states("UPLOAD_MODE") == [("Ok", element)]
    rig.forget()
    rig.new("Switch", "UPLOAD_MODE", UPLOAD_CLIENT="On")
    assert ("delProperty", "CCD_FILE_PATH") in rig.tags()
    assert rig.messages() == ["[INFO] Upload settings set to client only."]


def test_the_upload_mode_outlives_the_connection_and_brings_the_path_again(rig: Rig) -> None:
    rig.connect()
    rig.new("Switch", "UPLOAD_MODE", UPLOAD_LOCAL="On")
    rig.forget()
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    assert ("delProperty", "CCD_FILE_PATH") in rig.tags()
    rig.forget()
    rig.connect()
    assert ("defTextVector", "CCD_FILE_PATH") in rig.tags()


def test_a_disconnect_takes_back_what_the_connection_brought_one_by_one_and_in_order(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    before = len(definitions(rig))
    rig.connect()
    brought = [form.name for form in definitions(rig)][2 * before :]
    assert "CCD_EXPOSURE" in brought
    rig.forget()
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    assert rig.tags() == [("setSwitchVector", "CONNECTION"), *(("delProperty", name) for name in brought)]


def test_each_client_that_comes_gets_everything_once(rig: Rig) -> None:
    rig.connect()
    first = [form.name for form in definitions(rig)]
    rig.forget()
    rig.client("<getProperties version='1.7'/>")
    again = [form.name for form in definitions(rig)]
    assert len(again) == len(set(again)) and set(again) == set(first)
    rig.forget()
    rig.client(f"<getProperties version='1.7' device='{DEVICE}' name='CCD_INFO'/>")
    assert rig.tags() == [("defNumberVector", "CCD_INFO")]
    rig.forget()
    for wish in (f"device='{DEVICE}' name='CCD_COOLER'", "device='Telescope Simulator'", f"device='{DEVICE}' name='C'"):
        rig.client(f"<getProperties version='1.7' {wish}/>")
    assert rig.said == []


def test_what_a_frame_showed_is_there_from_the_first_look_on(rig: Rig) -> None:
    hand = rig.connect()
    assert not rig.device.board.shows("FRAME_MEASURES")
    rig.new("Switch", "PREVIEW", MEASURE="On")
    rig.expose()
    assert hand.request.look == "measure"
    hand.say(Looked(1767387784001, text="too little memory"))
    assert not rig.device.board.shows("FRAME_MEASURES")
    bins = ((0,) * 64,) * 3
    hand.say(Looked(1767387784001, Glance(4000, 3000, 120, 2.345, (600, 622, 578), 512, 16383, 7, bins)))
    names = ("FRAME", "STARS", "HFR", "BACKGROUND", "SATURATED")
    told = {name: rig.device.board["FRAME_MEASURES"].number(name) for name in names}
    assert told == {"FRAME": 1767387784001, "STARS": 120, "HFR": 2.345, "BACKGROUND": 110, "SATURATED": 7}
    assert "1767387784001" in [(e.text or "").strip() for said in rig.said for e in said]
    hand.say(Looked(1767387784002, Glance(4000, 3000, None, None, (512, 511, 512), 512, 16383, 0, bins)))
    board = rig.device.board["FRAME_MEASURES"]
    assert (board.number("STARS"), board.number("HFR"), board.number("BACKGROUND")) == (-1, 0, -1)
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    rig.connect()
    assert not rig.device.board.shows("FRAME_MEASURES")


def test_a_camera_without_battery_and_iso_lists_shows_neither(rig: Rig) -> None:
    hand = rig.connect()
    hand.say(SettingsReport((SettingView("iso", 800, "800"), SettingView("drive", 1, "single"))))
    assert not {"CCD_ISO", "BATTERY"} & set(rig.device.board.shown)


def test_an_iso_list_that_changes_is_defined_anew_in_its_order(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    options = (Choice(0xFFFFFF, "AUTO"), Choice(12800, "12800"), Choice(50, "50"))
    hand.say(SettingsReport((SettingView("iso", 50, "50", options, True),)))
    (form,) = [form for form in definitions(rig) if form.name == "CCD_ISO"]
    assert form.elements == switches("ISO0", ("ISO0", "50"), ("ISO1", "12800"), ("ISO2", "AUTO"))
    assert rig.place("delProperty", "CCD_ISO") < rig.place("defSwitchVector", "CCD_ISO")


# --- the table itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_each_row_is_whole(row: Row) -> None:
    vector = row.vector
    assert vector.label and vector.group and all(e.label for e in vector.elements)
    assert set(row.values) <= {e.name for e in vector.elements}
    if vector.perm is not Permission.READ_ONLY:
        assert row.write is not None
    else:
        assert row.write in (None, Write.TRUTH, Write.SENSOR) and not row.saved
    assert not (row.early or row.autosave) or row.saved
    assert row.shown is Shown.CONNECTED or row.feed is None
    assert row_of(vector.name) is row


def test_names_are_unique_and_no_other_number_pretends_to_be_a_gain() -> None:
    names = [row.name for row in TABLE]
    assert len(names) == len(set(names)) and set(names) >= FIRST_ONLY
    for row in TABLE:
        if row.vector.kind is Kind.NUMBER and row.name != "CCD_GAIN":
            words = {row.vector.label, *(e.name for e in row.vector.elements), *(e.label for e in row.vector.elements)}
            assert not {word.lower() for word in words} & {"gain", "offset"}


def test_what_only_this_driver_has_is_all_that_is_beside_the_table() -> None:
    known = {form.name for form in (*ALWAYS, *CONNECTED, *DEBUGGING, FILE_PATH, ROTATION, TEMPERATURE)}
    assert {row.name for row in TABLE} == known | OWN
