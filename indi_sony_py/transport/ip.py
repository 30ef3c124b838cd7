"""A camera in the network, by PTP/IP: the driver's way to it (does I/O through `transport.ipstream`).

- Two connections to one port: commands first, then events with the number that the camera gave (SONY_PTP: TCP 15740).
  A camera that still holds a host that vanished is asked again until the deadline.
- The same rules as over USB: ids from 0 outside a session; a command that went out is never sent again; late answers
  are told apart by their id and read away; what a deadline cut short is finished before the next transaction, and a
  GetObject is taken up where it was. No cancel is ever sent: a download is read to its end.
- An object that came whole is kept even if the response after it never came: the camera gave it away.
- A connection that breaks is `CameraGone`, and stays so; `reset` makes both anew, the session is lost.
- Keep-alive is the engine's own reading of the settings, at least each 5 s (an ILCE-7CM2 drops a link that was idle for
  10 s, alpha-fairy#39); pings of the camera are answered.
- One thread, the first that calls, from open to close; a call from another is `RuleBroken`.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from indi_sony_py.clock import Clock, Deadline
from indi_sony_py.errors import (
    BadData,
    CameraDenied,
    CameraError,
    CameraGone,
    CameraInUse,
    CameraSilent,
    OutsideError,
)
from indi_sony_py.ptp import ippacket as ip
from indi_sony_py.ptp.ipexchange import IpExchange, Rest
from indi_sony_py.ptp.ippacket import PacketType
from indi_sony_py.ptp.numbering import Numbering
from indi_sony_py.texts import network as texts
from indi_sony_py.transport.base import STILL_S, Event, Progress, Reply, Request
from indi_sony_py.transport.ipaddress import NetworkPlace
from indi_sony_py.transport.ipstream import Stream
from indi_sony_py.transport.owner import Owner
from indi_sony_py.transport.unfinished import Unfinished, kept_object

__all__ = ["Dial", "Explain", "Host", "IpTransport"]

Dial = Callable[[Deadline], Stream]
"""A new connection to the camera's port."""
Explain = Callable[[Deadline], CameraError | None]
"""Why the camera may have refused, as far as its description tells (`transport.discover`)."""

_log = logging.getLogger(__name__)
_READ = 256 * 1024
_GREETING_LIMIT = 1024
_GREETING_S = 10.0
_EXPLAIN_S = 3.0
_BUSY_PAUSE_S = 1.0
_BUSY_S = 15.0
_MIXED_ANSWERS = 64
_EVENT_LIMIT = 64 * 1024
_EVENTS_KEPT = 256
_PONG = ip.encode(ip.Plain(PacketType.PONG))


class Host:
    """Who we are: the GUID by which a paired camera knows this computer, and the name that it shows."""

    def __init__(self, guid: bytes, name: str) -> None:
        self.guid = guid
        self.name = "".join(c if c.isprintable() else "_" for c in name)[:32] or "indi_sony_py"


