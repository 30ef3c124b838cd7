"""Texts that hardly ever come: each is met where it is made, with nothing but the trouble that it tells of."""

from __future__ import annotations

import errno
import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import usb.core

from indi_sony_py import texts
from indi_sony_py.clock import Deadline, SystemClock, VirtualClock
from indi_sony_py.driver.choose import pick
from indi_sony_py.driver.events import Camera, Event, SimulationEnded, SimulationReady
from indi_sony_py.driver.simulation import Simulation
from indi_sony_py.engine.adjust import (
    BULB_WORDS,
    FORMAT_WORDS,
    ISO_WORDS,
    MAX_WALK_S,
    SPEED_WORDS,
    Goal,
    Need,
    Refused,
    Walk,
    Words,
    pursue,
)
from indi_sony_py.engine.messages import Aborted, ChangeResult, Disconnect, ExposureFailed, ExposureRequest
from indi_sony_py.engine.needs import needs_for
from indi_sony_py.engine.plan import plan_exposure
from indi_sony_py.engine.worker import Worker
from indi_sony_py.errors import CameraError, CameraGone, CameraSilent, HandLost, NotWritable, OutsideError, advise
from indi_sony_py.hand import address, launch
from indi_sony_py.hand.journal import Entry
from indi_sony_py.image import files
from indi_sony_py.image.pipeline import develop
from indi_sony_py.sim.arw_encoder import encode_arw
from indi_sony_py.sony.bodies import body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.transport import find
from indi_sony_py.transport.ipaddress import NetworkPlace
from indi_sony_py.transport.ipstream import SocketStream, _addresses
from indi_sony_py.transport.usberrors import translated
from tests.driver.scripted import Rig
from tests.engine.bench import Bench
from tests.engine.made import altered, listed, one_of, settings_of
from tests.image.frames import noise, record, spec

BODY = "ILCE-7SM3"


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.close()


@pytest.mark.parametrize("words", [ISO_WORDS, SPEED_WORDS, BULB_WORDS, FORMAT_WORDS])
def test_a_setting_that_is_written_and_never_reads_back(words: Words) -> None:
    goal = Goal(Prop.ISO, 800, words, "800")
    need = Need("setting", lambda settings: goal)
    hidden = listed(Version.V300, one_of(Prop.ISO, 100, 800, enabled=0))
    walk, step = pursue((need,), hidden, Walk(0.0), 0.0)
    _, step = pursue((need,), hidden, walk, MAX_WALK_S + 1)
    assert step == Refused(words.unreadable(**({"aim": "800"} if words.unreadable.fields else {})))
    _, gone = pursue((need,), listed(Version.V300), walk, 1.0)
    assert gone == Refused(words.not_listed())


def test_a_speed_that_the_body_takes_from_its_list_at_the_last_moment() -> None:
    settings = settings_of(BODY, Version.V300)
    request = ExposureRequest(1, 0.1)
    plan = plan_exposure(request, settings, body(BODY))
    few = altered(settings, Prop.SHUTTER_SPEED, values=(0x00010064, 0x0001000B), current=0x00010064)
    need = next(n for n in needs_for(request, plan, body(BODY)) if n.name == "shutter speed")
    assert need.check(few) == texts.settings.SPEED_NOT_OFFERED(aim=f"{plan.label} s")


def test_the_camera_is_asked_for_something_when_it_is_not_open() -> None:
    worker = Bench(BODY).worker
    assert isinstance(worker, Worker)
    with pytest.raises(CameraGone) as caught:
        worker._camera  # noqa: B018
    assert advise(caught.value) == texts.camera.SESSION_CLOSED()


def test_a_disconnect_says_what_becomes_of_the_image() -> None:
    bench = Bench(BODY)
    bench.connect()
    request = bench.ask(6.3)
    bench.until(lambda: bench.camera.body.exposing or None)
    bench.worker.post(Disconnect())
    end = bench.until(lambda: bench.end_of(request), 5.0)
    assert isinstance(end, ExposureFailed) and end.text == texts.exposure.DISCONNECTED_OPEN()


@pytest.mark.parametrize(
    ("number", "row"),
    [(errno.EACCES, texts.cable.DENIED), (errno.EBUSY, texts.cable.IN_USE), (errno.ENODEV, texts.cable.GONE),
     (errno.EPIPE, texts.cable.STALLED), (errno.ETIMEDOUT, texts.cable.SILENT), (errno.EDOM, texts.cable.FAILED)],
)  # fmt: skip
def test_an_error_of_the_system_is_a_sentence_with_its_words_as_a_detail(number: int, row: texts.Text) -> None:
    told = advise(translated(OSError(number, "what it said"), "writing to the camera"))
    assert told == row(detail="writing to the camera: what it said")


def test_an_abort_that_the_client_did_not_ask_for(rig: Rig) -> None:
    hand = rig.connect()
    rig.expose(5)
    hand.say(Aborted(hand.request.id, ""))
    assert rig.messages()[-1] == f"[ERROR] {texts.exposure.ABORTED()}"


