"""What a client cannot do: make the driver run something, write where it was not told to, eat memory without limit."""

from __future__ import annotations

import gc
import logging
import os
import queue
import socket
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indi_sony_py.clock import Deadline, SystemClock, VirtualClock
from indi_sony_py.driver import process
from indi_sony_py.driver.config import ConfigFile
from indi_sony_py.driver.events import AttachFailed
from indi_sony_py.driver.link import MAX_ATTACHING, Threads
from indi_sony_py.driver.logs import MAX_BYTES, Logs
from indi_sony_py.engine.arrival import Told
from indi_sony_py.engine.messages import Abort, Change, ChangeResult, Expose, ExposureStarted, SettingsReport
from indi_sony_py.engine.moves import FileFacts
from indi_sony_py.engine.requests import MAX_CHANGES
from indi_sony_py.engine.worker import Worker
from indi_sony_py.errors import OutsideError
from indi_sony_py.hand import launch
from indi_sony_py.hand.messages import FrameReady, FrameSaved
from indi_sony_py.indi.messages import EndOfInput, GetProperties, Incoming, ProcessEvent
from indi_sony_py.indi.process import Reader, Stderr, Writer
from indi_sony_py.indi.stream import Parser
from indi_sony_py.transport.base import Transport
from tests.driver.scripted import DEVICE, Rig
from tests.fuzz.mutate import mutants
from tests.fuzz.targets import TARGETS
from tests.hand.handrig import Rig as HandRig

pytestmark = pytest.mark.quiet

_GET = b"<getProperties version='1.7'/>"
_LIMIT_S = 60.0
_PIECE = 1 << 16


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(_LIMIT_S)
    with ours, theirs:
        yield ours, theirs


# --- memory -----------------------------------------------------------------------------------------------------------


