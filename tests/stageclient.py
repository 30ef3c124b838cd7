"""An INDI client on the stage: hears all that the driver writes, keeps a mirror of it, and writes what it likes.

Whatever cannot be parsed fails the test at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import numpy.typing as npt

from indi_sony_py.sim.serial_mark import read_serial

__all__ = ["DEVICE", "Client", "Frame", "Mirror", "fits_header", "fits_pixels"]

DEVICE = "Sony Alpha"
_CARD, _BLOCK = 80, 2880


@dataclass(frozen=True, eq=False)
class Frame:
    """A BLOB that came whole; `at`: virtual time, monotonic."""

    device: str
    name: str
    format: str
    data: bytes
    state: str
    at: float

    @cached_property
    def header(self) -> dict[str, object]:
        """The cards of a FITS."""
        return fits_header(self.data)

    @cached_property
    def pixels(self) -> npt.NDArray[np.uint16]:
        """The picture of a FITS, (height, width)."""
        return fits_pixels(self.data)

    @cached_property
    def serial(self) -> int | None:
        """Which press of the simulated camera it shows, read from the pixels of a FITS; None without a mark."""
        return read_serial(self.pixels)


@dataclass
class Mirror:
    """A vector as the client sees it. `history`: (time, state, values) of each definition and change."""

    kind: str
    device: str
    name: str
    permission: str
    state: str = ""
    values: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    history: list[tuple[float, str, dict[str, str]]] = field(default_factory=list)

    def number(self, name: str | None = None) -> float:
        """An element's number, the first one's without a name."""
        return float(self.values[name] if name is not None else next(iter(self.values.values())))

    @property
    def chosen(self) -> str:
        """The switches that are On."""
        return " ".join(name for name, value in self.values.items() if value == "On")

    def states(self) -> list[tuple[str, float]]:
        """State and first value of each change of a number vector, without repetitions of nothing new."""
        return [(state, float(next(iter(values.values())))) for _, state, values in self.history]


class Client:
    """`write` hands bytes to the server. `vectors`: the mirror, by device and name. Times are virtual, monotonic.

    `strict`: what is set was defined to this client before; not so where it came while the server stood still.
    `said`: every element that came, with its time; `messages`: (time, device, text); `frames`: BLOBs of CCD1.
    `keep`: how many elements of `said` stay, None for all.
    """

    def __init__(self, write: Callable[[bytes], None], now: Callable[[], float], keep: int | None = None) -> None:
        self._write = write
        self._now = now
        self._keep = keep
        self.device = DEVICE
        self.blobs = True
        self.strict = True
        self.vectors: dict[tuple[str, str], Mirror] = {}
        self.said: list[tuple[float, ElementTree.Element]] = []
        self.messages: list[tuple[float, str, str]] = []
        self.frames: list[Frame] = []
        self.heard: list[Callable[[ElementTree.Element], None]] = []

    # --- what comes -------------------------------------------------------------------------------------------------

    def hear(self, element: ElementTree.Element, blobs: dict[str, bytes]) -> None:
        """One root element; `blobs`: the bytes that came with it, by element."""
        now = self._now()
        self.said.append((now, element))
        if self._keep is not None and len(self.said) > self._keep:
            del self.said[: len(self.said) // 2]
        tag, device = element.tag, element.attrib.get("device", "")
        if "message" in element.attrib:
            self.messages.append((now, device, element.attrib["message"]))
        if tag.startswith("def"):
            self._defined(element, device, now)
        elif tag.startswith("set"):
            self._set(element, device, blobs, now)
        elif tag == "delProperty":
            name = element.attrib.get("name")
            for key in [k for k in self.vectors if k[0] == device and name in (None, k[1])]:
                del self.vectors[key]
        else:
            assert tag == "message", f"a client knows no <{tag}>"
        for listener in self.heard:
            listener(element)

    def _defined(self, element: ElementTree.Element, device: str, now: float) -> None:
        kind, name = element.tag.removeprefix("def").removesuffix("Vector"), element.attrib["name"]
        mirror = Mirror(kind, device, name, element.attrib.get("perm", "ro"), element.attrib["state"])
        for member in element:
            mirror.attributes[member.attrib["name"]] = dict(member.attrib)
            mirror.values[member.attrib["name"]] = (member.text or "").strip()
        old = self.vectors.get((device, name))
        mirror.history = [] if old is None else old.history
        mirror.history.append((now, mirror.state, dict(mirror.values)))
        self.vectors[device, name] = mirror

    def _set(self, element: ElementTree.Element, device: str, blobs: dict[str, bytes], now: float) -> None:
        name = element.attrib["name"]
        mirror = self.vectors.get((device, name))
        if mirror is None:
            assert not self.strict, f"{device}.{name} is set before it was defined"
            return
        mirror.state = element.attrib.get("state", mirror.state)
        for member in element:
            key = member.attrib["name"]
            assert key in mirror.values, f"{device}.{name} has no {key}"
            if mirror.kind != "BLOB":
                mirror.values[key] = (member.text or "").strip()
            elif self.blobs:
                data = blobs[key]
                assert len(data) == int(member.attrib["size"])
                self.frames.append(Frame(device, name, member.attrib["format"], data, mirror.state, now))
        if mirror.kind != "BLOB":
            mirror.history.append((now, mirror.state, dict(mirror.values)))

    # --- what it asks -----------------------------------------------------------------------------------------------

    def __getitem__(self, name: str) -> Mirror:
        """A vector of `device`."""
        return self.vectors[self.device, name]

    def has(self, name: str, device: str | None = None) -> bool:
        return (device or self.device, name) in self.vectors

    @property
    def texts(self) -> list[str]:
        """The messages' texts."""
        return [text for _, _, text in self.messages]

    def send(self, text: str) -> None:
        """Anything, as it is."""
        self._write(text.encode())

    def get_properties(self) -> None:
        self.send("<getProperties version='1.7'/>")

    def new(self, kind: str, name: str, device: str | None = None, /, **elements: object) -> None:
        """A new vector; `kind` is Number, Switch or Text."""
        inside = "".join(f"<one{kind} name='{k}'>{escape(str(v))}</one{kind}>" for k, v in elements.items())
        where = quoteattr(device or self.device)
        self.send(f"<new{kind}Vector device={where} name='{name}'>{inside}</new{kind}Vector>")

    def number(self, name: str, device: str | None = None, /, **elements: float) -> None:
        self.new("Number", name, device, **elements)

    def text(self, name: str, device: str | None = None, /, **elements: str) -> None:
        self.new("Text", name, device, **elements)

    def switch(self, name: str, element: str, device: str | None = None, /, state: str = "On") -> None:
        self.new("Switch", name, device, **{element: state})

    def connect(self, device: str | None = None) -> None:
        self.switch("CONNECTION", "CONNECT", device)

    def disconnect(self, device: str | None = None) -> None:
        self.switch("CONNECTION", "DISCONNECT", device)

    def expose(self, seconds: float, device: str | None = None) -> None:
        self.number("CCD_EXPOSURE", device, CCD_EXPOSURE_VALUE=seconds)

    def abort(self, device: str | None = None) -> None:
        self.switch("CCD_ABORT_EXPOSURE", "ABORT", device)


