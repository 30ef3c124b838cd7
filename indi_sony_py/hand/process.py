"""The process of a hand: its own session, log, signals and main loop (does I/O: sockets, signals, files).

Rules kept here:

- Standard input is the listening socket that the face bound; it is moved away, and 0, 1 and 2 become /dev/null.
- Nothing else of the face or the INDI server stays open, and the process name does not begin with `indi_`: servers and
  managers that end "their" drivers by name or by pipe do not end this one.
- SIGTERM: the shutter is closed now, then the rest. SIGHUP and SIGINT mean nothing to it.
- An alarm of the kernel stands behind the hand's own time limit: it ends the process even if everything here hangs.
"""

from __future__ import annotations

import argparse
import faulthandler
import logging
import logging.handlers
import os
import selectors
import signal
import socket
import stat
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from indi_sony_py.clock import Clock, SystemClock
from indi_sony_py.errors import FaceLost
from indi_sony_py.hand import address
from indi_sony_py.hand.core import Hand
from indi_sony_py.hand.crew import MakeWorker
from indi_sony_py.hand.livedesk import HELPERS
from indi_sony_py.hand.pair import SocketConnection
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.wiring import camera_worker

__all__ = ["NAME", "main", "serve", "shut_away"]

NAME = "sony-hand"
"""At most 15 bytes, as the kernel keeps them."""
_MAX_LOG = 1 << 20
_LOGS = 3
_ALARM_SPARE_S = 20
_LAST_WORDS_S = 2.0
_HELPERS = frozenset({"developer", "disk", "looker"}) | HELPERS
"""Threads that end by themselves."""
_log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None, make: Callable[[str, Clock], MakeWorker] = camera_worker) -> int:
    """Run the hand of the camera at `--key` until it is not needed any more. Exit status: 0, or 1 at the time limit."""
    parser = argparse.ArgumentParser(prog=NAME, description="holds one camera; started by the driver, not by hand")
    parser.add_argument("--key", required=True, help="the place of the camera, as transport.find names it")
    key = parser.parse_args(argv).key
    places = Places.of()
    handler = _open_log(places.log(key))
    listener = shut_away(key)
    if listener is None:
        return 0
    clock = SystemClock()
    with listener:
        hand = serve(key, clock, places, make(key, clock), listener)
    code = 1 if hand.overdue else 0
    _log.info("ends with %d", code)
    handler.close()
    if hand.overdue or hand.running - _HELPERS:
        # A thread that hangs in a library, its own or one of its pool, would hold up the interpreter's own end.
        os._exit(code)
    return code


def shut_away(key: str) -> socket.socket | None:
    """Leave whoever started us: name, folder, descriptors. Returns the listening socket; None: another hand has it."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(NAME)
    if os.getsid(0) != os.getpid():
        with suppress(OSError):
            os.setsid()
    os.chdir("/")
    os.umask(0o022)
    if stat.S_ISSOCK(os.fstat(0).st_mode):
        listener: socket.socket | None = socket.socket(fileno=os.dup(0))
    else:
        listener = address.bind(key)
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for standard in (0, 1, 2):
        os.dup2(null, standard, inheritable=True)
    os.close(null)
    return listener


def serve(key: str, clock: Clock, places: Places, make_worker: MakeWorker, listener: socket.socket) -> Hand:
    """The main loop. Returns when nothing is left to do, with the address free for the next hand."""
    wake_read, wake_write = socket.socketpair()
    wake_read.setblocking(False)
    wake_write.setblocking(False)
    listener.setblocking(False)
    ended: list[int] = []

    def wake() -> None:
        with suppress(BlockingIOError):
            wake_write.send(b"!")

    old_wake = signal.set_wakeup_fd(wake_write.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, lambda number, frame: ended.append(number))
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    hand = Hand(key, clock, places, make_worker, _spawn, wake)
    _log.info("hand %d holds %s", os.getpid(), key)
    with selectors.DefaultSelector() as selector, wake_read, wake_write:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(wake_read, selectors.EVENT_READ)
        while not hand.finished:
            try:
                if ended:
                    hand.terminate()
                wish = hand.turn()
                _arm(hand.alarm_s)
                if not hand.finished:
                    _wait(selector, hand, None if wish is None else max(0.0, wish - clock.monotonic()))
                    with suppress(BlockingIOError):
                        wake_read.recv(4096)
                    _accept(listener, hand)
            except Exception as error:
                # It should never run: neither shutter nor image may go with this process.
                _log.critical("the hand failed", exc_info=True)
                hand.failed(error)
        signal.set_wakeup_fd(old_wake)
        # First the address: whoever comes from here on starts a hand of its own.
        listener.close()
        _finish(hand)
    _arm(None)
    return hand


def _wait(selector: selectors.BaseSelector, hand: Hand, timeout_s: float | None) -> None:
    """Until somebody says something, takes something, comes, or the time is over."""
    watched = [connection for connection in hand.connections() if isinstance(connection, SocketConnection)]
    for connection in watched:
        write = selectors.EVENT_WRITE if connection.wants_write else 0
        selector.register(connection, selectors.EVENT_READ | write)
    try:
        selector.select(timeout_s)
    finally:
        for connection in watched:
            selector.unregister(connection)


def _accept(listener: socket.socket, hand: Hand) -> None:
    for _ in range(16):
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        if address.peer_is_us(sock):
            hand.attach(SocketConnection(sock, FaceLost, 0.0, "the face"))
        else:
            _log.warning("a process of another user was turned away")
            sock.close()


def _finish(hand: Hand) -> None:
    """Threads that help end with their last job; the one at the camera has ended, or hangs."""
    helpers = [thread for thread in threading.enumerate() if thread.name in _HELPERS]
    hand.close()
    for thread in helpers:
        thread.join(_LAST_WORDS_S)


def _spawn(name: str, body: Callable[[], None]) -> None:
    threading.Thread(target=body, name=name, daemon=True).start()


def _arm(seconds: float | None) -> None:
    signal.alarm(0 if seconds is None else int(seconds) + _ALARM_SPARE_S)


def _open_log(path: Path) -> logging.Handler:
    """The log of this camera's hands, rotated by size; nowhere, if it cannot be written."""
    handler: logging.Handler
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=_MAX_LOG, backupCount=_LOGS, encoding="utf-8")
        # A descriptor of its own: the handler closes its file when it rotates.
        faulthandler.enable(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC))
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger("indi_sony_py")
    root.setLevel(logging.DEBUG if os.environ.get("INDI_SONY_DEBUG") else logging.INFO)
    root.addHandler(handler)
    sys.excepthook = lambda kind, fault, trace: _log.critical("the hand failed", exc_info=(kind, fault, trace))
    return handler
