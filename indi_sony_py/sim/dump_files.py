"""Reads the property dumps of real cameras that are package data (`sim/dumps/*.jsonl`).

A dump is one file: a header line (identity, operations, events, the answer of 0x9202 as far as known, the source), then
one JSON line a property, in the order in which the camera listed them. What the dump does not show is assumed by the
rules of `sim.assume`, and each assumed field is named in `DumpProperty.assumed`. Flags of single properties:

- `type_inferred`: the program that made the dump did not print the type;
- `range_rounded`: it printed the range with six digits, so the ends are near, and are cut to what the type holds;
- `printed_signed`: the range of an unsigned type was printed with a sign, and is turned back;
- `value_rounded`: the same of the current value;
- `value_from_text`: the value stands in a sentence of the program; `no_value`: it did not print one (0 is assumed).

`silent` codes were announced (0x9202) but could not be read: controls without a descriptor, mostly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import resources
from typing import Any

from indi_sony_py.ptp.data import DataType, DeviceInfo, Value
from indi_sony_py.sim.assume import assume
from indi_sony_py.sony.snapshot import Descriptor, ExtDeviceInfo, Form, Settings, Version

__all__ = ["Access", "Dump", "DumpProperty", "DumpSource", "best_dump", "list_dumps", "load", "read"]


class Access(Enum):
    """How far a dump tells what may be written."""

    BYTES = "bytes"
    """The get/set and is-enabled bytes themselves."""
    DERIVED = "derived"
    """Read-write or read-only, worked out by the dumping program from both bytes."""
    CONFIG = "config"
    """Read-write or read-only as the program's user interface saw it."""
    CONSTANT = "constant"
    """The program printed a constant: nothing."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class DumpSource:
    repository: str = ""
    commit: str = ""
    path: str = ""
    url: str = ""
    kind: str = ""
    section: int = 0


@dataclass(frozen=True, slots=True)
class DumpProperty:
    """One property; `assumed` names the fields of the descriptor that the dump does not show."""

    descriptor: Descriptor
    assumed: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Dump:
    """What one real camera said. `session` is the version it was asked for; None outside of PC Remote.

    `ext` is the answer of 0x9202 where it is known byte for byte; `codes` its codes in order where only that is known.
    """

    name: str
    model: str
    firmware: str
    usb_mode: str
    session: Version | None
    access: Access
    partial: bool
    source: DumpSource
    notes: tuple[str, ...]
    device_info: DeviceInfo
    ext: ExtDeviceInfo | None
    codes: tuple[int, ...]
    silent: tuple[int, ...]
    properties: tuple[DumpProperty, ...]

    @property
    def controllable(self) -> bool:
        """Whether it was made in PC Remote and lists enough to be a camera (20 properties or more)."""
        return self.session is not None and len(self.properties) >= 20

    @property
    def announced(self) -> frozenset[int]:
        """All codes of its answer to 0x9202; empty if that is not known."""
        return frozenset(self.codes if self.ext is None else (*self.ext.properties, *self.ext.controls))

    @property
    def settings(self) -> Settings:
        """The properties as a 0x9209 answer of the dump's own version (2.00 outside of PC Remote)."""
        version = self.session or Version.V200
        return Settings(tuple(p.descriptor for p in self.properties), version, version.lists)

    def get(self, code: int) -> DumpProperty | None:
        """The first property of this code."""
        return next((p for p in self.properties if p.descriptor.code == code), None)


_SESSIONS = {version.label: version for version in Version}
_PROPERTY_KEYS = frozenset(
    {"code", "type", "get_set", "enabled", "default", "access", "value", "range", "values", "reportable", "flags"}
)
_HEADER_KEYS = frozenset(
    {
        *("dump", "name", "model", "firmware", "usb_mode", "session", "access", "partial", "source", "notes"),
        *("identity", "ext", "codes", "silent"),
    }
)


def _codes(texts: list[str] | None) -> tuple[int, ...]:
    return tuple(int(text, 16) for text in texts or ())


def _cut(kind: DataType, number: int) -> int:
    bits = 8 * kind.size
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if kind.signed else (0, (1 << bits) - 1)
    return min(max(int(number), low), high)


def _value(raw: Any) -> Value:
    if isinstance(raw, list):
        return tuple(int(x) for x in raw)
    return raw if isinstance(raw, str) else int(raw)


