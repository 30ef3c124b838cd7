"""THE TABLE of what must hold before the press, row by row, with the words that name the menu.

Rows are looked at in their order on fresh settings. A property that a body does not list never stands in the way: a
missing descriptor is "unknown", and unknown is not wrong (ILCE-7M3 hides some, ILCE-7M4 hides its buttons).
Sources of codes and values: `sony/protocol.toml`; of the advice: the names in Sony's
menus, and what owners report (`[sources]` of `sony/bodies.toml`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from indi_sony_py.engine.adjust import Goal, Need, same, settable
from indi_sony_py.engine.messages import ExposureRequest, ShutterMode
from indi_sony_py.engine.plan import Plan, direct_code, shutter_speeds
from indi_sony_py.sony.bodies import Body
from indi_sony_py.sony.codes import Prop, value_label
from indi_sony_py.sony.snapshot import Descriptor, Settings, Version
from indi_sony_py.sony.values import (
    DriveKind,
    FileFormat,
    FocusMode,
    ProgramKind,
    SaveDestination,
    decode_drive,
    decode_file_format,
    decode_iso,
    decode_program,
    decode_shutter,
    encode_shutter,
    label_iso,
    label_shutter,
    lookup,
)

__all__ = ["STANDARD_ISOS", "iso_goal", "iso_ladder", "needs_for"]

STANDARD_ISOS = (
    *(100, 125, 160, 200, 250, 320, 400, 500, 640, 800, 1000, 1250, 1600, 2000, 2500, 3200, 4000, 5000, 6400),
    *(8000, 10000, 12800, 16000, 20000, 25600),
)
"""For a body of which no list is known: the thirds of a stop that all bodies since 2012 share (rows of the bodies).
Each is read back; one that the body lacks is refused in words."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A setting with a plain test. `target` None: it cannot be set from here. `when` limits it to some requests.

    `show` names a value in the sentence `wrong`; `insist`: written even where the camera says that it cannot be.
    """

    name: str
    code: int
    good: Callable[[int], bool]
    target: int | None
    wrong: str
    advice: str
    must: bool = True
    when: Callable[[ExposureRequest, Plan], bool] = lambda request, plan: True
    insist: bool = False
    show: Callable[[int], str] | None = None


def _program(value: int) -> str:
    kind = decode_program(value)
    return value_label(Prop.PROGRAM, value) if kind is ProgramKind.OTHER else kind.value


def _drive(value: int) -> str:
    kind = decode_drive(value)
    return value_label(Prop.DRIVE, value) if kind is DriveKind.OTHER else kind.value


def _focus(value: int) -> str:
    return value_label(Prop.FOCUS_MODE, value).upper().replace("_", "-")


def _reaches_host(value: int) -> bool:
    found = lookup(SaveDestination, value)
    return found is None or found.reaches_host


def _is_manual_focus(value: int) -> bool:
    found = lookup(FocusMode, value)
    return found is not None and found.is_manual


def _bulb(request: ExposureRequest, plan: Plan) -> bool:
    return plan.mode is ShutterMode.BULB


_ROWS = (
    _Row(
        "battery", Prop.BATTERY_LEVEL, lambda v: v != 2, None, "The battery is empty",
        "Put in a charged one, or power the camera over USB.",
    ),
    _Row(
        "movie", Prop.MOVIE_STATE, lambda v: v in (0, 2), None, "The camera is recording a movie",
        "Stop the recording at the camera.",
    ),
    _Row(
        "playback", Prop.OPERATING_MODE, lambda v: v == 1, None, "The camera shows its pictures (playback)",
        "Half-press its shutter button, so that it is ready to shoot.",
    ),
    _Row(
        "program", Prop.PROGRAM, lambda v: decode_program(v).is_manual, 1, "The mode dial stands on {label}",
        "Turn it to M (manual exposure).", show=_program,
    ),
    _Row(
        "drive", Prop.DRIVE, lambda v: decode_drive(v) is DriveKind.SINGLE, 1, "The drive mode is {label}",
        "Set Drive Mode: Single Shooting.", show=_drive,
    ),
    _Row(
        "interval", Prop.INTERVAL, lambda v: v == 1, 1, "Interval shooting is on",
        "Set Interval Shoot Func.: Off.",
    ),
    _Row(
        "destination", Prop.SAVE_DESTINATION, _reaches_host, 1, "Images are saved to the card only",
        "Set Still Img. Save Dest.: PC Only or PC+Camera (menu: Network or Setup, PC Remote Settings).",
    ),
    _Row(
        "transfer size", Prop.TRANS_SIZE, lambda v: v == 1, 1, "Only a small JPEG is sent to the computer",
        "Set PC Save Image Size: Original.",
    ),
    _Row(
        "transfer kind", Prop.RAW_JPEG_SAVE, lambda v: v not in (2, 5), 1, "Only the JPEG is sent to the computer",
        "Set RAW+J PC Save Image: RAW & JPEG.",
    ),
    _Row(
        "silent", Prop.SILENT, lambda v: v != 2, 1, "Silent shooting takes BULB away on some bodies",
        "Set Silent Mode: Off.", must=False, when=_bulb,
    ),
    _Row(
        "no lens", Prop.RELEASE_WITHOUT_LENS, lambda v: v == 2, 2, "", "", must=False,
    ),
    _Row(
        "no card", Prop.RELEASE_WITHOUT_CARD, lambda v: v == 2, 2, "", "", must=False,
    ),
    _Row(
        "focus", Prop.FOCUS_MODE, _is_manual_focus, 1, "Auto-focus is on ({label})",
        "Each exposure waits for it: set the focus mode to MF at the camera or the lens.", must=False, insist=True,
        show=_focus,
    ),
)  # fmt: skip


def _row_need(row: _Row) -> Need:
    def check(settings: Settings) -> Goal | str | None:
        found = settings.get(row.code)
        value = settings.number(row.code)
        if found is None or value is None or row.good(value):
            return None
        wrong = row.wrong.format(label=value_label(row.code, value) if row.show is None else row.show(value))
        insisting = row.insist and settings.version is Version.V200
        if row.target is None or not (insisting or settable(found, settings.version, row.target)):
            return wrong
        return Goal(row.code, row.target, row.name, wrong=wrong)

    return Need(row.name, check, row.must, row.advice)


_CARD_WRONG = {
    2: "no card is in the camera",
    3: "the card cannot be read",
    8: "the card must be formatted",
    9: "the card is read-only",
}


def _card(settings: Settings) -> str | None:
    """A card is needed only where images go to it too."""
    if settings.number(Prop.SAVE_DESTINATION) not in (SaveDestination.CARD, SaveDestination.BOTH):
        return None
    slots = [settings.number(code) for code in (Prop.SLOT1, Prop.SLOT2)]
    known = [s for s in slots if s is not None]
    if not known or any(s not in _CARD_WRONG for s in known):
        return None
    return f"Images are to be saved on the card too, but {_CARD_WRONG[known[0]]}"


def _format_needs(request: ExposureRequest) -> tuple[Need, Need]:
    """RAW or RAW+JPEG as asked for. Where only that differs, the RAW comes all the same: it's told, and no more."""
    wanted = FileFormat(True, request.capture_format != "raw")

    def raw(settings: Settings) -> Goal | str | None:
        code = Prop.FILE_FORMAT_300 if settings.version is Version.V300 else Prop.FILE_FORMAT_200
        now = decode_file_format(settings.number(code) or 0, settings.version)
        return None if now is not None and now.raw else check(settings)

    def check(settings: Settings) -> Goal | str | None:
        code = Prop.FILE_FORMAT_300 if settings.version is Version.V300 else Prop.FILE_FORMAT_200
        found = settings.get(code)
        value = settings.number(code)
        if found is None or value is None:
            return None
        if decode_file_format(value, settings.version) == wanted:
            return None
        target = _format_target(found, settings.version, wanted)
        if target is None or not settable(found, settings.version, target):
            return f"The file format is {_named_format(value, settings.version)}"
        version = settings.version
        aim = _named_format(target, version)
        return Goal(code, target, "file format", aim, show=lambda v: _named_format(v, version))

    both = "RAW & JPEG" if wanted.companion else "RAW"
    return (
        Need("file format", raw, True, "Set File Format (or Quality) to RAW, for RAW+JPEG to RAW & JPEG."),
        Need("companion", check, False, f"Set File Format (or Quality) to {both}."),
    )


