"""`indi-sony simulate --listen tcp:…` as a program: the port that it tells, its sockets, what it keeps."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indi_sony_py.ptp import ippacket as ip
from indi_sony_py.ptp.ipexchange import IpExchange
from indi_sony_py.ptp.transaction import Reply, Request

LIMIT_S = 30.0
GUID = bytes(range(16))

pytestmark = pytest.mark.realtime


@contextmanager
def program(*options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-m", "indi_sony_py.cli.main", "simulate", "--body", "ILCE-7SM3"]
    child = subprocess.Popen([*command, "--listen", "tcp:127.0.0.1:0", *options], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        line = child.stdout.readline().strip()
        assert line.startswith("listening tcp:127.0.0.1:"), line
        yield child, int(line.rpartition(":")[2])
    finally:
        child.terminate()
        status = child.wait(LIMIT_S)
        if child.stdout is not None:
            child.stdout.close()
    assert status == 0


def dial(port: int, packet: ip.Packet) -> tuple[socket.socket, ip.Packet]:
    link = socket.create_connection(("127.0.0.1", port), LIMIT_S)
    link.sendall(ip.encode(packet))
    return link, packet_from(link)


def packet_from(link: socket.socket) -> ip.Packet:
    data = b""
    while (parsed := ip.parse(data, 1 << 20)) is None:
        head = ip.read_header(data)
        more = link.recv((ip.IP_HEADER if head is None else head.length) - len(data))
        assert more, "the camera closed the connection"
        data += more
    return parsed[0]


def ask(link: socket.socket, number: int, operation: int, *params: int) -> Reply:
    exchange = IpExchange(Request(operation, params), number)
    for part in exchange.outgoing():
        link.sendall(part)
    while exchange.reply is None:
        piece = link.recv(1 << 16)
        assert piece
        exchange.feed(piece)
    return exchange.reply


def tell(control: Path, command: str) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(LIMIT_S)
        line.connect(str(control))
        line.sendall(json.dumps({"command": command}).encode() + b"\n")
        assert json.loads(line.recv(1000)) == {"ok": True}


def test_two_connections_and_a_second_program(tmp_path: Path) -> None:
    control = tmp_path / "control"
    with program("--control", f"unix:{control}") as (_, port):
        commands, ack = dial(port, ip.InitCommand(GUID, "one"))
        with commands:
            assert isinstance(ack, ip.InitAck)
            events, joined = dial(port, ip.InitEvent(ack.connection))
            with events:
                assert joined == ip.Plain(ip.PacketType.INIT_EVENT_ACK)
                assert ask(commands, 0, 0x1002, 1).code == 0x2001
                assert len(ask(commands, 1, 0x1001).data or b"") > 100
                second, answer = dial(port, ip.InitCommand(bytes(16), "two"))
                with second:
                    assert answer == ip.InitFail(ip.FailReason.BUSY)
                    assert second.recv(1) == b""
                assert ask(commands, 2, 0x1001).code == 0x2001
                tell(control, "unplug")
                assert commands.recv(1) == b"" and events.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), LIMIT_S)
        tell(control, "plug")
        again, answer = dial(port, ip.InitCommand(GUID, "one"))
        again.close()
        assert isinstance(answer, ip.InitAck)


def test_junk_ends_a_connection_and_nothing_else() -> None:
    with program() as (child, port):
        for junk in (b"\xff" * 64, b"GET / HTTP/1.1\r\n\r\n", ip.encode(ip.Command(0x1001, 0))):
            with socket.create_connection(("127.0.0.1", port), LIMIT_S) as link:
                link.sendall(junk)
                while link.recv(100):
                    pass
        commands, ack = dial(port, ip.InitCommand(GUID, "one"))
        commands.close()
        assert isinstance(ack, ip.InitAck)
        assert child.poll() is None


@pytest.mark.parametrize(
    "options, words",
    [
        (("--listen", "tcp:0.0.0.0:1"), "allowed is tcp:127.0.0.1:PORT"),
        (("--listen", "tcp:127.0.0.1:70000"), "allowed is tcp:127.0.0.1:PORT"),
        (("--listen", "tcp:127.0.0.1:0", "--redir", "tcp:127.0.0.1:0"), "one of them"),
        (("--listen", "tcp:127.0.0.1:0", "--keep", "/no/such/folder"), "is no folder"),
    ],
)
def test_bad_arguments(options: tuple[str, ...], words: str) -> None:
    command = [sys.executable, "-m", "indi_sony_py.cli.main", "simulate", "--body", "ILCE-7SM3", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 2
    assert words in done.stderr


def test_a_port_that_somebody_has() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "indi_sony_py.cli.main", "simulate", "--body", "ILCE-7SM3"]
        done = subprocess.run(
            [*command, "--listen", f"tcp:127.0.0.1:{port}"], capture_output=True, text=True, timeout=LIMIT_S
        )
    assert done.returncode == 2
    assert f"cannot listen at tcp:127.0.0.1:{port}: Address already in use" in done.stderr
