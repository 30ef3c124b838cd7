"""The camera as a PTP responder: one command in, one answer out. Pure; knows nothing of USB.

Each operation is a row of `_OPERATIONS`: its handler and whether a data phase goes out to the camera. The handshake,
the session and the transaction ids are judged here. An answer of OK to 0x9205 and 0x9207 means "received".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.codes import Operation, Response
from indi_sony_py.ptp.data import DataType, ObjectInfo, Reader, read_value
from indi_sony_py.sim.body import Body
from indi_sony_py.sim.faultkinds import Hook
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.lens import Lens
from indi_sony_py.sim.liveview import LiveView
from indi_sony_py.sim.memory import Memory, Stored
from indi_sony_py.sim.panel import NOTCHED, Panel
from indi_sony_py.sim.world import World
from indi_sony_py.sony.codes import HANDLE_IMAGE, HANDLE_LIVE_VIEW, Ctl, Ev, Op, Prop
from indi_sony_py.sony.snapshot import Version

__all__ = ["Answer", "Command", "Phase", "Responder"]


class Phase(IntEnum):
    """How far the handshake has come."""

    NONE = 0
    FIRST = 1
    SECOND = 2
    INFORMED = 3
    READY = 4


@dataclass(frozen=True, slots=True)
class Command:
    """One transaction as the host sent it; `data` is the data-out phase."""

    operation: int
    transaction: int
    params: tuple[int, ...] = ()
    data: bytes | None = None

    def param(self, place: int) -> int:
        """A parameter, 0 if it was not sent (PTP)."""
        return self.params[place] if place < len(self.params) else 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `data` None: no data phase. `delay_s`: until the first byte. `sent` is called when the host has
    read the data. The rest says how the wire misbehaves (`faults`)."""

    code: int = Response.OK
    params: tuple[int, ...] = ()
    data: bytes | memoryview | None = None
    delay_s: float = 0.0
    sent: Callable[[], None] | None = None
    faults: tuple[Fault, ...] = ()
    silent: bool = False
    stall: bool = False


@dataclass(slots=True)
class _Session:
    """`inherited`: the host that opened it is gone, so whoever closes it is not to blame for what it left."""

    open: bool = False
    phase: Phase = Phase.NONE
    next_id: int = 0
    inherited: bool = False


def _refuse(code: int) -> Answer:
    return Answer(code)


def _answer(code: int, data: bytes | None) -> Answer:
    return Answer(code, data=data)


