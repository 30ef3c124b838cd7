"""The socket server of simulated cameras: places, programs that come and go, junk, the end."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indi_sony_py.clock import Clock, Deadline, ScaledClock, SystemClock
from indi_sony_py.errors import CameraSilent
from indi_sony_py.sim.attach import serve, stop_on_signals
from indi_sony_py.transport.base import Request
from indi_sony_py.transport.bus import backend_from_environment
from indi_sony_py.transport.busframe import (
    MAX_DATA,
    BulkRead,
    BulkWrite,
    Claim,
    Data,
    Done,
    Failed,
    Frame,
    Identify,
    Identity,
    Kind,
    encode,
    encode_head,
    parse,
)
from indi_sony_py.transport.socketport import SocketPort, parse_address, socket_slots
from indi_sony_py.transport.usb import UsbTransport, find_cameras
from tests.transport.rigs import LONG_S, as_devices, served
from tests.transport.scripted_device import Answer, ScriptedDevice

Do = Callable[[Callable[[], object]], None]


@contextmanager
def one_camera(folder: Path, clock: Clock | None = None) -> Iterator[tuple[ScriptedDevice, Path, Do]]:
    clock = clock or SystemClock()
    device = ScriptedDevice(clock)
    with served([device], [folder / "camera"], clock, folder / "control") as do:
        yield device, folder / "camera", do


class Raw:
    """A client that writes bytes of its own choice."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(LONG_S)
        self.socket.connect(str(path))
        self._inbox = b""

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *frames: Frame) -> None:
        self.socket.sendall(b"".join(map(encode, frames)))

    def answer(self) -> Frame | None:
        """The next frame; None at the end of the stream."""
        while (parsed := parse(self._inbox)) is None:
            data = self.socket.recv(65536)
            if not data:
                return None
            self._inbox += data
        self._inbox = self._inbox[parsed[1] :]
        return parsed[0]


def serve_once(path: Path, stop: socket.socket, ready: Callable[[], None] | None = None) -> None:
    clock = SystemClock()
    serve(as_devices([ScriptedDevice(clock)]), [path], clock, stop=stop, ready=ready)


def test_a_living_server_is_not_taken_over_and_goes_on(tmp_path: Path) -> None:
    reader, writer = socket.socketpair()
    with reader, writer, one_camera(tmp_path) as (_, path, _do):
        with pytest.raises(OSError, match="another simulated camera") as failed:
            serve_once(path, reader)
        assert failed.value.errno == errno.EADDRINUSE
        SocketPort(path).close()


def test_a_socket_that_was_left_behind_is_replaced_and_removed_at_the_end(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "camera"))
    assert (tmp_path / "camera").exists()
    with one_camera(tmp_path) as (_, path, _do):
        SocketPort(path).close()
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "camera").write_text("precious")
    reader, writer = socket.socketpair()
    with reader, writer, pytest.raises(FileExistsError):
        serve_once(tmp_path / "camera", reader)
    assert (tmp_path / "camera").read_text() == "precious"


def test_a_socket_of_somebody_else_is_not_removed_at_the_end(tmp_path: Path) -> None:
    with one_camera(tmp_path) as (_, path, _do):
        path.unlink()
        path.write_text("somebody else's")
    assert path.read_text() == "somebody else's"


