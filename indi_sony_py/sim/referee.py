"""The referee: writes down each rule that a host breaks. Does I/O (one JSON line at a time, written at once).

`RULES` is the table: an id, what the rule says, where it comes from (camera rules: docs/ENGINE.md; name#number: GitHub
threads; the others: `[sources]` of sony/protocol.toml). A rule that is broken never stops the camera by itself; what
the camera does about it is the camera's business. Lines of other kinds (press, release, object, session, fault …) tell
what happened, so that a test can judge the order of things.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

__all__ = ["RULES", "Entry", "Referee", "Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `says` is a sentence for people, `source` names where it is from."""

    id: str
    says: str
    source: str


_ROWS = (
    (
        "R-LENGTH",
        "A container, a data phase or a parameter list has exactly the length that it must have.",
        "PTP (ISO 15740); exact size of a property's type: Sony PTP2 ref",
    ),
    (
        "R-CONTAINER",
        "Only command and data containers travel to the camera, a data container with the code and id of its command.",
        "PTP (ISO 15740); libgphoto2 usb.c",
    ),
    (
        "R-TRANSACTION-ID",
        "OpenSession is transaction 0, each one after it is one higher than the last.",
        "PTP (ISO 15740); A7S III trace",
    ),
    ("R-OVERLAP", "A new command is sent only when the answer to the last one was read.", "PTP (ISO 15740)"),
    ("R-SESSION", "Operations other than GetDeviceInfo and OpenSession need an open session.", "PTP (ISO 15740)"),
    (
        "R-HANDSHAKE",
        "0x9201 phase 1, then phase 2, then 0x9202 until it has data, then phase 3; other vendor "
        "operations only after that.",
        "Sony PTP2 ref; libgphoto2 library.c; A7S III trace",
    ),
    (
        "R-FORBIDDEN-OP",
        "Operations that hang or confuse real bodies are never sent.",
        "libgphoto2#1240; libgphoto2#782",
    ),
    ("R-UNKNOWN-OP", "Only operations that the camera lists in its DeviceInfo are sent.", "PTP (ISO 15740)"),
    (
        "R-SETTINGS-READ",
        "The settings are read since the last photo before the button is pressed.",
        "camera rule 1; blog part 3",
    ),
    ("R-DRAIN", "No press while an image waits in the camera.", "camera rule 2; libgphoto2#1124"),
    (
        "R-HANDLE-EARLY",
        "The image handle is touched only while bit 15 of 0xD215 is set.",
        "camera rule 2; libgphoto2 library.c; SonyCamera",
    ),
    ("R-RELEASED-FIRST", "Both buttons are written as released before the first press of a session.", "camera rule 4"),
    ("R-HALF-FIRST", "Half press comes before full press.", "camera rule 5; Sony PTP2 ref"),
    (
        "R-AF",
        "With auto-focus on, the full press waits for the focus, at least 0.5 s.",
        "camera rule 5; SonyCamera 1.0.0.37",
    ),
    ("R-BUTTON-ORDER", "Full press is released before half press.", "camera rule 7; gphoto2#42"),
    (
        "R-WARMUP",
        "No press in the first seconds after the handshake on bodies that are deaf then.",
        "libgphoto2 library.c; gphoto2#349",
    ),
    (
        "R-PRESS-TWICE",
        "No second full press while the image of the first has not appeared.",
        "libgphoto2#907; our choice: one press, one photo",
    ),
    ("R-BULB-SPEED", "A button is held only when the shutter speed is BULB.", "camera rule 3; indilib/indi#1857"),
    ("R-DELAYED-RELEASE", "No transaction starts in the last 0.5 s of a bulb exposure.", "camera rule 11"),
    ("R-LIVE-VIEW", "No live view frame is fetched while a photo is under way.", "libgphoto2#981"),
    (
        "R-LIVE-VIEW-STOP",
        "From the last live view frame to the full press there is a pause, and then the settings are read.",
        "libgphoto2#981; our choice",
    ),
    (
        "R-LIVE-VIEW-NONE",
        "The live view handle is touched only on a body that has live view: by 0xD221, else by its row.",
        "Sony PTP2 ref; marcinz606/NegPy#621",
    ),
    (
        "R-NOTCH",
        "No step is sent while the body still follows the last one of the same setting.",
        "libgphoto2 config.c",
    ),
    (
        "R-FOCUS-STEP",
        "A focus step has a size of 1 to 7, and comes neither during a photo nor while the lens follows the last one.",
        "Sony PTP2 ref; blog; our choice: a lens that moves spoils the photo",
    ),
    (
        "R-PRIORITY",
        "Dial-backed settings of 3.00 are written only with 0xD25A at 1.",
        "Sony PTP3 ref; libgphoto2 library.c",
    ),
    ("R-PRIORITY-LEFT", "0xD25A is back at 0 when the session is closed.", "Sony PTP3 ref"),
    ("R-LEFT-OPEN", "No button is down when the session is closed.", "camera rules 4 and 10"),
    ("R-HOST-GONE-DOWN", "The host does not vanish with a button down.", "camera rules 4 and 10"),
    ("R-FOCUS-HOLD", "Focus hold is not left down: it blocks the dial.", "alpha-fairy; libgphoto2#434"),
    ("R-UNFETCHED", "No image waits when the session is closed.", "camera rule 10; alpha-fairy"),
    ("R-BUFFER-FULL", "The buffer of the camera is never filled.", "alpha-fairy; blog"),
    ("R-EVENTS-UNREAD", "The interrupt endpoint is read: events never fill their queue.", "pibooth/pibooth#642; blog"),
    ("R-OPTIONS", "The active USB configuration is left as it is.", "indigo-astronomy/indigo#290"),
)

