"""INDI Web Manager finds the driver by its XML, starts it, connects its camera, stops it: asked over its REST API."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indi_sony_py.cli.system.templates import registration
from tools.processes import Child, children_of, name_of_process, process_ended, until
from tools.rig import DEVICE, DRIVER, Rig, free_port

_STARTS_S = 60.0


class WebManager:
    """The program on free ports, with its own folder of drivers, and short ways to ask it."""

    def __init__(self, rig: Rig) -> None:
        self.indi_port, self.web_port = free_port(), free_port()
        drivers, tools = rig.folder / "drivers", rig.folder / "bin"
        drivers.mkdir()
        tools.mkdir()
        shutil.copy("/usr/share/indi/drivers.xml", drivers)
        (drivers / "indi_sony_py.xml").write_text(registration(), encoding="utf-8")
        # It asks the standard port only, and ends every indiserver of the machine where it cannot find its own.
        for name in ("indi_getprop", "indi_setprop"):
            self._script(tools / name, f'exec {shutil.which(name)} -p {self.indi_port} "$@"')
        self._script(tools / "pkill", "exit 1")
        env = rig.environment()
        env["PATH"] = f"{tools}:{DRIVER.parent}:{env['PATH']}"
        command = [str(DRIVER.with_name("indi-web")), "-H", "127.0.0.1", "-P", str(self.web_port)]
        command += ["-p", str(self.indi_port), "-f", str(rig.folder / "web.fifo"), "-c", str(rig.folder / "conf")]
        (rig.folder / "conf").mkdir()
        self.child = Child([*command, "-x", str(drivers)], env, name="indi-web")

    def _script(self, path: Path, line: str) -> None:
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.web_port}/api/{path}", data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def answers(self) -> bool:
        try:
            self.ask("GET", "server/status")
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def running(self) -> bool:
        return bool(self.ask("GET", "server/status")[0]["status"] == "True")


@pytest.fixture
def manager(rig: Rig) -> Iterator[WebManager]:
    if not DRIVER.with_name("indi-web").exists():
        pytest.skip("indi-web is not installed (Python package indiweb)")
    rig.camera(body="ILCE-7SM3")
    made = WebManager(rig)
    try:
        until(made.answers, bool, _STARTS_S, "answer of indi-web")
        yield made
        if made.running():
            made.ask("POST", "server/stop")
    finally:
        made.child.stop()


def drivers_of(pid: int) -> list[int]:
    """The INDI drivers among the descendants of a process, by their names, as this program tells drivers."""
    found = []
    for child in children_of(pid):
        found += [child] if name_of_process(child).startswith("indi_") else drivers_of(child)
    return found


def test_it_starts_connects_and_stops_the_driver(rig: Rig, manager: WebManager) -> None:
    families = manager.ask("GET", "drivers/groups")
    assert "CCDs" in families
    (entry,) = (each for each in manager.ask("GET", "drivers") if each["label"] == DEVICE)
    assert (entry["name"], entry["binary"], entry["family"]) == (DEVICE, "indi_sony_py", "CCDs")
    manager.ask("POST", "profiles/Night")
    manager.ask("POST", "profiles/Night/drivers", [{"label": DEVICE}])
    manager.ask("PUT", "profiles/Night", {"port": manager.indi_port, "autostart": 0, "autoconnect": 1})
    manager.ask("POST", "server/start/Night")
    assert manager.running()
    assert [each["label"] for each in manager.ask("GET", "server/drivers")] == [DEVICE]
    (driver,) = until(lambda: drivers_of(manager.child.pid), bool, _STARTS_S, "driver")
    assert name_of_process(driver) == "indi_sony_py"
    # It connects the devices 3 s after the start, under the name that the driver has by then.
    assert until(lambda: manager_sees_camera(rig), bool, _STARTS_S, "connection to the camera")
    manager.ask("POST", "server/stop")
    assert process_ended(driver, 20) and not manager.running()


def manager_sees_camera(rig: Rig) -> bool:
    return bool(rig.cameras[0].control(command="state")["session"])
