"""Texts of `indi-sony simulate`. The driver never loads them."""

from __future__ import annotations

from indi_sony_py.texts.row import Label

__all__: list[str] = []

HELP_BODY = Label("simulate.help_body", "such as ILCE-7SM3, a dump, or a report's file")
HELP_RAW = Label("simulate.help_raw", "RAW type; without it the first that the body has")
HELP_SERIAL = Label("simulate.help_serial", "serial number of the camera (up to 32 characters)")
HELP_SEED = Label("simulate.help_seed", "seed of the sky")
HELP_STARS = Label("simulate.help_stars", "the stars of the sky that `point` points at")
HELP_AS_DUMPED = Label("simulate.help_as_dumped", "leave the settings as the dump has them")
HELP_TRANSFER_MBPS = Label("simulate.help_transfer_mbps", "megabytes a second of a transfer")
HELP_SPEED = Label("simulate.help_speed", "how fast the camera's time runs")
HELP_LINGER = Label("simulate.help_linger", "end when no program has been connected for S seconds")
HELP_FAULTS = Label("simulate.help_faults", "faults, as [[fault]] rows")
HELP_REFEREE = Label("simulate.help_referee", "where broken rules are written")
HELP_TRUTH = Label("simulate.help_truth", "where each photo is described")
HELP_CONTROL = Label("simulate.help_control", "socket for commands at run time")
HELP_KEEP = Label("simulate.help_keep", "where each file is written as the camera made it")
HELP_LISTEN = Label("simulate.help_listen", "socket of the bus; or tcp:127.0.0.1:PORT for PTP/IP")
HELP_ANNOUNCE = Label("simulate.help_announce", "let the network find the camera (with --listen tcp:…)")
HELP_REDIR = Label("simulate.help_redir", "port for a virtual machine; 0 is any free one")
HELP_USB_SPEED = Label("simulate.help_usb_speed", "speed of the USB link")
BAD_SOCKET = Label("simulate.bad_socket", "{text!r}: allowed is unix:/PATH")
BAD_PORT = Label("simulate.bad_port", "{text!r}: allowed is tcp:127.0.0.1:PORT, an address of this machine alone")
BAD_PLACE = Label(
    "simulate.bad_place", "{text!r}: allowed is tcp:127.0.0.1:PORT, an address of this machine alone, or unix:/PATH"
)
NOT_ABOVE_ZERO = Label("simulate.not_above_zero", "{text!r}: allowed is a number above 0")
LONG_SERIAL = Label("simulate.long_serial", "a serial number has up to 32 characters")
NO_DUMP = Label("simulate.no_dump", "{path} holds no dump of a camera: {reason}")
NO_FOLDER = Label("simulate.no_folder", "{path} is no folder")
NO_WAY = Label("simulate.no_way", "one of --listen and --redir is needed: nobody could come to the camera")
TWO_WAYS = Label("simulate.two_ways", "--redir is USB and --listen tcp: the network: one of them")
CANNOT_LISTEN = Label("simulate.cannot_listen", "indi-sony simulate: cannot listen at {where}{reason}")
ANNOUNCE_NEEDS = Label("simulate.announce_needs", "--announce is for a camera with --listen tcp:127.0.0.1:PORT")
