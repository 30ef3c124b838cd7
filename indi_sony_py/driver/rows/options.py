"""Rows that are there without a camera: the connection, what is logged, what is kept, which camera it is."""

from __future__ import annotations

from indi_sony_py.driver.row import GENERAL, MAIN, OPTIONS, RO, RW, Row, Shown, Write, number, switch, text
from indi_sony_py.indi.messages import Rule
from indi_sony_py.indi.vectors import NumberDef

__all__ = [
    "CAMERA_BINDING",
    "CONFIG_PROCESS",
    "CONNECTION",
    "DEBUG",
    "DEBUG_LEVEL",
    "DRIVER_INFO",
    "INTERFACE_CCD",
    "ISO_CONTROL",
    "LOGGING_LEVEL",
    "LOG_OUTPUT",
    "NETWORK_CAMERA",
    "NETWORK_SEARCH",
    "NIGHT_SETUP",
    "POLLING_PERIOD",
    "PROTOCOL",
    "SIMULATION",
]

INTERFACE_CCD = 2

_LEVELS = {"ERROR": "Errors", "WARNING": "Warnings", "SESSION": "Messages", "DEBUG": "Driver Debug"}


def _levels(name: str, label: str, prefix: str, does: str) -> Row:
    names = {f"{prefix}_{key}": shown for key, shown in _LEVELS.items()}
    vector = switch(name, label, OPTIONS, 0, Rule.ANY_OF_MANY, **names)
    values = {key: not key.endswith("DEBUG") for key in names}
    return Row(vector, Shown.ASKED, values, Write.LOGGING, saved=True, early=True, does=does)


CONNECTION = Row(
    switch("CONNECTION", "Connection", MAIN, 60, CONNECT="Connect", DISCONNECT="Disconnect"),
    Shown.ALWAYS,
    {"DISCONNECT": True},
    Write.CONNECT,
    does="Connects the camera, and keeps the wish: a camera that is lost is connected again when it is back.",
    needs="USB mode PC Remote (newer bodies: Remote Shooting), nothing else that holds it.",
)
DRIVER_INFO = Row(
    text(
        "DRIVER_INFO",
        "Driver Info",
        GENERAL,
        RO,
        60,
        DRIVER_NAME="Name",
        DRIVER_EXEC="Exec",
        DRIVER_VERSION="Version",
        DRIVER_INTERFACE="Interface",
    ),
    Shown.ALWAYS,
    {"DRIVER_NAME": "Sony Alpha", "DRIVER_EXEC": "indi_sony_py", "DRIVER_INTERFACE": str(INTERFACE_CCD)},
    does="Name, program and version; the interface number says that this is a camera, and with a lens a focuser.",
)
POLLING_PERIOD = Row(
    number("POLLING_PERIOD", "Polling", OPTIONS, RW, 0, NumberDef("PERIOD_MS", "Period (ms)", "%.f", 10, 600000, 1000)),
    Shown.ALWAYS,
    {"PERIOD_MS": 1000.0},
    Write.KEEP,
    saved=True,
    early=True,
    does="How often the time left of an exposure is told.",
)
DEBUG = Row(
    switch("DEBUG", "Debug", OPTIONS, 0, ENABLE="Enable", DISABLE="Disable"),
    Shown.ALWAYS,
    {"DISABLE": True},
    Write.DEBUG,
    saved=True,
    early=True,
    does="Shows the driver's log to clients, and the three vectors that choose what and where.",
)
SIMULATION = Row(
    switch("SIMULATION", "Simulation", OPTIONS, 0, ENABLE="Enable", DISABLE="Disable"),
    Shown.ALWAYS,
    {"DISABLE": True},
    Write.SIMULATION,
    does="A simulated camera in place of a real one; chosen before the connection.",
    needs="No camera.",
)
CONFIG_PROCESS = Row(
    switch(
        "CONFIG_PROCESS",
        "Configuration",
        OPTIONS,
        0,
        Rule.AT_MOST_ONE,
        CONFIG_LOAD="Load",
        CONFIG_SAVE="Save",
        CONFIG_DEFAULT="Default",
        CONFIG_PURGE="Purge",
    ),
    Shown.ALWAYS,
    {},
    Write.CONFIG,
    does="Writes, reads and deletes what is kept.",
)
CAMERA_BINDING = Row(
    text("CAMERA_BINDING", "Camera", OPTIONS, RW, 0, SERIAL="Serial number (empty: the first found)"),
    Shown.ALWAYS,
    {},
    Write.KEEP,
    saved=True,
    early=True,
    does="Which camera this device takes, by its serial number, from its next connection on.",
    needs="The last digits stand on the body's label, all of them in CAMERA_INFO.",
)
NETWORK_CAMERA = Row(
    text("NETWORK_CAMERA", "Network camera", OPTIONS, RW, 0, HOST="Name or address[:port] (empty: a camera on USB)"),
    Shown.ALWAYS,
    {},
    Write.NETWORK,
    saved=True,
    early=True,
    does="A camera that is reached over Wi-Fi or a network cable (PTP/IP).",
    needs=(
        "Remote control over the network switched on, access authentication off, this computer paired once "
        "where the body asks for it."
    ),
)
NETWORK_SEARCH = Row(
    switch("NETWORK_SEARCH", "Network search", OPTIONS, 0, ENABLE="Enable", DISABLE="Disable"),
    Shown.ALWAYS,
    {"DISABLE": True},
    Write.SEARCH,
    saved=True,
    early=True,
    does="Looks for cameras in the network (SSDP).",
    needs="The same network; the camera's remote control is on.",
)
PROTOCOL = Row(
    switch("PROTOCOL", "Protocol", OPTIONS, 0, AUTO="As the camera", FORCE_200="2.00 only"),
    Shown.ALWAYS,
    {"AUTO": True},
    Write.KEEP,
    saved=True,
    early=True,
    does="Keeps a newer body to the older protocol, from the next connection on.",
    needs="A body that speaks 3.00; for a trial when something is wrong.",
)
ISO_CONTROL = Row(
    switch("ISO_CONTROL", "ISO as", OPTIONS, 0, ISO_LIST="ISO list", ISO_GAIN="Gain"),
    Shown.ALWAYS,
    {"ISO_LIST": True},
    Write.FORM,
    saved=True,
    early=True,
    autosave=True,
    does=(
        "Whether the ISO is a list (CCD_ISO) or a gain (CCD_GAIN); Ekos asks the owner of every list for the "
        "sensor's size, and of no gain."
    ),
)
NIGHT_SETUP = Row(
    switch("NIGHT_SETUP", "Camera for the night", OPTIONS, 0, SET="Set", TELL="Tell only", LEAVE="Leave as it is"),
    Shown.ALWAYS,
    {"SET": True},
    Write.NIGHT,
    saved=True,
    early=True,
    does=(
        "What is done at the connection with settings that spoil a night: set right and put back at the end, "
        "only told of, or left."
    ),
)
DEBUG_LEVEL = _levels("DEBUG_LEVEL", "Debug Levels", "DBG", "What the client is shown of the log.")
LOGGING_LEVEL = _levels("LOGGING_LEVEL", "Logging Levels", "LOG", "What goes into the log file.")
LOG_OUTPUT = Row(
    switch(
        "LOG_OUTPUT", "Log Output", OPTIONS, 0, Rule.ANY_OF_MANY, CLIENT_DEBUG="To Client", FILE_DEBUG="To Log File"
    ),
    Shown.ASKED,
    {"CLIENT_DEBUG": True},
    Write.LOGGING,
    saved=True,
    early=True,
    does="Whether the log goes to clients, to a file, or both.",
)
