"""A real indiserver between a driver made of this package and clients over TCP and its Unix socket."""

from __future__ import annotations

import array
import base64
import importlib.util
import os
import re
import select
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

from indi_sony_py.indi.messages import DefVector, Incoming, MessageText, SetVector, State
from indi_sony_py.indi.stream import Parser

SERVER = shutil.which("indiserver")
DRIVER = Path(__file__).with_name("tiny_driver.py")
ROOT = Path(__file__).parents[2]
LIMIT_S = 30.0

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(SERVER is None, reason="indiserver is not installed (Debian: indi-bin)"),
]


def _driver_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tiny_driver", DRIVER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tiny = _driver_module()


@dataclass
class Client:
    """A connection that keeps everything it got: the bytes, the messages, the descriptors."""

    end: socket.socket
    parser: Parser = field(default_factory=Parser)
    raw: bytearray = field(default_factory=bytearray)
    items: list[Incoming] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)

    def send(self, text: str) -> None:
        self.end.sendall(text.encode())

    def until(self, name: str, state: State | None = None, kind: type[SetVector] | type[DefVector] = SetVector) -> None:
        """Receive up to the next def or set of `name` (in `state`), within the socket's limit."""
        seen = len(self.items)
        while not any(
            isinstance(item, kind) and item.name == name and (state is None or item.state is state)
            for item in self.items[seen:]
        ):
            data, ancillary, _, _ = self.end.recvmsg(1 << 16, socket.CMSG_SPACE(64))
            assert data, "the server closed the connection"
            for _level, _type, raw in ancillary:
                self.descriptors += array.array("i", raw)
            self.raw += data
            self.items += self.parser.feed(data)

    def close(self) -> None:
        for fd in self.descriptors:
            os.close(fd)
        self.end.close()


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int
    path: str
    log: Path

    def connect(self, unix: bool = False) -> Client:
        end = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        end.settimeout(LIMIT_S)
        end.connect(f"\0{self.path}" if unix else ("127.0.0.1", self.port))
        client = Client(end)
        client.send('<getProperties version="1.7"/><enableBLOB>Also</enableBLOB>')
        client.until("WORDS", kind=DefVector)
        return client


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    assert SERVER is not None
    wrapper = tmp_path / "indi_tiny"
    wrapper.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" "{DRIVER}"\n')
    wrapper.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log, path = tmp_path / "log", f"indi-tiny-{os.getpid()}-{port}"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [SERVER, "-v", "-r", "0", "-p", str(port), "-u", path, str(wrapper)], stdin=subprocess.DEVNULL, stderr=file
        )
    running = Server(process, port, path, log)
    try:
        for _ in range(200):
            if b"listening to port" in log.read_bytes().lower():
                break
            if process.poll() is not None:
                pytest.fail(log.read_text(errors="replace"))
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        yield running
    finally:
        process.terminate()
        process.wait(LIMIT_S)


def _ask(client: Client, which: str) -> None:
    device = tiny.DEVICE.replace("&", "&amp;").replace("<", "&lt;")
    client.send(
        f'<newSwitchVector device="{device}" name="SEND"><oneSwitch name="{which}">On</oneSwitch></newSwitchVector>'
    )
    client.until("SEND", State.OK)


def _inline_payload(client: Client) -> bytes:
    match = re.search(rb"<oneBLOB ([^>]*)>([^<]+)</oneBLOB>", client.raw)
    assert match is not None and b"enclen" not in match[1]
    size = re.search(rb'size="(\d+)"', match[1])
    assert size is not None and int(size[1]) == tiny.SIZE
    return base64.b64decode(match[2])


@pytest.mark.parametrize("which", ["ATTACHED", "INLINE"])
def test_five_megabytes_arrive_whole_at_both_kinds_of_client(server: Server, which: str) -> None:
    payload = tiny.payload()
    tcp, unix = server.connect(), server.connect(unix=True)
    try:
        _ask(tcp, which)
        assert _inline_payload(tcp) == payload
        unix.until("SEND", State.OK)
        (fd,) = unix.descriptors
        assert os.pread(fd, tiny.SIZE + 1, 0)[: tiny.SIZE] == payload
        if which == "ATTACHED":
            assert os.fstat(fd).st_size == tiny.SIZE
        _ask(tcp, which)
        _ask(tcp, "EMPTY")
        assert tcp.raw.count(b'size="0"') == 1
        assert server.process.poll() is None
    finally:
        tcp.close()
        unix.close()


def test_texts_pass_the_server_unharmed_and_long_log_lines_do_no_damage(server: Server) -> None:
    client = server.connect()
    try:
        words = next(item for item in client.items if isinstance(item, DefVector) and item.name == "WORDS")
        assert (words.device, words.elements[0].text) == (tiny.DEVICE, tiny.TEXT)
        _ask(client, "EMPTY")
        assert _texts(client)[0] == f"[INFO] {tiny.TEXT} way=attached"
    finally:
        client.close()
    server.process.terminate()
    server.process.wait(LIMIT_S)
    log = server.log.read_text(errors="replace")
    assert "x" * 899 in log and "x" * 900 not in log
    assert "still here" in log


def test_the_driver_ends_by_itself_when_the_server_ends(server: Server) -> None:
    client = server.connect()
    client.close()
    pid = server.process.pid
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    handle = os.pidfd_open(int(child))
    try:
        server.process.terminate()
        server.process.wait(LIMIT_S)
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        assert poll.poll(LIMIT_S * 1000), "the driver outlives its server"
    finally:
        os.close(handle)


def _texts(client: Client) -> list[str]:
    return [item.text for item in client.items if isinstance(item, MessageText)]