class IpTransport:
    """`transport.base.Transport` over two streams. Made by `open`."""

    def __init__(self, dial: Dial, clock: Clock, host: Host, place: NetworkPlace, explain: Explain) -> None:
        self.key = place.key
        self.late = 0
        self._dial = dial
        self._clock = clock
        self._host = host
        self._place = place
        self._explain = explain
        self._commands: Stream | None = None
        self._event_stream: Stream | None = None
        self._spare = b""
        self._rest = Rest()
        self._event_bytes = bytearray()
        self._events: deque[Event] = deque(maxlen=_EVENTS_KEPT)
        self._numbering = Numbering()
        self._unfinished = Unfinished(self._answer, self._go_on_after)
        self._owner = Owner(texts.CLOSED)

    @classmethod
    def open(
        cls,
        place: NetworkPlace,
        clock: Clock,
        host: Host,
        deadline: Deadline,
        dial: Dial | None = None,
        explain: Explain = lambda deadline: None,
    ) -> IpTransport:
        """Connect and be let in.

        Raises `CameraGone`, `CameraSilent`, `CameraInUse`, `CameraDenied` (not paired, or access authentication),
        `BadData` from something that is no camera.
        """
        if dial is None:
            from indi_sony_py.transport.ipstream import dial as dial_socket

            def dial(limit: Deadline) -> Stream:
                return dial_socket(place, limit)

        made = cls(dial, clock, host, place, explain)
        made._connect(deadline)
        return made

    # ── transactions ─────────────────────────────────────────────────────────────────────────────────────────────

    def transact(self, request: Request, deadline: Deadline, progress: Progress | None = None) -> Reply:
        """One transaction. Raises what `transport.base` names; an expired deadline sends nothing."""
        self._owner.check()
        if deadline.expired:
            raise CameraSilent(texts.NO_ANSWER, operation=request.operation)
        resumed = self._unfinished.finish(request, deadline, progress)
        if resumed is not None:
            return resumed
        exchange = IpExchange(request, self._numbering.next_for(request), after=self._rest)
        self._rest = Rest()
        try:
            self._send(exchange, deadline)
            return self._answer(exchange, deadline, progress)
        except CameraSilent:
            self._unfinished.keep(exchange)
            raise
        finally:
            self.late += exchange.late

    def _send(self, exchange: IpExchange, deadline: Deadline) -> None:
        """A command that was begun and could not be sent whole leaves nothing that the camera could understand."""
        stream = self._stream
        for number, part in enumerate(exchange.outgoing()):
            try:
                stream.send(part, deadline)
            except CameraSilent as error:
                self._hang_up()
                raise CameraGone(texts.TAKES_NOTHING) from error
            except OutsideError:
                self._hang_up()
                raise
            if number == 0:
                self._numbering.went_out(exchange.request)

    def _answer(self, exchange: IpExchange, deadline: Deadline, progress: Progress | None) -> Reply:
        """The camera forgets an object when its last byte was read: it is kept, whatever becomes of the response."""
        try:
            return self._read_reply(exchange, deadline, progress)
        except (CameraGone, CameraSilent, BadData) as fault:
            kept = kept_object(exchange.request, exchange.data)
            if not isinstance(fault, CameraSilent):
                self._hang_up()
            if kept is None:
                raise
            _log.info("%s", fault)
            self._rest = exchange.rest if self._commands is not None else Rest()
            return kept

    def _read_reply(self, exchange: IpExchange, deadline: Deadline, progress: Progress | None) -> Reply:
        fed = False
        while exchange.reply is None:
            # One that never stops talking has its deadline too.
            late = fed and deadline.expired
            chunk = self._spare or (b"" if late else self._stream.receive(_READ, deadline.within(STILL_S)))
            if not chunk:
                raise CameraSilent(texts.NO_ANSWER, operation=exchange.request.operation)
            self._feed(exchange, chunk, deadline)
            fed = True
            if progress is not None and exchange.received:
                progress(exchange.received)
        self._numbering.answered(exchange.request, exchange.reply)
        return exchange.reply

    def _feed(self, exchange: IpExchange, chunk: bytes, deadline: Deadline) -> None:
        """After what cannot be read the stream cannot be followed: it is given up (`_answer`)."""
        used = exchange.feed(chunk)
        self._spare = chunk[used:]
        for answer in exchange.due:
            self._stream.send(answer, deadline)
        exchange.due.clear()
        self._events.extend(Event(event.code, event.params) for event in exchange.events)
        exchange.events.clear()
        if exchange.late > _MIXED_ANSWERS:
            raise BadData("transaction", 8, "the camera answers with nothing that belongs to the question")

    def _go_on_after(self, unanswered: IpExchange) -> None:
        self._rest = unanswered.rest

    # ── events ───────────────────────────────────────────────────────────────────────────────────────────────────

    def next_event(self, deadline: Deadline) -> Event | None:
        """The next event; an expired deadline only looks. Raises `CameraGone` when the camera ended the connection.

        Events are hints: bytes that are none are thrown away, with a line in the log.
        """
        self._owner.check()
        looked = False
        while not self._events:
            if looked and deadline.expired:
                return None
            looked = True
            if self._event_stream is None:
                raise CameraGone(texts.CLOSED)
            try:
                data = self._event_stream.receive(_EVENT_LIMIT, deadline)
            except CameraGone:
                self._hang_up()
                raise
            if not data:
                return None
            self._event_bytes += data
            self._parse_events(deadline)
        return self._events.popleft()

    def _parse_events(self, deadline: Deadline) -> None:
        assert self._event_stream is not None
        try:
            while (parsed := ip.parse(self._event_bytes, _EVENT_LIMIT)) is not None:
                packet, used = parsed
                del self._event_bytes[:used]
                if isinstance(packet, ip.Event):
                    self._events.append(Event(packet.code, packet.params))
                elif packet == ip.Plain(PacketType.PING):
                    self._event_stream.send(_PONG, deadline)
        except BadData as error:
            _log.warning("no event: %s", error)
            self._event_bytes.clear()
        except CameraSilent as error:
            _log.warning("a ping was not answered: %s", error)

    # ── connections ──────────────────────────────────────────────────────────────────────────────────────────────

    def reset(self, deadline: Deadline) -> None:
        """Both connections anew; the session is lost. Raises what `open` raises."""
        self._owner.check()
        self._hang_up()
        self._connect(deadline)

    def close(self) -> None:
        """Let go of the camera. Never raises; calling it again does nothing."""
        self._owner.closed = True
        self._hang_up()

    @property
    def _stream(self) -> Stream:
        if self._commands is None:
            raise CameraGone(texts.CLOSED)
        return self._commands

    def _hang_up(self) -> None:
        for stream in (self._event_stream, self._commands):
            if stream is not None:
                stream.close()
        self._commands = self._event_stream = None
        self._spare, self._rest = b"", Rest()
        self._unfinished.forget()
        self._event_bytes.clear()
        self._events.clear()
        self._numbering.forget()

    def _connect(self, deadline: Deadline) -> None:
        busy_until = self._clock.monotonic() + _BUSY_S
        while True:
            try:
                self._greet(deadline)
                return
            except CameraInUse:
                self._hang_up()
                pause = min(deadline.at, self._clock.monotonic() + _BUSY_PAUSE_S)
                if pause >= min(deadline.at, busy_until):
                    raise
                self._clock.sleep_until(pause)
            except (CameraDenied, CameraGone) as error:
                self._hang_up()
                known = self._explain(deadline.within(_EXPLAIN_S))
                if known is None:
                    raise
                raise known from error
            except BaseException:
                self._hang_up()
                raise

    def _greet(self, deadline: Deadline) -> None:
        limit = deadline.within(_GREETING_S)
        self._commands = self._dial(limit)
        answer = self._hello(self._commands, ip.InitCommand(self._host.guid, self._host.name), limit)
        if not isinstance(answer, ip.InitAck):
            raise BadData("packet type", 4, f"{type(answer).__name__} in place of a greeting")
        self._event_stream = self._dial(limit)
        joined = self._hello(self._event_stream, ip.InitEvent(answer.connection), limit)
        if joined != ip.Plain(PacketType.INIT_EVENT_ACK):
            raise BadData("packet type", 4, f"{type(joined).__name__} in place of a greeting")
        # Its own name is one that its owner may have given it: no log needs it.
        _log.info("connected to %s", self._place)

    def _hello(self, stream: Stream, packet: ip.Packet, deadline: Deadline) -> ip.Packet:
        """Send the first packet of a connection and read exactly one."""
        stream.send(ip.encode(packet), deadline)
        data = b""
        while (parsed := ip.parse(data, _GREETING_LIMIT)) is None:
            head = ip.read_header(data)
            wanted = (ip.IP_HEADER if head is None else head.length) - len(data)
            more = stream.receive(wanted, deadline)
            if not more:
                raise CameraSilent(texts.NO_GREETING, place=self._place)
            data += more
        answer = parsed[0]
        if isinstance(answer, ip.InitFail):
            raise self._refusal(answer.reason)
        return answer

    def _refusal(self, reason: int) -> CameraError:
        match reason:
            case ip.FailReason.REJECTED:
                return CameraDenied(texts.NOT_ADMITTED, place=self._place)
            case ip.FailReason.BUSY:
                return CameraInUse(texts.HELD, place=self._place)
            case _:
                return CameraError(texts.REFUSED, place=self._place, reason=reason)