def test_a_frame_that_went_to_disk_without_a_reason(rig: Rig) -> None:
    hand = rig.connect()
    rig.expose(5)
    hand.saved("/data/L_001.fits", rescued=True)
    assert f"[ERROR] {texts.exposure.NOT_SENT(path='/data/L_001.fits')}" in rig.messages()


def test_a_setting_that_is_not_taken_without_a_reason(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "CCD_ISO", ISO0="On")
    hand.say(ChangeResult("iso", False, 800))
    assert rig.messages()[-1].startswith(f"[ERROR] ISO: {texts.settings.NOT_TAKEN.happened()}")


def test_an_image_that_nobody_asked_for_is_announced_later() -> None:
    entry = Entry("/x/1.arw", "", "ILCE-7SM3", "", "2026-01-02T21:03:04", None, 0.0, 10, "why")
    assert entry.text == texts.frames.RESCUED_IMAGE(when="2026-01-02 21:03:04", path="/x/1.arw", why="why")


def test_a_folder_that_may_not_be_made(tmp_path: Path) -> None:
    fault = files.translated(PermissionError(errno.EACCES, "Permission denied"), tmp_path, 0, making=True)
    assert isinstance(fault, NotWritable)
    assert advise(fault) == texts.frames.FOLDER_DENIED(path=tmp_path, reason="Permission denied")


def test_a_frame_that_is_larger_than_the_table_says() -> None:
    made = spec()
    frame = develop(encode_arw(noise(made.geometry), made), record(expected_size=(400, 300)), (488, 384))
    told = texts.frames.OTHER_SIZE(width=488, height=384, full_width=400, full_height=300)
    assert told in frame.warnings


def test_a_simulated_camera_that_says_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one = Simulation({"XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"})
    child: Any = SimpleNamespace(stdout=io.StringIO(""), wait=lambda *limit: 3, returncode=3)
    child.terminate = child.kill = lambda: None

    def run(wish: int, address: str) -> Any:
        one._child = child
        return child

    monkeypatch.setattr(one, "_run", run)
    posted: list[Event] = []
    assert one.start(one.begin(), posted.append) == SimulationReady("", texts.simulation.NOT_IN_TIME())
    child.stdout, one._child = io.StringIO(""), child
    one._watch(child, posted.append)
    assert posted == [SimulationEnded(texts.simulation.STATUS(code=3))]


def test_a_system_without_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(socket.socket):
        def bind(self, name: Any) -> None:
            raise OSError(errno.ENOBUFS, "No buffer space available")

    monkeypatch.setattr(socket, "socket", Full)
    with pytest.raises(OutsideError) as caught:
        address.bind("test-rare")
    assert advise(caught.value) == texts.driver.NO_SOCKET(reason="No buffer space available")


def test_a_hand_that_ends_as_soon_as_it_is_started(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    monkeypatch.setattr(address, "connect", lambda key: None)
    monkeypatch.setattr(launch, "command", lambda key, arguments: ["true"])
    clock = VirtualClock()
    with pytest.raises(HandLost) as caught:
        launch.attach_or_start("test-rare", Deadline.after(clock, 0.05), clock=clock)
    log = next((own_home / ".local/state/indi_sony_py").glob("hand-test-rare*.log"))
    assert advise(caught.value) == texts.driver.NOT_REACHED(log=log)
    for child in list(launch._children):
        child.wait(30)
    launch.reap()


def test_a_bus_that_is_named_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INDI_SONY_BUS", "tcp:1234")
    with pytest.raises(CameraError) as caught:
        find.choose_backend()
    told = advise(caught.value)
    assert told.startswith("The simulated bus cannot be used (") and told.endswith(texts.cable.BAD_BUS.do)


def test_a_libusb_that_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise usb.core.USBError("out of memory", -11, errno.ENOMEM)

    monkeypatch.setattr(find, "new_context", broken)
    with pytest.raises(CameraError) as caught:
        find.choose_backend()
    assert advise(caught.value) == texts.cable.LIBUSB_FAILS(reason="[Errno 12] out of memory")


def test_a_camera_that_is_bound_and_not_there() -> None:
    assert pick((), " 4711 ", ()) == texts.cable.SERIAL_NOT_FOUND(serial="4711")
    nameless = Camera("usb-1-2", "ILCE-7M3", "")
    names = texts.cable.NO_NUMBER()
    assert pick((nameless,), "4711", ()) == texts.cable.OTHER_SERIALS(serial="4711", names=names)


def test_a_name_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def slow(*args: object, **more: object) -> list[Any]:
        asked.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        with pytest.raises(CameraSilent) as caught:
            _addresses(NetworkPlace("camera.example"), Deadline.after(SystemClock(), 0.05))
    finally:
        asked.set()
    assert advise(caught.value) == texts.network.NAME_TAKES_LONG(host="camera.example")


def test_a_network_that_takes_nothing() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as ours,
        server.accept()[0],
        pytest.raises(CameraSilent) as caught,
    ):
        SocketStream(ours).send(bytes(64 << 20), Deadline.after(SystemClock(), 0.05))
    assert advise(caught.value) == texts.network.TAKES_NOTHING()
