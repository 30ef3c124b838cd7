"""The rows of the bodies: each of them, and that a bad row is refused."""

from __future__ import annotations

import copy
import tomllib
from fractions import Fraction
from importlib import resources
from typing import Any

import pytest

from indi_sony_py.sony.bodies import (
    Body,
    Control,
    GeometryKind,
    RawFormat,
    UsbMode,
    all_bodies,
    body,
    by_usb_id,
    check_table,
    sources,
)
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.sony.values import STANDARD_SHUTTERS_S, decode_iso

RAW: dict[str, Any] = tomllib.loads(resources.files("indi_sony_py.sony").joinpath("bodies.toml").read_text())
ROWS = all_bodies()
REMOTE = [b for b in ROWS if b.control is Control.REMOTE]


def test_all_bodies_are_there() -> None:
    assert len(ROWS) == 107
    assert len(REMOTE) >= 55
    assert len({b.model for b in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda b: b.model)
def test_row(row: Body) -> None:
    assert row.names and row.sensor in {"FF", "APS-C", "1in", "compact"} and row.mount in {"E", "A", "fixed"}
    assert row.known and body(row.model) == row, "a row that is read alone is the row of the table"
    for usb in row.usb:
        assert 0 < usb.pid <= 0xFFFF
        match = by_usb_id(0x054C, usb.pid)
        assert match is not None and row in match.bodies
    for quirk in row.quirks:
        assert quirk.text and not quirk.text.endswith(".")
    assert (row.control is Control.REMOTE) == bool(row.versions)


@pytest.mark.parametrize("row", REMOTE, ids=lambda b: b.model)
def test_row_of_a_body_with_control(row: Body) -> None:
    assert row.visible is not None and min(row.visible) > 1000
    for geometry in row.geometry:
        stored, seen = geometry.raw, geometry.visible
        assert all(s == 0 or v <= s for s, v in zip(stored, seen, strict=True)), geometry
        assert all(v % 2 == 0 for v in (*stored, *seen)), "the mosaic ends on whole cells"
    full = row.geometry_of(GeometryKind.FULL)
    assert full is not None and full.complete
    if row.crop is not None:
        assert row.crop[0] <= row.visible[0] and row.crop[1] <= row.visible[1]
    tiled = row.geometry_of(GeometryKind.FULL_TILED)
    if tiled is not None:
        assert RawFormat.LOSSLESS in row.raw_formats
        assert tiled.visible[0] - row.visible[0] in range(-8, 9)
    assert row.cfa == "RGGB" and row.bits in (12, 14)
    assert 0 < row.black < row.white <= 0x7FFF
    assert row.pixel_um == 0.0 or 2 < row.pixel_um < 10
    assert row.raw_formats or "writes no RAW file" in [q.text for q in row.quirks]
    assert row.shutters[0] == 30
    assert list(row.shutters) == sorted(row.shutters, reverse=True)
    assert set(row.shutters) >= {s for s in STANDARD_SHUTTERS_S if Fraction(1, 4000) <= s}
    isos = [decode_iso(number) for number in row.isos]
    assert None not in isos and len(set(row.isos)) == len(row.isos)
    assert row.buttons_rest in (None, 1, 2)
    assert row.warmup_s in (0.0, 2.5, 3.0) and row.bulb_min_s >= 0.1 and 0 < row.notch_s <= 1


def test_known_facts() -> None:
    a7s3, a7m3, a6000 = body("ILCE-7SM3"), body("ILCE-7M3"), body("ILCE-6000")
    assert a7s3.versions == (Version.V200, Version.V300) and a7s3.visible == (4256, 2848)
    assert a7s3.buttons_rest is None and a7s3.warmup_s == 3.0 and a7s3.crop == (4240, 2824)
    assert a7m3.name == "A7 III" and a7m3.versions == (Version.V200,)
    assert {u.pid for u in a7m3.usb if u.mode is UsbMode.REMOTE} == {0x096F, 0x0C34}
    assert a6000.isos[0] == 0xFFFFFF and a6000.shutters[-1] == Fraction(1, 4000) and a6000.warmup_s == 0
    assert body("ILCE-7M5").versions == (Version.V300,)
    assert body("ILCE-7RM4").buttons_rest == 2 and body("ILCE-7S").buttons_rest == 1
    assert body("ILCA-68").notch_s == body("SLT-A58").notch_s == 0.7
    assert body("ILCE-6700").bulb_timer and not a7s3.bulb_timer
    assert body("DSC-RX0").focus_failed_is_focused


def test_the_star_eaters() -> None:
    eaters = {b.model: b.star_eater for b in ROWS if b.star_eater is not None}
    assert set(eaters) == {
        *("ILCE-7", "ILCE-7R", "ILCE-7S", "ILCE-7M2", "ILCE-7RM2", "ILCE-7SM2", "ILCE-9"),
        *("ILCE-6000", "ILCE-6300", "ILCE-6500"),
    }
    assert all(e.bulb for e in eaters.values())
    assert {m for m, e in eaters.items() if e.timed_from_s == 4.0} == {"ILCE-7RM2", "ILCE-7SM2"}


def test_sizes_and_lists_of_a_row() -> None:
    assert body("ILCE-7SM3").has_apsc and not body("ILCE-6000").has_apsc
    assert [iso.number for iso in body("ILCE-7SM3").iso_settings[:3]] == [None, 40, 50]


def test_bodies_that_cannot_be_controlled_say_so() -> None:
    for model in ("NEX-7", "SLT-A55V", "DSC-RX100", "DSLR-A350", "DSC-QX30U", "DSLR-A900"):
        assert body(model).controllable is False, model
    assert body("ILCE-7S").controllable is True
    assert body("UMC-R10C").controllable is None


def test_a_model_without_a_row() -> None:
    unknown = body("ILCE-99X")
    assert (unknown.model, unknown.known, unknown.controllable, unknown.visible) == ("ILCE-99X", False, None, None)
    assert unknown.warmup_s == 3.0 and unknown.bulb is None and unknown.name == "ILCE-99X"
    assert "shutters" in unknown.assumed and not unknown.shutters_known


def test_blanks_around_the_hyphen_are_forgiven() -> None:
    assert body("ZV - E10") is body("ZV-E10")
    assert body(" ILCA -68") is body("ILCA-68")


def test_usb_ids() -> None:
    match = by_usb_id(0x054C, 0x0D18)
    assert match is not None and [b.model for b in match.bodies] == ["ILCE-7SM3"] and match.mode is UsbMode.REMOTE
    storage = by_usb_id(0x054C, 0x0C02)
    assert storage is not None and storage.mode is UsbMode.MASS_STORAGE
    twins = by_usb_id(0x054C, 0x0669)
    assert twins is not None and {b.model for b in twins.bodies} == {"SLT-A37", "SLT-A57"}
    assert by_usb_id(0x054C, 0xFFFF) is None
    assert by_usb_id(0x04A9, 0x0D18) is None


def test_assumed_facts_are_marked() -> None:
    assert "bulb" in body("ILCE-7SM2").assumed
    assert "levels" in body("ILCE-7M5").assumed
    assert "pixel_um" in body("ILCE-7CM2").assumed, "a family's fact is not the body's own"
    assert "iso" not in body("ILCE-7SM3").assumed
    assert body("ILCE-7SM3").shutters_known and not body("ILCE-7SM2").shutters_known


def test_every_source_is_used_and_explained() -> None:
    used = str(RAW["body"]) + str(RAW["family"]) + str(RAW["defaults"])
    assert [tag for tag in sources() if tag not in used] == []
    assert all(text for text in sources().values())


def broken(change: dict[str, Any], model: str = "ILCE-7SM3") -> dict[str, Any]:
    table = copy.deepcopy(RAW)
    for key, value in change.items():
        if value is None:
            del table["body"][model][key]
        else:
            table["body"][model][key] = value
    return table


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wheels": 4}, "unknown keys"),
        ({"family": "gen9"}, "no family"),
        ({"control": "perhaps"}, "perhaps"),
        ({"versions": None}, "without a protocol version"),
        ({"bulb_min_s": 0.5}, "bulb_min_s has no source"),
        ({"raw": ["paper"]}, "paper"),
        ({"usb": [{"mode": "remote", "pid": 0x0C34, "src": "gphoto"}]}, "ILCE-7M3's"),
        ({"usb": [{"mode": "remote", "pid": 0x1234, "src": "hearsay"}]}, "names no source"),
        ({"usb": [{"mode": "remote", "pid": 0x1234, "src": "dump"}] * 2}, "stands twice"),
        ({"geometry": [{"kind": "full", "raw": [-1, 2], "visible": [1, 2], "src": "dump"}]}, "not a size"),
        ({"geometry": [{"kind": "round", "raw": [1, 2], "visible": [1, 2], "src": "dump"}]}, "round"),
        ({"shutters": {"slowest": "30", "fastest": "1/7777"}}, "not in"),
    ],
)
def test_a_bad_row_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_table(broken(change))


def test_a_fact_needs_a_source() -> None:
    table = copy.deepcopy(RAW)
    del table["body"]["ILCE-7SM3"]["src"]["pixel_um"]
    with pytest.raises(ValueError, match="pixel_um has no source"):
        check_table(table)


def test_a_marked_id_may_be_shared() -> None:
    table = broken({"usb": [{"mode": "remote", "pid": 0x0C34, "src": "gphoto", "shared": True}]})
    assert check_table(table)["ILCE-7SM3"].usb[0].shared


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown tables"):
        check_table({**RAW, "lenses": {}})
