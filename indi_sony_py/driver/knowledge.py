"""What a device knows of its camera's sensor: the body's row, what was kept of its model, and what each frame tells.

The row wins over what was kept, a frame over both; where a frame contradicts the row, that is told once.
"""

from __future__ import annotations

from dataclasses import replace

from indi_sony_py.driver.board import Board
from indi_sony_py.driver.sensors import Sensors, complete, contradiction
from indi_sony_py.driver.view import CameraFacts, CameraView, facts_of
from indi_sony_py.engine.messages import Identity, Level
from indi_sony_py.hand.messages import FrameReady

__all__ = ["Knowledge"]


class Knowledge:
    """Of one device. Each method takes the view as it was, and gives it back as it is now."""

    def __init__(self, board: Board, sensors: Sensors) -> None:
        self._board = board
        self._sensors = sensors
        self._table = CameraFacts()
        self._told: set[str] = set()

    def of(self, view: CameraView, identity: Identity) -> CameraView:
        """Another camera: nothing is measured of it yet."""
        kept = self._sensors.of(identity.model)
        self._table = facts_of(identity.model)
        told_um = 0.0 if self._table.pixel_um else kept.pixel_um
        return replace(
            view, identity=identity, facts=complete(self._table, kept), told_um=told_um, measured=None,
            measured_cfa="", part=None,
        )  # fmt: skip

    def pixels_told(self, view: CameraView, pixel_um: float) -> CameraView:
        """A client says how large a pixel is; a body's own row knows better."""
        if not view.facts.model or view.facts.pixel_um or not pixel_um > 0:
            return view
        model = view.facts.model
        self._sensors.keep(model, replace(self._sensors.of(model), pixel_um=pixel_um))
        return replace(view, told_um=pixel_um)

    def learn(self, view: CameraView, frame: FrameReady) -> CameraView:
        """What the table does not know is kept for later connections; where it is wrong, that is told once."""
        table, other = self._table, contradiction(self._table, frame)
        if other and other not in self._told:
            self._told.add(other)
            self._board.say(Level.INFO, other)
        kept = self._sensors.learn(table, frame, view.area)
        told_um = view.told_um if table.pixel_um else kept.pixel_um or view.told_um
        return replace(view, facts=complete(table, kept), told_um=told_um)
