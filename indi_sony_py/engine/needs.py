"""THE TABLE of what must hold before the press, row by row, with the texts that name the menu.

Rows are looked at in their order on fresh settings. A property that a body does not list never stands in the way: a
missing descriptor is "unknown", and unknown is not wrong (ILCE-7M3 hides some, ILCE-7M4 hides its buttons).
Sources of codes and values: `sony/protocol.toml`; of the advice: the names in Sony's
menus, and what owners report (`[sources]` of `sony/bodies.toml`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from indi_sony_py import texts
from indi_sony_py.engine.adjust import BULB_WORDS, FORMAT_WORDS, ISO_WORDS, SPEED_WORDS, Goal, Need, same, settable
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
from indi_sony_py.texts import Text

__all__ = ["STANDARD_ISOS", "format_target", "iso_goal", "iso_ladder", "needs_for", "shutter_goal"]

STANDARD_ISOS = (
    *(100, 125, 160, 200, 250, 320, 400, 500, 640, 800, 1000, 1250, 1600, 2000, 2500, 3200, 4000, 5000, 6400),
    *(8000, 10000, 12800, 16000, 20000, 25600),
)
"""For a body of which no list is known: the thirds of a stop that all bodies since 2012 share (rows of the bodies).
Each is read back; one that the body lacks is refused in words."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A setting with a plain test. `target` None: it cannot be set from here. `when` limits it to some requests.

    `wrong`: what the user reads, None for nothing; `show` names the value in it. `insist`: written even where the
    camera says that it cannot be.
    """

    name: str
    code: int
    good: Callable[[int], bool]
    target: int | None
    wrong: Text | None
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
    _Row("battery", Prop.BATTERY_LEVEL, lambda v: v != 2, None, texts.settings.BATTERY),
    _Row("movie", Prop.MOVIE_STATE, lambda v: v in (0, 2), None, texts.settings.MOVIE),
    _Row("playback", Prop.OPERATING_MODE, lambda v: v == 1, None, texts.settings.PLAYBACK),
    _Row(
        "program", Prop.PROGRAM, lambda v: decode_program(v).is_manual, 1, texts.settings.PROGRAM, show=_program,
    ),
    _Row(
        "drive", Prop.DRIVE, lambda v: decode_drive(v) is DriveKind.SINGLE, 1, texts.settings.DRIVE, show=_drive,
    ),
    _Row("interval", Prop.INTERVAL, lambda v: v == 1, 1, texts.settings.INTERVAL),
    _Row("destination", Prop.SAVE_DESTINATION, _reaches_host, 1, texts.settings.CARD_ONLY),
    _Row("transfer size", Prop.TRANS_SIZE, lambda v: v == 1, 1, texts.settings.SMALL_IMAGE),
    _Row(
        "transfer kind", Prop.RAW_JPEG_SAVE, lambda v: v not in (2, 5), 1, texts.settings.JPEG_ONLY,
        when=lambda request, plan: request.capture_format != "jpeg",
    ),
    _Row("silent", Prop.SILENT, lambda v: v != 2, 1, texts.settings.SILENT, must=False, when=_bulb),
    _Row("bulb timer", Prop.BULB_TIMER, lambda v: v == 0, 0, texts.settings.BULB_TIMER, must=False, when=_bulb),
    _Row("no lens", Prop.RELEASE_WITHOUT_LENS, lambda v: v == 2, 2, None, must=False),
    _Row("no card", Prop.RELEASE_WITHOUT_CARD, lambda v: v == 2, 2, None, must=False),
    _Row(
        "focus", Prop.FOCUS_MODE, _is_manual_focus, 1, texts.settings.AUTO_FOCUS, must=False, insist=True, show=_focus,
    ),
)  # fmt: skip


def _row_need(row: _Row) -> Need:
    def check(settings: Settings) -> Goal | str | None:
        found = settings.get(row.code)
        value = settings.number(row.code)
        if found is None or value is None or row.good(value):
            return None
        wrong = _said(row, value)
        insisting = row.insist and settings.version is Version.V200
        if row.target is None or not (insisting or settable(found, settings.version, row.target)):
            return wrong
        return Goal(row.code, row.target, wrong=wrong)

    return Need(row.name, check, row.must)


def _said(row: _Row, value: int) -> str:
    if row.wrong is None:
        return ""
    return row.wrong() if row.show is None else row.wrong(value=row.show(value))


_CARD_WRONG = {
    2: texts.settings.NO_CARD,
    3: texts.settings.CARD_UNREADABLE,
    8: texts.settings.CARD_UNFORMATTED,
    9: texts.settings.CARD_READ_ONLY,
}


def _card(settings: Settings) -> str | None:
    """A card is needed only where images go to it too."""
    if settings.number(Prop.SAVE_DESTINATION) not in (SaveDestination.CARD, SaveDestination.BOTH):
        return None
    slots = [settings.number(code) for code in (Prop.SLOT1, Prop.SLOT2)]
    known = [s for s in slots if s is not None]
    if not known or any(s not in _CARD_WRONG for s in known):
        return None
    return _CARD_WRONG[known[0]]()


def _format_needs(request: ExposureRequest) -> tuple[Need, ...]:
    """RAW or RAW+JPEG as asked for. Where only that differs, the RAW comes all the same: it's told, and no more."""
    if request.capture_format == "jpeg":
        return (Need("file format", _jpeg_alone),)
    wanted = FileFormat(True, request.capture_format != "raw")
    aim = "RAW & JPEG" if wanted.companion else "RAW"

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
        target = format_target(found, settings.version, wanted)
        if target is None or not settable(found, settings.version, target):
            return texts.settings.FORMAT_IS(value=_named_format(value, settings.version), aim=aim)
        version = settings.version
        return Goal(code, target, FORMAT_WORDS, aim, show=lambda v: _named_format(v, version))

    return Need("file format", raw), Need("companion", check, must=False)


