"""Sony's codes: operations, properties, controls, events, responses and object handles.

- The enums hold what the driver itself uses; importing this module reads no file.
- Everything else that is known stands in `protocol.toml`, loaded on first use by `table()`: each row names its
  sources. `name_of`, `value_label` and `property_row` are for logs, for the simulated camera and for reports.
- A code that no table knows is not an error: it keeps its hexadecimal name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from functools import cache
from pathlib import Path
from typing import Any

from indi_sony_py.ptp.data import DataType
from indi_sony_py.sony.snapshot import Version

__all__ = [
    "HANDLE_IMAGE",
    "HANDLE_LIVE_VIEW",
    "NEEDED_OPERATIONS",
    "VENDOR_ID",
    "CodeTable",
    "ControlKind",
    "ControlRow",
    "Ctl",
    "Ev",
    "Op",
    "Prop",
    "PropertyRow",
    "Resp",
    "Row",
    "Write",
    "control_row",
    "name_of",
    "property_row",
    "table",
    "value_label",
]

VENDOR_ID = 0x054C
"""Sony's USB vendor id."""

HANDLE_IMAGE = 0xFFFFC001
"""The oldest image that waits in the camera; reading it removes it. Only while bit 15 of 0xD215 is set."""

HANDLE_LIVE_VIEW = 0xFFFFC002
"""The newest live view frame."""


class Op(IntEnum):
    """Sony's operations (0x9201 to 0x9251). The standard's are in `ptp.codes.Operation`."""

    CONNECT = 0x9201
    GET_EXT_DEVICE_INFO = 0x9202
    GET_PROPERTY_DESC_OLD = 0x9203
    GET_PROPERTY_VALUE_OLD = 0x9204
    SET_PROPERTY = 0x9205
    CONTROL = 0x9207
    GET_ALL_PROPERTIES = 0x9209
    OPEN_SESSION_WITH_MODE = 0x9210
    GET_PARTIAL_LARGE_OBJECT = 0x9211
    SET_CONTENT_TRANSFER = 0x9212
    GET_VENDOR_CODE_VERSION = 0x9216
    GET_OPERATION_RESULTS = 0x922F
    GET_ONE_PROPERTY = 0x9251
    WIFI_CONTROL = 0x9280
    WIFI_STATUS = 0x9281


NEEDED_OPERATIONS = frozenset({Op.CONNECT, Op.GET_EXT_DEVICE_INFO, Op.SET_PROPERTY, Op.CONTROL, Op.GET_ALL_PROPERTIES})
"""DeviceInfo must list these, or the body (or its USB mode) cannot be controlled."""


class Prop(IntEnum):
    """The properties that the driver reads or writes."""

    FILE_FORMAT_200 = 0x5004
    WHITE_BALANCE = 0x5005
    F_NUMBER = 0x5007
    FOCUS_MODE = 0x500A
    METERING = 0x500B
    FLASH_MODE = 0x500C
    PROGRAM = 0x500E
    EXPOSURE_COMPENSATION = 0x5010
    DRIVE = 0x5013
    FIRMWARE = 0xD040
    DISPLAY = 0xD048
    AUTO_OFF_TEMPERATURE = 0xD049
    LENS_NAME = 0xD07B
    OPERATING_MODE = 0xD0BC
    STEADY_SHOT = 0xD0D9
    SILENT = 0xD0DB
    SHUTTER_TYPE = 0xD0DF
    FLICKER_LESS = 0xD133
    USB_POWER = 0xD150
    LONG_EXPOSURE_NR = 0xD15B
    HIGH_ISO_NR = 0xD15C
    COLOR_SPACE = 0xD15E
    RECORDING_MEDIA = 0xD15F
    FRONT_CURTAIN = 0xD170
    AUTO_REVIEW = 0xD17D
    AUDIO_SIGNALS = 0xD17E
    SHUTTER_SPEED_EXTENDED = 0xD19F
    LENS_SHADING = 0xD1A2
    LENS_CHROMATIC = 0xD1A3
    LENS_DISTORTION = 0xD1A4
    RELEASE_WITHOUT_LENS = 0xD1A7
    RELEASE_WITHOUT_CARD = 0xD1A8
    FOCUS_BY_SHUTTER = 0xD1AD
    PRE_FOCUS = 0xD1AF
    SELF_TIMER = 0xD1B4
    APSC_CROP = 0xD1C7
    FLASH_COMPENSATION = 0xD200
    DYNAMIC_RANGE = 0xD201
    IMAGE_SIZE = 0xD203
    BATTERY_TOTAL = 0xD204
    SHUTTER_SPEED = 0xD20D
    BATTERY_LEVEL = 0xD20E
    COLOR_TEMPERATURE = 0xD20F
    ASPECT_RATIO = 0xD211
    FOCUS_INDICATION = 0xD213
    OBJECTS_IN_MEMORY = 0xD215
    BATTERY = 0xD218
    SENSOR_CROP = 0xD219
    PICTURE_EFFECT = 0xD21B
    MOVIE_STATE = 0xD21D
    ISO = 0xD21E
    LIVE_VIEW = 0xD221
    SAVE_DESTINATION = 0xD222
    COMPENSATION_DIRECT = 0xD224
    ISO_DIRECT = 0xD226
    SHUTTER_DIRECT = 0xD229
    FOCUS_AREA = 0xD22C
    LIVE_VIEW_EFFECT = 0xD231
    NEAR_FAR = 0xD235
    PICTURE_PROFILE = 0xD23F
    CREATIVE_STYLE = 0xD240
    SLOT1 = 0xD248
    FOCAL_POSITION = 0xD24C
    INTERVAL = 0xD24F
    OVERHEAT = 0xD251
    JPEG_QUALITY = 0xD252
    FILE_FORMAT_300 = 0xD253
    FOCUS_MAGNIFIER = 0xD254
    SLOT2 = 0xD256
    PRIORITY = 0xD25A
    TRANS_SIZE = 0xD268
    RAW_JPEG_SAVE = 0xD269
    RAW_TYPE = 0xD288
    BULB_TIMER = 0xD2A4
    BULB_TIME = 0xD2A5


