"""Targets: PTP/IP packets, the bus of a virtual machine, and a whole session with a camera without sense."""

from __future__ import annotations

import struct

from indi_sony_py.clock import Deadline, VirtualClock
from indi_sony_py.engine.handshake import open_camera
from indi_sony_py.errors import BadData, CameraError
from indi_sony_py.ptp import ippacket
from indi_sony_py.ptp.codes import Operation
from indi_sony_py.ptp.ipexchange import IpExchange
from indi_sony_py.ptp.transaction import Reply, Request
from indi_sony_py.sim import redirpackets
from indi_sony_py.sony.codes import Op
from indi_sony_py.sony.session import Session
from indi_sony_py.transport import ssdp
from tests.fuzz import seeds
from tests.fuzz.decoders import pieces
from tests.fuzz.target import Target
from tests.sony.spoken import Spoken

__all__ = ["NETWORK_TARGETS"]

_LIMIT = 1 << 16
_HANDSHAKE = (Operation.GET_DEVICE_INFO, Op.GET_EXT_DEVICE_INFO, Op.GET_ALL_PROPERTIES)


def _ip(data: bytes) -> None:
    parsed = ippacket.parse(data, _LIMIT)
    if parsed is not None:
        packet, used = parsed
        assert ippacket.IP_HEADER <= used <= len(data)
        again = ippacket.parse(ippacket.encode(packet), _LIMIT)
        assert again is not None and again[0] == packet


def _ip_exchange(data: bytes) -> None:
    """The answers to one transaction: nothing is kept that did not come, the cuts between reads change nothing."""
    parts = pieces(data)
    whole = b"".join(parts)
    assert _replied(parts) == _replied([whole])


def _replied(parts: list[bytes]) -> tuple[Reply | None, int, int, bool]:
    talk = IpExchange(Request(0x9209), 5, _LIMIT)
    sent = 0
    try:
        for part in parts:
            sent += talk.feed(part)
            assert talk.received <= min(sent, _LIMIT) and len(talk.rest.pending) <= ippacket.IP_HEADER + 1024
            if talk.reply is not None:
                break
    except BadData:
        return None, talk.late, len(talk.events), True
    return talk.reply, talk.late, len(talk.events), False


def _ip_streams() -> list[bytes]:
    start, end = ippacket.StartData(5, 20), ippacket.Payload(5, b"\2" * 12, True)
    answer = ippacket.Response(0x2001, 5, (1,))
    streams: tuple[tuple[ippacket.Packet, ...], ...] = (
        (start, ippacket.Payload(5, b"\1" * 8), end, answer),
        (answer,),
        (ippacket.Plain(ippacket.PacketType.PING), ippacket.Event(0xC201, (1,)), answer),
        (ippacket.Response(0x2001, 4), ippacket.Payload(4, b"late", True), start, ippacket.Payload(5, b"x" * 20, True)),
        (ippacket.StartData(5, 0), ippacket.Payload(5, b"", True), answer),
    )
    joined = [b"".join(ippacket.encode(packet) for packet in stream) for stream in streams]
    return [b"".join(bytes((len(s[at : at + n]),)) + s[at : at + n] for at in range(0, len(s), n))
            for s in joined for n in (9, 255)]  # fmt: skip


def _ip_seeds() -> list[bytes]:
    guid = bytes(range(16))
    kinds = ippacket.PacketType
    packets: tuple[ippacket.Packet, ...] = (
        ippacket.InitCommand(guid, "host"),
        ippacket.InitAck(1, guid, "ILCE-7SM3"),
        ippacket.InitEvent(1),
        ippacket.InitFail(1),
        ippacket.Command(0x1001, 5, (1, 2)),
        ippacket.Response(0x2001, 5, (1,)),
        ippacket.Event(0xC201, (1,)),
        ippacket.StartData(5, 1 << 33),
        ippacket.Payload(5, b"data"),
        ippacket.Payload(5, b"", True),
        ippacket.Plain(kinds.PING),
        ippacket.Plain(kinds.CANCEL, 5),
    )
    return [ippacket.encode(packet) for packet in packets]


def _redir(data: bytes) -> None:
    """A guest's stream: what is whole comes out, the cuts between reads change nothing."""
    parts = pieces(data)
    whole = b"".join(parts)
    once = _packets([whole])
    assert _packets(parts) == once


def _packets(parts: list[bytes]) -> tuple[list[redirpackets.Packet], bool]:
    parser = redirpackets.Parser()
    found = []
    try:
        for part in parts:
            for at in range(len(part)):
                found += parser.feed(part[at : at + 1])
    except BadData:
        return found, True
    return found, False


def _redir_seeds() -> list[bytes]:
    kinds = redirpackets.Kind
    abilities = redirpackets.Capability.IDS_64_BITS | redirpackets.Capability.BULK_LENGTH_32_BITS
    greeting = redirpackets.hello("guest", abilities)
    first = redirpackets.encode_head(greeting) + bytes(greeting.data)
    others = (
        redirpackets.Packet(kinds.SET_CONFIGURATION, 1, (1,)),
        redirpackets.Packet(kinds.CONTROL_PACKET, 2, (0, 6, 0x80, 0, 0x0100, 0, 18)),
        redirpackets.Packet(kinds.BULK_PACKET, 3, (2, 0, 12, 0, 0), b"\0" * 12),
        redirpackets.Packet(kinds.CANCEL_DATA_PACKET, 3),
    )
    streams = [first, *(first + redirpackets.encode_head(each) + bytes(each.data) for each in others)]
    return [b"".join(bytes((len(s[at : at + 60]),)) + s[at : at + 60] for at in range(0, len(s), 60)) for s in streams]


