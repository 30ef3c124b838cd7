"""Checks of the camera itself, through its hand: whether it opens, what it says, how it is set, whether it shoots.

Does I/O: opens the camera. What the driver sets by itself for an exposure is no obstacle.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from indi_sony_py.cli.checks.check import Case, Finding, bad, failed, good, passed_over, worse
from indi_sony_py.cli.output import Mark
from indi_sony_py.cli.session import Session, exposure_id
from indi_sony_py.engine.messages import ExposureRequest, SettingView
from indi_sony_py.engine.night import ITEMS
from indi_sony_py.errors import SonyError
from indi_sony_py.sony.bodies import body
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.texts import doctor, frames, settings, tool

__all__ = ["SETTINGS", "battery", "known", "memory", "opens", "setting", "shot"]

_EMPTY, _LOW = 5, 25
_BLOCK = 2880
_SAMPLE = 1 << 16


def opens(case: Case) -> Finding:
    """The handshake, the warm-up, and all settings read."""
    assert case.camera is not None
    try:
        case.session = Session.to(case.camera, lambda level, text: None)
        case.identity = case.session.connect()
    except SonyError as error:
        return failed(error)
    case.settings = case.session.settings
    return good(f"{case.identity.model}, {case.identity.version}")


def known(case: Case) -> Finding:
    row = body(case.identity.model)
    return good(row.name) if row.known else worse(tool.UNKNOWN_BODY, model=case.identity.model)


def battery(case: Case) -> Finding:
    view = case.settings.get("battery")
    if view is None or view.value is None:
        return passed_over(doctor.NOT_TOLD)
    if view.value <= _EMPTY:
        return bad(settings.BATTERY)
    return worse(doctor.BATTERY_LOW, percent=view.value) if view.value <= _LOW else good(view.label)


def memory(case: Case) -> Finding:
    """Images of an earlier time: they are collected while the camera is open, and saved."""
    view = case.settings.get("objects")
    if view is None or view.value is None:
        return passed_over(doctor.NOT_TOLD)
    return worse(doctor.IMAGES_WAIT) if view.value else good()


# --- settings -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Setting:
    """`item`: the row of `engine.night` that says what is good; `view`: the setting's name on the pair.

    `wrong`: what is told where the driver cannot set it. None: the frame is made all the same, only less good.
    `told`: a setting that says the same where the first is not listed, on a body larger than APS-C.
    """

    item: str
    view: str
    wrong: Callable[[SettingView], Finding] | None = None
    told: str = ""


SETTINGS: dict[str, Setting] = {
    "mode dial": Setting("program", "program", lambda view: bad(settings.PROGRAM, value=view.label)),
    "drive mode": Setting("drive", "drive", lambda view: bad(settings.DRIVE, value=view.label)),
    "file format": Setting("file format", "format", lambda view: bad(settings.FORMAT_IS, value=view.label, aim="RAW")),
    "save destination": Setting("destination", "destination", lambda view: bad(settings.CARD_ONLY)),
    "focus mode": Setting("focus", "focus mode", lambda view: worse(settings.AUTO_FOCUS, value=view.label)),
    "RAW type": Setting("raw type", "raw type"),
    "silent mode": Setting("silent", "silent"),
    "noise reduction": Setting("noise reduction", "noise reduction"),
    "SteadyShot": Setting("steady shot", "steady shot"),
    "no lens": Setting("no lens", "no lens"),
    "APS-C crop": Setting("crop", "apsc crop", told="crop"),
}
"""The settings that are checked, by the names of their checks."""


def setting(name: str) -> Callable[[Case], Finding]:
    """The check of a row of `SETTINGS`."""
    row = SETTINGS[name]
    item = next(item for item in ITEMS if item.name == row.item)

    def look(case: Case) -> Finding:
        view = case.settings.get(row.view)
        if view is None and row.told and body(case.identity.model).has_apsc:
            view = case.settings.get(row.told)
        if view is None or view.value is None:
            return passed_over(doctor.NOT_TOLD)
        version = next(v for v in Version if v.label == case.identity.version)
        if item.good(view.value, version):
            return good(view.label)
        if view.writable and any(item.good(choice.value, version) for choice in view.options):
            return good(doctor.SET_BY_DRIVER(value=view.label))
        return (
            worse(doctor.NOT_FOR_NIGHT, value=view.label, wanted=item.words()) if row.wrong is None else row.wrong(view)
        )

    return look


# --- an exposure ----------------------------------------------------------------------------------------------------


def shot(case: Case) -> Finding:
    """A frame, from the press to the file."""
    assert case.session is not None
    if not case.shot_s:
        return passed_over(doctor.ASK_FOR_SHOT)
    try:
        with tempfile.TemporaryDirectory(prefix="indi-sony-") as folder:
            request = ExposureRequest(
                id=exposure_id(),
                duration_s=case.shot_s,
                upload="local",
                folder=folder,
                prefix="doctor",
                device="indi-sony",
            )
            saved = case.session.expose(request, lambda message: None)
            data = Path(saved.path).read_bytes()
            # Where the folder had no room it is in another one.
            Path(saved.path).unlink()
    except SonyError as error:
        return failed(error)
    except OSError as error:
        return bad(frames.NOT_WRITABLE, path=tempfile.tempdir or "/tmp", reason=error.strerror or error)
    middle = data[len(data) // 2 :][:_SAMPLE]
    if not data.startswith(b"SIMPLE") or len(data) % _BLOCK or len(set(middle)) < 2:
        return bad(doctor.EMPTY_FRAME)
    if saved.rescued:
        return Finding(Mark.WARN, saved.text)
    return good(doctor.FRAME_MADE(seconds=case.shot_s, megabytes=len(data) / 1e6))
