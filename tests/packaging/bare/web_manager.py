"""INDI Web Manager as it is installed, with no word of where drivers are: it lists this one, and starts it."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
WEB, INDI = 8701, 7703


def ask(method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{WEB}/api/{path}", data, method=method)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def until(made: Callable[[], T], limit_s: float, what: str) -> T:
    ends_at = time.monotonic() + limit_s
    while True:
        try:
            if answer := made():
                return answer
        except (urllib.error.URLError, ConnectionError):
            pass
        if time.monotonic() > ends_at:
            sys.exit(f"no {what} within {limit_s} s")
        time.sleep(0.2)


def drivers() -> list[str]:
    """Names of this user's processes, as this program tells drivers."""
    names = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == os.getuid():
                names.append((folder / "comm").read_text().strip())
        except OSError:
            continue
    return [name for name in names if name == "indi_sony_py"]


home = pathlib.Path.home()
program = pathlib.Path(sys.executable).with_name("indi-web")
# It ends every indiserver of the machine where it cannot find its own: not in this test.
tools = home / "tools"
tools.mkdir(exist_ok=True)
(tools / "pkill").write_text("#!/bin/sh\nexit 1\n")
(tools / "pkill").chmod(0o755)
environment = dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}")
words = [str(program), "-H", "127.0.0.1", "-P", str(WEB), "-p", str(INDI)]
words += ["-f", str(home / "web.fifo"), "-c", str(home / "conf")]
(home / "conf").mkdir(exist_ok=True)
web = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    found = until(lambda: [row for row in ask("GET", "drivers") if row["label"] == "Sony Alpha"], 60, "list of drivers")
    assert [(row["binary"], row["family"]) for row in found] == [("indi_sony_py", "CCDs")], found
    ask("POST", "profiles/Night")
    ask("POST", "profiles/Night/drivers", [{"label": "Sony Alpha"}])
    ask("PUT", "profiles/Night", {"port": INDI, "autostart": 0, "autoconnect": 0})
    ask("POST", "server/start/Night")
    until(drivers, 60, "driver that it started")
    print("INDI Web Manager: lists Sony Alpha under CCDs, and started it")
    ask("POST", "server/stop")
finally:
    web.terminate()
    web.wait(20)
