"""What one simulated body is: its identity, what it lists in each protocol version, and how it behaves. Pure.

A profile is made of `dumps.compose` (what the body says, with every borrowed fact marked) and of the body's row (how it
behaves). What no source tells is a default of `Behaviour`, and called a guess there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from indi_sony_py.ptp.codes import Operation
from indi_sony_py.ptp.data import DeviceInfo
from indi_sony_py.sim.dumps import CameraModel, Dump, compose, compose_dump, list_dumps, simulated_models
from indi_sony_py.sony.bodies import GENERIC, Body, RawFormat
from indi_sony_py.sony.snapshot import Descriptor, ExtDeviceInfo, Version

__all__ = ["RAW_TYPES", "Behaviour", "Listing", "Profile", "models", "profile_of", "profile_of_dump"]

RAW_TYPES: Mapping[str, RawFormat] = {
    "uncompressed": RawFormat.UNCOMPRESSED,
    "lossless": RawFormat.LOSSLESS,
    "lossy": RawFormat.COMPRESSED,
}
"""The RAW types that the simulated camera writes, in the order of preference."""

_SLOW_NOTCH_S = 0.5

_FREEZE_IN_LIVE_VIEW = frozenset({"ILCE-7M2", "ILCE-7M3"})
"""Owners of these lost their camera by a photo in the middle of live view (libgphoto2#981)."""


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
    SLT-A58, libgphoto2 config.c), else a jump is made at once. `settle_s`: until a written value reads back (a guess).
    `focus_s`: time that auto-focus takes (SonyCamera waits 0.5 s). `processing_s`: from shutter closed to image ready
    (a guess). `noise_from_s`: own dark frame from this exposure on. `buffer`: images that fit (the real number is not
    known). `latency_s`: from a command to its answer (a guess). `handles_answer`: GetObjectHandles(0xFFFFFFFF) is
    answered (bodies of 2020 and later, libgphoto2#1240). `storage`: how GetStorageIDs is answered: "empty" (A7S III
    trace; gphoto2 shows no store of any body in PC Remote: libgphoto2's camera texts), "refused" (ZV-E10).
    `button_rest`: what released buttons read (CAMERAS, families). `release_step_s`: between two frames of a burst (a
    guess). `live_view_start_s`: from the handshake to the first frame of live view (up to 1 s on a ZV-1, libgphoto2
    library.c; of all bodies assumed). `live_view_freezes`, `live_view_alone`: see `liveview`.
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
    storage: str = "empty"
    focus_failed_value: int = 3
    focus_done_value: int = 2
    release_step_s: float = 0.25
    button_rest: int = 1
    live_view_start_s: float = 1.0
    live_view_freezes: bool = False
    live_view_alone: bool = False


@dataclass(frozen=True)
class Profile:
    """One body. `shutters` and `isos` are what it really has (encoded values): longest first with bulb (0) at the
    head, lowest first. `product_ids` by USB mode: "remote", "mtp", "mass_storage", "other". `as_dumped`: the state is
    left as the dump has it. A body without a remote mode has an empty listing and `controllable` False."""

    model: str
    device: DeviceInfo
    listings: Mapping[Version, Listing]
    shutters: tuple[int, ...]
    isos: tuple[int, ...]
    behaviour: Behaviour = field(default_factory=Behaviour)
    product_ids: Mapping[str, int] = field(default_factory=dict)
    raw_formats: tuple[str, ...] = ("uncompressed",)
    controllable: bool = True
    as_dumped: bool = False
    vendor_code: int | None = None
    row: Body = GENERIC
    assumed: Mapping[str, str] = field(default_factory=dict)

    @property
    def versions(self) -> tuple[Version, ...]:
        return tuple(sorted(self.listings))

    def version_for(self, asked: int) -> Version:
        """Which version the body answers with when the host asks for `asked`."""
        fit = [v for v in self.versions if v <= asked]
        return fit[-1] if fit else self.versions[0]


def models() -> tuple[str, ...]:
    """Every name that can be simulated: models with a remote mode, and the names of all dumps."""
    return tuple(sorted({*simulated_models(), *list_dumps()}))


def _behaviour(row: Body) -> Behaviour:
    newest = row.family == "gen3"
    swapped = row.focus_failed_is_focused
    return Behaviour(
        deaf_s=row.warmup_s,
        notch_s=row.notch_s,
        single_notches=row.notch_s >= _SLOW_NOTCH_S,
        handles_answer=newest,
        storage="refused" if row.family == "2019" else "empty",
        focus_done_value=3 if swapped else 2,
        focus_failed_value=2 if swapped else 3,
        button_rest=row.buttons_rest or 1,
        live_view_freezes=row.model in _FREEZE_IN_LIVE_VIEW,
        live_view_alone=row.live_view_alone,
    )


@lru_cache(maxsize=64)
def profile_of(model: str, as_dumped: bool = False) -> Profile:
    """The profile of a model or dump. ValueError, with the names that exist, for an unknown one."""
    try:
        made = compose(model, ready=not as_dumped, as_dumped=as_dumped)
    except KeyError:
        raise ValueError(f"unknown body {model!r}: allowed are {', '.join(models())}") from None
    return _profile(made, as_dumped)


def profile_of_dump(dump: Dump, as_dumped: bool = True) -> Profile:
    """The profile of the camera that a dump from elsewhere tells of, such as that of a report."""
    return _profile(compose_dump(dump, ready=not as_dumped), as_dumped)


def _profile(made: CameraModel, as_dumped: bool) -> Profile:
    listings = {v: Listing(one.ext, tuple(one.settings.descriptors)) for v, one in made.listings.items()}
    if not listings:
        listings = {Version.V200: Listing(ExtDeviceInfo(Version.V200), ())}
    row, device, assumed = made.body, made.device_info, dict(made.assumed)
    if not device.operations:
        device = replace(device, operations=tuple(range(Operation.GET_DEVICE_INFO, Operation.GET_THUMB + 1)))
        assumed["operations"] = "those of every PTP camera"
    ids = {usb.mode.value: usb.pid for usb in reversed(row.usb)}
    ids["remote"] = made.product_id
    raws = tuple(name for name, kind in RAW_TYPES.items() if kind in row.raw_formats)
    return Profile(
        made.name,
        device,
        listings,
        made.true_shutters,
        made.true_isos,
        _behaviour(row),
        ids,
        raws or ("lossy",),
        made.controllable,
        as_dumped,
        made.vendor_code_version,
        row,
        assumed,
    )
