"""What holds for every test of the project.

Rules kept here:

- A log message that is formatted wrongly fails the test that wrote it, at whatever level it was written.
- A thread that outlives its test fails it; so does a socket, pipe, memory file or device that stays open.
- A test sees a home of its own and none of the user's INDI settings.
- A failure is told in lines that can be read: a value of many pages is cut. `-vv` shows all of it.
- Hypothesis draws the same examples in every run of the suite; `--hypothesis-profile=search` draws new ones, and more.

Time limits and "warnings are errors" stand in setup.cfg.
"""

from __future__ import annotations

import gc
import itertools
import logging
import os
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    from tests.together import Together

__all__: list[str] = []

hypothesis.settings.register_profile("suite", deadline=None, derandomize=True, database=None, print_blob=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=2000, print_blob=True)
hypothesis.settings.load_profile("suite")

_SETTINGS_OF_THE_USER = ("INDIDEV", "INDICONFIG", "INDISKEL", "INDIPREFIX", "INDI_SONY_BUS", "XDG_RUNTIME_DIR")
_PLACES = {
    "XDG_STATE_HOME": ".local/state",
    "XDG_DATA_HOME": ".local/share",
    "XDG_CONFIG_HOME": ".config",
    "XDG_CACHE_HOME": ".cache",
}
_KINDS_THAT_LEAK = ("socket:", "pipe:", "/memfd:", "/dev/bus/usb/", "anon_inode:")
_LAST_WORDS_S = 5.0
_LONGEST_LINE = 800
_numbers = itertools.count(1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.longrepr is not None and item.config.get_verbosity() < 2:
        for entry in getattr(getattr(report.longrepr, "reprtraceback", None), "reprentries", ()):
            entry.lines[:] = [_cut(line) for line in entry.lines]
        report.sections[:] = [(title, "\n".join(map(_cut, text.split("\n")))) for title, text in report.sections]
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    """Where modules run side by side, some of them do not (tests/together.py)."""
    if config.getvalue("dist") != "loadscope":
        return None
    from tests.together import Together

    return Together(config, log)


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} ... ({len(line)} characters)"


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the homes of all tests of this run."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, homes: Path) -> Path:
    """A home for this test alone; it does not exist until something writes there."""
    home = homes / f"home-{next(_numbers)}"
    for name in _SETTINGS_OF_THE_USER:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    for name, place in _PLACES.items():
        monkeypatch.setenv(name, str(home / place))
    return home


@pytest.fixture(autouse=True)
def logs_are_well_formed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Formats each record at once. Tests that are marked `quiet` keep the usual levels, for speed."""
    wrong: list[str] = []
    make = logging.getLogRecordFactory()

    def make_and_format(*args: object, **kwargs: object) -> logging.LogRecord:
        record = make(*args, **kwargs)
        try:
            record.getMessage()
        except Exception as error:
            wrong.append(f"{record.pathname}:{record.lineno}: {record.msg!r} % {record.args!r}: {error}")
            record.msg, record.args = str(record.msg), None
        return record

    package = logging.getLogger("indi_sony_py")
    level = package.level
    if request.node.get_closest_marker("quiet") is None:
        package.setLevel(logging.DEBUG)
    logging.setLogRecordFactory(make_and_format)
    try:
        yield
    finally:
        logging.setLogRecordFactory(make)
        package.setLevel(level)
    if wrong:
        pytest.fail("log messages that cannot be formatted:\n" + "\n".join(wrong), pytrace=False)


def _open_files() -> dict[str, str]:
    found = {}
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if target.startswith(_KINDS_THAT_LEAK):
            found[number] = target
    return found


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Compares threads and descriptors before and after; a thread that is on its way out has some seconds to go."""
    threads_before = set(threading.enumerate())
    files_before = set(_open_files().items())
    yield
    leaked = [thread for thread in threading.enumerate() if thread not in threads_before]
    for thread in leaked:
        thread.join(_LAST_WORDS_S)
    alive = [thread.name for thread in leaked if thread.is_alive()]
    if alive:
        pytest.fail(f"threads outlived the test: {', '.join(alive)}", pytrace=False)
    if set(_open_files().items()) - files_before:
        gc.collect()
        left = sorted(set(_open_files().items()) - files_before)
        if left:
            names = ", ".join(f"{number} ({target})" for number, target in left)
            pytest.fail(f"descriptors stayed open: {names}", pytrace=False)
