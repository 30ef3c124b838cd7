"""A tiny camera for the tests of the wire: it answers by a script, and minds nothing but framing.

Each operation has a row: what it answers with. Knobs say how the bytes are cut, delayed, stalled or cut off.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from indi_sony_py.clock import Clock
from indi_sony_py.ptp.codes import ContainerType, Operation, Response
from indi_sony_py.ptp.container import Container, encode, parse
from indi_sony_py.ptp.data import DeviceInfo
from indi_sony_py.sim.device import Stalled, Unplugged, UsbIdentity

INFO = DeviceInfo(model="ILCE-7SM3", serial="00000000000000000000000000001234", operations=(0x9201, 0x9209))


def identity(number: int = 0, **changes: object) -> UsbIdentity:
    base = UsbIdentity(
        vendor=0x054C,
        product=0x0CA0,
        bcd_device=0x0300,
        usb_class=(6, 1, 1),
        manufacturer="Sony",
        product_name="ILCE-7SM3",
        serial=f"D{number:07d}",
        bus=1,
        address=5 + number,
        ports=(2, 1 + number),
        speed="high",
        max_packet=512,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


@dataclass
class Answer:
    """What follows a command: `data` None means no data phase. `pieces` cuts the stream in transfers of those sizes."""

    data: bytes | None = None
    code: int = Response.OK
    params: tuple[int, ...] = ()


@dataclass
class ScriptedDevice:
    """The seam of `sim.device.UsbDevice`, with a list of transfers that are to be read, each at its time."""

    clock: Clock
    identity: UsbIdentity = field(default_factory=identity)
    answers: dict[int, Answer] = field(default_factory=dict)
    latency_s: float = 0.001
    present: bool = True
    zlp_before_data: bool = False
    zlp_before_response: bool = False
    zlp_after_data: bool = True
    split_header: bool = False
    silent: Callable[[int, int], bool] = lambda operation, nth: False
    stall_command: deque[bool] = field(default_factory=deque)
    stall_answer: deque[bool] = field(default_factory=deque)
    before: list[bytes] = field(default_factory=list)
    shape: Callable[[list[bytes]], list[bytes]] = lambda transfers: transfers
    class_reset_works: bool = True
    reset_forgets: bool = True
    vanish_after_bytes: int | None = None
    halt_after_bytes: int | None = None
    on_write: Callable[[bytes], None] = lambda data: None

    def __post_init__(self) -> None:
        self.commands: list[Container] = []
        self.written: list[bytes] = []
        self.data_out: list[bytes] = []
        self.controls: list[tuple[int, int]] = []
        self.lengths: list[int] = []
        self.resets = 0
        self.attached = 0
        self.gone = 0
        self.halted: set[int] = set()
        self.events: deque[tuple[float, bytes]] = deque()
        self.queue: deque[tuple[float, bytes]] = deque()
        self._current: memoryview | None = None
        self._incoming = bytearray()
        self._waiting_data: Container | None = None
        self._sent = 0

    def advance(self) -> None:
        """Nothing happens here by itself."""

    def next_change(self, since: float | None = None) -> float | None:
        times = [when for when, _ in (*list(self.queue)[:1], *list(self.events)[:1])]
        now = self.clock.monotonic() if since is None else since
        return min((t for t in times if t > now), default=None)

    def unplug(self) -> None:
        self.present = False
        self.queue.clear()
        self.events.clear()
        self.halted.clear()
        self._current = None

    def replug(self) -> None:
        self.identity = replace(self.identity, address=self.identity.address + 1)
        self.present = True

    def event(self, *containers: Container, after_s: float = 0.0) -> None:
        """All in one transfer."""
        self.events.append((self.clock.monotonic() + after_s, b"".join(map(encode, containers))))

    def send(self, *transfers: bytes) -> None:
        self.queue.extend((self.clock.monotonic() + self.latency_s, transfer) for transfer in transfers)

    def bulk_write(self, data: bytes) -> None:
        self._here()
        self.on_write(data)
        self._here()
        if self.stall_command and self.stall_command.popleft():
            self.halted.add(0x02)
        if 0x02 in self.halted:
            raise Stalled(0x02)
        self.written.append(data)
        self._incoming += data
        if len(data) and len(data) % self.identity.max_packet == 0:
            return
        whole, self._incoming = bytes(self._incoming), bytearray()
        parsed = parse(whole) if whole else None
        if parsed is None:
            return
        container = parsed[0]
        if container.type is ContainerType.COMMAND:
            self.commands.append(container)
            if container.code in (0x9205, 0x9207, Operation.SEND_OBJECT):
                self._waiting_data = container
                return
        elif container.type is ContainerType.DATA and self._waiting_data is not None:
            self.data_out.append(container.payload)
            container, self._waiting_data = self._waiting_data, None
        else:
            return
        self._reply(container)

    def _reply(self, command: Container) -> None:
        nth = sum(c.code == command.code for c in self.commands)
        if self.stall_answer and self.stall_answer.popleft():
            self.halted.add(0x81)
            return
        if self.silent(command.code, nth):
            return
        answer = self.answers.get(command.code, Answer())
        transfers = list(self.before)
        self.before.clear()
        if answer.data is not None:
            raw = encode(Container(ContainerType.DATA, command.code, command.transaction, (), answer.data))
            if self.zlp_before_data:
                transfers.append(b"")
            transfers += [raw[:12], raw[12:]] if self.split_header else [raw]
            if self.zlp_after_data and len(transfers[-1]) % self.identity.max_packet == 0:
                transfers.append(b"")
        if self.zlp_before_response:
            transfers.append(b"")
        transfers.append(encode(Container(ContainerType.RESPONSE, answer.code, command.transaction, answer.params)))
        self.send(*self.shape(transfers))

    def bulk_read(self, length: int) -> bytes | None:
        self._here()
        self.lengths.append(length)
        if 0x81 in self.halted:
            raise Stalled(0x81)
        if self._current is None:
            if not self.queue or self.queue[0][0] > self.clock.monotonic():
                return None
            self._current = memoryview(self.queue.popleft()[1])
        if self.vanish_after_bytes is not None and self._sent >= self.vanish_after_bytes:
            self.unplug()
            raise Unplugged
        piece, self._current = bytes(self._current[:length]), self._current[length:]
        self._sent += len(piece)
        if self.halt_after_bytes is not None and self._sent >= self.halt_after_bytes:
            self.halted.add(0x81)
        if not len(self._current):
            self._current = None
        return piece

    def interrupt_read(self, length: int) -> bytes | None:
        self._here()
        if 0x83 in self.halted:
            raise Stalled(0x83)
        if not self.events or self.events[0][0] > self.clock.monotonic():
            return None
        return self.events.popleft()[1]

    def control(
        self, request_type: int, request: int, value: int, index: int, data_or_length: bytes | int
    ) -> bytes | int:
        self._here()
        self.controls.append((request_type, request))
        if not self.class_reset_works:
            raise Stalled(0)
        if request == 0x66:
            self._clear()
        if isinstance(data_or_length, int):
            return b"\x04\x00\x01\x20"[:data_or_length]
        return len(data_or_length)

    def clear_halt(self, endpoint: int) -> None:
        self._here()
        self.halted.discard(endpoint)

    def reset(self) -> None:
        self._here()
        self.resets += 1
        self._clear()

    def host_attached(self) -> None:
        self.attached += 1

    def host_gone(self) -> None:
        self.gone += 1

    def _clear(self) -> None:
        self.halted.clear()
        if not self.reset_forgets:
            return
        self.queue.clear()
        self._current = None
        self._incoming.clear()
        self._waiting_data = None

    def _here(self) -> None:
        if not self.present:
            raise Unplugged
