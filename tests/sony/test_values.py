"""Values of settings: what is known from traces, and that no number from a camera breaks a decoder."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.ptp.data import DataType
from indi_sony_py.sony import values
from indi_sony_py.sony.codes import Prop, property_row
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.sony.values import (
    BULB,
    RAW_ONLY,
    STANDARD_SHUTTERS_S,
    CardSlot,
    DriveKind,
    FileFormat,
    FocusMode,
    FocusState,
    Iso,
    MultiFrame,
    ProgramKind,
    RawType,
    SaveDestination,
    decode_drive,
    decode_ev,
    decode_f_number,
    decode_file_format,
    decode_focus,
    decode_iso,
    decode_objects,
    decode_program,
    decode_shutter,
    encode_ev,
    encode_f_number,
    encode_iso,
    encode_program,
    encode_shutter,
    image_waits,
    iso_number,
    label_iso,
    label_shutter,
    lookup,
    nearest_shutter,
    same_shutter,
)

ANY_INT = st.one_of(st.integers(), st.integers(0, 0xFFFFFFFF), st.integers(-0x8000, 0xFFFF))


@pytest.mark.parametrize(
    ("number", "seconds", "label"),
    [
        (0, BULB, "Bulb"),
        (19660810, Fraction(30), "30"),
        (983050, Fraction(3, 2), "1.5"),
        (262154, Fraction(2, 5), "0.4"),
        (65539, Fraction(1, 3), "1/3"),
        (65786, Fraction(1, 250), "1/250"),
        (66536, Fraction(1, 1000), "1/1000"),
        (73536, Fraction(1, 8000), "1/8000"),
        (1966081, Fraction(30), "30"),
        (4294967295, None, "-"),
        (0x000A0000, None, "-"),
        (0x0000000A, None, "-"),
        (-1, None, "-"),
        (1 << 40, None, "-"),
    ],
)
def test_shutter_speeds(number: int, seconds: Fraction | None, label: str) -> None:
    found = decode_shutter(number)
    assert found == seconds
    assert label_shutter(found) == label


def test_two_spellings_of_30_s_are_one_speed() -> None:
    assert same_shutter(0x012C000A, 0x001E0001)
    assert not same_shutter(0x012C000A, 0)


TRACE_LADDER = (
    *(19660810, 16384010, 13107210, 9830410, 8519690, 6553610, 5242890, 3932170, 3276810, 2621450, 2097162, 1638410),
    *(1310730, 1048586, 851978, 655370, 524298, 393226, 327690, 262154, 65539, 65540, 65541, 65542, 65544, 65546),
    *(65549, 65551, 65556, 65561, 65566, 65576, 65586, 65596, 65616, 65636, 65661, 65696, 65736, 65786, 65856, 65936),
    *(66036, 66176, 66336, 66536, 66786, 67136, 67536, 68036, 68736, 69536, 70536, 71936, 73536),
)


def test_the_standard_ladder_is_that_of_the_trace() -> None:
    assert tuple(encode_shutter(s) for s in STANDARD_SHUTTERS_S) == TRACE_LADDER
    assert tuple(decode_shutter(n) for n in TRACE_LADDER) == STANDARD_SHUTTERS_S
    assert list(STANDARD_SHUTTERS_S) == sorted(set(STANDARD_SHUTTERS_S), reverse=True)


@given(st.fractions(min_value=Fraction(1, 1000), max_value=65534, max_denominator=1000))
def test_shutter_round_trip(seconds: Fraction) -> None:
    try:
        number = encode_shutter(seconds)
    except ValueError:
        assert seconds.numerator > 0xFFFF or seconds.denominator > 0xFFFF
        return
    assert decode_shutter(number) == seconds


@pytest.mark.parametrize(
    "seconds", [Fraction(0), Fraction(-1), Fraction(1, 70000), Fraction(70000), Fraction(65535, 65534)]
)
def test_times_without_a_spelling(seconds: Fraction) -> None:
    if seconds == Fraction(65535, 65534):
        assert decode_shutter(encode_shutter(seconds)) == seconds
        return
    with pytest.raises(ValueError, match=r"exposure|spelling"):
        encode_shutter(seconds)


def test_bulb_round_trip() -> None:
    assert decode_shutter(encode_shutter(BULB)) is BULB


@pytest.mark.parametrize(
    ("exposure_s", "speed", "off"),
    [
        (30.0, Fraction(30), 0.0),
        (0.001, Fraction(1, 1000), 0.0),
        (0.00101, Fraction(1, 1000), 0.0099),
        (60.0, Fraction(30), 0.5),
        (1.5, Fraction(8, 5), 1 / 15),
        (1e-9, Fraction(1, 8000), 124999.0),
    ],
)
def test_nearest_speed(exposure_s: float, speed: Fraction, off: float) -> None:
    found = nearest_shutter(exposure_s, STANDARD_SHUTTERS_S)
    assert found is not None
    assert found[0] == speed
    assert found[1] == pytest.approx(off, rel=1e-2, abs=1e-12)


def test_nearest_of_nothing() -> None:
    assert nearest_shutter(1.0, ()) is None
    with pytest.raises(ValueError, match="longer"):
        nearest_shutter(0.0, STANDARD_SHUTTERS_S)


@pytest.mark.parametrize(
    ("number", "iso", "label"),
    [
        (16777215, Iso(None), "Auto"),
        (1600, Iso(1600), "1600"),
        (102400, Iso(102400), "102400"),
        (16778816, Iso(1600, 1), "1600 NR"),
        (50331647, Iso(None, 2), "Auto NR high"),
        (268435496, Iso(40, 16), "40"),
        (268563456, Iso(128000, 16), "128000"),
        (0, None, "-"),
        (0xFFFFFFFF, None, "-"),
        (0x10000000, None, "-"),
    ],
)
def test_iso(number: int, iso: Iso | None, label: str) -> None:
    assert decode_iso(number) == iso
    assert iso_number(number) == (None if iso is None else iso.number)
    assert label_iso(iso) == label
    if iso is not None:
        assert encode_iso(iso) == number


def test_kinds_of_iso() -> None:
    assert Iso(40, 0x10).expanded and Iso(40, 0x10).plain and not Iso(40).expanded
    assert Iso(1600, 1).multi_frame is MultiFrame.ON and not Iso(1600, 1).plain
    assert Iso(None).auto and not Iso(None).plain
    assert Iso(1600, 7).multi_frame is MultiFrame.OFF


@pytest.mark.parametrize("iso", [Iso(0), Iso(0xFFFFFF), Iso(100, 256), Iso(100, -1), Iso(None, 255), Iso(-5)])
def test_no_such_iso(iso: Iso) -> None:
    with pytest.raises(ValueError, match="ISO"):
        encode_iso(iso)


@pytest.mark.parametrize(
    ("number", "f_number"), [(450, 4.5), (280, 2.8), (65533, None), (65534, None), (65535, None), (0, None)]
)
def test_f_number(number: int, f_number: float | None) -> None:
    assert decode_f_number(number) == f_number
    if f_number is not None:
        assert encode_f_number(f_number) == number


@pytest.mark.parametrize(
    ("number", "ev"), [(60536, -5.0), (-5000, -5.0), (0, 0.0), (5000, 5.0), (0xFED4, -0.3), (1 << 20, None)]
)
def test_exposure_compensation(number: int, ev: float | None) -> None:
    assert decode_ev(number) == ev
    if ev is not None:
        assert decode_ev(encode_ev(ev)) == ev


def test_encoders_refuse_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="aperture"):
        encode_f_number(0)
    with pytest.raises(ValueError, match="EV"):
        encode_ev(40)


@pytest.mark.parametrize(
    ("number", "waits", "count"),
    [(0, False, 0), (1, False, 1), (32769, True, 1), (32770, True, 2), (65531, False, 0x7FFB), (0x7FFF, False, 0x7FFF)],
)
def test_objects_in_memory(number: int, waits: bool, count: int) -> None:
    assert decode_objects(number) == (waits, count)
    assert image_waits(number) is waits


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (1, DriveKind.SINGLE),
        (98320, DriveKind.CONTINUOUS),
        (32784, DriveKind.CONTINUOUS),
        (229381, DriveKind.SELF_TIMER),
        (0x8005, DriveKind.SELF_TIMER),
        (0x8337, DriveKind.BRACKET),
        (0x0005C236, DriveKind.BRACKET),
        (0x00020003, DriveKind.TIMELAPSE),
        (0x0007800B, DriveKind.OTHER),
        (0, DriveKind.OTHER),
    ],
)
def test_drive(number: int, kind: DriveKind) -> None:
    assert decode_drive(number) is kind


def test_the_drive_codes_of_the_table_are_all_sorted() -> None:
    """The name that the table gives agrees with the kind, for every code, in both spellings."""
    row = property_row(Prop.DRIVE)
    assert row is not None
    for number, name in row.values.items():
        kind = decode_drive(number)
        assert kind is decode_drive(number & 0xFFFF)
        if name.startswith(("cont", "spot_burst")) and "timer" not in name:
            assert kind is DriveKind.CONTINUOUS, name
        if "timer" in name:
            assert kind is DriveKind.SELF_TIMER, name
        if "bracket" in name:
            assert kind is DriveKind.BRACKET, name
        assert (kind is DriveKind.SINGLE) == (name == "normal")


def test_the_program_codes_of_the_table_are_all_sorted() -> None:
    row = property_row(Prop.PROGRAM)
    assert row is not None
    for number, name in row.values.items():
        kind = decode_program(number)
        assert kind is decode_program(number & 0xFFFF)
        assert kind.is_manual == (name == "m")
        moving = any(word in name for word in ("movie", "s_q", "high_frame_rate"))
        assert kind.is_movie == moving, name


def test_programs_in_both_versions() -> None:
    for code, number in ((1, 1), (2, 0x00010002), (3, 0x00020003), (4, 0x00030004), (0x8000, 0x00048000)):
        assert encode_program(code, Version.V300) == number
        assert encode_program(code, Version.V200) == code
    assert decode_program(5) is ProgramKind.SCENE


@pytest.mark.parametrize(
    ("version", "code"),
    [(Version.V200, Prop.FILE_FORMAT_200), (Version.V300, Prop.FILE_FORMAT_300)],
    ids=["200", "300"],
)
def test_file_formats_agree_with_the_table(version: Version, code: Prop) -> None:
    row = property_row(code)
    assert row is not None
    for number, name in row.values.items():
        found = decode_file_format(number, version)
        companion = any(w in name for w in ("jpeg", "jpg", "heif")) or name in (
            "eco_light",
            "std",
            "fine",
            "extra_fine",
        )
        assert found == FileFormat("raw" in name, companion), name
    assert decode_file_format(RAW_ONLY[version], version) == FileFormat(True, False)
    assert decode_file_format(0, version) is None


@pytest.mark.parametrize(
    ("enum", "code"),
    [
        (RawType, Prop.RAW_TYPE),
        (SaveDestination, Prop.SAVE_DESTINATION),
        (FocusMode, Prop.FOCUS_MODE),
        (CardSlot, Prop.SLOT1),
    ],
)
def test_enums_have_the_numbers_of_the_table(enum: type[RawType], code: Prop) -> None:
    row = property_row(code)
    assert row is not None
    assert {int(member) for member in enum} == set(row.values)


def test_small_judgements() -> None:
    assert [m for m in FocusMode if m.is_manual] == [FocusMode.MANUAL, FocusMode.MANUAL_REVERSE, FocusMode.PRESET]
    assert not SaveDestination.CARD.reaches_host and SaveDestination.BOTH.reaches_host
    assert RawType.COMPRESSED.lossy and not RawType.LOSSLESS_L.lossy and not RawType.LOSSLESS_S.full_size
    assert decode_focus(2) is FocusState.FOCUSED and decode_focus(3) is FocusState.FAILED
    assert decode_focus(3, failed_means_focused=True) is FocusState.FOCUSED
    assert decode_focus(99) is FocusState.IDLE
    assert values.battery_percent(-1) is None and values.battery_percent(71) == 71
    assert values.battery_bars_percent(0x06) == 75 and values.battery_bars_percent(0xFF) is None
    assert lookup(CardSlot, 77) is None


@given(ANY_INT)
def test_no_number_breaks_a_decoder(number: int) -> None:
    speed = decode_shutter(number)
    label_shutter(speed)
    if isinstance(speed, Fraction):
        assert speed > 0
        assert decode_shutter(encode_shutter(speed)) == speed
    iso = decode_iso(number)
    label_iso(iso)
    if iso is not None:
        assert encode_iso(iso) == number
    f_number = decode_f_number(number)
    if f_number is not None:
        assert encode_f_number(f_number) == number
    ev = decode_ev(number)
    if ev is not None:
        assert encode_ev(ev) in (number, number - 0x10000)
    assert isinstance(decode_drive(number), DriveKind)
    assert isinstance(decode_program(number), ProgramKind)
    assert isinstance(decode_focus(number), FocusState)
    for version in Version:
        decode_file_format(number, version)
    waits, count = decode_objects(number)
    assert count >= 0 and (not waits or count <= 100)
    values.battery_percent(number)
    values.battery_bars_percent(number)
    for enum in (RawType, SaveDestination, FocusMode, CardSlot):
        lookup(enum, number)


def test_what_is_written_fits_its_type() -> None:
    for speed in STANDARD_SHUTTERS_S:
        assert 0 <= encode_shutter(speed) < 1 << (8 * DataType.UINT32.size)
