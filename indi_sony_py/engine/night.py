"""THE TABLE of what a night needs of the camera, set once when it is connected and put back when it is left. Pure.

Where this ends and `needs` begins: `needs` rules at the shot, for what it asks for must hold at the press, whatever the
user chose here; it sees only what an exposure cannot do without. This table is looked at once for each session, before
its first exposure, for what makes every frame of a night better, or an exposure cheaper to prepare. Rows that stand in
both have the same name, so that a camera that does not follow here is not asked again there.

- What the driver changed by itself, here or for an exposure, is remembered with the value before (`Changed`) and put
  back at a disconnect, while it still reads as the driver set it. What somebody changed since (a client, the camera's
  own buttons) is theirs: it is neither put back nor set again.
- Only values are written, never notches, each once: so it takes a fraction of a second a setting, and `SETUP_MAX_S` at
  the most.
- What a body does not list, or does not take, is told once, in one message, with the entries of its menu.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from indi_sony_py import texts
from indi_sony_py.engine.adjust import Goal, Need, settable
from indi_sony_py.engine.messages import Changed, Identity
from indi_sony_py.engine.needs import format_target
from indi_sony_py.sony.bodies import Body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.labels import label_of
from indi_sony_py.sony.menus import menu_paths
from indi_sony_py.sony.snapshot import Descriptor, Settings, Version
from indi_sony_py.sony.values import (
    DriveKind,
    FileFormat,
    FocusMode,
    RawType,
    SaveDestination,
    decode_drive,
    decode_file_format,
    decode_program,
    lookup,
)
from indi_sony_py.texts.row import Clause

__all__ = [
    "ITEMS",
    "RESTORED",
    "Item",
    "back_needs",
    "deviations",
    "left",
    "of_camera",
    "proposal",
    "remember",
    "settled",
    "told",
    "unseen",
    "wanted",
]

Good = Callable[[int, Version], bool]
Target = Callable[[Descriptor, Version], int | None]


@dataclass(frozen=True, slots=True)
class Item:
    """One setting. `quiet`: not worth a word where it cannot be set. `applies`: to which bodies."""

    name: str
    code_200: int
    code_300: int
    good: Good
    target: Target
    words: Clause
    applies: Callable[[Body], bool] = lambda body: True
    quiet: bool = False
    insist: bool = False

    def code(self, version: Version) -> int:
        return self.code_300 if version is Version.V300 else self.code_200


def _fixed(value: int) -> Target:
    return lambda found, version: value


def _is(value: int) -> Good:
    return lambda now, version: now == value


def _raw_target(found: Descriptor, version: Version) -> int | None:
    return format_target(found, version, FileFormat(True, False))


def _has_raw(value: int, version: Version) -> bool:
    found = decode_file_format(value, version)
    return found is not None and found.raw


_BEST_RAW = (RawType.UNCOMPRESSED, RawType.LOSSLESS_L, RawType.LOSSLESS)


def _whole(value: int, version: Version) -> bool:
    """Nothing lost, at full size."""
    return value in _BEST_RAW


def _best_raw(found: Descriptor, version: Version) -> int | None:
    listed = (*found.choices, *(v for v in found.reportable or () if isinstance(v, int)))
    return next((int(kind) for kind in _BEST_RAW if kind in listed), None)


def _manual(value: int, version: Version) -> bool:
    mode = lookup(FocusMode, value)
    return mode is not None and mode.is_manual


def _reaches_host(value: int, version: Version) -> bool:
    found = lookup(SaveDestination, value)
    return found is None or found.reaches_host


def _interchangeable(body: Body) -> bool:
    return body.mount in ("E", "A") or not body.known


def _off(name: str, code: int, words: Clause, applies: Callable[[Body], bool] = lambda body: True) -> Item:
    return Item(name, code, code, _is(1), _fixed(1), words, applies)


ITEMS = (
    Item(
        "program", Prop.PROGRAM, Prop.PROGRAM, lambda v, version: decode_program(v).is_manual, _fixed(1),
        texts.night.PROGRAM,
    ),
    Item(
        "drive", Prop.DRIVE, Prop.DRIVE, lambda v, version: decode_drive(v) is DriveKind.SINGLE, _fixed(1),
        texts.night.DRIVE,
    ),
    Item("focus", Prop.FOCUS_MODE, Prop.FOCUS_MODE, _manual, _fixed(1), texts.night.FOCUS, insist=True),
    Item("file format", Prop.FILE_FORMAT_200, Prop.FILE_FORMAT_300, _has_raw, _raw_target, texts.night.FORMAT),
    Item(
        "raw type", Prop.RAW_TYPE, Prop.RAW_TYPE, _whole, _best_raw, texts.night.RAW_TYPE,
        lambda body: len(body.raw_formats) > 1,
    ),
    Item("image size", Prop.IMAGE_SIZE, Prop.IMAGE_SIZE, _is(1), _fixed(1), texts.night.IMAGE_SIZE, quiet=True),
    Item(
        "destination", Prop.SAVE_DESTINATION, Prop.SAVE_DESTINATION, _reaches_host, _fixed(SaveDestination.HOST),
        texts.night.DESTINATION, lambda body: False,
    ),
    _off("silent", Prop.SILENT, texts.night.SILENT, lambda body: body.family in ("2018", "2019", "gen3")),
    _off("steady shot", Prop.STEADY_SHOT, texts.night.STEADY),
    _off("noise reduction", Prop.LONG_EXPOSURE_NR, texts.night.REDUCTION, lambda body: not body.own_dark_fixed),
    Item("no lens", Prop.RELEASE_WITHOUT_LENS, Prop.RELEASE_WITHOUT_LENS, _is(2), _fixed(2), texts.night.NO_LENS,
         _interchangeable),
    _off("crop", Prop.APSC_CROP, texts.night.CROP, lambda body: body.has_apsc),
)  # fmt: skip
"""In the order in which they are set: the RAW type can be set only where the format has a RAW."""

RESTORED = frozenset(
    {
        *(code for item in ITEMS for code in (item.code_200, item.code_300)),
        *(Prop.INTERVAL, Prop.TRANS_SIZE, Prop.RAW_JPEG_SAVE, Prop.BULB_TIMER, Prop.RELEASE_WITHOUT_CARD),
    }
)
"""What is put back, whether it was set here or for an exposure. Shutter speed and ISO are not: each exposure has its
own."""


def of_camera(entries: Iterable[Changed], identity: Identity) -> tuple[Changed, ...]:
    """The entries of this camera in this version of the protocol, whose codes have other values in the other one."""
    return tuple(
        e for e in entries if (e.model, e.serial, e.version) == (identity.model, identity.serial, identity.version)
    )


def remember(
    entries: tuple[Changed, ...], identity: Identity, code: int, before: int, now: int, users: bool = False
) -> tuple[Changed, ...]:
    """`code` goes from `before` to `now`, by ourselves or (`users`) because a user chose it."""
    old = next((e for e in of_camera(entries, identity) if e.code == code), None)
    rest = tuple(e for e in entries if e is not old)
    first = before if old is None or old.users else old.before
    if not users and first == now:
        return rest
    made = Changed(identity.model, identity.serial, identity.version, code, first, now, users)
    return (*rest, made) if old is None else tuple(made if e is old else e for e in entries)


def deviations(entries: tuple[Changed, ...], identity: Identity, settings: Settings) -> tuple[Changed, ...]:
    """The same, where what reads otherwise than it was set is the user's: somebody changed it at the camera."""
    mine = of_camera(entries, identity)

    def moved(entry: Changed) -> bool:
        value = settings.number(entry.code)
        return entry in mine and not entry.users and value is not None and value != entry.now

    if not any(map(moved, mine)):
        return entries
    return tuple(replace(entry, users=True) if moved(entry) else entry for entry in entries)


