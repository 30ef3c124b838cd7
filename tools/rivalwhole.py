"""This driver and indi_gphoto_ccd with the same simulated camera, server and client (starts processes).

Rules kept here:

- The camera is in the network (PTP/IP on the loopback) for both: a real kernel's USB would need a virtual machine, in
  which all is emulated.
- The transfer is left out as each program makes it, from the first byte that may be read to the last one: what a
  program is slower in reading is not held against it.
- The first frames are not counted, and one of them may fail: the first press of indi_gphoto_ccd, while it connects, is
  one that a body ignores or a photo of its own (docs/JUDGES.md); this driver's decoder is judged by LibRaw at first.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from indi_sony_py.errors import SonyError
from indi_sony_py.image.pixels import read_pixels
from indi_sony_py.sony.bodies import Body, body
from tools.benchchain import Chain, Passage, kept, paints_first, passage
from tools.cprogram import CannotBuild, shim_at
from tools.processes import Late
from tools.rig import Rig, Server, Simulator, own_environment
from tools.rivalfile import difference

__all__ = ["PROGRAMS", "Whole", "measure"]

OURS = "indi_sony_py"
RIVAL = "indi_gphoto_ccd"
_RIVALS_NAME = "indi_sony_ccd"
"""Under this name indi_gphoto_ccd opens the camera that its list names."""
_NAMES = {"ILCE-6000": "Sony Alpha-A6000 (Control)", "ILCE-7M4": "Sony Alpha-A7 IV (PC Control)"}
"""As libgphoto2 names bodies."""
_EXPOSURE_S = 0.5
_PAINTED_S = 3.0


@dataclass(frozen=True, slots=True)
class Whole:
    """Milliseconds, the middle of the frames: `wait_ms` from the image that is ready until the camera sends it,
    `transfer_ms`, and `behind_ms` from the last byte until the client has the BLOB. `without_ms`: all but the transfer.
    `client`: at the server's socket ("local") or port ("network"). `picture`: what is wrong with it. `missing`: why
    nothing was measured.
    """

    file: str
    program: str
    client: str = ""
    megabytes_s: int = 0
    frames: int = 0
    wait_ms: float = 0.0
    transfer_ms: float = 0.0
    behind_ms: float = 0.0
    without_ms: float = 0.0
    picture: str = ""
    missing: str = ""

    def __str__(self) -> str:
        name = f"{self.file:24} {self.program:16} {self.client:8}"
        if self.missing:
            return f"{name} not measured: {self.missing}"
        parts = f"{self.wait_ms:7.1f} wait, {self.transfer_ms:7.1f} transfer, {self.behind_ms:7.1f} behind"
        return f"{name} {parts}: {self.without_ms:7.1f} ms without the transfer {self.picture}"


def _ours(rig: Rig, camera: Simulator, row: Body) -> Server:
    return rig.server(own_environment(rig.home))


def _prepare_ours(chain: Chain, device: str, camera: Simulator, row: Body) -> None:
    chain.send("Text", device, "NETWORK_CAMERA", HOST=f"127.0.0.1:{camera.port}")
    chain.connect(device)


def _rivals(rig: Rig, camera: Simulator, row: Body) -> Server:
    if shutil.which(_RIVALS_NAME) is None:
        raise CannotBuild("not installed (Debian package indi-gphoto)")
    name = _NAMES.get(row.model, f"Sony {row.model} (Control)")
    place = f"ptpip:127.0.0.1:{camera.port}:{camera.port}"
    env = own_environment(
        rig.home, LD_PRELOAD=str(shim_at(rig.folder)), GPHOTO_MODEL=name, GPHOTO_PORT=place, LC_ALL="C"
    )
    return rig.server(env, drivers=(_RIVALS_NAME,))


def _prepare_rivals(chain: Chain, device: str, camera: Simulator, row: Body) -> None:
    chain.connect(device)
    width, height = row.visible or (0, 0)
    size = {"CCD_MAX_X": width, "CCD_MAX_Y": height, "CCD_BITSPERPIXEL": 16}
    pixel = dict.fromkeys(("CCD_PIXEL_SIZE", "CCD_PIXEL_SIZE_X", "CCD_PIXEL_SIZE_Y"), 5.9)
    chain.send("Switch", device, "CCD_TRANSFER_FORMAT", FORMAT_FITS="On")
    # As it comes it exposes by bulb, which libgphoto2 2.5.30 cannot set (docs/JUDGES.md).
    chain.send("Switch", device, "CCD_FORCE_BLOB", Off="On")
    chain.send("Number", device, "CCD_INFO", **size, **pixel)


_Start = Callable[[Rig, Simulator, Body], Server]
_Prepare = Callable[[Chain, str, Simulator, Body], None]
PROGRAMS: dict[str, tuple[_Start, _Prepare]] = {
    OURS: (_ours, _prepare_ours), RIVAL: (_rivals, _prepare_rivals),
}  # fmt: skip


def measure(word: str, programs: Iterable[str], rounds: int, rate: int) -> Iterator[Whole]:
    """Each of `programs` (of `PROGRAMS`) with one body and RAW type."""
    model, _, raw_type = word.partition(":")
    for program in programs:
        try:
            yield from _play(program, body(model), raw_type or "uncompressed", rounds, rate)
        except (CannotBuild, Late) as why:
            yield Whole(f"{model} {raw_type}", program, missing=str(why).splitlines()[0])


def _play(program: str, row: Body, raw_type: str, rounds: int, rate: int) -> Iterator[Whole]:
    start, prepare = PROGRAMS[program]
    with ExitStack() as stack:
        rig = stack.enter_context(Rig())
        folder = rig.folder / "kept"
        folder.mkdir()
        camera = rig.camera("", network=True, body=row.model, raw=raw_type, keep=str(folder), transfer_mbps=float(rate))
        paints_first(camera, _PAINTED_S)
        server = start(rig, camera, row)
        with Chain(rig, server, True) as chain:
            (device,) = chain.devices(1)
            prepare(chain, device, camera, row)
            with suppress(Late):
                chain.expose([device], _EXPOSURE_S)
            chain.expose([device], _EXPOSURE_S)
            yield _told(chain, device, camera, row, f"{row.model} {raw_type}", program, rounds, rate)
        with Chain(rig, server, False) as chain:
            chain.devices(1)
            chain.connect(device)
            yield _told(chain, device, camera, row, f"{row.model} {raw_type}", program, rounds, rate)


def _told(
    chain: Chain, device: str, camera: Simulator, row: Body, file: str, program: str, rounds: int, rate: int
) -> Whole:
    passed: list[Passage] = []
    for _ in range(rounds):
        came = chain.expose([device], _EXPOSURE_S)[device]
        passed.append(passage(camera.referee(), came))
    wait, transfer, behind = (
        round(1e3 * statistics.median(getattr(each, step) for each in passed), 1)
        for step in ("wait_s", "transfer_s", "behind_s")
    )
    without = round(1e3 * statistics.median(each.wait_s + each.behind_s for each in passed), 1)
    picture = _judged(chain.frame(), kept(camera, passed[-1].name), row)
    client = "local" if chain.local else "network"
    return Whole(file, program, client, rate, rounds, wait, transfer, behind, without, picture)


def _judged(frame: bytes, file: bytes, row: Body) -> str:
    try:
        return difference(read_pixels(memoryview(file), row.visible, row.crop), read_pixels(memoryview(frame)))
    except SonyError as fault:
        return f"no picture that can be compared: {fault}"
