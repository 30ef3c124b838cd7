"""Texts about the lens and its focus motor."""

from __future__ import annotations

from indi_sony_py.texts import advice
from indi_sony_py.texts.row import Clause, Level, Text

__all__: list[str] = []

_FOCUS = "FOCUS_MOTION: Alert"

AUTO_FOCUS = Text(
    "focus.auto_focus",
    "The camera focuses by itself (AF): the lens takes no steps.",
    "The lens was not moved.",
    advice.MANUAL_FOCUS,
)
NO_MOTOR = Text(
    "focus.no_motor",
    "This lens cannot be driven by the camera.",
    "It has no motor, there is none on the body, or a switch at the lens stands at MF. The lens was not moved.",
    "Set the switch at the lens to AF and the camera's focus mode to MF; a lens without a motor is focused by hand.",
)
REFUSED = Text(
    "focus.refused",
    "The camera refuses the lens' steps (0x{code:04X}).",
    "The body has no such control, or no lens that it can drive.",
    "Focus the lens by hand.",
)
NO_CONNECTION = Text(
    "focus.no_connection",
    "The camera is not connected, or its connection is being closed: the lens is not moved.",
    "Where the lens stands is not known after a connection was lost: it may be another lens, or have parked.",
    advice.CONNECT_FIRST,
)
STOPPED = Text(
    "focus.stopped",
    "The lens was stopped.",
    "Somebody asked for it, or for another move.",
    level=Level.INFO,
)
STEP_FAILED = Text(
    "focus.step_failed",
    "The camera did not answer a step of the lens: where the lens stands is not known any more.",
    "The next move to a position runs to the end stop first.",
    advice.CABLE_AND_POWER,
)
TOOK_TOO_LONG = Text(
    "focus.took_too_long",
    "The lens was not there after {seconds:.0f} s.",
    "Other things came in between, or the camera answers slowly.",
    "Try it again.",
)
NO_SUCH_PLACE = Text(
    "focus.no_such_place",
    "The lens cannot stand there: positions are 0 to {limit:.0f}.",
    "The number of FOCUS_SYNC is outside, or the camera is not connected.",
    "Give a position between the stops.",
)
LOST_PLACE = Text(
    "focus.lost_place",
    "Something else moved the lens: where it stands is not known any more.",
    "Auto-focus, the ring of the lens, or another lens. The next move to a position runs to the end stop first.",
    advice.MANUAL_FOCUS,
    level=Level.WARNING,
)
ASSUMED = Text(
    "focus.assumed",
    "The steps of the lens {name!r} are not measured: its positions are true to come back to, and no more.",
    "The sizes of another lens are taken.",
    level=Level.INFO,
)
BAD_TABLE = Text(
    "focus.bad_table",
    "The table of the lens {name!r} is not taken: {reason}.",
    "The table that was in use stays.",
    "Correct its numbers.",
)
MEASURING = Text(
    "focus.measuring",
    "The steps of the lens {name!r} are being measured: it takes some minutes.",
    "The lens runs from stop to stop, and the stars of live view tell how far each step moves it.",
    "Let the mount follow the stars, and leave the camera alone.",
    level=Level.INFO,
)
LEARNED = Text(
    "focus.learned",
    "The steps of the lens {name!r} are measured: sizes {sizes}, {span:.0f} steps between the stops, play {play:.0f}.",
    "They are kept by the lens' name.",
    level=Level.INFO,
)
NOT_LEARNED = Text(
    "focus.not_learned",
    "The steps of the lens could not be measured: {reason}.",
    "The table that was in use stays.",
    "Point at bright stars, open the aperture, raise the ISO, and measure again.",
)
NO_STARS_SEEN = Text(
    "focus.no_stars_seen",
    "Live view showed nothing for {seconds:.0f} s.",
    "The steps of the lens are not measured.",
    "See what CCD_VIDEO_STREAM shows, and measure again.",
)
NO_STAR = Text(
    "focus.no_star",
    "Focus assist sees no star in live view.",
    "None is bright enough, or each is white in the middle, or the focus is far off. It goes on looking.",
    "Point at a brighter star, or change the ISO: higher if live view is dark, lower if stars are white. Turn the "
    "focus until something shows.",
    level=Level.WARNING,
    where="FOCUS_STAR: Alert",
)
MAGNIFIER_CHANGED = Text(
    "focus.magnifier_changed",
    "The steps of the lens are not measured: the focus magnifier was switched meanwhile.",
    "Stars of another size cannot be compared with those before.",
    "Leave the magnifier as it is until it is over, and measure again. If it switched off by itself, set its time "
    "(Focus Magnif. Time) to No Limit at the camera.",
    where="LENS_MEASURE: Alert",
)
LENS_CHANGED = Text(
    "focus.lens_changed",
    "The steps of the lens are not measured: another lens was put on meanwhile.",
    "Steps of two lenses make no table.",
    "Measure again.",
    where="LENS_MEASURE: Alert",
)
NO_STEPS = Text(
    "focus.no_steps",
    "A relative move needs a number of steps above 0.",
    "REL_FOCUS_POSITION was 0 or less; FOCUS_MOTION has the direction.",
    "Give the number of steps, and the direction apart.",
)
PLACE_UNKNOWN = Clause("focus.place_unknown", "not known: the next move to a position runs to the infinity stop first")
PLACE_KNOWN = Clause("focus.place_known", "known, to {doubt:.0f} steps")
CAN_MOVE = Clause("focus.can_move", "can be moved")
MEASURED = Clause("focus.measured", "measured")
NOT_MEASURED = Clause("focus.not_measured", "not measured: those of another lens are assumed")
SIZES_NEEDED = Clause("focus.sizes_needed", "it needs {count} sizes")
OUT_OF_RANGE = Clause("focus.out_of_range", "its numbers are 0 to {most:g}")
NOTHING_MOVES = Clause("focus.nothing_moves", "no step moves the lens")
SPAN_TOO_SHORT = Clause("focus.span_too_short", "a step or the play is longer than the way between the stops")
TOO_MANY_STEPS = Clause("focus.too_many_steps", "a move takes more than {most} steps")
SIZES_CROSS = Clause("focus.sizes_cross", "a larger step seems to move the lens less than a smaller one")
NO_DISC = Clause("focus.no_disc", "no star is seen that grows as the lens moves")
