"""Where a camera is in the network: HOST, HOST:PORT, [IPv6] or [IPv6]:PORT, and the key made of it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from indi_sony_py.ptp.ippacket import DEFAULT_PORT

__all__ = ["PREFIX", "NetworkPlace", "is_network_key"]

PREFIX = "ip-"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9.])?")
_V6 = re.compile(r"[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,15})?")


@dataclass(frozen=True, slots=True)
class NetworkPlace:
    """A host and its port for PTP/IP. `str` of it is what a user would write."""

    host: str
    port: int = DEFAULT_PORT

    @classmethod
    def parse(cls, text: str) -> NetworkPlace:
        """What a user wrote. ValueError, with what is allowed, for anything else."""
        rest = text.strip()
        if rest.startswith("["):
            host, closed, rest = rest[1:].partition("]")
            good = bool(closed) and _V6.fullmatch(host) is not None and ":" in host
        elif rest.count(":") > 1:
            host, rest = rest, ""
            good = _V6.fullmatch(host) is not None
        else:
            host, colon, port = rest.partition(":")
            rest = colon + port
            good = _NAME.fullmatch(host) is not None
        number = rest[1:] if rest.startswith(":") else "" if rest else str(DEFAULT_PORT)
        if not good or not (number.isascii() and number.isdigit() and len(number) <= 5 and 0 < int(number) <= 0xFFFF):
            raise ValueError("allowed is a host name or an address, with :PORT behind it where it is not 15740")
        return cls(host, int(number))

    @classmethod
    def of_key(cls, key: str) -> NetworkPlace:
        """The place in a key. ValueError when it is none of a camera in the network."""
        if not is_network_key(key):
            raise ValueError(f"{key} is no camera in the network")
        return cls.parse(key.removeprefix(PREFIX))

    @property
    def key(self) -> str:
        """Names the place, as `transport.find` does for USB."""
        return f"{PREFIX}{self}"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORT else f"{host}:{self.port}"


def is_network_key(key: str) -> bool:
    """Whether a camera's key names a place in the network, and no place on a bus."""
    return key.startswith(PREFIX)
