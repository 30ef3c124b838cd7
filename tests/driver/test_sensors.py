"""Facts of sensors: what a file tells is kept for the next connection, and a table that says otherwise is told of."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py import texts
from indi_sony_py.driver.sensors import Sensor, Sensors, complete, contradiction, learnt
from indi_sony_py.driver.view import CameraFacts, facts_of
from indi_sony_py.engine.messages import CameraStatus, Connect, Identity
from indi_sony_py.hand.messages import FrameReady
from indi_sony_py.image.record import FileFacts
from tests.driver.scripted import SETTINGS, Rig

NEW = Identity("ILCE-XX9", "00000000000000000000000012345678", "1.00", "3.00", "newest")
FACTS = FileFacts("ILCE-XX9", width=6048, height=4024, bits=14, black=512, white=16383, pixel_um=5.94)
FRAME = FrameReady(1, 1, ".fits", 100, 6032, 4024, "GRBG", FACTS)


def connect(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    assert rig.hand.asked(Connect)
    rig.hand.say(CameraStatus("warming", NEW), SETTINGS, CameraStatus("ready", NEW))


def info(rig: Rig) -> tuple[float, float, float]:
    values = rig.device.board["CCD_INFO"].values
    return tuple(float(str(values[name])) for name in ("CCD_MAX_X", "CCD_MAX_Y", "CCD_PIXEL_SIZE"))  # type: ignore[return-value]


def test_a_body_without_a_row_has_its_facts_from_its_first_file_and_keeps_them(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path)}
    rig = Rig(environment)
    connect(rig)
    assert info(rig) == (0, 0, 0)
    assert any("How large a pixel of ILCE-XX9 is stands in no table" in text for text in rig.messages())
    rig.expose(1.0)
    rig.device.photos.measured(FRAME)
    assert info(rig) == (6032, 4024, 5.94)
    assert rig.device.board["CCD_CFA"].text("CFA_TYPE") == "GRBG"
    rig.close()
    again = Rig(environment)
    connect(again)
    assert info(again) == (6032, 4024, 5.94), "before there is any frame"
    assert again.device.board["CCD_CFA"].text("CFA_TYPE") == "GRBG"
    assert not any("stands in no table" in text for text in again.messages())
    # The next frame's header has it, too.
    again.expose(1.0)
    assert again.hand.request.pixel_um == 5.94
    again.close()


def test_what_a_client_says_of_pixels_is_kept_until_a_file_knows_better(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path)}
    rig = Rig(environment)
    connect(rig)
    rig.new("Number", "CCD_INFO", CCD_PIXEL_SIZE_X=4.2)
    rig.close()
    again = Rig(environment)
    connect(again)
    assert info(again)[2] == 4.2
    again.device.photos.measured(replace(FRAME, facts=replace(FACTS, pixel_um=None)))
    assert info(again) == (6032, 4024, 4.2)
    again.device.photos.measured(FRAME)
    assert info(again)[2] == 5.94
    again.close()


def test_what_the_table_knows_is_not_kept(tmp_path: Path) -> None:
    table = facts_of("ILCE-7SM3")
    frame = replace(FRAME, width=100, height=100, facts=replace(FACTS, pixel_um=3.0))
    assert learnt(table, Sensor(), frame, "visible") == Sensor()
    assert complete(table, Sensor(10, 10, "BGGR", 1.0)) == table


@pytest.mark.parametrize(
    ("width", "height", "area", "kept"),
    [
        (6032, 4024, "visible", (6032, 4024)),
        (6032, 4024, "crop", (0, 0)),
        (3000, 2000, "visible", (0, 0)),  # a part of it, or binned
        (0, 0, "visible", (0, 0)),  # a RAW that was not looked into
    ],
)
def test_only_a_whole_frame_tells_the_size(width: int, height: int, area: str, kept: tuple[int, int]) -> None:
    found = learnt(CameraFacts("ILCE-XX9"), Sensor(), replace(FRAME, width=width, height=height), area)
    assert (found.width, found.height) == kept


def test_a_crop_that_came_first_gives_way_to_the_whole_sensor() -> None:
    small = replace(FRAME, width=3984, height=2656, facts=replace(FACTS, width=4000, height=2656))
    first = learnt(CameraFacts("ILCE-XX9"), Sensor(), small, "visible")
    assert (first.width, first.height) == (3984, 2656)
    whole = learnt(CameraFacts("ILCE-XX9"), first, FRAME, "visible")
    assert (whole.width, whole.height) == (6032, 4024)
    assert learnt(CameraFacts("ILCE-XX9"), whole, small, "visible") == whole


def test_a_file_that_says_otherwise_is_believed_and_told_once(tmp_path: Path) -> None:
    table = facts_of("ILCE-7SM3")
    assert table.levels_known
    said = FileFacts("ILCE-7SM3", bits=table.bits, black=table.black + 288, white=table.white)
    text = contradiction(table, replace(FRAME, cfa=table.cfa, facts=said))
    black = table.black
    assert text == (
        f"The file says black level {black + 288}, the table of bodies black level {black}: the file is believed. "
        "Please report it."
    )
    white = replace(FRAME, cfa=table.cfa, facts=replace(said, white=1))
    assert texts.frames.WHITE_LEVEL(level=1) in contradiction(table, white)
    assert texts.frames.COLORS(pattern="GRBG") in contradiction(table, replace(FRAME, facts=replace(said, black=None)))
    assert contradiction(table, replace(FRAME, cfa=table.cfa, facts=replace(said, bits=12))) == "", "another mode"
    assert contradiction(replace(table, known=False), FRAME) == ""
    rig = Rig({"HOME": str(tmp_path)})
    rig.connect()
    for _ in range(3):
        rig.device.photos.measured(replace(FRAME, cfa=table.cfa, width=4240, height=2832, facts=said))
    assert sum("the table of bodies" in message for message in rig.messages()) == 1
    rig.close()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_whatever_stands_in_the_file_is_no_trouble(tmp_path_factory: pytest.TempPathFactory, raw: object) -> None:
    path = tmp_path_factory.getbasetemp() / "sensors.json"
    path.write_text(json.dumps({"ILCE-XX9": raw}))
    found = Sensors(path).of("ILCE-XX9")
    assert 0 <= found.width < 100_001 and found.pixel_um == found.pixel_um
    path.write_bytes(b"\xff{")
    assert Sensors(path).of("ILCE-XX9") == Sensor()


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sensors = Sensors(tmp_path / "file" / "sensors.json")
    sensors.keep("ILCE-XX9", Sensor(1, 2, "RGGB", 3.0))
    assert sensors.of("ILCE-XX9") == Sensor(1, 2, "RGGB", 3.0)
