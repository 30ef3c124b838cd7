"""One method an operation: the session with a camera. No policy, no loop, no wait.

- A response other than OK is `CameraRefused`; everything of the transport passes through.
- The settings are decoded by the version that 0x9202 answered, not by the one that was asked for. What is
  equal to the last answer, byte for byte, is not decoded again.
- An ObjectInfo that is empty, too short, of size 0 or without a name means "no image" (ILCE-6400, libgphoto2#1058).
"""

from __future__ import annotations

from indi_sony_py.clock import Deadline
from indi_sony_py.errors import BadData, CameraRefused
from indi_sony_py.ptp.codes import Operation, Response
from indi_sony_py.ptp.data import DataType, DeviceInfo, ObjectInfo, Value, Writer, write_value
from indi_sony_py.ptp.landing import Landing
from indi_sony_py.sony.codes import HANDLE_IMAGE, HANDLE_LIVE_VIEW, Op, name_of
from indi_sony_py.sony.snapshot import ExtDeviceInfo, Settings, SettingsDecoder, Version
from indi_sony_py.transport.base import Event, Progress, Reply, Request, Transport

__all__ = ["Session"]


class Session:
    """A camera that is spoken to. Used by one thread."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.version = Version.V200
        self._decoder = SettingsDecoder()

    def _ask(self, request: Request, deadline: Deadline, progress: Progress | None = None) -> Reply:
        reply = self.transport.transact(request, deadline, progress)
        if reply.code != Response.OK:
            raise CameraRefused(name_of(request.operation), reply.code)
        return reply

    def open(self, deadline: Deadline) -> None:
        """OpenSession(1). 0x201E means that an earlier session is still open."""
        self._ask(Request(Operation.OPEN_SESSION, (1,)), deadline)

    def close(self, deadline: Deadline) -> None:
        """CloseSession; priority goes back to the dials by itself."""
        self._ask(Request(Operation.CLOSE_SESSION), deadline)

    def device_info(self, deadline: Deadline) -> DeviceInfo:
        return DeviceInfo.decode(self._ask(Request(Operation.GET_DEVICE_INFO), deadline).data or b"")

    def connect_phase(self, phase: int, deadline: Deadline) -> None:
        """SDIO_Connect, phase 1, 2 or 3; eight zero bytes come back."""
        self._ask(Request(Op.CONNECT, (phase, 0, 0)), deadline)

    def ext_device_info(self, version: Version, deadline: Deadline) -> ExtDeviceInfo | None:
        """Ask for a protocol version; None while the camera has no answer yet. The answer's version is kept."""
        params = (version, 1) if version is Version.V300 else (version,)
        found = ExtDeviceInfo.decode(self._ask(Request(Op.GET_EXT_DEVICE_INFO, params), deadline).data or b"")
        if found is not None:
            self.version = found.version
        return found

    def settings(self, deadline: Deadline) -> Settings:
        """All properties (0x9209)."""
        data = self._ask(Request(Op.GET_ALL_PROPERTIES), deadline).data or b""
        if len(data) <= 8:
            raise BadData("0x9209 data set", 0, f"{len(data)} bytes hold no settings")
        return self._decoder.decode(data, self.version)

    def set_value(self, code: int, kind: DataType, value: Value, deadline: Deadline) -> None:
        """0x9205: the value in exactly the width of its type. OK means "received", not "done"."""
        self._ask(Request(Op.SET_PROPERTY, (code,), _encoded(kind, value)), deadline)

    def control(self, code: int, kind: DataType, value: int, deadline: Deadline) -> None:
        """0x9207: a button (UINT16) or a step (INT8). OK means "received", not "done"."""
        self._ask(Request(Op.CONTROL, (code,), _encoded(kind, value)), deadline)

    def object_info(self, deadline: Deadline) -> ObjectInfo | None:
        """The oldest waiting image; None if there is none behind the handle. Only while bit 15 of 0xD215 is set."""
        data = self._ask(Request(Operation.GET_OBJECT_INFO, (HANDLE_IMAGE,)), deadline).data or b""
        if len(data) < 53:
            return None
        info = ObjectInfo.decode(data)
        return info if info.size and info.name else None

    def image(
        self, deadline: Deadline, progress: Progress | None = None, into: Landing | None = None
    ) -> bytes | bytearray | memoryview:
        """The bytes of the oldest waiting image, in `into` if they are so many. Reading removes it from the camera.

        So one that came to its last byte is kept, whatever the response behind it says.
        """
        reply = self.transport.transact(Request(Operation.GET_OBJECT, (HANDLE_IMAGE,), into=into), deadline, progress)
        whole = into is not None and reply.data is not None and len(reply.data) == into.size
        if reply.code != Response.OK and not whole:
            raise CameraRefused(name_of(Operation.GET_OBJECT), reply.code)
        return reply.data or b""

    def live_view_info(self, deadline: Deadline) -> None:
        """Once before the first frame (Sony PTP2 ref). What it says of the size is an estimate."""
        self._ask(Request(Operation.GET_OBJECT_INFO, (HANDLE_LIVE_VIEW,)), deadline)

    def live_view(self, deadline: Deadline) -> bytes | bytearray | memoryview:
        """The live view object as it comes (`liveview.decode_live_view`). 0x200F: there is no new frame yet."""
        return self._ask(Request(Operation.GET_OBJECT, (HANDLE_LIVE_VIEW,)), deadline).data or b""

    def next_event(self, deadline: Deadline) -> Event | None:
        return self.transport.next_event(deadline)


def _encoded(kind: DataType, value: Value) -> bytes:
    writer = Writer()
    write_value(writer, kind, value)
    return writer.bytes()
