"""What comes into the face's inbox besides the client's words: frozen messages from the threads that help it.

`Outside` is the seam to everything that takes time (looking for cameras, attaching to a hand, starting a simulated
camera): each call returns at once, and the answer comes as an event. Tests put a scripted one in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from indi_sony_py.driver.logs import LogLine
from indi_sony_py.indi.messages import Incoming, ProcessEvent

if TYPE_CHECKING:
    from indi_sony_py.hand.messages import HandState, Message
    from indi_sony_py.hand.pair import Parcel

__all__ = [
    "AttachFailed",
    "BusChanged",
    "Camera",
    "CameraKind",
    "Event",
    "Found",
    "FromHand",
    "HandAttached",
    "HandEnded",
    "LinkLike",
    "NoHand",
    "Outside",
    "SimulationEnded",
    "SimulationReady",
]


class LinkLike(Protocol):
    """A hand, as seen from here."""

    def send(self, message: Message) -> None:
        """Send; `HandLost` when it is gone (a `HandEnded` comes as well)."""

    def close(self) -> None:
        """End the pair; no event of this link comes any more."""


class CameraKind(Enum):
    """What a Sony device on the bus can be to us."""

    PTP = "ptp"
    MASS_STORAGE = "mass storage"
    STREAMING = "streaming"
    LOCKED = "locked"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Camera:
    """A Sony device on the bus. `key` names the place; `serial` and `model` may be empty.

    `product`: its USB id, which follows its USB mode. `address`: another one each time that it is plugged in.
    """

    key: str
    model: str = ""
    serial: str = ""
    kind: CameraKind = CameraKind.PTP
    product: int = 0
    address: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a look at the bus. `error` says why nothing could be seen."""

    bus: str
    cameras: tuple[Camera, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class BusChanged:
    """Something was plugged in or out, as far as it can be heard: a reason to look, nothing more."""


@dataclass(frozen=True, slots=True)
class HandAttached:
    """The hand for `key` said hello; `ticket` is the caller's."""

    ticket: int
    key: str
    link: LinkLike
    state: HandState


@dataclass(frozen=True, slots=True)
class NoHand:
    """No hand is at work for this camera (and none was to be started)."""

    ticket: int
    key: str


@dataclass(frozen=True, slots=True)
class AttachFailed:
    ticket: int
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class FromHand:
    link: LinkLike
    parcel: Parcel


@dataclass(frozen=True, slots=True)
class HandEnded:
    link: LinkLike
    text: str


@dataclass(frozen=True, slots=True)
class SimulationReady:
    """The simulated camera listens at `bus` (a value for INDI_SONY_BUS), or `error` says why not."""

    bus: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class SimulationEnded:
    """The simulated camera's process ended although nobody asked it to."""

    text: str


Event: TypeAlias = (
    Found
    | BusChanged
    | HandAttached
    | NoHand
    | AttachFailed
    | FromHand
    | HandEnded
    | SimulationReady
    | SimulationEnded
    | LogLine
    | Incoming
    | ProcessEvent
)


class Outside(Protocol):
    """Everything that takes time. No method waits; answers are events."""

    def look(self, bus: str, network: bool = False) -> None:
        """Which cameras are on the bus now (`bus` "" is USB, or what INDI_SONY_BUS says): answered by `Found`.

        `network`: those that answer in the network, too.
        """

    def attach(self, ticket: int, key: str, bus: str, start: bool) -> None:
        """Attach to the hand for `key`, or start it: answered by `HandAttached`, `NoHand` or `AttachFailed`."""

    def simulate(self) -> None:
        """Have a simulated camera: answered by `SimulationReady`."""

    def end_simulation(self) -> None:
        """End the simulated camera, if it is ours."""