def test_a_signal_ends_it_cleanly(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stop_on_signals() as stop:
        serve_once(tmp_path / "camera", stop, ready=lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert not (tmp_path / "camera").exists()
    assert signal.getsignal(signal.SIGTERM) is before


def test_each_device_needs_a_path(tmp_path: Path) -> None:
    reader, writer = socket.socketpair()
    with reader, writer, pytest.raises(ValueError, match="path"):
        serve([], [tmp_path / "camera"], SystemClock(), stop=reader)


def test_the_end_of_a_program_frees_its_claim_and_is_told_to_the_camera(tmp_path: Path) -> None:
    with one_camera(tmp_path) as (device, path, _), Raw(path) as first, Raw(path) as second:
        first.send(Identify(), Claim(0))
        assert isinstance(first.answer(), Identity)
        assert first.answer() == Done()
        second.send(Claim(0), BulkWrite(100, b"x"))
        assert second.answer() == Failed(errno.EBUSY)
        assert second.answer() == Failed(errno.EBUSY)
        first.send(BulkRead(0, 512))
        first.socket.close()
        deadline = Deadline.after(SystemClock(), LONG_S)
        while True:
            second.send(Claim(0))
            if second.answer() == Done():
                break
            assert not deadline.expired
        assert (device.attached, device.gone) == (2, 1)


def test_unplugging_takes_the_path_away_and_cuts_every_program(tmp_path: Path) -> None:
    with one_camera(tmp_path) as (device, path, do):
        with Raw(path) as idle, Raw(path) as waiting:
            waiting.send(Claim(0), BulkRead(0, 512))
            assert waiting.answer() == Done()
            do(device.unplug)
            assert not path.exists()
            assert waiting.answer() in (None, Failed(errno.ENODEV))
            assert idle.answer() is None
            do(device.replug)
            assert path.exists()
        with Raw(path) as anew:
            anew.send(Identify())
            identity = anew.answer()
            assert isinstance(identity, Identity) and identity.address == 6


def test_a_time_out_loses_nothing_and_part_of_a_read_is_given(tmp_path: Path) -> None:
    with one_camera(tmp_path) as (device, path, do), Raw(path) as host:
        host.send(Claim(0), BulkRead(30, 2048))
        assert host.answer() == Done()
        assert host.answer() == Failed(errno.ETIMEDOUT)
        do(lambda: device.send(bytes(1024)))
        host.send(BulkRead(30, 2048))
        assert host.answer() == Data(bytes(1024))
        do(lambda: device.send(b"short"))
        host.send(BulkRead(0, 2048))
        assert host.answer() == Data(b"short")


def test_what_the_host_must_not_ask(tmp_path: Path) -> None:
    with one_camera(tmp_path) as (_, path, _do), Raw(path) as host:
        host.send(Claim(0), BulkRead(10, MAX_DATA + 1), Done(), Identify(9))
        assert [host.answer() for _ in range(4)] == [
            Done(),
            Failed(errno.EINVAL),
            Failed(errno.EINVAL),
            Failed(errno.EPROTONOSUPPORT),
        ]


def test_more_than_one_frame_at_once_may_wait_but_not_without_end(tmp_path: Path) -> None:
    with one_camera(tmp_path) as (_, path, _do), Raw(path) as host:
        host.send(Claim(0), BulkRead(0, 512))
        assert host.answer() == Done()
        flood = encode(BulkWrite(10, bytes(MAX_DATA)))
        with pytest.raises(OSError):
            for _ in range(20):
                host.socket.sendall(flood)


def test_a_host_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    with one_camera(tmp_path) as (device, path, do), Raw(path) as lazy, Raw(path) as other:
        do(lambda: device.send(bytes(MAX_DATA) * 8, b""))
        lazy.send(Claim(0), *[BulkRead(0, MAX_DATA)] * 8, BulkRead(0, 512))
        for _ in range(5):
            other.send(Identify())
            assert isinstance(other.answer(), Identity)
        assert lazy.answer() == Done()
        for _ in range(8):
            assert lazy.answer() == Data(bytes(MAX_DATA))
        assert lazy.answer() == Data(b"")


def test_many_questions_in_one_piece_are_all_answered(tmp_path: Path) -> None:
    with one_camera(tmp_path) as (_, path, _do), Raw(path) as host:
        host.send(*[Identify()] * 3000)
        assert all(isinstance(host.answer(), Identity) for _ in range(3000))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=60),
        st.builds(
            lambda kind, body: encode_head(kind, len(body)) + body, st.sampled_from(Kind), st.binary(max_size=30)
        ),
    )
)
def test_any_bytes_of_a_client_leave_the_server_alive(junk: bytes) -> None:
    path, _ = _SHARED["server"]
    with Raw(path) as client:
        client.socket.sendall(junk)
        client.socket.shutdown(socket.SHUT_WR)
        while client.socket.recv(65536):
            pass
    with Raw(path) as after:
        after.send(Identify())
        assert isinstance(after.answer(), Identity)


