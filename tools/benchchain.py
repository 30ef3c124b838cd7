"""Exposures through a whole chain, with the moment of each step: simulated cameras, an INDI server with a driver, and a
bare client. Starts processes.

Rules kept here:

- All steps are read off one clock: the camera writes down when an image is there, when it begins to send it and when
  its last byte was read; the client, when the BLOB has come. Nobody's own word about its speed counts.
- A camera paints its picture first, and then the image is ready (`paints_first`): one that still paints tells of its
  image late, and says the time at which it was to be ready.
- The client decodes nothing: at the server's socket it has the frame as memory, at its port as text.
"""

from __future__ import annotations

import mmap
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.processes import Late, until
from tools.rig import Rig, Server, Simulator
from tools.wire import Wire, blobs, enable_blob, new_vector

__all__ = ["Chain", "Passage", "kept", "paints_first", "passage"]

_LIMIT_S = 120.0
_FAILED = b'name="CCD_EXPOSURE" state="Alert"'
_NAME_AND_SERIAL = re.compile(r"(\S+), serial (\d+)(?:, (\d+) bytes)?")


@dataclass(frozen=True, slots=True)
class Passage:
    """One image on its way; seconds of the machine's clock. `size`: bytes of the camera's file."""

    name: str
    size: int
    ready: float
    sending: float
    read: float
    came: float

    @property
    def wait_s(self) -> float:
        """From the image that is ready to the camera that begins to send it."""
        return self.sending - self.ready

    @property
    def transfer_s(self) -> float:
        return self.read - self.sending

    @property
    def behind_s(self) -> float:
        """From the last byte to the client."""
        return self.came - self.read


def passage(notes: Iterable[dict[str, Any]], came: float) -> Passage:
    """The image that was fetched last before `came`. `notes`: the referee's lines. Raises `LookupError`."""
    steps: dict[int, dict[str, tuple[float, str, int]]] = {}
    last = 0
    for note in notes:
        found = _NAME_AND_SERIAL.match(note.get("detail", ""))
        if found is None or note["kind"] not in ("object", "sending", "fetched") or note["t"] > came:
            continue
        serial = int(found[2])
        steps.setdefault(serial, {})[note["kind"]] = (note["t"], found[1], int(found[3] or 0))
        if note["kind"] == "fetched":
            last = serial
    if len(steps.get(last, {})) < 3:
        raise LookupError("no image was fetched")
    ready, sending, read = (steps[last][kind] for kind in ("object", "sending", "fetched"))
    return Passage(ready[1], ready[2], ready[0], sending[0], read[0], came)


def _dialled(place: Path | int) -> Wire | None:
    try:
        return Wire(place)
    except ConnectionRefusedError:
        return None


class Chain:
    """A client of `server`, which has the cameras of `rig`. `local`: at its Unix socket. Use as a context manager."""

    def __init__(self, rig: Rig, server: Server, local: bool) -> None:
        self.local = local
        place = rig.folder / "indi.sock" if local else server.port
        # It says that it listens before it listens at both places.
        self._wire = until(lambda: _dialled(place), lambda wire: wire is not None, _LIMIT_S, "server") or Wire(place)
        self._wire.get_properties()

    def __enter__(self) -> Chain:
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.close()

    def devices(self, count: int) -> list[str]:
        """Names of the devices that can be connected, when there are `count` of them."""
        found: dict[str, None] = {}
        start = 0
        while len(found) < count:
            start = self._wire.until(b'name="CONNECTION"', _LIMIT_S, start) + 1
            head = self._wire.received[self._wire.received.rfind(b"<", 0, start) : start]
            name = re.search(rb'device="([^"]+)"', head)
            if name is not None:
                found[name[1].decode()] = None
        return list(found)

    def send(self, kind: str, device: str, name: str, **values: str | float) -> None:
        self._wire.send(new_vector(kind, device, name, **values))

    def wait_for(self, text: str, start: int = 0) -> int:
        """The place of `text` in what came. Raises `Late`."""
        return self._wire.until(text.encode(), _LIMIT_S, start)

    def connect(self, device: str) -> None:
        """Until it can expose; frames are asked for."""
        self._wire.send(enable_blob("Also", device=device))
        self.send("Switch", device, "CONNECTION", CONNECT="On")
        self.wait_for(f'device="{device}" name="CCD_EXPOSURE"')

    def expose(self, devices: Iterable[str], seconds: float) -> dict[str, float]:
        """An exposure of each device, begun at once: when its BLOB had come. The frames are there until the next.

        Raises `Late`, also when one failed.
        """
        self._wire.forget()
        self._wire.forget_fds()
        waiting = list(devices)
        for device in waiting:
            self.send("Number", device, "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=seconds)
        came: dict[str, float] = {}
        start = 0
        while len(came) < len(waiting):
            head = self._wire.until((b"<setBLOBVector", _FAILED), _LIMIT_S, start)
            if self._wire.received.startswith(_FAILED, head):
                raise Late("the exposure failed: " + " / ".join(self.messages()))
            start = self._wire.until(b"</setBLOBVector>", _LIMIT_S, head)
            name = re.search(rb'device="([^"]+)"', self._wire.received[head : head + 400])
            assert name is not None
            came[name[1].decode()] = time.monotonic()
        for device in waiting:
            self.wait_for(f'device="{device}" name="CCD_EXPOSURE" state="Ok"')
        return came

    def messages(self) -> list[str]:
        """The last that was said to the user."""
        return [text.decode() for text in re.findall(rb'<message[^>]* message="([^"]*)"', self._wire.received)][-3:]

    def frame(self) -> bytes:
        """The frame that came last."""
        if not self.local:
            return blobs(self._wire.received)[-1]
        with mmap.mmap(self._wire.fds[-1], 0, prot=mmap.PROT_READ) as shared:
            return bytes(shared)


def paints_first(camera: Simulator, seconds: float) -> None:
    """Each image is ready so long after its exposure."""
    answer = camera.control(command="fault", row={"kind": "slow-image", "when": {"count": 0}, "seconds": seconds})
    if not answer["ok"]:
        raise ValueError(answer["error"])


def kept(camera: Simulator, name: str) -> bytes:
    """The file `name` as `camera` made it."""
    return next(Path(str(camera.options["keep"])).rglob(f"*{name}")).read_bytes()
