"""Inputs that the decoders know: real dumps, examples of the protocol, and what the simulated camera makes."""

from __future__ import annotations

import struct
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from indi_sony_py.engine import messages as engine
from indi_sony_py.engine.focusmessages import FocusEnded, FocusReport, MoveFocus, StopFocus, To, UseLens
from indi_sony_py.engine.focustable import ASSUMED, LensTable
from indi_sony_py.engine.messages import ExposureRequest, Identity, Shot, ShutterMode
from indi_sony_py.hand.codec import encode
from indi_sony_py.hand.messages import (
    Declined,
    FrameReady,
    FrameSaved,
    Goodbye,
    HandState,
    Hello,
    LiveFrameReady,
    LiveFrameTaken,
    Message,
    Refused,
)
from indi_sony_py.image.record import FileFacts
from indi_sony_py.ptp.codes import ContainerType
from indi_sony_py.ptp.container import Container, encode_data_header
from indi_sony_py.ptp.container import encode as encode_container
from indi_sony_py.ptp.data import DataType, DeviceInfo, ObjectInfo
from indi_sony_py.sim.arw_encoder import RAW_TYPES, encode_arw
from indi_sony_py.sim.companion import encode_companion
from indi_sony_py.sim.geometry import small
from indi_sony_py.sony.liveview import encode_live_view
from indi_sony_py.sony.snapshot import (
    Descriptor,
    ExtDeviceInfo,
    Form,
    Lists,
    Settings,
    Version,
    decode_settings,
    encode_settings,
)
from indi_sony_py.transport import busframe, descriptors
from tests.image.frames import noise, spec

__all__ = [
    "arws",
    "bus_frames",
    "changes",
    "configurations",
    "containers",
    "device_infos",
    "examples",
    "ext_infos",
    "lens",
    "live_views",
    "object_infos",
    "pair_frames",
    "pair_messages",
    "raw_dumps",
    "settings",
    "streams",
]

_DATA = Path(__file__).resolve().parents[1] / "data"
_INDI = Path(__file__).resolve().parents[1] / "indi" / "data"


@cache
def examples() -> tuple[dict[str, Any], ...]:
    """The cases of the protocol, with their bytes."""
    return tuple(tomllib.loads((_DATA / "examples.toml").read_text())["case"])


@cache
def raw_dumps() -> dict[str, bytes]:
    """Answers of real bodies, by file name."""
    return {path.stem: bytes.fromhex(path.read_text()) for path in sorted((_DATA / "raw").glob("*.hex"))}


def containers() -> list[bytes]:
    return [bytes.fromhex(case["hex"]) for case in examples() if case["kind"] in ("container", "head")]


def device_infos() -> list[bytes]:
    made = DeviceInfo(operations=(0x1001, 0x1002), events=(0xC201,), model="ILCE-7SM3", serial="0123456789")
    return [made.encode(), DeviceInfo().encode()]


def object_infos() -> list[bytes]:
    made = ObjectInfo(format=0xB101, size=24 << 20, name="DSC00001.ARW", captured="20260115T213012")
    return [made.encode(), ObjectInfo().encode(), ObjectInfo(name="x" * 254, keywords="\N{GRINNING FACE}").encode()]


def live_views() -> list[bytes]:
    jpeg = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b0802a8040001011100ffd9")
    made = [encode_live_view(jpeg, version) for version in Version]
    return [*made, encode_live_view(jpeg, Version.V300, bytes(60)), encode_live_view(b"", Version.V300)]