def _property(row: dict[str, Any], version: Version) -> DumpProperty:
    if set(row) - _PROPERTY_KEYS:
        raise ValueError(f"{row['code']}: unknown keys {sorted(set(row) - _PROPERTY_KEYS)}")
    kind = DataType[row["type"]]
    form = Form.NONE
    values: tuple[Value, ...] = ()
    reportable: tuple[Value, ...] | None = None
    flags = set(row.get("flags", ()))
    if "range" in row:
        form = Form.RANGE
        values = tuple(_cut(kind, x) for x in row["range"])
    elif "values" in row:
        form = Form.ENUM
        values = tuple(_value(x) for x in row["values"])
        if version is Version.V300:
            reportable = tuple(_value(x) for x in row.get("reportable", row["values"]))
    bare = Descriptor(int(row["code"], 16), kind, 0, 0, 0, _value(row["value"]), form, values, reportable)
    full, assumed = assume(
        bare,
        version,
        get_set=row.get("get_set"),
        enabled=row.get("enabled"),
        default=_value(row["default"]) if "default" in row else None,
        access=row.get("access"),
        lists_known="reportable" in row,
    )
    if "type_inferred" in flags:
        assumed |= {"type"}
    if "range_rounded" in flags:
        assumed |= {"values"}
    if flags & {"no_value", "value_rounded"}:
        assumed |= {"current"}
    return DumpProperty(full, assumed, frozenset(flags))


def _device_info(identity: dict[str, Any], model: str) -> DeviceInfo:
    return DeviceInfo(
        vendor_extension_id=int(identity.get("extension", "0x11"), 16),
        vendor_extension_desc=identity.get("extension_name") or "",
        operations=_codes(identity.get("operations")),
        events=_codes(identity.get("events")),
        properties=_codes(identity.get("properties")),
        manufacturer=identity.get("manufacturer") or "Sony Corporation",
        model=model,
        device_version=identity.get("version") or "",
        serial=identity.get("serial") or "0" * 32,
    )


def _ext(ext: dict[str, Any]) -> ExtDeviceInfo:
    return ExtDeviceInfo(Version(ext["version"]), _codes(ext["properties"]), _codes(ext["controls"]))


@cache
def list_dumps() -> tuple[str, ...]:
    """The names of all dumps, sorted."""
    folder = resources.files("indi_sony_py.sim").joinpath("dumps")
    return tuple(sorted(f.name.removesuffix(".jsonl") for f in folder.iterdir() if f.name.endswith(".jsonl")))


@cache
def _load(name: str) -> Dump:
    return read(resources.files("indi_sony_py.sim").joinpath("dumps", f"{name}.jsonl").read_text("utf-8"), name)


def read(text: str, name: str) -> Dump:
    """A dump from its text. ValueError or KeyError where it is none; `name` is for the message."""
    head, *rows = (json.loads(line) for line in text.splitlines())
    if not isinstance(head, dict) or set(head) - _HEADER_KEYS or head.get("dump") != 1:
        raise ValueError(f"{name}: not a dump of this form")
    session = _SESSIONS.get(head["session"])
    ext = head.get("ext")
    return Dump(
        name=head["name"],
        model=head["model"],
        firmware=head["firmware"],
        usb_mode=head["usb_mode"],
        session=session,
        access=Access(head["access"]),
        partial=head["partial"],
        source=DumpSource(**head["source"]),
        notes=tuple(head.get("notes", ())),
        device_info=_device_info(head["identity"], head["model"]),
        ext=_ext(ext) if ext else None,
        codes=_codes(head.get("codes")),
        silent=_codes(head.get("silent")),
        properties=tuple(_property(row, session or Version.V200) for row in rows),
    )


def best_dump(model: str, session: Version | None = None) -> Dump | None:
    """The fullest dump of a model (of one session version if given), byte traces first; None without one."""
    found = [_load(name) for name in list_dumps() if name == model or name.startswith(f"{model}_")]
    found = [d for d in found if d.model == model and (session is None or d.session is session)]

    def fullness(dump: Dump) -> tuple[bool, bool, int]:
        return dump.controllable, dump.access is Access.BYTES, len(dump.properties)

    return max(found, key=fullness, default=None)


def load(name: str) -> Dump:
    """A dump by its exact name, else the fullest one of a model. `KeyError` if there is none."""
    if name in list_dumps():
        return _load(name)
    found = best_dump(name)
    if found is None:
        raise KeyError(name)
    return found