def fits_header(data: bytes) -> dict[str, object]:
    """The cards of the first header: text, bool, int or float by keyword."""
    cards: dict[str, object] = {}
    for at in range(0, len(data), _CARD):
        card = data[at : at + _CARD].decode("ascii")
        keyword = card[:8].rstrip()
        if keyword == "END":
            return cards
        if card[8:10] == "= ":
            cards[keyword] = _value(card[10:])
    raise AssertionError("no END in the header")


def fits_pixels(data: bytes) -> npt.NDArray[np.uint16]:
    """The picture of a FITS with 16 bits and BZERO 32768, (height, width)."""
    header = fits_header(data)
    start = next(at for at in range(0, len(data), _CARD) if data[at : at + 8].rstrip() == b"END")
    start = (start // _BLOCK + 1) * _BLOCK
    width, height = header["NAXIS1"], header["NAXIS2"]
    assert isinstance(width, int) and isinstance(height, int)
    assert (header["BITPIX"], header["BZERO"]) == (16, 32768)
    stored = np.frombuffer(data, ">i2", width * height, start).reshape(height, width)
    return (stored.astype(np.int32) + 32768).astype(np.uint16)


def _value(text: str) -> object:
    text = text.strip()
    if text.startswith("'"):
        end = text.index("'", 1)
        while text[end + 1 : end + 2] == "'":
            end = text.index("'", end + 2)
        return text[1:end].replace("''", "'").rstrip()
    text = text.split("/")[0].strip()
    if text in ("T", "F"):
        return text == "T"
    try:
        return int(text)
    except ValueError:
        return float(text)
