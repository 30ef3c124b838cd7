"""The camera's settings as one data set (0x9209), and the list of what it has (0x9202). Pure, both directions.

Layout as libgphoto2 (ptp-pack.c) reads it, checked byte for byte on traces of an ILCE-7SM3 (320 descriptors) and of an
ILCE-6000:

    UINT64 count, then for each descriptor
      UINT16 code, UINT16 type, UINT8 get/set, UINT8 is-enabled, type default, type current, UINT8 form
      form 1: min, max, step          form 2: UINT16 n, values; in 3.00 UINT16 m, values again

- **The exact-end rule**: a data set is believed only if `count` descriptors end at its very last byte, in the layout of
  the negotiated version; else in the other one; else it is refused whole (`BadData`), never half believed.
- Nothing more is validated: real bodies send ranges 0..0, doubled list values, a current value outside the list.
- A code that comes twice is kept twice; look-ups take the first (DSC-RX0M2: only the first can be set).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from functools import cached_property

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.data import Buffer, DataType, Reader, Value, Writer, read_value, write_value

__all__ = [
    "Descriptor",
    "ExtDeviceInfo",
    "Form",
    "Lists",
    "Settings",
    "SettingsDecoder",
    "Version",
    "decode_settings",
    "encode_settings",
]


class Version(IntEnum):
    """The two versions of Sony's protocol, as 0x9202 names them."""

    V200 = 0x00C8
    V300 = 0x012C

    @property
    def label(self) -> str:
        return "2.00" if self is Version.V200 else "3.00"

    @property
    def lists(self) -> Lists:
        """The layout that bodies of this version use for enumerations."""
        return Lists.ONE if self is Version.V200 else Lists.TWO


class Lists(Enum):
    """How many value lists follow an enumeration's form byte."""

    ONE = 1
    TWO = 2


class Form(IntEnum):
    NONE = 0
    RANGE = 1
    ENUM = 2


