"""What a simulated camera says of itself in a network: who gets an answer, and what the descriptions tell."""

from __future__ import annotations

import pytest

from indi_sony_py.clock import VirtualClock
from indi_sony_py.sim import announce
from indi_sony_py.sim.camera import Camera
from indi_sony_py.transport import ssdp
from indi_sony_py.transport.ssdp import Description, Location

SEARCH = ssdp.search_message(1)


def camera() -> Camera:
    return Camera("ILCE-7M4", VirtualClock(), serial="00000000012345678")


def test_the_drivers_search_is_answered_with_the_place_of_the_description() -> None:
    said = announce.answer(SEARCH, camera(), "127.0.0.2", 64321)
    assert said is not None and ssdp.parse_answer(said) == Location("127.0.0.2", 64321, "/dd.xml")


def test_an_announcement_names_the_same_place() -> None:
    assert ssdp.parse_answer(announce.alive(camera(), "127.0.0.1", 1)) == Location("127.0.0.1", 1, "/dd.xml")


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\xff" * 100,
        SEARCH.replace(b'"ssdp:discover"', b"ssdp:discover"),
        SEARCH.replace(b"MX: 1", b"MX: 0"),
        SEARCH.replace(b"MX: 1\r\n", b""),
        SEARCH.replace(b"DigitalImaging:1", b"MediaServer:1"),
        SEARCH.replace(b"M-SEARCH *", b"NOTIFY *"),
    ],
)
def test_what_gets_no_answer(datagram: bytes) -> None:
    assert announce.answer(datagram, camera(), "127.0.0.1", 1) is None


@pytest.mark.parametrize("ssh", [True, False])
@pytest.mark.parametrize("pairing", [True, False])
def test_the_descriptions_tell_what_it_is_and_whom_it_lets_in(ssh: bool, pairing: bool) -> None:
    seen = camera()
    seen.world.menu.access_authentication, seen.world.menu.pairing_needed = ssh, pairing
    page = ssdp.parse_page(announce.response(b"GET /dd.xml HTTP/1.0\r\nHost: x\r\n\r\n", seen))
    name, service = ssdp.parse_device(page or b"", Location("127.0.0.1", 1, "/dd.xml"))
    assert service is not None
    page = ssdp.parse_page(announce.response(f"GET {service.path} HTTP/1.1\r\n\r\n".encode(), seen))
    firmware = seen.world.profile.device.device_version
    assert ssdp.parse_service(page or b"", name) == Description(
        "ILCE-7M4", "ILCE-7M4", "12345678", firmware, ssh, pairing
    )


@pytest.mark.parametrize(
    "request_line, status",
    [(b"GET /other HTTP/1.0", b"404"), (b"POST /dd.xml HTTP/1.0", b"400"), (b"\xff\xff", b"400"), (b"", b"400")],
)
def test_other_requests(request_line: bytes, status: bytes) -> None:
    said = announce.response(request_line + b"\r\n\r\n", camera())
    assert said.startswith(b"HTTP/1.1 " + status) and ssdp.parse_page(said) is None
