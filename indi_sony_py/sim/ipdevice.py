"""The simulated camera at its network address: greetings, packets in and out, events, and how a link is lost. Pure.

- One host at a time; another one is refused as busy. A host is its command and its event connection: when one of them
  ends, it is gone, and its session with it (sessions belong to a connection, CIPA DC-X005).
- `link` is the number of the host that is let in; it changes whenever the camera drops it.
- What a host sends is judged by the same referee as over USB; what is no packet ends the link, since nothing after it
  can be read.
"""

from __future__ import annotations

import hashlib
from bisect import insort
from collections import deque
from dataclasses import replace
from operator import itemgetter

from indi_sony_py.errors import BadData
from indi_sony_py.ptp import ippacket as ip
from indi_sony_py.ptp.ippacket import PacketType
from indi_sony_py.sim.agenda import Entry
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.ipwire import packets_of
from indi_sony_py.sim.transaction import Command
from indi_sony_py.sim.wire import Transfer, first_after

__all__ = ["IpDevice"]

_EVENTS = 128
_COMMAND_LIMIT = 1024 * 1024
_PONG = ip.encode(ip.Plain(PacketType.PONG))


class IpDevice:
    """One camera on a (simulated) network."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.link = 0
        self.reset = False
        self._clock = camera.world.clock
        self._bytes_per_s = camera.transfer_mbps * 1e6 if camera.transfer_mbps else None
        self._connections = 0
        self._with_events = False
        self._queue: deque[Transfer] = deque()
        self._left: int | None = None
        self._cut: Fault | None = None
        self._events: list[tuple[float, bytes]] = []
        self._incoming = bytearray()
        self._command: Command | None = None
        self._payload: bytearray | None = None
        self._total = 0
        self._idle: Entry | None = None
        camera.world.emit = self._emit
        camera.on_link_lost = self._link_lost

    @property
    def present(self) -> bool:
        """Whether its address can be reached: it is on, awake, and in the network."""
        return self.camera.present and not self.camera.network_off

    @property
    def guid(self) -> bytes:
        """The camera's own; how bodies make theirs is not known."""
        return hashlib.sha256(self.camera.world.profile.device.serial.encode()).digest()[: ip.GUID_BYTES]

    def advance(self) -> None:
        """Bring the camera up to the clock."""
        self.camera.advance()

    def next_change(self, since: float | None = None) -> float | None:
        """When something happens by itself after a look at `since` (None: now), on the clock's scale; None: never."""
        if since is None:
            since = self._clock.monotonic()
        planned = self.camera.world.agenda.next_time()
        return first_after(since, planned, self._queue, self._events, self._bytes_per_s)

    # ── who may come ─────────────────────────────────────────────────────────────────────────────────────────────

    def greet(self, packet: ip.InitCommand) -> ip.InitAck | ip.InitFail | None:
        """The first packet on a command connection; None: no answer. After an ack `link` names the host."""
        self.advance()
        camera, note = self.camera, self.camera.world.referee.note
        if camera.hung:
            return None
        if self.link:
            note("network", "a second host was refused")
            return ip.InitFail(ip.FailReason.BUSY)
        if camera.world.menu.access_authentication:
            note("network", "refused: access authentication is on")
            return ip.InitFail(ip.FailReason.REJECTED)
        if camera.world.menu.pairing_needed and not camera.pairing.admits(packet.guid):
            note("network", f"refused: {packet.name} is not paired")
            return ip.InitFail(ip.FailReason.REJECTED)
        self._connections += 1
        self.link = self._connections
        self.reset = False
        if camera.mute_until == "reset":
            camera.mute_until = ""
        note("host", f"attached: {packet.name}")
        self._touch()
        return ip.InitAck(self.link, self.guid, camera.world.profile.model)

    def join(self, packet: ip.InitEvent) -> bool:
        """The first packet on an event connection: whether it belongs to the host that was let in."""
        self.advance()
        if not self.link or packet.connection != self.link or self._with_events:
            self.camera.world.referee.rule("R-CONTAINER", f"an event connection for {packet.connection}")
            return False
        self._with_events = True
        return True

    def host_gone(self) -> None:
        """The host closed a connection, or died: what is pending is lost, the camera stays as it is."""
        if self.link:
            self.advance()
        if self.link and self._broken_off:
            self._drop("the host gave it up")
        elif self.link:
            self._forget()
            self.camera.host_gone()
            self.camera.responder.drop_session()

    def _forget(self) -> None:
        self.link = 0
        self._with_events = False
        self._queue.clear()
        self._events.clear()
        self._incoming.clear()
        self._command = self._payload = self._left = self._cut = None
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _link_lost(self) -> None:
        self._forget()

    def _drop(self, why: str, reset: bool = False) -> None:
        self.reset = reset
        self.camera.lose_link(why)

    # ── what a host sends ────────────────────────────────────────────────────────────────────────────────────────

    def take(self, data: bytes) -> None:
        """Bytes on the command connection, cut anywhere."""
        self.advance()
        if not self.link or self.camera.hung:
            return
        self._incoming += data
        link = self.link
        try:
            while self.link == link and (parsed := ip.parse(self._incoming, _COMMAND_LIMIT)) is not None:
                packet, used = parsed
                del self._incoming[:used]
                self._packet(packet)
        except BadData as error:
            self.camera.world.referee.rule("R-CONTAINER", str(error))
            self._drop("a host sent what is no packet")

    def take_event_side(self, data: bytes) -> bytes:
        """Bytes on the event connection, a packet at a time: pings and pongs; what is to be sent back."""
        try:
            parsed = ip.parse(data, _COMMAND_LIMIT)
        except BadData as error:
            parsed = None
            self.camera.world.referee.rule("R-CONTAINER", str(error))
        return _PONG if parsed is not None and parsed[0] == ip.Plain(PacketType.PING) else b""

    def _packet(self, packet: ip.Packet) -> None:
        rule = self.camera.world.referee.rule
        match packet:
            case ip.Command():
                self._on_command(Command(packet.operation, packet.transaction, packet.params))
            case ip.StartData(transaction, total):
                self._on_start(transaction, total)
            case ip.Payload():
                self._on_payload(packet)
            case ip.Plain(PacketType.PING):
                self._queue.append(Transfer(_PONG))
            case ip.Plain(PacketType.PONG):
                pass
            case ip.Plain(PacketType.CANCEL):
                note = "a transaction was to be cancelled; nothing happens"
                self.camera.world.referee.note("cancel", note)
            case _:
                rule("R-CONTAINER", f"a host sends no {type(packet).__name__} here")
                self._drop("a host sent what belongs to the camera")

    def _on_command(self, command: Command) -> None:
        camera, rule = self.camera, self.camera.world.referee.rule
        self._touch()
        if self._command is not None:
            rule("R-LENGTH", f"0x{self._command.operation:04X} never got its data")
            self._command = self._payload = None
        if self._queue and not self._dumb and self._queue[0].ready <= self._clock.monotonic():
            rule("R-OVERLAP", f"0x{command.operation:04X} before the last answer was sent")
        if camera.responder.expects_data(command.operation):
            self._command = command
        else:
            self._answer(command)

    def _on_start(self, transaction: int, total: int) -> None:
        rule = self.camera.world.referee.rule
        if self._command is None or transaction != self._command.transaction or self._payload is not None:
            rule("R-CONTAINER", f"data of transaction {transaction} without its command")
            return self._drop("a host sent data that nobody asked for")
        if total > _COMMAND_LIMIT:
            rule("R-LENGTH", f"{total} bytes are too many")
            return self._drop("a host sent too much")
        self._total, self._payload = total, bytearray()

    def _on_payload(self, packet: ip.Payload) -> None:
        rule, command = self.camera.world.referee.rule, self._command
        if command is None or self._payload is None or packet.transaction != command.transaction:
            rule("R-CONTAINER", f"data of transaction {packet.transaction} without its start")
            return self._drop("a host sent data that nobody asked for")
        self._payload += packet.data
        came = len(self._payload)
        if came > self._total or (packet.last and came < self._total):
            rule("R-LENGTH", f"a data phase of {self._total} bytes came as {came}")
            return self._drop("a host sent a broken data phase")
        if packet.last:
            data, self._command, self._payload = bytes(self._payload), None, None
            self._answer(replace(command, data=data))

    # ── what goes back ───────────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, command: Command) -> None:
        camera = self.camera
        link = self.link
        answer = camera.answer(command)
        if self.link != link or camera.hung:
            return
        for fault in answer.faults:
            if fault.kind in ("cut", "half-answer"):
                self._cut, self._left = fault, fault["after_bytes"]
        if answer.stall:
            return self._drop("a stall is the end of a connection")
        if answer.silent and self._cut is None:
            return
        ready = self._clock.monotonic() + answer.delay_s
        for transfer in [] if answer.silent else packets_of(command, answer):
            transfer.ready = ready
            self._queue.append(transfer)
        for fault in answer.faults:
            if fault.kind == "unplug" and fault["after_bytes"] >= 0:
                self._cut, self._left = fault, fault["after_bytes"]
        self._strike()

    def _strike(self) -> None:
        """The fault that was waiting for so many bytes of the answer."""
        if self._cut is None or self._left:
            return
        fault, self._cut = self._cut, None
        match fault.kind:
            case "unplug":
                self.camera.unplug()
            case "half-answer":
                self._queue.clear()
                self._left = 0
            case _:
                self._drop("fault", fault["reset"])

    @property
    def _dumb(self) -> bool:
        """Nothing goes out any more: the firmware hangs or is mute, or the network is gone."""
        return self.camera.hung or bool(self.camera.mute_until) or self._broken_off

    @property
    def _broken_off(self) -> bool:
        """An answer broke off, and the network with it: whatever a host does then, nobody is to blame."""
        return self._cut is None and self._left == 0

    def pull(self, most: int) -> bytes | None:
        """At most `most` bytes of what may be sent on the command connection by now; None: nothing."""
        self.advance()
        if not self.link or not self._queue or self._dumb:
            return None
        transfer = self._queue[0]
        now = self._clock.monotonic()
        if now < transfer.ready:
            return None
        count = min(most, transfer.total - transfer.sent)
        if self._bytes_per_s is not None:
            count = min(count, max(0, int((now - transfer.ready) * self._bytes_per_s) + 1 - transfer.sent))
        if self._left is not None:
            count = min(count, self._left)
        if not count:
            return None
        data = transfer.take(count)
        if transfer.sent == transfer.total:
            self._queue.popleft()
            if transfer.done is not None:
                transfer.done()
            if self._queue and self._bytes_per_s is not None:
                self._queue[0].ready = max(self._queue[0].ready, now)
            self._touch()
        if self._left is not None:
            self._left -= count
            self._strike()
        return data

    # ── events and idleness ──────────────────────────────────────────────────────────────────────────────────────

    def _emit(self, code: int, params: tuple[int, ...]) -> None:
        if not self._with_events:
            return
        for late in self.camera.filter_event(code, params):
            if len(self._events) >= _EVENTS:
                del self._events[0]
            insort(self._events, (self.camera.world.now + late, ip.encode(ip.Event(code, params))), key=itemgetter(0))

    def pull_event(self) -> bytes | None:
        """The next event packet, None if there is none yet."""
        self.advance()
        if not self._events or self._events[0][0] > self._clock.monotonic() or self._dumb:
            return None
        return self._events.pop(0)[1]

    def _touch(self) -> None:
        """The link was used: the time after which a body with the fault `idle-drop` gives it up begins anew."""
        fault = self.camera.idle_drop
        if fault is None or not self.link:
            return
        if self._idle is not None:
            self._idle.cancel()
        self._idle = self.camera.world.agenda.after(fault["seconds"], lambda: self._idle_over(fault))

    def _idle_over(self, fault: Fault) -> None:
        self.camera.network_off = fault["until_power"]
        self._drop(f"no command for {fault['seconds']:g} s")