RULES: dict[str, Rule] = {row[0]: Rule(*row) for row in _ROWS}
"""All rules by id."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `t`: seconds on the camera's clock; `rule` is empty for kinds other than `rule`."""

    t: float
    kind: str
    rule: str = ""
    operation: int | None = None
    transaction: int | None = None
    detail: str = ""

    def json(self) -> str:
        operation = None if self.operation is None else f"0x{self.operation:04X}"
        return json.dumps(
            {
                "t": round(self.t, 6),
                "kind": self.kind,
                "rule": self.rule,
                "operation": operation,
                "transaction": self.transaction,
                "detail": self.detail,
            }
        )


class Referee:
    """Collects entries. `stream`: where JSON lines go; `keep`: how many entries stay (all broken rules do)."""

    def __init__(self, stream: IO[str] | None = None, keep: int = 2000) -> None:
        self._stream = stream
        self._keep = keep
        self._time: Callable[[], float] = lambda: 0.0
        self.operation: int | None = None
        self.transaction: int | None = None
        self.entries: list[Entry] = []
        self.broken: list[Entry] = []
        self.counts: Counter[str] = Counter()

    def attach(self, time: Callable[[], float]) -> None:
        """Tell the referee the camera's time."""
        self._time = time

    def during(self, operation: int | None, transaction: int | None) -> None:
        """Which transaction the next entries belong to."""
        self.operation = operation
        self.transaction = transaction

    def rule(self, rule: str, detail: str) -> None:
        """A rule was broken."""
        entry = Entry(self._time(), "rule", RULES[rule].id, self.operation, self.transaction, detail)
        self.broken.append(entry)
        self.counts[rule] += 1
        self._write(entry)

    def note(self, kind: str, detail: str) -> None:
        """Something happened that is no offence."""
        self.counts[kind] += 1
        self._write(Entry(self._time(), kind, "", self.operation, self.transaction, detail))

    def _write(self, entry: Entry) -> None:
        self.entries.append(entry)
        if len(self.entries) > self._keep:
            del self.entries[: self._keep // 2]
        if self._stream is not None:
            self._stream.write(entry.json() + "\n")
            self._stream.flush()

    def finish(self) -> None:
        """Write the last line: how often each kind and each rule was written down."""
        if self._stream is not None:
            line = {"t": round(self._time(), 6), "kind": "counts", "broken": len(self.broken), "counts": self.counts}
            self._stream.write(json.dumps(line) + "\n")
            self._stream.flush()
