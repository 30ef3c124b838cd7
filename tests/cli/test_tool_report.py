"""`indi-sony report`: what leaves the computer, and that it can be played as the same camera."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indi_sony_py.cli.cleaning import Cleaner
from indi_sony_py.clock import Deadline, VirtualClock
from indi_sony_py.errors import CameraSilent
from indi_sony_py.hand import trace
from indi_sony_py.hand.trace import Traced
from indi_sony_py.ptp.data import DataType, DeviceInfo
from indi_sony_py.ptp.transaction import Reply, Request
from indi_sony_py.sim.dump_text import dump_text
from indi_sony_py.sim.dumps import load, read
from indi_sony_py.sim.profile import Profile, profile_of, profile_of_dump
from indi_sony_py.sony.snapshot import Descriptor, ExtDeviceInfo, Settings, Version, encode_settings
from indi_sony_py.texts import tool
from tests.cli.commandrig import Desk

SERIAL = "00000000000000000000000003456789"


def bundle(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def of_user(model: str) -> Profile:
    """A camera as somebody has it: with a number of its own."""
    made = profile_of(model)
    return replace(made, device=replace(made.device, serial=SERIAL))


def replayed(files: dict[str, str]) -> Profile:
    return profile_of_dump(read(files["camera.jsonl"], "report"))


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-7M3", "ILCE-6000"])
def test_a_report_is_the_same_camera_again(desk: Desk, tmp_path: Path, model: str) -> None:
    desk.camera(profile=of_user(model))
    desk.run("settings", "iso=1600")
    first = desk.run("info", "--json").data
    said = desk.run("report", "--output", str(tmp_path / "a.zip"), "--json")
    assert said.data["camera"] is True and said.status == 0
    files = bundle(tmp_path / "a.zip")
    assert set(files) >= {"README.txt", "report.json", "camera.jsonl", "trace.jsonl"}
    told = json.loads(files["report.json"])
    assert told["identity"]["model"] == model and {c["name"] for c in told["checks"]} >= {"opens", "battery"}

    desk.camera(profile=replayed(files))
    second = desk.run("info", "--json").data
    assert second["settings"] == first["settings"] and second["settings"]["iso"] == "1600"
    assert second["identity"] == {**first["identity"], "serial": ""} and second["body"] == first["body"]
    desk.run("report", "--output", str(tmp_path / "b.zip"))
    again = bundle(tmp_path / "b.zip")
    assert again["camera.jsonl"] == files["camera.jsonl"]
    shot = desk.run("shoot", "2", "--folder", str(tmp_path), "--json")
    assert shot.status == 0 and len(shot.data["frames"]) == 1
    assert desk.rig.referee.broken == []


def test_nothing_in_a_report_names_the_camera_or_its_user(desk: Desk, tmp_path: Path) -> None:
    desk.camera(profile=of_user("ILCE-7SM3"))
    desk.run("report", "--shoot", "1", "--output", str(tmp_path / "a.zip"))
    files = bundle(tmp_path / "a.zip")
    for text in files.values():
        for secret in ("3456789", b"3456789".hex(), "3456789".encode("utf-16-le").hex(), str(tmp_path)):
            assert secret not in text
    operations = [json.loads(line).get("op") for line in files["trace.jsonl"].splitlines()]
    assert {"0x1002", "0x9202", "0x9209", "0x9207", "0x1009"} <= set(operations), "the exposure is in the record"


def test_a_report_of_a_body_that_no_table_knows_can_be_played(desk: Desk, tmp_path: Path) -> None:
    desk.camera()
    desk.tell("fault", row={"kind": "stranger", "model": "ILCE-77X"})
    desk.run("report", "--output", str(tmp_path / "a.zip"))
    desk.camera(profile=replayed(bundle(tmp_path / "a.zip")))
    data = desk.run("info", "--json").data
    assert data["identity"]["model"] == "ILCE-77X" and data["body"]["known"] is False


def test_a_camera_that_does_not_answer_gives_a_report_of_that(desk: Desk, tmp_path: Path) -> None:
    desk.camera()
    desk.tell("fault", row={"kind": "refuse", "when": {"operation": 0x9201, "count": 0}})
    said = desk.run("report", "--output", str(tmp_path / "a.zip"))
    assert said.status == 0 and tool.REPORT_WITHOUT_CAMERA() in said.words
    assert tool.REPORT_MADE(path=tmp_path / "a.zip") in said.words
    files = bundle(tmp_path / "a.zip")
    assert "camera.jsonl" not in files and '"code":"0x2019"' in files["trace.jsonl"]


def test_without_a_camera_and_with_logs_of_earlier_nights(desk: Desk, tmp_path: Path, own_home: Path) -> None:
    log = own_home / ".local/state/indi_sony_py/hand-ip-192.168.1.20.log"
    log.parent.mkdir(parents=True)
    log.write_text("frame 1 saved as /home/erika/M31/M31_001.fits\nthe camera at 192.168.1.20 went\n")
    desk.camera()
    desk.run("report", "--computer", "--output", str(tmp_path / "a.zip"))
    files = bundle(tmp_path / "a.zip")
    assert files["logs/hand-1.log"] == "frame 1 saved as .../M31_001.fits\nthe camera at address-1 went\n"
    assert desk.links == []


def test_a_file_that_is_there_is_not_overwritten(desk: Desk, tmp_path: Path) -> None:
    desk.camera()
    (tmp_path / "a.zip").write_text("mine")
    said = desk.run("report", "--computer", "--output", str(tmp_path / "a.zip"))
    assert said.status == 1 and "cannot be written" in said.errors and (tmp_path / "a.zip").read_text() == "mine"


def test_a_place_that_takes_no_report_is_told_before_the_camera_is_asked(desk: Desk, tmp_path: Path) -> None:
    desk.camera()
    said = desk.run("report", "--output", str(tmp_path / "none" / "a.zip"))
    assert said.status == 1 and "--output" in said.errors and desk.links == []


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "ctrl-c"])
def test_no_half_of_a_report_is_left(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    def write(*_: object) -> None:
        raise fault

    desk.camera()
    monkeypatch.setattr(zipfile.ZipFile, "writestr", write)
    said = desk.run("report", "--computer", "--output", str(tmp_path / "a.zip"))
    assert said.status == (1 if isinstance(fault, OSError) else 130) and not (tmp_path / "a.zip").exists()


# --- what is removed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("serial 000012345678", "serial 000000000000"),
        ("host obspi went", "host name went"),
        ("saved as /media/usb disk/x.fits", "saved as .../x.fits"),
        ("/usr/bin/indiserver and /dev/bus/usb/001/002", "/usr/bin/indiserver and /dev/bus/usb/001/002"),
        (
            "at 10.0.0.7 and 10.0.0.8 and 10.0.0.7, not 127.0.0.1",
            "at address-1 and address-2 and address-1, not 127.0.0.1",
        ),
        ("mac 00:1a:2B:3c:4d:5e", "mac mac-address"),
        ("Mark(request=ExposureRequest(id=1, folder='/home/e', observatory=Observatory(latitude_deg=48.1", "(cut out)"),
    ],
)
def test_words_lose_what_names_somebody(said: str, left: str) -> None:
    told = Cleaner(["000012345678"], ["obspi"]).text(said)
    assert told == left or (left == "(cut out)" and told.endswith(left) and "48.1" not in told and "/home" not in told)


def line(**parts: Any) -> str:
    return json.dumps({"at": 0.0, "took": 0.0, "params": [], "code": "0x2001", **parts})


def test_the_cameras_own_texts_become_x_and_products_stay() -> None:
    info = DeviceInfo(model="ILCE-7SM3", serial="000077778888")
    listed = (
        Descriptor(0xD07B, DataType.STR, 0, 1, "", "FE 28mm F2"),
        Descriptor(0xD223, DataType.STR, 1, 1, "", "Erika"),
        Descriptor(0xD215, DataType.UINT16, 0, 1, 0, 3),
    )
    settings = Settings(listed, Version.V300, Version.V300.lists)
    told = Cleaner().record(
        [
            line(op="0x9207", **{"in": "7777888".encode("utf-16-le").hex()}, text="camera 77778888"),
            line(op="0x1001", **{"in": info.encode().hex()}),
            line(op="0x9202", **{"in": ExtDeviceInfo(Version.V300, (0xD215,)).encode().hex()}),
            line(op="0x9209", **{"in": encode_settings(settings).hex()}),
            line(op="0x9209", **{"in": "00ff"}),
            "no json", "[]", line(**{"in": "00"}), line(op="0x9209", **{"in": "xyz"}),
        ]
    )  # fmt: skip
    assert told.info == replace(info, serial="0" * 12)
    assert told.settings is not None
    assert [told.settings.text(code) for code in (0xD07B, 0xD223)] == ["FE 28mm F2", "xxxxx"]
    assert told.settings.number(0xD215) == 3
    assert len(told.lines) == 5 and "unreadable" in told.lines[-1]
    assert "Erika".encode("utf-16-le").hex() not in "".join(told.lines)


def test_the_settings_are_those_of_the_version_that_was_spoken_at_last() -> None:
    one, two = (Descriptor(0xD215, DataType.UINT16, 0, 1, 0, value) for value in (1, 2))
    said = []
    for version, listed in ((Version.V300, one), (Version.V200, two)):
        ext = ExtDeviceInfo(version, (0xD215,)).encode().hex()
        settings = encode_settings(Settings((listed,), version, version.lists)).hex()
        said += [line(op="0x9202", **{"in": ext}), line(op="0x9209", **{"in": settings})]
    told = Cleaner().record(said)
    assert told.settings is not None and told.settings.version is Version.V200 and told.settings.number(0xD215) == 2


@pytest.mark.parametrize("name", ["ILCE-7SM3", "ILCE-6000_raw"])
def test_a_dump_is_written_as_it_was_read(name: str) -> None:
    dump = load(name)
    assert dump.session is not None
    ext = dump.ext or ExtDeviceInfo(dump.session, dump.codes)
    text = dump_text(dump.name, dump.device_info, ext, dump.settings, ("a note",))
    again = read(text, "text")
    assert again.settings.descriptors == dump.settings.descriptors
    assert (again.device_info, again.ext, again.notes) == (dump.device_info, ext, ("a note",))
    assert profile_of_dump(again).listings[dump.session].descriptors == dump.settings.descriptors


# --- the record of the wire -----------------------------------------------------------------------------------------


class Scripted:
    """A transport that gives what it was told to give."""

    def __init__(self, *answers: Reply | Exception) -> None:
        self.answers = list(answers)

    def transact(self, request: Request, deadline: Deadline, progress: object = None) -> Reply:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def next_event(self, deadline: Deadline) -> None:
        return None

    def reset(self, deadline: Deadline) -> None: ...

    def close(self) -> None: ...


def test_a_record_keeps_questions_answers_and_faults(tmp_path: Path) -> None:
    clock = VirtualClock()
    data = Reply(0x2001, (7,), b"\x01\x02")
    way = Scripted(data, data, Reply(0x2001, (), bytes(1 << 20)), CameraSilent("no answer"))
    traced = Traced(way, tmp_path / "t", clock)
    deadline = Deadline.after(clock, 1.0)
    traced.transact(Request(0x9209, ()), deadline)
    traced.transact(Request(0x9209, ()), deadline)
    traced.transact(Request(0x1009, (1,)), deadline)
    with pytest.raises(CameraSilent):
        traced.transact(Request(0x9205, (0xD20D,), b"\x09"), deadline)
    traced.reset(deadline)
    traced.close()
    lines = [json.loads(text) for text in (tmp_path / "t").read_text().splitlines()]
    assert [row.get("in") for row in lines[:3]] == ["0102", None, None]
    assert lines[1]["same"] is True and lines[2]["size"] == 1 << 20 and lines[0]["answer"] == [7]
    assert (lines[3]["error"], lines[3]["out"]) == ("CameraSilent", "09")
    assert lines[4]["reset"] and lines[5]["close"] and (tmp_path / "t").stat().st_mode & 0o777 == 0o600


def test_a_record_that_is_full_or_cannot_be_written_costs_no_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace, "MAX_BYTES", 300)
    clock = VirtualClock()
    for path in (tmp_path / "t", tmp_path / "none" / "t"):
        way = Scripted(*[Reply(0x2001, (), None)] * 9)
        traced = Traced(way, path, clock)
        for _ in range(9):
            assert traced.transact(Request(0x9201, ()), Deadline.after(clock, 1.0)).code == 0x2001
    assert (tmp_path / "t").stat().st_size <= 300
