"""`indi-sony report`: a bundle for a report of a fault, without serial numbers, names and places (does I/O).

| file in it | is |
| --- | --- |
| `README.txt` | what it is |
| `report.json` | versions, the computer, cameras, what doctor found |
| `camera.jsonl` | what the camera lists, as a dump: `indi-sony simulate --body` takes it |
| `trace.jsonl` | what went over the wire (`hand.trace`), cleaned (`cli.cleaning`) |
| `logs/` | the ends of the logs of the camera's process, cleaned |

The camera is opened for it, through its hand, as doctor does. One that is held, or does not answer, gives a report
without `camera.jsonl`, with what went over the wire until then.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import platform
import pwd
import re
import socket
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO

from indi_sony_py import __version__
from indi_sony_py.cli.cameras import add_camera, chosen
from indi_sony_py.cli.checks.check import Case
from indi_sony_py.cli.checks.machine import Machine
from indi_sony_py.cli.cleaning import Cleaner, Recorded
from indi_sony_py.cli.doctor import examine
from indi_sony_py.cli.numbers import seconds
from indi_sony_py.cli.output import Output
from indi_sony_py.cli.paths import CAMERA_FILE, absolute
from indi_sony_py.cli.status import NoCamera, Status
from indi_sony_py.errors import CameraError, NotWritable
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.trace import ENVIRONMENT
from indi_sony_py.texts import tool

__all__ = ["add", "run"]

TRACE_FILE, REPORT_FILE, README_FILE = "trace.jsonl", "report.json", "README.txt"
_LIBRARIES = ("numpy", "pyerfa", "pyusb", "rawpy")
_LOG_BYTES = 1 << 18
_MOST_LOGS = 8
_OF_USER = ("USER", "LOGNAME", "SUDO_USER")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_camera(parser)
    parser.add_argument("--shoot", type=seconds, metavar="SECONDS", default=0.0, help=tool.HELP_SHOOT())
    parser.add_argument("--computer", action="store_true", help=tool.HELP_COMPUTER())
    parser.add_argument("--output", type=Path, metavar="FILE.zip", help=tool.HELP_OUTPUT())


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Make the bundle; DONE also where the camera does not answer: that is what it is made for."""
    now = datetime.now(UTC)
    target = absolute(arguments.output or Path(f"indi-sony-report-{now:%Y%m%d-%H%M%S}.zip"))
    with _made(target) as file:
        files = _collected(arguments, now, out)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, text in files.items():
                bundle.writestr(name, text)
    camera = CAMERA_FILE in files
    out.data(path=str(target), files=sorted(files), camera=camera)
    out.say(tool.REPORT_MADE(path=target))
    if not camera:
        out.say(tool.REPORT_WITHOUT_CAMERA())
    return Status.DONE


def _collected(arguments: argparse.Namespace, now: datetime, out: Output) -> dict[str, str]:
    """What goes into the bundle, by the names that it has there."""
    places, machine = Places.of(), Machine()
    if not arguments.computer:
        # Of several cameras one must be named; that none is found may be what the report is about.
        with suppress(NoCamera, CameraError):
            chosen(arguments, out)
    with tempfile.TemporaryDirectory(prefix="indi-sony-") as folder:
        trace = Path(folder) / TRACE_FILE
        case = Case(machine, places, arguments.camera.strip(), arguments.bus, arguments.shoot)
        with _traced(trace):
            checks = _examined(case, arguments.computer, out)
        lines = trace.read_text("utf-8", "replace").splitlines() if trace.exists() else []
    cleaner = Cleaner(_serials(case), {*_names(), *_folders(machine), *_hosts(places, case)})
    recorded = cleaner.record(lines)
    report = {
        "version": __version__,
        "made": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "python": sys.version,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "release": _release(machine),
        "libraries": {name: _version_of(name) for name in _LIBRARIES},
        "identity": {
            "model": case.identity.model, "firmware": case.identity.firmware, "protocol": case.identity.version,
            "protocol_reason": case.identity.version_reason,
        },
        "cameras": [
            {"model": cleaner.text(c.model), "kind": c.kind.value, "product": c.product} for c in case.cameras
        ],
        "checks": cleaner.tree(checks),
    }  # fmt: skip
    files = {
        README_FILE: tool.REPORT_README(),
        REPORT_FILE: json.dumps(report, indent=1, ensure_ascii=False),
        TRACE_FILE: "".join(f"{line}\n" for line in recorded.lines),
        **{f"logs/{name}": text for name, text in _logs(places, cleaner)},
    }
    if camera := _camera(recorded):
        files[CAMERA_FILE] = camera
    return files


