"""What names somebody, in words and in bytes: how it is found, and what stands in its place. Pure.

Rules kept here:

- Where it is not clear how far a path goes (folders may have spaces, quotes and colons), too much of a line is cut
  rather than too little. The name of a file stays if its ending is one that this program or a camera writes.
- A name of at least `LEAST` letters is found inside other words too, a shorter one by itself; upper and lower case are
  the same.
- Bytes that are not understood lose everything that looks like a text: PTP's strings, and runs of letters.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable

__all__ = ["LEAST", "names_in", "without_addresses", "without_paths", "without_texts", "words_without"]

LEAST = 4
_FEWEST = 2
_NOBODY = frozenset(
    ("root", "localhost", "home", "media", "mnt", "run", "tmp", "var", "usr", "local", "share", "state", "frames",
     "data", "indi", "sony", "driver", "camera", "unix", "name", "usb", "disk")
)  # fmt: skip
"""Words that everybody has: without them no line could be read."""
_SYSTEM = r"(?!(?:usr|sys|proc|etc|lib)/|dev/(?!shm/))"
_FOLDER = r"""(?:[^/\n"':]|(?<=\w)'(?=\w)|:(?=\S))+(?<!\s)/"""
_ENDINGS = "fits fit fz xisf arw jpg jpeg hif png bin spool ser log json jsonl xml zip lock py so sock toml csv html"
_FILE = rf"""[^/\n"':]*?\.(?:{"|".join(_ENDINGS.split())})\b"""
_ROOT = rf"(?:~\w*/|/{_SYSTEM}(?=\S){_FOLDER})"
_END = r"""[^\s/:'")]*?(?=[.,;]?(?:[\s/:'")]|$))"""
_PATH = re.compile(rf"(?<![\w.]){_ROOT}(?:{_FOLDER})*(?:({_FILE})|{_END})")
_OURS = re.compile(r"/((?:indi_sony_py(?:-\d+)?/)?(?:indi_sony_py(?:-\d+)?|frames|spool|nights))$")
_IPV4 = re.compile(r"\b(?!127\.)\d{1,3}(?:\.\d{1,3}){3}\b")
_COLONS = re.compile(r"(?<![\w:])(?=[0-9a-f]{0,4}:)[0-9a-f:]{3,39}(?!\w)", re.IGNORECASE)
_MAC = re.compile(r"\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b|\b(?=\d*[a-f])[0-9a-f]{12}\b", re.IGNORECASE)
_GUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b", re.IGNORECASE)
_LETTERS = re.compile(rb"(?:[\x20-\x7e]\x00){4,}|[\x20-\x7e]{4,}")


def without_paths(text: str) -> str:
    """The folders of each path are cut; those of the system itself (/usr, /dev …) are everybody's."""
    return _PATH.sub(_shortened, text)


def _shortened(found: re.Match[str]) -> str:
    if found[1]:
        return f".../{found[1]}"
    ours = _OURS.search(found[0])
    return f".../{ours[1]}" if ours else "..."


def without_addresses(text: str, shown: Callable[[str], str]) -> str:
    """Addresses of machines in a network, but for this one's own; `shown` gives what stands for one."""
    text = _MAC.sub("mac-address", _GUID.sub("guid", text))
    text = _IPV4.sub(lambda found: shown(found[0]), text)
    return _COLONS.sub(lambda found: _of_six(found[0], shown), text)


def _of_six(text: str, shown: Callable[[str], str]) -> str:
    bare = text if text.endswith("::") else text.rstrip(":")
    try:
        address = ipaddress.IPv6Address(bare)
    except ValueError:
        return text
    if address.is_loopback or address.is_unspecified:
        return text
    return shown(bare) + text[len(bare) :]


def names_in(words: Iterable[str]) -> set[str]:
    """Of `words` (of computer, user, folders) those that name somebody."""
    return {word for word in words if len(word) >= _FEWEST and word.lower() not in _NOBODY}


def words_without(name: str) -> re.Pattern[str]:
    """Where a name stands in a text."""
    inside = re.escape(name)
    return re.compile(inside if len(name) >= LEAST else rf"(?<![^\W_]){inside}(?![^\W_])", re.IGNORECASE)


def without_texts(data: bytes) -> bytes:
    """Of the same length, with x for all that may be a text: PTP's strings of any script, four ASCII letters."""
    kept = bytearray(data)
    at = 0
    while at < len(data):
        end = at + 1 + 2 * data[at]
        if data[at] > _FEWEST and end <= len(data) and _is_text(data[at + 1 : end]):
            kept[at + 1 : end - 2] = b"x\0" * (data[at] - 1)
            at = end
        else:
            at += 1
    return _LETTERS.sub(lambda found: _crossed(found[0]), bytes(kept))


def _is_text(units: bytes) -> bool:
    try:
        text = units.decode("utf-16-le")
    except UnicodeDecodeError:
        return False
    return text.endswith("\0") and text[:-1].isprintable()


def _crossed(letters: bytes) -> bytes:
    return b"x\0" * (len(letters) // 2) if letters[1] == 0 else b"x" * len(letters)
