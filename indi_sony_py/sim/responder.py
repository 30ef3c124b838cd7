"""The camera as a PTP responder: one command in, one answer out. Pure; knows nothing of USB.

Each operation is a row of the responder's table, with its handler. Session, transaction ids and how far the handshake
has come are judged here, before any of them; the operations on objects and Sony's own are `objects` and `vendor`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from indi_sony_py.ptp.codes import Operation, Response
from indi_sony_py.sim.body import Body
from indi_sony_py.sim.faultkinds import Hook
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.hostwrites import HostWrites
from indi_sony_py.sim.lens import Lens
from indi_sony_py.sim.liveview import LiveView
from indi_sony_py.sim.memory import Memory
from indi_sony_py.sim.objects import Objects
from indi_sony_py.sim.panel import Panel
from indi_sony_py.sim.transaction import Answer, Command, Phase, Session, refuse
from indi_sony_py.sim.vendor import Vendor
from indi_sony_py.sim.world import World
from indi_sony_py.sony.codes import Ctl, Op, Prop
from indi_sony_py.sony.snapshot import Version

__all__ = ["Responder"]


class Responder:
    """Answers commands. `on_crash` is called when the image handle is touched while an image is being prepared."""

    def __init__(self, world: World, panel: Panel, memory: Memory, body: Body, lens: Lens, live: LiveView) -> None:
        self._world = world
        self._panel = panel
        self._memory = memory
        self._body = body
        self._live = live
        self._session = Session()
        self.on_crash: Callable[[], None] = lambda: None
        self.handshake_first = False
        objects = Objects(world, panel, memory, live, lambda: self.on_crash())
        self.writes = HostWrites(world, panel)
        vendor = Vendor(world, panel, self.writes, body, lens, live, self._session)
        self._operations: dict[int, Callable[[Command], Answer]] = {
            Operation.GET_DEVICE_INFO: self._device_info,
            Operation.OPEN_SESSION: self._open_session,
            Operation.CLOSE_SESSION: self._close_session,
            Operation.GET_STORAGE_IDS: self._storage_ids,
            Operation.GET_STORAGE_INFO: self._storage_info,
            Operation.GET_OBJECT_HANDLES: self._object_handles,
            Operation.GET_OBJECT_INFO: objects.info,
            Operation.GET_OBJECT: objects.get,
            Op.CONNECT: vendor.connect,
            Op.GET_EXT_DEVICE_INFO: vendor.ext_device_info,
            Op.SET_PROPERTY: vendor.set_property,
            Op.CONTROL: vendor.control,
            Op.GET_ALL_PROPERTIES: vendor.all_properties,
            Op.GET_VENDOR_CODE_VERSION: vendor.vendor_code,
        }
        self._listed = frozenset(world.profile.device.operations)

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
        self._session.end()
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
        if release and struck:
            self._body.release_lost()
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
                    return refuse(fault["code"])
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
            return refuse(Response.GENERAL_ERROR)
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
            return refuse(Response.SESSION_NOT_OPEN)
        if command.transaction != session.next_id:
            rule("R-TRANSACTION-ID", f"{command.transaction} in place of {session.next_id}")
            session.next_id = command.transaction + 1
            return refuse(Response.INVALID_TRANSACTION_ID)
        session.next_id += 1
        if len(command.params) > 5:
            rule("R-LENGTH", f"{len(command.params)} parameters")
        vendor = operation & 0xF000 == 0x9000
        shaking = operation in (Op.CONNECT, Op.GET_EXT_DEVICE_INFO)
        if vendor and self._remote and not shaking and session.phase is not Phase.READY and operation in self._listed:
            rule("R-HANDSHAKE", f"the handshake stands at {session.phase.name}")
            return refuse(Response.GENERAL_ERROR)
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
        return refuse(Response.OPERATION_NOT_SUPPORTED)

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
            return refuse(Response.SESSION_ALREADY_OPEN)
        if command.param(0) == 0:
            return refuse(Response.INVALID_PARAMETER)
        session.begin()
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
        self._session.end()
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
            return refuse(Response.STORE_NOT_AVAILABLE)
        return Answer(data=bytes(4))

    def _storage_info(self, command: Command) -> Answer:
        return refuse(Response.INVALID_STORAGE_ID)

    def _object_handles(self, command: Command) -> Answer:
        if command.param(0) == 0xFFFFFFFF:
            self._world.referee.rule("R-FORBIDDEN-OP", "GetObjectHandles(0xFFFFFFFF)")
            if not self._world.profile.behaviour.handles_answer:
                return Answer(silent=True)
        return refuse(Response.STORE_NOT_AVAILABLE)


_OF_FILES = frozenset(range(Operation.GET_STORAGE_IDS, Operation.GET_THUMB + 1))
"""What a DSC-RX100M6 leaves unanswered in the network until its handshake is through (libgphoto2#1219)."""

_MTP_OPERATIONS = tuple(range(0x9280, 0x9286))
"""What Sony bodies list in MTP mode in place of the control operations (dumps in that mode)."""

_FORBIDDEN: dict[int, str] = {
    Operation.GET_THUMB: "GetThumb",
    Operation.GET_PARTIAL_OBJECT: "GetPartialObject",
    Op.GET_PARTIAL_LARGE_OBJECT: "0x9211",
    Op.SET_CONTENT_TRANSFER: "0x9212 in a plain session",
    Op.WIFI_CONTROL: "0x9280",
    Op.WIFI_STATUS: "0x9281",
}
