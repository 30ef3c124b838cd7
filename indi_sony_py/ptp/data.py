"""PTP's data types, and the two standard data sets that a camera in PC Remote mode sends.

- All integers are little endian. A string is one byte (number of UTF-16 units with the NUL; 0 = empty, nothing
  follows), then the units. An array is UINT32 count, then its elements.
- `Reader` checks a length before it reads, and refuses with the field and the offset (`BadData`); a count is never
  believed beyond what is there. Decoding returns what was read and where it ended, so leftovers cannot hide.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from indi_sony_py.errors import BadData

__all__ = ["Buffer", "DataType", "DeviceInfo", "ObjectInfo", "Reader", "Value", "Writer", "read_value", "write_value"]

Buffer = bytes | bytearray | memoryview
Value = int | str | tuple[int, ...]


class DataType(IntEnum):
    """PTP's type codes; arrays are the plain types with bit 14 set."""

    INT8 = 0x0001
    UINT8 = 0x0002
    INT16 = 0x0003
    UINT16 = 0x0004
    INT32 = 0x0005
    UINT32 = 0x0006
    INT64 = 0x0007
    UINT64 = 0x0008
    INT128 = 0x0009
    UINT128 = 0x000A
    AINT8 = 0x4001
    AUINT8 = 0x4002
    AINT16 = 0x4003
    AUINT16 = 0x4004
    AINT32 = 0x4005
    AUINT32 = 0x4006
    AINT64 = 0x4007
    AUINT64 = 0x4008
    AINT128 = 0x4009
    AUINT128 = 0x400A
    STR = 0xFFFF

    @property
    def is_array(self) -> bool:
        return bool(self & 0x4000) and self is not DataType.STR

    @property
    def element(self) -> DataType:
        """The plain type of an array type; the type itself otherwise."""
        return DataType(self & ~0x4000) if self.is_array else self

    @property
    def size(self) -> int:
        """Bytes of one integer of this type (of one element for arrays). A string has none: ValueError."""
        if self is DataType.STR:
            raise ValueError("a string has no fixed size")
        return 1 << ((self.element - 1) >> 1)

    @property
    def signed(self) -> bool:
        return self is not DataType.STR and bool(self.element & 1)


_STRUCTS = {
    DataType.INT8: struct.Struct("<b"),
    DataType.UINT8: struct.Struct("<B"),
    DataType.INT16: struct.Struct("<h"),
    DataType.UINT16: struct.Struct("<H"),
    DataType.INT32: struct.Struct("<i"),
    DataType.UINT32: struct.Struct("<I"),
    DataType.INT64: struct.Struct("<q"),
    DataType.UINT64: struct.Struct("<Q"),
}
_LETTERS = {
    DataType.INT8: "b",
    DataType.UINT8: "B",
    DataType.INT16: "h",
    DataType.UINT16: "H",
    DataType.INT32: "i",
    DataType.UINT32: "I",
    DataType.INT64: "q",
    DataType.UINT64: "Q",
}


