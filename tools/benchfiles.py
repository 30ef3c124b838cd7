"""Files of the simulated camera for tools/bench: a body, a RAW type, a sky, and the record of a frame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indi_sony_py.image.record import FrameRecord
from indi_sony_py.sim.arw_encoder import RAW_TYPES, ArwSpec, encode_arw
from indi_sony_py.sim.geometry import Geometry, geometry_of, tells_levels
from indi_sony_py.sim.sky import Sky
from indi_sony_py.sony.bodies import Body, body

__all__ = ["FILES", "MADE_UP", "Case", "make_case"]

FILES = ("ILCE-7M3:uncompressed", "ILCE-7M3:lossy", "ILCE-7M4:lossless")
"""What is measured if nothing else is asked for."""

MADE_UP = {
    name: ("ILCE-7RM5", Geometry.of_row(size, size, tells_active=True))
    for name, size in (("102MP", (11648, 8736)), ("1MP", (1216, 832)))
}
"""Sensors that no Sony has, as a body that exists would write them: how cost grows can be seen all the same."""

_EXPOSURE_S = 30
_ISO = 800
_UTC = datetime(2026, 1, 15, 21, 30, 12, tzinfo=timezone(timedelta(hours=1)))


@dataclass(frozen=True, eq=False)
class Case:
    """One file in memory. `visible` is (width, height) of the frame that is made of it."""

    model: str
    row: Body
    raw_type: str
    data: bytes
    record: FrameRecord
    visible: tuple[int, int]

    @property
    def name(self) -> str:
        return f"{self.model} {self.raw_type}"

    @property
    def pixels(self) -> int:
        return self.visible[0] * self.visible[1]


@lru_cache(maxsize=1)
def _sky(geometry: Geometry) -> npt.NDArray[np.uint16]:
    return Sky(3, geometry).render(float(_EXPOSURE_S), _ISO, "sky", 1).cfa


def make_case(model: str, raw_type: str, folder: Path | None = None) -> Case:
    """Encode a sky as that body would, in each RAW type, also one that it lacks; `model` may be one of `MADE_UP`.

    `folder` keeps the file for the next time. Raises `ValueError`.
    """
    writer, geometry = MADE_UP.get(model, (model, None))
    row = body(writer)
    visible = row.visible if geometry is None else geometry.visible
    if visible is None or raw_type not in RAW_TYPES:
        raise ValueError(f"no {raw_type} file can be made of {model}: the types are {', '.join(RAW_TYPES)}")
    kept = folder / f"{model}-{raw_type}.arw" if folder is not None else None
    if kept is not None and kept.exists():
        data = kept.read_bytes()
    else:
        geometry = geometry or geometry_of(row)
        spec = ArwSpec(
            writer, row.exif_id, raw_type, geometry, Fraction(_EXPOSURE_S), _ISO, _UTC,
            plain_levels=tells_levels(row),
        )  # fmt: skip
        data = encode_arw(_sky(geometry), spec)
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(data)
    record = FrameRecord(
        exposure_id=1,
        device="Sony Alpha",
        body=writer,
        frame_type="Light",
        requested_s=float(_EXPOSURE_S),
        nominal_s=float(_EXPOSURE_S),
        measured_s=None,
        shutter_mode="timed",
        pressed_utc="2026-01-15T20:30:12.123456",
        iso_set=_ISO,
        expected_size=visible,
    )
    return Case(model, row, raw_type, data, record, visible)
