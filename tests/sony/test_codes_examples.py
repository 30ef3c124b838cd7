"""Bytes from traces and logs decode to what they mean, and encode to the same bytes."""

from __future__ import annotations

import hashlib
import struct
import tomllib
from pathlib import Path
from typing import Any

import pytest

from indi_sony_py.errors import BadData
from indi_sony_py.ptp import container
from indi_sony_py.ptp.codes import ContainerType
from indi_sony_py.sony.snapshot import (
    Descriptor,
    ExtDeviceInfo,
    Form,
    Lists,
    Settings,
    Version,
    decode_settings,
    encode_settings,
)

DATA = Path(__file__).parent.parent / "data"
CASES: list[dict[str, Any]] = tomllib.loads((DATA / "examples.toml").read_text())["case"]
COUNT_OF_ONE = struct.pack("<Q", 1)


def of_kind(*kinds: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in CASES if case["kind"] in kinds]


def raw(name: str) -> bytes:
    return bytes.fromhex((DATA / "raw" / name).read_text())


def test_every_case_has_a_known_kind() -> None:
    assert {case["kind"] for case in CASES} == {"container", "head", "descriptor", "descriptor_head", "request"}
    assert len({case["id"] for case in CASES}) == len(CASES) == 42


@pytest.mark.parametrize("case", of_kind("container"))
def test_container(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["hex"])
    want = case["container"]
    for cut in range(len(data)):
        assert container.parse(data[:cut]) is None
    parsed = container.parse(data + b"behind")
    assert parsed is not None
    found, taken = parsed
    assert taken == len(data) == want["length"]
    assert (found.type, found.code, found.transaction) == (want["type"], want["code"], want["transaction"])
    if found.type is not ContainerType.DATA:
        assert list(found.params) == case["params"]
    assert container.encode(found) == data
    if case["id"] == "ext_info_data_200":
        info = ExtDeviceInfo.decode(found.payload)
        assert info is not None and info.encode() == found.payload
        counts = {"version": info.version, "properties": len(info.properties), "controls": len(info.controls)}
        assert counts == case["expect"]


@pytest.mark.parametrize("case", of_kind("head"))
def test_head_of_a_container(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["hex"])
    head = container.read_header(data)
    assert head is not None and container.parse(data) is None
    want = case["container"]
    assert (head.type, head.code, head.transaction, head.length) == tuple(
        want[key] for key in ("type", "code", "transaction", "length")
    )
    payload = raw("ILCE-7SM3_9202.hex" if head.code == 0x9202 else "ILCE-7SM3_9209.hex")
    assert head.length == 12 + len(payload) == case["expect"]["container_bytes"]
    whole = container.encode(container.Container(head.type, head.code, head.transaction, (), payload))
    assert whole.startswith(data)
    if "sha256" in case:
        assert hashlib.sha256(whole).hexdigest() == case["sha256"]


def check(found: Descriptor, expect: dict[str, Any]) -> None:
    """Every key of the expectation, by name."""
    shown: dict[str, Any] = {
        "code": found.code,
        "type": found.type,
        "get_set": found.get_set,
        "enabled": found.enabled,
        "current": found.current,
        "form": found.form,
        "set": list(found.values),
        "getset": list(found.reportable or ()),
    }
    if found.form is Form.RANGE:
        shown |= dict(zip(("min", "max", "step"), found.values, strict=True))
    assert {key: shown[key] for key in expect} == expect


@pytest.mark.parametrize("case", of_kind("descriptor"))
def test_descriptor(case: dict[str, Any]) -> None:
    data = COUNT_OF_ONE + bytes.fromhex(case["hex"])
    version = Version.V200 if case["lists"] == 1 else Version.V300
    settings = decode_settings(data, version)
    assert settings.lists is (Lists.ONE if case["lists"] == 1 else Lists.TWO) or not settings.descriptors[0].values
    check(settings.descriptors[0], case["expect"])
    assert encode_settings(settings) == data
    with pytest.raises(BadData):
        decode_settings(data + b"\0", version)


def test_the_other_version_is_tried_too() -> None:
    """One list where 3.00 has two, and two where 2.00 has one: the end of the data set decides."""
    for case in CASES:
        if case["kind"] == "descriptor":
            data = COUNT_OF_ONE + bytes.fromhex(case["hex"])
            wrong = Version.V300 if case["lists"] == 1 else Version.V200
            assert encode_settings(decode_settings(data, wrong)) == data


@pytest.mark.parametrize("case", of_kind("descriptor_head"))
def test_start_of_a_long_descriptor(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["hex"])
    whole = raw("ILCE-7SM3_9209.hex")
    assert whole.count(data) == 1
    found = decode_settings(whole, Version.V300).get(case["expect"]["code"])
    assert found is not None
    assert (found.current, found.form, len(found.values)) == tuple(
        case["expect"][key] for key in ("current", "form", "n_set")
    )


@pytest.mark.parametrize("case", of_kind("request"))
def test_class_request(case: dict[str, Any]) -> None:
    assert struct.unpack("<HI", bytes.fromhex(case["hex"])) == (0x4001, 11)


@pytest.mark.parametrize(
    ("name", "version", "count"),
    [("ILCE-7SM3_9209.hex", Version.V300, 320), ("ILCE-6000_raw_9209.hex", Version.V200, 34)],
)
def test_settings_of_real_bodies(name: str, version: Version, count: int) -> None:
    data = raw(name)
    settings = decode_settings(data, version)
    assert len(settings.descriptors) == count
    assert settings.lists is version.lists
    assert encode_settings(settings) == data
    again = decode_settings(encode_settings(settings), version)
    assert again.descriptors == settings.descriptors
    assert encode_settings(Settings(settings.descriptors, version, settings.lists)) == data


def test_extended_info_of_a_real_body() -> None:
    data = raw("ILCE-7SM3_9202.hex")
    info = ExtDeviceInfo.decode(data)
    assert info is not None and info.encode() == data
    assert (info.version, len(info.properties), len(info.controls)) == (Version.V300, 320, 47)
    assert info.controls.count(0xD2C7) == 2
