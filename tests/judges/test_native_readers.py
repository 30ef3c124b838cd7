"""The camera's own file, as the driver hands it over (Native): what exiftool and Siril's LibRaw find in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from indi_sony_py.sim.serial_mark import MARK
from tests.judges import siril
from tests.judges.siril import Siril
from tests.stage import Stage
from tests.stageclient import Frame


@dataclass(frozen=True)
class Pair:
    """The same scene twice: the camera's file, and a FITS of the area that LibRaw delivers."""

    arw: Path
    fits: Frame


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    with Stage("ILCE-7SM3", raw="uncompressed") as stage:
        stage.connect()
        stage.client.switch("FRAME_AREA", "LIBRAW")
        stage.client.switch("CCD_TRANSFER_FORMAT", "FORMAT_FITS")
        as_fits = stage.expose(8.0)
        stage.client.switch("CCD_TRANSFER_FORMAT", "FORMAT_NATIVE")
        native = stage.expose(8.0)
        stage.assert_clean()
    assert native.format == ".arw"
    path = tmp_path / "light_001.arw"
    path.write_bytes(native.data)
    return Pair(path, as_fits)


def test_exiftool_finds_the_exposure_that_was_asked_for(pair: Pair) -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed (Debian package libimage-exiftool-perl)")
    said = subprocess.run(["exiftool", "-j", "-n", pair.arw], capture_output=True, check=True).stdout
    found = json.loads(said)[0]
    assert found.get("Warning") is None and found.get("Error") is None
    wanted = {
        "FileType": "ARW", "Make": "SONY", "Model": "ILCE-7SM3", "ExposureTime": 8, "ISO": 800, "BitsPerSample": 14,
        "CFAPattern2": "0 1 1 2", "BlackLevel": "512 512 512 512",
    }  # fmt: skip
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.mark.skipif(bool(siril.missing()), reason=siril.missing())
def test_siril_reads_from_the_cameras_file_the_mosaic_of_our_fits(pair: Pair, tmp_path: Path) -> None:
    """Its LibRaw puts the last row first and says so; pixel by pixel it is the same scene, and the same pattern."""
    judge = Siril(tmp_path)
    judge.run("load light_001.arw", "save raw")
    header, theirs = fits.getheader(tmp_path / "raw.fit"), siril.read(tmp_path / "raw.fit")
    ours = pair.fits.pixels.astype(float)
    assert theirs.shape == ours.shape
    assert (header["ROWORDER"], pair.fits.header["ROWORDER"]) == ("BOTTOM-UP", "TOP-DOWN")
    assert header["BAYERPAT"] == pair.fits.header["BAYERPAT"] == "RGGB"
    assert (header["EXPTIME"], header["ISOSPEED"]) == (8, 800)
    below = slice(MARK[1] + MARK[3] + 8, None)
    alike = [np.corrcoef(rows[below].ravel(), ours[below].ravel())[0, 1] for rows in (theirs[::-1], theirs)]
    assert alike[0] > 0.99 and abs(alike[1]) < 0.1
    assert np.abs(np.median(theirs[::-1][0::2, 0::2]) - np.median(ours[0::2, 0::2])) < 2
