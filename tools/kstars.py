"""KStars and Ekos on a desktop of its own, driven over its message bus. Starts processes; writes into its own home.

Rules kept here:

- The home is this KStars' own: its settings, its database of profiles, its server's port.
- The database is made by KStars itself in a first run; profiles are rows that are put into it, as its editor does.
- It is told to stop the devices before it is ended, so that nothing that it started outlives it.
- It ends no server but its own. Before it starts one it looks for others on the whole machine, asks, and after 5 s ends
  them all by name (`pkill`): here the programs that it asks for that are stand-ins, which see nothing and end nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jeepney import DBusAddress

from tools.desktop import BusError, Desktop, missing_programs
from tools.processes import Child, Late, children_of, name_of_process, process_ended, until

__all__ = ["INDI", "KStars", "Profile", "add_profiles", "give_focuser", "make_home", "missing_kstars", "version"]

_NAME = "org.kde.kstars"
EKOS = DBusAddress("/KStars/Ekos", _NAME, "org.kde.kstars.Ekos")
CAPTURE = DBusAddress("/KStars/Ekos/Capture", _NAME, "org.kde.kstars.Ekos.Capture")
FOCUS = DBusAddress("/KStars/Ekos/Focus", _NAME, "org.kde.kstars.Ekos.Focus")
INDI = DBusAddress("/KStars/INDI", _NAME, "org.kde.kstars.INDI")
_STARTS_S = 60.0
_SUCCESS, _ERROR = 2, 3

_SETTINGS = """[GUI]
RunStartupWizard=false
ShowInfoBoxes=false

[TipOfDay]
RunOnStart=false

[indi]
indiServer[$e]=$HOME/bin/indiserver
indiDriversDir={drivers}
serverPortStart={port}
serverPortEnd=65535

[Capture]
ManualCoverTimeout={cover_s}

[DarkLibrary]
shutterfulCCDs={device}

[FITSViewer]
useFITSViewer=false