@cache
def settings() -> list[bytes]:
    """Answers to 0x9209: parts of two real ones in both layouts, and one with every type and form."""
    found = []
    for name, version in (("ILCE-7SM3_9209", Version.V300), ("ILCE-6000_raw_9209", Version.V200)):
        whole = decode_settings(raw_dumps()[name], version)
        for lists in Lists:
            few = tuple(d for d in whole.descriptors if len(d.values) < 40)[:60]
            found.append(encode_settings(Settings(few, version, lists)))
        known = tuple(d for d in whole.descriptors if d.code in _SHOWN)
        found.append(encode_settings(Settings(known, version, version.lists)))
    every = []
    for number, kind in enumerate(DataType):
        value: Any = "text" if kind is DataType.STR else (1, 2) if kind.is_array else 1
        every.append(Descriptor(0xD300 + number, kind, 1, 1, value, value, Form.ENUM, (value,), (value,)))
        if not kind.is_array:
            every.append(Descriptor(0xD380 + number, kind, 1, 1, value, value, Form.RANGE, (value,) * 3))
    found += [encode_settings(Settings(tuple(every), Version.V300, lists)) for lists in Lists]
    return found


_SHOWN = frozenset({
    0x5004, 0x5007, 0x500A, 0x500E, 0x5010, 0x5013, 0xD20D, 0xD20E, 0xD213, 0xD215, 0xD218, 0xD21E, 0xD222, 0xD226,
    0xD229, 0xD253, 0xD25A, 0xD288, 0xD2C1, 0xD2C2,
})  # fmt: skip


def ext_infos() -> list[bytes]:
    return [ExtDeviceInfo(Version.V300, (0xD20D, 0xD215), (0xD2C1,)).encode(), raw_dumps()["ILCE-7SM3_9202"], b"\xc8\0"]


def bus_frames() -> list[bytes]:
    device, configuration = _usb()
    frames: tuple[busframe.Frame, ...] = (
        busframe.Identify(),
        busframe.Claim(0),
        busframe.Release(0),
        busframe.BulkWrite(1000, b"abc"),
        busframe.BulkRead(1000, 512),
        busframe.InterruptRead(0, 64),
        busframe.Control(100, 0xA1, 0x67, 0, 0, 20),
        busframe.ClearHalt(0x81),
        busframe.Reset(),
        busframe.Identity(1, 2, (1, 4), 3, device, configuration),
        busframe.Done(4),
        busframe.Data(b"\0" * 40),
        busframe.Failed(110),
    )
    return [busframe.encode(frame) for frame in frames]


def _usb() -> tuple[bytes, bytes]:
    device = descriptors.DeviceDescriptor(0x0200, 0, 0, 0, 64, 0x054C, 0x0CAA, 0x0100, 1, 2, 3)
    ends = (
        descriptors.EndpointDescriptor(0x81, 2, 512),
        descriptors.EndpointDescriptor(0x02, 2, 512),
        descriptors.EndpointDescriptor(0x83, 3, 64, 9),
    )
    still = descriptors.InterfaceDescriptor(0, 0, 6, 1, 1, 0, ends)
    return descriptors.encode_device(device), descriptors.encode_configuration(
        descriptors.Configuration(interfaces=(still, descriptors.InterfaceDescriptor(1, 0, 8, 6, 80)))
    )


def configurations() -> list[bytes]:
    return list(_usb())


@cache
def arws() -> list[bytes]:
    """A small file of each RAW type, a body with levels in SR2 alone, one whose visible size only LibRaw knows."""
    geometry = small(128, 96)
    found = [encode_arw(noise(geometry, sigma=1.0), spec(raw_type, geometry)) for raw_type in RAW_TYPES]
    found.append(encode_arw(noise(geometry, sigma=1.0), spec("lossy", geometry, model="ILCE-6000", model_id=312)))
    return found


def any_images() -> list[bytes]:
    """The same, and a JPEG with its Exif."""
    geometry = small(128, 96)
    return [*arws(), encode_companion(noise(geometry, sigma=1.0), spec("lossy", geometry), 64, 48)]


