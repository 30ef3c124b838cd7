"""Messages of the pair as bytes, and back: pure.

A frame is four bytes of length (big endian, of what follows), then a JSON object in ASCII:

    {"type": "Expose", "fd": false, "fields": {"request": {...}}}

Rules kept here:

- The form of a message is its dataclass: every field by name, in full. An enum is its value, a tuple is an array, a
  dataclass an object. Nothing is executed and nothing is guessed.
- Strict: an unknown type, a missing or unknown field, a value of another type, a number that is not finite or longer
  than 64 bits, and a frame above `MAX_FRAME` are `BadData` that names the field. Nothing else is raised by decoding.
- Encoding something that is no message is a bug of ours: `RuleBroken`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from indi_sony_py.errors import BadData, RuleBroken
from indi_sony_py.hand.messages import Message

__all__ = ["HEAD", "MAX_FRAME", "TYPES", "Splitter", "decode", "dump", "encode", "load", "parse"]

HEAD = 4
MAX_FRAME = 1 << 20
_MAX_INT = 1 << 63

TYPES: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Message)}
"""The messages that may cross, by the name that is written."""

_Load = Callable[[str, Any], Any]
_PLAIN: dict[Any, tuple[type, ...]] = {bool: (bool,), int: (int,), str: (str,), float: (float, int)}


def encode(message: Message, with_fd: bool = False) -> bytes:
    """One whole frame. `RuleBroken` if `message` is none, holds what its fields do not allow, or is too long."""
    name = type(message).__name__
    if TYPES.get(name) is not type(message):
        raise RuleBroken(f"{name} is not a message of the pair")
    body = json.dumps(
        {"type": name, "fd": with_fd, "fields": dump(message)},
        ensure_ascii=True,
        allow_nan=False,
        separators=(",", ":"),
    ).encode("ascii")
    if len(body) > MAX_FRAME:
        raise RuleBroken(f"{name} of {len(body)} bytes is too long for the pair")
    return len(body).to_bytes(HEAD, "big") + body


def decode(body: bytes | bytearray | memoryview) -> tuple[Message, bool]:
    """The message in a frame's body (without its length), and whether a descriptor belongs to it. `BadData` else."""
    tree = parse(bytes(body))
    if not isinstance(tree, dict) or tree.keys() != {"type", "fd", "fields"}:
        raise BadData("frame", 0, "not an object of type, fd and fields")
    name, with_fd = tree["type"], tree["fd"]
    kind = TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise BadData("type", 0, f"{str(name)[:40]!r} is no message of the pair")
    if not isinstance(with_fd, bool):
        raise BadData("fd", 0, "neither true nor false")
    message: Message = load(kind, tree["fields"])
    return message, with_fd


def dump(value: Any) -> Any:
    """A dataclass as JSON's own kinds of value. It loads back before it leaves, so that a wrong field is found here."""
    plain = _plain(value)
    try:
        load(type(value), plain)
    except BadData as error:
        raise RuleBroken(f"{type(value).__name__} cannot be sent: {error}") from error
    return plain


def load(kind: type[Any], plain: Any) -> Any:
    """A dataclass of `kind` from JSON's values. `BadData` names the field that does not fit."""
    found: _Load = _loader(kind)  # type: ignore[arg-type]
    return found(kind.__name__, plain)


def parse(text: bytes | str) -> Any:
    """JSON without its loopholes: no doubled keys, no NaN, no endless numbers or depths. `BadData` else."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except BadData:
        raise
    except RecursionError:
        raise BadData("JSON", 0, "nested too deeply") from None
    except UnicodeDecodeError as error:
        raise BadData("JSON", error.start, "not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadData("JSON", error.pos, error.msg) from None
    except ValueError as error:
        raise BadData("JSON", 0, str(error)[:80]) from None


class Splitter:
    """Cuts a stream into frame bodies, however its bytes arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        self._buffer += data

    def next(self) -> bytes | None:
        """The next whole body, or None while it is not all there. `BadData` for a length above `MAX_FRAME`."""
        if len(self._buffer) < HEAD:
            return None
        length = int.from_bytes(self._buffer[:HEAD], "big")
        if length > MAX_FRAME:
            raise BadData("length", 0, f"{length} bytes, at most {MAX_FRAME} are allowed")
        if len(self._buffer) < HEAD + length:
            return None
        body = bytes(self._buffer[HEAD : HEAD + length])
        del self._buffer[: HEAD + length]
        return body


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise BadData("JSON", 0, "a key twice in one object")
    return tree


