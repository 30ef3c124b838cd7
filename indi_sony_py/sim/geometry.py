"""The shape of a body's RAW: what is stored, what is picture, and the levels. Pure, no numpy.

Sources: rawdb digests of dnglab (crops, true sizes in files); LibRaw `src/tables`, `src/metadata/identify.cpp`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from indi_sony_py.sony.bodies import Body, GeometryKind, RawFormat

__all__ = ["Geometry", "geometry_of", "small", "tells_levels"]

_TILE = 512

# Where the file's own true size (0x7038) is wider than LibRaw's cut, and crops that are not centred on it:
# (stored width, stored height): (true size, crop).
_MEASURED: dict[tuple[int, int], tuple[tuple[int, int] | None, tuple[int, int, int, int] | None]] = {
    (4288, 2848): (None, (12, 12, 4240, 2824)),
    (6048, 4024): (None, (12, 12, 6000, 4000)),
    (9600, 6376): (None, (32, 20, 9504, 6336)),
    (7040, 4688): ((7032, 4688), (12, 8, 7008, 4672)),
    (8672, 5784): ((8664, 5784), (12, 12, 8640, 5760)),
    (6272, 4168): ((6244, 4168), (26, 20, 6192, 4128)),
}

# Rows of a stored buffer where a body's row knows the columns alone, by columns (bodies with the same sensor).
_ROWS = {
    3968: 2648, 4288: 2848, 4736: 3132, 4928: 3280, 5504: 3672, 5664: 3778, 6048: 4024, 6304: 4180, 7040: 4688,
    7392: 4920, 8000: 5320, 9600: 6376,
}  # fmt: skip

# APS-C crops of bodies whose rows have none, by the full frame (dnglab; the height of the first is assumed).
_CROPPED = {(8000, 5320): (5216, 3464), (9600, 6376): (6304, 4180)}

# Without any row: the 1-inch sensor of the compact bodies.
_ONE_INCH = ((5504, 3672), (5496, 3672))

# The first body whose files have levels and crop in the plain raw directory (A7R II, 2015), by SonyModelID.
_FIRST_WITH_PLAIN_LEVELS = 347


@dataclass(frozen=True, slots=True)
class Geometry:
    """Sizes are (width, height); the crop is (x, y, width, height). All parts begin at the buffer's first pixel.

    `width`, `height` are those of an uncompressed or lossy buffer; a lossless one is padded to tiles (`padded`).
    `active` is what a new body writes into tag 0x7038 (None: it has no such tag).
    """

    width: int
    height: int
    visible: tuple[int, int]
    active: tuple[int, int] | None = None
    crop: tuple[int, int, int, int] | None = None
    black: int = 512
    white: int = 16383
    bits: int = 14

    @classmethod
    def of_row(
        cls,
        stored: tuple[int, int],
        visible: tuple[int, int],
        final_crop: tuple[int, int] | None = None,
        *,
        black: int = 512,
        white: int = 16383,
        tells_active: bool = False,
        bits: int = 14,
    ) -> Geometry:
        """From a body's row; the crop's origin is the measured one, else it lies in the middle, on an even origin."""
        active, crop = _MEASURED.get(stored, (None, None))
        if active is None and tells_active:
            active = visible
        if crop is None and final_crop is not None:
            left, top = ((visible[axis] - final_crop[axis]) // 2 & ~1 for axis in (0, 1))
            crop = (max(left, 0), max(top, 0), min(final_crop[0], visible[0]), min(final_crop[1], visible[1]))
        return cls(stored[0], stored[1], visible, active, crop, black, white, bits)

    @property
    def padded(self) -> tuple[int, int]:
        """The size of a lossless buffer: whole tiles."""
        return (-(-self.width // _TILE) * _TILE, -(-self.height // _TILE) * _TILE)

    def scaled(self, width: int, height: int) -> Geometry:
        """The same body with a small frame, for quick tests: margins and crops keep their form."""
        margin = 24 if self.visible[0] < self.width else 0
        visible = (width - margin, height)
        crop = (12, 12, visible[0] - 24, visible[1] - 24) if self.crop else None
        active = visible if self.active else None
        return replace(self, width=width, height=height, visible=visible, active=active, crop=crop)


def geometry_of(body: Body, apsc: bool = False) -> Geometry:
    """The full frame of a body (or its APS-C crop); what its row lacks comes from bodies with that sensor."""
    kinds = (GeometryKind.APSC, GeometryKind.APSC_TILED) if apsc else (GeometryKind.FULL, GeometryKind.FULL_TILED)
    stored, visible = _ONE_INCH
    found = [row for kind in kinds if (row := body.geometry_of(kind)) is not None and row.raw[0]]
    if not found and apsc:
        full = geometry_of(body)
        cut = (full.width * 2 // 3 // 32 * 32, full.height * 2 // 3 & ~1)
        stored = visible = _CROPPED.get((full.width, full.height), cut)
    elif found:
        row = found[0]
        width, height = row.raw
        seen = next((other.visible for other in found if 0 not in other.visible), (0, 0))
        height = height or (max(_ROWS.get(width, 0), seen[1])) or width * 2 // 3 & ~1
        stored = (width, height)
        visible = (row.visible[0] or seen[0] or width, row.visible[1] or seen[1] or height)
        visible = (min(visible[0], width), min(visible[1], height))
    return Geometry.of_row(
        stored,
        visible,
        None if apsc else body.crop,
        black=body.black or 512,
        white=min(body.white or 16383, 16383),
        tells_active=RawFormat.LOSSLESS in body.raw_formats,
    )


def tells_levels(body: Body) -> bool:
    """Whether the body's files have levels and crop in the plain raw directory (`ArwSpec.plain_levels`)."""
    return body.exif_id >= _FIRST_WITH_PLAIN_LEVELS


def small(width: int = 512, height: int = 384) -> Geometry:
    """A frame for tests, with everything that a body to 2019 has."""
    return Geometry(width, height, (width - 24, height), None, (12, 12, width - 48, height - 24))
