"""Live view on the stage: pictures that can be told apart, and what a client does with a stream."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import count

from PIL import Image

from tests.stage import Frame, Stage

__all__ = ["SIZE", "frames", "jpegs", "number_of", "show", "stream_on"]

SIZE = (64, 48)
_STEP = 5


def jpegs(size: tuple[int, int] = SIZE) -> Callable[[], bytes]:
    """Each call gives another picture, of one grey: `number_of` reads which one it is, modulo 48."""
    numbers: Iterator[int] = count()
    made: dict[int, bytes] = {}

    def picture() -> bytes:
        grey = 8 + _STEP * (next(numbers) % 48)
        if grey not in made:
            out = io.BytesIO()
            Image.new("RGB", size, (grey, grey, grey)).save(out, "JPEG", quality=95)
            made[grey] = out.getvalue()
        return made[grey]

    return picture


def number_of(data: bytes, form: str) -> int:
    """Which picture this is, modulo 48; every pixel must say the same."""
    if form == ".stream_jpg":
        with Image.open(io.BytesIO(data)) as opened:
            data = opened.convert("RGB").tobytes()
    assert max(data) - min(data) <= 2
    return round((data[0] - 8) / _STEP)


def show(stage: Stage, size: tuple[int, int] = SIZE) -> None:
    """What the camera sees from now on."""
    stage.camera.camera.live.pictures = jpegs(size)


def frames(stage: Stage) -> list[Frame]:
    """What came of the stream."""
    return [frame for frame in stage.client.frames if "stream" in frame.format]


def stream_on(stage: Stage, *, fps: float = 30) -> None:
    """The camera is connected, and live view has begun to come."""
    show(stage)
    stage.connect()
    stage.client.number("LIMITS", LIMITS_PREVIEW_FPS=fps)
    stage.client.switch("CCD_VIDEO_STREAM", "STREAM_ON")
    stage.until(lambda: frames(stage), 10.0)
