"""Live view and a client that hardly reads: it misses frames, nothing queues up for it, and each photo arrives whole.

The server keeps what a client has not read yet, but of live view nothing more for one that is behind (-d: 5 MB). How
long it holds a frame back for nobody else, the driver does not learn: it asks the server alone.
"""

from __future__ import annotations

import re
import time

import pytest

from tests.e2e.frames import body_camera, finished_presses, judge, read_fits
from tests.e2e.test_many_clients import BODY, _frame
from tools.client import What
from tools.rig import Rig
from tools.wire import Wire, blobs, enable_blob

_FRAME = re.compile(rb'<oneBLOB[^>]* format="\.stream_jpg"')
_PHOTO = re.compile(rb'<oneBLOB[^>]* format="\.fits"')
STREAMS_S = 12.0


@pytest.mark.timeout(240)
def test_frames_are_left_out_for_it_and_the_photo_is_not(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server(options=("-r", "0", "-d", "1", "-m", "200"))
    fast = rig.connected(server)
    with Wire(server.port, buffer=4096) as slow:
        slow.get_properties()
        slow.send(enable_blob("Also"))
        fast.set_number("LIMITS", LIMITS_PREVIEW_FPS=30)
        fast.set_switch("CCD_VIDEO_STREAM", "STREAM_ON")
        shown, end = 0, time.monotonic() + STREAMS_S
        while (left := end - time.monotonic()) > 0:
            event = fast.next(left)
            shown += event is not None and event.what is What.BLOB and event.text == ".stream_jpg"
        assert shown > 50, "the fast one is not held up"
        fast.expose(0.25)
        photo = fast.wait(lambda e: e.what is What.BLOB and e.text == ".fits", 60, "photo")
        judge(_frame(bytes(photo.data)), finished_presses(camera, 1)[-1], BODY)
        # Now it reads: what the server kept for it is little of live view, and all of the photo.
        at = slow.until(b'format=".fits"', 60)
        slow.until(b"</setBLOBVector>", 60, at)
        fast.set_switch("CCD_VIDEO_STREAM", "STREAM_OFF")
        received = bytes(slow.received)
    kept = len(_FRAME.findall(received, 0, at))
    assert 0 < kept < shown / 2, f"{kept} of {shown} frames waited for who did not read"
    (begin,) = _PHOTO.finditer(received)
    (whole,) = blobs(received[begin.start() : received.index(b"</setBLOBVector>", begin.start())])
    assert whole == bytes(photo.data) and read_fits(whole)
    assert camera.broken_rules() == []
