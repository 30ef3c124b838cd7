"""What `indi-sony report` takes out of words and bytes: whatever names somebody, in each form that it may have."""

from __future__ import annotations

import json
import pwd
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from indi_sony_py.cli.anonymous import without_texts
from indi_sony_py.cli.cleaning import Cleaner
from indi_sony_py.errors import BadData
from indi_sony_py.ptp.data import DataType
from indi_sony_py.sony.snapshot import Descriptor, ExtDeviceInfo, Settings, Version, decode_settings, encode_settings
from tests.cli.commandrig import Desk
from tests.cli.test_tool_report import bundle, line


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("folder /home/jo", "folder ..."),
        ("/media/Anna Schmidt/Bilder 2026/M31_001.fits: No space left", ".../M31_001.fits: No space left"),
        ("'/media/Anna Schmidt/x.fits' is there", "'.../x.fits' is there"),
        ("/home/pi/Anna's frames/M 31/x.fits", ".../x.fits"),
        ("/run/user/1000/gvfs/smb-share:server=nas,share=anna/x.fits", ".../x.fits"),
        ("~/Secret/x.fits, '~anna/y.fits'", ".../x.fits, '.../y.fits'"),
        ("file:///home/bob/x.fits", "file://.../x.fits"),
        ("as /home/bob/a.fits and /home/bob/b.", "as .../a.fits and ...."),
        ("as /home/bob/a.fits and then /usr/bin/x", "as .../a.fits and then /usr/bin/x"),
        ("/home/anna.schmidt went", "... went"),
        ("/dev/shm/indi_sony_py-1000/x.spool and /dev/bus/usb/001", ".../x.spool and /dev/bus/usb/001"),
        ("/home/bob/.local/state/indi_sony_py/spool", ".../indi_sony_py/spool"),
        ("unix:/tmp/anna/bus", "unix:..."),
        ("12/20 MB/s, f/2.8", "12/20 MB/s, f/2.8"),
    ],
)
def test_no_folder_is_left_of_a_path(said: str, left: str) -> None:
    assert Cleaner().text(said) == left


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("2001:db8::1, fe80::ba27:ebff:fe12:3456%eth0", "address-1, address-2%eth0"),
        ("[2001:db8::1]:15740 and 2001:DB8::1: refused", "[address-1]:15740 and address-1: refused"),
        ("::1 and 127.0.0.1 at 20:14:06,065", "::1 and 127.0.0.1 at 20:14:06,065"),
        ("uuid:00000000-0005-0010-8000-c8a0123456ab", "uuid:guid"),
        ("mac c8a0123456ab, 250123456789 bytes", "mac mac-address, 250123456789 bytes"),
        ("ptpip 00112233445566778899aabbccddeeff", "ptpip guid"),
    ],
)
def test_no_address_is_left(said: str, left: str) -> None:
    assert Cleaner().text(said) == left


def test_the_address_of_a_camera_is_no_name(desk: Desk, tmp_path: Path, own_home: Path) -> None:
    state = own_home / ".local/state/indi_sony_py"
    state.mkdir(parents=True)
    (state / "hand-ip-127.0.0.1_15740-12-1234abcd.log").write_text("127 of 127.0.0.1:15740\n")
    desk.camera()
    desk.run("report", "--computer", "--camera", "127.0.0.1:15740", "--output", str(tmp_path / "a.zip"))
    assert bundle(tmp_path / "a.zip")["logs/hand-1.log"] == "127 of 127.0.0.1:15740\n"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("ANNA was at annapi.local", "name was at namepi.local"),
        ("Jo made jobs of jo", "name made jobs of name"),
        ("the root of /home and a camera", "the root of /home and a camera"),
    ],
)
def test_a_name_is_found_however_it_is_written(said: str, left: str) -> None:
    assert Cleaner(names=["anna", "jo", "root", "home", "camera", "x", ""]).text(said) == left


def test_a_serial_number_that_nobody_told_is_known_by_its_word() -> None:
    said = "Changed(model='ILCE-7M3', serial='00003456789', code=3); serial number 3456789 at 3456"
    left = "Changed(model='ILCE-7M3', serial='00000000000', code=3); serial number 0000000 at 3456"
    assert Cleaner().text(said) == left


