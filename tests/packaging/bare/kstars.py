"""KStars as it is installed, with no word of where drivers are: Ekos starts a profile with this driver by its label.

Runs as an ordinary user, on a display and a message bus of its own, in a process namespace in which KStars may end
whatever server it finds.
"""

from __future__ import annotations

import os
import pathlib
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
DEVICE = "Sony Alpha"
EKOS = ("/KStars/Ekos", "org.kde.kstars.Ekos")
SETTINGS = """[GUI]
RunStartupWizard=false

[TipOfDay]
RunOnStart=false
"""
home = pathlib.Path.home()
database = home / ".local/share/kstars/userdb.sqlite"


def until(made: Callable[[], T], limit_s: float, what: str) -> T:
    ends_at = time.monotonic() + limit_s
    while not (answer := made()):
        if time.monotonic() > ends_at:
            sys.exit(f"no {what} within {limit_s} s")
        time.sleep(0.5)
    return answer


def call(place: str, method: str, *words: str) -> str:
    """What KStars answers; "" while it does not."""
    command = ["gdbus", "call", "--session", "-d", "org.kde.kstars", "-o", place, "-m", method, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def read(name: str) -> str:
    return call(EKOS[0], "org.freedesktop.DBus.Properties.Get", EKOS[1], name)


def drivers() -> list[str]:
    """Where the programs of this driver lie that run now."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text().split("\0")
        except OSError:
            continue
        found += [word for word in words if word.endswith("bin/indi_sony_py") and "indiserver" not in words[0]]
    return found


def started() -> subprocess.Popen[bytes]:
    child = subprocess.Popen(["kstars"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: read("ekosStatus"), 120, "answer of KStars")
    return child


os.environ.update(QT_QPA_PLATFORM="xcb", LIBGL_ALWAYS_SOFTWARE="1", XDG_RUNTIME_DIR=str(home / "run"))
(home / "run").mkdir(mode=0o700, exist_ok=True)
(home / ".config").mkdir(exist_ok=True)
(home / ".config/kstarsrc").write_text(SETTINGS)
(home / ".config/kwalletrc").write_text("[Wallet]\nEnabled=false\nFirst Use=false\n")
child = started()
child.terminate()
child.wait(60)
with sqlite3.connect(database) as data:
    row = data.execute("insert into profile(name,autoconnect,guidertype,indihub,portselector) values('Night',0,0,0,0)")
    data.execute("insert into driver(label,role,profile) values(?,'CCD',?)", (DEVICE, row.lastrowid))
child = started()
call(EKOS[0], f"{EKOS[1]}.setProfile", "Night")
call(EKOS[0], f"{EKOS[1]}.start")
until(lambda: DEVICE in call("/KStars/INDI", "org.kde.kstars.INDI.getDevices"), 120, f"device {DEVICE} in KStars")
(program,) = drivers()
print(f"KStars: started {program} from the profile, and has the device {DEVICE}")
call(EKOS[0], f"{EKOS[1]}.stop")
until(lambda: not drivers(), 60, "end of the driver")
child.terminate()
child.wait(60)
