"""Where the lines of the log go: standard error, the client, a file."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from indi_sony_py.driver.events import Camera, Event
from indi_sony_py.driver.logs import LogLine, Logs
from indi_sony_py.texts import Level
from tests.driver.scripted import Rig

_log = logging.getLogger("indi_sony_py.driver.anything")


class Stream:
    """Standard error."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None: ...


class Desk:
    """Logs beside a device whose vectors say what is wanted."""

    def __init__(self, folder: Path) -> None:
        self.stderr = Stream()
        self.posted: list[Event] = []
        self.file = folder / "state" / "driver.log"
        self.logs = Logs(self.posted.append, self.file.parent, self.stderr)  # type: ignore[arg-type]
        self.rig = Rig({"HOME": str(folder)}, logging_changed=self.logs.apply)
        self.rig.client("<getProperties version='1.7'/>")
        self.stderr.text = ""
        self.posted.clear()

    def say(self) -> None:
        """One line of each level."""
        for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
            _log.log(level, "line of level %s", logging.getLevelName(level))

    @property
    def lines(self) -> list[tuple[str, str]]:
        return [(event.level, event.text) for event in self.posted if isinstance(event, LogLine)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    package = logging.getLogger("indi_sony_py")
    level, propagate = package.level, package.propagate
    made = Desk(tmp_path)
    yield made
    made.rig.close()
    made.logs.close()
    package.setLevel(level)
    package.propagate = propagate


def test_without_debug_the_server_sees_what_went_wrong_and_the_client_nothing(desk: Desk) -> None:
    desk.say()
    assert desk.stderr.text == "line of level WARNING\nline of level ERROR\n"
    assert desk.lines == [] and not desk.file.exists()


def test_debug_shows_the_levels_that_are_chosen(desk: Desk) -> None:
    desk.rig.new("Switch", "DEBUG", ENABLE="On")
    desk.say()
    assert [level for level, _ in desk.lines] == ["DEBUG", "WARNING", "ERROR"]
    assert "line of level INFO" in desk.stderr.text and "line of level DEBUG" not in desk.stderr.text
    desk.posted.clear()
    desk.rig.new("Switch", "DEBUG_LEVEL", DBG_DEBUG="On", DBG_SESSION="Off", DBG_WARNING="Off")
    desk.say()
    assert [text for _, text in desk.lines] == ["line of level DEBUG", "line of level ERROR"]
    desk.rig.new("Switch", "LOG_OUTPUT", CLIENT_DEBUG="Off")
    desk.posted.clear()
    desk.say()
    assert desk.lines == []


def test_what_a_user_was_told_is_not_told_again_by_the_log(desk: Desk) -> None:
    desk.rig.new("Switch", "DEBUG", ENABLE="On")
    desk.posted.clear()
    desk.rig.device.board.say(Level.WARNING, "Set the dial to M.")
    assert desk.lines == [] and "Set the dial to M." in desk.stderr.text


def test_a_line_of_the_log_reaches_the_client_with_its_tag(desk: Desk) -> None:
    desk.rig.face.handle(LogLine("DEBUG", "the camera was looked for"))
    assert desk.rig.messages()[-1] == "[DEBUG] the camera was looked for"


def test_the_file_has_times_and_levels_and_the_user_is_told_where_it_is(desk: Desk) -> None:
    desk.rig.new("Switch", "DEBUG", ENABLE="On")
    desk.rig.new("Switch", "LOG_OUTPUT", FILE_DEBUG="On")
    assert any(text.startswith(f"[INFO] The log is written to {desk.file},") for text in desk.rig.messages())
    desk.rig.new("Switch", "LOGGING_LEVEL", LOG_DEBUG="On")
    desk.say()
    text = desk.file.read_text()
    assert "DEBUG indi_sony_py.driver.anything: line of level DEBUG\n" in text
    desk.rig.new("Switch", "DEBUG", DISABLE="On")
    desk.say()
    assert desk.file.read_text().count("line of level ERROR") == 1


def test_a_file_that_has_grown_is_put_aside(desk: Desk) -> None:
    desk.file.parent.mkdir(parents=True)
    desk.file.write_bytes(b"x" * (5 << 20))
    desk.rig.new("Switch", "DEBUG", ENABLE="On")
    desk.rig.new("Switch", "LOG_OUTPUT", FILE_DEBUG="On")
    assert desk.file.with_suffix(".log.1").stat().st_size == 5 << 20 and desk.file.stat().st_size < 1000


def test_a_file_that_cannot_be_made_is_told(desk: Desk) -> None:
    desk.file.parent.write_text("in the way")
    desk.rig.new("Switch", "DEBUG", ENABLE="On")
    desk.rig.new("Switch", "LOG_OUTPUT", FILE_DEBUG="On")
    assert any(text.startswith("[ERROR] There is no log file:") for text in desk.rig.messages())


def test_an_exception_is_one_line_for_the_server(desk: Desk) -> None:
    def fail() -> None:
        raise ValueError("no\nsuch thing")

    try:
        fail()
    except ValueError:
        _log.exception("it went wrong")
    (line,) = desk.stderr.text.splitlines()
    assert line.startswith("it went wrong: ValueError: no such thing [test_logs_of_face.py:")
    assert line.count("test_logs_of_face.py") == 2


def test_the_last_device_whose_debug_was_changed_decides(desk: Desk) -> None:
    desk.rig.new("Switch", "DEBUG", ENABLE="On")
    desk.rig.outside.cameras += (Camera("usb-1-3", "ILCE-6400", "05559876"),)
    desk.rig.wait(30)
    assert len(desk.rig.face.devices) == 2
    desk.posted.clear()
    desk.say()
    assert desk.lines


def test_the_file_is_found_where_libindis_drivers_have_theirs(desk: Desk) -> None:
    desk.rig.new("Switch", "DEBUG", ENABLE="On")
    desk.rig.new("Switch", "LOG_OUTPUT", CLIENT_DEBUG="On", FILE_DEBUG="On")
    (link,) = (Path.home() / ".indi" / "logs").glob("????-??-??/indi_sony_py/indi_sony_py_??:??:??.log")
    desk.say()
    assert link.resolve() == desk.file.resolve() and "line of level ERROR" in link.read_text()
