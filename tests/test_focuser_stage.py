"""The lens as a focuser, through the whole stack: what clients are told is where the glass stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indi_sony_py import texts
from indi_sony_py.indi.definitions import NumberDef
from tests.stage import Stage

ABS, REL, MOTION = "ABS_FOCUS_POSITION", "REL_FOCUS_POSITION", "FOCUS_MOTION"
INTERFACE = "DRIVER_INTERFACE"


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A camera with a lens, whose place nobody knows yet."""
    with Stage("ILCE-7SM3") as made:
        made.connect()
        yield made


def glass(stage: Stage) -> float:
    return stage.camera.camera.lens.glass


def ended(stage: Stage, name: str = ABS, limit_s: float = 120.0) -> str:
    stage.settle()
    stage.until(lambda: stage.client[name].state != "Busy", limit_s)
    return stage.client[name].state


def go(stage: Stage, position: float) -> str:
    stage.client.number(ABS, FOCUS_ABSOLUTE_POSITION=position)
    stage.settle()
    assert stage.client[ABS].state == "Busy"
    return ended(stage)


def step(stage: Stage, way: str, count: float) -> str:
    stage.client.switch(MOTION, way)
    stage.client.number(REL, FOCUS_RELATIVE_POSITION=count)
    return ended(stage, REL)


def test_a_position_is_where_the_glass_stands_whichever_way_it_came(stage: Stage) -> None:
    client = stage.client
    assert client["DRIVER_INFO"].values[INTERFACE] == "10"
    assert (client[ABS].state, glass(stage)) == ("Idle", 260)
    assert client["LENS"].values["PLACE"].startswith("not known: the next move to a position runs")
    for position in (500, 1500, 480, 500, 0, 3000, 500):
        assert go(stage, position) == "Ok"
        assert client[ABS].number() == position == pytest.approx(glass(stage), abs=0.51)
    assert client["LENS"].values["PLACE"] == texts.focus.PLACE_KNOWN(doubt=0)
    assert client["LENS"].values["DRIVE"] == texts.focus.CAN_MOVE()
    assert client["LENS"].values["STEPS"] == texts.focus.NOT_MEASURED()
    assert any("are not measured" in text for text in client.texts)
    stage.assert_clean()


def test_in_is_towards_infinity_and_out_is_nearer(stage: Stage) -> None:
    assert step(stage, "FOCUS_OUTWARD", 200) == "Ok" and glass(stage) == pytest.approx(460, abs=1)
    assert stage.client[ABS].state != "Ok", "nobody knows where it stands"
    assert step(stage, "FOCUS_INWARD", 100) == "Ok" and glass(stage) == pytest.approx(360, abs=1)
    assert go(stage, 700) == "Ok"
    assert step(stage, "FOCUS_OUTWARD", 300) == "Ok" and glass(stage) == pytest.approx(1000, abs=1)
    assert step(stage, "FOCUS_INWARD", 600) == "Ok" and glass(stage) == pytest.approx(400, abs=1)
    assert stage.client[ABS].number() == 400
    before = glass(stage)
    assert step(stage, "FOCUS_INWARD", 401) == "Alert"
    assert any("The lens cannot stand there: positions are 0 to" in text for text in stage.client.texts)
    assert step(stage, "FOCUS_OUTWARD", 0) == "Alert"
    assert any("A relative move needs a number of steps above 0" in text for text in stage.client.texts)
    assert glass(stage) == before
    stage.assert_clean()


def test_a_position_beyond_the_limits_is_refused_and_nothing_moves(stage: Stage) -> None:
    limit = stage.client["FOCUS_MAX"].number()
    (element,) = stage.face.first.board[ABS].definition.elements
    assert isinstance(element, NumberDef) and (element.min, element.max) == (0, limit)
    for position in (-1, limit + 1):
        stage.client.number(ABS, FOCUS_ABSOLUTE_POSITION=position)
        assert ended(stage) == "Alert"
    assert glass(stage) == 260


def test_a_stop_is_answered_at_once_and_the_position_stays_true(stage: Stage) -> None:
    assert go(stage, 100) == "Ok"
    stage.client.number(ABS, FOCUS_ABSOLUTE_POSITION=4000)
    stage.run(3.0)
    stage.client.switch("FOCUS_ABORT_MOTION", "ABORT")
    stage.settle()
    assert stage.client["FOCUS_ABORT_MOTION"].state == "Ok" and stage.client["FOCUS_ABORT_MOTION"].chosen == ""
    assert stage.client[ABS].state == "Idle"
    stage.run(3.0)
    assert 100 < glass(stage) < 4000
    # Stopped on its way nearer, it stands on the near side of the play, which is assumed to be 20.
    assert stage.client[ABS].number() == pytest.approx(glass(stage), abs=20.51)
    assert go(stage, 300) == "Ok" and glass(stage) == pytest.approx(300, abs=0.51)
    stage.assert_clean()


