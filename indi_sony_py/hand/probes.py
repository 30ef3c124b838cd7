"""What `indi-sony probe` learnt of cameras, for the hand that holds such a one (does I/O: one small file).

`$XDG_STATE_HOME/indi_sony_py/probed.json`: by model, firmware and version of the protocol, for all three decide which
values there are. A file that cannot be read, or an entry that makes no sense, counts as nothing learnt.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from indi_sony_py.engine.messages import Identity
from indi_sony_py.hand.smallfile import replace_file
from indi_sony_py.sony.probed import NOTHING, Probed

__all__ = ["FILE", "Probes"]

FILE = "probed.json"
_MAX_BYTES, _MOST = 1 << 18, 512
_log = logging.getLogger(__name__)


class Probes:
    """The file in the folder `state`."""

    def __init__(self, state: Path) -> None:
        self._path = state / FILE

    def of(self, identity: Identity) -> Probed:
        """What is kept of such a camera. Never raises."""
        try:
            return _read(self._all().get(_key(identity), {}))
        except (ValueError, TypeError, AttributeError, ZeroDivisionError) as error:
            _log.warning("%s: what was learnt of %s cannot be read: %s", self._path, identity.model, error)
            return NOTHING

    def keep(self, identity: Identity, probed: Probed) -> None:
        """In the place of what was kept; nothing, to forget it. Raises `OSError`."""
        known = self._all()
        known.pop(_key(identity), None)
        if probed != NOTHING:
            known[_key(identity)] = {"isos": list(probed.isos), "shutters": [str(s) for s in probed.shutters]}
        replace_file(self._path, json.dumps(known, indent=1) + "\n")

    def _all(self) -> dict[str, object]:
        with suppress(OSError, ValueError, RecursionError), self._path.open("rb") as file:
            found = json.loads(file.read(_MAX_BYTES))
            if isinstance(found, dict):
                return found
        return {}


def _key(identity: Identity) -> str:
    return f"{identity.model} {identity.firmware} {identity.version}"


def _read(tree: object) -> Probed:
    if not isinstance(tree, dict):
        raise TypeError("an entry is an object")
    isos = tuple(int(value) for value in tree.get("isos", ())[:_MOST])
    shutters = tuple(Fraction(text) for text in tree.get("shutters", ())[:_MOST])
    if any(not 0 < value < 1 << 32 for value in isos) or any(not 0 < s <= 60 for s in shutters):
        raise ValueError("a value that no camera has")
    return Probed(isos, shutters)
