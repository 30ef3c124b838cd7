"""`indi-sony live`: pictures, numbers, files and the page, on a simulated camera in virtual time."""

from __future__ import annotations

import errno
import io
import json
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indi_sony_py.cli import liveserver, session
from indi_sony_py.cli.livemeter import Meter
from indi_sony_py.cli.liveserver import LiveServer
from indi_sony_py.cli.status import Status
from indi_sony_py.driver.livescale import magnified
from indi_sony_py.engine.messages import Connect, Disconnect, LiveView
from indi_sony_py.hand.messages import LiveFrameReady, StarSeen
from indi_sony_py.sony.magnifier import ANYWHERE
from indi_sony_py.texts import tool
from tests.cli.commandrig import Desk
from tests.onestar import OneStar

SIZE, WHOLE = (1024, 680), (4096, 2720)
A_JPEG = b"\xff\xd8 a picture \xff\xd9"


def seen(hfr: float) -> StarSeen:
    """In the middle of live view."""
    return StarSeen(1, 106.0, hfr, 2 * hfr, 512, 340, 0.6, 7, hfr, SIZE)


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


def get(url: str, host: str = "") -> bytes:
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    with urllib.request.urlopen(request, timeout=20) as answer:
        found: bytes = answer.read()
        return found


# --- the command ------------------------------------------------------------------------------------------------------


def test_pictures_go_into_files_until_there_are_enough(desk: Desk, tmp_path: Path) -> None:
    rig = desk.camera()
    folder = tmp_path / "new" / "live"
    said = desk.run("live", "--folder", str(folder), "--frames", "7", "--fps", "30", "--json")
    data = said.data
    assert (data["frames"], data["skipped"], data["folder"]) == (7, 0, str(folder)) and "url" not in data
    files = sorted(folder.iterdir())
    assert [file.name[-10:] for file in files] == [f"_{n:05d}.jpg"[-10:] for n in range(1, 8)]
    for file in files:
        assert file.read_bytes().startswith(b"\xff\xd8")
    assert 20 < data["camera_fps"] < 40
    wishes = [m for m in desk.links[-1].sent if isinstance(m, Connect | LiveView | Disconnect)]
    assert wishes[1:] == [LiveView(True), LiveView(False), Disconnect()]
    assert rig.hand is None and rig.referee.broken == []


