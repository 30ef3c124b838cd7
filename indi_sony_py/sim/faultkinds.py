"""THE TABLE of fault kinds: what each does, its arguments with their defaults, and which knob it belongs to. Pure.

The knobs (K1 to K12: what real users' troubles need; F: oddities of single bodies) are explained in docs/SIMULATOR.md.
The type of a default is the type of the argument; codes and values are plain numbers (TOML knows 0x…).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

__all__ = ["KINDS", "FaultKind", "Hook"]


class Hook(Enum):
    """Where in the camera a kind strikes; the text says what a `when` may name there."""

    COMMAND = "a command: operation, property (its first parameter)"
    SET = "a value or step written: property"
    PRESS = "the release button goes down: press"
    PHOTO = "the shutter has closed: press"
    EVENT = "an event is to be sent: operation (its code), property (its parameter)"
    LISTED = "the start"
    TIME = "a time"
    ANY = "operation or property, press, or only a time"


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row. `args`: names and defaults."""

    id: str
    hook: Hook
    says: str
    knob: str
    args: Mapping[str, Any]


def _row(id: str, hook: Hook, knob: str, says: str, **args: Any) -> FaultKind:
    return FaultKind(id, hook, says, knob, MappingProxyType(args))


_C, _S, _P, _O, _E, _L, _A = Hook.COMMAND, Hook.SET, Hook.PRESS, Hook.PHOTO, Hook.EVENT, Hook.LISTED, Hook.ANY

