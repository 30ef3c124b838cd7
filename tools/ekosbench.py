"""KStars, a server with the driver, and a simulated camera: what tests of Ekos and `tools/ekos` need. Starts them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from indi_sony_py.cli.system.templates import registration
from tools.compare import Cfa, compare, sensor_of
from tools.desktop import Desktop
from tools.kstars import KStars, Profile, add_profiles, give_focuser, make_home
from tools.processes import until
from tools.rig import DEVICE, DRIVER, Rig, Server, Simulator, free_port
from tools.sequence import Job, sequence_xml
from tools.tap import write_tap

__all__ = ["BODY", "GAIN", "PROFILE", "SAVED", "SIZE", "Bench", "bench", "judge_file", "made_home", "read", "written"]

BODY = "ILCE-7SM3"
SEED = 4711
SIZE = (4256, 2848)
PROFILE = "Rig"
SAVED = "<INDIDriver></INDIDriver>"
"""A saved configuration that changes nothing: KStars asks for one at each connection."""
GAIN = (
    f"<INDIDriver><newSwitchVector device='{DEVICE}' name='ISO_CONTROL'><oneSwitch name='ISO_GAIN'>On</oneSwitch>"
    "</newSwitchVector></INDIDriver>"
)
"""One with which Ekos does not ask what sensor the camera has."""


class Bench:
    """What runs, and short ways to use it. `record`: what passed between the server and the driver, if tapped.
    `server`: none if KStars has one of its own.
    """

    def __init__(self, rig: Rig, camera: Simulator, server: Server | None, kstars: KStars, record: Path) -> None:
        self.rig = rig
        self.camera = camera
        self.server = server
        self.kstars = kstars
        self.record = record
        self._sequences = 0

    def job(self, kind: str, seconds: float, count: int = 1, **more: Any) -> Job:
        """A job whose frames go into a folder of this bench."""
        return Job(kind, seconds, count, more.pop("folder", self.rig.folder / "frames"), SIZE, **more)

    def begin(self, jobs: Sequence[Job]) -> None:
        """Loads the jobs and starts them."""
        self._sequences += 1
        path = self.rig.folder / f"sequence{self._sequences}.esq"
        path.write_text(sequence_xml(jobs))
        self.kstars.load_sequence(path)
        self.kstars.start_sequence()

    def run(self, jobs: Sequence[Job], limit_s: float) -> list[Path]:
        """Runs the jobs to their end; the files that are there then, in the order in which they were made."""
        self.begin(jobs)
        self.kstars.wait_sequence("Complete", limit_s=limit_s)
        # KStars counts a frame before its file is written whole.
        wanted = sum(job.count for job in jobs)
        folder = jobs[0].folder
        return until(lambda: written(folder), lambda found: len(found) >= wanted, 20, f"{wanted} files in {folder}")

    def look(self, path: Path, most_bytes: int = 0) -> None:
        """The desktop as a picture."""
        self.kstars.desktop.screenshot(path, most_bytes)


def written(folder: Path) -> list[Path]:
    """Whole files below a folder, by time."""
    found = [path for path in folder.rglob("*.*") if path.is_file() and path.stat().st_size % 2880 == 0]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def read(path: Path) -> tuple[dict[str, Any], Cfa]:
    """Header and mosaic of a FITS that must keep the standard."""
    with fits.open(path) as opened:
        opened.verify("exception")
        return dict(opened[0].header), np.array(opened[0].data)


def judge_file(path: Path, press: dict[str, Any]) -> dict[str, Any]:
    """The header of a file that must be this press, pixel for pixel."""
    header, cfa = read(path)
    result = compare(cfa, press, SEED, sensor_of(BODY), stars=False)
    assert not result.faults, (path, result.faults)
    return header


@contextmanager
def made_home() -> Iterator[Path]:
    """A home for copies."""
    with tempfile.TemporaryDirectory(prefix="ekos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        drivers = folder / "drivers"
        drivers.mkdir()
        shutil.copy("/usr/share/indi/drivers.xml", drivers)
        (drivers / "indi_sony_py.xml").write_text(registration(), encoding="utf-8")
        yield make_home(folder, drivers, free_port(), DEVICE)


@contextmanager
def bench(
    home: Path,
    tapped: bool = False,
    config: str = "",
    drivers: Sequence[str] = (),
    local: bool = False,
    mount: str = "",
    settings: str = "",
    stars: Path | None = None,
    focuser: bool = False,
) -> Iterator[Bench]:
    """Everything running and connected. `home`: KStars' home to copy; `config`: what the driver finds as its own;
    `drivers`: further ones of the server, `mount`: the device that is the profile's; `local`: KStars starts the server
    and the driver itself; `settings`: what is added to KStars' own; `stars`: those of the camera's sky;
    `focuser`: the lens is that of the optical train, which KStars leaves without one.
    """  # fmt: skip
    with Rig() as rig:
        shutil.copytree(home, rig.home, symlinks=True, dirs_exist_ok=True)
        with (rig.home / ".config" / "kstarsrc").open("a") as more:
            more.write(settings)
        sky = {"stars": str(stars)} if stars else {}
        camera = rig.camera("", False, body=BODY, seed=SEED, **sky)
        record = rig.folder / "record.jsonl"
        driver = write_tap(rig.folder / "indi_sony_tap", DRIVER, record) if tapped else DRIVER
        if config:
            (rig.home / ".indi").mkdir()
            (rig.home / ".indi" / f"{DEVICE}_config.xml").write_text(config)
        server = None
        if local:
            rig.ends_hands()
            (rig.home / "bin" / DRIVER.name).symlink_to(driver)
        else:
            server = rig.server(drivers=[driver, *drivers])
        roles = (("CCD", DEVICE), *((("Mount", mount),) if mount else ()))
        add_profiles(rig.home, [Profile(PROFILE, roles, server.port if server else 0)])
        with Desktop(rig.folder, more=rig.cameras_on_bus()) as desktop, KStars(desktop) as kstars:
            kstars.start_profile(PROFILE)
            if focuser:
                kstars.stop_profile()
                give_focuser(rig.home, DEVICE)
                kstars.start_profile(PROFILE)
            yield Bench(rig, camera, server, kstars, record)
