"""Trouble that a bus makes seldom: little memory, an answer that turns to junk, a device that fails at its end."""

from __future__ import annotations

import errno
from array import array
from typing import Any

import pytest
import usb.core

from indi_sony_py.errors import BadData, CameraSilent, CameraStalled, WrongUsbMode
from indi_sony_py.ptp.codes import Response
from indi_sony_py.ptp.container import encode_data_header
from indi_sony_py.transport.bus import BusBackend
from indi_sony_py.transport.descriptors import Configuration, InterfaceDescriptor
from indi_sony_py.transport.usb import UsbTransport, find_cameras
from tests.transport.rigs import SHORT_S, Rig
from tests.transport.scripted_device import Answer
from tests.transport.test_transport_cases import HANDLE, OBJECT, SETTINGS, pattern, response


class Poor(BusBackend):
    """A host that lends at most 100 kB for a transfer, and fails when a device is let go."""

    def bulk_read(self, dev_handle: Any, ep: int, intf: int, buff: array[int], timeout: int) -> int:
        if len(buff) > 100_000:
            raise usb.core.USBError("no memory", -11, errno.ENOMEM)
        return super().bulk_read(dev_handle, ep, intf, buff, timeout)

    def release_interface(self, dev_handle: Any, intf: int) -> None:
        super().release_interface(dev_handle, intf)
        raise usb.core.USBError("it is over", -1, errno.EIO)

    def close_device(self, dev_handle: Any) -> None:
        super().close_device(dev_handle)
        raise usb.core.USBError("it is over", -1, errno.EIO)


def test_with_little_memory_it_reads_less_at_once_and_close_never_raises(rig: Rig) -> None:
    rig.device.answers[OBJECT] = Answer(pattern(2_000_000))
    address = find_cameras(rig.backend)[0]
    camera = UsbTransport.open(address, rig.clock, Poor(rig.backend._slots))
    assert rig.ask(camera, OBJECT, HANDLE).data == pattern(2_000_000)
    camera.close()
    camera.close()
    assert (rig.device.attached, rig.device.gone) == (1, 1)


@pytest.mark.parametrize("again", [SETTINGS, OBJECT])
def test_a_late_answer_that_turns_to_junk(rig: Rig, again: int) -> None:
    camera = rig.session()
    rig.device.silent = lambda code, nth: code == OBJECT
    rig.device.answers[SETTINGS] = Answer(b"there")
    with pytest.raises(CameraSilent):
        rig.ask(camera, OBJECT, HANDLE, s=SHORT_S)
    rig.do(lambda: rig.device.send(b"\xff" * 700, b"\xff" * 30))
    if again == OBJECT:
        with pytest.raises(BadData):
            rig.ask(camera, OBJECT, HANDLE)
    assert rig.ask(camera, SETTINGS).data == b"there"


def test_an_object_that_came_too_late_is_told_in_the_log(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    camera = rig.session()
    rig.device.silent = lambda code, nth: code == OBJECT
    with pytest.raises(CameraSilent):
        rig.ask(camera, OBJECT, HANDLE, s=SHORT_S)
    rig.do(lambda: rig.device.send(encode_data_header(OBJECT, 1, 9) + b"the image", response(1)))
    assert rig.ask(camera, SETTINGS).code == Response.OK
    assert "an object of 9 bytes came too late" in caplog.text


def test_empty_packets_without_end_are_a_stall(rig: Rig) -> None:
    camera = rig.session()
    rig.device.silent = lambda code, nth: True
    rig.device.send(*[b""] * 200)
    with pytest.raises(CameraStalled):
        rig.ask(camera, OBJECT, HANDLE)


def test_late_answers_without_end_are_a_stall(rig: Rig) -> None:
    camera = rig.session()
    rig.device.before = [response(77)] * 100
    with pytest.raises(CameraStalled):
        rig.ask(camera, OBJECT, HANDLE)


def test_bytes_after_the_answer_are_thrown_away(rig: Rig) -> None:
    camera = rig.session()
    rig.device.shape = lambda transfers: [transfers[0] + b"more"]
    assert rig.ask(camera, SETTINGS).code == Response.OK
    rig.device.shape = lambda transfers: transfers
    assert rig.ask(camera, SETTINGS).code == Response.OK


def test_an_interface_that_lacks_an_endpoint(rig: Rig) -> None:
    class Lame(BusBackend):
        def _configuration(self, dev: Any) -> Configuration:
            return Configuration(interfaces=(InterfaceDescriptor(0, 0, 6, 1, 1),))

    backend = Lame(rig.backend._slots)
    with pytest.raises(WrongUsbMode, match="endpoint"):
        UsbTransport.open(find_cameras(backend)[0], rig.clock, backend)
    assert rig.device.gone == rig.device.attached == 1
