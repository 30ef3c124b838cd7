"""What a file says of itself: read by us, and by exiftool as a second judge."""

from __future__ import annotations

import json
import mmap
import shutil
import subprocess
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest

from indi_sony_py.image.arw import read_arw
from indi_sony_py.image.developer import facts
from indi_sony_py.image.makernote import decipher, sr2_decrypt
from indi_sony_py.sim.arw_defects import renamed
from indi_sony_py.sim.arw_encoder import RAW_TYPES, ArwSpec, encode_arw
from indi_sony_py.sim.arw_tiff import encipher, sr2_encrypt
from indi_sony_py.sim.companion import encode_companion
from indi_sony_py.sim.geometry import small
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
@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_exiftool_reads_it_as_that_bodys(raw_type: str, tmp_path: Path) -> None:
    path = tmp_path / "DSC00001.ARW"
    path.write_bytes(_file(spec(raw_type, camera_temperature_c=21)))
    found = json.loads(subprocess.run(["exiftool", "-j", "-n", path], capture_output=True, check=True).stdout)[0]
    assert found.get("Warning") is None
    assert found.get("Error") is None
    assert found["Model"] == "ILCE-7M3"
    assert found["SonyModelID"] == 363
    assert found["ExposureTime"] == 5
    assert found["ISO"] == 800
    assert found["SubSecDateTimeOriginal"] == "2026:01:15 21:30:12.345+01:00"
    assert found["ShutterCount"] == 741
    assert found["CameraTemperature"] == 21
    assert found["BatteryLevel"] == 77
    assert found["BlackLevel"] == "512 512 512 512"
    assert found["LensModel"] == "FE 24mm F1.4 GM"
    assert found["PreviewImageLength"] > 1000


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
