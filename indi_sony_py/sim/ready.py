"""The ready state: how an astronomer leaves a camera, as rows, and its application to a draft. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from indi_sony_py.sim.draft import Draft, ladder, raw_types
from indi_sony_py.sony.bodies import Body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Descriptor, Form, Version
from indi_sony_py.sony.values import RAW_ONLY, SaveDestination, decode_iso

__all__ = ["READY", "Ready", "make_ready"]


@dataclass(frozen=True, slots=True)
class Ready:
    """One row of the ready state: a property's value in 2.00 and in 3.00 (None: left as it is), and why."""

    code: int
    value_200: int | None
    value_300: int | None
    why: str
    enabled: int | None = None


def _both(code: int, value: int, why: str, enabled: int | None = None) -> Ready:
    return Ready(code, value, value, why, enabled)


READY: tuple[Ready, ...] = (
    _both(Prop.PROGRAM, 1, "mode dial on M"),
    _both(Prop.DRIVE, 1, "single drive", 1),
    _both(Prop.FOCUS_MODE, 1, "manual focus", 1),
    Ready(Prop.FILE_FORMAT_200, RAW_ONLY[Version.V200], None, "RAW alone", 1),
    Ready(Prop.FILE_FORMAT_300, None, RAW_ONLY[Version.V300], "RAW alone", 1),
    _both(Prop.SAVE_DESTINATION, SaveDestination.HOST, "files to the host", 1),
    _both(Prop.SHUTTER_SPEED, 0x00010064, "1/100 s", 1),
    Ready(Prop.SHUTTER_DIRECT, 0x00010064, None, "1/100 s", 1),
    _both(Prop.ISO, 800, "a fixed ISO, so that bulb is possible", 1),
    Ready(Prop.ISO_DIRECT, 800, None, "a fixed ISO", 1),
    _both(Prop.OBJECTS_IN_MEMORY, 0, "nothing waits", 1),
    _both(Prop.MOVIE_STATE, 0, "no movie"),
    _both(Prop.FOCUS_INDICATION, 1, "no focus found"),
    _both(Prop.INTERVAL, 1, "no interval shooting"),
    Ready(Prop.LONG_EXPOSURE_NR, None, 1, "no noise reduction", 1),
    Ready(Prop.STEADY_SHOT, None, 1, "no steady shot on a mount"),
    Ready(Prop.APSC_CROP, None, 1, "the whole sensor"),
    Ready(Prop.SILENT, None, 1, "silent shooting off: it takes bulb away"),
    Ready(Prop.OPERATING_MODE, None, 1, "recording, not playback"),
    Ready(Prop.RELEASE_WITHOUT_LENS, None, 2, "release without a lens"),
    Ready(Prop.RELEASE_WITHOUT_CARD, None, 2, "release without a card"),
    Ready(Prop.SELF_TIMER, None, 1, "no self-timer runs"),
    Ready(Prop.TRANS_SIZE, None, 1, "files of original size"),
    Ready(Prop.OVERHEAT, None, 0, "not hot"),
    Ready(Prop.PRIORITY, None, 0, "priority at the dials until the host asks"),
    _both(Prop.SLOT1, 1, "a card in the slot", 1),
    _both(Prop.BATTERY, 80, "a charged battery"),
)
"""The ready state, applied to what a listing has; an enumeration that lacks the value gets it."""


def make_ready(draft: Draft, row: Body) -> None:
    """Apply the rows of `READY` to what `draft` lists."""
    for ready in READY:
        value = ready.value_200 if draft.version is Version.V200 else ready.value_300
        if value is None or not draft.has(ready.code):
            continue
        why = f"ready: {ready.why}"
        found = next(d for d in draft.rows if d.code == ready.code)
        if ready.code == Prop.SHUTTER_SPEED and draft.version is Version.V300:
            draft.set_list(ready.code, ladder(row), "own row: shutter list")
        elif ready.code in (Prop.ISO, Prop.ISO_DIRECT):
            value = _iso_for(found, row, value)
        elif found.form is Form.ENUM and found.values and value not in found.values:
            draft.set_list(ready.code, (*(v for v in found.values if isinstance(v, int)), value), why)
        fields: dict[str, object] = {"current": value}
        if ready.enabled == 1 and found.form is Form.ENUM and not found.values and found.reportable:
            # The dump was made while the camera locked it; what it does not lock can be set to all of it (rule B2).
            fields["values"] = found.reportable
        if ready.enabled is not None and found.get_set != 0x81:
            fields["enabled"] = ready.enabled
        draft.change(ready.code, why, **fields)
    _ready_raw_type(draft, row)


def _iso_for(found: Descriptor, row: Body, wanted: int) -> int:
    true = row.isos or found.choices
    plain = [v for v in true if (iso := decode_iso(v)) is not None and iso.number is not None and iso.high == 0]
    if not plain or wanted in plain:
        return wanted
    return min(plain, key=lambda v: abs(v - wanted))


def _ready_raw_type(draft: Draft, row: Body) -> None:
    found = next((d for d in draft.rows if d.code == Prop.RAW_TYPE), None)
    if found is None:
        return
    types = tuple(v for v in found.reportable or found.values if isinstance(v, int)) or raw_types(row)
    if types:
        current = found.current if found.current in types else types[0]
        draft.change(
            Prop.RAW_TYPE, "ready: RAW type may be chosen", values=types, reportable=types, current=current, enabled=1
        )
