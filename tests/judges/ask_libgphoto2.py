"""A program of its own: python-gphoto2 sets two settings of a PTP/IP camera and takes a photo; prints a JSON object.

Run as `python ask_libgphoto2.py PORT FILE [NAME=VALUE …]`; PORT is `ptpip:…` or `usb:…`. With
ONLY_PTP in the environment no other camera library is loaded.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gphoto2 as gp


def leaves(widget: Any) -> Iterator[Any]:
    for child in widget.get_children():
        if child.count_children():
            yield from leaves(child)
        else:
            yield child


def only_ptp(folder: str) -> str:
    """A folder that holds the module's own PTP library alone; beside the one with all, since that finds others so."""
    place = Path(folder).with_name("ptp")
    place.mkdir(exist_ok=True)
    shutil.copy(Path(folder) / "ptp2.so", place)
    return str(place)


def main(port: str, file: str, *settings: str) -> dict[str, Any]:
    if "ONLY_PTP" in os.environ:
        # By emulation all camera libraries take 20 s to load; the module names its own folder for them.
        os.environ["CAMLIBS"] = only_ptp(os.environ["CAMLIBS"])
    abilities, ports, camera = gp.CameraAbilitiesList(), gp.PortInfoList(), gp.Camera()
    abilities.load()
    ports.load()
    model = "PTP/IP Camera"
    if port.startswith("usb:"):
        seen = abilities.detect(ports)
        model = next(seen.get_name(n) for n in range(seen.count()) if seen.get_value(n) == port)
    camera.set_abilities(abilities[abilities.lookup_model(model)])
    camera.set_port_info(ports[ports.lookup_path(port)])
    camera.init()
    try:
        said: dict[str, Any] = {"version": gp.gp_library_version(gp.GP_VERSION_SHORT)[0]}
        said["summary"] = str(camera.get_summary())
        said["names"] = sorted(widget.get_name() for widget in leaves(camera.get_config()))
        for setting in settings:
            name, _, value = setting.partition("=")
            widget = camera.get_single_config(name)
            said[f"choices of {name}"] = [widget.get_choice(place) for place in range(widget.count_choices())]
            widget.set_value(value)
            camera.set_single_config(name, widget)
        path = camera.capture(gp.GP_CAPTURE_IMAGE)
        camera.file_get(path.folder, path.name, gp.GP_FILE_TYPE_NORMAL).save(file)
        said["file"] = path.name
        return said
    finally:
        camera.exit()


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
