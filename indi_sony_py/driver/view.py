"""What the face knows of its camera: the row of the body, and the last reports of the hand. Pure; frozen.

- The row of the body is read when the camera is known, not before: the tables take longer than the first answer may.
- Sizes are (width, height) in pixels, lengths in micrometres, times in seconds.
- What a frame turned out to be wins over what the row says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from indi_sony_py.driver.row import LONGEST_S
from indi_sony_py.engine.focusmessages import FocusReport
from indi_sony_py.engine.messages import Identity, SettingsReport
from indi_sony_py.hand.messages import Looked
from indi_sony_py.image.section import Part, Size

__all__ = ["NO_SETTINGS", "CameraFacts", "CameraView", "Size", "facts_of", "same_serial", "shown_serial"]

_FASTEST_S = 1 / 4000
_CROPPED = 2
"""0xD219 (Sony PTP2 ref)."""
_CROP_PART = 0.8
NO_SETTINGS = SettingsReport(())
NO_LENS = FocusReport()


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """The part of a body's row that a client is told. `known` False: there is no row, all of it is assumed.

    `black`, `white`: levels of a file with so many `bits`; `levels_known`: a source gives them for this very body.
    `live_view`: whether it has any; None: no source tells.
    """

    model: str = ""
    name: str = ""
    visible: Size | None = None
    crop: Size | None = None
    pixel_um: float = 0.0
    cfa: str = "RGGB"
    fastest_s: float = _FASTEST_S
    known: bool = False
    black: int = 0
    white: int = 0
    bits: int = 0
    levels_known: bool = False
    live_view: bool | None = None

    def size(self, area: str) -> Size | None:
        """The frame's size for an area; LibRaw's own is only known from a frame."""
        return self.crop or self.visible if area == "crop" else self.visible


def facts_of(model: str) -> CameraFacts:
    """The row of a model, as DeviceInfo spells it."""
    from indi_sony_py.sony.bodies import body

    row = body(model)
    fastest = float(min(row.shutters)) if row.shutters else _FASTEST_S
    levels_known = "levels" in row.src and "levels" not in row.assumed
    return CameraFacts(
        model, row.name, row.visible, row.crop, row.pixel_um, row.cfa, fastest, row.known,
        row.black, row.white, row.bits, levels_known, row.live_view,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CameraView:
    """All that feeds the vectors. `measured` is the size of the last frame's whole area, `measured_cfa` its pattern.

    `part`: what a client wants of the area, as it will be delivered; None for all.

    `told_um`: the size of a pixel as a file or a client said, for a body whose row has none. `iso_as_gain`: clients see
    the ISO as CCD_GAIN, not as CCD_ISO. `speeds_only`: exposures are made with the camera's own speeds.
    `temperature_c`: of the camera, as the last file tells it; None if it does not. `looked`: the last look at a frame.
    `live_size`: of the last picture of live view; `live_part`: what is wanted of it, None for all. `magnifier_at`: the
    pixel of the photo that a client wants in the middle of the magnifier, None while the camera chooses.
    """

    identity: Identity = field(default_factory=Identity)
    facts: CameraFacts = field(default_factory=CameraFacts)
    settings: SettingsReport = NO_SETTINGS
    area: str = "visible"
    measured: Size | None = None
    measured_cfa: str = ""
    told_um: float = 0.0
    iso_as_gain: bool = False
    speeds_only: bool = False
    part: Part | None = None
    temperature_c: float | None = None
    looked: Looked | None = None
    focus: FocusReport = NO_LENS
    live_size: Size | None = None
    live_part: Part | None = None
    magnifier_at: tuple[float, float] | None = None

    @property
    def has_live_view(self) -> bool:
        """What the body says of itself (0xD221: 2 is "not supported"); its row where it says nothing."""
        said = self.settings.get("live view")
        return self.facts.live_view is True if said is None or said.value is None else said.value in (0, 1)

    @property
    def live_whole(self) -> Size | None:
        """The size of the photo that live view shows; of its own picture where no table and no frame tells that.

        With the APS-C crop of a larger sensor only a frame tells it.
        """
        crop, row = self.settings.get("crop"), self.facts.visible
        if crop is None or crop.value != _CROPPED or row is None:
            return row or self.measured or self.live_size
        return self.measured if self.measured and self.measured[0] < _CROP_PART * row[0] else self.live_size

    @property
    def pixel_um(self) -> float:
        """Of the body's row, else as a client said, else 0."""
        return self.facts.pixel_um or self.told_um

    @property
    def size(self) -> Size | None:
        """The size of the next frame, as far as known."""
        return self.measured or self.facts.size(self.area)

    @property
    def cfa(self) -> str:
        return self.measured_cfa or self.facts.cfa

    @property
    def serial(self) -> str:
        return shown_serial(self.identity.serial)

    @property
    def limits_s(self) -> tuple[float, float]:
        """Shortest and longest exposure."""
        return self.fastest_s, LONGEST_S

    @property
    def fastest_s(self) -> float:
        """The shortest speed that the camera lists, else that of its row."""
        setting = self.settings.get("shutter")
        if setting is None or not setting.options:
            return self.facts.fastest_s
        from indi_sony_py.sony.values import decode_shutter

        speeds = [decode_shutter(choice.value) for choice in setting.options]
        return float(min((s for s in speeds if isinstance(s, Fraction)), default=Fraction(self.facts.fastest_s)))


def shown_serial(text: str) -> str:
    """A serial number as it stands on the body: DeviceInfo pads it to 32 digits."""
    return text.strip().lstrip("0")


def same_serial(one: str, other: str) -> bool:
    """Whether two spellings of a serial number mean the same: USB and DeviceInfo pad them differently."""
    a, b = (text.strip().lstrip("0").upper() for text in (one, other))
    return bool(a) and bool(b) and (a == b or (min(len(a), len(b)) >= 6 and (a.endswith(b) or b.endswith(a))))