def _named_format(value: int, version: Version) -> str:
    found = decode_file_format(value, version)
    if found is None:
        return str(value)
    return ("RAW+JPEG" if found.companion else "RAW") if found.raw else "JPEG"


def _format_target(found: Descriptor, version: Version, wanted: FileFormat) -> int | None:
    offered = [v for v in found.choices if decode_file_format(v, version) == wanted]
    if offered:
        return offered[0]
    if found.choices:
        return None
    usual = {(Version.V200, False): 0x10, (Version.V200, True): 0x13, (Version.V300, False): 1, (Version.V300, True): 2}
    return usual[version, wanted.companion]


def iso_ladder(found: Descriptor, body: Body) -> tuple[int, ...]:
    """The ISO values in the order of the notches: the body's true list, else what it lists, else the usual ones."""
    listed = tuple(v for v in found.choices if (i := decode_iso(v)) is not None and i.high == 0)
    return body.isos or (listed if len(listed) > 1 else STANDARD_ISOS)


def _iso_label(value: int) -> str:
    return label_iso(decode_iso(value))


def iso_goal(iso: int, settings: Settings, body: Body) -> Goal | str | None:
    """The way to an ISO, given as the camera's code. None when it is set."""
    current = settings.number(Prop.ISO)
    found = settings.get(Prop.ISO)
    if found is None:
        return "The camera does not list its ISO"
    if current == iso:
        return None
    aim = _iso_label(iso)
    direct = direct_code(settings, Prop.ISO, Prop.ISO_DIRECT)
    if direct:
        write = settings.get(direct)
        if write is not None and (not write.choices or iso in write.choices):
            return Goal(Prop.ISO, iso, "ISO", aim, show=_iso_label, write_code=direct)
        if settings.version is Version.V300:
            return f"The camera does not offer ISO {aim} now"
    return Goal(
        Prop.ISO, iso, "ISO", aim, show=_iso_label, ladder=iso_ladder(found, body), notches=True, notch_s=body.notch_s
    )


