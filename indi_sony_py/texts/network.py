"""Texts about a camera in the network: reaching it, being let in, and links that break."""

from __future__ import annotations

from indi_sony_py.texts.row import Text

__all__: list[str] = []

_REMOTE = (
    "At the camera: switch it on, connect it to the same network, and in the menu Network switch PC Remote on, with "
    "the connection method Wi-Fi or wired LAN."
)
_PAIR = "in the menu Network, PC Remote Function, choose Pairing and confirm this computer"
_NO_AUTHENTICATION = "switch Access Authen. off in the menu Network"

NOTHING_THERE = Text(
    "network.nothing_there",
    "No camera answers at {place} ({detail}).",
    "Nobody takes connections there: the camera is off, asleep, in another network, or its remote function is off.",
    _REMOTE,
    where="CONNECTION: Alert",
)
NO_SUCH_NAME = Text(
    "network.no_such_name",
    "The network knows no host of the name {host}.",
    "The name in NETWORK_CAMERA cannot be turned into an address.",
    "Check the name, or enter the address that the camera shows in the menu Network.",
    where="CONNECTION: Alert",
)
NAME_TAKES_LONG = Text(
    "network.name_takes_long",
    "The network does not tell in time where {host} is.",
    "The name server does not answer.",
    "Enter the camera's address in place of its name.",
    where="CONNECTION: Alert",
)
NOT_ADMITTED = Text(
    "network.not_admitted",
    "The camera at {place} does not admit this computer.",
    "It is not paired, or access authentication is on; what the camera says does not tell which.",
    f"At the camera: {_PAIR}; {_NO_AUTHENTICATION}, with which a camera speaks through SSH only. Then connect again.",
    where="CONNECTION: Alert",
)
PAIRING = Text(
    "network.pairing",
    "The {model} at {place} wants this computer to be paired with it.",
    "It is done once: the camera remembers this computer.",
    f"At the camera: {_PAIR}. Then connect again.",
    where="CONNECTION: Alert",
)
AUTHENTICATION = Text(
    "network.authentication",
    "The {model} at {place} wants access authentication: it speaks through SSH only, and this driver does not.",
    "Newer bodies have it switched on when they are new.",
    f"At the camera: {_NO_AUTHENTICATION}. Or use a USB cable.",
    where="CONNECTION: Alert",
)
HELD = Text(
    "network.held",
    "The camera at {place} is held by another program.",
    "A camera in the network serves one program at a time. One that vanished may be remembered for a minute.",
    "Close the other program, in this computer or another one; else switch the camera off and on.",
    where="CONNECTION: Alert",
)
REFUSED = Text(
    "network.refused",
    "The camera at {place} refuses the connection (reason {reason}).",
    "The number is the camera's own.",
    "Switch the camera off and on, then connect again.",
    where="CONNECTION: Alert",
)
NO_GREETING = Text(
    "network.no_greeting",
    "The camera at {place} does not answer the greeting.",
    "It took the connection and says nothing: it may wait for somebody to confirm the pairing on its screen.",
    "Look at the camera's screen, and confirm; else switch it off and on.",
    where="CONNECTION: Alert",
)
CLOSED = Text(
    "network.closed",
    "The camera ended the network connection.",
    "It went to sleep, was switched off, or gave up the connection. The driver connects again by itself.",
    "Check the camera's power and its Power Save setting.",
    where="CCD_EXPOSURE: Alert, CONNECTION: Alert",
)
BROKE_OFF = Text(
    "network.broke_off",
    "The network connection to the camera broke off ({detail}).",
    "The driver connects again by itself.",
    "Check the camera's power and the network; a cable (USB) is the safer way at night.",
    where="CCD_EXPOSURE: Alert, CONNECTION: Alert",
)
TAKES_NOTHING = Text(
    "network.takes_nothing",
    "The camera takes nothing more over the network.",
    "The network is too slow or gone.",
    "Check the network; a cable (USB) is the safer way at night.",
    where="CCD_EXPOSURE: Alert, CONNECTION: Alert",
)
NO_ANSWER = Text(
    "network.no_answer",
    "The camera did not answer operation 0x{operation:04X} over the network in time.",
    "The network is too slow or gone, or the camera is stuck.",
    "Check the network; if the camera stays silent, switch it off and on.",
    where="CCD_EXPOSURE: Alert, CONNECTION: Alert",
)
BAD_PLACE = Text(
    "network.bad_place",
    "{text} is no place in the network.",
    "NETWORK_CAMERA takes a host name or an address, with :PORT behind it where it is not 15740.",
    "Enter a host name or an address, such as 192.168.1.20, or nothing for a camera on USB.",
    where="NETWORK_CAMERA: Alert",
)
