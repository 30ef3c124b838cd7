"""Live view through the real server to a client of libindi: whole pictures, a photo in between, a recording."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from PIL import Image

from indi_sony_py.image.ser import HEAD_BYTES, decode_head
from tests.e2e.frames import read_fits
from tools.client import Client, What
from tools.processes import Late, until
from tools.rig import Rig

LIMIT_S = 60.0


def pictures(client: Client, count: int, form: str) -> list[bytes]:
    """So many frames of the stream; photos in between are left out."""
    found: list[bytes] = []
    end = time.monotonic() + LIMIT_S
    while len(found) < count and (left := end - time.monotonic()) > 0:
        event = client.next(left)
        if event is not None and event.what is What.BLOB and event.text == form:
            found.append(bytes(event.data))
    if len(found) < count:
        raise Late(f"{len(found)} of {count} pictures; the driver said {client.messages[-5:]}")
    return found


@pytest.mark.timeout(240)
def test_a_stream_a_photo_pixels_and_a_recording(rig: Rig, tmp_path: Path) -> None:
    camera = rig.camera(body="ILCE-7M3", seed=7)
    client = rig.connected(rig.server())
    client.set_number("LIMITS", LIMITS_PREVIEW_FPS=30)
    client.set_switch("CCD_VIDEO_STREAM", "STREAM_ON")
    for jpeg in pictures(client, 30, ".stream_jpg"):
        with Image.open(io.BytesIO(jpeg)) as opened:
            opened.load()
            assert opened.size == (1024, 680)
    client.expose(1.0)
    photo = client.wait(lambda e: e.what is What.BLOB and e.text == ".fits", LIMIT_S, "photo")
    assert read_fits(photo.data)[1].size > 1_000_000
    pictures(client, 5, ".stream_jpg")
    client.set_switch("CCD_STREAM_ENCODER", "RAW")
    assert {len(pixels) for pixels in pictures(client, 3, ".stream")} == {1024 * 680 * 3}
    client.set_text("RECORD_FILE", RECORD_FILE_DIR=str(tmp_path), RECORD_FILE_NAME="moon")
    client.set_number("RECORD_OPTIONS", RECORD_FRAME_TOTAL=20)
    client.set_switch("RECORD_STREAM", "RECORD_FRAME_ON")
    path = until(lambda: next(tmp_path.glob("*.ser"), None), bool, LIMIT_S, "a recording")
    assert path is not None
    whole = HEAD_BYTES + 20 * (1024 * 680 * 3 + 8)
    until(lambda: path.stat().st_size, lambda size: size == whole, LIMIT_S, "the end of the recording")
    assert decode_head(path.read_bytes()[:HEAD_BYTES])["frames"] == 20
    client.set_switch("CCD_VIDEO_STREAM", "STREAM_OFF")
    client.wait_state("CCD_VIDEO_STREAM", "Idle", LIMIT_S)
    assert camera.broken_rules() == []