_TYPES = {int(kind): kind for kind in DataType}
_FORMS = {int(form): form for form in Form}


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One property as the camera lists it.

    `values`: what may be set now (first list, or min, max, step of a range); `reportable`: the second list (3.00 only).
    `enabled`: 0 not valid now, 1 usable, 2 display only. `get_set`: 0 read, 1 read and write, 0x81.. controls (2.00).
    """

    code: int
    type: DataType
    get_set: int = 1
    enabled: int = 1
    default: Value = 0
    current: Value = 0
    form: Form = Form.NONE
    values: tuple[Value, ...] = ()
    reportable: tuple[Value, ...] | None = None

    @property
    def writable(self) -> bool:
        """Whether the camera says that a value may be written now."""
        return self.get_set == 1 and self.enabled == 1

    @property
    def number(self) -> int | None:
        """The current value if it is a number and valid."""
        return self.current if isinstance(self.current, int) and self.enabled else None

    @property
    def choices(self) -> tuple[int, ...]:
        """The numbers of the first list of an enumeration; empty for other forms."""
        if self.form is not Form.ENUM or self.type is DataType.STR or self.type.is_array:
            return ()
        return self.values  # type: ignore[return-value]  # a list of numbers holds nothing else


@dataclass(frozen=True, eq=False)
class Settings:
    """All that one 0x9209 answer said. Frozen; equal only to itself (compare `descriptors`)."""

    descriptors: tuple[Descriptor, ...] = ()
    version: Version = Version.V200
    lists: Lists = field(default=Lists.ONE)

    @cached_property
    def _by_code(self) -> Mapping[int, Descriptor]:
        found: dict[int, Descriptor] = {}
        for descriptor in self.descriptors:
            found.setdefault(descriptor.code, descriptor)
        return found

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __iter__(self) -> Iterator[Descriptor]:
        return iter(self.descriptors)

    def get(self, code: int) -> Descriptor | None:
        return self._by_code.get(code)

    def number(self, code: int) -> int | None:
        """The current value of `code`: None if it is absent, no number, or marked as not valid now."""
        found = self._by_code.get(code)
        return None if found is None else found.number

    def text(self, code: int) -> str:
        found = self._by_code.get(code)
        return found.current if found is not None and isinstance(found.current, str) else ""


def _values(reader: Reader, kind: DataType, name: str) -> tuple[Value, ...]:
    count = reader.u16(f"{name} count")
    if kind is DataType.STR or kind & 0x4000:
        return tuple(read_value(reader, kind, name) for _ in range(count))
    return reader.integers(kind, count, name)


def _descriptor(reader: Reader, lists: Lists) -> Descriptor:
    code = reader.u16("code")
    name = f"0x{code:04X}"
    raw_type = reader.u16(f"{name} type")
    kind = _TYPES.get(raw_type)
    if kind is None:
        raise BadData(f"{name} type", reader.offset - 2, f"0x{raw_type:04X} is not a type: the rest cannot be found")
    get_set = reader.u8(f"{name} get/set")
    enabled = reader.u8(f"{name} is-enabled")
    default = read_value(reader, kind, f"{name} default")
    current = read_value(reader, kind, f"{name} current")
    raw_form = reader.u8(f"{name} form")
    form = _FORMS.get(raw_form)
    if form is None:
        raise BadData(f"{name} form", reader.offset - 1, f"{raw_form} is not a form")
    values: tuple[Value, ...] = ()
    second: tuple[Value, ...] | None = None
    if form is Form.RANGE:
        values = tuple(read_value(reader, kind, f"{name} range") for _ in range(3))
    elif form is Form.ENUM:
        values = _values(reader, kind, f"{name} list")
        if lists is Lists.TWO:
            second = _values(reader, kind, f"{name} second list")
    return Descriptor(code, kind, get_set, enabled, default, current, form, values, second)


_Known = dict[int, tuple[Buffer, Descriptor]]


def _decode(data: Buffer, lists: Lists, known: _Known) -> tuple[Descriptor, ...]:
    """`known`: bytes of a descriptor in this layout and what they mean, by code; brought up to date."""
    reader = Reader(data)
    count = reader.u64("count")
    if count * 9 > reader.left:
        raise BadData("count", 0, f"{count} descriptors cannot fit into {reader.left} bytes")
    found = []
    for _ in range(count):
        start = reader.offset
        code = int.from_bytes(data[start : start + 2], "little")
        piece, descriptor = known.get(code, _NOT_KNOWN)
        if descriptor is not None and data[start : start + len(piece)] == piece:
            reader.offset = start + len(piece)
        else:
            descriptor = _descriptor(reader, lists)
            known[code] = bytes(data[start : reader.offset]), descriptor
        found.append(descriptor)
    reader.end("data set")
    return tuple(found)


_NOT_KNOWN: tuple[Buffer, None] = b"", None


class SettingsDecoder:
    """Decodes one 0x9209 answer after the other; what stands there as it stood before is not decoded again.

    What a descriptor means hangs on its own bytes alone, so equal bytes give the very same `Descriptor`; an answer that
    is equal as a whole gives the very same `Settings`.
    """

    def __init__(self) -> None:
        self._known: dict[Lists, _Known] = {Lists.ONE: {}, Lists.TWO: {}}
        self._raw: Buffer = b""
        self._last: Settings | None = None

    def decode(self, data: Buffer, version: Version) -> Settings:
        """Decode an answer by the exact-end rule. Raises `BadData` (of the negotiated version's layout)."""
        if self._last is not None and self._last.version is version and data == self._raw:
            return self._last
        settings = self._decode(data, version)
        self._raw, self._last = data, settings
        return settings

    def _decode(self, data: Buffer, version: Version) -> Settings:
        lists = version.lists
        try:
            return Settings(_decode(data, lists, self._known[lists]), version, lists)
        except BadData as first:
            other = Lists.TWO if lists is Lists.ONE else Lists.ONE
            try:
                return Settings(_decode(data, other, self._known[other]), version, other)
            except BadData:
                raise first from None


def decode_settings(data: Buffer, version: Version) -> Settings:
    """Decode one 0x9209 answer by the exact-end rule. Raises `BadData` (of the negotiated version's layout)."""
    return SettingsDecoder().decode(data, version)


def encode_settings(settings: Settings) -> bytes:
    """The data set of `settings` in its own `lists` layout: the counterpart of `decode_settings`."""
    w = Writer().u64(len(settings.descriptors))
    for d in settings.descriptors:
        w.u16(d.code).u16(d.type).u8(d.get_set).u8(d.enabled)
        write_value(w, d.type, d.default)
        write_value(w, d.type, d.current)
        w.u8(d.form)
        if d.form is Form.RANGE:
            for value in d.values:
                write_value(w, d.type, value)
        elif d.form is Form.ENUM:
            both = (d.values,) if settings.lists is Lists.ONE else (d.values, d.reportable or ())
            for values in both:
                w.u16(len(values))
                for value in values:
                    write_value(w, d.type, value)
    return w.bytes()


@dataclass(frozen=True, slots=True)
class ExtDeviceInfo:
    """The answer to 0x9202. `controls` may repeat a code (0xD2C7 twice on an ILCE-7SM3)."""

    version: Version
    properties: tuple[int, ...] = ()
    controls: tuple[int, ...] = ()

    @classmethod
    def decode(cls, data: Buffer) -> ExtDeviceInfo | None:
        """None for an empty payload, which means "not ready, ask again". Raises `BadData`.

        A version that is neither 2.00 nor 3.00 is read as the older one that it is not above.
        """
        if not len(data):
            return None
        r = Reader(data)
        version = r.u16("version")
        properties = r.array(DataType.UINT16, "properties")
        controls = r.array(DataType.UINT16, "controls") if r.left else ()
        return cls(Version.V300 if version >= Version.V300 else Version.V200, properties, controls)

    def encode(self) -> bytes:
        w = Writer().u16(self.version).array(DataType.UINT16, self.properties)
        return w.array(DataType.UINT16, self.controls).bytes()
