"""The camera's settings: what is set, and what hangs on it. Pure.

- A value that is put is true at once, and told by an event; what the host writes comes through `hostwrites`.
- Bulb needs M, single drive and no silent shutter (xov.jp/e/1471 for an ILCE-7M3); a speed of bulb falls to 30 s else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from indi_sony_py.ptp.data import DataType, Value
from indi_sony_py.sim.book import Book
from indi_sony_py.sim.world import World
from indi_sony_py.sony import magnifier
from indi_sony_py.sony.codes import Ev, Prop
from indi_sony_py.sony.snapshot import Form, Lists, Version
from indi_sony_py.sony.values import (
    DriveKind,
    FileFormat,
    FocusMode,
    ProgramKind,
    decode_drive,
    decode_file_format,
    decode_program,
    decode_shutter,
    lookup,
)

__all__ = ["BULB", "Panel"]

BULB = 0
"""As a shutter speed."""

_NO_APERTURE = 0xFFFE
_LONGEST = 300 << 16 | 10
_OWN_TIME = 1 << 16 | 60
_CARD_VALUES = {"ok": 1, "none": 2, "full": 1, "locked": 9}
_TIMED = frozenset({ProgramKind.MANUAL, ProgramKind.SHUTTER})


class Panel:
    """The settings of one body in the protocol version that was negotiated last."""

    def __init__(self, world: World, lists: Lists | None = None) -> None:
        self._world = world
        self._lists = lists
        self._books: dict[Version, Book] = {}
        self._touched: set[int] = set()
        self.on_focus_mode: Callable[[], None] = lambda: None
        self.book = self.book_of(world.profile.versions[-1])
        self._manual_shutter = self.shutter
        if not world.profile.as_dumped:
            self.refresh()

    def book_of(self, version: Version) -> Book:
        """The book of a version, open or not."""
        book = self._books.get(version)
        if book is None:
            book = Book(self._world.profile.listings[version].descriptors, version, self._lists)
            self._books[version] = book
        return book

    def use_version(self, version: Version) -> None:
        """Answer in `version` from now on; what was changed in the other one stays changed."""
        if self.book.version is version:
            return
        old, new, touched = self.book, self.book_of(version), self._touched
        given = self.file_format
        self.book = new
        for code in sorted(touched):
            value, target = old.get(code), new.get(code)
            if value is None or target is None:
                continue
            if code in (Prop.PROGRAM, Prop.DRIVE) and isinstance(value.current, int):
                new.set(code, self._spell(new, code, value.current & 0xFFFF))
            elif value.type is target.type:
                self.put(code, value.current)
        if touched & {Prop.FILE_FORMAT_200, Prop.FILE_FORMAT_300}:
            self.set_file_format(given)
        if touched or not self._world.profile.as_dumped:
            self.refresh()
            self.on_focus_mode()

    @staticmethod
    def _spell(book: Book, code: int, low: int) -> int:
        """How this body spells a 2.00 code in `book`: with its group in the high half where its lists have one."""
        descriptor = book.get(code)
        if descriptor is None or descriptor.type is not DataType.UINT32:
            return low
        known = (*descriptor.values, *(descriptor.reportable or ()))
        return next((v for v in known if isinstance(v, int) and v & 0xFFFF == low), low)

    # ── what is set ──────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def version(self) -> Version:
        return self.book.version

    @property
    def shutter(self) -> int:
        return self.book.number(Prop.SHUTTER_SPEED, _LONGEST)

    @property
    def timed(self) -> bool:
        """Whether the dial of speeds counts: in the other programs the body chooses the time."""
        return self.program in _TIMED

    @property
    def bulb(self) -> bool:
        return self.shutter == BULB and self.program is ProgramKind.MANUAL

    @property
    def nominal_s(self) -> Fraction | None:
        """The time that the body itself makes, as printed; None in bulb."""
        speed = decode_shutter(self.shutter if self.timed else _OWN_TIME)
        if isinstance(speed, Fraction):
            return speed
        return None if self.bulb else Fraction(1, 60)

    @property
    def iso(self) -> int:
        """The ISO number that a photo is made with; automatic means 100 here."""
        number = self.book.number(Prop.ISO, 100) & 0xFFFFFF
        return 100 if number in (0, 0xFFFFFF) else number

    @property
    def program(self) -> ProgramKind:
        return decode_program(self.book.number(Prop.PROGRAM, 1))

    @property
    def drive(self) -> DriveKind:
        return decode_drive(self.book.number(Prop.DRIVE, 1))

    @property
    def manual_focus(self) -> bool:
        mode = lookup(FocusMode, self.book.number(Prop.FOCUS_MODE, FocusMode.MANUAL))
        return mode is not None and mode.is_manual

    @property
    def file_format(self) -> FileFormat:
        code = Prop.FILE_FORMAT_200 if self.version is Version.V200 else Prop.FILE_FORMAT_300
        value = self.book.get(code)
        if value is None or not isinstance(value.current, int):
            return FileFormat(True, False)
        return decode_file_format(value.current, self.version) or FileFormat(True, False)

    def set_file_format(self, wanted: FileFormat) -> None:
        code = Prop.FILE_FORMAT_200 if self.version is Version.V200 else Prop.FILE_FORMAT_300
        if self.file_format == wanted:
            return
        descriptor = self.book.get(code)
        if descriptor is None:
            return
        for value in (*descriptor.choices, *range(0x30)):
            if decode_file_format(value, self.version) == wanted:
                self.put(code, value)
                return

    @property
    def save_to(self) -> int:
        return self.book.number(Prop.SAVE_DESTINATION, self._world.menu.save_to)

    @property
    def noise_reduction(self) -> bool:
        if Prop.LONG_EXPOSURE_NR in self.book:
            return self.book.number(Prop.LONG_EXPOSURE_NR) == 2
        return self._world.menu.noise_reduction

    @property
    def silent(self) -> bool:
        return self.book.number(Prop.SILENT, 2 if self._world.menu.silent else 1) == 2

    @property
    def release_without_lens(self) -> bool:
        return self.book.number(Prop.RELEASE_WITHOUT_LENS, 2 if self._world.menu.release_without_lens else 1) == 2

    @property
    def release_without_card(self) -> bool:
        return self.book.number(Prop.RELEASE_WITHOUT_CARD, 2 if self._world.menu.release_without_card else 1) == 2

    @property
    def playback(self) -> bool:
        return self._world.menu.playback or self.book.number(Prop.OPERATING_MODE, 1) == 2

    @property
    def movie(self) -> bool:
        return self.program.is_movie or self.book.number(Prop.MOVIE_STATE) == 1

    @property
    def live_view_status(self) -> int | None:
        """0xD221; None: it is not listed."""
        return self.book.number(Prop.LIVE_VIEW, 2) if Prop.LIVE_VIEW in self.book else None

    @property
    def magnifier(self) -> int:
        """0xD254; off where it is not listed."""
        return self.book.number(Prop.FOCUS_MAGNIFIER)

    @property
    def cropped(self) -> bool:
        return self.book.number(Prop.SENSOR_CROP, 1) == 2

    @property
    def priority(self) -> bool:
        return Prop.PRIORITY not in self.book or self.book.number(Prop.PRIORITY) == 1

    @property
    def bulb_timer_s(self) -> int | None:
        """What the body's own bulb timer is set to; None while it is off or not there."""
        return self.book.number(Prop.BULB_TIME) if self.book.number(Prop.BULB_TIMER) == 1 else None

    @property
    def bulb_allowed(self) -> bool:
        return (
            BULB in self._world.profile.shutters
            and self.program is ProgramKind.MANUAL
            and self.drive is DriveKind.SINGLE
            and not self.silent
        )

    # ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────

    def put(self, code: int, value: Value) -> None:
        """Set a listed value now, with all that hangs on it, and tell by an event. What is not listed, or does not fit
        its type, is left alone."""
        if not self.book.fits(code, value):
            return
        if code in (Prop.SHUTTER_SPEED, Prop.SHUTTER_SPEED_EXTENDED, Prop.SHUTTER_DIRECT) and isinstance(value, int):
            if code == Prop.SHUTTER_SPEED_EXTENDED:
                value = (value >> 32 & 0xFFFF) << 16 | value & 0xFFFF
            if code != Prop.SHUTTER_DIRECT or self.version is Version.V200:
                self._show_shutter(value)
                self._manual_shutter = value
                return
        if isinstance(value, int) and (code == Prop.ISO or (code == Prop.ISO_DIRECT and self.version is Version.V200)):
            self._show_iso(value)
            return
        if code == Prop.FOCUS_MAGNIFIER and isinstance(value, int) and magnifier.place(value) is None:
            value = value & ~magnifier.ANYWHERE | self.magnifier & magnifier.ANYWHERE
        if self.book.set(code, value):
            self._changed(code)
            if code == Prop.FOCUS_MODE:
                self.on_focus_mode()
            if code in (Prop.PROGRAM, Prop.DRIVE, Prop.SILENT, Prop.PRIORITY, Prop.FILE_FORMAT_300):
                self.refresh()

    def turn(self, code: int, low: int) -> None:
        """Set program or drive by its 2.00 code, spelled as this version does."""
        self.put(code, self._spell(self.book, code, low))

    def show(self, code: int, value: Value) -> None:
        """Set a value that only shows a state, where it is listed."""
        if self.book.fits(code, value) and self.book.set(code, value):
            self._changed(code)

    def _changed(self, code: int) -> None:
        self._touched.add(code)
        self._world.emit(Ev.PROPERTY_CHANGED, (code,))

    def _show_shutter(self, value: int) -> None:
        book = self.book
        if book.set(Prop.SHUTTER_SPEED, value):
            self._changed(Prop.SHUTTER_SPEED)
        book.set(Prop.SHUTTER_SPEED_EXTENDED, (value >> 16) << 32 | value & 0xFFFF)
        if self.version is Version.V200 and value != BULB:
            book.set(Prop.SHUTTER_DIRECT, value)

    def _show_iso(self, value: int) -> None:
        if self.book.set(Prop.ISO, value):
            self._changed(Prop.ISO)
        if self.version is Version.V200:
            self.book.set(Prop.ISO_DIRECT, value)

    def refresh(self) -> None:
        """Bring everything that hangs on dial, drive and format up to date."""
        book = self.book
        timed = self.timed
        if not timed:
            self._show_shutter(_OWN_TIME)
        elif self.shutter == _OWN_TIME != self._manual_shutter:
            self._show_shutter(self._manual_shutter)
        if self.shutter == BULB and not self.bulb_allowed:
            self._show_shutter(_LONGEST)
            self._manual_shutter = _LONGEST
        self._show_lens()
        if self.version is Version.V200:
            return
        for code in (Prop.SHUTTER_SPEED, Prop.SHUTTER_SPEED_EXTENDED):
            speed = book.get(code)
            if speed is not None and speed.form is Form.ENUM:
                listed = tuple(v for v in speed.values or speed.reportable or () if v != BULB)
                bulb = (BULB,) if self.bulb_allowed else ()
                book.amend(code, values=(*bulb, *listed), enabled=1 if timed else 2)
        program = book.get(Prop.PROGRAM)
        if program is not None and program.form is Form.ENUM and Prop.PRIORITY in book:
            free = self.priority
            book.amend(Prop.PROGRAM, enabled=1 if free else 2, values=program.reportable or () if free else ())
        raw_type = book.get(Prop.RAW_TYPE)
        if raw_type is not None and raw_type.form is Form.ENUM:
            raw = self.file_format.raw
            book.amend(Prop.RAW_TYPE, enabled=1 if raw else 2, values=raw_type.reportable or () if raw else ())

    def _show_lens(self) -> None:
        """Without contacts there is no aperture: dashes, and no list (dump of an ILCE-7M5; of 2.00 bodies assumed)."""
        book, code = self.book, Prop.F_NUMBER
        listed = next((d for d in self._world.profile.listings[self.version].descriptors if d.code == code), None)
        shown = book.get(code)
        if listed is None or shown is None:
            return
        if not self._world.menu.lens:
            none = {"values": (), "reportable": ()} if shown.form is Form.ENUM else {}
            book.amend(code, current=_NO_APERTURE, enabled=2, **none)
        elif shown.current == _NO_APERTURE != listed.current:
            lists = {"values": listed.values, "reportable": listed.reportable}
            book.amend(code, current=listed.current, enabled=listed.enabled, **lists)

    def show_card(self) -> None:
        self.book.amend(Prop.SLOT1, enabled=1)
        self.show(Prop.SLOT1, _CARD_VALUES.get(self._world.menu.card, 1))

    def relist(self, code: int, values: Sequence[int]) -> None:
        """Give an enumeration another first list (an adapter, a lens, a mode was changed)."""
        descriptor = self.book.get(code)
        if descriptor is None or descriptor.form is not Form.ENUM:
            return
        if all(self.book.fits(code, value) for value in values) and self.book.amend(code, values=tuple(values)):
            self._changed(code)
