"""`indi-sony simulate`: a simulated camera as a program. Does I/O: sockets, files, standard output.

Prints a line `listening …` for each way when a host may come; SIGTERM ends it with 0; a bad argument ends it with 2
and names what is allowed. docs/SIMULATOR.md describes all of it.
"""

from __future__ import annotations

import argparse
import errno
import ipaddress
import selectors
import sys
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from indi_sony_py.cli.output import Output
from indi_sony_py.cli.paths import CAMERA_FILE
from indi_sony_py.cli.status import Status
from indi_sony_py.clock import Clock, ScaledClock, SystemClock
from indi_sony_py.sim.attach import serve, stop_on_signals
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.control import BadCommand, answer_line
from indi_sony_py.sim.device import MAX_PACKET, UsbDevice
from indi_sony_py.sim.dumps import read
from indi_sony_py.sim.faults import BadFault, Fault, load
from indi_sony_py.sim.front import MakeFront
from indi_sony_py.sim.hostside import HostSide
from indi_sony_py.sim.ipdevice import IpDevice
from indi_sony_py.sim.ipfront import IpFront
from indi_sony_py.sim.profile import RAW_TYPES, Profile, profile_of, profile_of_dump
from indi_sony_py.sim.redirserver import RedirPlug
from indi_sony_py.sim.referee import Referee
from indi_sony_py.sim.ssdpfront import SsdpFront
from indi_sony_py.texts import simulate

__all__ = ["add", "run"]

_PREFIX = "unix:"


def _socket(text: str) -> Path:
    if not text.startswith(_PREFIX) or not text.removeprefix(_PREFIX):
        raise argparse.ArgumentTypeError(simulate.BAD_SOCKET(text=text))
    return Path(text.removeprefix(_PREFIX))


def _place(text: str) -> Path | tuple[str, int]:
    if text.startswith(_PREFIX):
        return _socket(text)
    try:
        return _loopback(text)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(simulate.BAD_PLACE(text=text)) from None


def _loopback(text: str) -> tuple[str, int]:
    scheme, _, rest = text.partition(":")
    host, _, port = rest.rpartition(":")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
        if scheme == "tcp" and address.is_loopback and 0 <= int(port) <= 0xFFFF:
            return str(address), int(port)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(simulate.BAD_PORT(text=text))


def _above_zero(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(simulate.NOT_ABOVE_ZERO(text=text))
    return number


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--body", required=True, metavar="MODEL", help=simulate.HELP_BODY())
    parser.add_argument("--raw", choices=tuple(RAW_TYPES), help=simulate.HELP_RAW())
    parser.add_argument("--serial", help=simulate.HELP_SERIAL())
    parser.add_argument("--seed", type=int, default=1, help=simulate.HELP_SEED())
    parser.add_argument("--stars", type=Path, metavar="FILE.csv", help=simulate.HELP_STARS())
    parser.add_argument("--as-dumped", action="store_true", help=simulate.HELP_AS_DUMPED())
    parser.add_argument("--transfer-mbps", type=_above_zero, metavar="X", help=simulate.HELP_TRANSFER_MBPS())
    parser.add_argument("--speed", type=_above_zero, default=1.0, metavar="X", help=simulate.HELP_SPEED())
    parser.add_argument("--linger", type=_above_zero, metavar="S", help=simulate.HELP_LINGER())
    parser.add_argument("--faults", type=Path, metavar="FILE.toml", help=simulate.HELP_FAULTS())
    parser.add_argument("--referee", type=Path, metavar="FILE.jsonl", help=simulate.HELP_REFEREE())
    parser.add_argument("--truth", type=Path, metavar="FILE.jsonl", help=simulate.HELP_TRUTH())
    parser.add_argument("--control", type=_socket, metavar="unix:/PATH", help=simulate.HELP_CONTROL())
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help=simulate.HELP_KEEP())
    parser.add_argument("--listen", type=_place, metavar="unix:/PATH", help=simulate.HELP_LISTEN())
    parser.add_argument("--announce", action="store_true", help=simulate.HELP_ANNOUNCE())
    parser.add_argument("--redir", type=_loopback, metavar="tcp:127.0.0.1:PORT", help=simulate.HELP_REDIR())
    parser.add_argument("--usb-speed", choices=tuple(MAX_PACKET), default="super", help=simulate.HELP_USB_SPEED())
    parser.set_defaults(parser=parser)


def _faults(arguments: argparse.Namespace) -> tuple[Fault, ...]:
    return load(arguments.faults) if arguments.faults is not None else ()


