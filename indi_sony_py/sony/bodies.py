"""What each body is: the rows of `bodies.toml`, read once, on first use.

- No code asks for a model by name: it asks the row. A model that has no row gets the generic one (`known` False).
- A body's row is read alone, the whole table only by who asks for all of it.
- Every row is checked when it is read (`check_table`): a fact without a source, an unknown key, or two bodies
  that claim the same USB id in the same mode without being marked `shared`, is a `ValueError`.
- `assumed` names the facts that no source gives for this body.
- The size of a frame is the visible area of the row by default (`visible`); the official crop is `crop`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from indi_sony_py.sony.snapshot import Version
from indi_sony_py.sony.values import STANDARD_SHUTTERS_S, Iso, decode_iso

__all__ = [
    "GENERIC",
    "Body",
    "Control",
    "Geometry",
    "GeometryKind",
    "Quirk",
    "RawFormat",
    "StarEater",
    "UsbId",
    "UsbMatch",
    "UsbMode",
    "all_bodies",
    "body",
    "by_usb_id",
    "check_table",
    "sources",
]

Size = tuple[int, int]
"""Columns and rows, in pixels."""


class Control(Enum):
    """Whether the body can be driven over USB."""

    REMOTE = "remote"
    PRE_200 = "pre_200"
    NONE = "none"
    UNKNOWN = "unknown"


class UsbMode(Enum):
    """What the product id says about the menu item "USB Connection"."""

    REMOTE = "remote"
    MTP = "mtp"
    MASS_STORAGE = "mass_storage"
    OTHER = "other"


class GeometryKind(Enum):
    FULL = "full"
    FULL_TILED = "full_tiled"
    APSC = "apsc"
    APSC_TILED = "apsc_tiled"
    MEDIUM = "medium"
    SMALL = "small"


class RawFormat(Enum):
    """The kinds of RAW file that a body can write; M and S sizes are no mosaics and are not named here."""

    COMPRESSED = "compressed"
    UNCOMPRESSED = "uncompressed"
    LOSSLESS = "lossless"
    COMPRESSED_2 = "compressed_2"


@dataclass(frozen=True, slots=True)
class UsbId:
    """One product id. `shared`: other bodies use it too, so it does not name the model."""

    mode: UsbMode
    pid: int
    src: str
    shared: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Stored buffer and visible area of one kind of RAW; 0 where it is not known. Origin at the top left."""

    kind: GeometryKind
    raw: Size
    visible: Size
    src: str

    @property
    def complete(self) -> bool:
        return 0 not in self.raw and 0 not in self.visible


@dataclass(frozen=True, slots=True)
class StarEater:
    """A filter that softens stars: in bulb, and in timed exposures from `timed_from_s` seconds on (None: not there).

    `timed_since`: the firmware that brought the latter, as far as known.
    """

    bulb: bool
    timed_from_s: float | None = None
    timed_since: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Quirk:
    text: str
    src: str


@dataclass(frozen=True)
class Body:
    """One body. Sizes in pixels, times in seconds, levels in 14-bit units. 0 or None: not known."""

    model: str
    names: tuple[str, ...] = ()
    sensor: str = ""
    mount: str = ""
    family: str = "unknown"
    control: Control = Control.UNKNOWN
    exif_id: int = 0
    versions: tuple[Version, ...] = ()
    usb: tuple[UsbId, ...] = ()
    geometry: tuple[Geometry, ...] = ()
    crop: Size | None = None
    pixel_um: float = 0.0
    cfa: str = "RGGB"
    black: int = 512
    white: int = 16383
    bits: int = 14
    raw_formats: tuple[RawFormat, ...] = ()
    uncompressed_since: str = ""
    bulb: bool | None = None
    bulb_min_s: float = 1.0
    bulb_timer: bool = False
    shutters: tuple[Fraction, ...] = ()
    isos: tuple[int, ...] = ()
    buttons_rest: int | None = None
    warmup_s: float = 0.0
    notch_s: float = 0.1
    focus_failed_is_focused: bool = False
    star_eater: StarEater | None = None
    live_view: bool | None = None
    live_view_alone: bool = False
    own_dark_fixed: bool = False
    quirks: tuple[Quirk, ...] = ()
    dumps: tuple[str, ...] = ()
    src: Mapping[str, str] = field(default_factory=dict)
    known: bool = True

    def __hash__(self) -> int:
        return hash(self.model)

    @property
    def name(self) -> str:
        """The name on the body, such as "A7 III"; the model if it has none."""
        return self.names[0] if self.names else self.model

    @property
    def controllable(self) -> bool | None:
        """Whether PC Remote as this driver speaks it exists; None: not known, so try."""
        match self.control:
            case Control.REMOTE:
                return True
            case Control.UNKNOWN:
                return None
            case Control.NONE | Control.PRE_200:
                return False

    @property
    def assumed(self) -> frozenset[str]:
        """The facts of this row that no source gives for this very body."""
        return frozenset(fact for fact, src in self.src.items() if src.startswith(("assumed", "family")))

    def geometry_of(self, kind: GeometryKind) -> Geometry | None:
        return next((g for g in self.geometry if g.kind is kind), None)

    @property
    def visible(self) -> Size | None:
        """The one frame size of this body whatever the RAW type: the visible area of its full-size row."""
        for kind in (GeometryKind.FULL, GeometryKind.FULL_TILED):
            found = self.geometry_of(kind)
            if found is not None and 0 not in found.visible:
                return found.visible
        return None

    @property
    def iso_settings(self) -> tuple[Iso, ...]:
        """The ISO list of the row, decoded; empty if it is not known."""
        return tuple(iso for iso in map(decode_iso, self.isos) if iso is not None)

    @property
    def shutters_known(self) -> bool:
        return "shutters" in self.src and "shutters" not in self.assumed

    @property
    def has_apsc(self) -> bool:
        """Whether an APS-C crop makes a frame size of its own."""
        return self.sensor == "FF"