class Reader:
    """A cursor over bytes from outside. Every read names its field; a read past the end is `BadData`."""

    __slots__ = ("_data", "_length", "offset")

    def __init__(self, data: Buffer, offset: int = 0) -> None:
        self._data = data
        self._length = len(data)
        self.offset = offset

    @property
    def left(self) -> int:
        return self._length - self.offset

    def _need(self, count: int, name: str) -> int:
        start = self.offset
        if count > self._length - start:
            raise BadData(name, start, f"needs {count} bytes, {max(0, self._length - start)} are left")
        self.offset = start + count
        return start

    def take(self, count: int, name: str) -> bytes:
        start = self._need(count, name)
        return bytes(self._data[start : start + count])

    def u8(self, name: str) -> int:
        return self._data[self._need(1, name)]

    def u16(self, name: str) -> int:
        return int(_STRUCTS[DataType.UINT16].unpack_from(self._data, self._need(2, name))[0])

    def u32(self, name: str) -> int:
        return int(_STRUCTS[DataType.UINT32].unpack_from(self._data, self._need(4, name))[0])

    def u64(self, name: str) -> int:
        return int(_STRUCTS[DataType.UINT64].unpack_from(self._data, self._need(8, name))[0])

    def integer(self, kind: DataType, name: str) -> int:
        packer = _STRUCTS.get(kind)
        if packer is None:
            start = self._need(kind.size, name)
            return int.from_bytes(self._data[start : self.offset], "little", signed=kind.signed)
        return int(packer.unpack_from(self._data, self._need(packer.size, name))[0])

    def integers(self, kind: DataType, count: int, name: str) -> tuple[int, ...]:
        """`count` integers of a plain type; the count is checked against what is left before anything is read."""
        start = self._need(count * kind.size, name)
        letter = _LETTERS.get(kind)
        if letter is not None:
            return struct.unpack_from(f"<{count}{letter}", self._data, start)
        size = kind.size
        return tuple(
            int.from_bytes(self._data[at : at + size], "little", signed=kind.signed)
            for at in range(start, start + count * size, size)
        )

    def string(self, name: str) -> str:
        """A PTP string, without its NUL. Lone surrogates are replaced: a name from a camera never breaks a log."""
        start = self.offset
        units = self.u8(name)
        raw = self.take(2 * units, name)
        if units == 0:
            return ""
        if raw[-2:] != b"\0\0":
            raise BadData(name, start, "string without its NUL")
        return raw[:-2].decode("utf-16-le", "replace")

    def array(self, kind: DataType, name: str) -> tuple[int, ...]:
        """A PTP array of a plain type: UINT32 count, then the elements."""
        return self.integers(kind, self.u32(name), name)

    def end(self, name: str) -> None:
        """The data set must end here."""
        if self.left:
            raise BadData(name, self.offset, f"{self.left} bytes too many")


class Writer:
    """Builds a data set."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def raw(self, data: Buffer) -> Writer:
        self._parts.append(bytes(data))
        return self

    def integer(self, kind: DataType, value: int) -> Writer:
        packer = _STRUCTS.get(kind)
        self._parts.append(packer.pack(value) if packer else value.to_bytes(kind.size, "little", signed=kind.signed))
        return self

    def u8(self, value: int) -> Writer:
        return self.integer(DataType.UINT8, value)

    def u16(self, value: int) -> Writer:
        return self.integer(DataType.UINT16, value)

    def u32(self, value: int) -> Writer:
        return self.integer(DataType.UINT32, value)

    def u64(self, value: int) -> Writer:
        return self.integer(DataType.UINT64, value)

    def integers(self, kind: DataType, values: Sequence[int]) -> Writer:
        letter = _LETTERS.get(kind)
        if letter is not None:
            self._parts.append(struct.pack(f"<{len(values)}{letter}", *values))
        else:
            for value in values:
                self.integer(kind, value)
        return self

    def string(self, text: str) -> Writer:
        """A PTP string; at most 254 UTF-16 units fit (ValueError beyond)."""
        if not text:
            return self.u8(0)
        raw = text.encode("utf-16-le", "surrogatepass")
        units = len(raw) // 2 + 1
        if units > 255:
            raise ValueError("a PTP string holds at most 254 UTF-16 units")
        return self.u8(units).raw(raw + b"\0\0")

    def array(self, kind: DataType, values: Sequence[int]) -> Writer:
        return self.u32(len(values)).integers(kind, values)

    def bytes(self) -> bytes:
        return b"".join(self._parts)


def read_value(reader: Reader, kind: DataType, name: str) -> Value:
    """One value of any PTP type at the reader's place."""
    if kind is DataType.STR:
        return reader.string(name)
    if kind & 0x4000:
        return reader.array(kind.element, name)
    return reader.integer(kind, name)


