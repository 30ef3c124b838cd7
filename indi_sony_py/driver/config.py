"""The user's choices in a file, in libindi's form (does I/O: one file and its .default copy).

    <INDIDriver><newSwitchVector device='Sony Alpha' name='UPLOAD_MODE'>…</newSwitchVector>…</INDIDriver>

Rules kept here:

- `INDICONFIG` names the file of the first device; else it is ~/.indi/<device>_config.xml.
- Nothing in a file can stop the driver: what cannot be read or used is left out, and named.
- A file is replaced as a whole, or not at all.
- The first save makes the .default copy, once. A single choice that is kept by itself makes none: a default of one
  entry would be no default.

Source of form, names and messages: libindi 1.9.9, observed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from indi_sony_py import texts
from indi_sony_py.indi.messages import Element, Incoming, Junk, Kind, NewVector, Unknown
from indi_sony_py.indi.numbers import write_number
from indi_sony_py.indi.stream import Parser
from indi_sony_py.indi.text import escape
from indi_sony_py.indi.vectors import Vector

__all__ = ["ConfigFile", "new_vector_of", "path_for"]

_MAX_BYTES = 1 << 20
_ROOT = re.compile(rb"<\?xml[^<>]*\?>|</?INDIDriver\b[^<>]*>")


def path_for(device: str, first: bool, environment: Mapping[str, str]) -> Path:
    """Where the config of a device is."""
    given = environment.get("INDICONFIG", "").strip()
    if first and given:
        return Path(os.path.expanduser(given))
    home = environment.get("HOME") or os.path.expanduser("~")
    return Path(home) / ".indi" / f"{device.replace('/', '_')}_config.xml"


def new_vector_of(vector: Vector) -> NewVector:
    """The values of now, as a client would send them."""
    elements = []
    for name, value in vector.values.items():
        if isinstance(value, bool):
            text = "On" if value else "Off"
        elif isinstance(value, float | int):
            text = write_number(float(value))
        else:
            text = str(value)
        elements.append(Element(name, text))
    return NewVector(vector.definition.kind, vector.device, vector.name, tuple(elements))


class ConfigFile:
    """The file at `path`. Methods that write raise OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def default(self) -> Path:
        return self.path.with_name(self.path.name + ".default")

    def read(self, device: str, default: bool = False) -> tuple[list[NewVector], list[str]]:
        """The entries for `device`, and a text for each one that was left out. OSError if there is no file."""
        with (self.default if default else self.path).open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            return [], [texts.config.TOO_LARGE(path=self.path)]
        parser = Parser()
        items: list[Incoming] = parser.feed(_ROOT.sub(b" ", data) + b"\n<pingReply uid='end'/>")
        entries: list[NewVector] = []
        left_out: list[str] = []
        for item in items:
            match item:
                case NewVector(device=owner) if owner == device:
                    entries.append(item)
                case NewVector(device=owner, name=name):
                    left_out.append(texts.config.OF_OTHER_DEVICE(name=name, device=owner))
                case Junk(reason=reason, offset=offset):
                    left_out.append(texts.config.UNREADABLE(offset=offset, reason=reason))
                case Unknown(tag=tag):
                    left_out.append(texts.config.UNKNOWN_ELEMENT(tag=tag))
                case _:
                    pass
        if data.count(b"<INDIDriver") > data.count(b"</INDIDriver"):
            left_out.append(texts.config.CUT_OFF())
        return entries, left_out

    def save(self, entries: Iterable[NewVector]) -> None:
        """Replace the file; make the default copy if there is none."""
        text = self._write(entries)
        if not self.default.exists():
            _replace(self.default, text)

    def save_one(self, entry: NewVector, device: str) -> None:
        """Replace one entry and leave the others as they are."""
        entries: list[NewVector] = []
        with suppress(FileNotFoundError):
            entries = self.read(device)[0]
        self._write([*(e for e in entries if e.name != entry.name), entry])

    def purge(self) -> None:
        """Delete the file; that there is none is not an error."""
        self.path.unlink(missing_ok=True)

    def _write(self, entries: Iterable[NewVector]) -> str:
        text = "".join(["<INDIDriver>\n", *map(_entry, entries), "</INDIDriver>\n"])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _replace(self.path, text)
        return text


def _entry(new: NewVector) -> str:
    kind = new.kind.value
    lines = [f"<new{kind}Vector device='{escape(new.device)}' name='{escape(new.name)}'>\n"]
    for element in new.elements:
        lines.append(f"  <one{kind} name='{escape(element.name)}'>\n      {escape(element.text)}\n  </one{kind}>\n")
    lines.append(f"</new{kind}Vector>\n")
    return "".join(lines) if new.kind in (Kind.NUMBER, Kind.TEXT, Kind.SWITCH) else ""


def _replace(path: Path, text: str) -> None:
    import tempfile  # not at the start: it takes as long as a third of the first answer's other work

    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
