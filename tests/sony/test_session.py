"""The session: each operation in exactly its bytes, refusals by name, and what an answer that says nothing means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.clock import Deadline, VirtualClock
from indi_sony_py.errors import BadData, CameraRefused
from indi_sony_py.ptp.codes import Operation, Response
from indi_sony_py.ptp.data import DataType, DeviceInfo, ObjectInfo
from indi_sony_py.ptp.landing import Landing
from indi_sony_py.sony.codes import Ctl, Op, Prop
from indi_sony_py.sony.session import Session
from indi_sony_py.sony.snapshot import Descriptor, ExtDeviceInfo, Lists, Settings, Version, encode_settings
from indi_sony_py.transport.base import Event, Reply, Request
from tests.sony.spoken import Spoken

SOON = Deadline.after(VirtualClock(), 5.0)
HANDLE = 0xFFFFC001


@pytest.fixture
def spoken() -> Spoken:
    return Spoken()


@pytest.fixture
def session(spoken: Spoken) -> Session:
    return Session(spoken)


def test_each_operation_in_its_bytes(session: Session, spoken: Spoken) -> None:
    session.open(SOON)
    session.connect_phase(2, SOON)
    session.set_value(Prop.ISO, DataType.UINT32, 1600, SOON)
    session.set_value(Prop.FOCUS_MODE, DataType.UINT16, 1, SOON)
    session.control(Ctl.FULL_PRESS, DataType.UINT16, 2, SOON)
    session.control(Ctl.SHUTTER_SPEED, DataType.INT8, -3, SOON)
    session.close(SOON)
    assert spoken.asked == [
        Request(Operation.OPEN_SESSION, (1,)),
        Request(Op.CONNECT, (2, 0, 0)),
        Request(Op.SET_PROPERTY, (Prop.ISO,), bytes.fromhex("40060000")),
        Request(Op.SET_PROPERTY, (Prop.FOCUS_MODE,), bytes.fromhex("0100")),
        Request(Op.CONTROL, (Ctl.FULL_PRESS,), bytes.fromhex("0200")),
        Request(Op.CONTROL, (Ctl.SHUTTER_SPEED,), bytes.fromhex("fd")),
        Request(Operation.CLOSE_SESSION),
    ]


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        (Operation.OPEN_SESSION, lambda s: s.open(SOON)),
        (Operation.CLOSE_SESSION, lambda s: s.close(SOON)),
        (Operation.GET_DEVICE_INFO, lambda s: s.device_info(SOON)),
        (Op.CONNECT, lambda s: s.connect_phase(1, SOON)),
        (Op.GET_EXT_DEVICE_INFO, lambda s: s.ext_device_info(Version.V300, SOON)),
        (Op.GET_ALL_PROPERTIES, lambda s: s.settings(SOON)),
        (Op.SET_PROPERTY, lambda s: s.set_value(Prop.ISO, DataType.UINT32, 100, SOON)),
        (Op.CONTROL, lambda s: s.control(Ctl.HALF_PRESS, DataType.UINT16, 1, SOON)),
        (Operation.GET_OBJECT_INFO, lambda s: s.object_info(SOON)),
        (Operation.GET_OBJECT, lambda s: s.image(SOON)),
    ],
)
def test_a_refusal_names_the_operation_and_the_code(
    session: Session, spoken: Spoken, operation: int, call: object
) -> None:
    spoken.say(operation, Response.DEVICE_BUSY)
    assert callable(call)
    with pytest.raises(CameraRefused, match=f"0x{operation:04X}.*0x2019") as caught:
        call(session)
    assert caught.value.code == 0x2019
    assert len(spoken.asked) == 1, "nothing is tried again down here"


def test_the_version_of_the_answer_counts(session: Session, spoken: Spoken) -> None:
    spoken.say(Op.GET_EXT_DEVICE_INFO, b"", ExtDeviceInfo(Version.V200, (1, 2), (3,)).encode())
    assert session.ext_device_info(Version.V300, SOON) is None, "not ready"
    found = session.ext_device_info(Version.V300, SOON)
    assert found == ExtDeviceInfo(Version.V200, (1, 2), (3,)) and session.version is Version.V200
    session.ext_device_info(Version.V200, SOON)
    assert spoken.parameters(Op.GET_EXT_DEVICE_INFO) == [(0x012C, 1), (0x012C, 1), (0x00C8,)]


def settings(value: int, version: Version = Version.V300) -> bytes:
    one = Descriptor(Prop.ISO, DataType.UINT32, current=value)
    return encode_settings(Settings((one,), version, version.lists))


def test_settings_are_decoded_by_the_version_in_use(session: Session, spoken: Spoken) -> None:
    spoken.say(Op.GET_EXT_DEVICE_INFO, ExtDeviceInfo(Version.V300).encode())
    spoken.say(Op.GET_ALL_PROPERTIES, settings(100), settings(100), settings(200))
    session.ext_device_info(Version.V300, SOON)
    first, second, third = (session.settings(SOON) for _ in range(3))
    assert [s.number(Prop.ISO) for s in (first, second, third)] == [100, 100, 200]
    assert {s.version for s in (first, second, third)} == {Version.V300} and first.lists is Lists.TWO


@pytest.mark.parametrize("data", [b"", bytes(8), bytes(4)])
def test_settings_without_a_property_are_no_settings(session: Session, spoken: Spoken, data: bytes) -> None:
    spoken.say(Op.GET_ALL_PROPERTIES, data)
    with pytest.raises(BadData, match="hold no settings"):
        session.settings(SOON)


def test_an_ok_without_data_is_no_device_and_no_settings(session: Session) -> None:
    with pytest.raises(BadData):
        session.device_info(SOON)
    with pytest.raises(BadData):
        session.settings(SOON)
    assert session.ext_device_info(Version.V300, SOON) is None
    assert session.object_info(SOON) is None
    assert session.image(SOON) == b""


def test_who_the_camera_is(session: Session, spoken: Spoken) -> None:
    info = DeviceInfo(model="ILCE-7SM3", serial="1234", operations=(0x1001, 0x9201))
    spoken.say(Operation.GET_DEVICE_INFO, info.encode())
    assert session.device_info(SOON) == info


@pytest.mark.parametrize(
    ("info", "there"),
    [
        (ObjectInfo(format=0xB101, size=100, sequence=7, name="DSC00001.ARW"), True),
        (ObjectInfo(format=0xB101, size=0, name="DSC00001.ARW"), False),
        (ObjectInfo(format=0xB101, size=100), False),
    ],
)
def test_what_waits(session: Session, spoken: Spoken, info: ObjectInfo, there: bool) -> None:
    spoken.say(Operation.GET_OBJECT_INFO, info.encode())
    assert session.object_info(SOON) == (info if there else None)
    assert spoken.parameters(Operation.GET_OBJECT_INFO) == [(HANDLE,)]


@given(st.binary(max_size=200))
def test_any_bytes_as_an_answer_give_a_value_or_bad_data(data: bytes) -> None:
    for operation, call in (
        (Operation.GET_OBJECT_INFO, Session.object_info),
        (Operation.GET_DEVICE_INFO, Session.device_info),
        (Op.GET_ALL_PROPERTIES, Session.settings),
    ):
        spoken = Spoken()
        spoken.say(operation, data)
        try:
            call(Session(spoken), SOON)
        except BadData:
            continue


def test_an_image_comes_as_it_is_and_tells_how_far_it_is(session: Session, spoken: Spoken) -> None:
    spoken.say(Operation.GET_OBJECT, b"pixels")
    seen: list[int] = []
    assert session.image(SOON, seen.append) == b"pixels" and seen == [6]
    assert spoken.parameters(Operation.GET_OBJECT) == [(HANDLE,)]


@pytest.mark.parametrize(("data", "announced"), [(b"pix", 6), (b"", 6), (None, 6), (b"pixels", None)])
def test_an_image_that_came_whole_is_kept_whatever_the_response_says(
    session: Session, spoken: Spoken, data: bytes | None, announced: int | None
) -> None:
    """The camera forgot it with its last byte. Without a length that was announced nobody knows that it is whole."""
    spoken.answers[Operation.GET_OBJECT].append(Reply(Response.INCOMPLETE_TRANSFER, (), b"pixels"))
    assert session.image(SOON, None, Landing(6)) == b"pixels"
    spoken.answers[Operation.GET_OBJECT][0] = Reply(Response.GENERAL_ERROR, (), data)
    with pytest.raises(CameraRefused):
        session.image(SOON, None, None if announced is None else Landing(announced))


def test_events_come_in_their_order(session: Session, spoken: Spoken) -> None:
    spoken.events.extend((Event(0xC201, (HANDLE,)), Event(0xC203, (Prop.ISO,))))
    assert [session.next_event(SOON) for _ in range(3)] == [Event(0xC201, (HANDLE,)), Event(0xC203, (Prop.ISO,)), None]