def _theirs(entries: tuple[Changed, ...], code: int) -> bool:
    return any(e.code == code and e.users for e in entries)


def _state(item: Item, settings: Settings, body: Body) -> tuple[Descriptor, int] | None:
    """What is listed for a row and is not as it should be."""
    code = item.code(settings.version)
    found, value = settings.get(code), settings.number(code)
    if item.name == "crop" and found is None:
        # Bodies that cannot be told to crop still say that they do (0xD219); on an APS-C body it always says so.
        found, value = settings.get(Prop.SENSOR_CROP), settings.number(Prop.SENSOR_CROP)
        return None if found is None or value != 2 or not body.has_apsc else (found, value)
    if found is None or value is None or item.good(value, settings.version):
        return None
    return found, value


def proposal(body: Body, entries: tuple[Changed, ...]) -> tuple[Need, ...]:
    """A need for each row; `entries` are this camera's. What fails is named by the walk's `skipped`."""
    return tuple(_need(item, body, entries) for item in ITEMS)


def _need(item: Item, body: Body, entries: tuple[Changed, ...]) -> Need:
    def check(settings: Settings) -> Goal | str | None:
        state = _state(item, settings, body)
        if state is None or _theirs(entries, item.code(settings.version)):
            return None
        found, _ = state
        words = item.words()
        target = item.target(found, settings.version)
        insisting = item.insist and settings.version is Version.V200
        if found.code not in RESTORED or target is None:
            return words
        if not insisting and not settable(found, settings.version, target):
            return words
        return Goal(found.code, target, wrong=words, tries=1)

    return Need(item.name, check, must=False)


