"""A frame, start to finish, on a simulated camera: what `tools/demo` runs. Starts processes, writes files, prints.

    simulated camera <- bus -> driver <- indiserver -> client (libindi) -> frame.fits, preview.png, report.json

Rules kept here:

- The exit status is 0 only for a true frame (every pixel is what the sky put in, the serial number is that of the
  press) and a silent referee; 1 for anything else; 2 for a bad argument.
- Interrupted, it ends everything that it started before it leaves.
- What happened is printed to stdout, the progress bar goes to stderr. docs/DEMO.md describes options and report.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, TextIO

from tools.client import Client, Event, What
from tools.interruptible import interruptible
from tools.processes import Late
from tools.rig import Refused, Rig, Simulator

__all__ = ["SCHEMA", "Progress", "Report", "main"]

SCHEMA = 1
SEED = 20260115
_DOWNLOAD_S = 120.0
_BAR = 40
_LOG_LINES = 60


@dataclass(slots=True)
class Report:
    """What report.json holds; docs/DEMO.md says what each field means."""

    schema: int = SCHEMA
    ok: bool = False
    failures: list[str] = field(default_factory=list)
    body: str = ""
    raw: str = ""
    exposure_s: float = 0.0
    frame: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    serial: dict[str, Any] = field(default_factory=dict)
    pixels: dict[str, Any] = field(default_factory=dict)
    stars: dict[str, Any] = field(default_factory=dict)
    referee: dict[str, Any] = field(default_factory=dict)
    times_s: dict[str, float] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


class Progress:
    """One line that is drawn anew on a terminal; elsewhere a line a step."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._last = ""

    def show(self, text: str, part: float | None = None) -> None:
        """`part` of the bar is filled, 0 to 1; None: no bar."""
        line = text
        if part is not None:
            filled = round(max(0.0, min(part, 1.0)) * _BAR)
            line = f"[{'#' * filled}{'.' * (_BAR - filled)}] {text}"
        if line == self._last:
            return
        self._last = line
        self._stream.write(f"\r\033[K{line}" if self._live else f"{line}\n")
        self._stream.flush()

    def end(self) -> None:
        if self._live and self._last:
            self._stream.write("\n")
            self._stream.flush()
        self._last = ""


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/demo",
        description="Takes a frame on a simulated camera, through a real indiserver, and checks every pixel of it.",
    )
    parser.add_argument("--out", type=Path, default=Path("demo-out"), metavar="DIR", help="where the files go")
    parser.add_argument("--body", default="ILCE-7SM3", help="the camera (default: %(default)s)")
    parser.add_argument("--exposure", type=float, default=5.0, metavar="S", help="seconds (default: %(default)g)")
    parser.add_argument(
        "--raw", choices=("uncompressed", "lossy", "lossless"), help="the RAW type (default: the body's first)"
    )
    options = parser.parse_args(given)
    if not 0 < options.exposure <= 3600:
        parser.error("--exposure is above 0 and at most 3600 seconds")
    return options


def _take(client: Client, seconds: float, rig: Rig, progress: Progress) -> Event:
    """Asks for the exposure and waits for its frame; raises `Late` with what the driver said."""
    client.expose(seconds)
    rig.mark("exposure asked for")
    frame: Event | None = None
    until = time.monotonic() + 2 * seconds + _DOWNLOAD_S
    while (left := until - time.monotonic()) > 0:
        event = client.next(left)
        if event is None:
            break
        if event.what is What.BLOB:
            frame = event
            rig.mark("frame received")
        if event.what is What.GONE:
            raise Late("the server went away")
        if event.name != "CCD_EXPOSURE" or event.what is not What.CHANGED:
            continue
        remaining = event.values["CCD_EXPOSURE_VALUE"]
        if event.state == "Alert":
            raise Late("the exposure failed: " + (" / ".join(client.messages[-3:]) or "no message"))
        if event.state == "Busy":
            text = f"{remaining:5.1f} s of {seconds:g} s left" if remaining > 0 else "reading the camera"
            progress.show(text, 1 - remaining / seconds)
            if "exposure accepted" not in rig.times:
                rig.mark("exposure accepted")
            if remaining < seconds and "shutter open" not in rig.times:
                rig.mark("shutter open", seconds - remaining)
            if remaining == 0 and "exposure over" not in rig.times:
                rig.mark("exposure over")
        if event.state == "Ok" and frame is not None:
            rig.mark("exposure Ok")
            progress.show("frame received", 1.0)
            return frame
    raise Late("no frame came in time; the driver said: " + (" / ".join(client.messages[-5:]) or "nothing"))


