"""Real processes: a simulated camera as a program, stand-in faces, and the hands that they start. Starts processes.

Everything that was started is ended by its id; hands end by themselves, and one that does not is killed and named.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from indi_sony_py.engine.messages import Abort, Connect, Expose, ExposureRequest
from indi_sony_py.hand.codec import dump
from indi_sony_py.hand.journal import Journal
from indi_sony_py.hand.messages import Message
from indi_sony_py.hand.places import Places
from tools.processes import Child, Late, process_ended

__all__ = ["ROOT", "Camera", "Face", "House", "key_of", "until"]

ROOT = Path(__file__).parents[2]
_STEP_S = 0.005


def until(done: Callable[[], Any], limit_s: float, what: str) -> Any:
    """What `done` gives as soon as it is true; `Late` after `limit_s`."""
    end = time.monotonic() + limit_s
    while not (found := done()):
        if time.monotonic() > end:
            raise Late(f"no {what} within {limit_s:g} s")
        time.sleep(_STEP_S)
    return found


def key_of(bus: Path) -> str:
    """How the driver names the place of a camera on a simulated bus."""
    from indi_sony_py.transport.bus import backend_from_environment
    from indi_sony_py.transport.find import find_cameras

    (found,) = find_cameras(backend_from_environment({"INDI_SONY_BUS": f"unix:{bus}"}))
    return found.key


class Camera:
    """`indi-sony simulate`, its referee's file, its truth and its control socket."""

    def __init__(self, folder: Path, *options: str, body: str = "ILCE-7SM3") -> None:
        self._folder = folder
        self.bus = folder / "bus"
        self.referee_path, self.truth_path = folder / "referee.jsonl", folder / "truth.jsonl"
        command = [sys.executable, "-m", "indi_sony_py.cli.main", "simulate", "--body", body]
        command += ["--listen", f"unix:{self.bus}", "--control", f"unix:{folder}/control"]
        command += ["--referee", str(self.referee_path), "--truth", str(self.truth_path), *options]
        self.child = Child(command, os.environ, ROOT, "simulated camera")
        self.child.wait_line(lambda line: line.startswith("listening "), 30, "'listening' line")
        self.key = key_of(self.bus)

    def tell(self, **command: Any) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(20)
            line.connect(f"{self._folder}/control")
            line.sendall(json.dumps(command).encode() + b"\n")
            with line.makefile() as answers:
                answer: dict[str, Any] = json.loads(answers.readline())
        assert answer["ok"], answer
        return answer

    def referee(self) -> list[dict[str, Any]]:
        return _rows(self.referee_path)

    def broken(self) -> list[dict[str, Any]]:
        return [row for row in self.referee() if row["kind"] == "rule"]

    def truth(self) -> list[dict[str, Any]]:
        return _rows(self.truth_path)


def _rows(path: Path) -> list[dict[str, Any]]:
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


