"""Who this computer is to a camera in the network (does I/O: one file).

A camera remembers a paired host by its GUID, so there is one for each user of a machine, made once and kept. Where it
cannot be kept it is made of the machine's own id, so that it is the same the next time too.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
from contextlib import suppress
from pathlib import Path

from indi_sony_py.ptp.ippacket import GUID_BYTES

__all__ = ["FILE", "host_name", "machine_guid"]

FILE = "ptpip-guid"
_MACHINE_ID = Path("/etc/machine-id")
_log = logging.getLogger(__name__)


def machine_guid(folder: Path, machine_id: Path = _MACHINE_ID) -> bytes:
    """The GUID kept in `folder`, made there if there is none. Never raises."""
    path = folder / FILE
    kept = _read(path)
    if kept is not None:
        return kept
    fresh = os.urandom(GUID_BYTES)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Linked into its place: of two processes that make one, both end up with the same.
        mine = folder / f".{FILE}.{os.getpid()}"
        mine.write_text(fresh.hex() + "\n")
        try:
            if path.exists():
                os.replace(mine, path)
            else:
                with suppress(FileExistsError):
                    os.link(mine, path)
        finally:
            mine.unlink(missing_ok=True)
        kept = _read(path)
        if kept is not None:
            return kept
    except OSError as error:
        _log.warning("%s: the pairing identity cannot be kept: %s", path, error.strerror or error)
    return _of_machine(machine_id)


def host_name() -> str:
    """The name that the camera shows for this computer."""
    return socket.gethostname().partition(".")[0] or "indi_sony_py"


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            guid = bytes.fromhex(file.read(100).decode("ascii").strip())
    except (OSError, ValueError):
        return None
    return guid if len(guid) == GUID_BYTES else None


def _of_machine(machine_id: Path) -> bytes:
    try:
        known = machine_id.read_bytes()
    except OSError:
        known = socket.gethostname().encode()
    return hashlib.sha256(b"indi_sony_py %d " % os.getuid() + known).digest()[:GUID_BYTES]
