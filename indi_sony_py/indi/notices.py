"""The elements that belong to no vector: messages to users, a device's end, and the wish to snoop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from .text import MESSAGE_BYTES, attribute, timestamp

__all__ = ["Utc", "delete_device", "message", "snoop"]

Utc: TypeAlias = Callable[[], datetime]


def message(device: str | None, text: str, clock: Utc) -> bytes:
    """A message to users, cut at 254 bytes (`text.split_message` parts a longer one).

    The caller puts `[INFO] `, `[WARNING] ` or `[ERROR] ` in front.
    """
    head = "<message" + (attribute("device", device) if device else "")
    head += attribute("timestamp", timestamp(clock())) + attribute("message", text, MESSAGE_BYTES)
    return f"{head}/>\n".encode()


def delete_device(device: str, clock: Utc) -> bytes:
    """All vectors of a device are gone."""
    head = "<delProperty" + attribute("device", device) + attribute("timestamp", timestamp(clock()))
    return f"{head}/>\n".encode()


def snoop(device: str, name: str | None = None) -> bytes:
    """Ask the server for what another device says of `name`, or of everything. It cannot be taken back."""
    tail = attribute("name", name) if name else ""
    return f'<getProperties version="1.7"{attribute("device", device)}{tail}/>\n'.encode()