@dataclass(frozen=True, slots=True)
class UsbMatch:
    """The bodies that use a product id, and the mode that it stands for. Several bodies: the id names none of them."""

    bodies: tuple[Body, ...]
    mode: UsbMode


_BODY_KEYS = frozenset(
    {
        *("names", "sensor", "mount", "family", "control", "exif_id", "versions", "usb"),
        *("geometry", "crop", "pixel_um", "cfa", "black", "white", "bits", "raw"),
        *("uncompressed_since", "bulb", "bulb_min_s", "bulb_timer", "shutters", "iso", "buttons_rest"),
        *("warmup_s", "notch_s", "focus_failed_is_focused", "star_eater", "live_view", "live_view_alone"),
        "own_dark_fixed",
        *("quirks", "dumps", "src"),
    }
)
_TOP_KEYS = frozenset({"schema", "sources", "defaults", "family", "body"})
_ASIDE = frozenset({"usb", "geometry", "quirks", "names", "dumps", "sensor", "mount", "src"})
_FACT_OF = {"black": "levels", "white": "levels", "iso": "iso"}


def _seconds(text: str) -> Fraction:
    return Fraction(text).limit_denominator(100_000)


def _shutters(row: Mapping[str, Any]) -> tuple[Fraction, ...]:
    first = STANDARD_SHUTTERS_S.index(_seconds(row["slowest"]))
    last = STANDARD_SHUTTERS_S.index(_seconds(row["fastest"]))
    return STANDARD_SHUTTERS_S[first : last + 1] + tuple(_seconds(text) for text in row.get("more", ()))


def _size(pair: list[int]) -> Size:
    columns, rows = pair
    if columns < 0 or rows < 0:
        raise ValueError(f"{pair} is not a size")
    return columns, rows


def _row(model: str, row: Mapping[str, Any], defaults: Mapping[str, Any]) -> Body:
    src = dict(row.get("src", {}))
    for fact in ("bulb_min_s", "warmup_s", "notch_s", "shutters"):
        src.setdefault(fact, defaults["src"][fact])
    eater = row.get("star_eater")
    crop = row.get("crop")
    return Body(
        model=model,
        names=tuple(row["names"]),
        sensor=row["sensor"],
        mount=row["mount"],
        family=row["family"],
        control=Control(row["control"]),
        exif_id=row.get("exif_id", 0),
        versions=tuple(v for v in Version if v.label in row.get("versions", ())),
        usb=tuple(
            UsbId(UsbMode(u["mode"]), u["pid"], u["src"], u.get("shared", False), u.get("note", ""))
            for u in row.get("usb", ())
        ),
        geometry=tuple(
            Geometry(GeometryKind(g["kind"]), _size(g["raw"]), _size(g["visible"]), g["src"])
            for g in row.get("geometry", ())
        ),
        crop=_size(crop) if crop else None,
        pixel_um=row.get("pixel_um", 0.0),
        cfa=row.get("cfa", "RGGB"),
        black=row.get("black", 512),
        white=row.get("white", 16383),
        bits=row.get("bits", 14),
        raw_formats=tuple(map(RawFormat, row.get("raw", ()))),
        uncompressed_since=row.get("uncompressed_since", ""),
        bulb=row.get("bulb"),
        bulb_min_s=row.get("bulb_min_s", defaults["bulb_min_s"]),
        bulb_timer=row.get("bulb_timer", False),
        shutters=_shutters(row.get("shutters", defaults["shutters"])),
        isos=tuple(row.get("iso", ())),
        buttons_rest=row.get("buttons_rest"),
        warmup_s=row.get("warmup_s", defaults["warmup_s"]),
        notch_s=row.get("notch_s", defaults["notch_s"]),
        focus_failed_is_focused=row.get("focus_failed_is_focused", False),
        star_eater=StarEater(**eater) if eater else None,
        live_view=row.get("live_view"),
        live_view_alone=row.get("live_view_alone", False),
        own_dark_fixed=row.get("own_dark_fixed", False),
        quirks=tuple(Quirk(x["text"], x["src"]) for x in row.get("quirks", ())),
        dumps=tuple(row.get("dumps", ())),
        src=src,
    )


