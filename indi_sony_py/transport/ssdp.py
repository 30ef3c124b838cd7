"""How cameras are found in a network: SSDP's datagrams, and the two descriptions behind them. Pure.

- A search asks for Sony's service; an answer names the address of the device's description, that one the description of
  the service, which says what the camera is and whom it lets in.
- Of the XML only the text of named elements is looked at: no entities, no nesting, nothing outside the caps.

Facts: Sony's PTP 3 reference, "Device Discovery"; an announcement of an ILCE-6000 (alphatether); the description of a
device as an ILCE-6000 sends it; the tags of DigitalImagingDesc.xml that an ILCE-1 and an ILCE-7M5 send.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = [
    "GROUP",
    "LARGEST",
    "SERVICE",
    "Description",
    "Location",
    "parse_answer",
    "parse_device",
    "parse_page",
    "parse_service",
    "search_message",
]

GROUP = ("239.255.255.250", 1900)
SERVICE = "urn:schemas-sony-com:service:DigitalImaging:1"
LARGEST = 64 * 1024
"""Bytes of a description that are read; real ones have some 5 KB."""
_DATAGRAM = 8 * 1024
_LONGEST = 200
_PATH = re.compile(r"/[\x21-\x7e]*")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*(?:\r|\Z)", re.IGNORECASE)
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


@dataclass(frozen=True, slots=True)
class Location:
    """Where a description is: host, port and path of a plain HTTP address."""

    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Description:
    """What a camera says of itself. `ssh`: access authentication is on, so PTP/IP comes through SSH only. `pairing`: it
    wants its hosts to be paired. `serial` may be the end of the number that PTP tells."""

    model: str = ""
    name: str = ""
    serial: str = ""
    firmware: str = ""
    ssh: bool = False
    pairing: bool = False


def search_message(seconds: int) -> bytes:
    """The datagram that asks cameras to answer within `seconds` (1 to 5)."""
    lines = ("M-SEARCH * HTTP/1.1", f"HOST: {GROUP[0]}:{GROUP[1]}", 'MAN: "ssdp:discover"', f"MX: {seconds}",
             f"ST: {SERVICE}", "", "")  # fmt: skip
    return "\r\n".join(lines).encode()


def parse_answer(datagram: bytes) -> Location | None:
    """The description that an answer or an announcement of Sony's service names; None for anything else."""
    if len(datagram) > _DATAGRAM:
        return None
    first, *lines = datagram.decode("latin-1").split("\r\n")
    if not (re.fullmatch(r"HTTP/1\.[01] 200 .*", first) or re.fullmatch(r"NOTIFY \* HTTP/1\.[01]", first)):
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().upper(), value.strip())
    if SERVICE not in (headers.get("ST"), headers.get("NT")) or headers.get("NTS") == "ssdp:byebye":
        return None
    return _location(headers.get("LOCATION", ""))


def parse_device(xml: bytes, location: Location) -> tuple[str, Location | None]:
    """The camera's own name, and where the description of Sony's service is, of the device's description (dd.xml)."""
    text = _decoded(xml)
    name = _tag(text, "friendlyName")
    for before in text.split("</service>")[:-1]:
        service = before.rpartition("<service>")[2]
        if _tag(service, "serviceType") == SERVICE:
            path = _tag(service, "SCPDURL")
            path = path if path.startswith("/") else f"{location.path.rpartition('/')[0]}/{path}"
            if _PATH.fullmatch(path) and _tag(service, "SCPDURL") and "://" not in path:
                return name, Location(location.host, location.port, path)
    return name, None


def parse_service(xml: bytes, name: str = "") -> Description:
    """DigitalImagingDesc.xml; what is not there is empty or off."""
    text = _decoded(xml)
    return Description(
        model=_tag(text, "X_ModelName"),
        name=name,
        serial=_tag(text, "X_SerialVersion"),
        firmware=_tag(text, "X_FirmwareVersion"),
        ssh=_tag(text, "X_SSH_Support") == "Enable",
        pairing=_tag(text, "X_PTP_PairingNecessity") == "Necessary",
    )


def parse_page(answer: bytes, ended: bool = True) -> bytes | None:
    """The body of a whole HTTP answer with status 200; None for anything else.

    `ended`: nothing more comes. Until then, and then too, a body is whole only if it is as long as its head says.
    """
    head, gap, body = answer.partition(b"\r\n\r\n")
    if not gap or not re.match(rb"HTTP/1\.[01] 200\b", head):
        return None
    told = _LENGTH.search(head)
    if told is None:
        return body if ended else None
    return body[: int(told[1])] if len(body) >= int(told[1]) else None


def _location(url: str) -> Location | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:
        return None
    if parts.scheme != "http" or not host or parts.username is not None:
        return None
    path = parts.path or "/"
    return Location(host, port, path) if _PATH.fullmatch(path) else None


def _decoded(xml: bytes) -> str:
    return xml[:LARGEST].decode("utf-8", "replace")


def _tag(text: str, name: str) -> str:
    """The text of the first element of this name, in any namespace, without what could spoil a line."""
    found = re.search(rf"<(?:\w+:)?{re.escape(name)}(?:\s[^<>]*)?>([^<]*)</", text)
    if found is None:
        return ""
    raw = re.sub(r"&(\w{2,4});", lambda m: _ENTITIES.get(m.group(1), ""), found.group(1))
    return "".join(c for c in raw if c.isprintable()).strip()[:_LONGEST]