def _shutter_label(value: int) -> str:
    speed = decode_shutter(value)
    return f"{label_shutter(speed)} s" if isinstance(speed, Fraction) else label_shutter(speed)


def _shutter_need(plan: Plan, body: Body) -> Need:
    def check(settings: Settings) -> Goal | str | None:
        current = settings.number(Prop.SHUTTER_SPEED)
        found = settings.get(Prop.SHUTTER_SPEED)
        if found is None:
            return "The camera does not list its shutter speed"
        if current is not None and same(Prop.SHUTTER_SPEED, current, plan.shutter):
            return None
        aim = "BULB" if plan.mode is ShutterMode.BULB else f"{plan.label} s"
        direct = direct_code(settings, Prop.SHUTTER_SPEED, Prop.SHUTTER_DIRECT)
        if direct:
            write = settings.get(direct)
            if write is not None and (not write.choices or plan.shutter in write.choices):
                return Goal(
                    Prop.SHUTTER_SPEED, plan.shutter, "shutter speed", aim, show=_shutter_label, write_code=direct
                )
            if settings.version is Version.V300:
                return f"The camera does not offer the shutter speed {aim} now"
        speeds = shutter_speeds(settings, body)
        ladder = (0, *(encode_shutter(s) for s in speeds))
        return Goal(
            Prop.SHUTTER_SPEED, plan.shutter, "shutter speed", aim, show=_shutter_label, ladder=ladder, notches=True,
            notch_s=body.notch_s,
        )  # fmt: skip

    advice = (
        "Turn the shutter dial past 30 s to BULB at the camera; drive mode must be Single, Silent Mode off."
        if plan.mode is ShutterMode.BULB
        else "Set the shutter speed at the camera, and check that its dial is not locked."
    )
    return Need("shutter speed", check, True, advice)


def needs_for(request: ExposureRequest, plan: Plan, body: Body) -> tuple[Need, ...]:
    """All that must hold for this exposure, in the order in which it is brought about."""
    rows = tuple(_row_need(row) for row in _ROWS if row.when(request, plan))
    card = Need("card", _card, True, "Put in a card that can be written to, or set Still Img. Save Dest.: PC Only.")
    needs = [*rows, card, *_format_needs(request)]
    iso = request.iso
    if iso is not None:
        needs.append(Need("iso", lambda settings: iso_goal(iso, settings, body), True, "Choose another ISO."))
    needs.append(_shutter_need(plan, body))
    return tuple(needs)