def test_it_ends_after_so_many_seconds_and_says_what_came(desk: Desk) -> None:
    rig = desk.camera()
    said = desk.run("live", "--seconds", "3", "--port", str(free_port()))
    assert said.status == 0 and "pictures in" in said.words and "this computer" in said.words
    assert rig.referee.broken == []
    data = desk.run("live", "--seconds", "3", "--port", str(free_port()), "--json").data
    assert 24 <= data["frames"] <= 32 and data["skipped"] >= 50, "10 of 30 a second, unless another rate is asked for"
    assert data["fps"] == pytest.approx(10, abs=1) and data["camera_fps"] == pytest.approx(30, abs=2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_a_proper_end(desk: Desk, monkeypatch: pytest.MonkeyPatch, number: signal.Signals) -> None:
    rig = desk.camera()
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    real = Meter.came

    def came(self: Meter, ready: LiveFrameReady) -> None:
        real(self, ready)
        if self.frames == 5:
            signal.raise_signal(number)

    monkeypatch.setattr(Meter, "came", came)
    data = desk.run("live", "--port", str(free_port()), "--json").data
    assert data["frames"] == 5 and "error" not in data
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before
    assert rig.hand is None and rig.referee.broken == []


def test_the_brightest_star_is_told_in_numbers(desk: Desk) -> None:
    rig = desk.camera()
    rig.camera.live.pictures = OneStar(rig.camera.seen)
    data = desk.run("live", "--seconds", "3", "--port", str(free_port()), "--json").data
    star = data["star"]
    # A square live view shows the middle of the photo of 4256 x 2848 pixels, 8.9 of them in one of its own.
    assert 9 < star["hfr"] < 45 and star["count"] == 1 and data["best_hfr"] <= star["hfr"]
    assert (star["x"], star["y"]) == (pytest.approx(2128.4, abs=5), pytest.approx(1430.6, abs=5))
    assert (data["width"], data["height"], data["pixels_of"]) == (320, 320, "photo")
    said = desk.run("live", "--seconds", "3", "--port", str(free_port()))
    assert tool.LIVE_BEST(best=9.99, pixels="").partition("9.99")[0] in said.words
    assert tool.LIVE_PHOTO_PIXELS() in said.words


def test_a_body_without_live_view_says_so(desk: Desk) -> None:
    rig = desk.camera(model="SLT-A99V")
    said = desk.run("live", "--frames", "1", "--port", str(free_port()))
    assert said.status == Status.FAILED and "live view" in said.errors
    assert rig.hand is None and rig.referee.broken == []


def test_a_camera_that_sends_no_picture_is_no_wait_without_end(desk: Desk) -> None:
    rig = desk.camera()
    rig.camera.live.pictures = lambda: None
    said = desk.run("live", "--frames", "1", "--port", str(free_port()))
    assert said.status == Status.FAILED and tool.NO_LIVE.happened(seconds=session.LIVE_S) in said.errors
    assert rig.hand is None


def test_a_cable_that_is_pulled_ends_it_with_a_reason(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.camera()
    real = Meter.came

    def came(self: Meter, ready: LiveFrameReady) -> None:
        real(self, ready)
        if self.frames == 3:
            desk.tell("unplug")

    monkeypatch.setattr(Meter, "came", came)
    said = desk.run("live", "--port", str(free_port()), "--json")
    assert said.status in (Status.FAILED, Status.NO_CAMERA)
    found = json.loads(said.out)
    assert found["frames"] == 3 and found["error"]["text"]


def test_a_port_that_is_taken_is_told_before_the_camera_is_touched(desk: Desk) -> None:
    desk.camera()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = desk.run("live", "--port", str(port))
    told = tool.PORT_TAKEN.happened(port=port, reason="Address already in use")
    assert said.status == Status.FAILED and told in said.errors and desk.links == []


def test_a_folder_that_cannot_be_made_is_told_before_the_camera_is_touched(desk: Desk, tmp_path: Path) -> None:
    desk.camera()
    (tmp_path / "file").touch()
    said = desk.run("live", "--folder", str(tmp_path / "file" / "below"))
    assert said.status == Status.FAILED and "another folder" in said.errors and desk.links == []


def test_a_full_disk_ends_it_and_gives_the_camera_back(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = desk.camera()

    class Full(io.FileIO):
        def write(self, data: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    real = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *a, **k: Full(path, "xb") if a == ("xb",) else real(path, *a, **k))
    said = desk.run("live", "--folder", str(tmp_path / "live"))
    assert said.status == Status.FAILED and "No space left on device" in said.errors
    assert list((tmp_path / "live").iterdir()) == []
    assert rig.hand is None and rig.referee.broken == []


@pytest.mark.parametrize(
    "arguments", [("--port", "80"), ("--port", "x"), ("--frames", "0"), ("--fps", "-1"), ("--seconds", "x")]
)
def test_a_number_that_is_none_is_told(desk: Desk, arguments: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as ended:
        desk.run("live", *arguments)
    assert ended.value.code == 2


# --- the numbers ------------------------------------------------------------------------------------------------------


def test_the_numbers_are_those_of_the_pictures() -> None:
    meter = Meter()
    assert meter.words() == tool.LIVE_WAITS() and meter.data()["star"] is None
    for n in range(61):
        meter.came(LiveFrameReady(3 * n + 1, 10, 1024, 680, 100 + n / 10, skipped=2 if n else 0))
    assert meter.data() | {"star": None} == {
        "frames": 61, "skipped": 120, "seconds": 6.0, "width": 1024, "height": 680, "fps": 10.0, "camera_fps": 30.0,
        "star": None, "best_hfr": None, "pixels_of": "live view",
    }  # fmt: skip
    for star in (seen(2.5), seen(2.25), seen(3.0)):
        meter.measured(star, WHOLE)
    assert meter.words().startswith("HFR 12.00 (best 9.00), FWHM 24.0 pixels of the photo, peak 60 %; 7 stars, median ")
    assert "10.0 of 30.0" in meter.words()
    assert meter.data()["best_hfr"] == 9.0 and "9.00 pixels of the photo" in meter.summary()
    meter.measured(StarSeen(1, 106.6), WHOLE)
    assert tool.LIVE_NO_STAR() in meter.words() and meter.data()["star"] is None and meter.data()["best_hfr"] == 9.0


def test_a_magnified_star_keeps_its_size_and_its_place() -> None:
    """Four pixels of live view are one of the photo then; the part begins three eighths from the photo's edge."""
    meter = Meter()
    meter.came(LiveFrameReady(1, 10, 1024, 680, 100.0))
    meter.measured(seen(2.5), WHOLE)
    plain = meter.data()["star"]
    part = magnified(WHOLE, SIZE, 40 << 32 | ANYWHERE, (2047.5, 1359.5))
    meter.measured(replace(seen(10.0), magnifier=part), WHOLE)
    larger = meter.data()["star"]
    assert isinstance(plain, dict) and isinstance(larger, dict)
    assert [plain[name] for name in ("hfr", "fwhm", "median")] == [larger[name] for name in ("hfr", "fwhm", "median")]
    assert (plain["x"], plain["y"]) == (2049.5, 1361.5)
    assert (larger["x"], larger["y"]) == (pytest.approx(2048, abs=7), pytest.approx(1360, abs=7))


def test_where_nothing_tells_the_photos_size_the_pixels_are_those_of_live_view() -> None:
    meter = Meter()
    meter.came(LiveFrameReady(1, 10, 1024, 680, 100.0))
    meter.measured(seen(2.5), None)
    assert "HFR 2.50 (best 2.50), FWHM 5.0 pixels of live view" in meter.words()
    assert meter.data()["pixels_of"] == "live view" and "2.50 pixels of live view" in meter.summary()
    meter.measured(seen(3.0), WHOLE)
    assert meter.data()["best_hfr"] == 12.0, "other pixels: the best of before does not count"


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[LiveServer]:
    with LiveServer(0) as made:
        yield made


def test_a_browser_gets_a_page_the_newest_picture_and_the_numbers(server: LiveServer) -> None:
    server.show(A_JPEG)
    server.tell("HFR 2.5", {"frames": 1})
    assert b'src="stream"' in get(server.url)
    assert get(server.url + "frame.jpg?1") == A_JPEG
    assert json.loads(get(server.url + "status.json")) == {"text": "HFR 2.5", "frames": 1}
    assert get(server.url, f"localhost:{server.port}") == get(server.url, "127.0.0.1")


def test_a_stream_has_each_new_picture_and_ends_with_the_command() -> None:
    with LiveServer(0) as server:
        server.show(A_JPEG)
        with urllib.request.urlopen(server.url + "stream", timeout=20) as stream:
            assert stream.headers.get_content_type() == "multipart/x-mixed-replace"
            for n in range(3):
                assert stream.readline() == b"--picture\r\n"
                assert stream.readline() == b"Content-Type: image/jpeg\r\n"
                length = int(stream.readline().partition(b":")[2])
                assert stream.readline() == b"\r\n"
                assert stream.read(length + 2) == A_JPEG + b"%d" % n * bool(n) + b"\r\n"
                if n < 2:
                    server.show(A_JPEG + b"%d" % (n + 1))
            server.__exit__()
            assert stream.read() == b""


@pytest.mark.parametrize(
    ("path", "host", "status"), [("", "evil.example:80", 403), ("", "evil.example", 403), ("etc/passwd", "", 404)]
)
def test_what_is_not_meant_for_this_computer_is_refused(server: LiveServer, path: str, host: str, status: int) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(server.url + path, host)
    refused.value.close()
    assert refused.value.code == status


def test_it_listens_at_the_loopback_address_alone(server: LiveServer) -> None:
    assert server.url.startswith("http://127.0.0.1:") and server._server.socket.getsockname()[0] == "127.0.0.1"


def test_one_who_leaves_in_the_middle_troubles_nobody(server: LiveServer, capsys: pytest.CaptureFixture[str]) -> None:
    server.show(A_JPEG * 100_000)
    stream = urllib.request.urlopen(server.url + "stream", timeout=20)
    stream.close()
    for n in range(20):
        server.show(A_JPEG + b"%d" % n)
    assert get(server.url + "frame.jpg") == A_JPEG + b"19"
    assert capsys.readouterr().err == ""


def test_those_who_take_nothing_keep_no_place(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveserver._Viewer, "timeout", 3.0)
    ask = f"GET /stream HTTP/1.0\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(liveserver._MOST)]
    for viewer in idle:
        viewer.sendall(ask)
        assert viewer.recv(15, socket.MSG_WAITALL) == b"HTTP/1.0 200 OK"
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(server.url + "status.json")
    refused.value.close()
    assert refused.value.code == 503
    # More than the sockets take: whoever reads nothing is let go of.
    server.show(A_JPEG * 1_000_000)
    places = server._server.places
    assert all(places.acquire(timeout=20) for _ in idle)
    for viewer in idle:
        places.release()
        viewer.close()
    assert get(server.url + "status.json")