[Focus]
FocusUseFullField=true
FocusExposure=1
FocusOutSteps=4
FocusAlgorithm=2
"""
_COVER_S = 1
_STAND_INS = {
    "ps": "exit 1",
    "pkill": "exit 1",
    "killall": "exit 1",
    # Two servers of one machine need Unix sockets of different names.
    "indiserver": 'exec {server} -u "$HOME/indi.sock" "$@"',
}
_SERVER_ENDS_S = 10.0
_NO_WALLET = "[Wallet]\nEnabled=false\nFirst Use=false\n"


@dataclass(frozen=True)
class Profile:
    """A profile of Ekos. `drivers`: pairs of role ("CCD") and label. `port` 0: KStars starts the server itself."""

    name: str
    drivers: tuple[tuple[str, str], ...]
    port: int = 0


def missing_kstars() -> list[str]:
    """Debian packages that are needed for all of this and are not there."""
    return missing_programs() + ([] if shutil.which("kstars") else ["kstars"])


def version() -> str:
    """Of the KStars that is installed, as its package says; empty if there is none."""
    command = ["dpkg-query", "-W", "-f", "${Version}", "kstars"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


class KStars:
    """A running KStars. Use as a context manager, inside the desktop."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        env = desktop.env | {"PATH": f"{desktop.home / 'bin'}:{desktop.env['PATH']}"}
        self.child = Child(["kstars"], env, name="kstars")
        try:
            until(self._answers, bool, _STARTS_S, "answer of KStars")
        except Late:
            self.child.stop()
            raise

    def __enter__(self) -> KStars:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(BusError, Late):
            self.stop_profile()
        self.end()

    def end(self) -> None:
        """Ends it, whatever it is doing, and the servers that it started: they would outlive it."""
        servers = self.servers()
        self.child.stop()
        for pid in servers:
            if not process_ended(pid, 0):
                os.kill(pid, signal.SIGTERM)
                process_ended(pid, _SERVER_ENDS_S)

    def servers(self) -> list[int]:
        """The process ids of the INDI servers that it started itself."""
        return [pid for pid in children_of(self.child.pid) if name_of_process(pid) == "indiserver"]

    def drivers(self) -> list[int]:
        """The process ids of the drivers of these servers."""
        return [pid for server in self.servers() for pid in children_of(server)]

    def _answers(self) -> bool:
        if not self.child.running():
            raise Late(f"KStars ended by itself:\n{self.child.tail()}")
        try:
            self.desktop.read(EKOS, "ekosStatus")
        except BusError:
            return False
        return True

    # --- profiles and devices ---------------------------------------------------------------------------------------

    def start_profile(self, name: str, limit_s: float = 60.0) -> None:
        """Starts the profile and waits until its devices are connected. Raises `Late`."""
        self.desktop.call(EKOS, "setProfile", "s", name)
        self.desktop.call(EKOS, "start", limit_s=limit_s)
        for status in ("indiStatus", "ekosStatus"):
            if until(partial(self.status, status), lambda found: found >= _SUCCESS, limit_s, status) == _ERROR:
                raise Late(f"{status} is an error; Ekos says {self.ekos_log()[:5]}")

    def stop_profile(self, limit_s: float = 20.0) -> None:
        """Disconnects the devices and stops the profile."""
        self.desktop.call(EKOS, "disconnectDevices", limit_s=limit_s)
        self.desktop.call(EKOS, "stop", limit_s=limit_s)
        until(partial(self.status, "indiStatus"), lambda found: found == 0, limit_s, "end of the profile")

    def status(self, name: str) -> int:
        """`indiStatus` or `ekosStatus`: 0 idle, 1 pending, 2 success, 3 error."""
        found = self.desktop.read(EKOS, name)
        return int(found[0] if isinstance(found, tuple) else found)

    def ekos_log(self) -> list[str]:
        """What Ekos wrote, the newest first."""
        return list(self.desktop.read(EKOS, "logText"))

    def devices(self) -> list[str]:
        return list(self.desktop.call(INDI, "getDevices"))

    def properties(self, device: str) -> list[str]:
        """NAME.ELEMENT of all that KStars knows of a device."""
        return list(self.desktop.call(INDI, "getProperties", "s", device))

    def state_of(self, device: str, name: str) -> str:
        return str(self.desktop.call(INDI, "getPropertyState", "ss", device, name))

    def number(self, device: str, name: str, element: str) -> float:
        return float(self.desktop.call(INDI, "getNumber", "sss", device, name, element))

    def switch(self, device: str, name: str, element: str) -> str:
        return str(self.desktop.call(INDI, "getSwitch", "sss", device, name, element))

    def choose(self, device: str, name: str, element: str) -> None:
        """Turns a switch on, as the control panel does."""
        self.desktop.call(INDI, "setSwitch", "ssss", device, name, element, "On")
        self.desktop.call(INDI, "sendProperty", "ss", device, name)

    # --- capture ----------------------------------------------------------------------------------------------------

    def load_sequence(self, path: Path, limit_s: float = 30.0) -> None:
        """Loads a `.esq`. Until Ekos knows the camera's choices it takes any kind of frame for another: it is asked
        what it understood, and told again.
        """
        wanted = _kinds(path.read_text())
        until(partial(self._load_sequence, path), lambda found: found == wanted, limit_s, f"jobs {wanted}")

    def _load_sequence(self, path: Path) -> list[str]:
        understood = path.with_suffix(".understood.esq")
        self.capture("clearSequenceQueue")
        if not self.capture("loadSequenceQueue", "s", str(path)):
            raise Late(f"Ekos does not take {path}: {self.capture_log()[:5]}")
        self.capture("ignoreSequenceHistory")
        self.capture("saveSequenceQueue", "s", str(understood))
        return _kinds(understood.read_text())

    def start_sequence(self) -> None:
        self.capture("start")

    def abort_sequence(self) -> None:
        self.capture("abort")

    def wait_sequence(self, *wanted: str, limit_s: float) -> str:
        """Waits until the queue is in one of these states ("Complete", "Aborted", "Error", "Running" ...)."""
        try:
            return until(self.sequence_status, lambda found: found in wanted, limit_s, f"state {' or '.join(wanted)}")
        except Late as late:
            raise Late(f"{late}; Ekos says {self.capture_log()[:8]}") from None

    def sequence_status(self) -> str:
        return str(self.capture("getSequenceQueueStatus"))

    def job_states(self) -> list[str]:
        return [str(self.capture("getJobState", "i", job)) for job in range(int(self.capture("getJobCount")))]

    def capture(self, method: str, signature: str = "", *arguments: Any) -> Any:
        """A method of Ekos' capture module."""
        return self.desktop.call(CAPTURE, method, signature, *arguments)

    def capture_log(self) -> list[str]:
        """What the capture module wrote, the newest first."""
        return list(self.desktop.read(CAPTURE, "logText"))

    # --- focus ------------------------------------------------------------------------------------------------------

    def focus(self, method: str, signature: str = "", *arguments: Any) -> Any:
        """A method of Ekos' focus module."""
        return self.desktop.call(FOCUS, method, signature, *arguments)

    def focus_state(self) -> int:
        """0 idle, 1 complete, 2 failed, 3 aborted; 4 and more: at work."""
        return int(self.desktop.read(FOCUS, "status"))

    def focus_log(self) -> list[str]:
        """What the focus module wrote, the newest first."""
        return list(self.desktop.read(FOCUS, "logText"))

    def hfr(self) -> float:
        """That of the last frame, pixels; 0 before there is one."""
        return float(self.desktop.read(FOCUS, "HFR"))

    def position(self, device: str) -> float:
        """Of the focuser, as its device told it."""
        return self.number(device, "ABS_FOCUS_POSITION", "FOCUS_ABSOLUTE_POSITION")

    def go_to(self, device: str, position: float, limit_s: float = 60.0) -> None:
        """Moves the focuser, as the control panel does. Raises `Late`."""
        name = "ABS_FOCUS_POSITION"
        self.desktop.call(INDI, "setNumber", "sssd", device, name, "FOCUS_ABSOLUTE_POSITION", float(position))
        self.desktop.call(INDI, "sendProperty", "ss", device, name)
        there = lambda: self.state_of(device, name) == "Ok" and abs(self.position(device) - position) < 1  # noqa: E731
        until(there, bool, limit_s, f"position {position}")

    # --- windows ----------------------------------------------------------------------------------------------------

    def trigger(self, action: str) -> None:
        """An entry of KStars' menus."""
        place = DBusAddress(f"/kstars/MainWindow_1/actions/{action}", _NAME, "org.qtproject.Qt.QAction")
        self.desktop.call(place, "trigger")


