"""What a file says of itself: read by us, and by exiftool as a second judge."""

from __future__ import annotations

import json
import mmap
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import rawpy

from indi_sony_py.image.arw import read_arw
from indi_sony_py.image.makernote import decipher, sr2_decrypt
from indi_sony_py.image.pipeline import facts
from indi_sony_py.sim.arw_encoder import RAW_TYPES, ArwSpec, encode_arw
from indi_sony_py.sim.arw_tiff import encipher, sr2_encrypt
from indi_sony_py.sim.companion import encode_companion
from indi_sony_py.sim.geometry import small
from tests.image.defects import renamed
from tests.image.frames import BODIES, CAPTURED, noise, spec


def _file(made: ArwSpec) -> bytes:
    return encode_arw(noise(made.geometry), made)


@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_every_value_comes_back(raw_type: str) -> None:
    header = read_arw(_file(spec(raw_type, camera_temperature_c=-7, ambient_temperature_c=-12)))
    assert (header.model, header.firmware) == ("ILCE-7M3", "3.10")
    assert header.exposure == Fraction(5)
    assert header.iso == 800
    assert header.captured == CAPTURED
    assert header.captured_utc == CAPTURED
    assert header.lens == "FE 24mm F1.4 GM"
    assert header.serial == "1234567"
    assert header.black == (512,) * 4
    assert header.white == 16383
    assert header.cfa == "RGGB"
    assert header.crop == (12, 12, 464, 360)
    assert header.bits == 14
    maker = header.maker
    assert maker.model_id == 363
    assert maker.shutter_count == 741
    assert maker.camera_temperature_c == -7
    assert maker.ambient_temperature_c == -12
    assert maker.battery_percent == 77
    assert maker.long_exposure_nr is False


@pytest.mark.parametrize(("model", "model_id", "plain"), BODIES)
def test_shutter_counts_of_all_generations(model: str, model_id: int, plain: bool) -> None:
    made = spec(model=model, model_id=model_id, plain_levels=plain, shutter_count=123456)
    assert facts(_file(made)).shutter_count == 123456


def test_levels_of_an_old_body_come_from_the_encrypted_block() -> None:
    header = read_arw(_file(spec(plain_levels=False)))
    assert header.black == (512,) * 4
    assert header.white == 15360
    assert header.wb == (2500, 1024, 1024, 1700)
    assert header.crop is None
    for tag in (0x7310, 0x7313, 0xC61D, 0xC61F, 0x74C7):
        assert renamed(_file(spec(plain_levels=False)), tag, 0xFFFE) is None
        assert renamed(_file(spec()), tag, 0xFFFE) is not None


def test_a_temperature_that_is_not_valid_is_none() -> None:
    maker = read_arw(_file(spec())).maker
    assert maker.camera_temperature_c is None
    assert maker.ambient_temperature_c is None


@pytest.mark.parametrize(("setting", "told"), [(True, True), (False, False), (None, None)])
def test_noise_reduction(setting: bool | None, told: bool | None) -> None:
    assert facts(_file(spec(long_exposure_nr=setting))).long_exposure_nr is told
    assert facts(_file(spec(long_exposure_nr=setting, exposure=Fraction(1, 100)))).long_exposure_nr is told


def test_iso_beyond_16_bits_and_short_exposures() -> None:
    made = facts(_file(spec(iso=102400, exposure=Fraction(1, 8000))))
    assert made.iso == 102400
    assert made.exposure_s == 1 / 8000


def test_a_clock_without_a_zone_gives_no_utc() -> None:
    made = facts(_file(spec(captured=datetime(2026, 3, 1, 4, 5, 6))))
    assert made.captured_local == "2026-03-01T04:05:06.000"
    assert made.captured_utc is None
    zoned = facts(_file(spec()))
    assert (zoned.captured_local, zoned.captured_utc) == ("2026-01-15T21:30:12.345", "2026-01-15T20:30:12.345")


def test_bytes_of_every_kind(tmp_path: Path) -> None:
    data = _file(spec())
    path = tmp_path / "a.arw"
    path.write_bytes(data)
    wanted = read_arw(data)
    assert read_arw(bytearray(data)) == wanted
    assert read_arw(memoryview(data)) == wanted
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert read_arw(mapped) == wanted


def test_ciphers_of_both_sides_agree() -> None:
    plain = bytes(range(256))
    assert sorted(encipher(plain)) == sorted(plain)
    assert decipher(encipher(plain)) == plain
    assert sr2_decrypt(sr2_encrypt(plain, 0x44332211), 0x44332211) == plain
    assert sr2_encrypt(plain, 1) != sr2_encrypt(plain, 2)


