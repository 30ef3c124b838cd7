"""Every dump of a real camera loads, and encodes and decodes to equal values; gaps are filled by rule and marked."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from indi_sony_py.ptp.data import DataType
from indi_sony_py.sim import dump_files
from indi_sony_py.sim.assume import FIRST_CONTROL, assume, is_control
from indi_sony_py.sim.dumps import Access, Dump, best_dump, list_dumps, load
from indi_sony_py.sony.codes import Prop, Write, property_row
from indi_sony_py.sony.snapshot import (
    Descriptor,
    ExtDeviceInfo,
    Form,
    Lists,
    Version,
    decode_settings,
    encode_settings,
)

FOLDER = resources.files("indi_sony_py.sim").joinpath("dumps")
RAW = Path(__file__).parent.parent / "data" / "raw"
NAMES = list_dumps()


def test_all_dumps_are_there_and_small() -> None:
    assert len(NAMES) == 74
    assert sum(len(FOLDER.joinpath(f"{name}.jsonl").read_bytes()) for name in NAMES) < 1_500_000
    assert sum(load(name).controllable for name in NAMES) == 39


@pytest.mark.parametrize("name", NAMES)
def test_dump_round_trip(name: str) -> None:
    dump = load(name)
    assert dump.name == name
    settings = dump.settings
    data = encode_settings(settings)
    again = decode_settings(data, settings.version)
    assert again.descriptors == settings.descriptors
    assert encode_settings(again) == data
    if any(d.form is Form.ENUM for d in settings.descriptors):
        assert again.lists is settings.lists is (Lists.TWO if dump.session is Version.V300 else Lists.ONE)


@pytest.mark.parametrize("name", NAMES)
def test_dump_has_a_source_and_no_serial_number(name: str) -> None:
    dump = load(name)
    assert dump.source.url.startswith("https://github.com/") or (
        dump.source.repository == "gphoto/libgphoto2"
        and re.fullmatch(r"[0-9a-f]{40}", dump.source.commit)
        and dump.source.path.startswith("camlibs/ptp2/cameras/")
    )
    assert set(dump.device_info.serial) <= {"0"}
    assert dump.device_info.model == dump.model
    info = dump.device_info
    assert type(info).decode(info.encode()) == info


@pytest.mark.parametrize("name", NAMES)
def test_dump_keeps_what_its_file_says(name: str) -> None:
    """The values are those of the file, in its order; whatever the file does not say is marked as assumed."""
    _, *lines = FOLDER.joinpath(f"{name}.jsonl").read_text("utf-8").splitlines()
    dump = load(name)
    assert len(lines) == len(dump.properties)
    for line, found in zip(lines, dump.properties, strict=True):
        row, d = json.loads(line), found.descriptor
        assert int(row["code"], 16) == d.code and DataType[row["type"]] is d.type
        expected = tuple(row["value"]) if isinstance(row["value"], list) else row["value"]
        assert d.current == expected
        for key, shown in (("get_set", d.get_set), ("enabled", d.enabled), ("default", d.default)):
            if key in row:
                assert row[key] == shown and key not in found.assumed
            else:
                assert key in found.assumed
        if "values" in row and "values" not in found.assumed:
            assert tuple(row["values"]) == d.values
        if "reportable" in row:
            assert tuple(row["reportable"]) == d.reportable
        if "range" in row and "range_rounded" not in found.flags:
            assert tuple(row["range"]) == d.values


@pytest.mark.parametrize(
    ("name", "data"), [("ILCE-7SM3", "ILCE-7SM3_9209.hex"), ("ILCE-6000_raw", "ILCE-6000_raw_9209.hex")]
)
def test_traces_give_their_bytes_again(name: str, data: str) -> None:
    dump = load(name)
    assert dump.access is Access.BYTES
    assert encode_settings(dump.settings) == bytes.fromhex((RAW / data).read_text())
    assert not any(p.assumed for p in dump.properties)


def test_the_trace_of_9202() -> None:
    ext = load("ILCE-7SM3").ext
    assert ext is not None
    assert ext.encode() == bytes.fromhex((RAW / "ILCE-7SM3_9202.hex").read_text())
    assert ExtDeviceInfo.decode(ext.encode()) == ext


def agreement(dump: Dump, version: Version) -> tuple[int, int]:
    """How many get/set bytes of a byte trace the rules hit, and how many there are."""
    hits = 0
    for p in dump.properties:
        d = p.descriptor
        writable = "rw" if d.get_set == 1 and d.enabled == 1 else "ro"
        bare = Descriptor(d.code, d.type, 0, 0, 0, d.current, d.form, d.values, d.reportable)
        guess, _ = assume(bare, version, access=writable, lists_known=True)
        hits += guess.get_set == d.get_set
    return hits, len(dump.properties)


def test_the_rules_hit_the_traces() -> None:
    assert agreement(load("ILCE-6000_raw"), Version.V200) == (31, 34)
    hits, count = agreement(load("ILCE-7SM3"), Version.V300)
    assert count == 320 and hits >= 259


def test_what_the_rules_miss_on_the_newest_trace_is_unknown_or_disabled() -> None:
    """No property that the driver writes is taken for read-only."""
    for p in load("ILCE-7SM3").properties:
        d = p.descriptor
        row = property_row(d.code)
        bare = Descriptor(d.code, d.type, 0, 0, 0, d.current, d.form, d.values, d.reportable)
        guess, _ = assume(bare, Version.V300, access="rw" if d.writable else "ro", lists_known=True)
        if guess.get_set != d.get_set:
            assert row is None or d.code not in set(Prop) or row.write.get(Version.V300) is Write.UNKNOWN, hex(d.code)


@pytest.mark.parametrize("name", ["ILCE-7SM3", "ILCE-6000_raw"])
def test_types_of_the_table_are_those_of_the_traces(name: str) -> None:
    dump = load(name)
    version = dump.settings.version
    for p in dump.properties:
        row = property_row(p.descriptor.code)
        if row is not None and version in row.versions:
            assert p.descriptor.type is row.type_for(version), hex(p.descriptor.code)


@pytest.mark.parametrize(
    ("code", "get_set", "enabled"),
    [
        (0xD2C1, 0x81, 1),
        (0xD2C5, 0x83, 1),
        (Prop.SHUTTER_SPEED, 0, 1),
        (Prop.FILE_FORMAT_200, 1, 1),
        (Prop.PROGRAM, 0, 2),
        (Prop.BATTERY, 0, 2),
        (Prop.OBJECTS_IN_MEMORY, 0, 1),
        (0xD23E, 0, 2),
    ],
)
def test_rules_of_200(code: int, get_set: int, enabled: int) -> None:
    full, assumed = assume(Descriptor(code, DataType.UINT16), Version.V200)
    assert (full.get_set, full.enabled, full.default) == (get_set, enabled, 0)
    assert assumed == {"get_set", "enabled", "default"}


@pytest.mark.parametrize(
    ("code", "access", "get_set", "enabled", "first"),
    [
        (Prop.ISO, "rw", 1, 1, (1, 2)),
        (Prop.ISO, None, 1, 1, (1, 2)),
        (Prop.PROGRAM, "ro", 1, 2, ()),
        (Prop.FOCUS_INDICATION, "ro", 0, 1, (1, 2)),
        (0xD2FF, "rw", 1, 1, (1, 2)),
        (0xD2FF, "ro", 0, 1, (1, 2)),
        (0xD2FF, None, 0, 1, (1, 2)),
    ],
)
def test_rules_of_300(code: int, access: str | None, get_set: int, enabled: int, first: tuple[int, ...]) -> None:
    bare = Descriptor(code, DataType.UINT16, form=Form.ENUM, values=(1, 2), reportable=(1, 2))
    full, assumed = assume(bare, Version.V300, access=access)
    assert (full.get_set, full.enabled, full.values, full.reportable) == (get_set, enabled, first, (1, 2))
    assert "values" in assumed


def test_defaults_of_other_types() -> None:
    assert assume(Descriptor(0xD040, DataType.STR, current="x"), Version.V300)[0].default == ""
    assert assume(Descriptor(0xD6A8, DataType.AUINT8, current=(1,)), Version.V200)[0].default == ()


def test_controls_are_known() -> None:
    assert is_control(0xD2C1) and is_control(0xD2D1)
    assert not is_control(Prop.SHUTTER_SPEED) and not is_control(0xD2A4)
    assert FIRST_CONTROL > Prop.BULB_TIME


def test_the_fullest_dump_of_a_model() -> None:
    assert best_dump("ILCE-6000") is load("ILCE-6000_raw")
    found = best_dump("ZV-1")
    assert found is not None and found.controllable
    assert best_dump("ILCE-7SM3", Version.V200) is None
    assert best_dump("ILCE-7M3") is not None
    assert len(load("ILCE-5100").announced) == 37 and not load("ILCE-7RM3").announced
    assert best_dump("no such") is None
    assert load("DSC-HX200V").name == "DSC-HX200V_mtp"
    with pytest.raises(KeyError):
        load("no such")


def test_artefacts_of_the_dumping_program_are_flagged() -> None:
    fw2 = load("ILCE-6000_fw2.0")
    size = fw2.get(0xD214)
    assert size is not None and {"range_rounded", "value_rounded", "type_inferred"} <= size.flags
    assert {"values", "current", "type"} <= size.assumed
    assert size.descriptor.values[1] == 0xFFFFFFFF
    arrays = load("DSC-QX30U").get(0xD6A8)
    assert arrays is not None and arrays.descriptor.current == (50, 50)
    assert 0xD2C1 in load("ILCE-7M4").silent


def test_a_file_of_another_form_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "dumps").mkdir()
    (tmp_path / "dumps" / "odd.jsonl").write_text('{"dump": 2, "name": "odd"}\n')
    row = {"code": "5004", "type": "UINT8", "value": 1, "colour": "red"}
    with pytest.raises(ValueError, match="colour"):
        dump_files._property(row, Version.V200)
    monkeypatch.setattr("indi_sony_py.sim.dump_files.resources.files", lambda _: tmp_path)
    with pytest.raises(ValueError, match="not a dump"):
        dump_files._load.__wrapped__("odd")