def make_home(folder: Path, drivers: Path, port: int, device: str) -> Path:
    """A home in which KStars has been started once: it has its database. `drivers`: folder with drivers.xml and ours.

    The questions about the shutter of `device` and about covers are answered; frames are shown in Ekos alone.
    """
    home = folder / "home"
    config = home / ".config"
    config.mkdir(parents=True)
    _write_stand_ins(home / "bin")
    settings = _SETTINGS.format(drivers=drivers, port=port, cover_s=_COVER_S, device=device)
    (config / "kstarsrc").write_text(settings)
    (config / "kwalletrc").write_text(_NO_WALLET)
    with Desktop(folder) as desktop, KStars(desktop):
        pass
    if not _database(home).exists():
        raise Late("KStars made no database in its first run")
    return home


def _write_stand_ins(folder: Path) -> None:
    """What KStars finds first when it looks for these programs."""
    folder.mkdir()
    server = shutil.which("indiserver") or "/usr/bin/indiserver"
    for name, line in _STAND_INS.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{line.replace('{server}', server)}\n")
        path.chmod(0o755)


def give_focuser(home: Path, device: str) -> None:
    """Puts a focuser into the optical trains that KStars has made; it reads them at the next start of the profile."""
    with closing(sqlite3.connect(_database(home))) as data, data:
        data.execute("update opticaltrains set focuser=?", (device,))


def _kinds(text: str) -> list[str]:
    """What tells jobs apart that Ekos misunderstood: kind, format and encoding of each."""
    return re.findall(r"<(?:Type>(?:Light|Dark|Bias|Flat)|Format>[^<]*|Encoding>[^<]*)", text)


def add_profiles(home: Path, profiles: Sequence[Profile]) -> None:
    """Puts profiles into the database of a KStars that does not run."""
    with closing(sqlite3.connect(_database(home))) as data, data:
        for profile in profiles:
            remote = ("127.0.0.1", profile.port) if profile.port else (None, None)
            row = data.execute(
                "insert into profile(name,host,port,autoconnect,guidertype,indihub,portselector) values(?,?,?,1,0,0,0)",
                (profile.name, *remote),
            ).lastrowid
            for role, label in profile.drivers:
                data.execute("insert into driver(label,role,profile) values(?,?,?)", (label, role, row))


def _database(home: Path) -> Path:
    return home / ".local" / "share" / "kstars" / "userdb.sqlite"
