"""Names from a camera and from clients: whatever they are, a file appears below the chosen folder, or not at all."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings

from indi_sony_py.clock import VirtualClock
from indi_sony_py.driver.choices import first_name
from indi_sony_py.driver.choose import device_name
from indi_sony_py.driver.config import path_for
from indi_sony_py.driver.events import Camera
from indi_sony_py.engine.messages import Collected, ExposureRequest, Identity, Role, Shot, ShutterMode
from indi_sony_py.errors import DiskError, NoFolder, NotWritable
from indi_sony_py.hand.disk import SaveResult, save_now
from indi_sony_py.hand.frames import Frames
from indi_sony_py.hand.journal import Journal
from indi_sony_py.hand.messages import FrameSaved, Message
from indi_sony_py.hand.places import Places, safe_name
from indi_sony_py.image.developer import Developer
from indi_sony_py.image.files import MOST_FOLDERS, fallback_folder, save
from indi_sony_py.ptp.data import ObjectInfo
from tests.fuzz import seeds
from tests.fuzz.inside import journal_entry

_NOW = datetime(2026, 1, 15, 21, 30, 12)
_ODD = [
    "../../etc/passwd", "/etc/passwd", "..", ".", "", "~", "~root/x", "a/../../b", "..\\..\\b", "C:\\x", "-rf",
    ".bashrc", "a\0b", "a\nb", "a\rb", "\x1b[31m", "a" * 300, "\N{GRINNING FACE}" * 200, "e\u0301", "\u202egnp.exe",
    "\uff0f", "\u2215", "\ufeff", "$(reboot)", "`id`", "; rm -rf x", "%s%n", "CON", "a.ARW\0.sh", "XXX" * 90,
    "ISO8601" * 40, "x.py", "x.so", " ", "a/", "//", "a//b", "x" * 254, "DSC00001.ARW",
]  # fmt: skip
_NAMES = st.one_of(
    st.sampled_from(_ODD),
    st.text(st.sampled_from("./\\~-\0\n aX_\u202e\uff0f\N{GRINNING FACE}ISO8601"), max_size=300),
    st.text(max_size=80),
)
_MANY = settings(max_examples=70, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _wire_name(name: str) -> str:
    """The name as it comes off the wire."""
    try:
        return ObjectInfo.decode(ObjectInfo(name=name[:254]).encode()).name
    except ValueError:
        return ObjectInfo.decode(ObjectInfo(name=name[:120]).encode()).name


@_MANY
@given(_NAMES)
def test_a_file_name_of_the_camera_stays_in_the_folder(own_home: Path, tmp_path: Path, name: str) -> None:
    """Every role of an image, by the table that owns them, on a real disk."""
    chosen = tmp_path / "chosen"
    request = ExposureRequest(7, 5.0, upload="local", folder=str(chosen), prefix="Light_XXX", companions="keep")
    shot = Shot(request, ShutterMode.TIMED, 5.0, 1.0, "2026-01-15T20:30:12.000000")
    places = Places(tmp_path / "state", (tmp_path / "last",))
    told: list[Message] = []

    def send(message: Message, fd: int | None) -> bool:
        told.append(message)
        return True

    results: list[SaveResult] = []
    developer = Developer(lambda result: frames.developed(result))
    frames = Frames(
        VirtualClock(), places, Journal(*places.journals), lambda number, got: None, developer.submit,
        lambda job: results.append(save_now(job)), send,
    )  # fmt: skip
    frames.face_came()
    camera_name = _wire_name(name)
    identity = Identity(camera_name, camera_name)
    arw = seeds.arws()[0]
    for role, own in ((Role.FRAME, shot), (Role.COMPANION, shot), (Role.UNASKED, None), (Role.KEPT, shot)):
        form = 0xB101 if role in (Role.FRAME, Role.KEPT) else 0x3801
        frames.collected(Collected(role, camera_name, form, arw, own, identity))
    while developer.step() or results:
        while results:
            frames.saved(results.pop(0))
    frames.close()
    saved = [Path(message.path) for message in told if isinstance(message, FrameSaved)]
    assert len(saved) == 4
    allowed = (chosen, fallback_folder())
    for path in saved:
        assert path.resolve() == path and path.parent in allowed
        assert path.name.isprintable() and not path.name.startswith((".", "-", "~"))
        assert path.suffix in (".fits", ".arw", ".jpg", ".jpeg", ".bin")
        assert path.stat().st_mode & 0o111 == 0
        path.unlink()


@_MANY
@given(_NAMES, _NAMES)
@example("a/" * 1500, "Light_XXX")
@example("../x", "../x")
def test_a_prefix_of_a_client_stays_in_the_folder(tmp_path: Path, prefix: str, second: str) -> None:
    outer = tmp_path / "outer"
    folder = outer / "chosen"
    folder.mkdir(parents=True, exist_ok=True)
    for given_prefix in (prefix, f"{second}/{prefix}"):
        try:
            path = save([b"data"], folder, given_prefix.replace("\0", ""), ".fits", _NOW)
        except DiskError:
            continue
        assert path.resolve().is_relative_to(folder.resolve())
        assert path.read_bytes() == b"data" and path.name.isprintable()
    assert [path for path in outer.rglob("*") if not path.is_relative_to(folder)] == []
    assert not list(folder.rglob("*.part"))


@pytest.mark.parametrize("prefix", ["a/" * 1500 + "x", "a/" * (MOST_FOLDERS + 1)])
def test_too_many_folders_are_refused_and_the_frame_finds_another_place(tmp_path: Path, prefix: str) -> None:
    """Thousands of them exhausted the interpreter's stack in the thread that saves: the frame stayed in memory."""
    with pytest.raises(NotWritable):
        save([b"data"], tmp_path, prefix, ".fits", _NOW)
    with pytest.raises(NoFolder):
        save([b"data"], tmp_path / prefix, "x", ".fits", _NOW)
    assert not list(tmp_path.iterdir())


