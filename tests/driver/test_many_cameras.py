"""Two and four cameras in one driver, one of them in trouble: the others know nothing of it. In virtual time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from indi_sony_py.driver.events import BusChanged
from tests.stage import Stage
from tests.stagehand import StageCamera

FOUR = ("ILCE-7SM3", "ILCE-6400", "ILCE-7M3", "ILCE-6000")
BULB_S = 12.0


def names(stage: Stage) -> list[str]:
    return list(stage.face.devices)


def state(stage: Stage, device: str, name: str = "CCD_EXPOSURE") -> str:
    return stage.client.vectors[device, name].state


def connected(*models: str) -> Stage:
    """A stage with each camera's device connected."""
    stage = Stage(*models)
    stage.client.get_properties()
    stage.until(lambda: len(names(stage)) == len(models), 15.0)
    for name in names(stage):
        stage.connect(name)
    stage.run(4.0)
    return stage


def unplug(stage: Stage, key: str) -> None:
    stage.at[key].do("unplug", back_s=10.0)


def hang(stage: Stage, key: str) -> None:
    stage.at[key].do("hang")


def kill(stage: Stage, key: str) -> None:
    stage.kill_hand(key)


def into_mtp(stage: Stage, key: str) -> None:
    stage.at[key].do("usb-mode", mode="mtp")


def swap(stage: Stage, one: StageCamera, two: StageCamera, pause_s: float = 0.0) -> None:
    """Each cable into the other camera's port."""
    for camera in (one, two):
        camera.do("unplug")
    if pause_s:
        stage.run(pause_s)
    one.key, two.key = two.key, one.key
    for camera in (one, two):
        camera.do("plug")


@pytest.mark.parametrize("trouble", [unplug, hang, kill, into_mtp])
@pytest.mark.parametrize("count", [2, 4])
def test_one_camera_in_trouble_disturbs_no_other(count: int, trouble: Callable[[Stage, str], None]) -> None:
    """All expose at once; trouble strikes one: the others' bulbs are true to the millisecond, their frames come."""
    with connected(*FOUR[:count]) as stage:
        devices = names(stage)
        victim = devices[1]
        key = stage.face.devices[victim].connection.key
        for name in devices:
            stage.client.expose(BULB_S, name)
        stage.run(7.0)
        assert all(state(stage, name) == "Busy" for name in devices)
        trouble(stage, key)
        others = [name for name in devices if name != victim]
        stage.until(lambda: all(state(stage, name) == "Ok" for name in others), BULB_S + 10.0)
        for name in others:
            camera = stage.at[stage.face.devices[name].connection.key]
            (press,) = camera.presses.values()
            assert press.exposure_s == pytest.approx(BULB_S, abs=0.002)
            assert [f.serial for f in stage.client.frames if f.device == name] == [press.serial]
            connection = [
                e.attrib["state"]
                for _, e in stage.client.said
                if e.attrib.get("device") == name and e.attrib.get("name") == "CONNECTION"
            ]
            assert "Alert" not in connection
        stage.until(lambda: state(stage, victim) == "Alert", 60.0)
        assert len(stage.client.frames) == len(others)
        for name in others:
            stage.expose(1.0, name)
        assert not [entry for c in stage.cameras if c.key != key for entry in c.broken]


def test_cameras_come_and_go_within_a_second_while_another_exposes() -> None:
    with Stage(*FOUR) as stage:
        for camera in stage.cameras[1:]:
            camera.do("unplug")

        def heard(key: str, command: str) -> None:
            stage.at[key].do(command)
            stage.face.handle(BusChanged())

        stage.connect()
        stage.run(4.0)
        stage.client.expose(60.0)
        stage.run(5.0)
        for number, key in enumerate(("sim-1", "sim-2", "sim-3"), 2):
            heard(key, "plug")
            stage.run(1.0)
            assert len(names(stage)) == number
        third = names(stage)[2]
        stage.connect(third)
        heard("sim-1", "unplug")
        stage.run(1.0)
        assert len(names(stage)) == 3, "one that nobody had connected goes with its camera"
        heard("sim-2", "unplug")
        stage.run(5.0)
        assert third in names(stage) and state(stage, third, "CONNECTION") == "Alert"
        heard("sim-2", "plug")
        stage.until(lambda: state(stage, third, "CONNECTION") == "Ok", 10.0)
        stage.until(lambda: state(stage, "Sony Alpha") == "Ok", 70.0)
        assert stage.client.frames[-1].serial == 1 and stage.expose(1.0, third).serial == 2001
        stage.assert_clean()


