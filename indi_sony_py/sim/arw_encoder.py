"""A mosaic as the ARW file that a certain body would write: real readers take it for that body's. Pure.

Rules kept here:

- A lossless file has its tags in the order of real bodies: LibRaw goes by it, and a sorted one decodes wrongly.
- Levels stand in the plain raw directory only on bodies that write them there; in the encrypted SR2 block on all.
- LibRaw names the body by its SonyModelID, so name and id belong together.

Sources: listings of real files by exiftool (A7 III, A7 IV, ZV-E10); LibRaw `src/metadata/tiff.cpp`, `sony.cpp`;
exiftool `Sony.pm`; rawdb digests of dnglab.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from indi_sony_py.sim.arw_codecs import CURVE_KNOTS, TILE, encode_lossless, encode_lossy, encode_uncompressed
from indi_sony_py.sim.arw_tiff import (
    Field,
    ascii_field,
    byte_field,
    directory,
    directory_size,
    encipher,
    long_field,
    rational_field,
    short_field,
    signed_field,
    sr2_encrypt,
    undefined_field,
)
from indi_sony_py.sim.geometry import Geometry
from indi_sony_py.sim.jpeg import preview_of

__all__ = ["RAW_TYPES", "ArwSpec", "Pixels", "encode_arw", "encode_pixels", "made_by", "stored_cfa", "wrap_pixels"]

RAW_TYPES = ("uncompressed", "lossy", "lossless")

_SR2_KEY = 0x44332211
_ALIGNMENT = 512
_WB = (2500, 1024, 1024, 1700)
_DAYLIGHT = (2750, 1024, 1900)
_COLOURS = (1300, -230, -46, 60, 1120, -156, 30, -270, 1264)

# Where a body keeps its shutter count in tag 0x9050 (exiftool: 9050a 0x32; 9050b, 9050c 0x3A; 9050d 0x0A).
_COUNT_AT_3A = frozenset({
    347, 350, 354, 357, 358, 360, 362, 363, 371, 375, 376, 378, 379, 381, 382, 386, 387, 402, 403,
    383, 384, 385, 388, 390,
})  # fmt: skip
_COUNT_AT_0A = frozenset({391, 393, 394, 396, 397, 399})


@dataclass(frozen=True, slots=True)
class ArwSpec:
    """Everything of a file but its pixels.

    `captured` is the camera's clock (aware: its zone is written too). `plain_levels` False leaves the levels to the
    encrypted block, as bodies before about 2015 do. Temperatures in Celsius; None leaves them marked as not valid.
    `focal_mm` None: no lens tells one. `file_format` None chooses one that fits the RAW type.
    """

    model: str
    model_id: int
    raw_type: str
    geometry: Geometry
    exposure: Fraction
    iso: int
    captured: datetime
    firmware: str = "1.00"
    lens: str = ""
    focal_mm: Fraction | None = None
    serial: str = ""
    shutter_count: int = 1
    long_exposure_nr: bool | None = False
    camera_temperature_c: int | None = None
    ambient_temperature_c: int | None = None
    battery_percent: int | None = None
    orientation: int = 1
    plain_levels: bool = True
    file_format: tuple[int, int, int, int] | None = None

    def __post_init__(self) -> None:
        if self.raw_type not in RAW_TYPES:
            raise ValueError(f"raw type {self.raw_type!r} is not one of {', '.join(RAW_TYPES)}")


@dataclass(frozen=True, slots=True)
class Pixels:
    """Encoded raw data: one strip, or the tiles of a lossless frame; and the preview picture."""

    parts: tuple[bytes, ...]
    width: int
    height: int
    preview: bytes


def stored_cfa(cfa: npt.NDArray[np.uint16], spec: ArwSpec) -> npt.NDArray[np.uint16]:
    """The buffer as it is stored: a lossless one is padded to whole tiles by its last rows and columns."""
    if spec.raw_type != "lossless":
        return cfa
    width, height = spec.geometry.padded
    return np.pad(cfa, ((0, height - cfa.shape[0]), (0, width - cfa.shape[1])), mode="edge")


def encode_pixels(cfa: npt.NDArray[np.uint16], spec: ArwSpec) -> Pixels:
    """The raw data alone: they do not depend on the header, so one encoding serves many headers."""
    geometry = spec.geometry
    if cfa.shape != (geometry.height, geometry.width):
        raise ValueError(f"a mosaic of {cfa.shape[1]} x {cfa.shape[0]} for {geometry.width} x {geometry.height}")
    stored = stored_cfa(cfa, spec)
    if spec.raw_type == "uncompressed":
        parts: Sequence[bytes] = (encode_uncompressed(stored),)
    elif spec.raw_type == "lossy":
        parts = (encode_lossy(stored),)
    else:
        parts = encode_lossless(stored, 14)
    return Pixels(tuple(parts), stored.shape[1], stored.shape[0], preview_of(cfa, 1616, 1080, geometry.black))


def encode_arw(cfa: npt.NDArray[np.uint16], spec: ArwSpec) -> bytes:
    """A whole file. `cfa` is (height, width) of the spec's geometry, uint16."""
    return wrap_pixels(encode_pixels(cfa, spec), spec)