@pytest.mark.parametrize("quote", ["'", '"'])
def test_what_was_asked_of_an_exposure_is_cut_out_in_both_kinds_of_quotes(quote: str) -> None:
    said = f"Press(request=ExposureRequest(id=1, folder={quote}/home/a/Anna's{quote}, prefix={quote}M31{quote}"
    assert Cleaner().text(said) == "Press(request=ExposureRequest(id=1, (cut out)"


def stored(text: str) -> bytes:
    """A string as PTP has it."""
    return bytes([len(text) + 1]) + text.encode("utf-16-le") + b"\0\0"


@pytest.mark.parametrize("text", ["Anna", "Jürgen Müller", "アンナ", "Анна"])
def test_bytes_that_nobody_understands_lose_their_texts(text: str) -> None:
    before, after = b"\x01\x50\xff\xff", b"\x05\xd2\x04\x00\x00\x01"
    kept = without_texts(before + stored(text) + after)
    assert kept == before + stored("x" * len(text)) + after
    assert b"Anna" not in without_texts(b"\x00\x07Copyright Anna Schmidt\x00") and without_texts(before) == before


def test_settings_that_cannot_be_read_lose_their_texts_and_keep_their_numbers() -> None:
    listed = (
        Descriptor(0xD215, DataType.UINT16, 0, 1, 0, 3),
        Descriptor(0xD223, DataType.STR, 1, 1, "", "Erika Mustermann"),
        Descriptor(0xD224, DataType.AUINT8, 1, 1, (), tuple(b"Erika Mustermann")),
        Descriptor(0xD225, DataType.AUINT8, 1, 1, (), (0, 1, 2, 3, 4)),
    )
    whole = encode_settings(Settings(listed, Version.V300, Version.V300.lists))
    ext = line(op="0x9202", **{"in": ExtDeviceInfo(Version.V300, (0xD215,)).encode().hex()})
    broken = whole[:-3]
    with pytest.raises(BadData):
        decode_settings(broken, Version.V300)
    told = Cleaner().record([ext, line(op="0x9209", **{"in": broken.hex()}), line(op="0x9209", **{"in": whole.hex()})])
    unreadable, read = (json.loads(text) for text in told.lines[1:])
    assert "unreadable" in unreadable and "unreadable" not in read
    for row in (unreadable, read):
        data = bytes.fromhex(row["in"])
        assert b"Erika" not in data and "Erika".encode("utf-16-le") not in data
        assert len(data) == len(broken if row is unreadable else whole) and b"\x00\x01\x02" in data
    assert told.settings is not None and told.settings.number(0xD215) == 3


@pytest.mark.parametrize("operation", ["0x1009", "0x100A", "0x101B", "0x9211"])
def test_of_an_image_nothing_is_passed_on(operation: str) -> None:
    told = Cleaner().record([line(op=operation, **{"in": b"Exif GPS 48.1 N".hex()})])
    row = json.loads(told.lines[0])
    assert "in" not in row and row["size"] == 15


def test_names_of_the_account_of_disks_and_of_cameras_are_not_in_a_report(
    desk: Desk, tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = own_home / ".local/state/indi_sony_py"
    state.mkdir(parents=True)
    said = "Erika Mustermann, erikam at Zwergpi; cam-mustermann.example is silent\n"
    said += "/media/erikam/Fotos: full\nFotos is full\n"
    (state / "hand-ip-cam-mustermann.example.log").write_text(said)
    account: Any = SimpleNamespace(pw_gecos="Erika Mustermann,,,", pw_name="erikam")
    monkeypatch.setattr(pwd, "getpwuid", lambda user: account)
    monkeypatch.setattr(socket, "gethostname", lambda: "zwergpi.fritz.box")
    monkeypatch.setenv("USER", "erikam")
    monkeypatch.setenv("LOGNAME", "erikam")
    names = {"/media": ["erikam"], "/media/erikam": ["Fotos"]}
    monkeypatch.setattr("indi_sony_py.cli.report.Machine.names", lambda self, path: names.get(path, []))
    desk.camera()
    desk.run("report", "--computer", "--output", str(tmp_path / "a.zip"))
    text = bundle(tmp_path / "a.zip")["logs/hand-1.log"].lower()
    for secret in ("erika", "mustermann", "zwergpi", "fotos", "example"):
        assert secret not in text, text
    assert "is silent" in text and "full" in text