def wanted(settings: Settings, body: Body) -> tuple[str, ...]:
    """What would be changed, in words."""
    wrong = (item for item in ITEMS if not item.quiet and _state(item, settings, body) is not None)
    return tuple(item.words() for item in wrong)


def unseen(settings: Settings, body: Body) -> tuple[str, ...]:
    """What the body has and does not list, with the entries of its menu."""
    listed = {Prop.SENSOR_CROP: "crop"} if body.has_apsc else {}
    seen = {name for code, name in listed.items() if code in settings}
    hidden = (i for i in ITEMS if i.code(settings.version) not in settings and i.name not in seen)
    return menu_paths((i.name for i in hidden if not i.quiet and i.applies(body)), body)


def left(skipped: Iterable[str], body: Body) -> tuple[str, ...]:
    """Where the menu has what could not be set, by the names of the rows."""
    known = frozenset(skipped)
    return menu_paths((i.name for i in ITEMS if i.name in known and not i.quiet), body)


def told(names: Iterable[str]) -> tuple[str, ...]:
    """The words for rows, in the table's order."""
    known = frozenset(names)
    return tuple(item.words() for item in ITEMS if item.name in known)


def back_needs(entries: tuple[Changed, ...]) -> tuple[Need, ...]:
    """A need for each value to be put back, the last change first: what hangs on another setting comes before it."""
    return tuple(_back(entry) for entry in reversed(entries) if not entry.users)


def _back(entry: Changed) -> Need:
    words = texts.night.FURTHER(setting=_name(entry.code), value=label_of(entry.code, entry.before))

    def check(settings: Settings) -> Goal | str | None:
        found, value = settings.get(entry.code), settings.number(entry.code)
        if found is None or value != entry.now:
            return None
        if not settable(found, settings.version, entry.before):
            return words
        return Goal(entry.code, entry.before, wrong=words, tries=1)

    return Need(f"0x{entry.code:04X}", check, must=False)


def _name(code: int) -> str:
    from indi_sony_py.sony.codes import property_row

    row = property_row(code)
    return f"0x{code:04X}" if row is None else row.name


def settled(entries: tuple[Changed, ...], mine: tuple[Changed, ...], settings: Settings) -> tuple[Changed, ...]:
    """What stays to be put back after a try that was broken off: the rest of `mine`, and other cameras'."""
    done = {e for e in mine if e.users or settings.number(e.code) != e.now}
    return tuple(e for e in entries if e not in done)
