"""Which computers the simulated camera lets in over the network. Pure.

A body that wants pairing knows its hosts by the GUID of their first packet; somebody confirms a new one at the camera.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Pairing"]


@dataclass(slots=True)
class Pairing:
    """`asked`: the GUID that was refused last, and that `confirm` would let in."""

    known: set[bytes] = field(default_factory=set)
    asked: bytes | None = None

    def admits(self, guid: bytes) -> bool:
        """Whether this host is known; one that is not has asked."""
        if guid in self.known:
            return True
        self.asked = guid
        return False

    def confirm(self) -> bool:
        """Somebody says yes at the camera. False when nobody asked."""
        if self.asked is None:
            return False
        self.known.add(self.asked)
        self.asked = None
        return True
