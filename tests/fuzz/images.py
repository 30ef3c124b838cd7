"""Targets: an image file, from its head to the frame in memory. LibRaw is behind them."""

from __future__ import annotations

import os

from indi_sony_py.errors import BrokenImage, NoMemory, UnknownImage
from indi_sony_py.hand.codec import encode
from indi_sony_py.hand.messages import FrameReady
from indi_sony_py.image.arw import file_facts, frame_area, is_full_frame, read_arw
from indi_sony_py.image.pipeline import develop, native_to_memfd
from indi_sony_py.image.record import AREAS
from tests.fuzz import seeds
from tests.fuzz.target import Target
from tests.image.frames import fits_of, record

__all__ = ["IMAGE_TARGETS"]

_VISIBLE = (104, 96)
_MOST_PIXELS = 1 << 22
"""A header may promise more than a fuzzed file can hold: that takes memory for nothing."""


def _head(data: bytes) -> None:
    header = read_arw(data)
    facts = file_facts(header)
    encode(FrameReady(1, 1, ".arw", len(data), header.width, header.height, header.cfa, facts, header.damage), True)
    for area in AREAS:
        rect = frame_area(header, area, _VISIBLE, (80, 72))
        if rect is not None:
            x, y, width, height = rect
            assert min(x, y) >= 0 and min(width, height) > 0
            assert x + width <= header.width and y + height <= header.height
    is_full_frame(header, _VISIBLE)


def _inspect(data: bytes) -> None:
    """What the engine asks of a file; never an error."""
    from indi_sony_py.hand.wiring import inspect

    found = inspect(data)
    assert found is not None
    assert found.exposure_s is None or found.exposure_s > 0


def _develop(data: bytes) -> None:
    """The whole way to a FITS; the first byte chooses the area."""
    area, file = AREAS[data[0] % len(AREAS)] if data else AREAS[0], data[1:]
    header = read_arw(file)
    if header.width * header.height > _MOST_PIXELS:
        return
    frame = develop(file, record(area=area), _VISIBLE if data[0] & 4 else None, (80, 72))
    made = fits_of(frame)
    assert len(made) % 2880 == 0 and made.startswith(b"SIMPLE  =                    T")


def _native(data: bytes) -> None:
    if data:
        frame = native_to_memfd(data, record(), _VISIBLE)
        os.close(frame.fd)


_ERRORS = (BrokenImage, UnknownImage, NoMemory)
_TAGS = tuple(
    tag.to_bytes(2, "little")
    for tag in (0x0100, 0x0101, 0x0103, 0x0106, 0x0111, 0x0115, 0x0117, 0x0142, 0x0143, 0x0144, 0x0145, 0x014A, 0x7000,
                0x7010, 0x7038, 0x74C7, 0x74C8, 0x8769, 0x829A, 0x8827, 0x8832, 0x9003, 0x9011, 0x927C, 0x9291, 0xA434,
                0xC61F, 0xC620, 0xC634)
)  # fmt: skip
_WORDS = (*_TAGS, b"0001:01:01 00:00:00", b"9999:12:31 23:59:59", b"+14:00", b"-14:00")
_LONGEST = 1 << 18

IMAGE_TARGETS = (
    Target(
        "arw-head", "the head of an ARW", _head, seeds.arws, _ERRORS, _WORDS, _LONGEST, calls=(15_000, 1),
        memory=(1 << 20, 20), few=300,
    ),
    Target(
        "arw-inspect", "the look of the engine into a file", _inspect, seeds.any_images, (), _WORDS, _LONGEST,
        calls=(15_000, 1), memory=(1 << 20, 20), few=200,
    ),
    Target(
        "arw-develop", "from an ARW to a FITS", _develop,
        lambda: [mark + data for data in seeds.arws() for mark in (b"\0", b"\1", b"\2", b"\4", b"\5")], _ERRORS,
        _WORDS, _LONGEST, calls=(40_000, 1), memory=(4 << 20, 40), few=150, native=True,
    ),
    Target(
        "arw-native", "a file as it is, with its facts", _native, seeds.any_images, _ERRORS, _WORDS, _LONGEST,
        calls=(15_000, 1), memory=(1 << 20, 20), few=200,
    ),
)  # fmt: skip
