"""What live view shows: JPEGs that a foreign decoder reads, with the stars where they are in the photos."""

from __future__ import annotations

import io
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from indi_sony_py.sim.dct import encode_picture
from indi_sony_py.sim.geometry import small
from indi_sony_py.sim.livepictures import LivePictures, size_of
from indi_sony_py.sim.night import PLAIN
from indi_sony_py.sim.profile import profile_of
from indi_sony_py.sim.scene import Scene
from indi_sony_py.sim.sky import Sky
from indi_sony_py.sim.studio import LiveStudio
from indi_sony_py.sony.liveview import decode_live_view, encode_live_view
from indi_sony_py.sony.magnifier import ANYWHERE, Window, part
from indi_sony_py.sony.magnifier import window as window_of
from indi_sony_py.sony.snapshot import Version


def pixels(jpeg: bytes) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"), np.float64)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**31))
@settings(max_examples=40)
def test_a_foreign_decoder_reads_what_was_written(width: int, height: int, seed: int) -> None:
    dice = np.random.default_rng(seed)
    smooth = np.cumsum(dice.normal(0, 3, (height, width, 3)), axis=1) + dice.uniform(40, 200, 3)
    picture = np.clip(smooth, 0, 255).astype(np.uint8)
    found = pixels(encode_picture(picture, quality=16.0))
    assert found.shape == picture.shape
    assert np.abs(found - picture).mean() < 2


@pytest.mark.parametrize("noise", [0, 60])
def test_flat_and_wild_pictures(noise: int) -> None:
    picture = np.clip(np.random.default_rng(3).normal(128, noise, (64, 80, 3)), 0, 255).astype(np.uint8)
    assert np.abs(pixels(encode_picture(picture, quality=100.0)) - picture).max() <= 6


class Before:
    """What is before the camera."""

    def __init__(self) -> None:
        self.scene, self.window = "sky", Window()

    def __call__(self) -> Scene:
        return Scene(self.scene, 800, PLAIN, self.window)


def test_the_stars_are_where_they_are_in_the_photos() -> None:
    sky = Sky(5, small(2072, 1376))
    live = LivePictures(sky, Before(), (512, 340))
    jpeg = live()
    found = decode_live_view(encode_live_view(jpeg, Version.V300), Version.V300)
    assert found is not None and (found.width, found.height) == (512, 340)
    grey = pixels(jpeg).mean(axis=2) ** 2
    bright = sorted(live.places(), key=lambda star: -star[2])[:8]
    for x, y, _ in bright:
        left, top = round(x) - 3, round(y) - 3
        patch = grey[top : top + 7, left : left + 7] - np.median(grey)
        patch = np.clip(patch, 0, None)
        down, across = np.mgrid[0:7, 0:7]
        assert (patch * across).sum() / patch.sum() + left == pytest.approx(x, abs=0.4)
        assert (patch * down).sum() / patch.sum() + top == pytest.approx(y, abs=0.4)


@pytest.mark.parametrize("tenths", [10, 21, 41, 110])
def test_the_magnifier_shows_a_part_of_the_picture_as_large_as_the_whole(tenths: int) -> None:
    """Each star of that part where it is in the whole picture, so much farther from the part's corner."""
    sky, before = Sky(5, small(2072, 1376)), Before()
    live = LivePictures(sky, before, (512, 340))
    whole = {electrons: (x, y) for x, y, electrons in live.places()}
    x, y = whole[max(whole)]
    before.window = window = window_of(part(tenths << 32 | ANYWHERE, (x / 512, y / 340)))
    jpeg = live()
    assert pixels(jpeg).shape == (340, 512, 3)
    grey = pixels(jpeg).mean(axis=2) ** 2
    inside = [star for star in live.places() if 8 < star[0] < 504 and 8 < star[1] < 332]
    assert inside
    for x, y, electrons in inside:
        full_x, full_y = whole[electrons]
        assert full_x == pytest.approx(512 * window.left + (x + 0.5) * window.side - 0.5, abs=1e-6)
        assert full_y == pytest.approx(340 * window.top + (y + 0.5) * window.side - 0.5, abs=1e-6)
    x, y, _ = max(inside, key=lambda star: star[2])
    patch = grey[round(y) - 8 : round(y) + 9, round(x) - 8 : round(x) + 9]
    patch = np.clip(patch - np.median(grey), 0, None) ** 2
    down, across = np.mgrid[-8:9, -8:9]
    assert (patch * across).sum() / patch.sum() + round(x) == pytest.approx(x, abs=1)
    assert (patch * down).sum() / patch.sum() + round(y) == pytest.approx(y, abs=1)


def test_frames_differ_in_their_noise_and_are_made_once_for_a_scene() -> None:
    scene = Before()
    live = LivePictures(Sky(1, small()), scene, (64, 40))
    first = [live() for _ in range(8)]
    assert len(set(first)) == 4 and first[:4] == first[4:]
    scene.scene = "dark"
    dark = live()
    assert pixels(dark).mean() < pixels(first[0]).mean()
    scene.scene = "flat"
    assert pixels(live()).mean() > 250


def test_in_real_time_they_are_made_beside_the_camera() -> None:
    """Nothing until the first is there; the old scene until the first of the new one is."""
    scene, begun, go = Before(), threading.Event(), threading.Semaphore(0)

    class Slow(LivePictures):
        def make(self, scene: Scene, turn: int) -> bytes:
            begun.set()
            assert go.acquire(timeout=20)
            return f"{scene[0]} {turn}".encode()

    studio = LiveStudio(Slow(Sky(1, small()), scene), scene)
    assert studio() is None and begun.wait(20) and studio() is None
    go.release(4)
    shown = iter_until(studio, 4)
    assert shown == {b"sky 0", b"sky 1", b"sky 2", b"sky 3"}
    scene.scene = "dark"
    assert studio() in shown
    go.release(4)
    assert iter_until(studio, 8) >= {b"dark 0", b"dark 1", b"dark 2", b"dark 3"}


def iter_until(studio: LiveStudio, count: int) -> set[bytes]:
    """What it shows, until it has shown so many different ones."""
    seen: set[bytes] = set()
    end = time.monotonic() + 20
    while len(seen) < count and time.monotonic() < end:
        picture = studio()
        if picture is not None:
            seen.add(picture)
        if {b"dark 0", b"dark 1", b"dark 2", b"dark 3"} <= seen:
            break
    return seen


def test_the_size_of_a_body() -> None:
    assert size_of(profile_of("ILCE-7SM3")) == (1024, 680)
    assert size_of(profile_of("ZV-E10")) == (1024, 576)
