"""`indi-sony probe`: learns from a camera what no table tells, and keeps it for the driver. Does I/O: opens it.

- ISO values and shutter speeds of a body that speaks 2.00: each that it lists is set; what reads back is there. Bodies
  that speak 3.00 list what they have.
- The sensor, from a test file: size, colors, pixels, levels, and where they contradict the table.
- The shutter's timing: what a bulb of known length became, and how long an image takes to come.

Values go to `probed.json` (`hand.probes`), the sensor to `sensors.json`, as the driver keeps it (`driver.sensors`). ISO
and speed are put back at the end.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

from indi_sony_py.cli.cameras import add_camera, chosen
from indi_sony_py.cli.output import Mark, Output
from indi_sony_py.cli.session import Session, exposure_id
from indi_sony_py.cli.status import Status
from indi_sony_py.cli.telling import teller
from indi_sony_py.driver.sensors import Sensors, contradiction
from indi_sony_py.driver.view import facts_of
from indi_sony_py.engine.messages import ExposureRequest, ExposureStarted, Identity, Policy
from indi_sony_py.errors import NotWritable, OutsideError
from indi_sony_py.hand.messages import FrameReady, FrameSaved, Message
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.probes import Probes
from indi_sony_py.sony.probed import NOTHING, Probed
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.sony.values import decode_iso, decode_shutter, label_iso, label_shutter
from indi_sony_py.texts import frames, tool

__all__ = ["add", "run"]

_AUTO = 0xFFFFFF
"""It stands before the lowest number, where notches go through it; no frame is made with it."""
_LEAST = 3
"""Fewer values are a camera that does not let them be set now, and no list."""
_TRIES = 3
_PATIENCE = 7
"""So many values in a row may show nothing new: the end of the list, or a dial that is locked. Each takes seconds."""
_TEST_S = 1.0
_BULBS_S = (2.0, 4.0)
_BLOCK, _CARD, _HEADER = 2880, 80, 40


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_camera(parser)
    parser.add_argument("--forget", action="store_true", help=tool.HELP_FORGET())
    parser.add_argument("--no-frames", action="store_true", help=tool.HELP_NO_FRAMES())


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Learn, show, keep."""
    camera = chosen(arguments, out)
    places = Places.of()
    with Session.to(camera, teller(out)) as session:
        identity = session.connect()
        probes = Probes(places.state)
        if arguments.forget:
            _keep(probes, identity, NOTHING, places)
            out.say(tool.FORGOTTEN(model=identity.model))
            return Status.DONE
        values = NOTHING
        if identity.version == Version.V200.label:
            values = _values(session, out)
            if values != NOTHING:
                _keep(probes, identity, values, places)
        else:
            out.say(tool.LISTS_ARE_TRUE(model=identity.model))
        if not arguments.no_frames:
            _frames(session, identity, places, out)
    out.data(identity={"model": identity.model, "firmware": identity.firmware, "protocol": identity.version})
    return Status.DONE


# --- values ---------------------------------------------------------------------------------------------------------


def _values(session: Session, out: Output) -> Probed:
    """What reads back of all that is listed."""
    isos = [v for v in _tried(session, "iso", out) if (iso := decode_iso(v)) is not None and iso.plain]
    speeds = {s for v in _tried(session, "shutter", out) if isinstance(s := decode_shutter(v), Fraction)}
    shutters = sorted(speeds, reverse=True)
    if len(isos) < _LEAST or len(shutters) < _LEAST:
        out.mark(Mark.WARN, tool.TOO_FEW_VALUES())
    isos, shutters = (isos if len(isos) >= _LEAST else []), (shutters if len(shutters) >= _LEAST else [])
    found = Probed((_AUTO, *sorted(isos)) if isos else (), tuple(shutters))
    out.data(
        isos=[label_iso(decode_iso(v)) for v in found.isos[1:]], shutters=[label_shutter(s) for s in found.shutters]
    )
    if found.isos:
        out.mark(Mark.PASS, tool.ISOS_ARE(labels=", ".join(label_iso(decode_iso(v)) for v in found.isos[1:])))
    if found.shutters:
        out.mark(Mark.PASS, tool.SPEEDS_ARE(labels=", ".join(label_shutter(s) for s in found.shutters)))
    return found


