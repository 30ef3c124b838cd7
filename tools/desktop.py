"""A desktop that nobody looks at, for programs with windows: an X server in memory and a message bus. Starts processes.

Rules kept here:

- Display and bus are this desktop's own, on no network; a program that runs in it has a home of its own.
- What was started ends with the desktop, by its id.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, Properties, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from tools.processes import Child, Late
from tools.rig import own_environment

__all__ = ["BusError", "Desktop", "missing_programs"]

_STARTS_S = 20.0
_ANSWERS_S = 15.0
_PROGRAMS = {"Xvfb": "xvfb", "dbus-daemon": "dbus-daemon", "xdotool": "xdotool"}


class BusError(AssertionError):
    """A program on the bus answered with an error, or is not there."""


def missing_programs() -> list[str]:
    """Debian packages of the programs that a desktop needs and that are not there."""
    return [package for program, package in _PROGRAMS.items() if shutil.which(program) is None]


class Desktop:
    """`folder` holds the home (`home`) and the socket of the bus; programs get the variables `more`, too. Use as a
    context manager.
    """

    def __init__(
        self, folder: Path, width: int = 1600, height: int = 1000, more: Mapping[str, str] | None = None
    ) -> None:
        self.home = folder / "home"
        self._folder = folder
        self._size = f"{width}x{height}x24"
        self._more = more or {}
        self._stack = ExitStack()
        self.display = ""
        self.address = f"unix:path={folder}/bus"

    def __enter__(self) -> Desktop:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self) -> None:
        runtime = self._folder / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        self.home.mkdir(exist_ok=True)
        self.env = own_environment(
            self.home, XDG_RUNTIME_DIR=str(runtime), DBUS_SESSION_BUS_ADDRESS=self.address, QT_QPA_PLATFORM="xcb",
            LIBGL_ALWAYS_SOFTWARE="1", LC_ALL="C.UTF-8", TZ="UTC", **self._more,
        )  # fmt: skip
        command = ["Xvfb", "-displayfd", "1", "-screen", "0", self._size, "-nolisten", "tcp", "-noreset"]
        screen = Child(command, self.env, name="Xvfb")
        self._stack.callback(screen.stop)
        self.display = ":" + screen.wait_line(str.isdigit, _STARTS_S, "display number").strip()
        self.env["DISPLAY"] = self.display
        # It starts what others ask it for: in this desktop, as they would be.
        bus = Child(
            ["dbus-daemon", "--session", "--nofork", "--nosyslog", f"--address={self.address}", "--print-address=1"],
            self.env, name="message bus",
        )  # fmt: skip
        self._stack.callback(bus.stop)
        bus.wait_line(lambda line: line.startswith("unix:"), _STARTS_S, "address")
        self._bus: DBusConnection = open_dbus_connection(self.address)
        self._stack.callback(self._bus.close)

    def call(
        self, place: DBusAddress, method: str, signature: str = "", *arguments: Any, limit_s: float = _ANSWERS_S
    ) -> Any:
        """Calls a method of a program on the bus; its first value, None without one. Raises `BusError`."""
        message = new_method_call(place, method, signature or None, arguments)
        return self._answer(message, f"{place.object_path} {method}", limit_s)

    def read(self, place: DBusAddress, name: str) -> Any:
        """A property of an object on the bus. Raises `BusError`."""
        return self._answer(Properties(place).get(name), f"{place.object_path} {name}", _ANSWERS_S)[1]

    def _answer(self, message: Any, what: str, limit_s: float) -> Any:
        try:
            reply = self._bus.send_and_get_reply(message, timeout=limit_s)
        except TimeoutError:
            raise BusError(f"{what}: no answer within {limit_s:g} s") from None
        if reply.header.message_type is MessageType.error:
            raise BusError(f"{what}: {reply.header.fields.get(HeaderFields.error_name)} {reply.body}")
        return reply.body[0] if reply.body else None

    def screenshot(self, path: Path, most_bytes: int = 0) -> None:
        """Everything on the screen as a PNG; in as few colours as it takes for `most_bytes` (0: all of them)."""
        from PIL import ImageGrab

        picture = ImageGrab.grab(xdisplay=self.display)
        picture.save(path, optimize=True)
        colours = 256
        while most_bytes and path.stat().st_size > most_bytes and colours >= 8:
            picture.quantize(colours).save(path, optimize=True)
            colours //= 2

    def windows(self) -> list[str]:
        """The titles of what is on the screen."""
        found = []
        for number in self._tool("search", "--onlyvisible", "--name", ".").split():
            title = self._tool("getwindowname", number).strip()
            if title:
                found.append(title)
        return found

    def press_key(self, key: str, window: str = "") -> None:
        """A key press ("Return", "Escape") in the window with that title, or in the one that has the focus."""
        if window:
            numbers = self._tool("search", "--onlyvisible", "--name", window).split()
            if not numbers:
                raise Late(f"no window {window!r} among {self.windows()}")
            self._tool("windowfocus", "--sync", numbers[-1])
        self._tool("key", "--clearmodifiers", key)

    def click(self, x: int, y: int) -> None:
        """The left button of the mouse at a place of the screen."""
        self._tool("mousemove", "--sync", str(x), str(y), "click", "1")

    def _tool(self, *words: str) -> str:
        env = {**os.environ, "DISPLAY": self.display}
        done = subprocess.run(["xdotool", *words], env=env, capture_output=True, text=True, timeout=20, check=False)
        return done.stdout
