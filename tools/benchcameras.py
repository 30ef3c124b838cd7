"""Frames of several cameras at once through the whole driver (starts processes): a part of `tools/bench growth`.

Each camera is a process and has a hand of its own; one server and one driver serve all. Their images are made ready at
the same moment: the cameras wait until all pictures are painted. On the same cores run the cameras and the server.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.benchchain import Chain, Passage, paints_first, passage
from tools.rig import Rig, Simulator

__all__ = ["BODIES", "AtOnce", "measure"]

BODIES = ("ILCE-7M3:uncompressed", "ILCE-7M3:lossy", "ILCE-7M4:lossless")
_EXPOSURE_S = 0.5
_PAINTED_S = 2.0
"""Seconds for each camera, and once more: then all pictures are painted."""


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Milliseconds, the middle of the frames: `behind_ms` from a camera's last byte to the client, the middle of the
    cameras, `worst_ms` the slowest; `all_ms` from the first image that is ready to the last BLOB, transfers included.
    """

    part: str
    file: str
    raw_type: str
    cameras: int
    cores: int
    megabytes_s: int
    behind_ms: float
    worst_ms: float
    all_ms: float

    def __str__(self) -> str:
        each = f"{self.behind_ms:7.1f} ms behind the last byte, {self.worst_ms:7.1f} the slowest"
        return f"{self.file:24} {self.cameras} cameras, {self.cores} cores: {each}; all {self.all_ms:7.1f} ms"


def measure(word: str, counts: Sequence[int], frames: int, rate: int) -> Iterator[AtOnce]:
    """One body and RAW type, with each number of cameras."""
    model, _, raw_type = word.partition(":")
    for count in counts:
        with Rig() as rig:
            for number in range(1, count + 1):
                camera = rig.camera(
                    f"camera{number}", body=model, raw=raw_type, serial=f"{number:08d}", transfer_mbps=float(rate)
                )
                paints_first(camera, _PAINTED_S * (1 + count))
            with Chain(rig, rig.server(), True) as chain:
                devices = chain.devices(count)
                for device in devices:
                    chain.connect(device)
                # The first frame of a kind is judged by LibRaw.
                chain.expose(devices, _EXPOSURE_S)
                taken = [_frame(chain, devices, rig.cameras) for _ in range(frames)]
        yield _told(f"{model} {raw_type}", raw_type, count, rate, taken)


def _frame(chain: Chain, devices: Sequence[str], cameras: Sequence[Simulator]) -> list[Passage]:
    came = chain.expose(devices, _EXPOSURE_S)
    return [passage(camera.referee(), came[device]) for device, camera in _pairs(devices, cameras)]


def _pairs(devices: Sequence[str], cameras: Sequence[Simulator]) -> list[tuple[str, Simulator]]:
    """Each device with its camera: all but the first are named by the end of the serial number."""
    left = list(cameras)
    found = []
    for device in sorted(devices, key=len, reverse=True):
        camera = next((one for one in left if device.endswith(str(one.options["serial"])[-4:])), left[0])
        left.remove(camera)
        found.append((device, camera))
    return found


def _told(file: str, raw_type: str, count: int, rate: int, taken: Sequence[Sequence[Passage]]) -> AtOnce:
    def middle(values: Sequence[float]) -> float:
        return round(1e3 * statistics.median(values), 1)

    behind = middle([statistics.median(one.behind_s for one in frame) for frame in taken])
    worst = middle([max(one.behind_s for one in frame) for frame in taken])
    whole = middle([max(one.came for one in frame) - min(one.ready for one in frame) for frame in taken])
    return AtOnce("cameras", file, raw_type, count, len(os.sched_getaffinity(0)), rate, behind, worst, whole)
