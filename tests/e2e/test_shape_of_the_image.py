"""Parts, binning and packed frames under a real server, read by astropy: each value is the sky's, each card true."""

from __future__ import annotations

import io
import math
from typing import NamedTuple

import numpy as np
import pytest
from astropy.io import fits

from indi_sony_py.image.arw import read_arw
from indi_sony_py.image.binning import Binned
from indi_sony_py.image.libraw import libraw_area
from indi_sony_py.image.record import MOSAIC
from tests.e2e.frames import SEED, Body, body_camera
from tests.image.frames import InPieces
from tools.client import Client
from tools.compare import Cfa, expected_cfa, sensor_of
from tools.rig import Rig

_BODY = Body("ILCE-7SM3", "uncompressed", "3.00")
_SIDES = ("X", "Y", "WIDTH", "HEIGHT")
_ODD = (1001, 700, 901, 603)


class Shape(NamedTuple):
    area: str
    part: tuple[int, int, int, int] | None
    binning: int
    mode: str
    packed: bool


SHAPES = (
    Shape("VISIBLE", None, 1, "MOSAIC", True),
    Shape("VISIBLE", _ODD, 2, "MOSAIC", True),
    Shape("VISIBLE", None, 4, "SUPERPIXEL", False),
    Shape("CROP", None, 3, "MOSAIC", False),
    Shape("CROP", _ODD, 1, "MOSAIC", True),
    Shape("CROP", _ODD, 2, "SUPERPIXEL", True),
    Shape("LIBRAW", None, 2, "MOSAIC", True),
    Shape("LIBRAW", _ODD, 3, "SUPERPIXEL", False),
)


def choose(client: Client, shape: Shape) -> None:
    """In Ekos' order, nothing waited for."""
    client.set_switch("FRAME_AREA", shape.area)
    client.set_switch("CCD_FRAME_RESET", "RESET")
    client.set_switch("BINNING_MODE", shape.mode)
    client.set_switch("CCD_COMPRESSION", "INDI_ENABLED" if shape.packed else "INDI_DISABLED")
    client.set_number("CCD_BINNING", HOR_BIN=shape.binning, VER_BIN=shape.binning)
    if shape.part is not None:
        client.set_number("CCD_FRAME", **dict(zip(_SIDES, shape.part, strict=True)))


def cut(whole: Cfa, shape: Shape) -> tuple[Cfa, tuple[int, int]]:
    """What must come of the whole area, and where it begins in it."""
    x, y = (0, 0) if shape.part is None else (shape.part[0] & ~1, shape.part[1] & ~1)
    if shape.part is not None:
        right, bottom = (math.ceil((shape.part[axis] + shape.part[axis + 2]) / 2) * 2 for axis in (0, 1))
        whole = whole[y:bottom, x:right]
    if shape.binning == 1:
        return whole, (x, y)
    made = Binned(InPieces(whole), shape.binning, shape.mode.lower(), "RGGB")
    return np.concatenate([rows for _, rows in made.bands()]), (x, y)


def test_every_shape_is_the_skys(rig: Rig) -> None:
    camera = body_camera(rig, _BODY)
    client = rig.connected(rig.server())
    sensor = sensor_of(_BODY.model)

    # The camera's own file tells where LibRaw begins; it is whole, whatever was chosen.
    choose(client, SHAPES[1])
    client.set_switch("CCD_TRANSFER_FORMAT", "FORMAT_NATIVE")
    client.expose(0.1)
    native = client.blob(60)
    assert native.text == ".arw"
    data = bytes(native.data)
    rect = libraw_area(data, read_arw(data))
    client.set_switch("CCD_TRANSFER_FORMAT", "FORMAT_FITS")

    for number, shape in enumerate(SHAPES, 1):
        choose(client, shape)
        client.expose(0.1)
        blob = client.blob(60)
        assert blob.text == (".fits.fz" if shape.packed else ".fits")
        with fits.open(io.BytesIO(blob.data)) as opened:
            opened.verify("exception")
            hdu = opened[1 if shape.packed else 0]
            values, header = np.array(hdu.data), dict(hdu.header)
        truth = camera.truth()[number]
        sky = expected_cfa(truth, SEED, sensor, "crop" if shape.area == "CROP" else "visible")
        if shape.area == "LIBRAW":
            x, y, width, height = rect
            assert (x, y) == (0, 0)
            sky = sky[:height, :width]
        wanted, corner = cut(sky, shape)
        assert values.dtype == np.uint16 and np.array_equal(values, wanted), shape
        assert (header["XBINNING"], header["YBINNING"]) == (shape.binning, shape.binning)
        assert (header["XORGSUBF"], header["YORGSUBF"]) == pytest.approx(tuple(side / shape.binning for side in corner))
        assert header.get("BAYERPAT") == ("RGGB" if shape.binning == 1 or shape.mode.lower() == MOSAIC else None)
        assert header["XPIXSZ"] == pytest.approx(header["PIXSIZE1"] * shape.binning)
    for words in ("comes as it is: CCD_FRAME and CCD_BINNING", "CCD_COMPRESSION packs FITS"):
        assert sum(words in text for text in client.messages) == 1, client.messages
    assert camera.broken_rules() == []