def test_a_reader_takes_no_more_than_there_is_room_for_and_loses_nothing(
    sockets: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = sockets
    inbox: queue.SimpleQueue[Incoming | ProcessEvent] = queue.SimpleQueue()
    reader = Reader(inbox.put, ours.fileno(), full=lambda ended: inbox.qsize() >= 10)
    reader.start()
    count, most = 3000, 0
    sender = threading.Thread(target=lambda: theirs.sendall(_GET * count + b"<pingReply uid='end'/>"))
    sender.start()
    try:
        for _ in range(count):
            assert isinstance(inbox.get(timeout=_LIMIT_S), GetProperties)
            most = max(most, inbox.qsize())
        assert "end" in str(inbox.get(timeout=_LIMIT_S))
    finally:
        reader.stop()
        sender.join(_LIMIT_S)
    assert most <= 10


def test_a_reader_that_is_held_up_ends_when_it_is_told_to(sockets: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = sockets
    asked = threading.Event()

    def full(ended: bool) -> bool:
        asked.set()
        return True

    inbox: queue.SimpleQueue[Incoming | ProcessEvent] = queue.SimpleQueue()
    reader = Reader(inbox.put, ours.fileno(), full=full)
    reader.start()
    theirs.sendall(_GET)
    assert asked.wait(_LIMIT_S)
    reader.stop()
    assert inbox.empty()


def test_a_flood_of_getproperties_and_a_server_that_does_not_read(
    own_home: Path, sockets: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are answered once the server reads; until then the driver reads no more than it can keep."""
    ours, theirs = sockets
    most = 0
    put = Writer.put

    def counted(self: Writer, item: Any) -> None:
        nonlocal most
        put(self, item)
        most = max(most, self.waiting)

    monkeypatch.setattr(Writer, "put", counted)
    monkeypatch.setattr(process, "MAX_ELEMENTS", 200)
    monkeypatch.setenv("INDI_SONY_BUS", "unix:/nothing-there")
    environment = {"HOME": str(own_home)}
    life = threading.Thread(
        target=process.run, args=(environment, SystemClock(), (ours.fileno(), ours.fileno())), daemon=True
    )
    life.start()
    floods = 400
    sender = threading.Thread(target=lambda: theirs.sendall(_GET * floods))
    sender.start()
    parser = Parser(max_element_bytes=1 << 20)
    seen = 0
    while seen < floods:
        data = theirs.recv(_PIECE)
        assert data
        seen += sum("CONNECTION" in str(item) and "DefVector" in str(item)[:12] for item in parser.feed(data))
    sender.join(_LIMIT_S)
    theirs.shutdown(socket.SHUT_RDWR)
    life.join(_LIMIT_S)
    assert not life.is_alive()
    assert most < 200 + (process.MAX_EVENTS + 2) * 60


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"<newTextVector device='d' name='n'><oneText name='a'>", b"x" * _PIECE),
        (b"<newTextVector device='d' name='n'>", b"<oneText name='a'>x</oneText>" * 2000),
        (b"<newBLOBVector device='d' name='n'><oneBLOB name='a' size='9' format='.x'>", b"QUJD" * (_PIECE // 4)),
        (b"<newTextVector device='", b"d" * _PIECE),
        (b"<", b"n" * _PIECE),
        (b"<newTextVector device='d' name='n' ", b"a='b' " * (_PIECE // 6)),
        (b"<a>", b"<a>" * (_PIECE // 3)),
        (b"<!--", b"-" * _PIECE),
        (b"<?x ", b"y" * _PIECE),
        (b"", b"text " * (_PIECE // 5)),
        (b"<newTextVector device='d' name='n'><oneText name='a'>", b"&amp;" * (_PIECE // 5)),
    ],
    ids=("text", "members", "blob", "value", "tag", "attributes", "depth", "comment", "instruction", "words", "amp"),
)
def test_an_element_without_an_end_is_not_kept(head: bytes, piece: bytes) -> None:
    """16 MB of one element; behind it the next one is understood."""
    parser = Parser()
    parser.feed(head)
    tracemalloc.start()
    try:
        for _ in range(256):
            parser.feed(piece)
            assert parser.kept_bytes <= (1 << 20) + len(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20
    behind = b"'>-->?>" + b" " * (1 << 14) + b"<pingReply uid='end'/>" * 2
    assert "end" in str(parser.feed(behind)[-1:])


def _growth(work: Any) -> int:
    """Bytes that stay after the second time: the first fills caches."""
    logging.disable(logging.CRITICAL)  # pytest keeps every record
    work()
    gc.collect()
    tracemalloc.start()
    try:
        work()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    "element",
    [
        "<newTextVector device='{n}' name='{n}'><oneText name='{n}'>x</oneText></newTextVector>",
        "<newTextVector device='Sony Alpha' name='{n}'><oneText name='{n}'>x</oneText></newTextVector>",
        "<newTextVector device='Sony Alpha' name='UPLOAD_SETTINGS'><oneText name='{n}'>x</oneText></newTextVector>",
        "<defTextVector device='{n}' name='{n}' state='Ok'><defText name='a'>x</defText></defTextVector>",
        "<setTextVector device='{n}' name='{n}' state='Ok'><oneText name='a'>x</oneText></setTextVector>",
        "<newBLOBVector device='Sony Alpha' name='CCD1'><oneBLOB name='CCD1' size='1' format='.x'>eA==</oneBLOB>"
        "</newBLOBVector>",
        "<enableBLOB device='{n}'>Also</enableBLOB>",
        "<pingReply uid='{n}'/>",
        "<message device='{n}' message='{n}'/>",
        "<getProperties version='1.7' device='{n}'/>",
        "<something{n}/>",
        "<newNumberVector device='Sony Alpha' name='CCD_EXPOSURE'><oneNumber name='CCD_EXPOSURE_VALUE'>1"
        "</oneNumber></newNumberVector>",
        "<newSwitchVector device='Sony Alpha' name='CCD_ISO'><oneSwitch name='ISO1'>On</oneSwitch></newSwitchVector>",
        "<newSwitchVector device='Sony Alpha' name='CONNECTION'><oneSwitch name='CONNECT'>On</oneSwitch>"
        "</newSwitchVector>",
    ],
)
def test_what_a_client_sends_again_and_again_leaves_nothing_behind(element: str, own_home: Path) -> None:
    rig = Rig()
    hand = rig.connect()

    def work() -> None:
        for number in range(300):
            rig.client(element.format(n=f"N{number}" * 20))
        rig.forget()
        hand.got.clear()
        rig.outside.answers.clear()

    try:
        assert _growth(work) < 100_000
        assert len(rig.face.devices) == 1
    finally:
        rig.close()


def test_a_property_takes_at_most_its_own_size(own_home: Path) -> None:
    """The longest text is kept once, and a longer one is refused by the parser."""
    rig = Rig()
    rig.connect()
    rig.new("Text", "UPLOAD_SETTINGS", UPLOAD_DIR="/x", UPLOAD_PREFIX="y" * 60_000)
    rig.new("Text", "UPLOAD_SETTINGS", UPLOAD_PREFIX="z" * 70_000)
    assert rig.device.board["UPLOAD_SETTINGS"].text("UPLOAD_PREFIX") == "y" * 60_000
    rig.close()


def test_a_flood_of_exposures_ends_in_one_frame(own_home: Path, tmp_path: Path) -> None:
    """Each takes the place of the one before it; the last one is taken, the camera's rules are kept."""
    rig = HandRig(tmp_path)
    try:
        face = rig.ready()
        for number in range(1, 501):
            rig.expose(2.0, number)
        rig.until(lambda: any(frame.exposure_id == 500 for frame in face.all(FrameReady)))
        assert rig.hand is not None and len(rig.hand._frames.pending) <= 2
        assert rig.hand._view.exposure is None and rig.hand._view.held is None
        assert not rig.referee.broken
    finally:
        rig.close()


def test_a_flood_of_settings_changes_the_last_one(own_home: Path, tmp_path: Path) -> None:
    """Each waited for its turn, and the list of them was copied for every new one, while the shutter was open."""
    rig = HandRig(tmp_path)
    try:
        face = rig.ready()
        rig.until(lambda: bool(face.all(SettingsReport)))
        iso = face.last(SettingsReport).get("iso")
        assert iso is not None
        values = [choice.value for choice in iso.options]
        rig.expose(5.0, 1)
        rig.until(lambda: bool(face.all(ExposureStarted)))
        for number in range(2000):
            face.end.send(Change("iso", values[number % len(values)]))
        rig.step()
        assert rig.hand is not None and isinstance(rig.hand._staff.worker, Worker)
        worker = rig.hand._staff.worker
        assert len(worker.state.changes) <= MAX_CHANGES
        rig.until(lambda: bool(face.all(FrameReady)) and not worker.state.changes)
        assert [result.value for result in face.all(ChangeResult) if result.ok][-1] == values[1999 % len(values)]
        assert not rig.referee.broken
    finally:
        rig.close()


def test_a_worker_comes_round_however_much_is_asked() -> None:
    """One that takes requests for as long as there are any would not see the end of an exposure."""
    taken: list[Told] = []

    def no_camera(deadline: Deadline) -> Transport:
        raise AssertionError("nobody asked for the camera")

    def report(item: Told) -> None:
        taken.append(item)
        assert len(taken) < 10_000, "it takes requests for ever"
        worker.post(Abort())

    worker = Worker(no_camera, VirtualClock(), report, lambda data, arrived=None: FileFacts())
    worker.post(Abort())
    worker.step()
    assert taken


def test_the_face_asks_for_each_exposure_once_and_waits_for_the_last(own_home: Path) -> None:
    rig = Rig()
    hand = rig.connect()
    rig.forget()
    for _ in range(300):
        rig.expose(1.0)
    assert len(hand.asked(Expose)) == 300 and len(rig.said) <= 2 * 300
    assert rig.device.exposure.request == hand.request
    rig.close()


def test_no_more_processes_are_started_than_anybody_has_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client may name one place in the network after another, and connect to each."""

    class AtWork:
        def poll(self) -> None:
            return None

    monkeypatch.setattr(launch, "_children", [AtWork() for _ in range(launch.MAX_HANDS)])
    with pytest.raises(OutsideError, match="too many"):
        launch.attach_or_start(f"test-{os.getpid()}-one-more", Deadline.after(SystemClock(), _LIMIT_S))


def test_no_more_attempts_are_made_at_a_time_than_anybody_has_cameras() -> None:
    """A client may connect and disconnect as often as it likes."""
    end = threading.Event()
    busy = [threading.Thread(target=end.wait, name="face-attach") for _ in range(MAX_ATTACHING)]
    for thread in busy:
        thread.start()
    told: list[object] = []
    try:
        Threads(told.append, SystemClock()).attach(7, f"test-{os.getpid()}-none", "", True)
    finally:
        end.set()
        for thread in busy:
            thread.join()
    (answer,) = told
    assert isinstance(answer, AttachFailed) and answer.ticket == 7 and "too many" in answer.text


def test_the_log_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    """A client can switch DEBUG on, and write what is logged."""
    rig = Rig()
    logs = Logs(lambda line: None, tmp_path, Stderr(os.open(os.devnull, os.O_WRONLY)))
    try:
        rig.client("<getProperties version='1.7'/>")
        rig.new("Switch", "DEBUG", ENABLE="On")
        rig.new("Switch", "LOG_OUTPUT", FILE_DEBUG="On")
        logs.apply(rig.device.board)
        log = logging.getLogger("indi_sony_py.driver.controls")
        for _ in range(9 * MAX_BYTES // 60_000):
            log.warning("dispatch error: %s", "x" * 60_000)
        sizes = [path.stat().st_size for path in tmp_path.iterdir()]
        assert len(sizes) == 2 and all(0 < size <= MAX_BYTES for size in sizes)
    finally:
        logs.close()
        os.close(logs._stderr.stream._fd)
        rig.close()


def test_what_a_client_wrote_looks_like_no_other_line_of_the_log(tmp_path: Path) -> None:
    rig = Rig()
    read, write = os.pipe()
    logs = Logs(lambda line: None, tmp_path, Stderr(write))
    try:
        rig.client("<getProperties version='1.7'/>")
        rig.new("Switch", "DEBUG", ENABLE="On")
        rig.new("Switch", "LOG_OUTPUT", FILE_DEBUG="On")
        logs.apply(rig.device.board)
        logging.getLogger("indi_sony_py.driver.controls").warning("no: %s", "a\n2026 ERROR forged \x1b[2J\x9b2J")
    finally:
        logs.close()
        os.close(write)
        with os.fdopen(read, "rb") as file:
            told = file.read().decode()
        rig.close()
    for text in (told, (tmp_path / "driver.log").read_text()):
        (line,) = (line for line in text.splitlines() if "forged" in line)
        assert "no: a 2026 ERROR" in line
        assert "\x1b" not in text and "\x9b" not in text


# --- files and programs -----------------------------------------------------------------------------------------------


class _Watch:
    """Python's own audit of what is opened for writing, made, removed or executed, while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.wrote: list[str] = []
        self.ran: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            mode, flags = arguments[1], arguments[2] or 0
            if (mode and set(str(mode)) & set("wax+")) or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self.wrote.append(os.fsdecode(arguments[0]))
        elif event in ("os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "shutil.rmtree"):
            self.wrote.append(os.fsdecode(arguments[0]))
        elif event in ("os.rename", "os.link", "os.symlink"):
            self.wrote += [os.fsdecode(arguments[0]), os.fsdecode(arguments[1])]
        elif event.startswith(("subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.fork", "ctypes.")) or (
            event in ("exec", "compile", "import", "socket.connect", "os.kill", "os.putenv")
        ):
            self.ran.append(f"{event} {arguments!r:.100}")


_watch = _Watch()


@pytest.fixture
def watch() -> Iterator[_Watch]:
    _watch.wrote.clear()
    _watch.ran.clear()
    yield _watch
    _watch.on = False


def _all_writes(rig: Rig) -> Iterator[bytes]:
    target = TARGETS["xml-driver"]
    yield from target.seeds()
    yield from mutants("what a client writes", 60, target.seeds(), target.words, target.longest)


def test_whatever_a_client_writes_only_the_config_is_written_and_nothing_is_run(own_home: Path, watch: _Watch) -> None:
    """A scripted hand stands in for the camera's process, which does what a request says and is tested with it."""
    allowed = own_home / ".indi"
    rig = Rig()
    rig.connect()
    rig.new("Switch", "CONFIG_PROCESS", CONFIG_SAVE="On")
    rig.client("<getProperties version='1.7'/>")
    watch.on = True
    for data in _all_writes(rig):
        rig.client(data[1:].decode("utf-8", "replace"))
    for what in ("CONFIG_SAVE", "CONFIG_LOAD", "CONFIG_DEFAULT", "CONFIG_PURGE", "CONFIG_SAVE"):
        rig.new("Switch", "CONFIG_PROCESS", **{what: "On"})
    watch.on = False
    rig.close()
    outside = [path for path in watch.wrote if not Path(path).is_relative_to(allowed) and not path.startswith("/proc")]
    assert watch.wrote and outside == []
    assert watch.ran == []
    names = {path.name for path in allowed.iterdir()}
    assert names <= {f"{DEVICE}_config.xml", f"{DEVICE}_config.xml.default"}


@pytest.mark.parametrize("device", ["../../evil", "..", "/etc/x", "a/b", "-rf", "x" * 300, "\x1b[2J", " ", "a\nb"])
def test_a_device_of_any_name_has_its_config_in_one_place(device: str, own_home: Path) -> None:
    rig = Rig({"HOME": str(own_home), "INDIDEV": device})
    rig.client("<getProperties version='1.7'/>")
    name = rig.device.name
    rig.new("Switch", "CONFIG_PROCESS", device=name, CONFIG_SAVE="On")
    rig.close()
    saved = [path for path in own_home.rglob("*") if path.is_file()]
    assert len(saved) == 2 and all(path.parent == own_home / ".indi" for path in saved)
    assert ConfigFile(saved[0]).read(name)[0]


def test_an_upload_folder_is_the_clients_and_nothing_else_is_touched(own_home: Path, tmp_path: Path) -> None:
    """UPLOAD_DIR is the client's right; what is in it stays as it is."""
    folder = tmp_path / "chosen"
    folder.mkdir()
    before = folder / "Light_001.fits"
    before.write_bytes(b"mine")
    (folder / "Light_002.fits").symlink_to(tmp_path / "elsewhere")
    rig = HandRig(tmp_path / "hand")
    try:
        face = rig.ready()
        rig.expose(1.0, 1, upload="local", folder=str(folder), prefix="Light_XXX")

        rig.until(lambda: bool(face.all(FrameSaved)))
        path = Path(face.last(FrameSaved).path)
        assert path.parent == folder and path.name == "Light_003.fits"
        assert before.read_bytes() == b"mine" and not (tmp_path / "elsewhere").exists()
        assert path.stat().st_mode & 0o133 == 0
    finally:
        rig.close()


def test_a_server_that_goes_in_the_midst_of_a_flood_is_noticed(sockets: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = sockets
    inbox: queue.SimpleQueue[Incoming | ProcessEvent] = queue.SimpleQueue()
    reader = Reader(inbox.put, ours.fileno(), full=lambda ended: inbox.qsize() >= 4)
    reader.start()
    theirs.sendall(_GET * 40)
    theirs.shutdown(socket.SHUT_WR)
    try:
        found = [inbox.get(timeout=_LIMIT_S) for _ in range(41)]
    finally:
        reader.stop()
    assert isinstance(found[-1], EndOfInput)
