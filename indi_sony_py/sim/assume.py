"""The rules by which bytes are assumed that a dump does not show. Pure.

Most dumps were printed by programs that drop the get/set and is-enabled bytes, the default value, and one of the two
lists of 3.00. Two byte traces show them all, and the rules are read from those.

2.00 (trace of an ILCE-6000):

- A1 a control has get/set 0x81 (button), 0x82 (step), 0x83 (lock) or 0x84 (variable) and is enabled.
- A2 what moves by steps has get/set 0 and is enabled (the trace shows 2, display only, with the dial on automatic).
- A3 what is written as a value has get/set 1 and is enabled.
- A4 the mode dial (0x500E) has get/set 0 and is-enabled 2.
- A5 what is only read has get/set 0 and is-enabled 2; 0xD212, 0xD214 and 0xD215 have 1.
- A6 a code that no table knows is only read.

3.00 (trace of an ILCE-7SM3):

- B1 what is only read has get/set 0, is enabled, and both lists are equal.
- B2 what is written has get/set 1. If the dump calls it writable, or does not say, it is enabled and both lists are
  equal; if the dump calls it read-only, is-enabled is 2 and the first list (what may be set now) is empty.
- B3 a code that no table knows is written if the dump calls it writable, else only read.

Both: the default is 0 (an empty string for strings).
"""

from __future__ import annotations

from dataclasses import replace

from indi_sony_py.ptp.data import DataType, Value
from indi_sony_py.sony.codes import ControlKind, Prop, Write, control_row, property_row
from indi_sony_py.sony.snapshot import Descriptor, Form, Version

__all__ = ["FIRST_CONTROL", "GET_SET_OF", "assume", "is_control"]

FIRST_CONTROL = 0xD2C1
"""From here on a code is a control if the table of controls has it; below, it is a property with a control's code."""

GET_SET_OF = {
    ControlKind.BUTTON: 0x81,
    ControlKind.NOTCH: 0x82,
    ControlKind.LOCK: 0x83,
    ControlKind.VARIABLE: 0x84,
}
_ENABLED_200 = frozenset({0xD212, 0xD214, Prop.OBJECTS_IN_MEMORY})
_LOCKS = frozenset({0xD2C5})


def is_control(code: int) -> bool:
    """Whether a code of 0x9202 or 0x9209 is a control and not a property."""
    row = property_row(code)
    return code >= FIRST_CONTROL and control_row(code) is not None and row is None


def _zero(kind: DataType) -> Value:
    if kind is DataType.STR:
        return ""
    return () if kind.is_array else 0


def _bytes_200(code: int) -> tuple[int, int]:
    if code >= FIRST_CONTROL:
        control = control_row(code)
        if code in _LOCKS:
            return GET_SET_OF[ControlKind.LOCK], 1
        if control is not None:
            return GET_SET_OF[control.kind], 1
    row = property_row(code)
    way = row.write.get(Version.V200) if row is not None else None
    if code == Prop.PROGRAM:
        return 0, 2
    if way is Write.NOTCH:
        return 0, 1
    if way is Write.VALUE:
        return 1, 1
    return 0, 1 if code in _ENABLED_200 else 2


def _bytes_300(code: int, access: str | None) -> tuple[int, int]:
    row = property_row(code)
    way = row.write.get(Version.V300) if row is not None else None
    if way is Write.READ_ONLY or (way is None and access != "rw"):
        return 0, 1
    return 1, 2 if access == "ro" else 1


def assume(
    bare: Descriptor,
    version: Version,
    *,
    get_set: int | None = None,
    enabled: int | None = None,
    default: Value | None = None,
    access: str | None = None,
    lists_known: bool = False,
) -> tuple[Descriptor, frozenset[str]]:
    """`bare` with the given bytes, and what is missing by the rules; with the names of the fields that are assumed.

    `access`: "rw" or "ro" where a dump tells it.
    """
    if version is Version.V200:
        rule_set, rule_enabled = _bytes_200(bare.code)
    else:
        rule_set, rule_enabled = _bytes_300(bare.code, access)
    assumed = set()
    if get_set is None:
        get_set = rule_set
        assumed.add("get_set")
    if enabled is None:
        enabled = rule_enabled
        assumed.add("enabled")
    if default is None:
        default = _zero(bare.type)
        assumed.add("default")
    values = bare.values
    if version is Version.V300 and bare.form is Form.ENUM and not lists_known:
        assumed.add("values")
        if get_set == 1 and enabled == 2:
            values = ()
    full = replace(bare, get_set=get_set, enabled=enabled, default=default, values=values)
    return full, frozenset(assumed)