def _examined(case: Case, computer: bool, out: Output) -> list[dict[str, str]]:
    from indi_sony_py.cli.checks.table import CHECKS, COMPUTER

    found: list[dict[str, str]] = []
    try:
        for check, finding in examine(COMPUTER if computer else CHECKS, case):
            out.progress(len(found) / len(CHECKS), check.title())
            found.append({"name": check.name, "result": finding.mark.value, "text": finding.text})
    finally:
        if case.session is not None:
            case.session.close()
    return found


@contextmanager
def _traced(path: Path) -> Iterator[None]:
    before = os.environ.get(ENVIRONMENT)
    os.environ[ENVIRONMENT] = str(path)
    try:
        yield
    finally:
        if before is None:
            del os.environ[ENVIRONMENT]
        else:
            os.environ[ENVIRONMENT] = before


def _names() -> set[str]:
    """Of this computer and its user: those that the account has, and each word of the user's own name."""
    host = socket.gethostname()
    found = {host, host.partition(".")[0]}
    with suppress(OSError, KeyError):
        found |= {getpass.getuser(), *re.split(r"[\s,]+", pwd.getpwuid(os.getuid()).pw_gecos)}
    return found


def _folders(machine: Machine) -> set[str]:
    """Names of this user's folders, of other users, and of the disks that are there: people call them as they like."""
    mine = {part for name in _OF_USER if (part := machine.env.get(name, ""))}
    found = mine | {name for folder in ("/home", "/media", "/run/media", "/mnt") for name in machine.names(folder)}
    found |= {
        name for user in mine for folder in ("/media", "/run/media") for name in machine.names(f"{folder}/{user}")
    }
    for place in (Path.home, Path.cwd):
        with suppress(OSError, RuntimeError):
            found |= set(place().parts)
    return found


def _hosts(places: Places, case: Case) -> set[str]:
    """Names of cameras in the network, as this computer's network knows them."""
    keys = [*(path.name.removeprefix("hand-").partition(".log")[0] for path in _log_files(places)), case.wanted]
    keys += [camera.key for camera in case.cameras]
    hosts = (key.removeprefix("ip-").partition(":")[0] for key in keys if key.startswith("ip-") or "." in key)
    return {part for host in hosts if not re.match(r"\d+(\.\d+){3}", host) for part in (host, host.partition(".")[0])}


def _serials(case: Case) -> set[str]:
    return {case.identity.serial, *(camera.serial for camera in case.cameras)}


def _camera(recorded: Recorded) -> str:
    """The dump, "" where the camera did not tell enough."""
    if recorded.info is None or recorded.ext is None or recorded.settings is None:
        return ""
    # The simulated camera's tables are large, and a report without a camera needs none.
    from indi_sony_py.sim.dump_text import dump_text

    return dump_text(recorded.info.model, recorded.info, recorded.ext, recorded.settings)


def _log_files(places: Places) -> list[Path]:
    """The newest last."""
    try:
        return sorted(places.state.glob("hand-*.log*"), key=lambda path: path.stat().st_mtime)[-_MOST_LOGS:]
    except OSError:
        return []


def _logs(places: Places, cleaner: Cleaner) -> Iterator[tuple[str, str]]:
    for number, path in enumerate(_log_files(places), 1):
        try:
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - _LOG_BYTES))
                text = file.read(_LOG_BYTES).decode("utf-8", "replace")
        except OSError:
            continue
        # Its own name holds the camera's place, which may be an address.
        yield f"hand-{number}.log", "".join(f"{cleaner.text(line)}\n" for line in text.splitlines())


def _release(machine: Machine) -> str:
    lines = dict(line.partition("=")[::2] for line in machine.read("/etc/os-release").splitlines())
    return lines.get("PRETTY_NAME", "").strip('"')


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@contextmanager
def _made(target: Path) -> Iterator[IO[bytes]]:
    """The bundle's file, for this user alone: made before the camera is asked, gone again if it does not become whole.

    `NotWritable`; a file that is there is not overwritten.
    """
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _not_written(target, error) from error
    try:
        with open(descriptor, "wb") as file:
            yield file
    except BaseException as fault:
        with suppress(OSError):
            target.unlink()
        if isinstance(fault, OSError):
            raise _not_written(target, fault) from fault
        raise


def _not_written(target: Path, error: OSError) -> NotWritable:
    return NotWritable(tool.REPORT_NOT_WRITTEN, path=target, reason=error.strerror or error)
