"""Parts of the image and binning through the whole stack: the wish, the frozen request, the pixels that come."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits

from indi_sony_py.image.binning import Binned
from indi_sony_py.image.pipeline import develop
from indi_sony_py.image.record import MOSAIC
from tests.image.frames import Cfa, InPieces, record
from tests.stage import Stage

_SIDES = ("X", "Y", "WIDTH", "HEIGHT")
_AREAS = {"VISIBLE": "visible", "CROP": "crop", "LIBRAW": "libraw"}


def wanted(stage: Stage, area: str, part: tuple[int, int, int, int], binning: int, mode: str) -> Cfa:
    """The same from the camera's own file of the last photo."""
    serial = max(stage.camera.files)
    whole = develop(stage.camera.files[serial][-1][2], record(area=_AREAS[area]), (4256, 2848))
    x, y, width, height = part
    cut = whole.mosaic.whole()[y : y + height, x : x + width]
    if binning == 1:
        return cut

    return np.concatenate([rows for _, rows in Binned(InPieces(cut), binning, mode, whole.pattern).bands()])


def choose(stage: Stage, part: tuple[int, int, int, int], binning: int) -> None:
    """As Ekos does: binning first, then the frame, then the exposure, nothing waited for."""
    client = stage.client
    client.number("CCD_BINNING", HOR_BIN=binning, VER_BIN=binning)
    client.number("CCD_FRAME", **dict(zip(_SIDES, part, strict=True)))


def test_all_areas_parts_and_binnings() -> None:
    with Stage() as stage:
        stage.connect()
        for area in _AREAS:
            stage.client.switch("FRAME_AREA", area)
            stage.client.switch("CCD_FRAME_RESET", "RESET")
            whole = stage.expose(1.0)
            size = (whole.pixels.shape[1], whole.pixels.shape[0])
            info = stage.client["CCD_INFO"]
            assert [info.number("CCD_MAX_X"), info.number("CCD_MAX_Y")] == list(size)
            for part, given in (((31, 50, 201, 99), (30, 50, 202, 100)), ((0, 0, *size), (0, 0, *size))):
                for binning, mode in ((1, MOSAIC), (2, MOSAIC), (3, "superpixel"), (4, "superpixel")):
                    stage.client.switch("BINNING_MODE", mode.upper())
                    choose(stage, part, binning)
                    frame = stage.expose(1.0)
                    assert [stage.client["CCD_FRAME"].number(name) for name in _SIDES] == list(given)
                    assert np.array_equal(frame.pixels, wanted(stage, area, given, binning, mode))
                    assert frame.header["XBINNING"] == binning
                    assert ("BAYERPAT" in frame.header) == (binning == 1 or mode == MOSAIC)
                    # The sensor is what it was, whatever was cut from it.
                    assert [info.number("CCD_MAX_X"), info.number("CCD_MAX_Y")] == list(size)
        assert not [text for text in stage.client.texts if "WARNING" in text and "APS-C" not in text]
        stage.assert_clean()


def test_the_cameras_own_file_is_whole() -> None:
    with Stage() as stage:
        stage.connect()
        choose(stage, (16, 16, 64, 64), 2)
        stage.client.switch("CCD_TRANSFER_FORMAT", "FORMAT_NATIVE")
        stage.client.expose(1.0)
        stage.until(lambda: stage.client.frames, 30)
        (frame,) = stage.client.frames
        assert frame.format == ".arw" and frame.data == bytes(stage.camera.files[1][-1][2])
        assert any("comes as it is" in text for text in stage.client.texts)
        assert stage.client["CCD_FRAME"].number("WIDTH") == 64
        stage.client.switch("CCD_TRANSFER_FORMAT", "FORMAT_FITS")
        assert stage.expose(1.0).header["NAXIS1"] == 32


@pytest.mark.parametrize("kill", ["kill_face", "kill_hand"])
def test_a_part_survives_whoever_is_killed(kill: str) -> None:
    """The wish is frozen with the exposure: whoever finishes it cuts the same part."""
    with Stage() as stage:
        stage.connect()
        choose(stage, (16, 32, 128, 64), 2)
        stage.client.expose(40)
        stage.run(20)
        getattr(stage, kill)()
        if kill == "kill_face":
            stage.run(1)
            stage.start_face()
            frame = stage.until(lambda: stage.client.frames, 120)[0]
            assert (frame.header["NAXIS1"], frame.header["NAXIS2"]) == (64, 32)
            assert frame.header["XORGSUBF"] == 8
        else:
            path = next(iter(stage.until(lambda: list(stage.home.rglob("kept_*.fits")), 120)))
            head = path.read_bytes()[:2880].decode()
            assert "NAXIS1  =                   64" in head


def test_packed_for_the_client_and_plain_on_the_disk() -> None:
    with Stage() as stage:
        stage.connect()
        client = stage.client
        client.switch("CCD_COMPRESSION", "INDI_ENABLED")
        client.switch("UPLOAD_MODE", "UPLOAD_BOTH")
        client.text("UPLOAD_SETTINGS", UPLOAD_DIR=str(stage.home / "here"), UPLOAD_PREFIX="L_XXX")
        client.expose(1.0)
        stage.until(lambda: client.frames, 30)
        (frame,) = client.frames
        assert frame.format == ".fits.fz"
        (path,) = (stage.home / "here").iterdir()
        assert path.name == "L_001.fits"
        with fits.open(io.BytesIO(frame.data)) as packed, fits.open(path) as plain:
            assert np.array_equal(packed[1].data, plain[0].data)
            assert packed[1].header["FRAMESER"] == plain[0].header["FRAMESER"]
        client.frames.clear()
        # What the client does not take is a plain file, too.
        client.switch("UPLOAD_MODE", "UPLOAD_CLIENT")
        stage.acknowledge = False
        client.expose(1.0)
        stage.run(4)
        stage.kill_face()
        saved = stage.until(lambda: list((stage.home / "here").glob("*duplicate*")), 30)
        with fits.open(saved[0]) as plain:
            assert plain[0].header["DUPLICAT"] is True
        stage.assert_clean()


def test_xisf_to_the_client_and_to_the_disk() -> None:
    with Stage() as stage:
        stage.connect()
        client = stage.client
        client.switch("CCD_TRANSFER_FORMAT", "FORMAT_XISF")
        client.switch("UPLOAD_MODE", "UPLOAD_BOTH")
        client.text("UPLOAD_SETTINGS", UPLOAD_DIR=str(stage.home / "here"), UPLOAD_PREFIX="L_XXX")
        choose(stage, (16, 16, 64, 48), 2)
        client.expose(1.0)
        stage.until(lambda: client.frames, 30)
        (frame,) = client.frames
        assert frame.format == ".xisf" and frame.data[:8] == b"XISF0100"
        assert (stage.home / "here" / "L_001.xisf").read_bytes() == frame.data
        values = np.frombuffer(frame.data[-2 * 32 * 24 :], "<u2").reshape(24, 32)
        assert np.array_equal(values, wanted(stage, "VISIBLE", (16, 16, 64, 48), 2, MOSAIC))
        stage.assert_clean()