def test_a_newer_move_takes_the_place_of_an_older_one(stage: Stage) -> None:
    stage.client.number(ABS, FOCUS_ABSOLUTE_POSITION=4000)
    stage.run(1.0)
    assert go(stage, 600) == "Ok"
    assert glass(stage) == pytest.approx(600, abs=0.51)
    states = [state for _, state, _ in stage.client[ABS].history]
    assert "Alert" not in states and states.count("Ok") == 1


def test_sync_says_where_it_stands_and_moves_nothing(stage: Stage) -> None:
    client = stage.client
    client.number("FOCUS_SYNC", FOCUS_SYNC_VALUE=260)
    assert ended(stage, "FOCUS_SYNC") == "Ok"
    assert (client[ABS].state, client[ABS].number(), glass(stage)) == ("Ok", 260, 260)
    before = stage.clock.monotonic()
    assert go(stage, 300) == "Ok" and glass(stage) == pytest.approx(300, abs=0.51)
    assert stage.clock.monotonic() - before < 15, "no run to the stop was needed"


def test_a_run_to_the_stop_makes_the_position_known(stage: Stage) -> None:
    stage.client.switch("FOCUS_HOME", "GO")
    assert ended(stage, "FOCUS_HOME") == "Ok"
    assert stage.client["FOCUS_HOME"].chosen == ""
    assert (stage.client[ABS].state, stage.client[ABS].number(), glass(stage)) == ("Ok", 0, 0)


@pytest.mark.parametrize("cause", ["auto-focus", "ring", "other lens"])
def test_what_moves_the_lens_unasked_is_told(stage: Stage, cause: str) -> None:
    assert go(stage, 1500) == "Ok"
    match cause:
        case "auto-focus":
            stage.camera.do("focus", mode="auto")
        case "ring":
            stage.camera.do("ring", steps=-1000)
        case _:
            stage.camera.do("lens", kind="tele")
    stage.run(4.0)
    client = stage.client
    assert client[ABS].state == "Alert"
    assert client["LENS"].values["PLACE"].startswith("not known: the next move to a position runs")
    if cause == "other lens":
        assert client["LENS"].values["NAME"] == "FE 200-600mm F5.6-6.3 G OSS"
    else:
        assert any("where it stands is not known any more" in text for text in client.texts)
    if cause == "auto-focus":
        assert client["LENS"].values["DRIVE"].startswith("The camera focuses by itself")
        assert go(stage, 500) == "Alert"
        stage.camera.do("focus", mode="manual")
        stage.run(4.0)
    assert go(stage, 500) == "Ok"
    assert client[ABS].number() == 500


def test_the_play_is_taken_up_as_it_was_told(stage: Stage) -> None:
    client = stage.client
    stage.camera.do("lens", kind="tele")
    stage.run(3.0)
    assert client["FOCUS_BACKLASH_TOGGLE"].chosen == "INDI_ENABLED"
    client.number("FOCUS_BACKLASH_STEPS", FOCUS_BACKLASH_VALUE=30)
    assert client["FOCUS_BACKLASH_TOGGLE"].state != "Alert"
    stage.run(1.0)
    limit = client["FOCUS_MAX"].number()
    assert go(stage, 600) == "Ok"
    lens = stage.camera.camera.lens
    assert lens.motor == lens.glass, "the last run was towards infinity, through the play"
    client.switch("FOCUS_BACKLASH_TOGGLE", "INDI_DISABLED")
    stage.run(1.0)
    assert client["FOCUS_BACKLASH_STEPS"].number() == 0 and client["FOCUS_MAX"].number() == limit + 30
    assert (client[ABS].state, client[ABS].number()) == ("Ok", 600), "the position is known all the same"
    client.switch("FOCUS_BACKLASH_TOGGLE", "INDI_ENABLED")
    stage.run(1.0)
    assert client["FOCUS_BACKLASH_STEPS"].number() == 30
    client.disconnect()
    stage.run(5.0)
    client.connect()
    stage.run(10.0)
    assert client["FOCUS_BACKLASH_STEPS"].number() == 30, "it is kept with the lens"


