"""What one simulated body is: its identity, what it lists in each protocol version, and how it behaves. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from indi_sony_py.ptp.data import DeviceInfo
from indi_sony_py.sony.snapshot import Descriptor, ExtDeviceInfo, Version

__all__ = ["Behaviour", "Listing", "Profile"]


@dataclass(frozen=True, slots=True)
class Listing:
    """What the body tells in one protocol version: its answer to 0x9202 and its descriptors, in order."""

    info: ExtDeviceInfo
    descriptors: tuple[Descriptor, ...]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a body behaves beyond what it lists. Seconds where not said otherwise; each default names its source.

    `deaf_s`: shots are ignored so long after the handshake (libgphoto2 library.c; 0 on older bodies).
    `notch_s`: time for one step of a 2.00 setting; `single_notches`: a jump takes that for each step (0.7 s on an
    SLT-A58, libgphoto2 config.c), else the jump is made at once. `settle_s`: time until a written value reads back.
    `focus_s`: time that auto-focus takes (SonyCamera waits 0.5 s). `processing_s`: from shutter closed to image ready.
    `noise_from_s`: own dark frame from this exposure on. `buffer`: images that fit (the real number is not known).
    `latency_s`: from a command to its answer (a guess). `handles_answer`: GetObjectHandles(0xFFFFFFFF) is answered
    (bodies of 2020 and later, libgphoto2#1240). `storage`: how GetStorageIDs is answered: "one", "empty", "refused".
    """

    deaf_s: float = 3.0
    notch_s: float = 0.1
    single_notches: bool = False
    settle_s: float = 0.08
    focus_s: float = 0.4
    processing_s: float = 0.3
    noise_from_s: float = 1.0
    buffer: int = 24
    latency_s: float = 0.002
    handles_answer: bool = False
    storage: str = "one"
    focus_failed_value: int = 3
    focus_done_value: int = 2
    release_step_s: float = 0.25
    button_rest: int = 1


@dataclass(frozen=True, slots=True)
class Profile:
    """One body. `shutters` and `isos` are what it really has (encoded values): longest first with bulb (0) at the
    head, lowest first. `product_ids` by USB mode: "remote", "mtp", "mass_storage", "charging"."""

    model: str
    device: DeviceInfo
    listings: Mapping[Version, Listing]
    shutters: tuple[int, ...]
    isos: tuple[int, ...]
    behaviour: Behaviour = field(default_factory=Behaviour)
    product_ids: Mapping[str, int] = field(default_factory=dict)
    raw_formats: tuple[str, ...] = ("uncompressed",)
    assumed: tuple[str, ...] = ()

    @property
    def controllable(self) -> bool:
        return bool(self.listings)

    @property
    def versions(self) -> tuple[Version, ...]:
        return tuple(sorted(self.listings))

    def version_for(self, asked: int) -> Version:
        """Which version the body answers with when the host asks for `asked`."""
        fit = [v for v in self.versions if v <= asked]
        return fit[-1] if fit else self.versions[0]
