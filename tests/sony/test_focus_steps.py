"""What the settings say of the lens, and the codes of its steps."""

from __future__ import annotations

import pytest

from indi_sony_py.ptp.data import DataType
from indi_sony_py.sim.dumps import simulated_models
from indi_sony_py.sim.profile import profile_of
from indi_sony_py.sony.codes import Ctl, Prop, control_row
from indi_sony_py.sony.focus import FAR, LARGEST_STEP, NEAR, Drive, lens_state, step_code
from indi_sony_py.sony.snapshot import Descriptor, Form, Settings, Version

MANUAL, AF_S, DMF = 1, 2, 0x8006


def settings(*found: Descriptor) -> Settings:
    return Settings(found, Version.V300, Version.V300.lists)


def mode(value: int) -> Descriptor:
    return Descriptor(Prop.FOCUS_MODE, DataType.UINT16, 1, 1, 0, value)


def near_far(value: int, enabled: int = 1) -> Descriptor:
    return Descriptor(Prop.NEAR_FAR, DataType.UINT8, 0, enabled, 0, value)


@pytest.mark.parametrize(
    ("found", "drive"),
    [
        ((mode(MANUAL), near_far(1)), Drive.READY),
        ((mode(MANUAL), near_far(1, enabled=2)), Drive.READY),
        ((mode(MANUAL), near_far(0)), Drive.NOTHING),
        ((mode(AF_S), near_far(0)), Drive.AUTO_FOCUS),
        ((mode(AF_S), near_far(1)), Drive.AUTO_FOCUS),
        ((mode(MANUAL), near_far(0, enabled=0)), Drive.UNKNOWN),
        ((mode(MANUAL),), Drive.UNKNOWN),
        ((), Drive.UNKNOWN),
    ],
)
def test_whether_it_can_be_driven(found: tuple[Descriptor, ...], drive: Drive) -> None:
    assert lens_state(settings(*found)).drive is drive


def test_the_codes_are_those_of_the_table() -> None:
    row = control_row(Ctl.FOCUS_STEP)
    assert row is not None and row.type is DataType.INT16 and row.range == (-LARGEST_STEP, LARGEST_STEP, 1)
    assert [step_code(size, NEAR) for size in (1, 7)] == [-1, -7]
    assert [step_code(size, FAR) for size in (1, 7)] == [1, 7]
    for size, way in ((0, FAR), (8, NEAR), (1, 0), (1, 2)):
        with pytest.raises(ValueError, match="no focus step"):
            step_code(size, way)


@pytest.mark.parametrize(
    ("form", "values", "largest"),
    [
        (Form.RANGE, (-7, 7, 1), 7),
        (Form.RANGE, (-3, 3, 1), 3),
        (Form.RANGE, (0, 0, 0), 7),
        (Form.ENUM, tuple(range(-7, 8)), 7),
        (Form.ENUM, (), 7),
        (Form.NONE, (), 7),
        (Form.RANGE, (-100, 100, 1), 7),
    ],
)
def test_the_largest_step(form: Form, values: tuple[int, ...], largest: int) -> None:
    control = Descriptor(Ctl.FOCUS_STEP, DataType.INT16, 0x82, 1, 0, 0, form, values)
    assert lens_state(settings(control)).largest == largest


@pytest.mark.parametrize(("text", "name"), [("FE 28mm F2", "FE 28mm F2"), ("----", ""), ("", ""), (" x ", "x")])
def test_the_name(text: str, name: str) -> None:
    assert lens_state(settings(Descriptor(Prop.LENS_NAME, DataType.STR, 0, 1, "", text))).name == name


@pytest.mark.parametrize("model", ["ILCE-7RM4", "ILCE-6400", "ILCE-7M3", "ILCE-7SM3", "ILCE-7M4", "ILCE-6000"])
def test_each_body_gives_a_state(model: str) -> None:
    assert model in simulated_models()
    for version, listing in profile_of(model).listings.items():
        state = lens_state(Settings(listing.descriptors, version, version.lists))
        assert state.largest == LARGEST_STEP
        assert state.rough is None or 0 <= state.rough <= 100
