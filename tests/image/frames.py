"""Small and full frames of known content, and records to go with them."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from indi_sony_py.image.binning import Bands
from indi_sony_py.image.picture import fill_from
from indi_sony_py.image.pipeline import Developed
from indi_sony_py.image.record import FrameRecord
from indi_sony_py.image.tiff import Entry, Tiff
from indi_sony_py.sim.arw_codecs import lossy_round_trip
from indi_sony_py.sim.arw_encoder import ArwSpec
from indi_sony_py.sim.geometry import Geometry, small

Cfa = npt.NDArray[np.uint16]

CAPTURED = datetime(2026, 1, 15, 21, 30, 12, 345000, tzinfo=timezone(timedelta(hours=1)))

# Model, SonyModelID, plain levels.
BODIES = (
    ("ILCE-7M3", 363, True),
    ("ILCE-6000", 312, False),
    ("ILCE-7SM3", 383, True),
    ("ILCE-6700", 394, True),
    ("ILCE-7M4", 388, True),
)


def spec(raw_type: str = "uncompressed", geometry: Geometry | None = None, **changes: Any) -> ArwSpec:
    """An A7 III's file; `changes` are fields of `ArwSpec`."""
    made = ArwSpec(
        "ILCE-7M3",
        363,
        raw_type,
        geometry or small(),
        Fraction(5),
        800,
        CAPTURED,
        firmware="3.10",
        lens="FE 24mm F1.4 GM",
        serial="1234567",
        shutter_count=741,
        battery_percent=77,
    )
    return replace(made, **changes)


def noise(geometry: Geometry, seed: int = 1, sigma: float = 60.0, level: float = 900.0) -> Cfa:
    """A background with some bright spots, so that every branch of the codecs is met."""
    dice = np.random.default_rng(seed)
    cfa = dice.normal(level, sigma, (geometry.height, geometry.width))
    for _ in range(60):
        y, x = (int(dice.integers(0, side - 8)) for side in cfa.shape)
        cfa[y : y + 6, x : x + 6] += dice.uniform(200, 20000)
    return np.clip(np.rint(cfa), 0, geometry.white).astype(np.uint16)


def told(cfa: Cfa, raw_type: str) -> Cfa:
    """What a decoder must give back."""
    return lossy_round_trip(cfa) if raw_type == "lossy" else cfa


@dataclass(frozen=True, eq=False)
class Pieces:
    """A picture that is these bands, right or wrong."""

    shape: tuple[int, int]
    bands: Sequence[tuple[int, Cfa]]

    def fill(self, out: Cfa, fits: bool) -> None:
        fill_from(self.bands, out, fits)


class InPieces:
    """A picture whose rows come in pieces, cut before the rows `cuts`."""

    def __init__(self, cfa: Cfa, cuts: Sequence[int] = ()) -> None:
        self.shape = (cfa.shape[0], cfa.shape[1])
        edges = sorted({0, *(cut for cut in cuts if cut < len(cfa)), len(cfa)})
        self._pieces = [(top, cfa[top:end]) for top, end in itertools.pairwise(edges)]

    def fill(self, out: Cfa, fits: bool) -> None:
        fill_from(self.bands(), out, fits)

    def bands(self) -> Bands:
        # What came before is spoilt, as a decoder may do that uses its memory again.
        for top, piece in self._pieces:
            lent = piece.copy()
            yield top, lent
            lent[:] = 0


def entry(data: bytes, where: str, tag: int) -> Entry:
    """A directory entry of a sound file; `where` is IFD0, Exif, Maker, raw or SR2."""
    tiff = Tiff(memoryview(data))
    found, _ = tiff.directory(8, "IFD0")
    if where in ("Exif", "Maker"):
        found, _ = tiff.directory(tiff.integer(found[0x8769], "ExifIFD"), "Exif")
    if where == "Maker":
        found, _ = tiff.directory(found[0x927C].place, "MakerNote")
    if where == "raw":
        found, _ = tiff.directory(tiff.integer(found[0x014A], "SubIFDs"), "raw")
    if where == "SR2":
        found, _ = tiff.directory(struct.unpack("<I", tiff.value(found[0xC634], "SR2Private"))[0], "SR2")
    return found[tag]


def poked(data: bytes, place: int, new: bytes) -> bytes:
    """The file with other bytes at `place`."""
    return data[:place] + new + data[place + len(new) :]


def fits_of(frame: Developed) -> bytes:
    """The FITS of a frame."""
    whole = bytearray(frame.size)
    frame.write(memoryview(whole))
    return bytes(whole)


def record(**changes: Any) -> FrameRecord:
    """A 5 s light frame, timed by the body; `changes` are fields of `FrameRecord`."""
    made = FrameRecord(
        exposure_id=7,
        device="Sony Alpha",
        body="ILCE-7M3",
        frame_type="Light",
        requested_s=5.0,
        nominal_s=5.0,
        measured_s=None,
        shutter_mode="timed",
        pressed_utc="2026-01-15T20:30:12.123456",
        iso_requested=800,
        iso_set=800,
        protocol="2.00",
        pixel_um=5.95,
    )
    return replace(made, **changes)