def pair_messages() -> list[Message]:
    """One message of each kind that matters, with every field filled."""
    identity = Identity("ILCE-7SM3", "0123", "3.00", "3.00", "it says so")
    request = ExposureRequest(7, 5.0, iso=800, folder="/tmp", cards=(("OBJECT", "M 31", "what"), ("N", 1, "")))
    shot = Shot(request, ShutterMode.BULB, None, 100.0, "2026-01-15T20:30:12.123456", measured_s=5.0)
    view = engine.SettingView("iso", 800, "800", (engine.Choice(800, "800"),), True)
    facts = FileFacts("ILCE-7SM3", 5.0, 800, damage=("a word",))
    return [
        Hello(1, 2, "face", "abc"),
        HandState(engine.CameraStatus("ready", identity), waiting=(1,), unsaved=(2,), held=request),
        engine.Connect(True, shot, identity, "set", changes(), (lens(),)),
        engine.Expose(request),
        engine.Change("iso", 800),
        engine.SettingsReport((view,)),
        engine.ExposureStarted(7, 5.0, ShutterMode.BULB, "2026-01-15T20:30:12", 100.0),
        FrameReady(1, 7, ".fits", 100, 10, 5, "RGGB", facts, ("mind",), False, ""),
        FrameSaved(1, None, engine.Role.UNASKED, "/tmp/x.arw"),
        Declined(1, "no"),
        Refused("busy", 3.0),
        engine.Notice(engine.Level.ERROR, "text"),
        Goodbye(),
        engine.LiveView(True),
        engine.LiveViewStatus(engine.LiveState.PAUSED, "why"),
        LiveFrameReady(1, 100_000, 1024, 680, 100.5, 2),
        LiveFrameTaken(1),
        MoveFocus(3, To.NEARER, -12.5),
        StopFocus(),
        UseLens(lens()),
        FocusReport("FE 200-600mm", True, "why", True, 120.5, 5800.0, 2.0, True),
        FocusEnded(3, False, None, "why"),
    ]


def lens() -> LensTable:
    """A lens that was measured."""
    return replace(ASSUMED, name="FE 200-600mm", measured=True, errors=(0.1,) * 7, source="a forum")


def changes() -> tuple[engine.Changed, ...]:
    """Settings that the driver changed on a camera."""
    of = ("ILCE-7SM3", "0123", "3.00")
    return (engine.Changed(*of, 0x5004, 2, 0x10), engine.Changed(*of, 0xD222, 1, 16, users=True))


def pair_frames() -> list[bytes]:
    return [encode(message, number == 7) for number, message in enumerate(pair_messages())]


@cache
def streams() -> list[bytes]:
    """Pieces of what real drivers write, and what clients write to this one."""
    captured = b"".join(path.read_bytes() for path in sorted(_INDI.glob("*session.xml")))
    pieces = [captured[at : at + 1500] for at in range(0, min(len(captured), 30000), 1500)]
    return [
        *pieces,
        b"<?xml version='1.0'?><getProperties version='1.7'/>",
        b"<!-- a word --><getProperties version='1.7' device='Sony Alpha' name='CCD1'/>",
        b"<enableBLOB device='Sony Alpha'>Also</enableBLOB><pingReply uid='SetBLOB/1'/>",
        b"<newNumberVector device='Sony Alpha' name='CCD_EXPOSURE'><oneNumber name='CCD_EXPOSURE_VALUE'>5"
        b"</oneNumber></newNumberVector>",
        b"<setBLOBVector device='A' name='B'><oneBLOB name='C' size='3' format='.x'>YWJj</oneBLOB></setBLOBVector>",
        b"<delProperty device='A'/><message message='a &lt;b&gt; &amp; c'/><x a=\"1\"><y>z</y></x>",
    ]


def transaction() -> list[bytes]:
    """Data phase and response of one transaction, in pieces as `targets.exchange` reads them."""
    data = encode_data_header(0x9209, 5, 20) + b"\1" * 20
    response = encode_container(Container(ContainerType.RESPONSE, 0x2001, 5, (1, 2)))
    late = encode_data_header(0x9209, 4, 4) + b"late"
    event = encode_container(Container(ContainerType.EVENT, 0xC201, 0xFFFFFFFF, (1,)))
    wholes = (data + response, response, late + data + response, event + response, encode_data_header(0x9209, 5, 0))
    return [_in_pieces(whole, size) for whole in wholes for size in (12, 255)]


def _in_pieces(data: bytes, size: int) -> bytes:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(struct.pack("<B", len(piece)) + piece for piece in pieces)