def _tried(session: Session, name: str, out: Output) -> set[int]:
    """Set each choice of a setting in turn; the values that the camera showed. The first one is put back, whatever
    ends this.
    """
    view = session.settings.get(name)
    if view is None or view.value is None:
        return set()
    seen: set[int] = set()
    in_vain = 0
    try:
        for number, choice in enumerate(view.options):
            out.progress(number / len(view.options), tool.TRYING(name=name, label=choice.label))
            result = session.change(name, choice.value)
            in_vain = 0 if result.value is not None and result.value not in seen else in_vain + 1
            if in_vain > _PATIENCE:
                break
            if result.value is not None:
                seen.add(result.value)
    finally:
        # After Ctrl-C the first answer may be that of a change which was under way.
        for _ in range(_TRIES):
            if session.change(name, view.value).value == view.value:
                break
    return seen


def _keep(probes: Probes, identity: Identity, values: Probed, places: Places) -> None:
    try:
        probes.keep(identity, values)
    except OSError as error:
        raise NotWritable(frames.NOT_WRITABLE, path=places.state, reason=error.strerror or error) from error


# --- frames ---------------------------------------------------------------------------------------------------------


class _Timer:
    """When the shutter opened, on the machine's clock; the frame's way is counted from its end."""

    def __init__(self) -> None:
        self.started: ExposureStarted | None = None

    def heard(self, message: Message | None) -> None:
        if isinstance(message, ExposureStarted):
            self.started = message


def _frames(session: Session, identity: Identity, places: Places, out: Output) -> None:
    with tempfile.TemporaryDirectory(prefix="indi-sony-") as folder:
        out.progress(0.0, tool.TEST_FRAME(seconds=_TEST_S))
        frame = _frame_of(session.expose(_request(1, _TEST_S, Policy.AUTO, folder), lambda message: None))
        _sensor(frame, identity, places, out)
        timings: list[dict[str, float]] = []
        for number, seconds in enumerate(_BULBS_S, 2):
            out.progress(0.0, tool.TEST_FRAME(seconds=seconds))
            timer = _Timer()
            try:
                saved = session.expose(_request(number, seconds, Policy.BULB, folder), timer.heard)
            except OutsideError as error:
                out.mark(Mark.WARN, error.happened)
                break
            if saved.facts is not None and saved.facts.exposure_s is not None and timer.started is not None:
                waited = session.now() - timer.started.started_at - timer.started.duration_s
                timings.append({"asked_s": seconds, "file_s": saved.facts.exposure_s, "image_s": round(waited, 2)})
        out.data(timing=timings)
        for each in timings:
            out.fact(tool.BULB_OF(seconds=each["asked_s"]), tool.BULB_WAS(file=each["file_s"], image=each["image_s"]))


def _request(number: int, seconds: float, policy: Policy, folder: str) -> ExposureRequest:
    return ExposureRequest(
        id=exposure_id() + number,
        duration_s=seconds,
        policy=policy,
        upload="local",
        folder=folder,
        prefix="probe",
        device="indi-sony",
    )


def _frame_of(saved: FrameSaved) -> FrameReady:
    """What the driver would have been told of a frame that is a file."""
    cards = dict(_cards(Path(saved.path)))
    width, height = int(cards.get("NAXIS1", 0)), int(cards.get("NAXIS2", 0))
    return FrameReady(
        saved.frame_id, saved.exposure_id or 0, ".fits", 0, width, height, cards.get("BAYERPAT", ""), saved.facts,
        area=(width, height), chosen_area="visible",
    )  # fmt: skip


def _cards(path: Path) -> Iterable[tuple[str, str]]:
    with path.open("rb") as file:
        head = file.read(_BLOCK * _HEADER).decode("ascii", "replace")
    for at in range(0, len(head), _CARD):
        name, equals, value = head[at : at + _CARD].partition("=")
        if name.strip() == "END":
            return
        if equals:
            yield name.strip(), value.partition("/")[0].strip(" '")


def _sensor(frame: FrameReady, identity: Identity, places: Places, out: Output) -> None:
    table = facts_of(identity.model)
    learnt = Sensors(places.state / "sensors.json").learn(table, frame, "visible")
    facts = frame.facts
    out.data(sensor={"width": frame.width, "height": frame.height, "cfa": frame.cfa, "learnt": asdict(learnt)})
    out.fact(tool.SENSOR(), tool.SENSOR_SHOWS(width=frame.width, height=frame.height, cfa=frame.cfa or "-"))
    if facts is not None and facts.bits:
        out.data(levels={"bits": facts.bits, "black": facts.black, "white": facts.white, "raw_type": facts.raw_type})
    if other := contradiction(table, frame):
        out.mark(Mark.WARN, other)