class Ctl(IntEnum):
    """Buttons and steps, written through 0x9207. In 2.00 the notched settings are controls with their own codes."""

    F_NUMBER = 0x5007
    EXPOSURE_COMPENSATION = 0x5010
    SHUTTER_SPEED = 0xD20D
    ISO = 0xD21E
    HALF_PRESS = 0xD2C1
    FULL_PRESS = 0xD2C2
    AE_LOCK = 0xD2C3
    ONE_SHOT = 0xD2C7
    MOVIE = 0xD2C8
    MAGNIFIER = 0xD2CB
    MAGNIFIER_CANCEL = 0xD2CC
    FOCUS_STEP = 0xD2D1
    FOCUS_HOLD = 0xD2D2
    HALF_AND_FULL_PRESS = 0xD2E6
    POWER_OFF = 0xD301


class Ev(IntEnum):
    """Events; hints only, for bodies lose them, send them early, or stop."""

    OBJECT_ADDED = 0xC201
    OBJECT_REMOVED = 0xC202
    PROPERTY_CHANGED = 0xC203
    CAPTURED = 0xC206
    OPERATION_RESULT = 0xC222
    FOCUS_STATUS = 0xC223
    CAUTION = 0xC228


class Resp(IntEnum):
    """Sony's own responses. The standard's are in `ptp.codes.Response`."""

    AUTHENTICATION_FAILED = 0xA101
    TEMPORARY_STORAGE_FULL = 0xA105
    CAMERA_STATUS_ERROR = 0xA106


class Write(Enum):
    """How a property is changed."""

    VALUE = "value"
    """The value itself through 0x9205."""
    NOTCH = "notch"
    """A signed step through 0x9207."""
    READ_ONLY = "read"
    UNKNOWN = "unknown"


class ControlKind(Enum):
    """Sony's four kinds of controls."""

    BUTTON = "button"
    NOTCH = "notch"
    LOCK = "lock"
    VARIABLE = "variable"


@dataclass(frozen=True, slots=True)
class Row:
    """What is common to every row: name, protocol versions, a short note, and the sources as `sources` names them."""

    code: int
    name: str
    versions: frozenset[Version] = frozenset()
    note: str = ""
    src: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PropertyRow(Row):
    """A device property. `only` and `never` name bodies by Sony's tables for 3.00 (both empty: all of them)."""

    type: DataType = DataType.UINT8
    type_200: DataType = DataType.UINT8
    write: Mapping[Version, Write] = field(default_factory=dict)
    values: Mapping[int, str] = field(default_factory=dict)
    low_half: bool = False
    unit: str = ""
    only: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()

    def type_for(self, version: Version) -> DataType:
        return self.type_200 if version is Version.V200 else self.type

    def label(self, value: int) -> str | None:
        """The name of `value`. Types with a group in the high half (`low_half`) are found by the 2.00 number too."""
        found = self.values.get(value)
        if found is None and self.low_half and 0 <= value <= 0xFFFF:
            found = next((name for number, name in self.values.items() if number & 0xFFFF == value), None)
        return found

    def for_body(self, model: str) -> bool:
        """Whether Sony's 3.00 table gives this property to `model`."""
        return model in self.only if self.only else model not in self.never


