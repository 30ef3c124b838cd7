"""Cameras composed from dumps, rows and siblings: whole, ready, and honest about what was borrowed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from indi_sony_py.sim import composition
from indi_sony_py.sim.composition import OPERATIONS_OF, SIBLINGS, split_codes
from indi_sony_py.sim.dumps import CameraModel, compose, list_dumps, load, simulated_models
from indi_sony_py.sim.ready import READY
from indi_sony_py.sony.bodies import Control, RawFormat, all_bodies, body
from indi_sony_py.sony.codes import NEEDED_OPERATIONS, Prop, property_row
from indi_sony_py.sony.snapshot import Form, Version, decode_settings, encode_settings
from indi_sony_py.sony.values import (
    DriveKind,
    FocusMode,
    ProgramKind,
    RawType,
    SaveDestination,
    decode_drive,
    decode_file_format,
    decode_iso,
    decode_program,
    decode_shutter,
)

MODELS = simulated_models()
CAMERAS = {model: compose(model) for model in MODELS}
PAIRS = [(model, version) for model, camera in CAMERAS.items() for version in camera.versions]
FORMAT = {Version.V200: Prop.FILE_FORMAT_200, Version.V300: Prop.FILE_FORMAT_300}


def ids(pair: object) -> str:
    return pair.label if isinstance(pair, Version) else str(pair)


def test_every_body_with_control_is_there() -> None:
    remote = {b.model for b in all_bodies() if b.control is Control.REMOTE}
    assert remote - set(MODELS) == {"ZV-1F"}, "it writes no RAW file"
    assert set(MODELS) <= remote
    for model, camera in CAMERAS.items():
        assert camera.controllable and camera.versions == body(model).versions


@pytest.mark.parametrize(("model", "version"), PAIRS, ids=ids)
def test_listing_is_a_data_set(model: str, version: Version) -> None:
    listing = CAMERAS[model].listings[version]
    data = encode_settings(listing.settings)
    again = decode_settings(data, version)
    assert again.descriptors == listing.settings.descriptors and again.lists is version.lists
    assert listing.ext.version is version
    assert type(listing.ext).decode(listing.ext.encode()) == listing.ext
    assert {0xD2C1, 0xD2C2} <= {*listing.ext.controls, *listing.ext.properties}
    assert set(listing.marks) <= {d.code for d in listing.settings.descriptors}


@pytest.mark.parametrize(("model", "version"), PAIRS, ids=ids)
def test_ready_state(model: str, version: Version) -> None:
    settings = CAMERAS[model].listings[version].settings
    number = settings.number
    assert number(Prop.OBJECTS_IN_MEMORY) == 0
    assert decode_program(number(Prop.PROGRAM) or 0) is ProgramKind.MANUAL
    assert decode_drive(number(Prop.DRIVE) or 0) is DriveKind.SINGLE
    assert number(Prop.FOCUS_MODE) in (FocusMode.MANUAL, None)
    shown = decode_file_format(number(FORMAT[version]) or 0, version)
    assert shown is not None and shown.raw and not shown.companion
    assert number(Prop.SAVE_DESTINATION) in (None, SaveDestination.HOST)
    speed, iso = decode_shutter(number(Prop.SHUTTER_SPEED) or 0), decode_iso(number(Prop.ISO) or 0)
    assert iso is not None and iso.plain and speed == Fraction(1, 100)
    if version is Version.V300:
        assert number(Prop.LONG_EXPOSURE_NR) in (None, 1)
        raw_type = settings.get(Prop.RAW_TYPE)
        if raw_type is not None:
            assert raw_type.current in raw_type.values == raw_type.reportable


@pytest.mark.parametrize("model", MODELS)
def test_true_lists(model: str) -> None:
    camera = CAMERAS[model]
    speeds = [decode_shutter(n) for n in camera.true_shutters]
    assert None not in speeds and camera.true_shutters[0] == 0
    assert len(camera.true_isos) >= 5 and None not in [decode_iso(n) for n in camera.true_isos]
    for version in camera.versions:
        assert camera.listings[version].settings.number(Prop.ISO) in camera.true_isos
        assert camera.listings[version].settings.number(Prop.SHUTTER_SPEED) in camera.true_shutters
    if Version.V300 in camera.versions:
        listed = camera.listings[Version.V300].settings.get(Prop.SHUTTER_SPEED)
        assert listed is not None and listed.values == camera.true_shutters


@pytest.mark.parametrize("model", MODELS)
def test_identity(model: str) -> None:
    camera = CAMERAS[model]
    info = camera.device_info
    assert info.model == model and info.manufacturer == "Sony Corporation" and info.device_version
    assert set(info.operations) >= NEEDED_OPERATIONS and info.events
    assert set(info.serial) == {"0"}
    assert type(info).decode(info.encode()) == info
    assert (camera.vendor_code_version is None) == (Version.V300 not in camera.versions)
    assert 0 < camera.product_id <= 0xFFFF


@pytest.mark.parametrize(("model", "version"), PAIRS, ids=ids)
def test_borrowed_facts_are_marked(model: str, version: Version) -> None:
    """A listing that is not the body's own marks every property; its own marks what was changed or assumed."""
    camera = CAMERAS[model]
    listing = camera.listings[version]
    codes = {d.code for d in listing.settings.descriptors}
    if listing.source in camera.dumps:
        own = load(listing.source)
        shown = {p.descriptor for p in own.properties if not p.assumed}
        for d in listing.settings.descriptors:
            assert d.code in listing.marks or d in shown, hex(d.code)
    else:
        assert codes == set(listing.marks)
        assert all(any("assumed: " in text for text in listing.marks[c]) for c in codes)