def _no_constant(text: str) -> Any:
    raise BadData("JSON", 0, f"{text} is not a finite number")


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


@cache
def _loader(kind: Any) -> _Load:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _union(get_args(kind))
    if origin is tuple:
        return _tuple(get_args(kind))
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum(kind)
    if kind in _PLAIN:
        return _scalar(kind)
    if kind is NoneType:
        return _nothing
    raise RuleBroken(f"a field of {kind!r} cannot cross the pair")


def _nothing(name: str, plain: Any) -> None:
    if plain is not None:
        raise BadData(name, 0, "not null")


def _scalar(kind: Any) -> _Load:
    allowed = _PLAIN[kind]

    def loads(name: str, plain: Any) -> Any:
        if type(plain) not in allowed:
            raise BadData(name, 0, f"{type(plain).__name__} where {kind.__name__} belongs")
        if type(plain) is int and not -_MAX_INT <= plain < _MAX_INT:
            raise BadData(name, 0, "a number of more than 64 bits")
        if type(plain) is float and not math.isfinite(plain):
            raise BadData(name, 0, "not a finite number")
        return float(plain) if kind is float else plain

    return loads


def _enum(kind: type[Enum]) -> _Load:
    members = {member.value: member for member in kind}

    def loads(name: str, plain: Any) -> Any:
        if not isinstance(plain, str | int) or plain not in members:
            raise BadData(name, 0, f"{str(plain)[:40]!r} is no {kind.__name__}")
        return members[plain]

    return loads


def _tuple(kinds: tuple[Any, ...]) -> _Load:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        each = _loader(kinds[0])

        def loads_many(name: str, plain: Any) -> Any:
            if not isinstance(plain, list):
                raise BadData(name, 0, "not an array")
            return tuple(each(name, item) for item in plain)

        return loads_many
    loaders = [_loader(kind) for kind in kinds]

    def loads(name: str, plain: Any) -> Any:
        if not isinstance(plain, list) or len(plain) != len(loaders):
            raise BadData(name, 0, f"not an array of {len(loaders)}")
        return tuple(loader(name, item) for loader, item in zip(loaders, plain, strict=True))

    return loads


def _union(kinds: tuple[Any, ...]) -> _Load:
    """The one kind that fits exactly: JSON keeps text, integer, fraction and truth apart."""
    exact = {kind: _loader(kind) for kind in kinds}
    structured = [kind for kind in kinds if kind not in _PLAIN and kind is not NoneType]
    if len(structured) > 1:
        raise RuleBroken(f"{kinds!r}: two structures in one field cannot be told apart")

    def loads(name: str, plain: Any) -> Any:
        kind = type(plain)
        if kind is int and int not in exact and float in exact:
            kind = float
        if kind in exact:
            return exact[kind](name, plain)
        if structured:
            return exact[structured[0]](name, plain)
        raise BadData(name, 0, f"{kind.__name__} does not belong here")

    return loads


def _dataclass(kind: type[Any]) -> _Load:
    hints = get_type_hints(kind)
    loaders = {f.name: _loader(hints[f.name]) for f in fields(kind)}

    def loads(name: str, plain: Any) -> Any:
        if not isinstance(plain, dict):
            raise BadData(name, 0, "not an object")
        if plain.keys() != loaders.keys():
            odd = sorted(plain.keys() ^ loaders.keys())[0]
            raise BadData(f"{name}.{odd[:40]}", 0, "missing" if odd in loaders else "unknown")
        values = {key: loader(f"{name}.{key}", plain[key]) for key, loader in loaders.items()}
        try:
            return kind(**values)
        except ValueError as error:
            raise BadData(name, 0, str(error)[:200]) from None

    return loads
