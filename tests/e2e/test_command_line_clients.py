"""The command line tools that come with indiserver see and set what the driver offers."""

from __future__ import annotations

import subprocess

from tests.e2e.frames import Body, body_camera, finished_presses
from tools.rig import DEVICE, Rig, Server

BODY = Body("ILCE-7SM3", "uncompressed", "3.00")


def _tool(name: str, server: Server, *words: str, limit_s: float = 20.0) -> subprocess.CompletedProcess[str]:
    command = [name, "-h", "127.0.0.1", "-p", str(server.port), "-t", str(int(limit_s)), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=limit_s + 10, check=False)


def test_properties_are_listed_set_and_read_back(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server()
    client = rig.connected(server)
    listed = _tool("indi_getprop", server, f"{DEVICE}.*.*", limit_s=2).stdout
    for wanted in (
        "CONNECTION.CONNECT=On",
        "CCD_INFO.CCD_MAX_X=4256",
        "CCD_INFO.CCD_MAX_Y=2848",
        "CCD_CFA.CFA_TYPE=RGGB",
    ):
        assert f"{DEVICE}.{wanted}" in listed
    assert _tool("indi_setprop", server, f"{DEVICE}.UPLOAD_MODE.UPLOAD_LOCAL=On").returncode == 0
    client.wait_state("UPLOAD_MODE", "Ok", 10)
    folder = rig.folder / "frames"
    folder.mkdir()
    words = f"{DEVICE}.UPLOAD_SETTINGS.UPLOAD_DIR;UPLOAD_PREFIX={folder};night_XXX"
    assert _tool("indi_setprop", server, words).returncode == 0
    client.wait_state("UPLOAD_SETTINGS", "Ok", 10)
    assert _tool("indi_setprop", server, f"{DEVICE}.CCD_EXPOSURE.CCD_EXPOSURE_VALUE=0.2").returncode == 0
    client.wait_state("CCD_EXPOSURE", "Ok", 30)
    (saved,) = folder.iterdir()
    assert saved.name == "night_001.fits"
    assert str(saved) in client.defined("CCD_FILE_PATH").values.values()
    finished_presses(camera, 1)
    assert camera.broken_rules() == []
