"""The handshake: its order, what is proved before anything of Sony's is sent, retries, fall-backs, bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indi_sony_py.clock import Deadline, VirtualClock
from indi_sony_py.engine.handshake import Opened, close_camera, open_camera
from indi_sony_py.engine.messages import Collected
from indi_sony_py.engine.phases import Phase
from indi_sony_py.errors import (
    BadData,
    CameraRefused,
    CameraSilent,
    CameraStalled,
    NotControllable,
    SonyError,
    WrongUsbMode,
)
from indi_sony_py.ptp.codes import Operation, Response
from indi_sony_py.ptp.data import DeviceInfo
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sony.codes import NEEDED_OPERATIONS, Op, Prop
from indi_sony_py.sony.snapshot import ExtDeviceInfo, Settings, Version, encode_settings
from tests.engine.bench import Bench, serial_of
from tests.engine.made import altered, settings_of, without
from tests.sony.spoken import Spoken

NEW, OLD = settings_of("ILCE-7SM3", Version.V300), settings_of("ILCE-6000", Version.V200)
BUSY, REFUSED, OTHER_MODE = 0x2019, 0x2006, 0x2002
DEVICE = DeviceInfo(
    model="ILCE-7SM3", serial="123", device_version="4.00", operations=(0x1001, 0x1002, *sorted(NEEDED_OPERATIONS))
)


def camera(version: Version = Version.V300) -> Spoken:
    """A camera that answers everything as it should."""
    spoken = Spoken()
    settings = NEW if version is Version.V300 else OLD
    spoken.say(Operation.GET_DEVICE_INFO, DEVICE.encode())
    spoken.say(Op.GET_EXT_DEVICE_INFO, ExtDeviceInfo(version, tuple(d.code for d in settings)).encode())
    spoken.say(Op.GET_ALL_PROPERTIES, encode_settings(settings))
    return spoken


def opened(spoken: Spoken, seconds: float = 40.0, force_200: bool = False) -> Opened:
    clock = VirtualClock()
    return open_camera(spoken, Deadline.after(clock, seconds), force_200)


def order(spoken: Spoken) -> list[int]:
    return [request.operation for request in spoken.asked]


def test_the_order() -> None:
    spoken = camera()
    found = opened(spoken)
    assert order(spoken) == [
        Operation.OPEN_SESSION, Operation.GET_DEVICE_INFO, Op.CONNECT, Op.CONNECT, Op.GET_EXT_DEVICE_INFO, Op.CONNECT,
        Op.GET_ALL_PROPERTIES, Op.SET_PROPERTY,
    ]  # fmt: skip
    assert [params[0] for params in spoken.parameters(Op.CONNECT)] == [1, 2, 3]
    assert spoken.parameters(Op.SET_PROPERTY) == [(Prop.PRIORITY,)]
    assert found.identity.version == "3.00" and found.identity.model == "ILCE-7SM3"
    assert found.identity.serial == "123" and found.identity.firmware == "4.00"


def test_a_body_that_speaks_2_00_alone_is_asked_no_second_time() -> None:
    spoken = camera(Version.V200)
    found = opened(spoken)
    assert found.identity.version == "2.00" and found.identity.version_reason == "the camera speaks no newer one"
    assert spoken.parameters(Op.GET_EXT_DEVICE_INFO) == [(0x012C, 1)]
    assert Op.SET_PROPERTY not in order(spoken), "there is no priority in 2.00"


def test_2_00_by_force() -> None:
    spoken = camera(Version.V200)
    assert opened(spoken, force_200=True).identity.version_reason == "asked for by the user"
    assert spoken.parameters(Op.GET_EXT_DEVICE_INFO) == [(0x00C8,)]


def answering(spoken: Spoken, new: object, old: object) -> None:
    """0x9202: `new` for 3.00, then `old` for 2.00."""
    spoken.answers[Op.GET_EXT_DEVICE_INFO].clear()
    for answer in (new, old):
        assert isinstance(answer, bytes | int | Exception)
        spoken.say(Op.GET_EXT_DEVICE_INFO, answer)


OLD_INFO = ExtDeviceInfo(Version.V200, tuple(d.code for d in OLD)).encode()


@pytest.mark.parametrize("code", [REFUSED, 0x2005, OTHER_MODE, 0x201D])
def test_a_camera_that_refuses_3_00_is_driven_in_2_00(code: int) -> None:
    spoken = camera(Version.V200)
    answering(spoken, code, OLD_INFO)
    found = opened(spoken)
    assert found.identity.version == "2.00"
    assert found.identity.version_reason.startswith("in 3.00 it refuses to tell what it can do")
    assert spoken.parameters(Op.GET_EXT_DEVICE_INFO) == [(0x012C, 1), (0x00C8,)]


def test_a_camera_that_never_tells_in_3_00_is_driven_in_2_00() -> None:
    spoken = camera(Version.V200)
    spoken.answers[Op.GET_EXT_DEVICE_INFO].clear()
    spoken.say(Op.GET_EXT_DEVICE_INFO, *[b""] * 20, OLD_INFO)
    assert opened(spoken).identity.version_reason == "in 3.00 it never tells what it can do"


def test_settings_that_cannot_be_read_in_3_00_are_read_in_2_00() -> None:
    spoken = camera(Version.V300)
    answering(spoken, ExtDeviceInfo(Version.V300, (Prop.PRIORITY,)).encode(), OLD_INFO)
    spoken.answers[Op.GET_ALL_PROPERTIES].clear()
    spoken.say(Op.GET_ALL_PROPERTIES, *[encode_settings(NEW)[:-3]] * 3, encode_settings(OLD))
    found = opened(spoken)
    assert found.identity.version == "2.00" and "cannot be read" in found.identity.version_reason
    values = [request.data for request in spoken.asked if request.operation == Op.SET_PROPERTY]
    assert values == [b"\0"], "priority is not taken before the settings are understood; what was left is given back"


def test_settings_that_cannot_be_read_in_2_00_are_an_error() -> None:
    spoken = camera(Version.V200)
    spoken.answers[Op.GET_ALL_PROPERTIES].clear()
    spoken.say(Op.GET_ALL_PROPERTIES, encode_settings(OLD)[:-3])
    with pytest.raises(BadData):
        opened(spoken)


@pytest.mark.parametrize("missing", [Prop.OBJECTS_IN_MEMORY, Prop.SHUTTER_SPEED])
def test_a_camera_that_lists_too_little_in_3_00_is_driven_in_2_00(missing: int) -> None:
    spoken = camera(Version.V300)
    answering(spoken, ExtDeviceInfo(Version.V300).encode(), OLD_INFO)
    spoken.answers[Op.GET_ALL_PROPERTIES].clear()
    spoken.say(Op.GET_ALL_PROPERTIES, encode_settings(without(NEW, missing)), encode_settings(OLD))
    found = opened(spoken)
    assert found.identity.version_reason == "in 3.00 the camera lists too little"
    assert order(spoken).count(Operation.CLOSE_SESSION) == 1


def test_what_2_00_refuses_too_is_told() -> None:
    spoken = camera()
    answering(spoken, REFUSED, REFUSED)
    with pytest.raises(CameraRefused):
        opened(spoken)
    answering(spoken, OTHER_MODE, OTHER_MODE)
    with pytest.raises(WrongUsbMode):
        opened(spoken)


def test_a_camera_that_is_busy_or_has_no_answer_yet_is_asked_again() -> None:
    spoken = camera()
    info = ExtDeviceInfo(Version.V300, (Prop.PRIORITY,)).encode()
    spoken.answers[Op.GET_EXT_DEVICE_INFO].clear()
    spoken.say(Op.GET_EXT_DEVICE_INFO, b"", BUSY, b"", info)
    assert opened(spoken).identity.version == "3.00"


def test_the_first_settings_are_asked_for_again() -> None:
    spoken = camera()
    spoken.answers[Op.GET_ALL_PROPERTIES].clear()
    spoken.say(Op.GET_ALL_PROPERTIES, encode_settings(NEW)[:-3], BUSY, encode_settings(NEW))
    assert opened(spoken).identity.version == "3.00"


def test_a_session_that_is_open_is_closed_first() -> None:
    spoken = camera()
    spoken.say(Operation.OPEN_SESSION, Response.SESSION_ALREADY_OPEN, Response.OK)
    opened(spoken)
    assert order(spoken)[:3] == [Operation.OPEN_SESSION, Operation.CLOSE_SESSION, Operation.OPEN_SESSION]
    spoken = camera()
    spoken.say(Operation.OPEN_SESSION, Response.SESSION_ALREADY_OPEN)
    with pytest.raises(CameraRefused):
        opened(spoken)
    assert order(spoken).count(Operation.OPEN_SESSION) == 3


@pytest.mark.parametrize("error", [CameraSilent("silent"), CameraStalled("halted"), BadData("container", 0, "junk")])
def test_silence_at_the_start_is_met_with_a_reset_and_bounded(error: SonyError) -> None:
    spoken = camera()
    spoken.say(Operation.OPEN_SESSION, error, Response.OK)
    opened(spoken)
    assert spoken.resets == 1
    spoken = camera()
    spoken.say(Operation.OPEN_SESSION, error)
    with pytest.raises(type(error)):
        opened(spoken)
    assert spoken.resets == 2 and order(spoken).count(Operation.OPEN_SESSION) == 3


def test_no_wait_outlives_the_deadline() -> None:
    spoken = camera()
    spoken.answers[Op.GET_EXT_DEVICE_INFO].clear()
    spoken.say(Op.GET_EXT_DEVICE_INFO, b"")
    clock = VirtualClock()
    began = clock.monotonic()
    with pytest.raises(CameraSilent, match="did not say"):
        open_camera(spoken, Deadline.after(clock, 1.0))
    assert clock.monotonic() - began < 1.5


@pytest.mark.parametrize(("model", "error"), [("ILCE-7SM3", WrongUsbMode), ("DSLR-A450", NotControllable)])
def test_nothing_of_sonys_is_sent_to_a_body_that_does_not_list_it(model: str, error: type[SonyError]) -> None:
    spoken = camera()
    spoken.answers[Operation.GET_DEVICE_INFO].clear()
    spoken.say(Operation.GET_DEVICE_INFO, replace(DEVICE, model=model, operations=(0x1001, 0x1002)).encode())
    with pytest.raises(error, match=model):
        opened(spoken)
    assert all(operation < 0x9000 for operation in order(spoken))


@pytest.mark.parametrize("code", [0x2002, 0x2005])
def test_a_refused_first_phase_is_another_usb_mode(code: int) -> None:
    spoken = camera()
    spoken.say(Op.CONNECT, code)
    with pytest.raises(WrongUsbMode):
        opened(spoken)
    spoken = camera()
    spoken.say(Op.CONNECT, REFUSED)
    with pytest.raises(CameraRefused):
        opened(spoken)


def test_priority_that_is_refused_is_no_error() -> None:
    spoken = camera()
    spoken.say(Op.SET_PROPERTY, REFUSED)
    found = opened(spoken)
    clock = VirtualClock()
    close_camera(found.session, found.info, Deadline.after(clock, 5.0))
    assert order(spoken)[-1] == Operation.CLOSE_SESSION


def test_priority_is_given_back_and_seen_to_be_back_before_the_session_ends() -> None:
    spoken = camera()
    found = opened(spoken)
    spoken.answers[Op.GET_ALL_PROPERTIES].clear()
    for value in (1, 1, 0):
        spoken.say(Op.GET_ALL_PROPERTIES, encode_settings(altered(NEW, Prop.PRIORITY, current=value)))
    mark = len(spoken.asked)
    close_camera(found.session, found.info, Deadline.after(VirtualClock(), 5.0))
    assert order(spoken)[mark:] == [Op.SET_PROPERTY, *[Op.GET_ALL_PROPERTIES] * 3, Operation.CLOSE_SESSION]
    spoken.answers[Op.GET_ALL_PROPERTIES].clear()
    spoken.say(Op.GET_ALL_PROPERTIES, encode_settings(altered(NEW, Prop.PRIORITY, current=1)))
    close_camera(found.session, found.info, Deadline.after(VirtualClock(), 5.0))
    assert order(spoken)[-1] == Operation.CLOSE_SESSION, "not for ever"


@pytest.mark.parametrize(
    "fault",
    [
        Fault.of("refuse", {"operation": 0x9202}, code=0x2006),
        Fault.of("empty-ext-info", {"operation": 0x9202, "count": 20}),
    ],
    ids=["refused", "never told"],
)
def test_a_body_that_falls_back_takes_pictures(fault: Fault) -> None:
    bench = Bench("ILCE-7SM3", [fault])
    assert Version.V200 in bench.camera.world.profile.versions
    status = bench.connect()
    assert status.state == "ready" and status.identity.version == "2.00", status
    for number, seconds in ((1, 1.0), (2, 2.2)):
        found = bench.frame(seconds)
        assert isinstance(found, Collected) and serial_of(found.data) == number
    bench.settle()
    bench.assert_clean()


@pytest.mark.parametrize("count", [3, 4])
def test_priority_that_was_left_when_the_cable_went_is_given_back_by_a_session_that_understands_nothing(
    count: int,
) -> None:
    bench = Bench("ILCE-7SM3")
    assert bench.connect().identity.version == "3.00"
    bench.do("unplug")
    bench.run(5.0)
    row = {"kind": "damaged-data", "offset": 0, "bytes": 4, "when": {"operation": 0x9209, "count": count}}
    bench.do("fault", row=row)
    bench.do("plug")
    bench.until(lambda: bench.worker.state.phase is Phase.IDLE, 60.0)
    assert bench.frame(1.0)
    bench.settle()
    bench.assert_clean()


@pytest.mark.parametrize("lists", [1, 2])
@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
def test_either_form_of_lists_is_read_whatever_the_version(model: str, lists: int) -> None:
    bench = Bench(model, [Fault.of("lists", lists=lists)])
    assert bench.connect().state == "ready"
    assert serial_of(bench.frame(2.2).data) == 1
    assert isinstance(bench.worker.state.settings, Settings)