@dataclass(frozen=True, slots=True)
class ControlRow(Row):
    """A control: `type` of the value that 0x9207 carries, and the range of steps if it has one."""

    type: DataType = DataType.UINT16
    kind: ControlKind = ControlKind.BUTTON
    values: Mapping[int, str] = field(default_factory=dict)
    range: tuple[int, int, int] | None = None
    only: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()

    def for_body(self, model: str) -> bool:
        """Whether Sony's 3.00 table gives this control to `model`."""
        return model in self.only if self.only else model not in self.never


@dataclass(frozen=True, slots=True)
class CodeTable:
    """`protocol.toml` as read-only rows by code. `sources`: what the short names in `src` stand for."""

    operations: Mapping[int, Row]
    properties: Mapping[int, PropertyRow]
    controls: Mapping[int, ControlRow]
    events: Mapping[int, Row]
    responses: Mapping[int, Row]
    sources: Mapping[str, str]


_VERSIONS = {"2": frozenset({Version.V200}), "3": frozenset({Version.V300}), "23": frozenset(Version)}


def _common(code: str, row: Mapping[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
    src = tuple(str(row["src"]).split())
    unknown = [tag for tag in src if tag.partition(":")[0] not in sources]
    if not src or unknown:
        raise ValueError(f"{code}: sources {unknown or 'missing'}")
    return {
        "code": int(code, 16),
        "name": str(row["name"]),
        "versions": _VERSIONS[str(row.get("v", "23"))],
        "note": str(row.get("note", "")),
        "src": src,
    }


def _values(row: Mapping[str, Any]) -> dict[int, str]:
    return {int(number, 16): str(name) for number, name in row.get("values", {}).items()}


def _bodies(row: Mapping[str, Any], key: str, lists: Mapping[str, list[str]]) -> frozenset[str]:
    name = row.get(key)
    return frozenset(lists[name]) if name else frozenset()


def _property(code: str, row: Mapping[str, Any], raw: Mapping[str, Any]) -> PropertyRow:
    kind = DataType[row["type"]]
    write = {version: Write(row[key]) for version, key in ((Version.V200, "w2"), (Version.V300, "w3")) if key in row}
    return PropertyRow(
        **_common(code, row, raw["sources"]),
        type=kind,
        type_200=DataType[row["type2"]] if "type2" in row else kind,
        write=write,
        values=_values(row),
        low_half="type2" in row,
        unit=str(row.get("unit", "")),
        only=_bodies(row, "only", raw["bodies"]),
        never=_bodies(row, "never", raw["bodies"]),
    )


def _control(code: str, row: Mapping[str, Any], raw: Mapping[str, Any]) -> ControlRow:
    steps = row.get("range")
    return ControlRow(
        **_common(code, row, raw["sources"]),
        type=DataType[row["type"]],
        kind=ControlKind(row["kind"]),
        values=_values(row),
        range=(steps[0], steps[1], steps[2]) if steps else None,
        only=_bodies(row, "only", raw["bodies"]),
        never=_bodies(row, "never", raw["bodies"]),
    )


@cache
def table() -> CodeTable:
    """The whole table, read once. A row that is not well formed is a `ValueError` or `KeyError`: our own mistake."""
    # here, because most who import the codes never read the table, and this costs more than all else in it
    import tomllib

    raw = tomllib.loads(Path(__file__).with_name("protocol.toml").read_text("utf-8"))
    sources: Mapping[str, str] = raw["sources"]
    return CodeTable(
        {int(c, 16): Row(**_common(c, r, sources)) for c, r in raw["operations"].items()},
        {int(c, 16): _property(c, r, raw) for c, r in raw["properties"].items()},
        {int(c, 16): _control(c, r, raw) for c, r in raw["controls"].items()},
        {int(c, 16): Row(**_common(c, r, sources)) for c, r in raw["events"].items()},
        {int(c, 16): Row(**_common(c, r, sources)) for c, r in raw["responses"].items()},
        sources,
    )


def property_row(code: int) -> PropertyRow | None:
    """The table's row of a property."""
    return table().properties.get(code)


def control_row(code: int) -> ControlRow | None:
    """The table's row of a control."""
    return table().controls.get(code)


def name_of(code: int) -> str:
    """A name for logs, with the code: `ISO Sensitivity (0xD21E)`; the bare code if nobody knows it."""
    known = table()
    for rows in (known.properties, known.controls, known.operations, known.events, known.responses):
        row: Row | None = rows.get(code)
        if row is not None:
            return f"{row.name} (0x{code:04X})"
    return f"0x{code:04X}"


def value_label(code: int, value: int) -> str:
    """The name of a property's value for logs; the number itself if it has none."""
    row = property_row(code) or control_row(code)
    if isinstance(row, PropertyRow):
        return row.label(value) or str(value)
    return row.values.get(value, str(value)) if row else str(value)
