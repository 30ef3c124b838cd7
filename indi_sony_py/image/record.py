"""What is known of a frame: frozen with the request, and told by the file. No numpy here: these cross the pair.

Rules kept here:

- A `FrameRecord` is frozen when the exposure is asked for and completed at the press and the release; a header is made
  from it alone, never from live properties.
- All fields are plain values (numbers, strings, tuples), so that any encoding can carry them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indi_sony_py.image.section import BIN_MODES, MOSAIC, SUPERPIXEL
from indi_sony_py.observatory import Observatory

__all__ = [
    "AREAS",
    "BIN_MODES",
    "FRAME_TYPES",
    "MOSAIC",
    "SHUTTER_MODES",
    "SUPERPIXEL",
    "CardValue",
    "FileFacts",
    "FrameRecord",
]

FRAME_TYPES = ("Light", "Bias", "Dark", "Flat")
SHUTTER_MODES = ("timed", "bulb", "bulb timer")
AREAS = ("visible", "crop", "libraw")

CardValue = str | int | float | bool


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """One exposure as it was asked for and made.

    `requested_s` is what the client asked for, `nominal_s` the body's own shutter speed (None in bulb), `measured_s`
    the time between press and release on the monotonic clock (None where the body timed it itself). `pressed_utc` is
    the host's UTC at the full press, ISO 8601 with microseconds and no zone. `cards` are the client's own cards
    (keyword, value, comment), `observatory` is what other devices knew at the press. `area` is one of `AREAS`;
    `expected_size` (width, height) is what the client was told of the whole area. `part` (x, y, width, height) is what
    it wants of that, None for all; `binning` makes one pixel of so many in each direction, `bin_mode` (of `BIN_MODES`)
    says of which. `clock_step_s`: by how much the computer's clock was moved after the press, 0 for not at all.
    `own_dark_fixed`: the body has no menu entry against its own dark frames.
    """

    exposure_id: int
    device: str
    body: str
    frame_type: str
    requested_s: float
    nominal_s: float | None
    measured_s: float | None
    shutter_mode: str
    pressed_utc: str
    iso_requested: int | None = None
    iso_set: int | None = None
    protocol: str = ""
    firmware: str = ""
    serial: str = ""
    lens: str = ""
    battery_percent: int | None = None
    notes: tuple[str, ...] = ()
    cards: tuple[tuple[str, CardValue, str], ...] = ()
    observatory: Observatory = field(default_factory=Observatory)
    area: str = "visible"
    expected_size: tuple[int, int] | None = None
    pixel_um: float | None = None
    part: tuple[int, int, int, int] | None = None
    binning: int = 1
    bin_mode: str = MOSAIC
    own_dark_fixed: bool = False
    clock_step_s: float = 0.0

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("frame_type", self.frame_type, FRAME_TYPES),
            ("shutter_mode", self.shutter_mode, SHUTTER_MODES),
            ("area", self.area, AREAS),
            ("bin_mode", self.bin_mode, BIN_MODES),
        ):
            if value not in allowed:
                raise ValueError(f"{name} is {value!r}, not one of {', '.join(allowed)}")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What an image file says of itself. None where it is silent, or where what it says is not to be trusted.

    `captured_local` is the camera's own clock, `captured_utc` the same in UTC where the file has a zone; both ISO 8601
    without a zone. `width` and `height` are those of the stored buffer. `long_exposure_nr` is the camera's dark frame.
    `pixel_um` is the size of a pixel as its focal plane's resolution has it.
    """

    model: str
    exposure_s: float | None = None
    iso: int | None = None
    captured_local: str | None = None
    captured_utc: str | None = None
    long_exposure_nr: bool | None = None
    width: int = 0
    height: int = 0
    bits: int = 0
    raw_type: str = ""
    shutter_count: int | None = None
    firmware: str = ""
    serial: str = ""
    lens: str = ""
    battery_percent: int | None = None
    camera_temperature_c: float | None = None
    black: int | None = None
    white: int | None = None
    pixel_um: float | None = None
    damage: tuple[str, ...] = field(default=())
