"""Debian's gphoto2 over PTP/IP looks through the simulated camera: previews and a movie, in between a photo."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.judges.network import gphoto2, kept, network_camera, ours_broken
from tools.rig import Rig

BODIES = ("ILCE-6500", "ILCE-7C")
FRAMES = 30


def pictures(stream: bytes) -> list[bytes]:
    """The JPEGs of a movie, one behind the other: none of ours holds a second begin."""
    return [b"\xff\xd8" + part for part in stream.split(b"\xff\xd8")[1:]]


@pytest.mark.parametrize("body", BODIES)
def test_a_preview_and_a_movie(rig: Rig, body: str) -> None:
    camera = network_camera(rig, body)
    gphoto2(rig, camera, "--capture-preview", "--filename", "preview.jpg")
    (preview,) = rig.folder.glob("*preview.jpg")
    with Image.open(preview) as picture:
        assert picture.size == (1024, 680)
    gphoto2(rig, camera, f"--capture-movie={FRAMES}", "--filename", "movie.mjpg")
    (movie,) = rig.folder.glob("movie.mjpg")
    shown = pictures(movie.read_bytes())
    assert len(shown) >= FRAMES
    for jpeg in shown:
        Image.open(io.BytesIO(jpeg)).load()
    assert ours_broken(camera) == []


def test_a_preview_before_a_photo(rig: Rig) -> None:
    camera = network_camera(rig, "ILCE-7C")
    gphoto2(rig, camera, "--capture-preview", "--filename", "preview.jpg")
    gphoto2(rig, camera, "--capture-image-and-download", "--filename", "judged.arw")
    (made,) = kept(rig)
    assert (rig.folder / "judged.arw").read_bytes() == made.read_bytes()
    assert ours_broken(camera) == []