def test_swapped_cables_leave_each_camera_its_device_and_its_frame() -> None:
    """Both are pulled in mid exposure and put into each other's port: the frames that are owed keep their names."""
    with connected("ILCE-7M3", "ILCE-7SM3", "ILCE-6400") as stage:
        _, one, two = stage.cameras
        _, first, second = names(stage)
        for name in (first, second):
            stage.client.expose(BULB_S, name)
        stage.run(5.0)
        one.do("unplug")
        two.do("unplug")
        one.key, two.key = two.key, one.key
        stage.run(8.0)
        assert [state(stage, name) for name in (first, second)] == ["Alert", "Alert"]
        two.do("plug")
        stage.run(15.0)
        one.do("plug")
        stage.until(lambda: all(state(stage, name, "CONNECTION") == "Ok" for name in (first, second)), 90.0)
        assert names(stage)[1:] == [first, second]
        stage.run(60.0)
        assert stage.expose(1.0, first).serial == 1002 and stage.expose(1.0, second).serial == 2002
        assert {1001, 2001} <= set(stage.saved().values())
        stage.assert_clean()


@pytest.mark.parametrize("second_first", [False, True], ids=["neither", "second"])
@pytest.mark.parametrize("pause_s", [0.0, 1.0], ids=["at once", "slowly"])
def test_cables_swapped_before_the_first_device_is_connected_leave_it_its_camera(
    pause_s: float, second_first: bool
) -> None:
    with Stage("ILCE-7M3", "ILCE-7SM3", numbered=True) as stage:
        stage.client.get_properties()
        stage.until(lambda: len(names(stage)) == 2, 15.0)
        first, second = names(stage)
        if second_first:
            stage.connect(second)
        one, two = stage.cameras
        swap(stage, one, two, pause_s)
        stage.run(15.0)
        assert names(stage) == [first, second]
        for name, serial in ((first, 1), (second, 1001)):
            stage.connect(name)
            assert stage.expose(1.0, name).serial == serial
        stage.assert_clean()


def test_a_camera_in_the_port_of_one_that_is_away_is_healed() -> None:
    """The hand that waited there makes room, and its device takes nobody's camera but its own."""
    with Stage("ILCE-7M3", "ILCE-7SM3", numbered=True) as stage:
        stage.connect()
        first, second = names(stage)
        stage.connect(second)
        one, two = stage.cameras
        for camera in (one, two):
            camera.do("unplug")
        stage.run(15.0)
        one.key, two.key = "sim-9", one.key
        two.do("plug")
        stage.until(lambda: state(stage, second, "CONNECTION") == "Ok", 20.0)
        assert names(stage) == [first, second] and state(stage, first, "CONNECTION") == "Alert"
        assert "Another camera (ILCE-7SM3, serial number 2) is where" in " ".join(stage.client.texts)
        one.do("plug")
        stage.until(lambda: state(stage, first, "CONNECTION") == "Ok", 20.0)
        assert [stage.expose(1.0, name).serial for name in (first, second)] == [1, 1001]
        stage.assert_clean()


@pytest.mark.parametrize("pause_s", [0.0, 1.0], ids=["at once", "slowly"])
def test_a_device_that_bears_a_model_takes_no_other_one_in_its_port(pause_s: float) -> None:
    """Cameras without a serial number are told apart by their model."""
    with Stage("ILCE-7M3", "ILCE-7SM3", "ILCE-6400", serial="0" * 32) as stage:
        stage.client.get_properties()
        stage.until(lambda: len(names(stage)) == 3, 15.0)
        second = names(stage)[1]
        stage.connect(second)
        stage.run(5.0)
        _, one, two = stage.cameras
        swap(stage, one, two, pause_s)
        stage.run(30.0)
        shown = stage.client.vectors[second, "CAMERA_INFO"].values["MODEL"]
        assert shown.startswith("ILCE-7SM3") and state(stage, second, "CONNECTION") == "Alert"
        assert "ILCE-6400 is connected" not in " ".join(stage.client.texts)
        one.do("unplug")
        two.do("unplug")
        one.key, two.key = two.key, one.key
        one.do("plug")
        stage.until(lambda: state(stage, second, "CONNECTION") == "Ok", 60.0)
        assert 1000 < (stage.expose(1.0, second).serial or 0) < 2000


