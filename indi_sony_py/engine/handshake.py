"""Opening a session: the steps of the handshake, its retries and its fall-backs, all within one deadline.

1. OpenSession; one that is still open is closed first; silence is met with one reset of the way.
2. GetDeviceInfo must list Sony's operations, or the body (or its USB mode) cannot be controlled. Nothing of Sony's is
   sent before that is proved (A6100 in MTP mode, libgphoto2#944).
3. 0x9201 phases 1 and 2, then 0x9202 until it has data (20 tries, libgphoto2), then phase 3.
4. 3.00 is asked for first; the version in the answer counts. If the body refuses it, never answers, answers what cannot
   be read, or does not list what an exposure needs, the session is opened anew with 2.00 (libgphoto2#937, #946). The
   user can force 2.00.
5. In 3.00, where the body has it, the host takes priority over the dials (0xD25A = 1); refusal is no error.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass

from indi_sony_py import texts
from indi_sony_py.clock import Deadline
from indi_sony_py.engine.messages import Identity
from indi_sony_py.errors import (
    BadData,
    CameraError,
    CameraRefused,
    CameraSilent,
    CameraStalled,
    NotControllable,
    WrongUsbMode,
)
from indi_sony_py.ptp.codes import Response
from indi_sony_py.ptp.data import DataType, DeviceInfo
from indi_sony_py.sony.codes import NEEDED_OPERATIONS, Prop
from indi_sony_py.sony.session import Session
from indi_sony_py.sony.snapshot import ExtDeviceInfo, Settings, Version
from indi_sony_py.sony.usbmodes import menu_of
from indi_sony_py.transport.base import Transport

__all__ = ["Opened", "close_camera", "open_camera"]

_log = logging.getLogger(__name__)

_STEP_S = 8.0
_EMPTY_TRIES = 20
_EMPTY_PAUSE_S = 0.2
_SETTINGS_TRIES = 3
_PRIORITY_LOOKS = 8
_PRIORITY_PAUSE_S = 0.1
_OTHER_MODE = frozenset({Response.GENERAL_ERROR, Response.OPERATION_NOT_SUPPORTED})
"""What bodies in another USB mode answer to Sony's operations (gphoto2#470, gphoto2#507, libgphoto2#829)."""
_NEEDED = (Prop.OBJECTS_IN_MEMORY, Prop.SHUTTER_SPEED)


@dataclass(frozen=True, slots=True)
class Opened:
    """An open session and what the camera said of itself."""

    session: Session
    identity: Identity
    info: ExtDeviceInfo
    settings: Settings


class _Not300(Exception):
    """The camera does not speak 3.00 as it must; the text says why."""


def open_camera(transport: Transport, deadline: Deadline, force_200: bool = False) -> Opened:
    """Run the whole handshake. Raises errors of the transport, `CameraRefused`, `NotControllable`, `WrongUsbMode`."""
    if force_200:
        return _open(transport, deadline, Version.V200, texts.camera.ASKED_FOR())
    try:
        opened = _open(transport, deadline, Version.V300, texts.camera.NEWEST())
        if opened.session.version is Version.V300 and not _complete(opened):
            close_camera(opened.session, opened.info, deadline.within(_STEP_S))
            raise _Not300(texts.camera.LISTS_TOO_LITTLE())
    except _Not300 as why:
        _log.warning("%s: going back to 2.00", why)
        return _open(transport, deadline, Version.V200, str(why))
    return opened


def _complete(opened: Opened) -> bool:
    return all(code in opened.settings for code in _NEEDED)


def _begin(transport: Transport, deadline: Deadline) -> Session:
    session = Session(transport)
    for attempt in range(3):
        try:
            session.open(deadline.within(_STEP_S))
            return session
        except CameraRefused as refused:
            if refused.code != Response.SESSION_ALREADY_OPEN or attempt == 2:
                raise
            session.close(deadline.within(_STEP_S))
        except (CameraSilent, CameraStalled, BadData):
            if attempt == 2 or deadline.expired:
                raise
            transport.reset(deadline.within(_STEP_S))
    raise AssertionError("three attempts end above")


