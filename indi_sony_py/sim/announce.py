"""What the simulated camera says of itself in a network: SSDP datagrams and two descriptions. Pure.

- It answers a search that UPnP's device architecture allows (MAN quoted, MX at least 1) and that asks for Sony's
  service or for everything; anything else gets no answer.
- The device's description names the service, and the service's says what the camera is and whom it lets in.

Facts: Sony's PTP 3 reference, "Device Discovery"; an announcement of an ILCE-6000 (alphatether); the tags of
DigitalImagingDesc.xml that an ILCE-1 and an ILCE-7M5 send; UPnP Device Architecture 1.0, 1.2.2 and 1.2.3. Assumed: that
a body answers at once, and that the number it shows is the end of its serial number.
"""

from __future__ import annotations

import re
import uuid
from xml.sax.saxutils import escape

from indi_sony_py.sim.camera import Camera

__all__ = ["DEVICE_PATH", "GROUP", "PAGES_PORT", "SERVICE_PATH", "alive", "answer", "page", "response"]

GROUP = ("239.255.255.250", 1900)
PAGES_PORT = 64321
"""TCP port of the descriptions, as Sony's bodies have them."""
DEVICE_PATH = "/dd.xml"
SERVICE_PATH = "/DigitalImagingDesc.xml"
_SERVICE = "urn:schemas-sony-com:service:DigitalImaging:1"
_ALL = "ssdp:all"
_SERVER = "UPnP/1.0 MINT-X/1.8.1"
_AGE_S = 1800
_SHOWN_SERIAL = 8
_REQUEST = re.compile(rb"GET (/[\x21-\x7e]*) HTTP/1\.[01]\r\n")
_DEVICE = """<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>0</minor></specVersion><device>
<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType><friendlyName>{model}</friendlyName>
<manufacturer>Sony Corporation</manufacturer><modelName>SonyImagingDevice</modelName><UDN>uuid:{id}</UDN>
<serviceList><service><serviceType>{service}</serviceType><serviceId>urn:schemas-sony-com:serviceId:DigitalImaging</serviceId>
<SCPDURL>{path}</SCPDURL><controlURL></controlURL><eventSubURL></eventSubURL></service></serviceList></device></root>
"""
_DIGITAL_IMAGING = """<?xml version="1.0"?>
<scpd xmlns="urn:schemas-upnp-org:service-1-0"><av:X_DigitalImagingDeviceInfo xmlns:av="urn:schemas-sony-com:av">
<X_DeviceInfo><X_ModelName>{model}</X_ModelName><X_FirmwareVersion>{firmware}</X_FirmwareVersion>
<X_SerialVersion>{serial}</X_SerialVersion></X_DeviceInfo>
<X_ConnectionInfo><X_SSH_Support>{ssh}</X_SSH_Support></X_ConnectionInfo>
<X_PTP_PairingNecessity>{pairing}</X_PTP_PairingNecessity></av:X_DigitalImagingDeviceInfo></scpd>
"""
_PAGES = {DEVICE_PATH: _DEVICE, SERVICE_PATH: _DIGITAL_IMAGING}


def answer(datagram: bytes, camera: Camera, host: str, port: int) -> bytes | None:
    """What goes back to who asked, with the address of the description (at `host`, TCP `port`); None: nothing."""
    first, *lines = datagram.decode("latin-1").split("\r\n")
    headers = {name.strip().upper(): value.strip() for name, colon, value in (x.partition(":") for x in lines) if colon}
    if first != "M-SEARCH * HTTP/1.1" or headers.get("MAN") != '"ssdp:discover"':
        return None
    if not re.fullmatch(r"[1-9]\d{0,3}", headers.get("MX", "")) or headers.get("ST") not in (_SERVICE, _ALL):
        return None
    return _message("HTTP/1.1 200 OK", camera, host, port, EXT="", ST=_SERVICE)


def alive(camera: Camera, host: str, port: int) -> bytes:
    """The announcement of a camera that has come into the network."""
    group = f"{GROUP[0]}:{GROUP[1]}"
    return _message("NOTIFY * HTTP/1.1", camera, host, port, HOST=group, NT=_SERVICE, NTS="ssdp:alive")


def page(path: str, camera: Camera) -> bytes | None:
    """The description at a path; None when there is none."""
    menu, device = camera.world.menu, camera.world.profile.device
    text = _PAGES.get(path)
    if text is None:
        return None
    facts = {
        "model": device.model,
        "id": str(_id(camera)),
        "service": _SERVICE,
        "path": SERVICE_PATH,
        "firmware": device.device_version,
        "serial": device.serial[-_SHOWN_SERIAL:],
        "ssh": "Enable" if menu.access_authentication else "Disable",
        "pairing": "Necessary" if menu.pairing_needed else "Unnecessary",
    }
    return text.format_map({name: escape(fact) for name, fact in facts.items()}).encode()


def response(request: bytes, camera: Camera) -> bytes:
    """The whole HTTP answer to a whole request (up to its empty line)."""
    asked = _REQUEST.match(request)
    found = page(asked.group(1).decode("ascii"), camera) if asked else None
    status = "200 OK" if found is not None else "404 Not Found" if asked else "400 Bad Request"
    body = found or b""
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def _message(first: str, camera: Camera, host: str, port: int, **headers: str) -> bytes:
    headers |= {
        "CACHE-CONTROL": f"max-age={_AGE_S}",
        "LOCATION": f"http://{host}:{port}{DEVICE_PATH}",
        "SERVER": _SERVER,
        "USN": f"uuid:{_id(camera)}::{_SERVICE}",
    }
    return "\r\n".join((first, *(f"{name}: {value}" for name, value in headers.items()), "", "")).encode()


def _id(camera: Camera) -> uuid.UUID:
    device = camera.world.profile.device
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{device.model} {device.serial}")
