"""What a test's client asks for is what it sends, whatever the server reports at that moment."""

from __future__ import annotations

import re
import socket
import time
from typing import Any

import pytest

from tools.client import Client

pytestmark = pytest.mark.realtime
LIMIT_S = 10.0
DEFINED = """<defNumberVector device="Camera" name="CCD_EXPOSURE" label="" group="" state="Idle" perm="rw" timeout="60">
<defNumber name="CCD_EXPOSURE_VALUE" label="" format="%g" min="0" max="3600" step="1">1</defNumber></defNumberVector>"""
OVER = """<setNumberVector device="Camera" name="CCD_EXPOSURE" state="Ok" timeout="60">
<oneNumber name="CCD_EXPOSURE_VALUE">0</oneNumber></setNumberVector>"""


def read_until(peer: socket.socket, end: str) -> str:
    peer.settimeout(LIMIT_S)
    text = ""
    while end not in text:
        piece = peer.recv(4096)
        assert piece, text
        text += piece.decode()
    return text


def test_a_report_that_comes_while_it_sends_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last report of an exposure (0 s left) came between a value's setting and its sending: 0 s was asked for."""
    with socket.create_server(("127.0.0.1", 0)) as server, Client(server.getsockname()[1], "Camera") as client:
        peer, _ = server.accept()
        with peer:
            peer.sendall(DEFINED.encode())
            client.defined("CCD_EXPOSURE", LIMIT_S)
            send = client._library.sendNewNumber

            def send_late(vector: Any) -> None:
                peer.sendall(OVER.encode())
                held = client._library.getDevice("Camera").getNumber("CCD_EXPOSURE")
                until = time.monotonic() + LIMIT_S
                while held[0].getValue() != 0.0:
                    assert time.monotonic() < until
                send(vector)

            monkeypatch.setattr(client._library, "sendNewNumber", send_late)
            client.expose(0.5)
            sent = read_until(peer, "</newNumberVector>")
    assert re.findall(r"<oneNumber name='CCD_EXPOSURE_VALUE'>\s*(\S+)\s*</oneNumber>", sent) == ["0.5"]