def _check_src(where: str, text: str, known: Mapping[str, str]) -> None:
    first = text.replace(",", " ").replace(":", " ").split()
    if not first or first[0] not in known:
        raise ValueError(f"{where}: {text!r} names no source")


def check_table(raw: Mapping[str, Any]) -> dict[str, Body]:
    """Read and check the whole table. `ValueError` (or `KeyError`) names the row and what is wrong with it."""
    if set(raw) - _TOP_KEYS:
        raise ValueError(f"unknown tables {sorted(set(raw) - _TOP_KEYS)}")
    known: Mapping[str, str] = raw["sources"]
    rows: dict[str, Body] = {}
    claimed: dict[tuple[int, UsbMode], str] = {}
    for model, row in raw["body"].items():
        if set(row) - _BODY_KEYS:
            raise ValueError(f"{model}: unknown keys {sorted(set(row) - _BODY_KEYS)}")
        if row["family"] not in raw["family"]:
            raise ValueError(f"{model}: no family {row['family']}")
        found = _row(model, row, raw["defaults"])
        for fact, text in found.src.items():
            _check_src(f"{model} {fact}", text, known)
        for text in (*(u.src for u in found.usb), *(g.src for g in found.geometry), *(q.src for q in found.quirks)):
            _check_src(model, text, known)
        for key in set(row) - _ASIDE - {"control", "family", "focus_failed_is_focused"}:
            if _FACT_OF.get(key, key) not in row.get("src", {}):
                raise ValueError(f"{model}: {key} has no source")
        if found.control is Control.REMOTE and not found.versions:
            raise ValueError(f"{model}: a remote mode without a protocol version")
        for usb in found.usb:
            other = claimed.setdefault((usb.pid, usb.mode), model)
            if other != model and not usb.shared:
                raise ValueError(f"{model}: 0x{usb.pid:04X} ({usb.mode.value}) is {other}'s")
        if len({(u.pid, u.mode) for u in found.usb}) != len(found.usb):
            raise ValueError(f"{model}: a USB id stands twice")
        rows[model] = found
    return rows


def _read(text: str) -> Mapping[str, Any]:
    # here, because a start without a camera never reads the table
    import tomllib

    return tomllib.loads(text)


def _text() -> str:
    return Path(__file__).with_name("bodies.toml").read_text("utf-8")


@cache
def _raw() -> Mapping[str, Any]:
    return _read(_text())


@cache
def _table() -> Mapping[str, Body]:
    return check_table(_raw())


@cache
def _alone(model: str) -> Body | None:
    """One row, read without the others: most programs meet one body, and the whole table takes 2 MB of memory."""
    head, *rows = re.split(r"^(?=\[body\.)", _text(), flags=re.MULTILINE)
    row = next((row for row in rows if row.startswith(f"[body.{model}]\n")), None)
    return None if row is None else check_table(_read(head + row))[model]


@cache
def sources() -> Mapping[str, str]:
    """What the short names in `src` stand for."""
    return dict(_raw()["sources"])


GENERIC = Body(
    model="",
    shutters=tuple(s for s in STANDARD_SHUTTERS_S if s >= Fraction(1, 4000)),
    warmup_s=3.0,
    src={"shutters": "assumed"},
    known=False,
)
"""What is assumed of a body without a row: the standard ladder to 1/4000 s and the longest warm-up, nothing else."""


def body(model: str) -> Body:
    """The row of a model as the camera spells it in DeviceInfo; blanks around the hyphen are forgiven.

    A model without a row gives `GENERIC` under its own name.
    """
    key = model.replace(" - ", "-").replace(" -", "-").replace("- ", "-").strip()
    found = _alone(key)
    return found if found is not None else replace(GENERIC, model=model)


def all_bodies() -> tuple[Body, ...]:
    """Every row, in the order of the table."""
    return tuple(_table().values())


def by_usb_id(vendor: int, product: int) -> UsbMatch | None:
    """Which bodies use this USB id, and in which mode. None for an id that no row has: then ask the camera."""
    if vendor != 0x054C:
        return None
    found = [(b, u.mode) for b in all_bodies() for u in b.usb if u.pid == product]
    if not found:
        return None
    return UsbMatch(tuple(b for b, _ in found), found[0][1])
