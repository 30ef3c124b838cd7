"""Records of cameras that could not be connected: modes, handshakes, claims, and which camera is which."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from indi_sony_py.clock import VirtualClock
from indi_sony_py.sim.attach import LocalSlot
from indi_sony_py.sim.chapter9 import identity_frame
from indi_sony_py.sim.device import UsbIdentity
from indi_sony_py.sim.faults import Fault
from indi_sony_py.transport.bus import BusBackend
from tests.bugs.benches import BOTH, connected
from tests.bugs.stages import BODIES, texts_since
from tests.engine.bench import serial_of
from tests.stage import Stage
from tests.stagetime import PortClock

VENDOR_OPERATIONS = (0x9201, 0x9202, 0x9203, 0x9205, 0x9207, 0x9209, 0x9280)


def ask_to_connect(stage: Stage) -> None:
    """One click, without waiting for what comes of it."""
    stage.client.get_properties()
    stage.settle()
    stage.client.connect()
    stage.settle()


def connection(stage: Stage) -> tuple[str, str]:
    mirror = stage.client["CONNECTION"]
    return mirror.state, mirror.chosen


@BODIES
@pytest.mark.parametrize("operation", [0x1002, 0x1001, 0x9201, 0x9202, 0x9209], ids=hex)
def test_b24_a_body_that_restarts_in_the_handshake_is_connected_by_one_click(model: str, operation: int) -> None:
    """It leaves the bus for 2 s, in mid handshake, and comes back at a new address: Ok within 15 s, never an Alert.

    0x9201 with its second match is the record's own case, after phase 2. Guard: the first connection is tried again for
    `GONE_PATIENCE_S`.
    """
    when = {"operation": operation, "nth": 2 if operation == 0x9201 else 1}
    with Stage(model, faults=[Fault.of("unplug", when, back_s=2.0)]) as stage:
        ask_to_connect(stage)
        stage.until(lambda: connection(stage) == ("Ok", "CONNECT"), 15.0)
        assert "Alert" not in [state for _, state, _ in stage.client["CONNECTION"].history]
        assert stage.expose(1.0).serial == 1
        stage.assert_clean()


@BODIES
def test_b24_a_body_that_does_not_come_back_is_an_alert_with_the_remedy(model: str) -> None:
    with Stage(model, faults=[Fault.of("unplug", {"operation": 0x9202}, back_s=-1.0)]) as stage:
        ask_to_connect(stage)
        stage.until(lambda: connection(stage)[0] == "Alert", 41.0)
        assert "cable" in texts_since(stage, 0)


@BODIES
def test_b25_a_held_interface_is_an_alert_with_who_to_stop(model: str) -> None:
    """Another program has the interface: Alert within 5 s that says so and names the usual culprit and its command."""
    with Stage(model) as stage:
        other = LocalSlot(stage.camera.host, VirtualClock(), "sim-0").open()
        other.claim(0)
        ask_to_connect(stage)
        stage.until(lambda: connection(stage)[0] == "Alert", 5.0)
        told = texts_since(stage, 0)
        assert "another program" in told.lower() and "gvfs" in told and "systemctl --user stop" in told
        other.close()
        stage.until(lambda: connection(stage) == ("Ok", "CONNECT"), 70.0)


@BODIES
@pytest.mark.parametrize(
    "busy",
    ["the handshake", "an image of before", "settings", "the image", "the warm-up"],
)
def test_b25_busy_never_lasts_two_seconds_without_a_word(model: str, busy: str) -> None:
    """Each Busy that is longer says what is going on, in a message after it began and at most 3 s later."""
    with Stage(model) as stage:
        camera = stage.camera
        if busy == "the handshake":
            camera.fault("late-answer", {"operation": 0x9201}, seconds=6.0)
        ask_to_connect(stage)
        name = "CONNECTION" if busy == "the handshake" else "CCD_EXPOSURE"
        if busy != "the handshake":
            stage.until(lambda: connection(stage) == ("Ok", "CONNECT"), 15.0)
            stage.run(0.0 if busy == "the warm-up" else 5.0)
            if busy == "an image of before":
                camera.fault("slow-image", seconds=8.0)
                camera.do("press", hold_s=0.1)
                stage.run(0.2)
            elif busy == "settings":
                camera.fault("slow-set", {"property": 0xD20D, "count": 0}, seconds=2.4)
            elif busy == "the image":
                camera.fault("slow-image", seconds=8.0)
            stage.client.expose(1 / 250)
            stage.settle()
        began = stage.clock.monotonic()
        assert stage.client[name].state == "Busy"
        stage.until(lambda: stage.client[name].state != "Busy", 60.0)
        took = stage.clock.monotonic() - began
        assert stage.client[name].state == "Ok" and took > 2.0
        words = [at for at, _, _ in stage.client.messages if began - 0.001 <= at < began + took - 0.1]
        assert words, stage.client.texts


MODES = {
    "mass_storage": ("mass storage", "USB Connection: PC Remote"),
    "mtp": ("MTP", "USB Connection: PC Remote"),
    "other": ("only charges", "its own switch"),
    "streaming": ("webcam", "USB Streaming"),
}


@pytest.mark.parametrize("model", ["ILCE-7RM3", "ILCE-7SM3", "ZV-E10"])
def test_b26_five_identities_are_four_texts_and_one_connection(model: str) -> None:
    """Disk, MTP, charger, webcam: each is named, with the menu of that body; PC Remote is connected, by itself."""
    with Stage(model) as stage:
        told: dict[str, str] = {}
        ask_to_connect(stage)
        stage.until(lambda: connection(stage) == ("Ok", "CONNECT"), 15.0)
        for mode, words in MODES.items():
            stage.client.disconnect()
            stage.until(lambda: connection(stage) == ("Idle", "DISCONNECT"), 15.0)
            stage.camera.do("usb-mode", mode=mode)
            stage.run(3.0)
            mark = len(stage.client.messages)
            stage.client.connect()
            stage.settle()
            stage.until(lambda: connection(stage)[0] == "Alert", 41.0)
            told[mode] = texts_since(stage, mark)
            assert all(word in told[mode] for word in words[:1]), told[mode]
            assert "MENU" in told[mode] or words[1] in told[mode], told[mode]
        assert len(set(told.values())) == 4
        stage.camera.do("usb-mode", mode="remote")
        stage.until(lambda: connection(stage) == ("Ok", "CONNECT"), 70.0)
        assert stage.expose(1.0).serial == 1


@pytest.mark.parametrize("model", ["ILCE-6100", "ILCE-7SM3", "ILCE-6000"])
def test_b27_no_command_of_sonys_reaches_a_body_in_mtp_mode(model: str) -> None:
    """A body in MTP mode that hangs on any of them: none is sent, and the text is that of the wrong USB mode.

    Guard: DeviceInfo must list Sony's operations before the first one is sent.
    """
    rows = [Fault.of("hang", {"operation": operation, "count": 0}) for operation in VENDOR_OPERATIONS]
    with Stage(model, faults=rows) as stage:
        stage.camera.do("usb-mode", mode="mtp")
        stage.run(3.0)
        ask_to_connect(stage)
        stage.until(lambda: connection(stage)[0] == "Alert", 41.0)
        stage.run(120.0)
        assert "MTP" in texts_since(stage, 0) and "PC Remote" in texts_since(stage, 0)
        assert not stage.camera.camera.hung
        assert not [e for e in stage.camera.referee.entries if e.kind == "fault" and e.detail == "hang"]


@BODIES
def test_b28_an_unknown_body_is_driven_by_what_it_says_of_itself(model: str) -> None:
    """USB id and name that no list knows: connected, used, and a report is asked for."""
    with Stage(model, faults=[Fault.of("stranger", product=0x0FFE, model="ILCE-XX9")]) as stage:
        stage.connect()
        assert "ILCE-XX9" in texts_since(stage, 0) and "report" in texts_since(stage, 0)
        assert stage.client["CAMERA_INFO"].values["MODEL"] == "ILCE-XX9"
        for number, seconds in enumerate((2.0, 3.3), 1):
            frame = stage.expose(seconds)
            assert frame.serial == number and frame.header["EXPTIME"] == seconds
        stage.assert_clean()


class Stranger:
    """A device of somebody else on the bus; whoever opens it has lost."""

    def __init__(self, key: str, vendor: int, usb_class: tuple[int, int, int]) -> None:
        self.key = key
        self.identity = identity_frame(
            UsbIdentity(vendor, 0x1234, 0x0100, usb_class, "Maker", "Thing", "S1", address=9, ports=(4,))
        )
        self.opened = 0

    def open(self) -> object:
        self.opened += 1
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))


@pytest.mark.parametrize("swapped", [False, True], ids=["at their places", "swapped"])
def test_b29_foreign_devices_are_passed_over_and_each_camera_keeps_its_name(swapped: bool) -> None:
    """A USB drive, a Canon and two Sony bodies; three times all is plugged in again, in another order.

    Guard: vendor and interface class choose, and the serial number says which camera belongs to which device.
    """
    with Stage("ILCE-7SM3", "ILCE-6000", "ILCE-7M4") as stage:
        stage.cameras.pop(0).do("unplug")  # the dump's serial number is all zeros, which is none
        drive, canon = Stranger("usb-9-1", 0x0781, (8, 6, 80)), Stranger("usb-9-2", 0x04A9, (6, 1, 1))
        ports, places, order = PortClock(stage.clock), ["sim-1", "sim-2"], [0, 1]

        def slots() -> list[object]:
            for camera in stage.cameras:
                camera.device.advance()
            there = [(stage.cameras[n], places[n]) for n in order if stage.cameras[n].device.present]
            return [drive, canon, *(LocalSlot(camera.host, ports, place) for camera, place in there)]

        stage.backend = BusBackend(slots)  # type: ignore[arg-type]
        stage.client.get_properties()
        stage.run(10.0)
        first, second = names = sorted({device for device, _ in stage.client.vectors})
        stage.connect(first)
        stage.connect(second)
        models = {name: stage.client.vectors[name, "CAMERA_INFO"].values["MODEL"].split()[0] for name in names}
        assert sorted(models.values()) == ["ILCE-6000", "ILCE-7M4"] and second.startswith(f"{first} {models[second]}")
        for turn in range(3):
            for camera in stage.cameras:
                camera.do("unplug")
            stage.run(6.0)
            order.reverse()
            if swapped:
                places.reverse()
            for n in order:
                stage.cameras[n].do("plug")
                stage.run(1.0)
            stage.until(lambda: all(stage.client.vectors[name, "CONNECTION"].state == "Ok" for name in names), 90.0)
            stage.run(4.0)
            assert sorted({device for device, _ in stage.client.vectors}) == names
            for name in names:
                assert stage.client.vectors[name, "CAMERA_INFO"].values["MODEL"].startswith(models[name])
                camera = next(c for c in stage.cameras if c.camera.world.profile.model == models[name])
                assert stage.expose(1.0, name).serial == camera.camera.body.serial
                assert camera.camera.body.serial % 1000 == turn + 1
        assert (drive.opened, canon.opened) == (0, 0)


@BOTH
def test_b30_all_storages_are_never_asked_for(model: str) -> None:
    """A whole life of a session on a body that never answers GetObjectHandles(0xFFFFFFFF): it is not sent at all."""
    rows = [Fault.of("hang", {"operation": code, "count": 0}) for code in (0x1007, 0x1004, 0x1005)]
    bench = connected(model, *rows)
    assert [serial_of(bench.frame(seconds).data) for seconds in (1.0, 2.3)] == [1, 2]
    bench.settle()
    assert not bench.camera.hung
    bench.assert_clean()


CONFIGS = {
    "unknown properties": "<newTextVector device='Sony Alpha' name='PORTS'><oneText name='PORT'>/dev/ttyUSB7</oneText>"
    "</newTextVector>",
    "wrong types": "<newTextVector device='Sony Alpha' name='POLLING_PERIOD'><oneText name='PERIOD_MS'>soon</oneText>"
    "</newTextVector>",
    "wrong values": "<newNumberVector device='Sony Alpha' name='POLLING_PERIOD'><oneNumber name='PERIOD_MS'>a lot"
    "</oneNumber></newNumberVector>",
    "a dead port": "<newTextVector device='Sony Alpha' name='DEVICE_PORT'><oneText name='PORT'>/dev/ttyUSB0</oneText>"
    "</newTextVector>",
    "another device": "<newSwitchVector device='Canon' name='DEBUG'><oneSwitch name='ENABLE'>On</oneSwitch>"
    "</newSwitchVector>",
}
GOOD = (
    "<newNumberVector device='Sony Alpha' name='POLLING_PERIOD'><oneNumber name='PERIOD_MS'>500</oneNumber>"
    "</newNumberVector>"
)


def write_config(text: str) -> Path:
    path = Path(os.environ["HOME"]) / ".indi" / "Sony Alpha_config.xml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("wrong", CONFIGS)
def test_b31_what_a_config_has_too_much_is_left_out_and_named(wrong: str) -> None:
    """The driver starts, the good part of the file holds, the rest is named at the next Load, and a camera connects."""
    path = write_config(f"<INDIDriver>{CONFIGS[wrong]}{GOOD}</INDIDriver>")
    with Stage("ILCE-6000") as stage:
        stage.connect()
        assert stage.client["POLLING_PERIOD"].number() == 500
        stage.client.switch("CONFIG_PROCESS", "CONFIG_LOAD")
        stage.run(1.0)
        told = [text for text in stage.client.texts if str(path) in text]
        name = CONFIGS[wrong].split("name='")[1].split("'")[0]
        assert wrong == "another device" or any(name in text for text in told), stage.client.texts
        assert stage.expose(1.0).serial == 1


@pytest.mark.parametrize("cut", [1, 12, 40, 90, 150])
def test_b31_a_truncated_config_is_no_reason_not_to_start(cut: int) -> None:
    path = write_config(f"<INDIDriver>{GOOD}{CONFIGS['unknown properties']}</INDIDriver>"[:cut])
    with Stage("ILCE-6000") as stage:
        stage.connect()
        stage.client.switch("CONFIG_PROCESS", "CONFIG_LOAD")
        stage.run(1.0)
        assert any(str(path) in text for text in stage.client.texts), stage.client.texts
        assert stage.expose(1.0).serial == 1
