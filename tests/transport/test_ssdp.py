"""SSDP: what cameras announce and answer, their descriptions, and what strangers send instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.transport import ssdp
from indi_sony_py.transport.ssdp import Description, Location

NOTIFY = (
    b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
    b"LOCATION: http://192.168.122.1:61000/scalarwebapi_dd.xml\r\n"
    b"NT: urn:schemas-sony-com:service:DigitalImaging:1\r\nNTS: ssdp:alive\r\nSERVER: UPnP/1.0 MINT-X/1.8.1\r\n"
    b"USN: uuid:0::urn:schemas-sony-com:service:DigitalImaging:1\r\n\r\n"
)
"""An ILCE-6000 (alphatether)."""
ANSWER = (
    b"HTTP/1.1 200 OK\r\nLOCATION: http://10.0.0.1:64321/dd.xml\r\nEXT: \r\n"
    b"ST: urn:schemas-sony-com:service:DigitalImaging:1\r\n\r\n"
)
DEVICE = b"""<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>
<friendlyName>My &amp; camera</friendlyName><serviceList><service>
<serviceType>urn:schemas-sony-com:service:ScalarWebAPI:1</serviceType><SCPDURL/></service><service>
<serviceType>urn:schemas-sony-com:service:DigitalImaging:1</serviceType>
<SCPDURL>/DigitalImagingDesc.xml</SCPDURL><eventSubURL></eventSubURL></service></serviceList></device></root>"""
SERVICE = b"""<scpd><av:X_DigitalImagingDeviceInfo xmlns:av="urn:schemas-sony-com:av"><X_DeviceInfo>
<X_ModelName>ILCE-7M5</X_ModelName><X_FirmwareVersion>1.00</X_FirmwareVersion><X_SerialVersion>03802290</X_SerialVersion>
</X_DeviceInfo><X_ConnectionInfo><X_SSH_Support>%s</X_SSH_Support></X_ConnectionInfo>
<X_PTP_PairingNecessity>%s</X_PTP_PairingNecessity></av:X_DigitalImagingDeviceInfo></scpd>"""
HERE = Location("10.0.0.1", 64321, "/dd.xml")


def test_answers_and_announcements() -> None:
    assert ssdp.parse_answer(ANSWER) == HERE
    assert ssdp.parse_answer(NOTIFY) == Location("192.168.122.1", 61000, "/scalarwebapi_dd.xml")


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        ssdp.search_message(1),
        ANSWER.replace(b"200 OK", b"404 Not Found"),
        ANSWER.replace(b"DigitalImaging", b"MediaServer"),
        NOTIFY.replace(b"ssdp:alive", b"ssdp:byebye"),
        ANSWER.replace(b"http://", b"https://"),
        ANSWER.replace(b"http://10", b"file:///10"),
        ANSWER.replace(b"http://10", b"http://user:word@10"),
        ANSWER.replace(b":64321", b":99999"),
        ANSWER.replace(b"/dd.xml", b"/dd.xml\x01"),
        ANSWER.replace(b"LOCATION", b"PLACE"),
        ANSWER + bytes(10_000),
    ],
)
def test_what_is_no_camera(datagram: bytes) -> None:
    assert ssdp.parse_answer(datagram) is None


def test_the_way_from_the_device_to_its_service() -> None:
    assert ssdp.parse_device(DEVICE, HERE) == ("My & camera", Location("10.0.0.1", 64321, "/DigitalImagingDesc.xml"))
    beside = DEVICE.replace(b">/Digital", b">Digital")
    assert ssdp.parse_device(beside, Location("h", 1, "/a/b.xml"))[1] == Location("h", 1, "/a/DigitalImagingDesc.xml")
    elsewhere = DEVICE.replace(b">/Digital", b">http://elsewhere/Digital")
    assert ssdp.parse_device(elsewhere, HERE)[1] is None


@pytest.mark.parametrize("ssh", [True, False])
@pytest.mark.parametrize("pairing", [True, False])
def test_what_a_camera_says_of_itself(ssh: bool, pairing: bool) -> None:
    xml = SERVICE % (b"Enable" if ssh else b"Disable", b"Necessary" if pairing else b"Unnecessary")
    assert ssdp.parse_service(xml, "x") == Description("ILCE-7M5", "x", "03802290", "1.00", ssh, pairing)


def test_names_never_break_a_log() -> None:
    said = ssdp.parse_service(b"<X_ModelName>a\n\x1b[31m" + b"b" * 500 + b"</X_ModelName>")
    assert said.model.isprintable() and len(said.model) == 200


def test_pages() -> None:
    assert ssdp.parse_page(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\r\n\r\n") == b"body\r\n\r\n"
    for other in (b"", b"HTTP/1.1 404 No\r\n\r\nx", b"HTTP/1.1 200 OK\r\n", b"\r\n\r\nHTTP/1.1 200 OK"):
        assert ssdp.parse_page(other) is None


def test_a_page_is_as_long_as_its_head_says() -> None:
    """One that was cut off would lack just what says that the camera is locked."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\n"
    for ended in (False, True):
        assert ssdp.parse_page(head + b"bod", ended) is None
        assert ssdp.parse_page(head + b"body", ended) == ssdp.parse_page(head + b"body and more", ended) == b"body"
    assert ssdp.parse_page(b"HTTP/1.1 200 OK\r\n\r\nbo", ended=False) is None


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    ssdp.parse_answer(data)
    ssdp.parse_answer(ANSWER[:40] + data)
    ssdp.parse_device(data, HERE)
    ssdp.parse_service(data)
    ssdp.parse_page(data)
