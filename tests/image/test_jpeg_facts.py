"""What a JPEG of the camera says of itself; whatever it is, it is no error."""

from __future__ import annotations

import os
import struct
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.image.jpeg import is_jpeg, jpeg_facts
from indi_sony_py.image.pipeline import facts, native_to_memfd
from indi_sony_py.image.record import FileFacts, FrameRecord
from indi_sony_py.sim.arw_encoder import ArwSpec
from indi_sony_py.sim.companion import encode_companion
from indi_sony_py.sim.geometry import small

RECORD = FrameRecord(1, "Sony Alpha", "ILCE-6000", "Light", 2.5, None, 2.5, "bulb", "2026-01-01T00:00:00.000000")


def jpeg(exposure: Fraction = Fraction(5, 2)) -> bytes:
    geometry = small(64, 48)
    spec = ArwSpec(
        model="ILCE-6000", model_id=312, raw_type="lossy", geometry=geometry, exposure=exposure, iso=400,
        captured=datetime(2026, 1, 2, 3, 4, 5, 678000, UTC), shutter_count=1,
    )  # fmt: skip
    return encode_companion(np.full((48, 64), 900, np.uint16), spec, 64, 48)


def test_model_exposure_iso_and_clock() -> None:
    assert is_jpeg(jpeg())
    found = jpeg_facts(jpeg())
    assert found == FileFacts("ILCE-6000", 2.5, 400, "2026-01-02T03:04:05.678")
    assert facts(jpeg()) == found and facts(memoryview(jpeg())) == found


def test_a_frame_of_another_length_is_told() -> None:
    frame = native_to_memfd(jpeg(Fraction(30)), RECORD)
    try:
        assert frame.suffix == ".jpg" and (frame.width, frame.height) == (0, 0)
        assert len(frame.warnings) == 1 and "30" in frame.warnings[0]
    finally:
        os.close(frame.fd)


def test_no_exif_is_no_fault() -> None:
    assert jpeg_facts(b"\xff\xd8\xff\xda\0\2") == FileFacts("")
    assert jpeg_facts(b"\xff\xd8") == FileFacts("")
    assert jpeg_facts(b"\xff\xd8" + b"\xff\xe1\0\2" * 1000) == FileFacts("")
    big_endian = b"Exif\0\0MM\0*\0\0\0\x08"
    assert jpeg_facts(b"\xff\xd8\xff\xe1" + struct.pack(">H", len(big_endian) + 2) + big_endian) == FileFacts("")


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=12), st.integers(0, 700))
def test_damage_is_never_an_error(changes: list[tuple[int, int]], end: int) -> None:
    data = bytearray(jpeg())
    for at, byte in changes:
        data[at] = byte
    found = jpeg_facts(bytes(data[: max(end, 2)]))
    assert found.exposure_s is None or found.exposure_s > 0