_ROWS: tuple[FaultKind, ...] = (
    _row("empty-ext-info", _C, "F", "0x9202 answers with an empty payload."),
    _row("empty-object-info", _C, "F", "GetObjectInfo answers OK with an empty data set."),
    _row("no-answer", _C, "K1 F", "The command is never answered.", carried_out=False),
    _row("late-answer", _C, "K7", "The answer comes `seconds` late.", seconds=1.0),
    _row("stall", _C, "K7 F", "The bulk endpoints halt in place of an answer.", carried_out=False),
    _row("refuse", _C, "K9 F", "The response `code` comes in place of data and of doing it.", code=0x2019),
    _row("not-done", _C, "F", "The answer is OK, and nothing is done."),
    _row("zlp-before-data", _C, "F", "A zero-length packet comes before the data."),
    _row("zlp-before-response", _C, "F", "A zero-length packet comes before the response."),
    _row("header-alone", _C, "F", "The header of the data comes in a packet of its own."),
    _row("short-data", _C, "K7", "The data set lacks its last `cut` bytes; the container's length fits.", cut=16),
    _row("wrong-length", _C, "K7", "The data container claims `by` bytes more than it has.", by=64),
    _row("damaged-data", _C, "K7", "`bytes` bytes of the payload from `offset` on are 0xFF.", offset=8, bytes=4),
    _row(
        "noise",
        _C,
        "K7",
        "Noise on the cable: a `share` of the containers has bits turned over, or lacks its end; `seed` decides.",
        seed=1,
        share=0.1,
    ),
    _row("stale-answer", _C, "K7", "Data and response of an older transaction come first."),
    _row(
        "unplug",
        _C,
        "K7 F",
        "The cable goes after `after_bytes` of the answer (below 0: before it); it is back, at a new address, after "
        "`back_s` (below 0: never).",
        after_bytes=-1,
        back_s=2.0,
    ),
    _row(
        "cut",
        _C,
        "K7",
        "Over the network: the connection ends after `after_bytes` of the answer, with a reset if `reset`.",
        after_bytes=0,
        carried_out=True,
        reset=False,
    ),
    _row(
        "half-answer",
        _C,
        "K7",
        "Over the network: after `after_bytes` of the answer nothing more comes, until the host connects anew.",
        after_bytes=0,
        carried_out=True,
    ),
    _row("hang", _A, "F", "The firmware stops: no answer until the power is switched."),
    _row(
        "mute",
        _A,
        "K7",
        "No command is answered any more until `until`: a new session, a reset of device or port, or the power switch "
        "(session, reset, power).",
        until="session",
    ),
    _row("ignore-set", _S, "K5", "What is written is ignored."),
    _row("alter-set", _S, "K5", "`value` is set in place of what was written.", value=0),
    _row("slow-set", _S, "K5", "It takes `seconds` longer until it reads back.", seconds=1.0),
    _row("fall-back", _S, "K5 F", "It reads back right, then falls to `value` after `seconds`.", value=0, seconds=0.5),
    _row("overshoot", _S, "K5 F", "A step goes `by` notches too far.", by=1),
    _row("wrong-direction", _S, "K5", "A step goes the other way."),
    _row("deaf", _P, "K4 F", "The press is ignored in silence."),
    _row("wrong-exposure", _P, "K3", "The body makes `seconds` whatever was set.", seconds=1.0),
    _row("two-frames", _P, "K2", "One press gives two frames."),
    _row("noise-reduction", _P, "K3 F", "The body makes its own dark frame, whatever its menu says."),
    _row("twelve-bits", _P, "K8", "The sensor is read with 12 bits, and the file says so."),
    _row("early-event", _P, "K6 F", "0xC201 is sent when the shutter opens."),
    _row("slow-image", _O, "K3", "The image is ready `seconds` later.", seconds=10.0),
    _row("no-image", _O, "K11", "The image stays in the camera: 0xD215 stays 0."),
    _row(
        "pair",
        _O,
        "K8 F",
        "The files of one photo: `gap_s` between them, RAW first, counted once.",
        gap_s=0.0,
        raw_first=False,
        count_once=False,
    ),
    _row("always-pair", _O, "K8", "A JPEG comes beside the RAW, though the format says RAW alone."),
    _row(
        "broken-file",
        _O,
        "K8",
        "`cut` bytes are missing at the end, `hole` bytes in the middle are zero.",
        cut=0,
        hole=0,
    ),
    _row("heif", _O, "K8", "The file beside the RAW is a HEIF (format 0xB110, name .HIF) and no JPEG."),
    _row(
        "absurd-count",
        _O,
        "F",
        "0xD215 shows `value` for `seconds` before the image is ready.",
        value=0xFFFB,
        seconds=0.6,
    ),
    _row("drop-event", _E, "K6 F", "The event is lost."),
    _row("double-event", _E, "K6 F", "The event comes twice."),
    _row("late-event", _E, "K6", "The event comes `seconds` late.", seconds=2.0),
    _row(
        "flood",
        _A,
        "K6",
        "`number` events with the code `event` and `parameter` come at once.",
        number=20,
        event=0xC203,
        parameter=0xD20D,
    ),
    _row("lists", _L, "F", "`lists` (1 or 2) lists after each enumeration, whatever the version.", lists=1),
    _row(
        "stranger",
        _L,
        "K1",
        "The body has the USB id `product` and the name `model`, that no list knows.",
        product=0x0FFF,
        model="ILCE-99",
    ),
    _row("hide", _L, "K1 F", "The descriptor of `code` is not listed; the setting works.", code=0xD2C1),
    _row("empty-list", _L, "K1", "The enumeration of `code` has an empty list; the setting works.", code=0xD20D),
    _row("unlist", _L, "K1", "`value` is in no list of `code`; it can be set all the same.", code=0xD20D, value=0),
    _row("rest-value", _L, "K4 F", "Released buttons read `value`.", value=2),
    _row("leftover", _L, "K2 F", "`count` images of an earlier time wait at the start.", count=1),
    _row("button-held", _L, "K4", "The button of the body is down from the start on."),
    _row("small-buffer", _L, "F", "`images` fit into the memory; one more press hangs the camera.", images=3),
    _row(
        "idle-drop",
        _L,
        "K7",
        "Over the network: the link is dropped `seconds` after the last command, until the power is switched if "
        "`until_power`.",
        seconds=10.0,
        until_power=False,
    ),
    _row("handshake-first", _L, "K7", "Requests for files are never answered before the handshake is through."),
    _row("live-view-freezes", _L, "K9", "A photo that comes out of live view in the wrong order stops the firmware."),
    _row("live-view-alone", _L, "K9", "Settings that are read between two frames of live view stop the firmware."),
    _row("relist", _A, "K5", "The first list of `code` becomes `values`.", code=0x5007, values=[]),
    _row(
        "user",
        _A,
        "K2 K4 K7 K8 K10 K11 K12",
        "Somebody does what the control command `command` does, with `args`.",
        command="press",
        args={},
    ),
)

KINDS: Mapping[str, FaultKind] = MappingProxyType({row.id: row for row in _ROWS})
"""All kinds by id."""
