"""The endless stream of root elements from a server, made into messages as its bytes arrive.

- `feed` never raises and never waits, whatever the bytes are: what cannot be read becomes one `Junk` a run.
- Everything is capped: tags, attributes, texts, elements, depth. The text of a BLOB is skipped, not kept.
- After junk the next root element that the protocol names is found. It is found as well inside an element
  that was cut off, since INDI never puts one root element into another. A comment longer than its cap was
  none.
- The stream stands within a root of our own, so a document type cannot occur, and with it no entity of
  anybody's. Processing instructions and CDATA are refused. An XML declaration and short comments are skipped.

How it works: expat is fed in pieces, and a piece never ends inside a tag, a comment or a reference: an expat
that was given half a tag may hold its other half back until much more has come (the guard against quadratic
work of 2.6, which Debian 12 has in its 2.5.0 with no switch for it), and the last message of a quiet night
would wait. So unfinished markup is kept here (capped). After a restart the pieces are small and grow, which
keeps the work in proportion to the input however often it must restart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from xml.parsers import expat

from .messages import (
    DefVector,
    DelProperty,
    Element,
    EnableBlob,
    GetProperties,
    Incoming,
    Junk,
    Kind,
    MessageText,
    NewVector,
    PingReply,
    SetVector,
    State,
    Unknown,
)

__all__ = ["Parser"]

_PREFIX = b"<indi>"
_FIRST_PIECE = 64
_LARGEST_PIECE = 16384
_COMMENT_BYTES = 1024
_TAIL = 32

_VECTORS: Mapping[str, tuple[str, Kind]] = {
    f"{verb}{kind.value}Vector": (verb, kind)
    for verb in ("def", "set", "new")
    for kind in Kind
    if (verb, kind) != ("new", Kind.LIGHT)
}
_OTHERS = ("getProperties", "enableBLOB", "pingReply", "pingRequest", "message", "delProperty")
_ROOTS = frozenset((*_VECTORS, *_OTHERS))
_ROOT = re.compile(b"<(?:" + "|".join(sorted(_ROOTS)).encode() + rb")(?=[\s/>])")
_OPENING = re.compile(rb"[<&]")
_TAG = rb"""<(?!!--|\?)[^<>"']*+(?:(?:"[^"<]*+"|'[^'<]*+')[^<>"']*+)*+>"""
_COMMENT = rb"<!--.{0,%d}?-->" % (_COMMENT_BYTES - len("<!---->"))
_INSTRUCTION = rb"<\?[^<]*?\?>"
_REFERENCE = rb"&[^<>&;\s]*+"
_MARKUP = re.compile(_TAG + b"|" + _COMMENT + b"|" + _INSTRUCTION + b"|" + _REFERENCE + b";", re.DOTALL)
_BROKEN = re.compile(rb"<[^<]*+<|" + _REFERENCE + b".", re.DOTALL)
_STATES = {state.value: state for state in State}


class _Refuse(Exception):
    """What stands at a place in the stream is refused; the search goes on from `onward`."""

    def __init__(self, reason: str, at: int, onward: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at
        self.onward = onward


class Parser:
    """Bytes in, messages out; owned by one thread.

    `max_element_bytes` is a root element with all that it holds (BLOB texts apart), `max_text_bytes` one
    member's text, `max_tag_bytes` one tag with its attributes, `max_attribute_bytes` one attribute's value,
    `max_elements` the members of a vector, `max_depth` the nesting (2 is what INDI needs).
    """

    def __init__(
        self,
        *,
        max_element_bytes: int = 1 << 20,
        max_text_bytes: int = 1 << 16,
        max_tag_bytes: int = 1 << 14,
        max_attribute_bytes: int = 1 << 12,
        max_elements: int = 1024,
        max_depth: int = 4,
    ) -> None:
        self._max_element_bytes = max_element_bytes
        self._max_text_bytes = max_text_bytes
        self._max_tag_bytes = max_tag_bytes
        self._max_attribute_bytes = max_attribute_bytes
        self._max_elements = max_elements
        self._max_depth = max_depth
        self._kept = bytearray()
        self._base = 0
        self._fed = 0
        self._origin = 0
        self._piece = _FIRST_PIECE
        self._expat: expat.XMLParserType | None = None
        self._out: list[Incoming] = []
        self._in_junk = False
        self._reset_element()
        self._begin(0)

    @property
    def kept_bytes(self) -> int:
        """How much is held back for what is not finished yet."""
        return len(self._kept)

    def feed(self, data: bytes) -> list[Incoming]:
        """What `data` completes, in its order."""
        self._kept += data
        end = self._base + len(self._kept)
        while self._fed < end:
            if self._expat is None and not self._hunt(end):
                break
            if not self._parse_piece():
                break
        out, self._out = self._out, []
        return out

    def _hunt(self, end: int) -> bool:
        if found := _ROOT.search(self._kept, self._fed - self._base):
            self._begin(self._base + found.start())
            return True
        tail = self._kept.rfind(b"<", max(self._fed - self._base, len(self._kept) - _TAIL))
        self._fed = end if tail < 0 else self._base + tail
        self._forget(self._fed)
        return False

    def _begin(self, at: int) -> None:
        """A new expat that takes the byte at `at` as its first."""
        parser = expat.ParserCreate("utf-8")
        parser.Parse(_PREFIX, False)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartCdataSectionHandler = self._cdata
        self._expat = parser
        self._origin = self._fed = at
        self._piece = _FIRST_PIECE
        self._reset_element()
        self._forget(at)

    def _forget(self, before: int) -> None:
        if before > self._base:
            del self._kept[: before - self._base]
            self._base = before

    def _here(self) -> int:
        assert self._expat is not None
        return max(self._expat.CurrentByteIndex - len(_PREFIX), 0) + self._origin

    def _parse_piece(self) -> bool:
        """Give expat the next piece; False: it has to wait for more bytes."""
        assert self._expat is not None
        try:
            start = self._fed - self._base
            piece = bytes(self._kept[start : self._cut(start)])
            self._expat.Parse(piece, False)
            self._fed += len(piece)
            self._piece = min(2 * self._piece, _LARGEST_PIECE)
            self._check_size(min(self._here(), self._fed), self._fed)
            return bool(piece)
        except _Refuse as refused:
            self._recover(refused.reason, refused.at, refused.onward)
        except expat.ExpatError as error:
            self._recover_from_expat(error)
        except UnicodeError:
            self._recover("text that is no text", self._here(), self._here() + 1)
        return True

    def _cut(self, start: int) -> int:
        """Where in what is kept the piece from `start` ends; at `start` itself while its markup is unfinished."""
        limit = min(start + self._piece, len(self._kept))
        at = start
        while opening := _OPENING.search(self._kept, at, limit):
            mark = opening.start()
            found = _MARKUP.match(self._kept, mark)
            if found is None or len(found[0]) > self._max_tag_bytes:
                return mark if mark > start else self._cut_at_odd(start, found)
            at = found.end()
        return max(at, limit)

    def _cut_at_odd(self, start: int, found: re.Match[bytes] | None) -> int:
        """The same where what stands at `start` is too long, unfinished, or broken: of which expat shall tell why."""
        if found is None and not self._kept.startswith(b"<!--", start):
            broken = _BROKEN.match(self._kept, start)
            if broken and broken[0].startswith(b"<?"):
                raise _Refuse("a processing instruction", self._fed, self._fed + 1)
            if broken and len(broken[0]) <= self._max_tag_bytes:
                return broken.end()
        self._check_size(self._fed, self._base + (found.end() if found else len(self._kept)))
        return start

    def _check_size(self, token: int, until: int) -> None:
        """Cap what is held back from `token` on, and let go of what is before."""
        if self._element_bytes(until) > self._max_element_bytes:
            raise _Refuse("an element that is too large", token, token + 1)
        head = bytes(self._kept[token - self._base : token - self._base + 6])
        if head.startswith(b"<?") and not b"<?xml".startswith(head[:5]):
            raise _Refuse("a processing instruction", token, token + 1)
        comment = head.startswith((b"<!", b"<?"))
        if until - token > (_COMMENT_BYTES if comment else self._max_tag_bytes) and head.startswith((b"<", b"&")):
            what = "comment" if comment else "tag"
            raise _Refuse(f"a {what} that is too long", token, token + 1)
        self._forget(token)

    def _recover_from_expat(self, error: expat.ExpatError) -> None:
        assert self._expat is not None
        at = max(self._expat.ErrorByteIndex - len(_PREFIX), 0) + self._origin
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_MISPLACED_XML_PI] and self._depth == 0:
            behind = self._kept.find(b"?>", at - self._base)
            if behind >= 0:
                self._begin(self._base + behind + 2)
                return
        self._recover(expat.ErrorString(error.code) or "not well-formed", at, at)

    def _recover(self, reason: str, at: int, onward: int) -> None:
        self._report(reason, at)
        self._expat = None
        self._reset_element()
        self._fed = max(onward, self._origin + 1, self._base)  # always past the last start, so this ends
        self._forget(min(self._fed, self._base + len(self._kept)))

    def _report(self, reason: str, at: int) -> None:
        if not self._in_junk:
            self._in_junk = True
            self._out.append(Junk(reason, at))

    def _reset_element(self) -> None:
        self._depth = 0
        self._tag = ""
        self._attributes: dict[str, str] = {}
        self._elements: list[Element] = []
        self._member: dict[str, str] = {}
        self._text: list[str] = []
        self._text_bytes = 0
        self._root_at = 0
        self._skipped = 0
        self._skip_from: int | None = None

    def _element_bytes(self, now: int) -> int:
        if self._depth == 0 or self._skip_from is not None:
            return 0
        return now - self._root_at - self._skipped

    # The handlers: called by expat within Parse, in the order of the stream.

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        at = self._here()
        if self._depth and tag in _ROOTS:
            raise _Refuse(f"{tag} within {self._tag}", at, at)
        if self._depth >= self._max_depth:
            raise _Refuse("elements nested too deep", at, at + 1)
        if any(len(value) > self._max_attribute_bytes for value in attributes.values()):
            raise _Refuse("an attribute that is too long", at, at + 1)
        self._depth += 1
        if self._depth == 1:
            self._tag, self._attributes, self._root_at = tag, attributes, at
            self._text, self._text_bytes = [], 0
        elif self._depth == 2:
            if len(self._elements) >= self._max_elements:
                raise _Refuse("too many elements in a vector", at, at + 1)
            self._member = attributes
            self._text, self._text_bytes = [], 0
            if tag == "oneBLOB":
                self._skip_from = at
                self._set_text_handler(None)
        if self._element_bytes(at) > self._max_element_bytes:
            raise _Refuse("an element that is too large", at, at + 1)

    def _end(self, tag: str) -> None:
        at = self._here()
        if self._depth == 0:
            raise _Refuse("an end without a beginning", at, at + 1)
        self._depth -= 1
        if self._depth == 1:
            if self._skip_from is not None:
                self._skipped += at - self._skip_from
                self._skip_from = None
                self._set_text_handler(self._characters)
            rest = {name: value for name, value in self._member.items() if name != "name"}
            text = "".join(self._text).strip()
            self._elements.append(Element(self._member.get("name", "").strip(), text, MappingProxyType(rest)))
            self._text, self._text_bytes = [], 0
        elif self._depth == 0:
            self._finish()
            self._reset_element()

    def _characters(self, text: str) -> None:
        if self._depth == 0:
            if not text.isspace():
                self._report("text between elements", self._here())
            return
        if self._depth > 2:
            return
        self._text_bytes += len(text)
        if self._text_bytes > self._max_text_bytes:
            raise _Refuse("a text that is too long", self._here(), self._here() + 1)
        self._text.append(text)

    def _instruction(self, target: str, data: str) -> None:
        raise _Refuse("a processing instruction", self._here(), self._here() + 1)

    def _cdata(self) -> None:
        raise _Refuse("a CDATA section", self._here(), self._here() + 1)

    def _set_text_handler(self, handler: Callable[[str], None] | None) -> None:
        assert self._expat is not None
        self._expat.CharacterDataHandler = handler

    def _finish(self) -> None:
        item = self._message()
        if isinstance(item, str):
            self._report(f"{self._tag} without {item}", self._root_at)
            return
        self._in_junk = False
        self._out.append(item)

    def _message(self) -> Incoming | str:
        """The message of the finished element, or the name of what it lacks."""
        given = {name: value.strip() for name, value in self._attributes.items()}
        device, name = given.get("device"), given.get("name")
        if vector := _VECTORS.get(self._tag):
            verb, kind = vector
            if not device or not name:
                return "name" if device else "device"
            elements = tuple(self._elements)
            if verb == "new":
                return NewVector(kind, device, name, elements)
            state = _STATES.get(given.get("state", ""))
            return (DefVector if verb == "def" else SetVector)(kind, device, name, state, elements)
        match self._tag:
            case "getProperties":
                return GetProperties(given.get("version"), device or None, name or None)
            case "enableBLOB":
                return EnableBlob(device or None, name or None, "".join(self._text).strip())
            case "pingReply":
                return PingReply(given["uid"]) if given.get("uid") else "uid"
            case "message":
                return MessageText(device or None, given.get("message", ""))
            case "delProperty":
                return DelProperty(device, name or None) if device else "device"
            case _:
                return Unknown(self._tag)