_JPEGS = {Version.V200: (1, 2, 3, 4), Version.V300: (3,)}
"""JPEG alone, from small files to large ones; HEIF has other codes."""


def _jpeg_alone(settings: Settings) -> Goal | str | None:
    """JPEG of any quality as it is; else the best one that is offered."""
    version = settings.version
    code = Prop.FILE_FORMAT_300 if version is Version.V300 else Prop.FILE_FORMAT_200
    found, value = settings.get(code), settings.number(code)
    if found is None or value is None or value in _JPEGS[version]:
        return None
    offered = [v for v in _JPEGS[version] if v in found.choices] if found.choices else [3]
    if not offered or not settable(found, version, offered[-1]):
        return texts.settings.FORMAT_IS(value=_named_format(value, version), aim="JPEG")
    return Goal(code, offered[-1], FORMAT_WORDS, "JPEG", show=lambda v: _named_format(v, version))


def _named_format(value: int, version: Version) -> str:
    found = decode_file_format(value, version)
    if found is None:
        return str(value)
    return ("RAW & JPEG" if found.companion else "RAW") if found.raw else "JPEG"


def format_target(found: Descriptor, version: Version, wanted: FileFormat) -> int | None:
    """The camera's code of a file format; None where it lists others alone."""
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
        return texts.settings.ISO_NOT_LISTED()
    if current == iso:
        return None
    aim = _iso_label(iso)
    direct = direct_code(settings, Prop.ISO, Prop.ISO_DIRECT)
    if direct:
        write = settings.get(direct)
        if write is not None and (not write.choices or iso in write.choices):
            return Goal(Prop.ISO, iso, ISO_WORDS, aim, show=_iso_label, write_code=direct)
        if settings.version is Version.V300:
            return texts.settings.ISO_NOT_OFFERED(aim=aim)
    ladder = iso_ladder(found, body)
    if current is not None and current not in ladder and (now := decode_iso(current)) is not None and now.auto:
        # It stands below the lowest number, as whole lists have it; a walk that begins beside its ladder goes nowhere.
        ladder = (current, *ladder)
    return Goal(
        Prop.ISO, iso, ISO_WORDS, aim, show=_iso_label, ladder=ladder, notches=True, notch_s=body.notch_s
    )  # fmt: skip


def _shutter_label(value: int) -> str:
    speed = decode_shutter(value)
    return f"{label_shutter(speed)} s" if isinstance(speed, Fraction) else label_shutter(speed)


def _shutter_need(plan: Plan, body: Body) -> Need:
    bulb = plan.mode is ShutterMode.BULB
    words = BULB_WORDS if bulb else SPEED_WORDS

    def check(settings: Settings) -> Goal | str | None:
        current = settings.number(Prop.SHUTTER_SPEED)
        found = settings.get(Prop.SHUTTER_SPEED)
        if found is None:
            return words.not_listed()
        if current is not None and same(Prop.SHUTTER_SPEED, current, plan.shutter):
            return None
        aim = "BULB" if bulb else f"{plan.label} s"
        direct = direct_code(settings, Prop.SHUTTER_SPEED, Prop.SHUTTER_DIRECT)
        if direct:
            write = settings.get(direct)
            # A list may lack BULB on a body that has it (libgphoto2#159): what reads back decides.
            tried = bulb and settings.version is Version.V300
            if write is not None and (not write.choices or plan.shutter in write.choices or tried):
                return Goal(Prop.SHUTTER_SPEED, plan.shutter, words, aim, show=_shutter_label, write_code=direct)
            if settings.version is Version.V300:
                return texts.settings.SPEED_NOT_OFFERED(aim=aim)
        speeds = shutter_speeds(settings, body)
        ladder = (0, *(encode_shutter(s) for s in speeds))
        return Goal(
            Prop.SHUTTER_SPEED, plan.shutter, words, aim, show=_shutter_label, ladder=ladder, notches=True,
            notch_s=body.notch_s,
        )  # fmt: skip

    return Need("shutter speed", check)


def shutter_goal(code: int, settings: Settings, body: Body) -> Goal | str | None:
    """The way to a shutter speed, given as the camera's code (0 is bulb). None when it is set."""
    speed = decode_shutter(code)
    if not isinstance(speed, Fraction):
        return _shutter_need(Plan(ShutterMode.BULB, code, 0.0, None, label_shutter(speed)), body).check(settings)
    seconds = float(speed)
    plan = Plan(ShutterMode.TIMED, code, seconds, seconds, label_shutter(speed))
    return _shutter_need(plan, body).check(settings)


def needs_for(request: ExposureRequest, plan: Plan, body: Body) -> tuple[Need, ...]:
    """All that must hold for this exposure, in the order in which it is brought about."""
    rows = tuple(_row_need(row) for row in _ROWS if row.when(request, plan))
    card = Need("card", _card)
    needs = [*rows, card, *_format_needs(request)]
    iso = request.iso
    if iso is not None:
        needs.append(Need("iso", lambda settings: iso_goal(iso, settings, body)))
    needs.append(_shutter_need(plan, body))
    return tuple(needs)
