"""`indi-sony live`: live view on a page of this computer or in files, with the brightest star in numbers (does I/O).

Rules kept here:

- It goes on until Ctrl-C, SIGTERM, or the number of frames or seconds that was asked for: each is a proper end.
- The port is taken, and the folder made, before the camera is touched: what is wrong there is told at once.
- Who looks at the page never holds the camera up: a picture that was not seen is left out.
"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from indi_sony_py.cli.cameras import add_camera, chosen
from indi_sony_py.cli.livemeter import Meter
from indi_sony_py.cli.liveserver import LiveServer
from indi_sony_py.cli.numbers import port, seconds, whole
from indi_sony_py.cli.output import Mark, Output
from indi_sony_py.cli.paths import absolute
from indi_sony_py.cli.session import Picture, Session, Told
from indi_sony_py.cli.status import Status
from indi_sony_py.cli.telling import teller
from indi_sony_py.driver.view import CameraView, facts_of
from indi_sony_py.engine.messages import LiveViewStatus
from indi_sony_py.hand.messages import StarSeen, StreamForm
from indi_sony_py.texts import tool

__all__ = ["add", "run"]

_PORT = 7680
_FPS = 10
_MOST_FPS = 120


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_camera(parser)
    parser.add_argument("--port", type=port, metavar="PORT", help=tool.HELP_PORT(port=_PORT))
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help=tool.HELP_LIVE_FOLDER())
    parser.add_argument("--fps", type=whole, default=_FPS, metavar="N", help=tool.HELP_FPS(fps=_FPS))
    parser.add_argument("--frames", type=whole, metavar="N", help=tool.HELP_FRAMES())
    parser.add_argument("--seconds", type=seconds, metavar="S", help=tool.HELP_LIVE_SECONDS())
    parser.add_argument("--force-200", action="store_true", help=tool.HELP_FORCE_200())


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Show live view until its end."""
    folder = None if arguments.folder is None else _made(arguments.folder)
    camera = chosen(arguments, out)
    meter = Meter()
    with _server(arguments, folder) as server, _ending_by_signal(), Session.to(camera, teller(out)) as session:
        out.progress(0.0, tool.CONNECTING())
        session.connect(force_200=arguments.force_200)
        if server is not None:
            out.data(url=server.url)
            out.say(tool.LIVE_AT(url=server.url, port=server.port))
        if folder is not None:
            out.data(folder=str(folder))
            out.say(tool.LIVE_INTO(folder=folder))
        try:
            _show(arguments, out, session, meter, server, folder)
        except KeyboardInterrupt:
            out.progress_over()
        finally:
            out.data(**meter.data())
    out.say(meter.summary())
    return Status.DONE


def _show(
    arguments: argparse.Namespace,
    out: Output,
    session: Session,
    meter: Meter,
    server: LiveServer | None,
    folder: Path | None,
) -> None:
    form = StreamForm(wanted=True, most_per_s=min(arguments.fps, _MOST_FPS))
    facts = facts_of(session.identity.model)
    ends_at = float("inf")
    begun = f"live_{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"
    with closing(session.live(form)) as live:
        for seen in live:
            match seen:
                case Picture(ready, data):
                    if not meter.frames and arguments.seconds is not None:
                        ends_at = session.now() + arguments.seconds
                    meter.came(ready)
                    if server is not None:
                        server.show(data)
                    if folder is not None:
                        _save(folder / f"{begun}_{meter.frames:05d}.jpg", data)
                case StarSeen():
                    meter.measured(seen, CameraView(facts=facts, settings=session.settings).live_whole)
                case LiveViewStatus(text=text) if text:
                    out.mark(Mark.WARN, text)
                case _:
                    pass
            words = meter.words()
            if server is not None:
                server.tell(words, meter.data())
            out.status(words)
            if session.now() >= ends_at or meter.frames == arguments.frames:
                return


def _server(arguments: argparse.Namespace, folder: Path | None) -> AbstractContextManager[LiveServer | None]:
    """Where nothing is written into files, a page is what is wanted."""
    if folder is not None and arguments.port is None:
        return nullcontext()
    number = _PORT if arguments.port is None else arguments.port
    try:
        return LiveServer(number)
    except OSError as error:
        raise Told(tool.PORT_TAKEN, port=number, reason=error.strerror or str(error)) from error


def _made(folder: Path) -> Path:
    made = absolute(folder)
    try:
        made.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Told(tool.LIVE_NOT_SAVED, path=made, reason=error.strerror or str(error)) from error
    return made


def _save(path: Path, data: bytes) -> None:
    try:
        _written(path, data)
    except OSError as error:
        raise Told(tool.LIVE_NOT_SAVED, path=path, reason=error.strerror or str(error)) from error


def _written(path: Path, data: bytes) -> None:
    """Whole or not at all; nothing is overwritten."""
    with path.open("xb") as file:
        try:
            file.write(data)
            file.flush()
        except OSError:
            path.unlink()
            raise


@contextmanager
def _ending_by_signal() -> Iterator[None]:
    """SIGTERM ends it as Ctrl-C does; so does SIGINT where a shell had it ignored (a job in the background)."""
    old = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
