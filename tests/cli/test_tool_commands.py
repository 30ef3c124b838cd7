"""`list`, `info`, `settings` and `shoot` on simulated cameras, in virtual time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indi_sony_py.cli import holding, session
from indi_sony_py.cli.status import Status
from indi_sony_py.driver.events import Camera
from indi_sony_py.engine.messages import Connect, Disconnect, Expose
from indi_sony_py.hand import address
from indi_sony_py.hand.journal import Journal
from indi_sony_py.hand.messages import FrameReady, Looked
from indi_sony_py.image.files import fallback_folder
from indi_sony_py.sim.profile import profile_of
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.texts import tool
from tests.cli.commandrig import Desk


def header(path: str) -> dict[str, str]:
    """The cards, as text."""
    cards = Path(path).read_bytes()[: 36 * 80 * 4]
    lines = (cards[at : at + 80].decode("ascii", "replace").partition("/")[0] for at in range(0, len(cards), 80))
    pairs = (line.partition("=") for line in lines)
    return {name.strip(): value.strip(" '") for name, equals, value in pairs if equals}


def test_list_shows_what_is_there_and_who_holds_it(desk: Desk) -> None:
    rig = desk.camera(model="ILCE-7M3")
    (row,) = desk.run("list", "--json").data["cameras"]
    assert (row["model"], row["key"], row["usable"], row["held_by"]) == ("ILCE-7M3", "sim-0", True, "")
    listener = address.bind("sim-0")
    assert listener is not None
    with listener:
        said = desk.run("list")
        assert said.status == 0 and tool.HELD_BY_HAND() in said.words and "ILCE-7M3" in said.words
    assert rig.referee.broken == []


def test_list_says_what_to_do_where_nothing_can_be_controlled(desk: Desk) -> None:
    desk.camera()
    desk.tell("usb-mode", mode="mass_storage")
    said = desk.run("list")
    assert said.status == Status.NO_CAMERA and "as a disk (mass storage)" in said.words
    (row,) = desk.run("list", "--json").out.splitlines()
    assert '"usable": false' in row


def test_info_tells_who_the_camera_is_and_leaves_it_as_it_was(desk: Desk) -> None:
    desk.camera(model="ILCE-7M3")
    said = desk.run("info")
    assert said.status == 0
    for words in ("ILCE-7M3", "2.00", "6024 x 4024 pixels of 5.95 um", "battery"):
        assert words in said.words, words
    data = desk.run("info", "--json").data
    assert data["identity"]["protocol"] == "2.00" and data["body"]["known"] is True
    assert data["settings"]["program"] == "M"
    (link,) = desk.links[-1:]
    assert [type(m) for m in link.sent if isinstance(m, Connect | Disconnect)] == [Connect, Disconnect]
    assert desk.rig.hand is None and desk.rig.referee.broken == []


def test_info_says_what_a_body_is_known_for(desk: Desk) -> None:
    desk.camera(model="ILCE-7M2")
    assert tool.STAR_EATER(model="A7 II") in desk.run("info").words


def test_info_asks_for_a_report_of_a_body_that_no_table_knows(desk: Desk) -> None:
    desk.camera()
    desk.tell("fault", row={"kind": "stranger"})
    said = desk.run("info")
    assert said.status == 0 and tool.UNKNOWN_BODY(model="ILCE-99") in said.words


def test_a_setting_is_changed_when_the_camera_reads_it_back(desk: Desk) -> None:
    desk.camera()
    said = desk.run("settings", "ISO=1600", "--json")
    assert said.data["changes"] == [{"name": "iso", "value": "1600", "ok": True, "text": ""}]
    assert next(s for s in said.data["settings"] if s["name"] == "iso")["label"] == "1600"
    said = desk.run("settings")
    assert said.status == 0 and "1600" in said.words and "Uncompressed" in said.words


def test_a_body_that_lists_no_iso_leaves_automatic_for_a_low_number(desk: Desk) -> None:
    made = profile_of("ILCE-7M3")
    listing = made.listings[Version.V200]
    silent = tuple(replace(d, values=(), current=0xFFFFFF) if d.code == Prop.ISO else d for d in listing.descriptors)
    device = replace(made.device, model="ILCE-77X")
    listings = {Version.V200: replace(listing, descriptors=silent)}
    desk.camera(profile=replace(made, model="ILCE-77X", device=device, listings=listings))
    assert desk.run("settings", "iso=200", "--json").data["changes"][0]["ok"] is True


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ("izo=1600", tool.NO_SUCH_SETTING.happened(text="izo=1600", names="")),
        ("iso=17", "17 is no choice of iso."),
        ("iso", tool.NO_SUCH_SETTING.happened(text="iso", names="")),
    ],
)
def test_a_wish_that_makes_no_sense_is_told_with_what_there_is(desk: Desk, wish: str, told: str) -> None:
    desk.camera()
    said = desk.run("settings", wish)
    assert said.status == Status.FAILED and told in said.errors and "iso" in said.errors


def test_a_change_that_does_not_take_fails(desk: Desk) -> None:
    desk.camera()
    desk.tell("fault", row={"kind": "ignore-set", "when": {"property": 0xD21E, "count": 0}})
    said = desk.run("settings", "iso=1600", "--json")
    assert said.status == Status.FAILED and said.data["changes"][0]["ok"] is False


def test_shoot_makes_the_frames_that_were_asked_for(desk: Desk, tmp_path: Path) -> None:
    rig = desk.camera()
    said = desk.run("shoot", "2.5", "--count", "2", "--iso", "1600", "--folder", str(tmp_path), "--json")
    paths = [frame["path"] for frame in said.data["frames"]]
    assert paths == [str(tmp_path / f"IMAGE_00{n}.fits") for n in (1, 2)]
    for path in paths:
        head = header(path)
        assert (float(head["EXPTIME"]), head["ISOSPEED"], head["FRAME"]) == (2.5, "1600", "Light")
    assert rig.referee.broken == [] and rig.hand is None
    said = desk.run("shoot", "1/4000", "--type", "Bias", "--format", "native", "--folder", str(tmp_path))
    assert said.status == 0 and str(tmp_path / "IMAGE_003.arw") in said.out


def test_shoot_looks_at_its_frames_on_wish(desk: Desk, tmp_path: Path) -> None:
    rig = desk.camera()
    said = desk.run("shoot", "4", "--preview", "--folder", str(tmp_path), "--json")
    (frame,) = said.data["frames"]
    assert frame["preview"] == str(tmp_path / "IMAGE_001_preview.jpg")
    assert Path(frame["preview"]).read_bytes().startswith(b"\xff\xd8")
    assert frame["stars"] > 3 and 1 < frame["hfr"] < 10 and len(frame["median"]) == 3
    said = desk.run("shoot", "4", "--preview", "--folder", str(tmp_path))
    assert said.status == 0 and "stars, HFR" in said.words and "IMAGE_002_preview.jpg" in said.words
    said = desk.run("shoot", "1", "--preview", "--type", "Dark", "--folder", str(tmp_path))
    assert said.status == 0 and "background" in said.words and "IMAGE_003_preview.jpg" in said.words
    assert rig.referee.broken == [] and rig.hand is None
    said = desk.run("shoot", "1", "--preview", "--capture", "jpeg", "--folder", str(tmp_path))
    assert said.status == 0 and "No preview was made: only RAW frames" in said.words


def test_a_folder_that_cannot_be_written_costs_no_frame(desk: Desk, tmp_path: Path) -> None:
    desk.camera()
    (tmp_path / "file").touch()
    said = desk.run("shoot", "1", "--folder", str(tmp_path / "file" / "below"), "--json")
    (frame,) = said.data["frames"]
    assert frame["rescued"] and Path(frame["path"]).exists() and frame["text"]
    assert desk.run("shoot", "1", "--folder", str(tmp_path / "file" / "below")).out.splitlines()[1].startswith("[!]")


@pytest.mark.parametrize("command", [("shoot", "1"), ("live", "--frames", "1")])
@pytest.mark.parametrize("folder", ["~nobody-of-this-name/frames", "gone"])
def test_a_folder_that_is_nowhere_is_told(
    desk: Desk, command: tuple[str, ...], folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.camera()
    monkeypatch.chdir(tmp_path)
    if folder == "gone":
        Path("here").mkdir()
        monkeypatch.chdir("here")
        (tmp_path / "here").rmdir()
    said = desk.run(*command, "--folder", folder)
    assert said.status == Status.FAILED and folder in said.errors and desk.links == []


def test_a_look_that_fails_costs_no_frame(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.camera()
    monkeypatch.setattr(session.Session, "looked", lambda self, request: Looked(request.id, text="no memory"))
    said = desk.run("shoot", "1", "--preview", "--folder", str(tmp_path))
    assert said.status == 0 and tool.LOOK_FAILED.happened(reason="no memory") in said.words
    assert (tmp_path / "IMAGE_001.fits").exists()


def test_an_exposure_that_cannot_be_made_says_what_to_change(desk: Desk, tmp_path: Path) -> None:
    desk.camera(model="ILCE-7M3")
    desk.tell("dial", program="P")
    said = desk.run("shoot", "2.5", "--folder", str(tmp_path))
    assert said.status == Status.FAILED and "dial" in said.errors and list(tmp_path.glob("*.fits")) == []


def test_ctrl_c_aborts(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = desk.camera()
    real = session.Session._hear

    def hear(self: session.Session, seconds: float) -> object:
        if any(isinstance(m, Expose) for m in desk.links[-1].sent) and rig.camera.body.exposing:
            monkeypatch.setattr(session.Session, "_hear", real)
            raise KeyboardInterrupt
        return real(self, seconds)

    monkeypatch.setattr(session.Session, "_hear", hear)
    said = desk.run("shoot", "45", "--shutter", "bulb", "--folder", str(tmp_path))
    assert said.status == Status.INTERRUPTED and "shutter is being closed" in said.errors
    assert not rig.camera.body.exposing and list(tmp_path.glob("*.fits")) == []


def test_a_camera_that_a_driver_holds_is_left_alone(desk: Desk) -> None:
    face = desk.camera().ready()
    said = desk.run("info")
    assert said.status == Status.HELD and desk.links[-1].sent == [] and not face.lost
    assert said.errors.endswith(tool.HELD(key="sim-0", who=tool.HELD_BY_HAND()))


def test_a_hand_that_finishes_a_drivers_work_is_left_alone(desk: Desk) -> None:
    rig = desk.camera()
    rig.ready()
    rig.expose(20.0)
    rig.wait(5.0)
    rig.kill_face()
    said = desk.run("info")
    assert said.status == Status.HELD and tool.FINISHES_WORK() in said.errors
    assert [type(m).__name__ for m in desk.links[-1].sent] == ["Goodbye"]
    assert [path.name for path in fallback_folder().iterdir()] == ["IMAGE_001.fits"]


def test_a_frame_that_a_driver_left_behind_is_neither_taken_nor_marked(desk: Desk) -> None:
    rig = desk.camera()
    face = rig.ready()
    face.confirms = False
    rig.expose(2.0)
    rig.until(lambda: bool(face.all(FrameReady)))
    rig.expose(30.0, 2)
    rig.wait(5.0)
    rig.kill_face()
    said = desk.run("info")
    assert said.status == Status.HELD and tool.FINISHES_WORK() in said.errors
    assert len(list(fallback_folder().iterdir())) == 2
    assert len(Journal(*rig.places.journals).unannounced()) == 2, "the driver still tells of them"


def test_a_frame_of_an_earlier_hand_is_told(desk: Desk, tmp_path: Path) -> None:
    rig = desk.camera()
    rig.ready()
    rig.expose(20.0)
    rig.wait(5.0)
    rig.kill_face()
    rig.kill_hand()
    said = desk.run("shoot", "1", "--folder", str(tmp_path))
    assert said.status == 0 and (tmp_path / "IMAGE_001.fits").exists()
    (rescued,) = fallback_folder().iterdir()
    assert str(rescued) in said.words.replace(" ", "") or str(rescued) in said.out


@pytest.mark.parametrize("wanted", ["sim-0", "ILCE-7SM3", "ilce-7sm3"])
def test_a_camera_is_named_by_place_or_model(desk: Desk, wanted: str) -> None:
    desk.camera()
    assert desk.run("info", "--camera", wanted).status == 0


def test_a_name_that_fits_no_camera_names_those_that_are_there(desk: Desk) -> None:
    desk.camera()
    said = desk.run("info", "--camera", "123456")
    assert said.status == Status.NO_CAMERA and "123456" in said.errors


def test_a_driver_of_another_user_is_seen_in_the_list_of_sockets(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "unix").write_text(
        "Num RefCount Protocol Flags Type St Inode Path\n"
        "0000: 00000002 00000000 00010000 0001 01 123 @indi_sony_py/1000/usb-1-2\n"
        "0000: 00000002 00000000 00010000 0001 01 124 @indi_sony_py/1001/usb-1-3\n"
    )
    assert holding.users_hands("usb-1-2", tmp_path) == [1000]
    assert holding.who_holds(Camera("usb-1-2"), tmp_path) == tool.HELD_BY_OTHERS_HAND(user=1000)
    assert holding.who_holds(Camera("usb-1-4"), tmp_path) == ""
    assert holding.users_hands("usb-1-2", tmp_path / "none") == []
    (tmp_path / "77" / "fd").mkdir(parents=True)
    (tmp_path / "77" / "comm").write_text("gphoto2\n")
    (tmp_path / "77" / "fd" / "5").symlink_to("/dev/bus/usb/001/009")
    program = tool.HELD_BY_PROGRAM(who="gphoto2 (process 77)")
    assert holding.who_holds(Camera("usb-1-4", address=9), tmp_path) == program


@pytest.mark.parametrize("text", ["-1", "x", "1/0", "99999999"])
def test_a_time_that_is_none_is_told(desk: Desk, text: str) -> None:
    with pytest.raises(SystemExit) as ended:
        desk.run("shoot", "--folder=x", "--", text)
    assert ended.value.code == 2
