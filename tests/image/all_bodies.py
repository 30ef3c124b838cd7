"""Every body of the table x every RAW type that it has: sky to ARW to FITS, one size, the same values.

`python -m tests.image.all_bodies` takes full frames and their APS-C crops (minutes); the suite takes small ones.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from astropy.io import fits

from indi_sony_py.image.pipeline import develop
from indi_sony_py.sim.arw_encoder import Pixels, encode_pixels, wrap_pixels
from indi_sony_py.sim.geometry import Geometry, geometry_of, tells_levels
from indi_sony_py.sim.serial_mark import read_serial
from indi_sony_py.sim.sky import Sky
from indi_sony_py.sony.bodies import Body, RawFormat, all_bodies
from tests.image.frames import Cfa, fits_of, record, spec, told

_RAW_TYPES = {
    RawFormat.UNCOMPRESSED: "uncompressed",
    RawFormat.COMPRESSED: "lossy",
    RawFormat.LOSSLESS: "lossless",
}
SERIAL = 4711


def pairs() -> Iterator[tuple[Body, str]]:
    """Bodies with a known size, and the RAW types that can be made for them."""
    for row in all_bodies():
        if row.visible is not None:
            for kind in row.raw_formats:
                if kind in _RAW_TYPES:
                    yield row, _RAW_TYPES[kind]


@lru_cache(maxsize=1)
def _sky(geometry: Geometry) -> Cfa:
    return Sky(3, geometry).render(5.0, 800, "sky", SERIAL).cfa


@lru_cache(maxsize=3)
def _encoded(geometry: Geometry, raw_type: str) -> tuple[Pixels, Cfa]:
    cfa = _sky(geometry)
    return encode_pixels(cfa, spec(raw_type, geometry)), told(cfa, raw_type)


def check(row: Body, raw_type: str, geometry: Geometry, visible: tuple[int, int]) -> tuple[int, int]:
    """The size of the FITS (width, height); `AssertionError` where it is not the sky. `visible`: of a full one."""
    pixels, wanted = _encoded(geometry, raw_type)
    made = spec(raw_type, geometry, model=row.model, model_id=row.exif_id, plain_levels=tells_levels(row))
    frame = develop(wrap_pixels(pixels, made), record(body=row.model, expected_size=visible), visible, row.crop)
    with fits.open(io.BytesIO(fits_of(frame))) as hdus:
        hdus.verify("exception")
        found, header = np.array(hdus[0].data), hdus[0].header
    assert np.array_equal(found, wanted[: frame.height, : frame.width]), (row.model, raw_type)
    assert (header["CAMERA"], header["BAYERPAT"], header["BLKLEVEL"]) == (row.model, "RGGB", geometry.black)
    assert read_serial(found) == SERIAL
    full = (frame.width, frame.height) == visible
    assert [word for word in frame.warnings if "APS-C" not in word] == [], frame.warnings
    assert bool(frame.warnings) is not full, (row.model, raw_type, frame.warnings)
    return frame.width, frame.height


def main() -> None:
    """All of it, full size."""
    done, bodies = 0, set()
    for crop in (False, True):
        jobs = [(row, kind, geometry_of(row, crop)) for row, kind in pairs() if row.has_apsc or not crop]
        # Equal pictures one after the other, so that they're encoded once.
        jobs.sort(key=lambda job: (str(job[2]), job[1]))
        sizes: dict[str, set[tuple[int, int]]] = {}
        for row, kind, geometry in jobs:
            assert row.visible is not None
            size = check(row, kind, geometry, row.visible)
            sizes.setdefault(row.model, set()).add(size)
            done += 1
            bodies.add(row.model)
            if not crop:
                assert size == row.visible, (row.model, kind, size)
        for model, found in sizes.items():
            assert len(found) == 1, (model, found)
            print(f"{model:14} {'APS-C' if crop else 'full':5} {found.copy().pop()}", flush=True)
    print(f"{done} files of {len(bodies)} bodies: one size for each, every value as rendered")


if __name__ == "__main__":
    main()