@pytest.mark.parametrize("name", [n for n in list_dumps() if load(n).controllable])
def test_as_dumped_is_the_dump(name: str) -> None:
    dump = load(name)
    if body(dump.model).control is not Control.REMOTE or dump.session is None:
        pytest.skip("an identity only")
    camera = compose(name, as_dumped=True) if not body(name).known else compose(dump.model, as_dumped=True)
    listing = camera.listings[dump.session]
    used = load(listing.source)
    assert used.model == dump.model
    # What 0x9202 names twice, as a property and as a control, stands once in 0x9209.
    shown = tuple({p.descriptor.code: p.descriptor for p in reversed(used.properties)}.values())[::-1]
    codes = [d.code for d in listing.settings.descriptors]
    assert len(set(codes)) == len(codes)
    assert listing.settings.descriptors[: len(shown)] == shown
    added = listing.settings.descriptors[len(shown) :]
    for d in added:
        assert any(t == "assumed: ILCE-7SM3" or t.startswith("another dump: ") for t in listing.marks[d.code])


def test_as_dumped_of_the_traces_is_byte_for_byte() -> None:
    for model, version in (("ILCE-7SM3", Version.V300), ("ILCE-6000", Version.V200)):
        camera = compose(model, as_dumped=True)
        best = load("ILCE-6000_raw" if model == "ILCE-6000" else model)
        assert encode_settings(camera.listings[version].settings) == encode_settings(best.settings)
        assert not camera.listings[version].marks


def test_the_a7_iii_is_composed_from_the_a7r_iii() -> None:
    camera, donor, row = CAMERAS["ILCE-7M3"], load("ILCE-7RM3"), body("ILCE-7M3")
    listing = camera.listings[Version.V200]
    assert listing.source == "ILCE-7RM3"
    assert [d.code for d in listing.settings.descriptors] == [p.descriptor.code for p in donor.properties]
    assert all(any("ILCE-7RM3" in text for text in texts) for texts in listing.marks.values())
    assert camera.true_isos == row.isos and camera.device_info.model == "ILCE-7M3"
    assert camera.product_id == 0x0C34
    listed = listing.settings.get(Prop.ISO)
    assert listed is not None and not set(listed.choices) <= set(camera.true_isos), "its list lies, as the body's does"


def test_300_of_a_body_without_its_own_trace() -> None:
    camera = CAMERAS["ILCE-6700"]
    listing = camera.listings[Version.V300]
    timer = listing.settings.get(Prop.BULB_TIME)
    assert timer is not None and timer.values == (2, 900, 1)
    raw_type = listing.settings.get(Prop.RAW_TYPE)
    assert raw_type is not None and RawType.UNCOMPRESSED not in raw_type.choices
    assert RawType.LOSSLESS_L in raw_type.choices
    assert CAMERAS["ILCE-7SM3"].listings[Version.V300].settings.get(Prop.BULB_TIME) is None
    for d in listing.settings.descriptors:
        known = property_row(d.code)
        assert known is None or known.for_body("ILCE-6700"), hex(d.code)


def test_300_takes_lists_of_its_own_200_dump() -> None:
    listing = CAMERAS["ILCE-7C"].listings[Version.V300]
    changed = [c for c, texts in listing.marks.items() if any("own 2.00 dump" in t for t in texts)]
    assert changed
    for code in changed:
        mine, found = load("ILCE-7C").get(code), listing.settings.get(code)
        assert mine is not None and found is not None and found.reportable == mine.descriptor.values


def test_a_gap_is_filled_from_another_dump_of_the_body() -> None:
    listing = CAMERAS["SLT-A58"].listings[Version.V200]
    assert listing.source == "SLT-A58_fw1.0" and load("SLT-A58_fw1.0").get(Prop.ISO) is None
    assert "another dump: SLT-A58" in listing.marks[Prop.ISO]
    found = listing.settings.get(Prop.ISO)
    assert found is not None and found.choices


def test_a_dump_that_was_cut_off_is_completed() -> None:
    listing = CAMERAS["ILCE-7M5"].listings[Version.V300]
    assert load("ILCE-7M5").get(Prop.OBJECTS_IN_MEMORY) is None
    assert listing.settings.number(Prop.OBJECTS_IN_MEMORY) == 0
    assert "assumed: ILCE-7SM3" in listing.marks[Prop.OBJECTS_IN_MEMORY]