def _answers(data: bytes) -> list[bytes]:
    """Several answers in one input: UINT16 length, then so many bytes."""
    found, at = [], 0
    while at + 2 <= len(data):
        (length,) = struct.unpack_from("<H", data, at)
        found.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return found


def _session(data: bytes) -> None:
    """The handshake, and a look at an image, with a camera that answers anything."""
    answers = iter(_answers(data))
    spoken = Spoken()
    for operation in (*_HANDSHAKE, Operation.GET_OBJECT_INFO, Operation.GET_OBJECT):
        spoken.say(operation, next(answers, b""), next(answers, b""))
    clock = VirtualClock()
    deadline = Deadline.after(clock, 40.0)
    opened = open_camera(spoken, deadline)
    assert opened.identity.version in ("2.00", "3.00")
    session = Session(spoken)
    info = session.object_info(deadline)
    assert info is None or (info.size and info.name)
    session.image(deadline)


def _session_seeds() -> list[bytes]:
    """A body that opens, and one that has an image."""
    from indi_sony_py.ptp.data import DeviceInfo
    from indi_sony_py.sony.codes import NEEDED_OPERATIONS

    info = DeviceInfo(operations=tuple(sorted(NEEDED_OPERATIONS)), model="ILCE-7SM3").encode()
    found = []
    old = b"\xc8\0" + b"\0" * 8
    for extended, settings in ((seeds.ext_infos()[0], seeds.settings()[2]), (old, seeds.settings()[5])):
        for image in (b"", seeds.object_infos()[0]):
            parts = (info, info, extended, extended, settings, settings, image, image, b"image", b"image")
            found.append(b"".join(struct.pack("<H", len(part)) + part for part in parts))
    return found


def _ssdp(data: bytes) -> None:
    """Datagrams and descriptions of anybody in the network: a place at the host that answered, texts of one line."""
    kind, rest = data[:1], data[1:]
    here = ssdp.Location("192.0.2.1", 64321, "/dd.xml")
    found: ssdp.Location | None = None
    texts: tuple[str, ...] = ()
    if kind == b"a":
        found = ssdp.parse_answer(rest)
    elif kind == b"d":
        name, found = ssdp.parse_device(rest, here)
        assert found is None or (found.host, found.port) == (here.host, here.port)
        texts = (name,)
    else:
        said = ssdp.parse_service(rest)
        texts = (said.model, said.name, said.serial, said.firmware)
    assert all(text.isprintable() and len(text) <= 200 for text in texts)
    if found is not None:
        assert found.path.startswith("/") and found.path.isprintable() and found.path.isascii()


def _ssdp_seeds() -> list[bytes]:
    answer = (
        f"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nLOCATION: http://192.0.2.1:64321/dd.xml\r\n"
        f"ST: {ssdp.SERVICE}\r\nUSN: uuid:0::{ssdp.SERVICE}\r\n\r\n"
    )
    device = (
        "<root><device><friendlyName>ILCE-7M5</friendlyName><serviceList><service><serviceType>"
        f"{ssdp.SERVICE}</serviceType><SCPDURL>/DigitalImagingDesc.xml</SCPDURL></service></serviceList></device></root>"
    )
    service = (
        "<scpd><av:X_ModelName>ILCE-7M5</av:X_ModelName><X_SerialVersion>123</X_SerialVersion>"
        "<X_SSH_Support>Enable</X_SSH_Support></scpd>"
    )
    notify = f"NOTIFY * HTTP/1.1\r\nNT: {ssdp.SERVICE}\r\nNTS: ssdp:alive\r\nLOCATION: http://[::1]/d\r\n\r\n"
    return [b"a" + answer.encode(), b"a" + notify.encode(), b"d" + device.encode(), b"s" + service.encode()]


_SSDP_WORDS = (
    b"<service>", b"</service>", b"<SCPDURL>", b"//[", b"http://", b"://", b"..", b"@", b"LOCATION: ", b"\r\n",
    b"&amp;", ssdp.SERVICE.encode(),
)  # fmt: skip

NETWORK_TARGETS = (
    Target("ssdp", "how a camera in the network introduces itself", _ssdp, _ssdp_seeds, (), _SSDP_WORDS, few=1500,
           calls=(4000, 60)),
    Target("ptpip", "a PTP/IP packet", _ip, _ip_seeds, few=3000),
    Target("ptpip-exchange", "the answers to one transaction over PTP/IP", _ip_exchange, _ip_streams, few=1500),
    Target("usbredir", "what a virtual machine sends to its USB", _redir, _redir_seeds, (), few=200,
           calls=(2000, 80)),
    Target("session", "a whole handshake with a camera without sense", _session, _session_seeds,
           (BadData, CameraError), longest=8192, calls=(4000, 40), memory=(1 << 18, 400), few=200),
)  # fmt: skip
