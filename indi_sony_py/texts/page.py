"""Texts of the page of a night. The driver never loads them."""

from __future__ import annotations

from indi_sony_py.texts.row import Label

__all__: list[str] = []

NIGHT = Label("page.night", "Night of {date}")
EMPTY = Label("page.empty", "Nothing is recorded of this night.")
SPAN = Label("page.span", "{begin} to {end}, times of {zone}")
FRAMES = Label("page.frames", "Frames")
LIGHTS = Label("page.lights", "Lights")
EXPOSED = Label("page.exposed", "Light collected")
HOURS = Label("page.hours", "{hours} h {minutes:02d} min")
MINUTES = Label("page.minutes", "{minutes} min {seconds:02d} s")
MEDIAN_HFR = Label("page.median_hfr", "Median HFR")
PIXELS = Label("page.pixels", "{value:.2f} px")
FAULTS_AND_WARNINGS = Label("page.faults_and_warnings", "Faults, warnings")
TWO_NUMBERS = Label("page.two_numbers", "{first}, {second}")
TARGETS = Label("page.targets", "Targets")
TIMELINE = Label("page.timeline", "The night")
DONE = Label("page.done", "as asked for")
KEPT = Label("page.kept", "saved because something went wrong")
FAILED = Label("page.failed", "failed")
ABORTED = Label("page.aborted", "aborted")
OPEN = Label("page.open", "end not recorded")
AWAY = Label("page.away", "no camera")
HFR = Label("page.hfr", "Half-flux radius of the stars (pixels)")
STARS = Label("page.stars", "Stars")
BACKGROUND = Label("page.background", "Background of lights, green pixels (ADU above black)")
TEMPERATURE = Label("page.temperature", "Temperature (°C)")
OF_CAMERA = Label("page.of_camera", "camera's body")
OUTSIDE = Label("page.outside", "outside, by the focuser")
BATTERY = Label("page.battery", "Battery (%)")
FOCUS = Label("page.focus", "Focuser (steps)")
NOT_LOOKED_AT = Label("page.not_looked_at", "not looked at")
NO_PICTURE = Label("page.no_picture", "no picture")
UNASKED = Label("page.unasked", "nobody asked for it")
SECONDS = Label("page.seconds", "{seconds:g} s")
ISO = Label("page.iso", "ISO {iso}")
COUNT_OF_STARS = Label("page.count_of_stars", "{count} stars")
HFR_OF = Label("page.hfr_of", "HFR {value:.2f}")
SKY_OF = Label("page.sky_of", "sky {adu:+d} ADU")
FULL_OF = Label("page.full_of", "{count} full")
CELSIUS = Label("page.celsius", "{value:.0f} °C")
TO_CLIENT = Label("page.to_client", "went to the client")
MORE = Label("page.more", "{count} frames more have no card here, so that the page stays small.")
WARNINGS = Label("page.warnings", "warnings: {count}")
TIMES = Label("page.times", "{count} times; here the first")
FAULTS = Label("page.faults", "What went wrong")
NO_FAULTS = Label("page.no_faults", "Nothing.")
MADE_BY = Label("page.made_by", "Made by indi-sony {version}; all of it is in this file.")
HFR_MEANS = Label(
    "page.hfr_means",
    "HFR: the median radius of the circle with half of a star's light, in pixels of the frame; smaller is sharper. "
    "Frames are looked at in the night where PREVIEW is on, else by this command where they still lie.",
)
