"""`indi-sony shoot`: exposures into files, as the driver makes them (does I/O: opens the camera; the hand saves).

Ctrl-C aborts: bulb closes the shutter at once; an exposure that the camera times itself is finished by it, and its
image is dealt with by the hand, as with the driver.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from indi_sony_py.cli.cameras import add_camera, chosen
from indi_sony_py.cli.numbers import seconds, whole
from indi_sony_py.cli.output import Mark, Output
from indi_sony_py.cli.paths import absolute
from indi_sony_py.cli.session import Session, exposure_id
from indi_sony_py.cli.status import Status
from indi_sony_py.cli.telling import teller
from indi_sony_py.engine.messages import (
    ExposureProgress,
    ExposureRequest,
    ExposureStarted,
    Policy,
    Stage,
)
from indi_sony_py.hand.looks import LOOKED_AT
from indi_sony_py.hand.messages import FrameSaved, Looked, Message
from indi_sony_py.image.record import FRAME_TYPES
from indi_sony_py.texts import tool

__all__ = ["add", "request_of", "run"]

_TRANSFERS = ("fits", "native", "xisf")
_FORMATS = ("raw", "raw+jpeg", "jpeg")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_camera(parser)
    parser.add_argument("seconds", type=seconds, metavar="SECONDS", help=tool.HELP_SECONDS())
    parser.add_argument("--count", type=whole, default=1, metavar="N", help=tool.HELP_COUNT())
    parser.add_argument("--iso", type=whole, metavar="ISO", help=tool.HELP_ISO())
    parser.add_argument("--type", choices=FRAME_TYPES, default="Light", help=tool.HELP_TYPE())
    parser.add_argument("--shutter", choices=[p.value for p in Policy], default="auto", help=tool.HELP_SHUTTER())
    parser.add_argument("--capture", choices=_FORMATS, default="raw", help=tool.HELP_CAPTURE())
    parser.add_argument("--format", choices=_TRANSFERS, default="fits", help=tool.HELP_FORMAT())
    parser.add_argument("--folder", type=Path, default=Path(), metavar="FOLDER", help=tool.HELP_FOLDER())
    parser.add_argument("--prefix", default="IMAGE_XXX", metavar="NAME", help=tool.HELP_PREFIX())
    parser.add_argument("--setup", choices=("set", "tell", "leave"), default="leave", help=tool.HELP_SETUP())
    parser.add_argument("--preview", action="store_true", help=tool.HELP_PREVIEW())
    parser.add_argument("--force-200", action="store_true", help=tool.HELP_FORCE_200())


def request_of(arguments: argparse.Namespace, number: int) -> ExposureRequest:
    """What is asked of the hand; `number` tells the exposures of one run apart."""
    return ExposureRequest(
        id=exposure_id() + number,
        duration_s=arguments.seconds,
        frame_type=arguments.type,
        policy=Policy(arguments.shutter),
        iso=arguments.iso,
        capture_format=arguments.capture,
        transfer="native" if arguments.capture == "jpeg" else arguments.format,
        upload="local",
        folder=str(arguments.folder),
        prefix=arguments.prefix,
        companions="keep",
        device="indi-sony",
        look="save" if arguments.preview else "off",
    )


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Take the exposures, one after the other."""
    frames: list[dict[str, object]] = []
    out.data(frames=frames)
    arguments.folder = absolute(arguments.folder)
    camera = chosen(arguments, out)
    with Session.to(camera, teller(out)) as session:
        out.progress(0.0, tool.CONNECTING())
        session.connect(arguments.setup, arguments.force_200)
        for number in range(arguments.count):
            view = _View(out, number, arguments)
            request = request_of(arguments, number)
            try:
                saved = session.expose(request, view.heard)
            except KeyboardInterrupt:
                out.failed(session.abort())
                return Status.INTERRUPTED
            frames.append(_data(saved))
            out.mark(Mark.WARN if saved.rescued else Mark.PASS, tool.SAVED(path=saved.path), saved.text)
            if request.look == "off":
                continue
            if saved.path.lower().endswith(LOOKED_AT):
                out.progress(1.0, tool.LOOKING())
                frames[-1] |= _seen(session.looked(request), out)
            else:
                out.mark(Mark.WARN, tool.NOT_LOOKED_AT())
    return Status.DONE


def _seen(looked: Looked, out: Output) -> dict[str, object]:
    """What the look at a frame found, told."""
    found = looked.glance
    if found is None:
        out.mark(Mark.WARN, tool.LOOK_FAILED(reason=looked.text))
        return {"preview": "", "look_failed": looked.text}
    if found.hfr is not None:
        out.say(tool.LOOKED(stars=found.stars, hfr=found.hfr, preview=looked.preview))
    else:
        out.say(tool.LOOKED_DARK(median=found.median[1], preview=looked.preview))
    return {
        "preview": looked.preview,
        "stars": found.stars,
        "hfr": found.hfr,
        "median": list(found.median),
        "saturated": found.full,
    }


def _data(saved: FrameSaved) -> dict[str, object]:
    found = saved.facts
    known = {} if found is None else {"exposure_s": found.exposure_s, "iso": found.iso}
    return {"path": saved.path, "text": saved.text, "rescued": saved.rescued, **known}


class _View:
    """The progress of one exposure, drawn."""

    def __init__(self, out: Output, number: int, arguments: argparse.Namespace) -> None:
        self._out = out
        self._head = tool.FRAME_OF(number=number + 1, count=arguments.count) if arguments.count > 1 else ""
        self._started: ExposureStarted | None = None
        self._stage = Stage.PREPARING

    def heard(self, message: Message | None) -> None:
        match message:
            case ExposureStarted():
                self._started, self._stage = message, Stage.OPEN
            case ExposureProgress(stage=stage):
                self._stage = stage
            case _:
                pass
        self._draw()

    def _draw(self) -> None:
        if self._started is None:
            self._out.progress(0.0, self._head + tool.PREPARING())
            return
        length = self._started.duration_s
        # Monotonic times are those of the machine.
        done = min(length, time.monotonic() - self._started.started_at)
        if self._stage is Stage.OPEN and done < length:
            self._out.progress(done / length if length else 1.0, self._head + tool.OPEN(left=length - done))
        else:
            self._out.progress(1.0, self._head + tool.FETCHING())
