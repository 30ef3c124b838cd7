"""A JPEG of live view as pixels, or a part of it as a smaller JPEG. Pure; loads Pillow when it is used."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from indi_sony_py import texts
from indi_sony_py.errors import BadData, NotInstalled
from indi_sony_py.image.section import Part

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["cut_jpeg", "pixels"]

_QUALITY = 92


def pixels(jpeg: bytes, part: Part | None = None) -> tuple[bytes, int, int]:
    """Red, green and blue of each pixel (uint8, rows from the top), width and height; of all, or of what of `part`
    (x, y, width, height) lies in the picture. `BadData` for a damaged JPEG, `NotInstalled` without Pillow.
    """
    picture = _opened(jpeg, part)
    return picture.tobytes(), picture.width, picture.height


def cut_jpeg(jpeg: bytes, part: Part) -> tuple[bytes, int, int]:
    """A part as a JPEG of its own, width and height. Raises as `pixels`."""
    picture = _opened(jpeg, part)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue(), picture.width, picture.height


def _opened(jpeg: bytes, part: Part | None) -> Image:
    try:
        from PIL import Image
    except ImportError as error:
        raise NotInstalled(texts.stream.NO_PILLOW) from error
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as opened:
            picture = opened.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadData("live view JPEG", 0, str(error)) from error
    if part is None:
        return picture
    x, y, width, height = part
    right, bottom = min(x + width, picture.width), min(y + height, picture.height)
    return picture.crop((x, y, right, bottom)) if x < right and y < bottom else picture
