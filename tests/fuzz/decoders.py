"""Targets: what a camera, its bus and its network say."""

from __future__ import annotations

from indi_sony_py.engine.messages import SettingsReport
from indi_sony_py.engine.views import report
from indi_sony_py.errors import BadData
from indi_sony_py.hand.codec import HEAD, decode, encode
from indi_sony_py.ptp import container
from indi_sony_py.ptp.data import DeviceInfo, ObjectInfo
from indi_sony_py.ptp.transaction import Exchange, Request
from indi_sony_py.sony.bodies import body
from indi_sony_py.sony.liveview import decode_live_view, encode_live_view
from indi_sony_py.sony.snapshot import ExtDeviceInfo, SettingsDecoder, Version, encode_settings
from indi_sony_py.transport import busframe, descriptors
from indi_sony_py.transport.eventparser import EventParser
from tests.fuzz import seeds
from tests.fuzz.clients import show
from tests.fuzz.target import Target

__all__ = ["CAMERA_TARGETS", "pieces"]

_LIMIT = 1 << 16


def pieces(data: bytes) -> list[bytes]:
    """`data` as a stream that arrives in pieces: a byte of length, then so many bytes, again and again."""
    found, at = [], 0
    while at < len(data):
        length = data[at]
        found.append(data[at + 1 : at + 1 + length])
        at += 1 + length
    return found


def _container(data: bytes) -> None:
    parsed = container.parse(data)
    if parsed is not None:
        found, used = parsed
        assert container.HEADER <= used <= len(data)
        assert container.encode(found) == data[:used]


def _exchange(data: bytes) -> None:
    """A camera answers one transaction. Its data are kept, never more than it sent."""
    talk = Exchange(Request(0x9209), 5, _LIMIT)
    sent = 0
    for piece in pieces(data):
        used = talk.feed(piece)
        sent += used
        assert used == len(piece) or talk.reply is not None
        assert talk.received <= min(sent, _LIMIT)
        assert (talk.wanted == 0) is (talk.reply is not None)
        if talk.reply is not None:
            return


def _device_info(data: bytes) -> None:
    found = DeviceInfo.decode(data)
    assert DeviceInfo.decode(found.encode()) == found


def _object_info(data: bytes) -> None:
    found = ObjectInfo.decode(data)
    assert ObjectInfo.decode(found.encode()) == found


def _ext_info(data: bytes) -> None:
    found = ExtDeviceInfo.decode(data)
    assert found is None or ExtDeviceInfo.decode(found.encode()) == found


def _live_view(data: bytes) -> None:
    """A picture is a piece of what came; sent again, it is the same."""
    for version in Version:
        try:
            found = decode_live_view(data, version)
        except BadData:
            continue
        if found is not None:
            assert found.jpeg in data and found.focus in data
            assert decode_live_view(encode_live_view(found.jpeg, version), version) is not None


def _settings(data: bytes) -> None:
    """One decoder reads two answers in a row; an answer that was believed is written back to the same bytes."""
    decoder = SettingsDecoder()
    for version in Version:
        try:
            found = decoder.decode(data, version)
        except BadData:
            continue
        assert decoder.decode(bytes(data), version) is found
        again = SettingsDecoder().decode(encode_settings(found), version)
        assert again.descriptors == found.descriptors


def _report(data: bytes) -> tuple[str, Version, SettingsReport]:
    version, model = (Version.V300, "ILCE-7SM3") if data[:1] == b"3" else (Version.V200, "ILCE-6000")
    return model, version, report(SettingsDecoder().decode(data[1:], version), body(model))


def _views(data: bytes) -> None:
    """A foreign camera's settings in words: they can be told to the face."""
    told = _report(data)[2]
    again, _ = decode(encode(told)[HEAD:])
    assert again == told


def _shown(data: bytes) -> None:
    """The same, up to what a client sees."""
    model, version, told = _report(data)
    show(model, version.label, told)


def _events(data: bytes) -> None:
    parser = EventParser()
    for piece in pieces(data):
        for event in parser.feed(piece):
            assert len(event.params) <= container.MAX_PARAMS
        assert len(parser._half) < container.HEADER + 4 * container.MAX_PARAMS


def _descriptors(data: bytes) -> None:
    if data[:1] == b"\x12":
        device = descriptors.decode_device(data)
        assert descriptors.encode_device(device) == data
        return
    found = descriptors.decode_configuration(data)
    again = descriptors.decode_configuration(descriptors.encode_configuration(found))
    assert again.interfaces == found.interfaces


def _busframe(data: bytes) -> None:
    parsed = busframe.parse(data)
    if parsed is not None:
        frame, used = parsed
        assert busframe.encode(frame) == data[:used]


def _marked() -> list[bytes]:
    """The first byte says which version was agreed upon."""
    return [mark + data for data in seeds.settings() for mark in (b"2", b"3")]


_CODES = tuple(code.to_bytes(2, "little") for code in sorted(seeds._SHOWN))

CAMERA_TARGETS = (
    Target("ptp-container", "a USB container", _container, seeds.containers, few=3000),
    Target("ptp-exchange", "the answers to one transaction", _exchange, seeds.transaction, few=3000),
    Target("ptp-deviceinfo", "DeviceInfo", _device_info, seeds.device_infos, few=2000),
    Target("ptp-objectinfo", "ObjectInfo", _object_info, seeds.object_infos, few=2000),
    Target("sony-liveview", "the live view object", _live_view, seeds.live_views, few=2000),
    Target("sony-extinfo", "the answer to 0x9202", _ext_info, seeds.ext_infos, few=2000),
    Target(
        "sony-settings", "the answer to 0x9209", _settings, seeds.settings, words=_CODES, longest=8192, few=300,
        calls=(3000, 60), memory=(1 << 18, 400),
    ),
    Target(
        "sony-views", "settings of a foreign camera, up to the words for them", _views, _marked, words=_CODES,
        longest=8192, few=200, calls=(80_000, 600), memory=(1 << 20, 1000),
    ),
    Target(
        "sony-shown", "the same, up to what a client sees", _shown, lambda: _marked()[4:8], words=_CODES,
        longest=8192, few=20, calls=(60_000, 300), memory=(4 << 20, 1000),
    ),
    Target("usb-events", "the interrupt endpoint", _events, seeds.transaction, documented=(), few=2000),
    Target("usb-descriptors", "descriptors of a bus", _descriptors, seeds.configurations, few=2000),
    Target("bus-frame", "the wire of the simulated bus", _busframe, seeds.bus_frames, few=3000),
)  # fmt: skip
