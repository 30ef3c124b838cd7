"""Sony's own operations: the handshake, reading and writing of properties, the controls. Pure.

An answer of OK to 0x9205 and 0x9207 means "received".
"""

from __future__ import annotations

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.codes import Response
from indi_sony_py.ptp.data import DataType, Reader, read_value
from indi_sony_py.sim.body import Body
from indi_sony_py.sim.hostwrites import NOTCHED, HostWrites
from indi_sony_py.sim.lens import Lens
from indi_sony_py.sim.liveview import LiveView
from indi_sony_py.sim.panel import Panel
from indi_sony_py.sim.transaction import Answer, Command, Phase, Session, refuse
from indi_sony_py.sim.world import World
from indi_sony_py.sony.codes import Ctl, Prop
from indi_sony_py.sony.snapshot import Version

__all__ = ["Vendor"]

_BUTTONS = frozenset({Ctl.HALF_PRESS, Ctl.FULL_PRESS, Ctl.ONE_SHOT, Ctl.HALF_AND_FULL_PRESS, Ctl.FOCUS_HOLD, Ctl.MOVIE})


class Vendor:
    """`session` is the responder's: the handshake belongs to it."""

    def __init__(
        self, world: World, panel: Panel, writes: HostWrites, body: Body, lens: Lens, live: LiveView, session: Session
    ) -> None:
        self._world = world
        self._panel = panel
        self._writes = writes
        self._body = body
        self._lens = lens
        self._live = live
        self._session = session

    def connect(self, command: Command) -> Answer:
        """0x9201, a phase of the handshake."""
        session, phase = self._session, command.param(0)
        rule = self._world.referee.rule
        match phase:
            case 1:
                session.phase = Phase.FIRST
            case 2:
                if session.phase < Phase.FIRST:
                    rule("R-HANDSHAKE", "phase 2 before phase 1")
                    return refuse(Response.GENERAL_ERROR)
                session.phase = Phase.SECOND
            case 3:
                if session.phase < Phase.INFORMED:
                    rule("R-HANDSHAKE", "phase 3 before 0x9202 had data")
                    return refuse(Response.GENERAL_ERROR)
                session.phase = Phase.READY
                self._live.handshaken()
                self._body.deaf_until = self._world.now + self._world.profile.behaviour.deaf_s
            case _:
                rule("R-HANDSHAKE", f"phase {phase}")
                return refuse(Response.INVALID_PARAMETER)
        return Answer(data=bytes(8))

    def ext_device_info(self, command: Command) -> Answer:
        """0x9202: the version that both speak from here on."""
        session = self._session
        if session.phase < Phase.SECOND:
            self._world.referee.rule("R-HANDSHAKE", "0x9202 before phase 2")
            return refuse(Response.GENERAL_ERROR)
        version = self._world.profile.version_for(command.param(0))
        session.phase = max(session.phase, Phase.INFORMED)
        self._panel.use_version(version)
        code = self._world.profile.vendor_code
        params = (code,) if version is Version.V300 and code is not None else ()
        return Answer(params=params, data=self._world.profile.listings[version].info.encode())

    def vendor_code(self, command: Command) -> Answer:
        """0x9216."""
        code = self._world.profile.vendor_code
        return Answer(params=() if code is None else (code,))

    def all_properties(self, command: Command) -> Answer:
        """0x9209: every descriptor, or in version 3 only those that changed."""
        self._live.settings_read()
        self._body.told()
        book = self._panel.book
        if self._panel.version is Version.V300 and command.param(0) == 1:
            return Answer(data=book.encode_differences())
        return Answer(data=book.encode())

    def set_property(self, command: Command) -> Answer:
        """0x9205: a value of the listed type; what becomes of it is seen later."""
        code, data = command.param(0), command.data or b""
        descriptor = self._panel.book.get(code)
        if descriptor is None:
            if code in self._world.profile.listings[self._panel.version].info.controls:
                return Answer()
            return refuse(Response.INVALID_DEVICE_PROP_CODE)
        try:
            reader = Reader(data)
            value = read_value(reader, descriptor.type, f"0x{code:04X}")
            reader.end("value")
        except BadData as error:
            self._world.referee.rule("R-LENGTH", f"0x{code:04X} is a {descriptor.type.name}: {error}")
            # libgphoto2 writes an empty 0xD2C7 behind each bulb and stops at a refusal: its users' bodies refuse none.
            return Answer() if code in _BUTTONS else refuse(Response.INVALID_PARAMETER)
        self._writes.write(code, value)
        return Answer()

    def control(self, command: Command) -> Answer:
        """0x9207: a button, or a notch of a dial."""
        code, data = command.param(0), command.data or b""
        if code in NOTCHED:
            if len(data) not in (1, 2, 4):
                return self._wrong_size(code, data, "1 byte")
            self._writes.notch(code, int.from_bytes(data, "little", signed=True))
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
        return refuse(Response.INVALID_PARAMETER)