def write_value(writer: Writer, kind: DataType, value: Value) -> None:
    """The counterpart of `read_value`. A value that does not fit its type is a TypeError or `struct.error`."""
    match value:
        case str():
            if kind is not DataType.STR:
                raise TypeError(f"{kind.name} cannot hold a string")
            writer.string(value)
        case tuple():
            if not kind.is_array:
                raise TypeError(f"{kind.name} cannot hold an array")
            writer.array(kind.element, value)
        case _:
            if kind is DataType.STR or kind.is_array:
                raise TypeError(f"{kind.name} cannot hold a number")
            writer.integer(kind, value)


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """The standard's DeviceInfo data set (answer to 0x1001)."""

    standard_version: int = 100
    vendor_extension_id: int = 0x11
    vendor_extension_version: int = 100
    vendor_extension_desc: str = "Sony PTP Extensions"
    functional_mode: int = 0
    operations: tuple[int, ...] = ()
    events: tuple[int, ...] = ()
    properties: tuple[int, ...] = ()
    capture_formats: tuple[int, ...] = ()
    image_formats: tuple[int, ...] = ()
    manufacturer: str = "Sony Corporation"
    model: str = ""
    device_version: str = ""
    serial: str = ""

    @classmethod
    def decode(cls, data: Buffer) -> DeviceInfo:
        """Raises `BadData`. Bytes after the serial number are ignored: MTP bodies may append."""
        r = Reader(data)
        codes = DataType.UINT16
        return cls(
            r.u16("StandardVersion"),
            r.u32("VendorExtensionID"),
            r.u16("VendorExtensionVersion"),
            r.string("VendorExtensionDesc"),
            r.u16("FunctionalMode"),
            r.array(codes, "OperationsSupported"),
            r.array(codes, "EventsSupported"),
            r.array(codes, "DevicePropertiesSupported"),
            r.array(codes, "CaptureFormats"),
            r.array(codes, "ImageFormats"),
            r.string("Manufacturer"),
            r.string("Model"),
            r.string("DeviceVersion"),
            r.string("SerialNumber"),
        )

    def encode(self) -> bytes:
        w = Writer().u16(self.standard_version).u32(self.vendor_extension_id).u16(self.vendor_extension_version)
        w.string(self.vendor_extension_desc).u16(self.functional_mode)
        for codes in (self.operations, self.events, self.properties, self.capture_formats, self.image_formats):
            w.array(DataType.UINT16, codes)
        return w.string(self.manufacturer).string(self.model).string(self.device_version).string(self.serial).bytes()


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """The standard's ObjectInfo data set (answer to 0x1008): 52 bytes, then four strings."""

    storage: int = 0x00010001
    format: int = 0
    protection: int = 0
    size: int = 0
    thumb_format: int = 0
    thumb_size: int = 0
    thumb_width: int = 0
    thumb_height: int = 0
    width: int = 0
    height: int = 0
    depth: int = 0
    parent: int = 0
    association_type: int = 0
    association_desc: int = 0
    sequence: int = 0
    name: str = ""
    captured: str = field(default="")
    modified: str = field(default="")
    keywords: str = field(default="")

    @classmethod
    def decode(cls, data: Buffer) -> ObjectInfo:
        """Raises `BadData`; also for a data set below 53 bytes, which means "no image" (ILCE-6400, libgphoto2#1058)."""
        if len(data) < 53:
            raise BadData("ObjectInfo", 0, f"{len(data)} bytes: no image behind it")
        r = Reader(data)
        return cls(
            r.u32("StorageID"),
            r.u16("ObjectFormat"),
            r.u16("ProtectionStatus"),
            r.u32("ObjectCompressedSize"),
            r.u16("ThumbFormat"),
            r.u32("ThumbCompressedSize"),
            r.u32("ThumbPixWidth"),
            r.u32("ThumbPixHeight"),
            r.u32("ImagePixWidth"),
            r.u32("ImagePixHeight"),
            r.u32("ImageBitDepth"),
            r.u32("ParentObject"),
            r.u16("AssociationType"),
            r.u32("AssociationDesc"),
            r.u32("SequenceNumber"),
            r.string("Filename"),
            r.string("CaptureDate"),
            r.string("ModificationDate"),
            r.string("Keywords"),
        )

    def encode(self) -> bytes:
        w = Writer().u32(self.storage).u16(self.format).u16(self.protection).u32(self.size)
        w.u16(self.thumb_format).u32(self.thumb_size).u32(self.thumb_width).u32(self.thumb_height)
        w.u32(self.width).u32(self.height).u32(self.depth).u32(self.parent)
        w.u16(self.association_type).u32(self.association_desc).u32(self.sequence)
        return w.string(self.name).string(self.captured).string(self.modified).string(self.keywords).bytes()