class Face:
    """A stand-in face. What it printed is in `heard`, as (type, fields)."""

    def __init__(
        self, key: str, folder: Path, env: Mapping[str, str], prefix: Sequence[str] = (), options: Sequence[str] = ()
    ) -> None:
        self.frames = folder
        command = [*prefix, sys.executable, "-m", "tests.hand.standin", key, "--frames", str(folder), *options]
        self.process = subprocess.Popen(
            command, env=dict(env), cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.heard: list[tuple[str, Any]] = []
        self._news = threading.Condition()
        self._over = False
        self._reader = threading.Thread(target=self._read, name="lines of a face", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            for line in self.process.stdout:
                tree = json.loads(line)
                with self._news:
                    self.heard.append((tree["type"], tree["fields"]))
                    self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()

    def all(self, kind: str) -> list[Any]:
        return [fields for name, fields in tuple(self.heard) if name == kind]

    def hears(self, kind: str, limit_s: float = 30.0, **fields: Any) -> Any:
        """The first message of this kind with these fields, waited for."""

        def found() -> Any:
            return next((m for m in self.all(kind) if all(m[name] == value for name, value in fields.items())), None)

        end = time.monotonic() + limit_s
        with self._news:
            while (message := found()) is None:
                if self._over or not self._news.wait(max(0.0, end - time.monotonic())):
                    last = [(name, str(told)[:300]) for name, told in self.heard[-6:]]
                    raise Late(f"no {kind} {fields} within {limit_s:g} s; heard {last}")
        return message

    @property
    def hand(self) -> int:
        """The process id of the hand."""
        return int(self.hears("Hello")["pid"])

    def say(self, message: Message) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"type": type(message).__name__, "fields": dump(message)}) + "\n")
        self.process.stdin.flush()

    def ready(self, limit_s: float = 30.0) -> None:
        """Connect; returns when the camera can shoot."""
        self.say(Connect())
        self.hears("CameraStatus", limit_s, state="ready")

    def expose(self, number: int, seconds: float, **more: Any) -> None:
        self.say(Expose(ExposureRequest(number, seconds, **more)))

    def abort(self) -> None:
        self.say(Abort())

    def kill(self) -> None:
        """SIGKILL, as indiserver does."""
        self._end(signal.SIGKILL)

    def end(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(20)
        self._reader.join(20)
        if self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()


class House:
    """One camera, and a home for the hands and faces that come and go. Use as a context manager."""

    def __init__(self, *options: str, body: str = "ILCE-7SM3") -> None:
        self._place = tempfile.TemporaryDirectory(prefix="hand-", ignore_cleanup_errors=True)
        self.folder = Path(self._place.name)
        self._options, self._body = options, body
        self._faces: list[Face] = []
        self.hands: list[int] = []
        self.home = self.folder / "home"
        self.out = self.folder / "out"

    def __enter__(self) -> House:
        for made in (self.home, self.out, self.folder / "frames"):
            made.mkdir(exist_ok=True)
        self.camera = Camera(self.folder, *self._options, body=self._body)
        env = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "COV"))}
        self.env = env | {"HOME": str(self.home), "INDI_SONY_BUS": f"unix:{self.camera.bus}"}
        self.places = Places.of(self.env)
        return self

    def as_user(self, uid: int) -> None:
        """Look for the files where the hands of this user put them."""
        shared = tuple(path.with_name(f"indi_sony_py-{uid}") for path in self.places.shared)
        self.places = Places(self.places.state, self.places.last_resorts, shared)

    def __exit__(self, *_: object) -> None:
        with self._place:
            for face in self._faces:
                face.end()
            stuck = [pid for pid in self.hands if not process_ended(pid, 20)]
            for pid in stuck:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            status = self.camera.child.stop()
            assert not stuck, f"hands that did not end by themselves: {stuck}"
            assert status == 0, self.camera.child.tail()

    def face(self, *options: str, prefix: Sequence[str] = ()) -> Face:
        """A face that is attached to the hand at work, or to a new one."""
        made = Face(self.camera.key, self.folder / "frames", self.env, prefix, options)
        self._faces.append(made)
        made.hears("HandState")
        if made.hand not in self.hands:
            self.hands.append(made.hand)
        return made

    def kill_hand(self) -> None:
        os.kill(self.hands[-1], signal.SIGKILL)

    def hand_leaves(self, limit_s: float = 30.0) -> None:
        if not process_ended(self.hands[-1], limit_s):
            raise Late(f"the hand did not leave within {limit_s:g} s:\n{self.log()}")

    def log(self) -> str:
        """The end of the hands' log."""
        path = self.places.log(self.camera.key)
        return "\n".join(path.read_text().splitlines()[-40:]) if path.exists() else ""

    @property
    def journal(self) -> Journal:
        """The one of this house's home: the other journals are this machine's, and anybody's."""
        return Journal(self.places.journals[0])

    def lines(self) -> list[dict[str, Any]]:
        """All frames in the journals, whoever owns these files."""
        return [row["frame"] for path in self.places.journals for row in _rows(path) if "frame" in row]
