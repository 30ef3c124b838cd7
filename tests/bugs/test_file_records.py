"""Records of the class FILE, and of bodies that no table knows: unknown codes, sizes, patterns, bits, pixel sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from indi_sony_py import __version__
from indi_sony_py.driver.view import facts_of
from indi_sony_py.engine.messages import ExposureFailed
from indi_sony_py.hand.messages import FrameReady, FrameSaved
from indi_sony_py.image.pipeline import develop
from indi_sony_py.ptp.codes import ObjectFormat
from indi_sony_py.sim.arw_encoder import encode_arw
from indi_sony_py.sim.darkroom import Files, Picture, Press
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.geometry import Geometry, geometry_of, small
from indi_sony_py.sony.bodies import body
from tests.bugs.handed import frame_of, header_of, pixels_of
from tests.hand.handrig import Rig
from tests.image.frames import Cfa, entry, noise, poked, record, spec, told
from tests.stage import Stage

UNKNOWN_CODE = 32764
SMALL = small(512, 384)
KNOWN = noise(SMALL, 5)


def picture(change: Callable[[bytes], bytes] = lambda data: data, cfa: Cfa = KNOWN, **fields: object) -> Picture:
    """Each photo is this mosaic; `change`: what the body does to its files."""

    def make(press: Press) -> Files:
        made = {"exposure": Fraction(press.exposure_s).limit_denominator(10000), "iso": press.iso, **fields}
        data = encode_arw(cfa, replace(spec(geometry=SMALL), **made))  # type: ignore[arg-type]
        return [(f"DSC{press.serial:05d}.ARW", ObjectFormat.ARW, change(data))]

    return make


def unknown_code(data: bytes) -> bytes:
    """Stored by a code that nobody knows yet."""
    return poked(data, entry(data, "raw", 0x0103).place, UNKNOWN_CODE.to_bytes(2, "little"))


@pytest.mark.parametrize("transfer", ["fits", "native"])
def test_b57_a_file_that_no_decoder_knows_is_delivered_or_kept(tmp_path: Path, transfer: str) -> None:
    """FITS: an Alert that names file, code and decoder, and the menu. Native: the client gets it, with a warning."""
    rig = Rig(tmp_path, "ILCE-7M4", picture(unknown_code, model="ILCE-7M4"))
    face = rig.ready()
    rig.expose(1.0, transfer=transfer, folder=str(tmp_path / "night"))
    rig.until(lambda: bool(face.all(ExposureFailed) or face.all(FrameReady)))
    if transfer == "native":
        frame = frame_of(rig, face, 1)
        assert unknown_code(frame_data := face.frames[frame.frame_id]) == frame_data
        (text,) = frame.warnings
    else:
        text = face.last(ExposureFailed).text
        saved = face.last(FrameSaved)
        assert saved.path in text and saved.path.endswith(".arw")
        assert Path(saved.path).parent == tmp_path / "night"
        assert entry(Path(saved.path).read_bytes(), "raw", 0x0103)
    assert str(UNKNOWN_CODE) in text and f"indi_sony_py {__version__}" in text
    assert "RAW File Type: Uncompressed or Lossless Compressed (L)" in text
    rig.close()


def strange(data: bytes) -> bytes:
    return data.replace(b"ILCE-7M3", b"ILCE-9XX")


@pytest.mark.parametrize("transfer", ["fits", "native"])
def test_b58_a_new_body_needs_no_decoder(tmp_path: Path, transfer: str) -> None:
    """A model that no table knows, uncompressed: the values are read as they stand in the file."""
    rig = Rig(tmp_path, "ILCE-7SM3", picture(strange))
    rig.camera.arm(Fault.of("stranger", model="ILCE-9XX"))
    face = rig.ready()
    rig.expose(1.0, transfer=transfer)
    frame = frame_of(rig, face, 1)
    data = face.frames[frame.frame_id]
    if transfer == "native":
        assert b"ILCE-9XX" in data and (frame.width, frame.height) == (512, 384)
    else:
        assert np.array_equal(pixels_of(data), KNOWN)
        assert header_of(data)["CAMERA"] == "ILCE-9XX"
    rig.close()


ODD = Geometry(512, 384, (512, 384), None, (13, 7, 460, 360))
"""A crop that begins in the middle of a cell of the pattern."""


@pytest.mark.parametrize("raw_type", ["uncompressed", "lossless", "lossy"])
@pytest.mark.parametrize(
    ("area", "rect", "pattern"), [("visible", (0, 0, 512, 384), "RGGB"), ("crop", ODD.crop, "BGGR")]
)
def test_b59_each_value_is_the_sensors_own(
    tmp_path: Path, raw_type: str, area: str, rect: tuple[int, int, int, int], pattern: str
) -> None:
    """Known values, no debayering, no scaling; the pattern's letters are those of the frame's first pixel."""
    cfa = noise(ODD, 9)
    rig = Rig(tmp_path, "ILCE-7M4", picture(cfa=cfa, geometry=ODD, raw_type=raw_type, model="ILCE-9XX"))
    face = rig.ready()
    rig.expose(1.0, area=area)
    frame = frame_of(rig, face, 1)
    data = face.frames[frame.frame_id]
    x, y, width, height = rect
    assert np.array_equal(pixels_of(data), told(cfa, raw_type)[y : y + height, x : x + width])
    header = header_of(data)
    assert (header["BAYERPAT"], header["XBAYROFF"], header["YBAYROFF"]) == (pattern, 0, 0)
    assert frame.cfa == pattern
    rig.close()


def test_b59_a_part_with_an_odd_start_keeps_its_pattern() -> None:
    """It begins one column and one row earlier, the client is told so, and the pattern stays true."""
    with Stage("ILCE-7SM3") as stage:
        stage.connect()
        stage.client.number("CCD_FRAME", X=11, Y=7, WIDTH=100, HEIGHT=80)
        stage.settle()
        assert stage.client["CCD_FRAME"].state == "Ok"
        told = {name: float(value) for name, value in stage.client["CCD_FRAME"].values.items()}
        assert told == {"X": 10, "Y": 6, "WIDTH": 102, "HEIGHT": 82}
        frame = stage.expose(1.0)
        assert frame.pixels.shape == (82, 102)
        assert frame.header["BAYERPAT"] == "RGGB" == stage.client["CCD_CFA"].values["CFA_TYPE"]
        assert (frame.header["XORGSUBF"], frame.header["YORGSUBF"]) == (10, 6)


BODIES = ("ILCE-7RM4", "ILCE-6700", "ILCE-7SM3", "ILCE-7M3", "ILCE-6000")


@pytest.mark.parametrize("model", BODIES)
def test_b60_what_the_client_was_told_is_the_size_of_the_frame(model: str) -> None:
    """CCD_MAX_X and CCD_MAX_Y before the first exposure, and NAXIS1 and NAXIS2, for both ways to cut; whole frames."""
    row, geometry = body(model), geometry_of(body(model))
    raw_type = "lossless" if model == "ILCE-6700" else "uncompressed"
    cfa = np.full((geometry.height, geometry.width), 700, np.uint16)
    cfa[:, geometry.visible[0] :] = 0
    cfa[geometry.visible[1] :] = 0
    plain = not (row.exif_id < 347)
    data = encode_arw(cfa, replace(spec(raw_type, geometry), model=model, model_id=row.exif_id, plain_levels=plain))
    for area in ("visible", "crop"):
        told_size = facts_of(model).size(area)
        made = develop(data, record(body=model, area=area, requested_s=5.0), row.visible, row.crop)
        assert (made.width, made.height) == told_size
        header = header_of(made.header + b"")
        assert (header["NAXIS1"], header["NAXIS2"]) == told_size
        assert made.warnings == ()
        for top, band in made.mosaic.bands():
            assert (band == 700).all(), f"{area}: an empty column or row, from row {top} on"


def test_b61_fewer_bits_are_told_once_and_stand_in_the_header() -> None:
    """The readout falls to 12 bits within the session: the header says so, one warning, and no value is scaled."""
    with Stage("ILCE-7SM3") as stage:
        for press in (3, 4):
            stage.camera.fault("twelve-bits", {"press": press})
        stage.connect()
        frames = [stage.expose(1.0) for _ in range(2)]
        assert not any("bits" in text for text in stage.client.texts)
        frames += [stage.expose(1.0) for _ in range(2)]
        told_of = [text for text in stage.client.texts if "bits" in text]
        assert len(told_of) == 1 and "12 bits" in told_of[0] and "14 bits" in told_of[0]
        frames.append(stage.expose(1.0))
        assert len([text for text in stage.client.texts if "bits" in text]) == 2, "and back again"
        assert [frame.header["ADCBITS"] for frame in frames] == [14, 14, 12, 12, 14]
        assert [frame.serial for frame in frames] == [1, 2, 3, 4, 5]
        levels = {(frame.header["BLKLEVEL"], frame.header["WHTLEVEL"]) for frame in frames}
        assert len(levels) == 1
        medians = [float(np.median(frame.pixels[200:])) for frame in frames]
        assert max(medians) - min(medians) < 8, "the scale stays"


@pytest.mark.parametrize(("model", "size", "um"), [("ILCE-7SM3", (4256, 2848), 8.4), ("ILCE-6000", (6024, 4024), 3.91)])
def test_b62_a_known_body_is_told_before_the_first_exposure(model: str, size: tuple[float, float], um: float) -> None:
    with Stage(model) as stage:
        stage.connect()
        info = stage.client["CCD_INFO"]
        assert (info.number("CCD_MAX_X"), info.number("CCD_MAX_Y")) == size
        assert [info.number(f"CCD_PIXEL_SIZE{axis}") for axis in ("", "_X", "_Y")] == pytest.approx([um] * 3, abs=0.1)
        stage.client.number("CCD_INFO", CCD_PIXEL_SIZE=1.0, CCD_PIXEL_SIZE_X=1.0, CCD_PIXEL_SIZE_Y=1.0)
        stage.run(1.0)
        assert stage.client["CCD_INFO"].number("CCD_PIXEL_SIZE") == pytest.approx(um, abs=0.1), "the body's is true"


def test_b62_an_unknown_body_takes_its_size_from_the_first_file_and_its_pixels_from_the_user() -> None:
    """No file tells the size of a pixel: what the client says is kept, and stands in the header."""
    with Stage("ILCE-7SM3", picture=picture(strange)) as stage:
        stage.camera.fault("stranger", model="ILCE-9XX")
        stage.connect()
        client = stage.client
        assert any("ILCE-9XX" in text and "pixel" in text for text in client.texts), "said before the first exposure"
        assert client["CCD_INFO"].number("CCD_PIXEL_SIZE") == 0
        first = stage.expose(1.0)
        assert (client["CCD_INFO"].number("CCD_MAX_X"), client["CCD_INFO"].number("CCD_MAX_Y")) == (512, 384)
        assert "XPIXSZ" not in first.header, "no guess"
        client.number(
            "CCD_INFO",
            CCD_MAX_X=9000,
            CCD_MAX_Y=6000,
            CCD_PIXEL_SIZE=6.2,
            CCD_PIXEL_SIZE_X=4.4,
            CCD_PIXEL_SIZE_Y=4.4,
            CCD_BITSPERPIXEL=8,
        )
        stage.run(1.0)
        assert (client["CCD_INFO"].number("CCD_MAX_X"), client["CCD_INFO"].number("CCD_BITSPERPIXEL")) == (512, 16)
        assert client["CCD_INFO"].number("CCD_PIXEL_SIZE_X") == 4.4
        frame = stage.expose(1.0)
        assert (frame.header["XPIXSZ"], frame.header["YPIXSZ"]) == (4.4, 4.4)