def test_a_name_of_nothing_but_numbers_never_grows_too_long(tmp_path: Path) -> None:
    (tmp_path / "old_123456789.fits").touch()
    first = save([b"1"], tmp_path, "XXX" * 80, ".fits", _NOW)
    second = save([b"2"], tmp_path, "XXX" * 80, ".fits", _NOW)
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")


@settings(max_examples=300)
@given(_NAMES)
def test_the_config_file_of_a_device_is_in_its_folder(name: str) -> None:
    """INDIDEV and a camera's model name a device, a device names its config."""
    device = first_name({"INDIDEV": name})
    path = path_for(device, False, {"HOME": "/home/x"})
    assert path.parent == Path("/home/x/.indi")
    assert path.name.endswith("_config.xml") and len(os.fsencode(path.name)) < 100
    assert not any(c < " " or "\x7f" <= c <= "\x9f" for c in path.name)


@settings(max_examples=300)
@given(_NAMES)
def test_a_camera_names_its_hand_and_its_files_by_plain_letters(key: str) -> None:
    places = Places(Path("/state"))
    for path in (places.marker(key), places.log(key)):
        assert path.parent == Path("/state")
    assert places.spool(key).parent == Path("/state/spool")
    assert all(c.isascii() and (c.isalnum() or c in "-._") for c in safe_name(key))


@settings(max_examples=300)
@given(_NAMES, _NAMES, st.lists(st.sampled_from(("usb-1-2", "usb-1-3", "ip-a", "unix:/" + "x" * 90)), unique=True))
def test_cameras_of_one_name_are_devices_of_their_own(model: str, serial: str, keys: list[str]) -> None:
    """A name that fills what a client takes left no room for the place: the second device took the first one's."""
    names = ["Sony Alpha"]
    for key in keys:
        names.append(device_name(Camera(key, model * 3, serial), names))
    assert len(set(names)) == len(keys) + 1
    assert all(0 < len(name.encode()) <= 63 and not any(c < " " for c in name) for name in names)


def test_two_cameras_with_names_that_are_cut_stay_two(tmp_path: Path) -> None:
    assert safe_name("a" * 70) != safe_name("a" * 71)


def test_a_pipe_in_the_place_of_a_journal_holds_nobody_up(tmp_path: Path) -> None:
    """Others can make it where everybody may: the first look at it waited for ever."""
    os.mkfifo(tmp_path / "rescued.jsonl")
    assert Journal(tmp_path / "rescued.jsonl").unannounced() == []


def test_a_link_in_the_place_of_a_journal_is_not_followed(tmp_path: Path) -> None:
    real = Journal(tmp_path / "real.jsonl")
    real.add(journal_entry("a"))
    (tmp_path / "rescued.jsonl").symlink_to(tmp_path / "real.jsonl")
    assert len(real.unannounced()) == 1
    assert Journal(tmp_path / "rescued.jsonl").unannounced() == []