_SHARED: dict[str, tuple[Path, ScriptedDevice]] = {}


@pytest.fixture(autouse=True)
def shared_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    if "any_bytes" not in request.node.name:
        yield
        return
    with one_camera(tmp_path) as (device, path, _):
        _SHARED["server"] = (path, device)
        yield
    _SHARED.clear()


def test_a_faster_clock_of_the_camera_does_not_shorten_the_hosts_time_outs(tmp_path: Path) -> None:
    with one_camera(tmp_path, ScaledClock(SystemClock(), 1000)) as (device, path, _):
        device.latency_s = 60
        device.answers[0x9209] = Answer(b"after a minute of the camera's")
        backend = backend_from_environment({"INDI_SONY_BUS": f"unix:{path}"})
        clock = SystemClock()
        camera = UsbTransport.open(find_cameras(backend)[0], clock, backend)
        try:
            reply = camera.transact(Request(0x9209), Deadline.after(clock, LONG_S))
            assert reply.data == b"after a minute of the camera's"
        finally:
            camera.close()


def test_a_server_that_stands_still_counts_as_unplugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indi_sony_py.transport.socketport._GRACE_S", 0.05)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "camera"))
        listener.listen(1)
        with pytest.raises(OSError) as failed:
            SocketPort(tmp_path / "camera")
        assert failed.value.errno == errno.ENODEV


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff" * 5,
        encode(Data(b"x" * 600)),
        encode(Done(1)),
        encode_head(Kind.DATA, 100) + b"cut off",
        encode_head(Kind.FAILED, 1) + b"x",
        encode(Failed(errno.ENODEV)),
    ],
)
def test_an_answer_that_makes_no_sense_is_an_unplugging(tmp_path: Path, answer: bytes) -> None:
    identity = encode(Identity(1, 2, (1,), 3, b"", b""))

    def liar(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client:
            client.recv(100)
            client.sendall(identity)
            client.recv(100)
            client.sendall(answer)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "camera"))
        listener.listen(1)
        thread = threading.Thread(target=liar, args=(listener,))
        thread.start()
        port = SocketPort(tmp_path / "camera")
        for _ in range(2):
            with pytest.raises(OSError) as failed:
                port.bulk_read(memoryview(bytearray(512)), 0.2)
            assert failed.value.errno == errno.ENODEV
        port.close()
        thread.join(LONG_S)


def test_a_device_that_is_silent_at_first_answers_the_second_question(tmp_path: Path) -> None:
    with one_camera(tmp_path) as (device, path, _):
        backend = backend_from_environment({"INDI_SONY_BUS": f"unix:{path}"})
        clock = SystemClock()
        camera = UsbTransport.open(find_cameras(backend)[0], clock, backend)
        device.silent = lambda code, nth: nth == 1
        try:
            with pytest.raises(CameraSilent):
                camera.transact(Request(0x9207, (0xD2C1,), b"\x01"), Deadline.after(clock, 0.05))
            camera.transact(Request(0x9207, (0xD2C1,), b"\x01"), Deadline.after(clock, LONG_S))
        finally:
            camera.close()


def test_what_was_looked_at_is_not_what_is_opened_after_a_replug(tmp_path: Path) -> None:
    with one_camera(tmp_path) as (device, path, do):
        (slot,) = socket_slots([path])
        slot.open().close()
        do(device.unplug)
        for act in (device.replug, device.unplug):
            with pytest.raises(OSError) as failed:
                slot.open()
            assert failed.value.errno == errno.ENODEV
            do(act)


@pytest.mark.parametrize("text", ["", "unix:", "unix:relative", "/path", "tcp:/x"])
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="unix:/PATH"):
        parse_address(text)


def test_an_address() -> None:
    assert parse_address("unix:/run/a b") == Path("/run/a b")
