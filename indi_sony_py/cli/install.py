"""`indi-sony install`: the part of an installation that belongs to the system, after pip or pipx. Does I/O: files below
/usr/local, /etc and INDI's folder; udevadm and systemctl.

Rules kept here:

- It says each thing that it does, and `--dry-run` says them all without doing any.
- It writes its own files alone: a program of somebody else's in their place is left, and told.
- `--remove` takes back what it writes, and the folders that are empty then, and nothing else.
"""

from __future__ import annotations

import argparse
import grp
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from indi_sony_py.cli.main import whole_parser
from indi_sony_py.cli.output import Output
from indi_sony_py.cli.status import Status
from indi_sony_py.cli.system.plan import LOCAL, PACKAGE, PROGRAMS, UNIT, File, pages, plan
from indi_sony_py.cli.system.plan import paths as where
from indi_sony_py.cli.system.templates import GROUP
from indi_sony_py.errors import OutsideError
from indi_sony_py.texts import system

__all__ = ["add", "run"]

_TELL_UDEV = (
    ("udevadm", "control", "--reload"),
    ("udevadm", "trigger", "--action=change", "--subsystem-match=usb", "--attr-match=idVendor=054c"),
)
_EVERYBODYS = frozenset({"/usr/local/share", "/usr/local/share/man"})
_HERE = Path("/")
"""The machine that runs."""
_SERVERS = UNIT.replace("@", "@*")
"""All that were made of the unit, each for its user."""
_END_SERVERS = ("systemctl", "stop", _SERVERS)
_END_S = 960.0
"""The unit's own limit is 15 minutes."""
_TELL_SYSTEMD = (("systemctl", "daemon-reload"),)


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--remove", action="store_true", help=system.HELP_REMOVE())
    parser.add_argument("--dry-run", action="store_true", help=system.HELP_DRY_RUN())
    parser.add_argument("--root", type=Path, default=_HERE, metavar="FOLDER", help=system.HELP_ROOT())


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Put everything in place, or take it back."""
    work = _Work(arguments.root, arguments.dry_run, out)
    if arguments.remove:
        work.remove()
    else:
        work.install()
    out.data(dry_run=arguments.dry_run, root=str(arguments.root), files=work.files, commands=work.commands)
    return Status.DONE


class _Work:
    """One run. `files` and `commands`: what was written or removed, and run (or would be)."""

    def __init__(self, root: Path, dry: bool, out: Output) -> None:
        self._root = root
        self._dry = dry
        self._out = out
        self.files: list[str] = []
        self.commands: list[str] = []

    def install(self) -> None:
        if self._at(f"{PACKAGE.commands}/indi_sony_py").exists():
            raise OutsideError(system.FROM_PACKAGE)
        group = GROUP if self._has_group() else ""
        links = {f"{LOCAL.commands}/{name}": _program(name) for name in PROGRAMS}
        for path, target in links.items():
            self._link(path, target)
        for file in (*plan(LOCAL, group), *self._pages()):
            self._write(file.path, partial(Path.write_text, data=file.text, encoding="utf-8"), file.says)
        self._tell_the_system()
        self._say_groups(group)

    def remove(self) -> None:
        self._end_servers()
        paths = [f"{LOCAL.commands}/{name}" for name in PROGRAMS if self._at(f"{LOCAL.commands}/{name}").is_symlink()]
        paths += [path for path in where(LOCAL) if self._at(path).is_file()]
        paths += sorted(
            f"/{path.relative_to(self._root)}" for path in self._at(LOCAL.units).glob(f"*.wants/{_SERVERS}")
        )
        if self._at(f"{PACKAGE.commands}/indi_sony_py").exists():
            # INDI's folder has the package's file then.
            paths = [path for path in paths if not path.startswith(LOCAL.registration)]
        for path in paths:
            if not self._dry:
                self._guarded(path, self._at(path).unlink)
            self.files.append(path)
            self._out.say((system.WOULD_REMOVE if self._dry else system.REMOVED)(path=self._at(path)))
        if not paths:
            self._out.say(system.NOTHING_INSTALLED())
            return
        if not self._dry:
            self._tidy()
        self._tell_the_system()

    def _end_servers(self) -> None:
        """Servers that the unit started: open shutters are closed, and the frames saved, before the program goes."""
        if self._root == _HERE and _systemd_runs() and self._at(f"{LOCAL.units}/{UNIT}").is_file():
            self._run(_END_SERVERS, _END_S)

    def _tidy(self) -> None:
        """Folders of shells and manuals that most systems have only where somebody put something into them."""
        for folder in map(Path, (LOCAL.bash, LOCAL.zsh, LOCAL.fish, LOCAL.manuals)):
            while str(folder) not in _EVERYBODYS:
                try:
                    self._at(str(folder)).rmdir()
                except OSError:
                    break  # something lies in it, or it is not there
                folder = folder.parent

    def _pages(self) -> Sequence[File]:
        """They tell of every command, and a command may need a library that is not there."""
        try:
            return pages(LOCAL, whole_parser())
        except ImportError as fault:
            self._out.say(system.NO_PAGES(name=fault.name or fault))
            return ()

    # --- one thing each ---------------------------------------------------------------------------------------------

    def _link(self, path: str, target: Path) -> None:
        place = self._at(path)
        if place == target:
            return  # pip as root has put the program there itself
        if place.exists() and not place.is_symlink():
            raise OutsideError(system.IN_THE_WAY, path=place)

        def link(place: Path) -> None:
            place.unlink(missing_ok=True)
            place.symlink_to(target)

        self._write(path, link, system.FOR_COMMANDS())

    def _write(self, path: str, write: Callable[[Path], object], reason: str) -> None:
        place = self._at(path)
        if not self._dry:

            def do() -> None:
                place.parent.mkdir(parents=True, exist_ok=True)
                write(place)

            self._guarded(path, do)
        self.files.append(path)
        self._out.say((system.WOULD_WRITE if self._dry else system.WROTE)(path=place, reason=reason))

    def _guarded(self, path: str, do: Callable[[], object]) -> None:
        try:
            do()
        except OSError as error:
            command = " ".join([str(_program("indi-sony")), *sys.argv[1:]])
            raise OutsideError(system.NEEDS_ROOT, path=path, reason=error.strerror, command=command) from error

    def _tell_the_system(self) -> None:
        """Only the machine that runs can be told; another root is told when it starts."""
        if self._root != _HERE:
            return
        for command in (*_TELL_UDEV, *(_TELL_SYSTEMD if _systemd_runs() else ())):
            self._run(command)

    def _run(self, command: Sequence[str], limit_s: float = 60.0) -> None:
        words = " ".join(command)
        if self._dry:
            self._out.say(system.WOULD_RUN(command=words))
        else:
            try:
                subprocess.run(command, check=True, capture_output=True, text=True, timeout=limit_s)
            except (OSError, subprocess.SubprocessError) as error:
                said = getattr(error, "stderr", None) or error
                self._out.say(system.DID_NOT_RUN(command=words, reason=str(said).strip().rstrip(".")))
                return
            self._out.say(system.RAN(command=words))
        self.commands.append(words)

    # --- what is there ----------------------------------------------------------------------------------------------

    def _at(self, path: str) -> Path:
        return self._root / path.removeprefix("/")

    def _has_group(self) -> bool:
        try:
            lines = self._at("/etc/group").read_text("utf-8", "replace").splitlines()
        except OSError:
            return False
        return any(line.startswith(f"{GROUP}:") for line in lines)

    def _say_groups(self, group: str) -> None:
        if not group:
            self._out.say(system.NO_GROUP(group=GROUP))
            return
        user = os.environ.get("SUDO_USER", "")
        if user and self._root == _HERE and user not in grp.getgrnam(group).gr_mem:
            self._out.say(system.JOIN_GROUP(user=user, group=group))


def _systemd_runs() -> bool:
    return Path("/run/systemd/system").is_dir()


def _program(name: str) -> Path:
    """The program that pip made, beside the interpreter that runs now."""
    beside = Path(sys.executable).with_name(name)
    found = beside if beside.exists() else Path(shutil.which(name) or beside)
    if not found.exists():
        raise OutsideError(system.NO_PROGRAMS, path=beside)
    return found
