"""`indi-sony probe`: what a camera shows that it has is kept, and the next hand goes by it."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from indi_sony_py.engine.messages import Identity
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.probes import FILE, Probes
from indi_sony_py.sim.profile import Profile, profile_of
from indi_sony_py.sony.bodies import body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.probed import NOTHING, Probed, complete
from indi_sony_py.sony.snapshot import Descriptor, Version
from indi_sony_py.sony.values import decode_iso, decode_shutter, encode_shutter, label_iso, label_shutter
from indi_sony_py.texts import tool
from tests.cli.commandrig import Desk

AUTO = 0xFFFFFF

WHO = Identity("ILCE-77X", firmware="1.0", version="2.00")


def unknown_old_body() -> Profile:
    """A 2.00 body that no table knows, which lists more than it has."""
    made = profile_of("ILCE-7M3")
    listing = made.listings[Version.V200]
    shown = tuple(map(_shorter, listing.descriptors))
    isos = [v for v in next(d for d in shown if d.code == Prop.ISO).choices if v < 1 << 16]
    return replace(
        made, model="ILCE-77X", device=replace(made.device, model="ILCE-77X"), isos=(AUTO, *isos[2:7]),
        shutters=(0, *(encode_shutter(s) for s in (30, Fraction(25), 20, 15, 10, 8, 4, 2, 1, Fraction(1, 100)))),
        listings={Version.V200: replace(listing, descriptors=shown)},
    )  # fmt: skip


def _shorter(d: Descriptor) -> Descriptor:
    """A short list of ISO values."""
    if d.code == Prop.ISO:
        return replace(d, values=(AUTO, *[v for v in d.choices if v < 1 << 16][:10]), current=100)
    return d


def test_values_that_read_back_are_kept_and_the_next_hand_goes_by_them(desk: Desk) -> None:
    profile = unknown_old_body()
    desk.camera(profile=profile)
    isos = [label_iso(decode_iso(v)) for v in profile.isos if (i := decode_iso(v)) is not None and i.plain]
    speeds = [label_shutter(s) for v in profile.shutters if isinstance(s := decode_shutter(v), Fraction)]
    before = desk.run("settings", "--json").data["settings"]
    listed = next(row for row in before if row["name"] == "iso")
    assert len(listed["options"]) > len(isos), "the camera lists more than it has"

    said = desk.run("probe", "--no-frames", "--json")
    assert said.data["isos"] == isos and said.data["shutters"] == speeds
    assert desk.rig.referee.broken == []

    after = desk.run("settings", "--json").data["settings"]
    now = {row["name"]: row for row in after}
    assert [o["label"] for o in now["iso"]["options"]] == isos
    assert [o["label"] for o in now["shutter"]["options"]] == speeds
    assert (now["iso"]["label"], now["shutter"]["label"]) == (
        listed["label"], next(row for row in before if row["name"] == "shutter")["label"]
    )  # fmt: skip

    said = desk.run("probe", "--forget")
    assert said.words.endswith(tool.FORGOTTEN(model="ILCE-77X"))
    assert next(r for r in desk.run("settings", "--json").data["settings"] if r["name"] == "iso") == listed


def test_the_sensor_and_the_timing_are_learnt_from_frames(desk: Desk) -> None:
    desk.camera()
    said = desk.run("probe", "--json")
    assert said.data["sensor"]["width"] > 100 and said.data["levels"]["bits"] == 14
    assert [t["asked_s"] for t in said.data["timing"]] == [2.0, 4.0]
    for each in said.data["timing"]:
        assert each["file_s"] == pytest.approx(each["asked_s"], abs=0.01) and 0 <= each["image_s"] < 5
    assert not (Places.of().state / FILE).exists(), "its lists are true"
    assert tool.LISTS_ARE_TRUE(model="ILCE-7SM3") in desk.run("probe", "--no-frames").words


def test_a_camera_that_lets_nothing_be_set_teaches_nothing(desk: Desk) -> None:
    desk.camera(profile=unknown_old_body())
    for code in (0xD20D, 0xD21E, 0x5004, 0xD226, 0xD229):
        desk.tell("fault", row={"kind": "ignore-set", "when": {"property": code, "count": 0}})
    said = desk.run("probe", "--no-frames")
    assert tool.TOO_FEW_VALUES.happened() in said.words
    assert not (Places.of().state / FILE).exists()


def test_what_was_kept_is_read_again_or_counts_as_nothing(tmp_path: Path) -> None:
    probes = Probes(tmp_path)
    assert probes.of(WHO) == NOTHING
    learnt = Probed((100, 200, 400), (Fraction(30), Fraction(1, 3), Fraction(1, 4000)))
    probes.keep(WHO, learnt)
    assert Probes(tmp_path).of(WHO) == learnt
    assert probes.of(replace(WHO, firmware="2.0")) == NOTHING == probes.of(replace(WHO, version="3.00"))
    probes.keep(WHO, NOTHING)
    assert json.loads((tmp_path / FILE).read_text()) == {}


@pytest.mark.parametrize(
    "entry", [[], {"isos": ["x"]}, {"isos": [-1]}, {"shutters": ["1/0"]}, {"shutters": ["99"]}, {"isos": 3}]
)
def test_an_entry_that_makes_no_sense_counts_as_nothing(tmp_path: Path, entry: object) -> None:
    (tmp_path / FILE).write_text(json.dumps({"ILCE-77X 1.0 2.00": entry}))
    assert Probes(tmp_path).of(WHO) == NOTHING
    (tmp_path / FILE).write_text("[1")
    assert Probes(tmp_path).of(WHO) == NOTHING


def test_what_was_learnt_stands_in_place_of_the_table() -> None:
    row = body("ILCE-7M3")
    assert complete(row, NOTHING) is row
    learnt = complete(row, Probed(isos=(100, 200)))
    assert learnt.isos == (100, 200) and learnt.shutters == row.shutters
