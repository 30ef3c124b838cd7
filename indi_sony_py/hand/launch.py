"""The face's way to a camera's hand: attach to the one at work, or start one (does I/O: sockets, processes).

Rules kept here:

- The listening socket is made here and handed to the new process as its standard input, so there is nothing to wait
  for: the connection stands before the hand has read its first line of code. The hand puts /dev/null there.
- A fresh interpreter is executed, in a session of its own, with no descriptor of ours but that one and its log: a hand
  that inherits the INDI server's socket would hide the face's death.
- Binding the address is the lock. Who loses attaches to the winner's hand.
- A refusal because another face is attached is final; one of a hand that is ending, or finishes the work of a driver of
  another version, is tried again.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indi_sony_py import interpreter, texts
from indi_sony_py.clock import Clock, Deadline, SystemClock
from indi_sony_py.errors import HandLost, OutsideError
from indi_sony_py.hand import address
from indi_sony_py.hand.messages import VERSION, HandState, Hello, Refused
from indi_sony_py.hand.pair import SocketConnection
from indi_sony_py.hand.places import Places

if TYPE_CHECKING:
    from subprocess import Popen

__all__ = [
    "MAX_HANDS",
    "Attached",
    "HandRefused",
    "attach",
    "attach_or_start",
    "command",
    "hello",
    "is_alive",
    "program",
    "reap",
]

MAX_HANDS = 16
"""So many may one driver have at a time: a client may name one place in the network after another."""
_PATIENCE_S = 5.0
_TURN_S = 0.05
_REFUSED_TURN_S = 0.5
_BIG_BUFFERS = ("MALLOC_MMAP_THRESHOLD_", str(1 << 20))
"""glibc keeps what was up to 32 MB big; with this a frame's memory goes back to the system when it is done (86 MB
resident became 40 MB after some frames of 24 MB).
"""

_children: list[Popen[bytes]] = []


class HandRefused(OutsideError):
    """The hand does not take this face; the text says why. `left_s`: it is gone by then, 0 if that is not known."""

    def __init__(self, reason: str, left_s: float = 0.0) -> None:
        if left_s:
            super().__init__(texts.driver.REFUSED_UNTIL, reason=reason, seconds=left_s)
        else:
            super().__init__(texts.driver.REFUSED, reason=reason)
        self.left_s = left_s


@dataclass(frozen=True, slots=True)
class Attached:
    """A hand that said hello. `adopted`: it was at work already; `state` is what it was doing."""

    connection: SocketConnection
    hello: Hello
    state: HandState
    adopted: bool


def command(key: str, arguments: Sequence[str] = ()) -> list[str]:
    """The command that executes a hand."""
    return program("indi_sony_py.hand.process", ("--key", key, *arguments))


def program(module: str, arguments: Sequence[str]) -> list[str]:
    """The command that executes the `main` of a module of the same package as this one, wherever that lies."""
    try:
        return interpreter.command(module, arguments)
    except FileNotFoundError:
        raise OutsideError(texts.driver.NO_INTERPRETER) from None


def is_alive(key: str) -> bool:
    """Whether a hand listens for the camera at `key`. It sees a guest that leaves at once."""
    sock = address.connect(key)
    if sock is None:
        return False
    sock.close()
    return True


def attach(key: str, deadline: Deadline) -> Attached | None:
    """Attach to the hand at work for `key`; None when there is none. `HandRefused`, `HandLost` as they happen."""
    sock = address.connect(key)
    if sock is None:
        return None
    return _greet_socket(sock, deadline)


def attach_or_start(
    key: str,
    deadline: Deadline | None = None,
    *,
    env: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
    clock: Clock | None = None,
) -> Attached:
    """The hand for the camera at `key`, an old one or a new one. `env` is the new one's environment (default: ours).

    Waits at most until `deadline` (default 10 s). `HandRefused` when another face is attached, or the hand of another
    version has not finished by then; `HandLost` when the hand ends before it says hello, with the place of its log.
    """
    clock = clock or SystemClock()
    deadline = deadline or Deadline.after(clock, 10.0)
    fault: OutsideError = HandLost(texts.driver.NO_ANSWER)
    while True:
        turn = _TURN_S
        try:
            attached = attach(key, deadline) or _start(key, deadline, env, arguments)
        except HandLost as error:
            # A refusal says more than a silence after it.
            fault, attached = fault if isinstance(fault, HandRefused) else error, None
        except HandRefused as error:
            if not error.left_s:
                raise
            fault, attached, turn = error, None, _REFUSED_TURN_S
        if attached is not None:
            return attached
        clock.sleep_until(min(deadline.at, clock.monotonic() + turn))
        if deadline.expired:
            raise fault


def hello(role: str) -> Hello:
    """This process, introducing itself."""
    return Hello(VERSION, os.getpid(), role, os.urandom(8).hex())


def reap() -> None:
    """Take the exit status of hands that ended, so that none stays a zombie as long as this process lives."""
    _children[:] = [child for child in _children if child.poll() is None]


def _start(key: str, deadline: Deadline, env: Mapping[str, str] | None, arguments: Sequence[str]) -> Attached | None:
    import subprocess

    reap()
    if len(_children) >= MAX_HANDS:
        raise OutsideError(texts.driver.NOT_STARTED, reason=texts.driver.TOO_MANY())
    listener = address.bind(key)
    if listener is None:
        return None
    with listener:
        environment = dict(os.environ if env is None else env)
        environment.setdefault(*_BIG_BUFFERS)
        log = Places.of(environment).log(key)
        early = _open_log(log)
        try:
            child = subprocess.Popen(
                command(key, arguments),
                stdin=listener.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=early,
                env=environment,
                close_fds=True,
                start_new_session=True,
            )
        except OSError as error:
            raise OutsideError(texts.driver.NOT_STARTED, reason=error) from error
        finally:
            os.close(early)
        _children.append(child)
        sock = address.connect(key)
    if sock is None:
        raise HandLost(texts.driver.NOT_REACHED, log=log)
    try:
        return _greet_socket(sock, deadline)
    except HandLost as error:
        if deadline.expired:
            # It has not ended: its log may be empty, and it is not replaced.
            raise
        raise HandLost(texts.driver.WITH_LOG, reason=error, log=log) from None


def _greet_socket(sock: socket.socket, deadline: Deadline) -> Attached:
    """Say hello and wait for the hand's own and its state."""
    connection = SocketConnection(sock, HandLost, _PATIENCE_S, "the camera's process")
    try:
        connection.send(hello("face"))
        theirs: Hello | None = None
        while (parcel := connection.receive(deadline.remaining())) is not None:
            match parcel.message:
                case Refused(reason, left_s):
                    raise HandRefused(reason, left_s)
                case Hello(version=version) if version != VERSION:
                    raise HandRefused(texts.driver.SPEAKS_VERSION(theirs=version, ours=VERSION))
                case Hello() as theirs:
                    pass
                case HandState() as state if theirs is not None:
                    return Attached(connection, theirs, state, state.adopted)
                case other:
                    raise HandLost(texts.driver.BEGAN_WRONG, message=type(other).__name__)
        raise HandLost(texts.driver.NO_HELLO)
    except BaseException:
        connection.close()
        raise


def _open_log(path: Path) -> int:
    """A descriptor for what the hand says before it has its own log; /dev/null where no file can be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