def test_the_word_stream_of_a_real_body() -> None:
    # First words of a ZV-E10's SR2SubIFD: 213 entries, 0x7310 SHORT x 4, with the key that it has.
    plain = bytes.fromhex("d50010730300040000 0044de".replace(" ", ""))
    assert sr2_decrypt(sr2_encrypt(plain, 0x44332211), 0x44332211) == plain


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_and_libraw_read_every_kind_as_that_bodys(tmp_path: Path) -> None:
    wanted = {}
    for model, model_id, plain in BODIES:
        for raw_type in RAW_TYPES:
            made = spec(raw_type, model=model, model_id=model_id, plain_levels=plain)
            made = replace(made, camera_temperature_c=21, ambient_temperature_c=-4, long_exposure_nr=True)
            path = tmp_path / f"{model}-{raw_type}.ARW"
            path.write_bytes(_file(made))
            wanted[str(path)] = made
    command = ["exiftool", "-j", "-n", "-G1", "-a", *wanted]
    listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert len(listed) == len(wanted)
    for found in listed:
        made = wanted[found["SourceFile"]]
        assert "ExifTool:Warning" not in found and "ExifTool:Error" not in found
        told = {
            "IFD0:Make": "SONY",
            "IFD0:Model": made.model,
            "IFD0:Software": f"{made.model} v3.10",
            "Sony:SonyModelID": made.model_id,
            "ExifIFD:ExposureTime": 5,
            "ExifIFD:ISO": 800,
            "ExifIFD:LensModel": "FE 24mm F1.4 GM",
            "ExifIFD:SerialNumber": 1234567,
            "Composite:SubSecDateTimeOriginal": "2026:01:15 21:30:12.345+01:00",
            "Sony:LongExposureNoiseReduction": 65537,
            # A body of 2023: the exiftool of Debian 12 is older and looks at another place.
            "Sony:ShutterCount": 741 if made.model != "ILCE-6700" else found.get("Sony:ShutterCount"),
            "Sony:CameraTemperature": 21,
            "Sony:AmbientTemperature": -4,
            "Sony:BatteryLevel": 77,
            "SubIFD:Compression": {"uncompressed": 1, "lossy": 32767, "lossless": 7}[made.raw_type],
            "SubIFD:BitsPerSample": 14,
            "SR2SubIFD:BlackLevel": "512 512 512 512",
            "SR2SubIFD:WB_RGGBLevels": "2500 1024 1024 1700",
            "SR2SubIFD:WhiteLevel": "15360 15360 15360",
        }
        if made.plain_levels:
            told |= {"SubIFD:WhiteLevel": 16383, "SubIFD:DefaultCropSize": "464 360", "SubIFD:SonyCropSize": "464 360"}
        assert {name: found.get(name) for name in told} == told
        assert found["IFD0:PreviewImageLength"] > 1000
    for name in wanted:
        with rawpy.imread(name) as raw:
            assert raw.black_level_per_channel == [512] * 4
            assert raw.white_level == 16383
            assert raw.camera_white_level_per_channel == [15360] * 4
            assert raw.camera_whitebalance == [2500, 1024, 1700, 1024]
            assert (raw.other.iso_speed, raw.other.shutter_speed) == (800, 5)
            assert np.array_equal(np.asarray(raw.raw_pattern), [[0, 1], [3, 2]])


def test_the_preview_is_a_picture(tmp_path: Path) -> None:
    from PIL import Image

    data = _file(spec())
    start = data.index(b"\xff\xd8")
    end = data.index(b"\xff\xd9", start) + 2
    path = tmp_path / "preview.jpg"
    path.write_bytes(data[start:end])
    with Image.open(path) as picture:
        picture.load()
        assert picture.size == (1616, 1080)
        assert len(set(picture.convert("L").tobytes())) > 20


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_the_companion_is_a_jpeg_of_that_shot(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "DSC00001.JPG"
    path.write_bytes(encode_companion(noise(small()), spec(iso=3200, exposure=Fraction(1, 125))))
    with Image.open(path) as picture:
        picture.load()
        assert picture.size == (1616, 1080)
    found = json.loads(subprocess.run(["exiftool", "-j", "-n", path], capture_output=True, check=True).stdout)[0]
    assert found.get("Warning") is None
    assert (found["Model"], found["ISO"], found["ExposureTime"]) == ("ILCE-7M3", 3200, 0.008)
    assert found["DateTimeOriginal"] == "2026:01:15 21:30:12"


def test_small_frames_for_tests_keep_their_margins() -> None:
    geometry = small().scaled(640, 480)
    assert geometry.visible == (616, 480)
    assert geometry.crop == (12, 12, 592, 456)