def test_a_lens_that_stands_beyond_the_limit_comes_back_step_by_step(stage: Stage) -> None:
    """Play that is taken up needs room behind the lens: the limit sinks below the place."""
    client = stage.client
    stage.camera.do("lens", kind="tele")
    stage.run(3.0)
    client.switch("FOCUS_BACKLASH_TOGGLE", "INDI_DISABLED")
    stage.run(1.0)
    far = client["FOCUS_MAX"].number()
    assert go(stage, far) == "Ok"
    client.switch("FOCUS_BACKLASH_TOGGLE", "INDI_ENABLED")
    stage.run(1.0)
    limit = client["FOCUS_MAX"].number()
    assert client[ABS].number() == far > limit + 10
    for way, state in (("FOCUS_OUTWARD", "Alert"), ("FOCUS_INWARD", "Ok")):
        client.switch("FOCUS_MOTION", way)
        client.number("REL_FOCUS_POSITION", FOCUS_RELATIVE_POSITION=10)
        stage.settle()
        stage.until(lambda: client["REL_FOCUS_POSITION"].state != "Busy", 100)
        assert client["REL_FOCUS_POSITION"].state == state
    assert client[ABS].number() <= limit


def test_without_a_lens_that_can_be_driven_there_is_no_focuser() -> None:
    with Stage("ILCE-7SM3") as stage:
        stage.camera.do("lens", kind="manual")
        stage.connect()
        stage.run(3.0)
        client = stage.client
        assert not client.has(ABS) and client["DRIVER_INFO"].values[INTERFACE] == "2"
        assert client["LENS"].values["DRIVE"].startswith("This lens cannot be driven")
        stage.camera.do("lens", kind="standard")
        stage.run(3.0)
        assert client.has(ABS) and client["DRIVER_INFO"].values[INTERFACE] == "10"
        stage.camera.do("lens", on=False)
        stage.run(3.0)
        assert not client.has(ABS) and client["DRIVER_INFO"].values[INTERFACE] == "2"


def test_a_move_waits_for_an_exposure_and_an_exposure_for_a_move(stage: Stage) -> None:
    client = stage.client
    assert go(stage, 500) == "Ok"
    client.expose(5.0)
    stage.run(1.0)
    client.number(ABS, FOCUS_ABSOLUTE_POSITION=900)
    stage.run(2.0)
    assert client[ABS].state == "Busy" and glass(stage) == pytest.approx(500, abs=0.51)
    client.expose(2.0)
    stage.until(lambda: client["CCD_EXPOSURE"].state == "Ok", 100)
    assert client.frames[-1].header["FOCUSPOS"] == 900
    assert ended(stage) == "Ok"
    stage.assert_clean()


def test_the_header_tells_the_position_unless_another_focuser_does(stage: Stage) -> None:
    assert "FOCUSPOS" not in stage.expose(1.0).header
    assert go(stage, 500) == "Ok"
    assert stage.expose(1.0).header["FOCUSPOS"] == 500
    stage.client.send(
        "<defNumberVector device='Focuser Simulator' name='ABS_FOCUS_POSITION' state='Ok' perm='rw'>"
        "<defNumber name='FOCUS_ABSOLUTE_POSITION' format='%g' min='0' max='9' step='0'>41000</defNumber>"
        "</defNumberVector>"
    )
    stage.settle()
    assert stage.expose(1.0).header["FOCUSPOS"] == 41000


def test_a_hand_that_ends_in_a_move_is_told_and_the_next_one_moves(stage: Stage) -> None:
    stage.client.number(ABS, FOCUS_ABSOLUTE_POSITION=3000)
    stage.run(2.0)
    stage.kill_hand()
    assert ended(stage) == "Alert"
    stage.until(lambda: stage.client["CONNECTION"].state == "Ok", 60)
    stage.run(5.0)
    assert go(stage, 400) == "Ok" and glass(stage) == pytest.approx(400, abs=0.51)


def test_all_is_gone_with_the_connection_and_nothing_is_believed_after_it(stage: Stage) -> None:
    assert go(stage, 400) == "Ok"
    stage.client.disconnect()
    stage.run(5.0)
    assert not stage.client.has(ABS) and not stage.client.has("LENS")
    stage.connect()
    stage.run(2.0)
    assert stage.client[ABS].state == "Idle"
    assert stage.client["LENS"].values["PLACE"].startswith("not known: the next move to a position runs")


def test_the_play_that_it_has_already_stops_no_move(stage: Stage) -> None:
    """Programs write it again with each run of theirs."""
    client = stage.client
    assert go(stage, 1000) == "Ok"
    play = client["FOCUS_BACKLASH_STEPS"].number()
    client.number(ABS, FOCUS_ABSOLUTE_POSITION=2000)
    stage.run(0.5)
    client.number("FOCUS_BACKLASH_STEPS", FOCUS_BACKLASH_VALUE=play)
    client.switch("FOCUS_BACKLASH_TOGGLE", "INDI_ENABLED")
    stage.settle()
    assert client["FOCUS_BACKLASH_STEPS"].state == client["FOCUS_BACKLASH_TOGGLE"].state == "Ok"
    assert client[ABS].state == "Busy"
    assert ended(stage) == "Ok" and client[ABS].number() == pytest.approx(2000, abs=1)
