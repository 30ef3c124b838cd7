"""A night's frames of the simulated camera, taken by the real driver: lights that are dithered, darks, flats, bias.

- Two ways: `on_stage`, the whole driver in virtual time and a small sensor (`tests.stage`); `on_rig`, real processes
  under a real indiserver and a whole sensor.
- Each frame is a FITS as a client gets it. The sky is the same in both, by seed; the telescope is set from outside.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from indi_sony_py.sim.catalogue import Catalogue
from indi_sony_py.sim.geometry import Geometry
from indi_sony_py.sim.night import ARCSEC_PER_RADIAN, Pointing
from indi_sony_py.sim.pictures import SkyPictures
from indi_sony_py.sim.profile import profile_of
from indi_sony_py.sim.sky import Sky, Star
from tests.stage import Stage
from tools.rig import Rig

__all__ = ["Plan", "Shots", "on_rig", "on_stage"]

_PANEL = 0.3
_DITHER_DEG = 0.004
_TURN_DEG = 0.05


@dataclass(frozen=True, slots=True)
class Plan:
    """What is taken, how often; where the telescope looks at first, and how long it is. Seconds, degrees, Celsius."""

    lights: int = 4
    darks: int = 3
    flats: int = 3
    biases: int = 3
    exposure_s: float = 30.0
    flat_s: float = 0.25
    bias_s: float = 0.000125
    iso: int = 800
    ra_deg: float = 83.82
    dec_deg: float = -5.39
    angle_deg: float = 20.0
    focal_mm: float = 300.0
    celsius: float = 35.0
    dust: int = 6
    model: str = "ILCE-7SM3"

    def place(self, number: int) -> dict[str, float]:
        """Where light `number` looks: some pixels away from the one before, and turned a little."""
        around = 2.4 * number
        away = _DITHER_DEG * math.sqrt(number)
        return {
            "ra_deg": self.ra_deg + away * math.cos(around) / math.cos(math.radians(self.dec_deg)),
            "dec_deg": self.dec_deg + away * math.sin(around),
            "angle_deg": self.angle_deg + _TURN_DEG * number,
            "focal_mm": self.focal_mm,
        }


@dataclass(frozen=True)
class Shots:
    """`stars`: those on the sensor of the first light. `size`: (width, height) of the stored buffer."""

    frames: Sequence[Path]
    stars: Sequence[Star]
    size: tuple[int, int]
    plan: Plan

    def of(self, kind: str) -> list[Path]:
        """The frames of a kind: bias, dark, flat or light."""
        return [path for path in self.frames if path.name.startswith(kind)]


def _stars(plan: Plan, seed: int, geometry: Geometry, catalogue: Catalogue | None) -> list[Star]:
    scale = ARCSEC_PER_RADIAN * profile_of(plan.model).row.pixel_um / 1000 / plan.focal_mm
    first = Pointing(plan.ra_deg, plan.dec_deg, plan.angle_deg, scale)
    return Sky(seed, geometry, catalogue).seen(first)


def _take(
    plan: Plan, folder: Path, do: Callable[..., object], choose: Callable[[str], None], expose: Callable[[float], bytes]
) -> list[Path]:
    do("hot-pixels", on=True)
    do("optics", dust=plan.dust)
    do("temperature", celsius=plan.celsius)
    do("panel", brightness=_PANEL)
    rows = (
        ("bias", plan.biases, plan.bias_s, "dark"),
        ("dark", plan.darks, plan.exposure_s, "dark"),
        ("flat", plan.flats, plan.flat_s, "flat"),
        ("light", plan.lights, plan.exposure_s, "sky"),
    )
    made = []
    for kind, count, seconds, scene in rows:
        choose(f"FRAME_{kind.upper()}")
        do("scene", scene=scene)
        for number in range(count):
            if kind == "light":
                do("point", **plan.place(number))
            made.append(folder / f"{kind}_{number + 1:03d}.fits")
            made[-1].write_bytes(expose(seconds))
    return made


def on_stage(
    folder: Path,
    plan: Plan,
    geometry: Geometry,
    seed: int = 7,
    catalogue: Catalogue | None = None,
    raw: str | None = None,
) -> Shots:
    """Takes them in virtual time with a body of this sensor. `raw`: its RAW type, None for the first that it has."""
    pictures = SkyPictures(profile_of(plan.model), seed, geometry, catalogue)
    folder.mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("XDG_")]:
            patch.delenv(name)
        patch.setenv("HOME", str(folder / "home"))
        with Stage(plan.model, picture=pictures, raw=raw) as stage:
            stage.connect()

            def choose(kind: str) -> None:
                stage.client.switch("CCD_FRAME_TYPE", kind)
                stage.settle()

            made = _take(plan, folder, stage.camera.do, choose, lambda seconds: stage.expose(seconds).data)
            stage.assert_clean()
    stars = _stars(plan, seed, geometry, catalogue)
    return Shots(made, stars, (geometry.width, geometry.height), plan)


def on_rig(folder: Path, plan: Plan, seed: int = 7, stars: Path | None = None, **options: str) -> Shots:
    """Takes them with real processes: simulated camera, indiserver, driver, a client of libindi's library."""
    from indi_sony_py.sim.catalogue import read_catalogue
    from tests.e2e.frames import expose
    from tools.compare import sensor_of

    folder.mkdir(parents=True, exist_ok=True)
    more = {} if stars is None else {"stars": str(stars)}
    kind = "FRAME_LIGHT"
    with Rig() as rig:
        camera = rig.camera("", False, body=plan.model, seed=seed, **more, **options)
        client = rig.connected(rig.server())

        def do(command: str, **args: object) -> None:
            answer = camera.control(command=command, **args)
            assert answer["ok"], answer

        def choose(name: str) -> None:
            nonlocal kind
            kind = name

        made = _take(plan, folder, do, choose, lambda seconds: bytes(expose(client, seconds, kind).event.data))
        assert camera.broken_rules() == []
    geometry = sensor_of(plan.model)
    catalogue = None if stars is None else read_catalogue(stars)
    return Shots(made, _stars(plan, seed, geometry, catalogue), geometry.visible, plan)