def test_a_camera_that_is_named_while_another_is_connected_is_no_device_of_its_own() -> None:
    """NETWORK_CAMERA is for the next connection, and changes nothing for the one at work, wherever it is plugged in."""
    with Stage("ILCE-7M3", numbered=True) as stage:
        stage.connect()
        stage.client.text("NETWORK_CAMERA", HOST="10.0.0.7")
        stage.run(15.0)
        stage.camera.do("unplug")
        stage.camera.key = "sim-5"
        stage.camera.do("plug")
        stage.run(15.0)
        assert names(stage) == ["Sony Alpha"] and state(stage, "Sony Alpha", "CONNECTION") == "Ok"
        assert stage.expose(1.0).serial == 1


@pytest.mark.parametrize("choice", [("NETWORK_CAMERA", "HOST", "10.0.0.7"), ("CAMERA_BINDING", "SERIAL", "2")])
def test_a_choice_for_the_next_connection_lets_no_other_devices_camera_in(choice: tuple[str, str, str]) -> None:
    """A hand that opens the place anew finds the second device's camera there."""
    with Stage("ILCE-7M3", "ILCE-7SM3", numbered=True) as stage:
        stage.connect()
        first, second = names(stage)
        stage.client.text(choice[0], **{choice[1]: choice[2]})
        stage.run(5.0)
        one, two = stage.cameras
        stage.kill_hand()
        swap(stage, one, two)
        stage.run(20.0)
        assert stage.expose(1.0, first).serial == 1
        stage.connect(second)
        assert stage.expose(1.0, second).serial == 1001
        stage.assert_clean()


def test_a_device_without_a_number_takes_no_camera_with_one_in_its_port() -> None:
    with Stage("ILCE-7SM3", "ILCE-7M3", "ILCE-6400") as stage:
        away, _, other = stage.cameras
        for camera in (away, other):
            camera.do("unplug")
        stage.client.get_properties()
        stage.run(5.0)
        away.do("plug")
        stage.until(lambda: len(names(stage)) == 2, 15.0)
        its_own = names(stage)[1]
        assert "ILCE-7SM3" in its_own
        stage.connect(its_own)
        away.do("unplug")
        stage.run(5.0)
        away.key, other.key = "sim-9", away.key
        other.do("plug")
        stage.until(lambda: len(names(stage)) == 3, 15.0)
        stage.run(10.0)
        third = names(stage)[2]
        stage.connect(third)
        assert stage.expose(1.0, third).serial == 2001
        assert state(stage, its_own, "CONNECTION") == "Alert"
        stage.assert_clean()


@pytest.mark.parametrize("numbered", [True, False], ids=["numbered", "numberless"])
@pytest.mark.parametrize("busy", [True, False], ids=["in mid exposure", "idle"])
def test_a_driver_that_starts_anew_gives_the_first_device_the_camera_that_it_had(busy: bool, numbered: bool) -> None:
    """Another camera came later, to a port that is looked at before: the sequence goes on with its own."""
    with Stage("ILCE-7M3", "ILCE-7SM3", numbered=numbered) as stage:
        one, two = stage.cameras
        one.key, two.key = "sim-5", "sim-3"
        two.do("unplug")
        stage.connect()
        two.do("plug")
        stage.until(lambda: len(names(stage)) == 2, 15.0)
        before = names(stage)
        if busy:
            stage.client.expose(10.0)
            stage.run(8.0)
        stage.kill_face()
        stage.start_face()
        stage.until(lambda: len(names(stage)) == 2, 15.0)
        assert names(stage) == before
        stage.connect()
        stage.run(30.0)
        assert stage.expose(1.0).serial == 1 + busy
        stage.assert_clean()


def test_a_camera_that_is_away_leaves_the_first_device_to_the_one_that_is_there() -> None:
    with Stage("ILCE-7M3", "ILCE-7SM3", numbered=True) as stage:
        one, two = stage.cameras
        two.do("unplug")
        stage.connect()
        stage.kill_face()
        one.do("unplug")
        two.do("plug")
        stage.start_face()
        stage.connect()
        stage.run(5.0)
        assert stage.expose(1.0).serial == 1001
