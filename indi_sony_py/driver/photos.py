"""A device's photos: offered by the hand, sent to the client, saved as files, or given back to the hand.

Rules kept here:

- A frame that nobody waits for, and one that waits for its turn when its exposure is aborted or overtaken, goes back to
  the hand, which puts it on disk.
- A frame that is not as the client was told is told of before the client gets it.
- The hand keeps a photo until it has the word that the server has it, or that the user was told of the file.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from indi_sony_py import texts
from indi_sony_py.driver.events import LinkLike
from indi_sony_py.driver.framewords import BigFrames, words_of
from indi_sony_py.driver.upload import Delivery, Upload
from indi_sony_py.engine.messages import Level, Role
from indi_sony_py.hand.messages import Declined, Delivered, FrameReady, FrameSaved
from indi_sony_py.image.record import FileFacts
from indi_sony_py.indi.messages import State
from indi_sony_py.indi.vectors import Vector

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device

__all__ = ["Photos"]


class Photos:
    """Of one device, and the recipient of what `upload` brings to the server."""

    def __init__(self, device: Device, upload: Upload) -> None:
        self._device = device
        self._upload = upload
        self._big = BigFrames(device.board)
        self.told_files: set[str] = set()
        """What was rescued and told of, by the hand or by the journal: whichever came first."""

    def expected(self, length: int) -> None:
        """The camera's frames will have so many bytes."""
        self._big.tell(length)

    # --- from the hand ----------------------------------------------------------------------------------------------

    def ready(self, link: LinkLike, frame: FrameReady, fd: int) -> None:
        """A frame in memory. The descriptor is taken over."""
        device = self._device
        if not device.exposure.wants(frame.exposure_id):
            os.close(fd)
            self._decline(link, frame, texts.frames.NOBODY_WAITS())
            return
        for text in (*frame.warnings, *([frame.text] if frame.text else [])):
            device.board.say(Level.WARNING, text)
        if frame.duplicate:
            device.board.notice(texts.frames.DUPLICATE)
        self._big.tell(frame.length)
        self.measured(frame)
        device.exposure.sending(frame.exposure_id, frame.length)
        self._upload.offer(self, link, frame, fd)

    def saved(self, saved: FrameSaved) -> None:
        """A frame became a file."""
        device = self._device
        if not saved.rescued or saved.path not in self.told_files:
            device.board.say(*words_of(saved))
        if saved.rescued:
            self.told_files.add(saved.path)
        if saved.role is Role.FRAME:
            self._told_by_file(saved.facts)
        if device.exposure.wants(saved.exposure_id) and saved.role is Role.FRAME:
            device.board.tell("CCD_FILE_PATH", State.OK, {"FILE_PATH": saved.path})
        if not self._upload.closed:
            device.connection.send(Delivered(saved.frame_id))
        device.exposure.saved(saved)

    def measured(self, frame: FrameReady) -> None:
        """A frame that is not as the client was told: the client is told before it gets it.

        One that was asked for with another area than the one chosen now tells nothing of the next.
        """
        device = self._device
        if frame.chosen_area not in ("", device.view.area):
            return
        view = device.knowledge.learn(device.view, frame)
        size = frame.area if all(frame.area) else (frame.width, frame.height)
        if all(size):
            view = replace(view, measured=None if size == view.facts.size(view.area) else size)
        if frame.cfa:
            view = replace(view, measured_cfa=frame.cfa)
        device.view = view
        if all(size):
            device.framing.size_changed()
        self._told_by_file(frame.facts)

    def _told_by_file(self, facts: FileFacts | None) -> None:
        if facts is not None:
            self._device.view = replace(self._device.view, temperature_c=facts.camera_temperature_c)
        self._device.refresh()

    # --- back to the hand -------------------------------------------------------------------------------------------

    def take_back(self, why: str) -> None:
        """Frames that have not left yet, as long as there is a hand to save them."""
        link = self._device.connection.link
        if link is not None:
            for delivery in self._upload.withdraw(self, link):
                self._decline(delivery.link, delivery.frame, why)

    def _decline(self, link: LinkLike, frame: FrameReady, text: str) -> None:
        if link is self._device.connection.link:
            self._device.connection.send(Declined(frame.frame_id, text))

    # --- to the server ----------------------------------------------------------------------------------------------

    def blob_vector(self) -> Vector:
        vector = self._device.board["CCD1"]
        vector.state = State.OK
        return vector

    def frame_left(self, delivery: Delivery[FrameReady]) -> None:
        self._device.exposure.handed_over(delivery.frame.exposure_id)

    def frame_arrived(self, delivery: Delivery[FrameReady]) -> None:
        device = self._device
        if delivery.link is device.connection.link:
            device.connection.send(Delivered(delivery.frame.frame_id))
        device.stream.photo_arrived()
        device.exposure.delivered(delivery.frame.exposure_id)