def _open(transport: Transport, deadline: Deadline, version: Version, reason: str) -> Opened:
    session = _begin(transport, deadline)
    device = session.device_info(deadline.within(_STEP_S))
    if not set(device.operations) >= NEEDED_OPERATIONS:
        raise _cannot(device)
    try:
        session.connect_phase(1, deadline.within(_STEP_S))
        session.connect_phase(2, deadline.within(_STEP_S))
        info = _ext_info(session, version, deadline)
        session.connect_phase(3, deadline.within(_STEP_S))
    except CameraRefused as refused:
        if refused.code in _OTHER_MODE:
            menu = menu_of(device.model)
            raise WrongUsbMode(texts.camera.REFUSES_REMOTE, model=device.model, menu=menu) from refused
        raise
    try:
        settings = _first_settings(session, deadline)
    except (BadData, CameraRefused) as error:
        # A host that lost the camera may have left it with priority: this session does not end with it.
        with suppress(CameraError):
            _give_back(session, info, deadline.within(_STEP_S))
        if isinstance(error, BadData) and version is Version.V300 and session.version is Version.V300:
            raise _Not300(texts.camera.UNREADABLE_SETTINGS(detail=error)) from error
        raise
    if session.version is Version.V300 and Prop.PRIORITY in info.properties:
        _take_priority(session, deadline)
    if session.version < version:
        reason = texts.camera.NO_NEWER()
    # Zeros are no number: several cameras tell them.
    serial = device.serial if device.serial.strip("0 ") else ""
    identity = Identity(device.model, serial, device.device_version, session.version.label, reason)
    return Opened(session, identity, info, settings)


def _first_settings(session: Session, deadline: Deadline) -> Settings:
    """A data set that came damaged, or was refused while the camera is busy, is asked for again."""
    for _ in range(_SETTINGS_TRIES - 1):
        try:
            return session.settings(deadline.within(_STEP_S))
        except (BadData, CameraRefused) as error:
            _log.info("the first settings: %s", error)
            deadline.clock.sleep_until(deadline.clock.monotonic() + _EMPTY_PAUSE_S)
    return session.settings(deadline.within(_STEP_S))


def _ext_info(session: Session, version: Version, deadline: Deadline) -> ExtDeviceInfo:
    for _ in range(_EMPTY_TRIES):
        try:
            info = session.ext_device_info(version, deadline.within(_STEP_S))
        except CameraRefused as refused:
            if refused.code != Response.DEVICE_BUSY:
                if version is Version.V300:
                    raise _Not300(texts.camera.REFUSES_TO_TELL(detail=refused)) from refused
                raise
            info = None
        if info is not None:
            return info
        if deadline.expired:
            break
        deadline.clock.sleep_until(deadline.clock.monotonic() + _EMPTY_PAUSE_S)
    if version is Version.V300:
        raise _Not300(texts.camera.NEVER_TELLS())
    raise CameraSilent(texts.camera.SAYS_NOTHING)


def _take_priority(session: Session, deadline: Deadline) -> None:
    try:
        session.set_value(Prop.PRIORITY, DataType.UINT8, 1, deadline.within(_STEP_S))
    except CameraRefused as refused:
        _log.info("priority over the dials was refused: %s", refused)


def close_camera(session: Session, info: ExtDeviceInfo, deadline: Deadline) -> None:
    """Give the dials their priority back and close the session."""
    _give_back(session, info, deadline)
    session.close(deadline)


def _give_back(session: Session, info: ExtDeviceInfo, deadline: Deadline) -> None:
    if session.version is not Version.V300 or Prop.PRIORITY not in info.properties:
        return
    try:
        session.set_value(Prop.PRIORITY, DataType.UINT8, 0, deadline)
    except CameraRefused as refused:
        _log.info("priority could not be given back: %s", refused)
        return
    for _ in range(_PRIORITY_LOOKS):
        try:
            if not session.settings(deadline).number(Prop.PRIORITY):
                return
        except (BadData, CameraRefused) as error:
            _log.info("priority is being given back: %s", error)
        deadline.clock.sleep_until(deadline.clock.monotonic() + _PRIORITY_PAUSE_S)


def _cannot(device: DeviceInfo) -> NotControllable | WrongUsbMode:
    """MTP mode of a body that could be controlled, or a body that never can: the table of bodies knows."""
    from indi_sony_py.sony.bodies import body

    row = body(device.model)
    if row.controllable:
        return WrongUsbMode(texts.camera.IN_MTP_MODE, model=device.model, menu=menu_of(device.model))
    return NotControllable(texts.camera.NO_REMOTE, model=device.model)
