"""What happened in a night, put together from the lines of its record. Pure.

A record may come from another version, may have been cut off, and anything may stand in it: a value of another kind
than expected counts as not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from indi_sony_py.errors import BadData
from indi_sony_py.hand.codec import load
from indi_sony_py.image.glance import Glance

__all__ = ["Fate", "Fault", "Frame", "Night", "Sample", "tell"]


_NEAR = timedelta(days=3)
"""Lines of a night are of its day, wherever on earth the clock stood."""
_LONGEST_S = 86400.0


class Fate(Enum):
    """What became of an exposure."""

    DONE = "done"
    """It is where it was asked for."""
    KEPT = "kept"
    """A file that nobody asked for in this way: something had gone wrong."""
    FAILED = "failed"
    ABORTED = "aborted"
    OPEN = "open"
    """Nothing is known of its end."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A value at a time."""

    at: datetime
    value: float
    camera: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that went wrong. `exposure`: of which frame, 0 for none; `serious`: more than a warning."""

    at: datetime
    camera: str
    text: str
    serious: bool = True
    exposure: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """One exposure, or an image that nobody asked for (`exposure` 0). Times in seconds, None and "" are not known."""

    exposure: int
    camera: str
    at: datetime
    seconds: float = 0.0
    type: str = ""
    object: str = ""
    filter: str = ""
    iso: int | None = None
    fate: Fate = Fate.OPEN
    delivered: bool = False
    path: str = ""
    text: str = ""
    warnings: tuple[str, ...] = ()
    camera_c: float | None = None
    outside_c: float | None = None
    focus: float | None = None
    glance: Glance | None = None
    unseen: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Night:
    """All of it, in the order of time. `date` is the day of the evening. `models`: camera's place to its model.

    `away`: when a camera was not connected although it had been, (camera, from, to).
    """

    date: str
    frames: tuple[Frame, ...] = ()
    faults: tuple[Fault, ...] = ()
    battery: tuple[Sample, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    away: tuple[tuple[str, datetime, datetime], ...] = ()

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """From the first thing that happened to the last; None for an empty night."""
        times = [frame.at for frame in self.frames]
        times += [datetime.fromtimestamp(f.at.timestamp() + f.seconds, UTC) for f in self.frames]
        times += [fault.at for fault in self.faults] + [sample.at for sample in self.battery]
        return (min(times), max(times)) if times else None

    @property
    def cameras(self) -> tuple[str, ...]:
        """Their places, in the order in which they came."""
        return tuple(dict.fromkeys([*(frame.camera for frame in self.frames), *self.models]))

    def label(self, camera: str) -> str:
        """What a camera is called: its model, with the place where another one has the same; the place if not known."""
        model = self.models.get(camera, "")
        alike = sum(self.models.get(each) == model for each in self.cameras)
        return f"{model} ({camera})" if model and alike > 1 else model or camera

    def anchors(self) -> Callable[[str, int], str]:
        """Names for the frames of this night within a page, by camera and exposure: cameras may number alike."""
        places = {camera: number for number, camera in enumerate(self.cameras)}

        def anchor(camera: str, exposure: int) -> str:
            number = places.get(camera, 0)
            return f"f{number}-{exposure}" if number else f"f{exposure}"

        return anchor

    def samples(self, name: str) -> tuple[Sample, ...]:
        """A number of the frames over time: "hfr", "stars", "background", "camera_c", "outside_c" or "focus"."""
        found = [(frame, _number_of(frame, name)) for frame in self.frames]
        return tuple(Sample(frame.at, value, frame.camera) for frame, value in found if value is not None)


def tell(date: str, lines: Iterable[Mapping[str, Any]]) -> Night:
    """The night of these lines."""
    teller = _Teller()
    evening = _time(f"{date}T12:00")
    for line in lines:
        at = _time(line.get("at"))
        if at is not None and (evening is None or abs(at - evening) < _NEAR):
            teller.take(at, str(line.get("camera", "")), str(line.get("kind", "")), line)
    return teller.night(date)


class _Teller:
    def __init__(self) -> None:
        self._frames: dict[tuple[str, int], Frame] = {}
        self._faults: list[Fault] = []
        self._battery: list[Sample] = []
        self._models: dict[str, str] = {}
        self._left: dict[str, datetime] = {}
        self._was_ready: set[str] = set()
        self._away: list[tuple[str, datetime, datetime]] = []
        self._unasked = 0

    def take(self, at: datetime, camera: str, kind: str, line: Mapping[str, Any]) -> None:
        number = _whole(line.get("exposure")) or 0
        match kind:
            case "opened":
                self._opened(at, camera, number, line)
            case "frame":
                self._charge(at, camera, line.get("battery"))
                self._change(camera, number, at, **_facts(line), warnings=_texts(line.get("warnings")))
            case "delivered":
                self._change(camera, number, at, fate=Fate.DONE, delivered=True)
            case "file":
                self._saved(at, camera, number, line)
            case "failed" | "aborted":
                fate = Fate.FAILED if kind == "failed" else Fate.ABORTED
                self._faults.append(Fault(at, camera, _text(line, "text"), kind == "failed", number))
                if (camera, number) in self._frames and self._frames[camera, number].fate is Fate.OPEN:
                    self._change(camera, number, at, fate=fate, text=_text(line, "text"))
            case "told":
                self._faults.append(Fault(at, camera, _text(line, "text"), line.get("level") == "ERROR"))
            case "battery":
                self._charge(at, camera, line.get("percent"))
            case "looked":
                self._looked(at, camera, number, line)
            case "camera":
                self._status(at, camera, line)
            case _:
                pass

    def night(self, date: str) -> Night:
        frames = sorted(self._frames.values(), key=lambda frame: frame.at)
        end = max((frame.at for frame in frames), default=None)
        # A camera that did not come back was away to the end.
        away = [*self._away, *((camera, since, end) for camera, since in self._left.items() if end and end > since)]
        return Night(
            date, tuple(frames), tuple(self._faults), tuple(self._battery), dict(self._models), tuple(away)
        )  # fmt: skip

    def _charge(self, at: datetime, camera: str, value: object) -> None:
        percent = _number(value)
        if percent is not None:
            self._battery.append(Sample(at, percent, camera))

    def _opened(self, at: datetime, camera: str, number: int, line: Mapping[str, Any]) -> None:
        self._frames[camera, number] = Frame(
            number, camera, at, _length(line.get("seconds")), _text(line, "type"), _text(line, "object"),
            _text(line, "filter"), outside_c=_number(line.get("outside_c")), focus=_number(line.get("focus")),
        )  # fmt: skip

    def _saved(self, at: datetime, camera: str, number: int, line: Mapping[str, Any]) -> None:
        path, role = _text(line, "path"), _text(line, "role")
        if role == "companion":
            return
        self._charge(at, camera, line.get("battery"))
        if not number:
            self._unasked -= 1
            number = self._unasked
        rescued = bool(line.get("rescued"))
        if rescued:
            self._faults.append(Fault(at, camera, f"{path}: {_text(line, 'text')}", False, max(number, 0)))
        fate = Fate.KEPT if rescued or role != "frame" else Fate.DONE
        self._change(camera, number, at, **_facts(line), path=path, fate=fate, text=_text(line, "text"))

    def _looked(self, at: datetime, camera: str, number: int, line: Mapping[str, Any]) -> None:
        glance: Glance | None = None
        if isinstance(line.get("glance"), dict):
            try:
                glance = load(Glance, line["glance"])
            except BadData:
                return
        if (camera, number) in self._frames:
            self._change(
                camera, number, at, glance=glance, unseen=_text(line, "text"), picture=_text(line, "picture")
            )  # fmt: skip

    def _status(self, at: datetime, camera: str, line: Mapping[str, Any]) -> None:
        state, text = _text(line, "state"), _text(line, "text")
        if _text(line, "model"):
            self._models[camera] = _text(line, "model")
        if line.get("failed"):
            self._faults.append(Fault(at, camera, text))
        if state == "ready":
            self._was_ready.add(camera)
            since = self._left.pop(camera, None)
            if since is not None:
                self._away.append((camera, since, at))
        elif camera in self._was_ready and line.get("failed"):
            self._left.setdefault(camera, at)
        elif state == "offline":
            # A disconnect that somebody asked for is no fault.
            self._left.pop(camera, None)
            self._was_ready.discard(camera)

    def _change(self, camera: str, number: int, at: datetime, **fields: Any) -> None:
        frame = self._frames.get((camera, number), Frame(number, camera, at))
        kept = {name: value for name, value in fields.items() if value not in (None, "", ())}
        # What was rescued stays so, even if it is delivered as well.
        if frame.fate is Fate.KEPT:
            kept.pop("fate", None)
        self._frames[camera, number] = replace(frame, **kept)


def _facts(line: Mapping[str, Any]) -> dict[str, Any]:
    return {"iso": _whole(line.get("iso")), "camera_c": _number(line.get("camera_c"))}


def _number_of(frame: Frame, name: str) -> float | None:
    glance = frame.glance
    match name:
        case "hfr":
            return None if glance is None else glance.hfr
        case "stars":
            return None if glance is None or glance.stars is None else float(glance.stars)
        case "background":
            return None if glance is None or frame.type != "Light" else float(glance.median[1] - glance.black)
        case "camera_c":
            return frame.camera_c
        case "outside_c":
            return frame.outside_c
        case _:
            return frame.focus


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
    except ValueError:
        return None


def _number(value: object) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return float(value) if good and isinstance(value, int | float) else None


def _length(value: object) -> float:
    """Of an exposure, in seconds; 0 where it cannot be one."""
    seconds = _number(value)
    return seconds if seconds is not None and 0 <= seconds <= _LONGEST_S else 0.0


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(line: Mapping[str, Any], name: str) -> str:
    value = line.get(name)
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