@pytest.mark.parametrize(
    ("model", "rest"), [("ILCE-7RM4", 2), ("ILCE-1", 2), ("ILCE-7S", 1), ("ILCE-6400", 1), ("ILCE-7M4", None)]
)
def test_buttons_at_rest(model: str, rest: int | None) -> None:
    settings = CAMERAS[model].listings[Version.V200].settings
    assert settings.number(0xD2C1) == rest == body(model).buttons_rest


def test_lists_of_the_2019_family() -> None:
    camera = CAMERAS["ILCE-9M2"]
    settings = camera.listings[Version.V200].settings
    direct, speeds = settings.get(Prop.ISO_DIRECT), settings.get(Prop.SHUTTER_DIRECT)
    assert direct is not None and direct.choices
    assert speeds is not None and 0 not in speeds.choices and len(speeds.choices) > 40


def test_a_known_iso_list_replaces_the_siblings() -> None:
    row = replace(body("ILCE-9M2"), isos=(0xFFFFFF, 100, 200))
    found = next(d for d in composition._draft_200("ILCE-9M2", row, None).rows if d.code == Prop.ISO_DIRECT)
    assert found.values == row.isos


def test_range_of_the_newest_in_200() -> None:
    for model, fastest in (("ILCE-7SM3", 8000), ("ILCE-6700", 4000), ("ILCE-1M2", 32000)):
        speed = CAMERAS[model].listings[Version.V200].settings.get(Prop.SHUTTER_SPEED)
        assert speed is not None and speed.form is Form.RANGE
        assert speed.values == (0x10000 | fastest, 0x001E0001, 1)


def test_the_version_that_is_answered() -> None:
    both, new, old = CAMERAS["ILCE-7SM3"], CAMERAS["ILCE-7M5"], CAMERAS["ILCE-6000"]
    assert (both.answers(0x12C), both.answers(0xC8)) == (Version.V300, Version.V200)
    assert (new.answers(0x12C), new.answers(0xC8)) == (Version.V300, Version.V300)
    assert (old.answers(0x12C), old.answers(0xC8)) == (Version.V200, Version.V200)


@pytest.mark.parametrize(
    "name", ["DSC-QX30U", "DSLR-A900", "NEX-7", "DSC-RX100", "sony-dsc-r1", "UMC-R10C", "DSC-HX90V"]
)
def test_identities_that_cannot_be_controlled(name: str) -> None:
    camera = compose(name)
    assert not camera.controllable and camera.versions == ()
    assert camera.device_info.model
    assert not set(camera.device_info.operations) >= NEEDED_OPERATIONS


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(KeyError):
        compose("ILCE-99X")


def test_a_dump_of_another_firmware() -> None:
    camera = compose("ILCE-6000_fw2.0")
    assert camera.dumps == ("ILCE-6000_fw2.0",)
    assert camera.device_info.device_version == "2.0" and camera.device_info.model == "ILCE-6000"


def test_siblings_exist_and_are_needed() -> None:
    for model, name in SIBLINGS.items():
        assert body(model).control is Control.REMOTE and load(name).session is Version.V200
        assert load(name).controllable
    for camera in CAMERAS.values():
        if Version.V200 in camera.versions:
            source = camera.listings[Version.V200].source
            assert source in camera.dumps or SIBLINGS[camera.body.model] == source
    for model in OPERATIONS_OF.values():
        assert set(load(model).device_info.operations) >= NEEDED_OPERATIONS


def test_0x9202_codes_are_split() -> None:
    assert split_codes((0x5004, 0xD20D, 0xD2C1, 0xD20D)) == ((0x5004, 0xD20D), (0xD2C1, 0xD20D))
    a5100 = CAMERAS["ILCE-5100"].listings[Version.V200].ext
    assert (len(a5100.properties), len(a5100.controls)) == (31, 6)
    listed = {d.code for d in CAMERAS["ILCE-5100"].listings[Version.V200].settings.descriptors}
    assert listed <= {*a5100.properties, *a5100.controls}


def test_a_sibling_lends_only_what_the_body_announced() -> None:
    own = replace(load("ILCE-5100"), ext=None, codes=(0x5004, 0xD2C1))
    draft = composition._draft_200("ILCE-5100", body("ILCE-5100"), own)
    assert {d.code for d in draft.rows} == {0x5004, 0xD2C1}


def test_ready_rows_have_reasons() -> None:
    assert all(row.why for row in READY) and len({row.code for row in READY}) == len(READY)


def test_raw_types_follow_the_row() -> None:
    for model, camera in CAMERAS.items():
        if Version.V300 not in camera.versions or model in ("ILCE-1M2", "ILCE-7M5"):
            continue
        found = camera.listings[Version.V300].settings.get(Prop.RAW_TYPE)
        formats = body(model).raw_formats
        if found is not None and formats:
            assert (RawType.UNCOMPRESSED in found.choices) == (RawFormat.UNCOMPRESSED in formats), model
            assert (RawType.COMPRESSED in found.choices) == (RawFormat.COMPRESSED in formats), model


def test_models_do_not_share_state() -> None:
    one, other = compose("ILCE-7S"), compose("ILCE-7S")
    assert one.listings[Version.V200].settings.descriptors == other.listings[Version.V200].settings.descriptors
    assert isinstance(replace(one, name="x"), CameraModel)