class Responder:
    """Answers commands. `on_crash` is called when the image handle is touched while an image is being prepared."""

    def __init__(self, world: World, panel: Panel, memory: Memory, body: Body, lens: Lens, live: LiveView) -> None:
        self._world = world
        self._panel = panel
        self._memory = memory
        self._body = body
        self._lens = lens
        self._live = live
        self._session = _Session()
        self.on_crash: Callable[[], None] = lambda: None
        self.handshake_first = False
        profile = world.profile
        self._operations: dict[int, Callable[[Command], Answer]] = {
            Operation.GET_DEVICE_INFO: self._device_info,
            Operation.OPEN_SESSION: self._open_session,
            Operation.CLOSE_SESSION: self._close_session,
            Operation.GET_STORAGE_IDS: self._storage_ids,
            Operation.GET_STORAGE_INFO: self._storage_info,
            Operation.GET_OBJECT_HANDLES: self._object_handles,
            Operation.GET_OBJECT_INFO: self._object_info,
            Operation.GET_OBJECT: self._object,
            Op.CONNECT: self._connect,
            Op.GET_EXT_DEVICE_INFO: self._ext_device_info,
            Op.SET_PROPERTY: self._set_property,
            Op.CONTROL: self._control,
            Op.GET_ALL_PROPERTIES: self._all_properties,
            Op.GET_VENDOR_CODE_VERSION: self._vendor_code,
        }
        self._listed = frozenset(profile.device.operations)
        self._sizes: dict[int, int] = {}

    # ── the frame around every operation ─────────────────────────────────────────────────────────────────────────

    @property
    def session_open(self) -> bool:
        return self._session.open

    @property
    def ready(self) -> bool:
        return self._session.phase is Phase.READY

    def expects_data(self, operation: int) -> bool:
        """Whether a data container follows this command."""
        return operation in (Op.SET_PROPERTY, Op.CONTROL, Operation.SEND_OBJECT)

    def drop_session(self) -> None:
        """The device was reset or left the bus."""
        self._session = _Session()
        self._body.released.clear()
        self._live.drop()

    def answer(self, command: Command) -> Answer:
        """Judge a command, carry it out, and say what goes back."""
        world = self._world
        world.referee.during(command.operation, command.transaction)
        self._body.judge_command()
        refused = self._judge(command)
        release = command.operation == Op.CONTROL and command.param(0) in (Ctl.FULL_PRESS, Ctl.HALF_PRESS)
        first = command.params[0] if command.params else None
        struck = world.strike(Hook.COMMAND, operation=command.operation, property=first)
        answer = refused or self._carry_out(command, struck)
        if not release:
            self._body.last_command = world.now
        world.referee.during(None, None)
        return Answer(
            answer.code,
            answer.params,
            answer.data,
            answer.delay_s + world.profile.behaviour.latency_s,
            answer.sent,
            tuple(struck),
            answer.silent,
            answer.stall,
        )

    def _carry_out(self, command: Command, struck: list[Fault]) -> Answer:
        for fault in struck:
            match fault.kind:
                case "no-answer":
                    if fault["carried_out"]:
                        self._run(command)
                    return Answer(silent=True)
                case "hang":
                    return Answer(silent=True)
                case "cut" | "half-answer" if not fault["carried_out"]:
                    return Answer(silent=True)
                case "unplug" if fault["after_bytes"] < 0:
                    return Answer(silent=True)
                case "stall":
                    if fault["carried_out"]:
                        self._run(command)
                    return Answer(stall=True)
                case "refuse":
                    return _refuse(fault["code"])
                case "not-done":
                    return Answer()
                case "empty-ext-info" if command.operation == Op.GET_EXT_DEVICE_INFO:
                    return Answer(data=b"")
                case "empty-object-info" if command.operation == Operation.GET_OBJECT_INFO:
                    return Answer(data=b"")
        answer = self._run(command)
        for fault in struck:
            if fault.kind == "late-answer":
                answer = replace(answer, delay_s=answer.delay_s + fault["seconds"])
        return answer

    def _run(self, command: Command) -> Answer:
        if self.handshake_first and not self.ready and command.operation in _OF_FILES:
            return Answer(silent=True)
        handler = self._operations.get(command.operation)
        vendor = command.operation & 0xF000 == 0x9000
        if vendor and command.operation in self._listed and not self._remote:
            return _refuse(Response.GENERAL_ERROR)
        if handler is None or command.operation not in self._listed:
            return self._unknown(command)
        return handler(command)

    @property
    def _remote(self) -> bool:
        """Whether control is to be had at all: a body with a remote mode, in that mode."""
        return self._world.profile.controllable and self._world.menu.usb_mode == "remote"

    def _judge(self, command: Command) -> Answer | None:
        """Transaction id, session and handshake. An answer here means that the operation is not carried out."""
        session, rule = self._session, self._world.referee.rule
        operation = command.operation
        if operation == Operation.OPEN_SESSION:
            if command.transaction != 0:
                rule("R-TRANSACTION-ID", f"OpenSession with {command.transaction}")
            return None
        if not session.open:
            if operation == Operation.GET_DEVICE_INFO:
                return None
            if operation != Operation.CLOSE_SESSION:
                rule("R-SESSION", "no session is open")
            return _refuse(Response.SESSION_NOT_OPEN)
        if command.transaction != session.next_id:
            rule("R-TRANSACTION-ID", f"{command.transaction} in place of {session.next_id}")
            session.next_id = command.transaction + 1
            return _refuse(Response.INVALID_TRANSACTION_ID)
        session.next_id += 1
        if len(command.params) > 5:
            rule("R-LENGTH", f"{len(command.params)} parameters")
        vendor = operation & 0xF000 == 0x9000
        shaking = operation in (Op.CONNECT, Op.GET_EXT_DEVICE_INFO)
        if vendor and self._remote and not shaking and session.phase is not Phase.READY and operation in self._listed:
            rule("R-HANDSHAKE", f"the handshake stands at {session.phase.name}")
            return _refuse(Response.GENERAL_ERROR)
        return None

    def _unknown(self, command: Command) -> Answer:
        rule = self._world.referee.rule
        operation = command.operation
        if operation in _FORBIDDEN:
            rule("R-FORBIDDEN-OP", _FORBIDDEN[operation])
            if operation in (Op.WIFI_CONTROL, Op.WIFI_STATUS) and operation in self._listed:
                return Answer(silent=True)
            if operation == Op.SET_CONTENT_TRANSFER and operation in self._listed:
                return Answer(stall=True)
        elif operation not in self._listed:
            rule("R-UNKNOWN-OP", f"0x{operation:04X} is not listed")
        return _refuse(Response.OPERATION_NOT_SUPPORTED)

    # ── the standard's operations ────────────────────────────────────────────────────────────────────────────────

    def _device_info(self, command: Command) -> Answer:
        device = self._world.profile.device
        if self._world.menu.usb_mode == "mtp":
            standard = tuple(code for code in device.operations if code & 0xF000 != 0x9000)
            device = replace(device, operations=(*standard, *_MTP_OPERATIONS))
        return Answer(data=device.encode())

    def _open_session(self, command: Command) -> Answer:
        session = self._session
        if session.open:
            session.next_id = 1
            return _refuse(Response.SESSION_ALREADY_OPEN)
        if command.param(0) == 0:
            return _refuse(Response.INVALID_PARAMETER)
        self._session = _Session(open=True, next_id=1)
        self._body.released.clear()
        self._live.drop()
        self._body.settings_read = False
        self._world.referee.note("session", "opened")
        return Answer()

    def host_gone(self) -> None:
        """The host let go without closing: its session stays open for the next one to find."""
        self._session.inherited = self._session.open

    def _close_session(self, command: Command) -> Answer:
        if not self._session.inherited:
            self._judge_close()
        if self._host_has_priority:
            self._panel.put(Prop.PRIORITY, 0)
        note = "closed, left open by another host" if self._session.inherited else "closed"
        self._session = _Session()
        self._world.referee.note("session", note)
        return Answer()

    def _judge_close(self) -> None:
        body, rule = self._body, self._world.referee.rule
        if body.half or body.full:
            rule("R-LEFT-OPEN", "a button is down")
        if body.focus_hold:
            rule("R-FOCUS-HOLD", "focus hold is down")
        if body.host_under_way or (self._memory.counter() and body.knew(waiting=False)):
            rule("R-UNFETCHED", f"0xD215 is 0x{self._memory.counter():04X}")
        if self._host_has_priority:
            rule("R-PRIORITY-LEFT", "0xD25A is 1")

    @property
    def _host_has_priority(self) -> bool:
        panel = self._panel
        return self.ready and panel.version is Version.V300 and Prop.PRIORITY in panel.book and panel.priority

    def _storage_ids(self, command: Command) -> Answer:
        if self._world.profile.behaviour.storage == "refused":
            return _refuse(Response.STORE_NOT_AVAILABLE)
        return Answer(data=bytes(4))

    def _storage_info(self, command: Command) -> Answer:
        return _refuse(Response.INVALID_STORAGE_ID)

    def _object_handles(self, command: Command) -> Answer:
        if command.param(0) == 0xFFFFFFFF:
            self._world.referee.rule("R-FORBIDDEN-OP", "GetObjectHandles(0xFFFFFFFF)")
            if not self._world.profile.behaviour.handles_answer:
                return Answer(silent=True)
        return _refuse(Response.STORE_NOT_AVAILABLE)

    def _touch(self, command: Command) -> Stored | Answer:
        """The image handle is touched: the oldest file, or what happens in its place."""
        if self._memory.shown is not None and self._memory.shown & 0x8000:
            return Answer(data=b"")
        found = self._memory.oldest()
        if found is not None:
            return found
        self._world.referee.rule("R-HANDLE-EARLY", f"0xD215 is 0x{self._memory.counter():04X}")
        if self._memory.preparing and self._world.menu.early_touch_hangs:
            self.on_crash()
            return Answer(silent=True)
        return _refuse(Response.INVALID_OBJECT_HANDLE)

    def _object_info(self, command: Command) -> Answer:
        handle = command.param(0)
        if handle == HANDLE_LIVE_VIEW:
            return _answer(*self._live.info())
        if handle != HANDLE_IMAGE:
            return _refuse(Response.INVALID_OBJECT_HANDLE)
        found = self._touch(command)
        if isinstance(found, Answer):
            return found
        info = ObjectInfo(
            format=found.format,
            size=len(found.data),
            width=found.width,
            height=found.height,
            sequence=found.sequence,
            name=found.name,
            captured=found.captured,
        )
        return Answer(data=info.encode())

    def _object(self, command: Command) -> Answer:
        handle = command.param(0)
        if handle == HANDLE_LIVE_VIEW:
            return _answer(*self._live.frame(self._panel.version))
        if handle != HANDLE_IMAGE:
            return _refuse(Response.INVALID_OBJECT_HANDLE)
        found = self._touch(command)
        if isinstance(found, Answer):
            return found
        return Answer(data=found.data, sent=lambda: self._taken(found))

    def _taken(self, stored: Stored) -> None:
        if self._memory.remove(stored):
            self._world.referee.note("fetched", f"{stored.name}, serial {stored.serial}")
            self._world.emit(Ev.OBJECT_REMOVED, (HANDLE_IMAGE,))

    # ── Sony's operations ────────────────────────────────────────────────────────────────────────────────────────

    def _connect(self, command: Command) -> Answer:
        session, phase = self._session, command.param(0)
        rule = self._world.referee.rule
        match phase:
            case 1:
                session.phase = Phase.FIRST
            case 2:
                if session.phase < Phase.FIRST:
                    rule("R-HANDSHAKE", "phase 2 before phase 1")
                    return _refuse(Response.GENERAL_ERROR)
                session.phase = Phase.SECOND
            case 3:
                if session.phase < Phase.INFORMED:
                    rule("R-HANDSHAKE", "phase 3 before 0x9202 had data")
                    return _refuse(Response.GENERAL_ERROR)
                session.phase = Phase.READY
                self._live.handshaken()
                self._body.deaf_until = self._world.now + self._world.profile.behaviour.deaf_s
            case _:
                rule("R-HANDSHAKE", f"phase {phase}")
                return _refuse(Response.INVALID_PARAMETER)
        return Answer(data=bytes(8))

    def _ext_device_info(self, command: Command) -> Answer:
        session = self._session
        if session.phase < Phase.SECOND:
            self._world.referee.rule("R-HANDSHAKE", "0x9202 before phase 2")
            return _refuse(Response.GENERAL_ERROR)
        version = self._world.profile.version_for(command.param(0))
        session.phase = max(session.phase, Phase.INFORMED)
        self._panel.use_version(version)
        code = self._world.profile.vendor_code
        params = (code,) if version is Version.V300 and code is not None else ()
        return Answer(params=params, data=self._world.profile.listings[version].info.encode())

    def _vendor_code(self, command: Command) -> Answer:
        code = self._world.profile.vendor_code
        return Answer(params=() if code is None else (code,))

    def _all_properties(self, command: Command) -> Answer:
        self._live.settings_read()
        self._body.told()
        book = self._panel.book
        if self._panel.version is Version.V300 and command.param(0) == 1:
            return Answer(data=book.encode_differences())
        return Answer(data=book.encode())

    def _set_property(self, command: Command) -> Answer:
        code, data = command.param(0), command.data or b""
        descriptor = self._panel.book.get(code)
        if descriptor is None:
            if code in self._world.profile.listings[self._panel.version].info.controls:
                return Answer()
            return _refuse(Response.INVALID_DEVICE_PROP_CODE)
        try:
            reader = Reader(data)
            value = read_value(reader, descriptor.type, f"0x{code:04X}")
            reader.end("value")
        except BadData as error:
            self._world.referee.rule("R-LENGTH", f"0x{code:04X} is a {descriptor.type.name}: {error}")
            # libgphoto2 writes an empty 0xD2C7 behind each bulb and stops at a refusal: its users' bodies refuse none.
            return Answer() if code in _BUTTONS else _refuse(Response.INVALID_PARAMETER)
        self._panel.write(code, value)
        return Answer()

    def _control(self, command: Command) -> Answer:
        code, data = command.param(0), command.data or b""
        if code in NOTCHED:
            if len(data) not in (1, 2, 4):
                return self._wrong_size(code, data, "1 byte")
            self._panel.notch(code, int.from_bytes(data, "little", signed=True))
            return Answer()
        if code == Ctl.FOCUS_STEP:
            if len(data) != DataType.INT16.size:
                return self._wrong_size(code, data, "2 bytes")
            self._lens.step(int.from_bytes(data, "little", signed=True))
            return Answer()
        if code not in _BUTTONS:
            return Answer()
        if len(data) != DataType.UINT16.size:
            return self._wrong_size(code, data, "2 bytes")
        down = int.from_bytes(data, "little") == 2
        body = self._body
        match code:
            case Ctl.HALF_PRESS:
                body.host_half(down)
            case Ctl.FULL_PRESS:
                body.host_full(down)
            case Ctl.ONE_SHOT:
                body.one_shot(down)
            case Ctl.HALF_AND_FULL_PRESS:
                body.host_half(down)
                body.host_full(down)
            case Ctl.FOCUS_HOLD:
                body.focus_hold = down
            case Ctl.MOVIE:
                if down:
                    self._panel.show(Prop.MOVIE_STATE, 0 if self._panel.movie else 1)
        if code in self._panel.book and code in (Ctl.HALF_PRESS, Ctl.FULL_PRESS):
            self._show_button(code, down)
        return Answer()

    def _show_button(self, code: int, down: bool) -> None:
        self._panel.show(code, 2 if down else self._body.rest_value)

    def _wrong_size(self, code: int, data: bytes, size: str) -> Answer:
        self._world.referee.rule("R-LENGTH", f"control 0x{code:04X} takes {size}, {len(data)} came")
        return _refuse(Response.INVALID_PARAMETER)


_OF_FILES = frozenset(range(Operation.GET_STORAGE_IDS, Operation.GET_THUMB + 1))
"""What a DSC-RX100M6 leaves unanswered in the network until its handshake is through (libgphoto2#1219)."""

_MTP_OPERATIONS = tuple(range(0x9280, 0x9286))
"""What Sony bodies list in MTP mode in place of the control operations (dumps in that mode)."""

_BUTTONS = frozenset({Ctl.HALF_PRESS, Ctl.FULL_PRESS, Ctl.ONE_SHOT, Ctl.HALF_AND_FULL_PRESS, Ctl.FOCUS_HOLD, Ctl.MOVIE})

_FORBIDDEN: dict[int, str] = {
    Operation.GET_THUMB: "GetThumb",
    Operation.GET_PARTIAL_OBJECT: "GetPartialObject",
    Op.GET_PARTIAL_LARGE_OBJECT: "0x9211",
    Op.SET_CONTENT_TRANSFER: "0x9212 in a plain session",
    Op.WIFI_CONTROL: "0x9280",
    Op.WIFI_STATUS: "0x9281",
}
