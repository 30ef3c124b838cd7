"""`indi-sony frames`: what was rescued, and where it is; the page of a night (does I/O: reads the hands' files).

Rules kept here:

- All that is known stands in the hands' own files: the journal of rescued frames, the spool (bytes of images whose
  process died), the markers (exposures that were begun and not finished). They belong to the user who ran the server.
- Nothing is marked as told, moved or removed: the driver still announces what it has not announced.
- The page of a night is made from its record (`cli.page`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from indi_sony_py.cli.numbers import whole
from indi_sony_py.cli.output import Output
from indi_sony_py.cli.status import Status
from indi_sony_py.hand.journal import Entry, Journal
from indi_sony_py.hand.places import Places
from indi_sony_py.texts import Text, tool

__all__ = ["Kept", "add", "collect", "frame_data", "run"]

_SUFFIXES = (".fits", ".fz", ".xisf", ".arw", ".jpg", ".jpeg", ".hif", ".bin")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the hands left. `entries` are the rescued frames, oldest first, `untold` the ids of those not announced yet.

    `spooled`: bytes of images that the next connection of their camera saves; `open`: markers of exposures that were
    not finished; `others`: images in the hands' own folders that stand in no journal.
    """

    entries: tuple[Entry, ...] = ()
    untold: frozenset[str] = frozenset()
    spooled: tuple[Path, ...] = ()
    open: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()


def collect(places: Places, folders: Iterable[Path] = ()) -> Kept:
    """Read it all. `folders`: further folders where the hands put frames. Never raises for what is not there."""
    journal = Journal(*places.journals)
    entries = tuple(journal.entries())
    known = {entry.path for entry in entries}
    images = (p for folder in (*folders, *places.last_resorts, *places.shared) for p in _files(folder))
    return Kept(
        entries,
        frozenset(entry.id for entry in journal.unannounced()),
        tuple(p for folder in places.spools for p in _files(folder) if p.suffix == ".spool"),
        tuple(p for p in _files(places.state) if p.name.startswith("open-") and p.suffix == ".json"),
        tuple(p for p in images if p.suffix.lower() in _SUFFIXES and str(p) not in known),
    )


def frame_data(entry: Entry, untold: frozenset[str]) -> dict[str, object]:
    """A frame for scripts: the fields of the journal, and `there`: whether the file still lies there."""
    return asdict(entry) | {"there": Path(entry.path).is_file(), "announced": entry.id not in untold}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--last", type=whole, metavar="N", default=0, help=tool.HELP_LAST())
    parser.add_argument("--html", type=Path, metavar="FILE", help=tool.HELP_HTML())
    parser.add_argument("--night", metavar="DATE", default="", help=tool.HELP_NIGHT())
    parser.add_argument("--quick", action="store_true", help=tool.HELP_QUICK())
    parser.add_argument("--folder", type=Path, action="append", default=[], help=tool.HELP_LOOK_IN())


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Show them, or write a page."""
    places = Places.of()
    if arguments.html is not None:
        return _page(arguments, places, out)
    from indi_sony_py.hand.nights import nights
    from indi_sony_py.image.files import fallback_folder

    kept = collect(places, (fallback_folder(),))
    entries = kept.entries[-arguments.last :] if arguments.last else kept.entries
    out.data(
        frames=[frame_data(entry, kept.untold) for entry in entries],
        spooled=[str(path) for path in kept.spooled],
        unfinished=[str(path) for path in kept.open],
        others=[str(path) for path in kept.others],
        journals=[str(path) for path in places.journals],
        nights=nights(places.nights),
    )
    _show(kept, entries, places, out)
    return Status.DONE


def _show(kept: Kept, entries: tuple[Entry, ...], places: Places, out: Output) -> None:
    if not (entries or kept.spooled or kept.open or kept.others):
        out.say(tool.NO_FRAMES(folder=places.state))
        return
    for entry in entries:
        out.say(entry.text)
        if not Path(entry.path).is_file():
            out.say(tool.FRAME_MOVED())
    if kept.others:
        out.say(tool.OTHER_IMAGES(count=len(kept.others)))
        for path in kept.others:
            out.line(f"  {path}")
    if kept.spooled:
        out.say(tool.SPOOLED(count=len(kept.spooled), folder=kept.spooled[0].parent))
    if kept.open:
        out.say(tool.UNFINISHED(count=len(kept.open)))


def _page(arguments: argparse.Namespace, places: Places, out: Output) -> int:
    from indi_sony_py.cli.page.make import latest, look, make, missing, night_of

    date = arguments.night or latest(places.nights)
    night = night_of(places.nights, date, arguments.folder)
    if night.span is None:
        if arguments.night:
            return _failed(out, tool.NO_NIGHT, night=date, folder=places.nights)
        return _failed(out, tool.NO_RECORDS, folder=places.nights)
    todo = [] if arguments.quick else missing(night)
    for number, frame in enumerate(todo, 1):
        out.progress(number / len(todo), tool.LOOKING_AT(number=number, count=len(todo)))
        look(places.nights, frame)
    if todo:
        night = night_of(places.nights, date, arguments.folder)
    try:
        make(night, arguments.html)
    except OSError as error:
        return _failed(out, tool.PAGE_NOT_WRITTEN, path=arguments.html, reason=error.strerror or error)
    out.data(page=str(arguments.html), night=date, frames=len(night.frames), faults=len(night.faults))
    out.say(tool.PAGE_WRITTEN(night=date, path=arguments.html.absolute(), frames=len(night.frames)))
    return Status.DONE


def _failed(out: Output, row: Text, **fields: object) -> int:
    out.failed(row.happened(**fields), row.advice(**fields))
    return Status.FAILED


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:
        return []
