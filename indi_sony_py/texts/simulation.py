"""Texts about SIMULATION, the camera that needs no hardware."""

from __future__ import annotations

from indi_sony_py.texts.row import Clause, Level, Text

__all__: list[str] = []

_ALERT = "SIMULATION: Alert"

ENABLED = Text("simulation.enabled", "Simulation is enabled.", "", level=Level.INFO, where="SIMULATION: Ok")
DISABLED = Text("simulation.disabled", "Simulation is disabled.", "", level=Level.INFO, where="SIMULATION: Ok")
CLOSING = Text(
    "simulation.closing",
    "The camera still finishes what it began: change the simulation in a moment.",
    "",
    where=_ALERT,
)
CONNECTED = Text(
    "simulation.connected",
    "The camera is connected, or wished for.",
    "",
    "Disconnect before you change the simulation.",
    where=_ALERT,
)
NO_CAMERA = Text(
    "simulation.no_camera",
    "No simulated camera: {reason}.",
    "Its process did not start, or ended.",
    "Look at INDI_SONY_SIMULATED_BODY, then enable it again.",
    where="SIMULATION: Alert, CONNECTION: Alert",
)
NOT_STARTED = Clause("simulation.not_started", "it cannot be started: {reason}", "")
NOT_IN_TIME = Clause("simulation.not_in_time", "it did not start in time", "The machine is very busy.")
ENDED = Clause("simulation.ended", "it ended: {reason}", "The reason is the last line that it wrote.")
STATUS = Clause("simulation.status", "status {code}", "It wrote nothing before it ended.")
