"""The table of the protocol, row by row, and the enums that the driver uses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from indi_sony_py.ptp.codes import Operation
from indi_sony_py.ptp.data import DataType
from indi_sony_py.sony import codes
from indi_sony_py.sony.codes import (
    NEEDED_OPERATIONS,
    ControlKind,
    Ctl,
    Ev,
    Op,
    Prop,
    Resp,
    Write,
    name_of,
    property_row,
    table,
    value_label,
)
from indi_sony_py.sony.snapshot import Version

TABLE = table()


def test_the_table_is_whole() -> None:
    sizes = [len(x) for x in (TABLE.operations, TABLE.properties, TABLE.controls, TABLE.events, TABLE.responses)]
    assert sizes == [34, 212, 62, 20, 22]


@pytest.mark.parametrize("kind", ["operations", "properties", "controls", "events", "responses"])
def test_every_row_has_a_name_a_version_and_known_sources(kind: str) -> None:
    rows = getattr(TABLE, kind)
    for code, row in rows.items():
        assert code == row.code and 0x1000 <= code <= 0xFFFF
        assert row.name and row.name == row.name.strip()
        assert row.versions
        assert row.src and all(tag.partition(":")[0] in TABLE.sources for tag in row.src), hex(code)
        assert len(row.note) < 130, f"0x{code:04X}: a note is a note"


@pytest.mark.parametrize("code", TABLE.properties, ids=hex)
def test_property_row(code: int) -> None:
    row = TABLE.properties[code]
    assert set(row.write) <= set(row.versions), "a way of writing for a version that lacks it"
    if Version.V300 in row.versions:
        assert Version.V300 in row.write, "3.00 says of each property how it is written"
    for value in row.values:
        if row.type is not DataType.STR:
            bits = 8 * row.type.size
            assert -(1 << (bits - 1)) <= value < 1 << bits
    assert not (row.only and row.never)
    if row.low_half:
        assert {row.type, row.type_200} == {DataType.UINT32, DataType.UINT16}
        assert len({value & 0xFFFF for value in row.values}) == len(row.values)


@pytest.mark.parametrize("code", TABLE.controls, ids=hex)
def test_control_row(code: int) -> None:
    row = TABLE.controls[code]
    if row.kind is ControlKind.BUTTON and row.values:
        assert set(row.values) <= {1, 2}
    if row.range is not None:
        low, high, step = row.range
        assert low < high and step > 0


@pytest.mark.parametrize(
    ("enum", "kind"),
    [(Op, "operations"), (Prop, "properties"), (Ctl, "controls"), (Ev, "events"), (Resp, "responses")],
)
def test_the_enums_name_rows_of_the_table(enum: type[Op], kind: str) -> None:
    assert {member for member in enum if member not in getattr(TABLE, kind)} == set()


def test_the_needed_operations_are_those_of_a_capture() -> None:
    assert {0x9201, 0x9202, 0x9205, 0x9207, 0x9209} == NEEDED_OPERATIONS
    assert not {int(op) for op in Op} & {int(op) for op in Operation}


@pytest.mark.parametrize(
    ("code", "version", "way"),
    [
        (Prop.SHUTTER_SPEED, Version.V200, Write.NOTCH),
        (Prop.SHUTTER_SPEED, Version.V300, Write.VALUE),
        (Prop.ISO, Version.V200, Write.NOTCH),
        (Prop.F_NUMBER, Version.V300, Write.VALUE),
        (Prop.FILE_FORMAT_200, Version.V200, Write.VALUE),
        (Prop.OBJECTS_IN_MEMORY, Version.V300, Write.READ_ONLY),
        (Prop.ISO_DIRECT, Version.V200, Write.VALUE),
        (Prop.SHUTTER_DIRECT, Version.V200, Write.VALUE),
        (Prop.SAVE_DESTINATION, Version.V300, Write.VALUE),
    ],
)
def test_how_the_driver_writes(code: Prop, version: Version, way: Write) -> None:
    row = property_row(code)
    assert row is not None and row.write[version] is way


def test_types_differ_by_version() -> None:
    for code in (Prop.PROGRAM, Prop.DRIVE):
        row = property_row(code)
        assert row is not None
        assert (row.type_for(Version.V200), row.type_for(Version.V300)) == (DataType.UINT16, DataType.UINT32)


def test_names_for_logs() -> None:
    assert name_of(Prop.ISO) == "ISO Sensitivity (0xD21E)"
    assert name_of(Ev.OBJECT_ADDED) == "ObjectAdded (0xC201)"
    assert name_of(0x1234) == "0x1234"
    assert value_label(Prop.DRIVE, 0x00018010) == value_label(Prop.DRIVE, 0x8010) == "cont_hi_plus"
    assert value_label(Ctl.HALF_PRESS, 2) == "down"
    assert value_label(0x1234, 7) == "7"


def test_bodies_by_sonys_tables() -> None:
    timer = property_row(Prop.BULB_TIMER)
    assert timer is not None
    assert timer.for_body("ILCE-6700") and not timer.for_body("ILCE-7SM3")
    priority = property_row(Prop.PRIORITY)
    assert priority is not None and priority.for_body("ILCE-7SM3")


def test_importing_the_codes_reads_no_table() -> None:
    probe = (
        "import sys, indi_sony_py.sony.codes as c, indi_sony_py.sony.bodies;"
        "assert c.table.cache_info().currsize == 0;"
        "assert not {'numpy', 'rawpy', 'usb', 'astropy', 'tomllib', 'importlib.resources'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", probe], check=True)


def test_a_row_without_a_known_source_is_refused() -> None:
    with pytest.raises(ValueError, match="hearsay"):
        codes._common("0xD200", {"name": "x", "src": "hearsay"}, TABLE.sources)
    with pytest.raises(ValueError, match="missing"):
        codes._common("0xD200", {"name": "x", "src": ""}, TABLE.sources)