def _look(report: Report, frame: Event, folder: Path) -> Any:
    """Saves the frame, reads it back with astropy, makes the preview; returns the mosaic."""
    import numpy as np
    from astropy.io import fits

    from indi_sony_py.image.preview import preview_png

    if frame.text != ".fits":
        report.failures.append(f"the frame has the format {frame.text}, not .fits")
    path = folder / "frame.fits"
    path.write_bytes(frame.data)
    with fits.open(path) as opened:
        opened.verify("exception")
        header = opened[0].header
        cfa = np.array(opened[0].data)
    if cfa.dtype != np.uint16 or cfa.ndim != 2:
        report.failures.append(f"the frame holds {cfa.ndim}-dimensional {cfa.dtype}, not a mosaic of uint16")
    report.frame = {
        "bytes": len(frame.data),
        "sha256": hashlib.sha256(frame.data).hexdigest(),
        "width": int(cfa.shape[1]),
        "height": int(cfa.shape[0]),
        "cfa": str(header.get("BAYERPAT", "")).strip(),
        "minimum": int(cfa.min()),
        "median": float(np.median(cfa)),
        "maximum": int(cfa.max()),
    }
    report.header = {
        key: value for key, value in header.items() if key and key not in ("COMMENT", "HISTORY", "SIMPLE", "END")
    }
    (folder / "preview.png").write_bytes(preview_png(cfa, report.frame["cfa"] or "RGGB"))
    report.files = {"frame": path.name, "preview": "preview.png", "report": "report.json"}
    return cfa