def wrap_pixels(pixels: Pixels, spec: ArwSpec) -> bytes:
    """A header around raw data."""
    exif_at = 8 + directory_size(_ifd0(spec, 0, 0, 0, 0, 0))
    maker_at, exif_size = _maker_place(spec, exif_at)
    sr2_at = exif_at + exif_size
    sr2_block_at = sr2_at + directory_size(_sr2_private(0, 0))
    sr2_size = -(-directory_size(_sr2_levels(spec)) // 4) * 4
    raw_at = sr2_block_at + sr2_size
    raw_size = directory_size(_raw(spec, pixels, 0))
    preview_at = raw_at + raw_size
    data_at = -(-(preview_at + len(pixels.preview)) // _ALIGNMENT) * _ALIGNMENT

    blocks = [
        struct.pack("<2sHI", b"II", 42, 8),
        directory(_ifd0(spec, raw_at, exif_at, sr2_at, preview_at, len(pixels.preview)), 8),
        directory(_exif(spec, _maker(spec, maker_at)), exif_at),
        directory(_sr2_private(sr2_block_at, sr2_size), sr2_at),
        sr2_encrypt(directory(_sr2_levels(spec), sr2_block_at).ljust(sr2_size, b"\0"), _SR2_KEY),
        directory(_raw(spec, pixels, data_at), raw_at),
        pixels.preview,
    ]
    head = b"".join(blocks)
    return b"".join((head, b"\0" * (data_at - len(head)), *pixels.parts))


def _ifd0(spec: ArwSpec, raw: int, exif: int, sr2: int, preview: int, preview_size: int) -> list[Field]:
    return [
        long_field(0x00FE, 1),
        short_field(0x0103, 6),
        ascii_field(0x010E, " " * 31),
        *made_by(spec),
        long_field(0x014A, raw),
        long_field(0x0201, preview),
        long_field(0x0202, preview_size),
        short_field(0x0213, 2),
        long_field(0x8769, exif),
        byte_field(0xC634, *struct.pack("<I", sr2)),
    ]


def made_by(spec: ArwSpec) -> list[Field]:
    """The fields 0x010F to 0x0132 of the first directory: a RAW and the JPEG beside it have the same."""
    return [
        ascii_field(0x010F, "SONY"),
        ascii_field(0x0110, spec.model),
        short_field(0x0112, spec.orientation),
        rational_field(0x011A, Fraction(350)),
        rational_field(0x011B, Fraction(350)),
        short_field(0x0128, 2),
        ascii_field(0x0131, f"{spec.model} v{spec.firmware}"),
        ascii_field(0x0132, spec.captured.strftime("%Y:%m:%d %H:%M:%S")),
    ]


def _exif(spec: ArwSpec, maker: bytes) -> list[Field]:
    stamp = spec.captured.strftime("%Y:%m:%d %H:%M:%S")
    digits = f"{spec.captured.microsecond // 1000:03d}"
    fields = [
        rational_field(0x829A, spec.exposure),
        rational_field(0x829D, Fraction(0, 1)),
        short_field(0x8822, 1),
        short_field(0x8827, min(spec.iso, 65535)),
        short_field(0x8830, 2),
        long_field(0x8832, spec.iso),
        undefined_field(0x9000, b"0232"),
        ascii_field(0x9003, stamp),
        ascii_field(0x9004, stamp),
    ]
    if spec.captured.tzinfo is not None:
        zone = spec.captured.strftime("%z")
        fields += [ascii_field(tag, f"{zone[:3]}:{zone[3:5]}") for tag in (0x9010, 0x9011, 0x9012)]
    if spec.focal_mm is not None:
        fields.append(rational_field(0x920A, spec.focal_mm))
    fields.append(undefined_field(0x927C, maker))
    fields += [ascii_field(tag, digits) for tag in (0x9290, 0x9291, 0x9292)]
    width, height = spec.geometry.crop[2:] if spec.geometry.crop else spec.geometry.visible
    fields += [long_field(0xA002, width), long_field(0xA003, height)]
    if spec.serial:
        fields.append(ascii_field(0xA431, spec.serial))
    fields.append(ascii_field(0xA434, spec.lens or "----"))
    return fields


def _maker_place(spec: ArwSpec, exif_at: int) -> tuple[int, int]:
    """The file offset of the MakerNote, and the size of the Exif directory with it."""
    maker = _maker(spec, 0)
    fields = _exif(spec, maker)
    place = exif_at + 6 + 12 * len(fields)
    for field in fields:
        if field.tag == 0x927C:
            break
        if len(field.raw) > 4:
            place += len(field.raw) + len(field.raw) % 2
    return place, directory_size(fields)


def _maker(spec: ArwSpec, offset: int) -> bytes:
    noise = {None: 0xFFFFFFFF, False: 0, True: 0x10001 if spec.exposure >= 1 else 1}[spec.long_exposure_nr]
    quality = {"uncompressed": 7, "lossy": 8, "lossless": 9}[spec.raw_type]
    fields = [
        long_field(0x0102, quality),
        long_field(0x2008, noise),
        short_field(0x2029, {"uncompressed": 1, "lossy": 0, "lossless": 2}[spec.raw_type]),
        undefined_field(0x9050, encipher(_tag_9050(spec))),
        undefined_field(0x9402, encipher(_tag_9402(spec))),
        undefined_field(0x9403, encipher(_tag_9403(spec))),
        undefined_field(0x9406, encipher(_tag_9406(spec))),
        byte_field(0xB000, *(spec.file_format or _file_format(spec))),
        short_field(0xB001, spec.model_id),
        ascii_field(0xB020, "Standard"),
        long_field(0xB027, 65535),
    ]
    return directory(fields, offset)


def _file_format(spec: ArwSpec) -> tuple[int, int, int, int]:
    if spec.geometry.active is not None or spec.raw_type == "lossless":
        return (4, 0, 0, 0)
    return (3, 3, 5, 0) if spec.plain_levels else (3, 3, 1, 0)


def _tag_9050(spec: ArwSpec) -> bytes:
    block = bytearray(944)
    place = 0x3A if spec.model_id in _COUNT_AT_3A else 0x0A if spec.model_id in _COUNT_AT_0A else 0x32
    struct.pack_into("<I", block, place, spec.shutter_count)
    return bytes(block)


def _tag_9402(spec: ArwSpec) -> bytes:
    block = bytearray(256)
    block[0] = 2
    if spec.ambient_temperature_c is not None:
        block[2] = 255
        block[4] = spec.ambient_temperature_c & 0xFF
    return bytes(block)


def _tag_9403(spec: ArwSpec) -> bytes:
    block = bytearray(1000)
    block[0] = 3
    if spec.camera_temperature_c is not None:
        block[4] = 19
        block[5] = spec.camera_temperature_c & 0xFF
    return bytes(block)


def _tag_9406(spec: ArwSpec) -> bytes:
    block = bytearray(64)
    block[:3] = (3, 2, 2)
    if spec.battery_percent is None:
        block[2] = 0
    else:
        block[5] = 77
        block[7] = min(spec.battery_percent, 100)
    return bytes(block)


def _sr2_private(block: int, size: int) -> list[Field]:
    return [long_field(0x7200, block), long_field(0x7201, size), undefined_field(0x7221, struct.pack("<I", _SR2_KEY))]


def _sr2_levels(spec: ArwSpec) -> list[Field]:
    # LibRaw reads no value that ends with the block: the levels don't stand last.
    white = min(spec.geometry.white, 15360)
    return [
        short_field(0x7310, *[spec.geometry.black] * 4),
        signed_field(0x7313, *_WB),
        short_field(0x787F, white, white, white),
        signed_field(0x7800, *_COLOURS),
        signed_field(0x7820, *_DAYLIGHT),
    ]


def _raw(spec: ArwSpec, pixels: Pixels, data: int) -> list[Field]:
    return {"uncompressed": _raw_uncompressed, "lossy": _raw_lossy, "lossless": _raw_lossless}[spec.raw_type](
        spec, pixels, data
    )


def _raw_uncompressed(spec: ArwSpec, pixels: Pixels, data: int) -> list[Field]:
    fields = _raw_head(spec, pixels, 1, data)
    fields += _sony(spec, 1 if spec.geometry.bits == 12 else 0, (0, 0), CURVE_KNOTS)
    return fields


def _raw_lossy(spec: ArwSpec, pixels: Pixels, data: int) -> list[Field]:
    fields = _raw_head(spec, pixels, 32767, data)
    fields += _sony(spec, 2, (1, 0), CURVE_KNOTS)
    return fields


def _raw_head(spec: ArwSpec, pixels: Pixels, compression: int, data: int) -> list[Field]:
    return [
        long_field(0x00FE, 0),
        short_field(0x0100, pixels.width),
        short_field(0x0101, pixels.height),
        short_field(0x0102, spec.geometry.bits),
        short_field(0x0103, compression),
        short_field(0x0106, 32803),
        long_field(0x0111, data),
        short_field(0x0115, 1),
        long_field(0x0116, pixels.height),
        long_field(0x0117, len(pixels.parts[0])),
        short_field(0x011C, 1),
    ]


def _raw_lossless(spec: ArwSpec, pixels: Pixels, data: int) -> list[Field]:
    sizes = [len(part) for part in pixels.parts]
    offsets = [data + sum(sizes[:number]) for number in range(len(sizes))]
    # Strip tags first and tile tags last, as real bodies have them.
    return [
        long_field(0x00FE, 0),
        short_field(0x0103, 7),
        long_field(0x0111, data),
        long_field(0x0116, pixels.height),
        long_field(0x0117, sum(sizes)),
        short_field(0x0100, pixels.width),
        short_field(0x0101, pixels.height),
        short_field(0x0102, spec.geometry.bits),
        short_field(0x0106, 32803),
        short_field(0x0115, 1),
        short_field(0x011C, 1),
        *_sony(spec, 4 if spec.geometry.active else 3, (1, 0), (0, 0, 0, 0)),
        short_field(0x0142, TILE),
        short_field(0x0143, TILE),
        long_field(0x0144, *offsets),
        long_field(0x0145, *sizes),
    ]


def _sony(spec: ArwSpec, file_type: int, flags: tuple[int, int], curve: tuple[int, ...]) -> list[Field]:
    geometry = spec.geometry
    fields = [
        short_field(0x7000, file_type),
        short_field(0x7001, flags[0]),
        short_field(0x7010, *curve),
        short_field(0x7020, flags[1]),
    ]
    true_size = geometry.active or (geometry.visible if spec.raw_type == "lossless" else None)
    if true_size is not None:
        fields.append(long_field(0x7038, *true_size))
    if spec.plain_levels:
        fields += [short_field(0x7310, *[geometry.black] * 4), signed_field(0x7313, *_WB)]
    fields += [short_field(0x828D, 2, 2), byte_field(0x828E, 0, 1, 1, 2)]
    if spec.plain_levels:
        fields.append(short_field(0xC61D, geometry.white))
        if geometry.crop is not None:
            x, y, width, height = geometry.crop
            pairs: list[tuple[Callable[..., Field], int, tuple[int, int]]] = [
                (short_field, 0xC61F, (x, y)),
                (short_field, 0xC620, (width, height)),
                (long_field, 0x74C7, (x, y)),
                (long_field, 0x74C8, (width, height)),
            ]
            fields += [make(tag, *pair) for make, tag, pair in pairs]
    return fields