def _camera(arguments: argparse.Namespace, clock: Clock, referee: IO[str] | None, truth: IO[str] | None) -> Camera:
    profile = _profile(arguments)
    if arguments.serial is not None and len(arguments.serial) > 32:
        raise ValueError(simulate.LONG_SERIAL())
    # Here and not above: the wrong argument is told before numpy is loaded.
    from indi_sony_py.sim.catalogue import read_catalogue
    from indi_sony_py.sim.livepictures import LivePictures, size_of
    from indi_sony_py.sim.pictures import SkyPictures
    from indi_sony_py.sim.studio import LiveStudio, Studio

    catalogue = None if arguments.stars is None else read_catalogue(arguments.stars)
    pictures = SkyPictures(profile, arguments.seed, catalogue=catalogue)
    studio = Studio(pictures, pictures.stars)
    camera = Camera(
        clock=clock,
        profile=profile,
        raw=arguments.raw,
        serial=arguments.serial,
        transfer_mbps=arguments.transfer_mbps,
        faults=_faults(arguments),
        referee=Referee(referee),
        truth=truth,
        keep=_keeper(arguments.keep),
        picture=studio,
        stars=studio.stars,
        live=lambda seen: LiveStudio(LivePictures(pictures.sky(), seen, size_of(profile)), seen),
    )
    camera.darkroom.order = studio.order
    return camera


def _profile(arguments: argparse.Namespace) -> Profile:
    """Of a body by its name, or of the camera in a report, which is as it was there."""
    path = Path(arguments.body)
    if path.suffix not in (".zip", ".jsonl"):
        return profile_of(arguments.body, as_dumped=arguments.as_dumped)
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as bundle:
                text = bundle.read(CAMERA_FILE).decode("utf-8")
        else:
            text = path.read_text("utf-8")
        return profile_of_dump(read(text, str(path)))
    except (KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ValueError(simulate.NO_DUMP(path=path, reason=error)) from None


def _keeper(folder: Path | None) -> Callable[[str, bytes], None] | None:
    if folder is None:
        return None
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, simulate.NO_FOLDER(path=folder))

    def keep(name: str, data: bytes) -> None:
        (folder / name).write_bytes(data)

    return keep


def _network(device: IpDevice, address: tuple[str, int], selector: selectors.BaseSelector, ways: list[str]) -> IpFront:
    front = IpFront(device, *address, selector)
    ways.append(f"tcp:{address[0]}:{front.port}")
    return front


def _redir(host: HostSide, address: tuple[str, int], selector: selectors.BaseSelector, ways: list[str]) -> RedirPlug:
    plug = RedirPlug(host, address, selector)
    ways.append(f"redir tcp:{address[0]}:{plug.port}")
    return plug


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Be the camera until SIGTERM or SIGINT. With `--json` the ways are told as an object, at once."""
    parser: argparse.ArgumentParser = arguments.parser
    if arguments.listen is None and arguments.redir is None:
        parser.error(simulate.NO_WAY())
    bus, address = arguments.listen if isinstance(arguments.listen, Path) else None, arguments.listen
    if isinstance(address, tuple) and arguments.redir is not None:
        parser.error(simulate.TWO_WAYS())
    if arguments.announce and (not isinstance(address, tuple) or ":" in address[0]):
        parser.error(simulate.ANNOUNCE_NEEDS())
    clock: Clock = SystemClock()
    if arguments.speed != 1.0:
        clock = ScaledClock(clock, arguments.speed)
    with ExitStack() as stack:
        try:
            files = [
                None if path is None else stack.enter_context(path.open("w", encoding="utf-8"))
                for path in (arguments.referee, arguments.truth)
            ]
            camera = _camera(arguments, clock, *files)
        except (BadFault, BadCommand, ValueError, OSError) as error:
            parser.error(str(error))
        stop = stack.enter_context(stop_on_signals())
        stack.callback(camera.referee.finish)

        listening = False
        ways: list[str] = []
        more: list[MakeFront] = []
        hosts: list[HostSide] = []
        if isinstance(address, tuple):
            device = IpDevice(camera)
            more.append(lambda selector: _network(device, address, selector, ways))
            if arguments.announce:
                more.append(lambda selector: SsdpFront(device, address[0], selector))
        else:
            hosts.append(HostSide(UsbDevice(camera, arguments.usb_speed)))
        if arguments.redir is not None:
            more.append(lambda selector: _redir(hosts[0], arguments.redir, selector, ways))
        if bus is not None:
            ways.append(f"{_PREFIX}{bus}")

        def ready() -> None:
            nonlocal listening
            listening = True
            out.data(listening=ways)
            for way in ways:
                out.line(f"listening {way}")
            # Said now: who started it waits for that.
            out.finish(Status.DONE)

        try:
            serve(
                hosts if bus is not None else [],
                [] if bus is None else [bus],
                clock,
                more=more,
                stop=stop,
                control=lambda line: answer_line(camera, line),
                control_path=arguments.control,
                ready=ready,
                linger_s=arguments.linger,
            )
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            print(
                simulate.CANNOT_LISTEN(where=where, reason=error.strerror or error),
                file=sys.stderr,
            )
            return 1 if listening else 2
    return 0
