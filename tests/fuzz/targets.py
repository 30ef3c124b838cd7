"""THE TABLE of the decoders that eat foreign bytes: each with what must hold of every answer."""

from __future__ import annotations

from tests.fuzz.decoders import CAMERA_TARGETS
from tests.fuzz.images import IMAGE_TARGETS
from tests.fuzz.inside import INSIDE_TARGETS
from tests.fuzz.network import NETWORK_TARGETS
from tests.fuzz.target import Target

__all__ = ["TARGETS"]

TARGETS: dict[str, Target] = {t.name: t for t in (*CAMERA_TARGETS, *NETWORK_TARGETS, *IMAGE_TARGETS, *INSIDE_TARGETS)}
