"""What leaves the computer with a report: without serial numbers, names and places. Pure.

Rules kept here:

- A serial number becomes zeros of the same length, in text and in the camera's own bytes (ASCII and UTF-16).
- Texts that the camera holds (names, copyright) become x of the same length, but for those that name a product.
- Of a path only the name of a file stays; of this computer, its user and the folders that are theirs no name stays;
  addresses in a network become numbers (`cli.anonymous`); what other devices know (site, target, telescope) and a
  client's own header cards are cut out.
- What cannot be read is not passed on in a form that nobody looked into: a record line that does not parse is dropped,
  and bytes that are not understood lose all that may be a text.
- Of an image nothing is passed on, however it was asked for: it may hold a place, and names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from indi_sony_py.cli.anonymous import (
    LEAST,
    names_in,
    without_addresses,
    without_paths,
    without_texts,
    words_without,
)
from indi_sony_py.errors import BadData
from indi_sony_py.ptp.codes import Operation
from indi_sony_py.ptp.data import DataType, DeviceInfo, ObjectInfo, Value
from indi_sony_py.sony.codes import Op
from indi_sony_py.sony.snapshot import Descriptor, ExtDeviceInfo, Settings, Version, decode_settings, encode_settings

__all__ = ["Cleaner", "Recorded"]

_PRODUCTS = frozenset({0xD07B, 0xD07D, 0xD040})
"""Name of the lens, its firmware, version of the protocol: they name a product, and nobody."""
_WORDS = frozenset((DataType.STR, DataType.AUINT8))
"""Texts, and bytes in which there may be one."""
_KNOWLEDGE = re.compile(r"(observatory=Observatory\(|cards=\(|prefix=['\"]|folder=['\"]).*")
_SERIAL = re.compile(r"(serial(?: number)?s?[ =:]*['\"]?)([0-9A-Z]*\d[0-9A-Z]*)", re.IGNORECASE)
_IMAGES = frozenset(
    (Operation.GET_OBJECT, Operation.GET_THUMB, Operation.GET_PARTIAL_OBJECT, Op.GET_PARTIAL_LARGE_OBJECT)
)
_LARGEST = 1 << 16


@dataclass
class Recorded:
    """What a record of the wire tells of a camera, cleaned. `settings` are the first that were read."""

    info: DeviceInfo | None = None
    ext: ExtDeviceInfo | None = None
    settings: Settings | None = None
    lines: list[str] = field(default_factory=list)


class Cleaner:
    """`serials` and `names` (of computer, user, folders) are looked for; more serials are learnt from a record."""

    def __init__(self, serials: Iterable[str] = (), names: Iterable[str] = ()) -> None:
        self._serials: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        for serial in serials:
            self.hide(serial)
        self._names = sorted(names_in(names), key=lambda name: -len(name))

    def hide(self, serial: str) -> None:
        """A serial number, and the same without the zeros that pad it."""
        for text in {serial.strip(), serial.strip().lstrip("0")}:
            # A shorter one would be found everywhere.
            if len(text) >= LEAST and text.strip("0"):
                self._serials[text] = "0" * len(text)

    def text(self, text: str) -> str:
        """A line of words, such as of a log."""
        text = _KNOWLEDGE.sub("(cut out)", text)
        for serial, shown in sorted(self._serials.items(), key=lambda pair: -len(pair[0])):
            text = text.replace(serial, shown)
        text = _SERIAL.sub(lambda found: found[1] + "0" * len(found[2]), text)
        text = without_paths(without_addresses(text, self._numbered))
        for name in self._names:
            text = words_without(name).sub("name", text)
        return text

    def tree(self, value: Any) -> Any:
        """All texts in a JSON value."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.tree(each) for each in value]
        if isinstance(value, dict):
            return {self.text(str(name)): self.tree(each) for name, each in value.items()}
        return value

    def data(self, data: bytes) -> bytes:
        """Bytes of the camera's that no decoder here understands: numbers stay, whatever may be a text is x."""
        return without_texts(data)

    def info(self, info: DeviceInfo) -> DeviceInfo:
        self.hide(info.serial)
        return replace(info, serial="0" * len(info.serial))

    def settings(self, settings: Settings) -> Settings:
        return replace(settings, descriptors=tuple(map(self._descriptor, settings.descriptors)))

    def record(self, lines: Iterable[str]) -> Recorded:
        """A record of the wire (`hand.trace`), line by line, and what it tells of the camera."""
        told = Recorded()
        for tree in _trees(lines):
            told.lines.append(json.dumps(self._line(tree, told), separators=(",", ":")))
        # A number that was learnt late may stand in an earlier line.
        told.lines = [self._hidden(line) for line in told.lines]
        return told

    def _line(self, tree: dict[str, Any], told: Recorded) -> dict[str, Any]:
        kept = {name: self.tree(value) for name, value in tree.items() if name not in ("in", "out")}
        for name in ("in", "out"):
            if name in tree:
                data = bytes.fromhex(str(tree[name]))
                kept |= self._payload(name, int(str(tree["op"]), 16), data, told)
        return kept

    def _payload(self, name: str, operation: int, data: bytes, told: Recorded) -> dict[str, Any]:
        if operation in _IMAGES:
            return {"size": len(data)}
        try:
            match operation:
                case Operation.GET_DEVICE_INFO:
                    told.info = self.info(DeviceInfo.decode(data))
                    return {name: told.info.encode().hex()}
                case Operation.GET_OBJECT_INFO:
                    seen = ObjectInfo.decode(data)
                    return {"format": f"0x{seen.format:04X}", "size": seen.size}
                case Op.GET_EXT_DEVICE_INFO:
                    found = ExtDeviceInfo.decode(data) or told.ext
                    if told.ext is not None and found is not None and found.version is not told.ext.version:
                        # It went back to the other version: those settings count that were read in this one.
                        told.settings = None
                    told.ext = found
                case Op.GET_ALL_PROPERTIES:
                    version = Version.V200 if told.ext is None else told.ext.version
                    settings = self.settings(decode_settings(data, version))
                    told.settings = told.settings or settings
                    return {name: encode_settings(settings).hex()}
                case _:
                    pass
        except BadData as error:
            return {name: self.data(data).hex(), "unreadable": str(error)}
        return {name: self.data(data).hex()} if len(data) <= _LARGEST else {"size": len(data)}

    def _descriptor(self, d: Descriptor) -> Descriptor:
        if d.code in _PRODUCTS or d.type not in _WORDS:
            return d
        lists = tuple(map(_hidden, d.values)), None if d.reportable is None else tuple(map(_hidden, d.reportable))
        return replace(d, default=_hidden(d.default), current=_hidden(d.current), values=lists[0], reportable=lists[1])

    def _hidden(self, line: str) -> str:
        for secret, shown in self._serials.items():
            for coding in ("ascii", "utf-16-le"):
                try:
                    line = line.replace(secret.encode(coding).hex(), shown.encode(coding).hex())
                except UnicodeEncodeError:
                    continue
        return line

    def _numbered(self, address: str) -> str:
        return self._addresses.setdefault(address.lower(), f"address-{len(self._addresses) + 1}")


def _hidden(value: Value) -> Value:
    if isinstance(value, str):
        return "x" * len(value)
    if isinstance(value, tuple) and len(value) >= LEAST and all(unit == 0 or unit >= ord(" ") for unit in value):
        return tuple(unit and ord("x") for unit in value)
    return value


def _trees(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            tree = json.loads(line)
            payloads = [bytes.fromhex(str(tree[name])) for name in ("in", "out") if name in tree]
            ours = isinstance(tree, dict) and (not payloads or int(str(tree["op"]), 16) >= 0)
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if ours:
            yield tree
