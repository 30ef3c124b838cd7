"""A driver whose Python lacks libraries starts, says what is missing and what to do, and does what can be done."""

from __future__ import annotations

from pathlib import Path

from indi_sony_py import texts
from indi_sony_py.image.installed import DECODER
from tests.e2e.frames import Body, body_camera, expose, finished_presses, judge, said
from tools.client import Client
from tools.rig import Rig

_BLOCKER = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name in {names!r} or name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocked())
"""


def _client_without(rig: Rig, *names: str) -> Client:
    """A client of a driver whose Python finds none of these modules."""
    folder = rig.folder / "blocked"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_BLOCKER.format(names=names))
    client = rig.client(rig.server(rig.environment(PYTHONPATH=str(folder))))
    client.defined("CONNECTION", 20)
    client.set_switch("CONNECTION", "CONNECT")
    return client


def test_without_rawpy_and_numpy_the_file_is_kept_and_native_works(rig: Rig) -> None:
    camera = body_camera(rig, Body("ILCE-7SM3", "lossy", "3.00"))
    client = _client_without(rig, "rawpy", "numpy", DECODER)
    client.wait_state("CONNECTION", "Ok", 40)
    said(client, texts.frames.NO_NUMPY(), 10)
    client.defined("CCD_EXPOSURE", 10)
    client.expose(0.25)
    client.wait_state("CCD_EXPOSURE", "Alert", 60)
    told = said(client, ".arw", 10)
    assert Path(told.split()[-1].rstrip(".")).stat().st_size > 0
    client.set_switch("CCD_TRANSFER_FORMAT", "FORMAT_NATIVE")
    client.expose(0.25)
    assert client.blob(60).text == ".arw"
    finished_presses(camera, 2)
    assert camera.broken_rules() == []


def test_without_rawpy_an_uncompressed_file_becomes_a_true_frame(rig: Rig) -> None:
    body = Body("ILCE-7SM3", "uncompressed", "3.00")
    camera = body_camera(rig, body)
    client = _client_without(rig, "rawpy", DECODER)
    client.wait_state("CONNECTION", "Ok", 40)
    said(client, texts.frames.NO_RAWPY(), 10)
    client.defined("CCD_EXPOSURE", 10)
    frame = expose(client, 0.25)
    judge(frame, finished_presses(camera, 1)[0], body)
    assert camera.broken_rules() == []


def test_without_pyusb_the_connection_fails_with_what_to_install(rig: Rig) -> None:
    client = _client_without(rig, "usb")
    client.wait_state("CONNECTION", "Alert", 40)
    said(client, texts.cable.NO_PYUSB.happened(), 10)
