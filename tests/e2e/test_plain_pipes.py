"""The driver by itself, its ends plain pipes or filled with garbage: as an older server starts it, or a broken one."""

from __future__ import annotations

import base64
import re
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.frames import Body, Frame, body_camera, judge, read_fits
from tools.client import Event, What
from tools.processes import Late
from tools.rig import DEVICE, DRIVER, Rig
from tools.wire import new_vector

BODY = Body("ILCE-7SM3", "uncompressed", "3.00")
_LONGEST_MATCH = 1 << 16


class Pipes:
    """A driver whose standard streams are plain pipes."""

    def __init__(self, rig: Rig) -> None:
        self.process = subprocess.Popen(
            [str(DRIVER)], env=rig.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, bufsize=0,
        )  # fmt: skip
        self.received = bytearray()

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    def until(self, wanted: bytes, limit_s: float = 20.0, start: int = 0) -> int:
        """Reads until `wanted` matches (a regular expression, 64 KB at most) behind `start`; where the match ends.

        Raises `Late`.
        """
        assert self.process.stdout is not None
        pattern = re.compile(wanted, re.S)
        deadline = time.monotonic() + limit_s
        while (found := pattern.search(self.received, start)) is None:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise Late(f"no {wanted!r} within {limit_s} s; the end of what came: {bytes(self.received[-1500:])!r}")
            data = self.process.stdout.read(1 << 20)
            if not data:
                raise Late(f"the driver ended before {wanted!r}")
            start = max(start, len(self.received) - _LONGEST_MATCH)
            self.received += data
        return found.end()


@contextmanager
def piped(rig: Rig) -> Iterator[Pipes]:
    pipes = Pipes(rig)
    try:
        yield pipes
    finally:
        assert pipes.process.stdin is not None and pipes.process.stdout is not None
        pipes.process.stdin.close()
        try:
            pipes.process.wait(10)
        except subprocess.TimeoutExpired:
            pipes.process.kill()
            pipes.process.wait()
            raise
        finally:
            pipes.process.stdout.close()


def test_a_frame_comes_inline_through_plain_pipes(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    with piped(rig) as driver:
        driver.send(b'<getProperties version="1.7"/>')
        driver.until(rb'<defSwitchVector[^>]*name="CONNECTION".*?</defSwitchVector>')
        driver.send(new_vector("Switch", DEVICE, "CONNECTION", CONNECT="On"))
        driver.until(rb'<defNumberVector[^>]*name="CCD_EXPOSURE".*?</defNumberVector>', 30)
        driver.send(new_vector("Number", DEVICE, "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=0.25))
        end = driver.until(rb"</setBLOBVector>", 60)
        (blob,) = re.findall(rb"<oneBLOB([^>]*)>([^<]*)</oneBLOB>", driver.received[:end], re.S)
        attributes, text = blob
        assert b"enclen" not in attributes and b"attached" not in attributes
        data = base64.b64decode(text, validate=False)
        assert int(re.findall(rb"size=['\"](\d+)", attributes)[0]) == len(data)
        (ping,) = re.findall(rb"<pingRequest uid=['\"]([^'\"]+)", driver.received)
        driver.send(b"<pingReply uid='" + ping + b"'/>")
        driver.until(rb'<setNumberVector[^>]*name="CCD_EXPOSURE"[^>]*state="Ok"', 10, end)
    _, cfa = read_fits(data)
    judge(Frame({}, cfa, Event(What.BLOB, 0.0), ()), camera.truth()[-1], BODY)
    assert camera.broken_rules() == []


GARBAGE = {
    "zeros": bytes(5000),
    "tags that never end": b"<a" * 3000,
    "deep": b"<a>" * 3000,
    "an entity bomb": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
    "half a vector": b"<newNumberVector device='Sony Alpha' name='CCD_EXPOSURE'><oneNum",
    "another language": b"GET / HTTP/1.1\r\nHost: camera\r\n\r\n",
    "numbers that are none": new_vector("Number", DEVICE, "CCD_EXPOSURE", CCD_EXPOSURE_VALUE="soon"),
    "a long text": b"<newTextVector device='Sony Alpha' name='" + b"x" * 70000 + b"'/>",
}


def test_garbage_on_standard_input_is_survived(rig: Rig) -> None:
    """One after the other, so that what one leaves behind hits the next."""
    camera = body_camera(rig, BODY)
    with piped(rig) as driver:
        driver.send(b'<getProperties version="1.7"/>')
        place = driver.until(rb'name="CONNECTION".*?</defSwitchVector>')
        for name, garbage in GARBAGE.items():
            driver.send(garbage)
            driver.send(b'\n<getProperties version="1.7"/>\n<getProperties version="1.7"/>')
            try:
                place = driver.until(rb'<defSwitchVector[^>]*name="CONNECTION".*?</defSwitchVector>', 20, place)
            except Late as error:
                raise Late(f"after {name}: {error}") from error
        assert driver.process.poll() is None
    assert driver.process.returncode == 0
    assert camera.truth() == [] and camera.broken_rules() == []