def _judge(report: Report, cfa: Any, camera: Simulator, body: str) -> None:
    """Compares the frame with the truth; the press of the frame is the only one there may be."""
    from tools.compare import compare, sensor_of

    presses = camera.truth()
    if len(presses) != 1:
        report.failures.append(f"the button was pressed {len(presses)} times for one frame")
    if not presses:
        return
    press = presses[-1]
    result = compare(cfa, press, SEED, sensor_of(body))
    report.failures += result.faults
    report.raw = press["raw"]
    report.serial = {"expected": result.serial_expected, "found": result.serial_found}
    report.pixels = {
        "compared": result.compared, "different": result.different,
        "largest_difference": result.largest_difference,
    }  # fmt: skip
    report.stars = asdict(result.stars)
    true_s = press["exposure_s"]
    told_s = float(report.header.get("EXPTIME", 0.0))
    if abs(told_s - true_s) > max(0.02 * true_s, 0.1):
        report.failures.append(f"the header says {told_s:g} s, the shutter was open for {true_s:g} s")


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("indi_sony_py", "numpy", "rawpy", "pyusb", "pyindi-client", "astropy"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found


def _run(report: Report, options: argparse.Namespace, progress: Progress) -> None:
    with ExitStack() as stack, Rig() as rig:
        report.times_s = rig.times
        progress.show("starting the simulated camera, the server and the driver")
        camera = rig.camera(body=options.body, seed=SEED, raw=options.raw or False)
        server = rig.server()
        stack.callback(lambda: report.log.extend(server.child.lines[-_LOG_LINES:]))
        client = rig.connected(server)
        try:
            frame = _take(client, options.exposure, rig, progress)
            cfa = _look(report, frame, options.out)
            rig.mark("frame saved")
            _judge(report, cfa, camera, options.body)
            rig.mark("frame compared")
            client.set_switch("CONNECTION", "DISCONNECT")
            client.wait_state("CONNECTION", ("Idle", "Ok"), 20)
        except KeyboardInterrupt:
            # A hand would finish the exposure first; this tells it to close the shutter now.
            rig.hurry()
            raise
        finally:
            report.messages = client.messages
        rig.end()
        # The camera has ended by now, and its referee has written the last line.
        broken = camera.broken_rules()
    report.referee = {"broken": len(broken), "rules": sorted({row["rule"] for row in broken}), "lines": broken[:20]}
    report.failures += [f"referee: {row['rule']}: {row['detail']}" for row in broken]


def _print(report: Report, folder: Path) -> None:
    if report.frame:
        frame, header = report.frame, report.header
        print(f"camera     {header.get('CAMERA', report.body)}, {report.raw} RAW")
        print(f"frame      {frame['width']} x {frame['height']}, {frame['cfa']}, {frame['bytes'] / 1e6:.1f} MB of FITS")
        print(f"exposure   {header.get('EXPTIME')} s, ISO {header.get('ISOSPEED')}, begun {header.get('DATE-OBS')}")
        print(f"levels     {frame['minimum']} to {frame['maximum']}, median {frame['median']:g}")
    if report.stars:
        stars = report.stars
        offset = stars["median_offset_px"]
        print(
            f"stars      {stars['put_in']} put in, {stars['found']} found, {stars['matched']} of them in their places"
            + (f" (median {offset:.2f} pixels off)" if offset is not None else "")
        )
        print(f"pixels     {report.pixels['different']} of {report.pixels['compared']} differ from the sky")
        print(f"serial     {report.serial['found']} in the pixels, {report.serial['expected']} pressed")
    if report.referee:
        print(f"referee    {report.referee['broken']} rules broken")
    before = 0.0
    for step, at in report.times_s.items():
        print(f"  {at:8.3f} s  {step} (+{at - before:.3f})")
        before = at
    for failure in report.failures:
        print(f"WRONG: {failure}")
    if report.failures:
        print("the server's last lines:", *report.log[-8:], sep="\n  ")
    print(f"{'a true frame' if report.ok else 'NOT a true frame'}; files in {folder}")


def _place(folder: Path) -> str:
    """Makes the folder and takes older files away; what is wrong with it, or nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("frame.fits", "preview.png", "report.json"):
            (folder / name).unlink(missing_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return f"--out {folder}: {error.strerror or error}. Choose a folder that can be written."
    return ""


def _trouble(error: OSError) -> str:
    """What a user can do about it."""
    if isinstance(error, FileNotFoundError) and error.filename == "indiserver":
        return "indiserver is not installed: on Debian, apt-get install indi-bin"
    return f"{error.filename or 'the system'}: {error.strerror or error}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demonstration; returns the exit status."""
    options = _arguments(arguments)
    if wrong := _place(options.out):
        print(f"tools/demo: {wrong}", file=sys.stderr)
        return 2
    report = Report(body=options.body, raw=options.raw or "", exposure_s=options.exposure, versions=_versions())
    progress = Progress(sys.stderr)
    try:
        _run(report, options, progress)
    except Refused as error:
        progress.end()
        print(f"tools/demo: {error}", file=sys.stderr)
        return 2
    except Late as error:
        report.failures.append(str(error))
    except OSError as error:
        report.failures.append(_trouble(error))
    finally:
        progress.end()
    report.ok = bool(report.frame) and not report.failures
    try:
        (options.out / "report.json").write_text(json.dumps(asdict(report), indent=1, default=str) + "\n")
    except OSError as error:
        report.ok = False
        report.failures.append(_trouble(error))
    _print(report, options.out)
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(interruptible(main, "tools/demo"))
