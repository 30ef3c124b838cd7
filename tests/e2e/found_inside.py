"""A program of its own, for a network of its own: cameras that nobody named are found by a search, and one is used.

Run as `python -m tests.e2e.found_inside` where nothing else has the ports of SSDP and PTP/IP. It ends with 0 when all
of it held.
"""

from __future__ import annotations

import json
import subprocess

from tests.e2e.frames import SEED, Body, expose, finished_presses, judge, said
from tools.rig import COMMAND, Rig, own_environment

BODY = Body("ILCE-7SM3", "uncompressed", "3.00")
SERIAL = "00000000012345678"
LIMIT_S = 60.0


def main() -> None:
    with Rig() as rig:
        locked = rig.camera("", network="tcp:127.0.0.2:15740", announce=True, body="ILCE-7M4")
        assert locked.control(command="menu", item="access_authentication")["ok"]
        client = rig.client(rig.server())
        client.defined("NETWORK_SEARCH", LIMIT_S)
        client.set_switch("NETWORK_SEARCH", "ENABLE")
        client.wait_state("NETWORK_SEARCH", "Ok", LIMIT_S)
        client.set_switch("CONNECTION", "CONNECT")
        said(client, "127.0.0.2 wants access authentication", LIMIT_S)

        options: dict[str, str | float | bool] = {"body": BODY.model, "raw": BODY.raw, "seed": SEED, "serial": SERIAL}
        open_one = rig.camera("", network="tcp:127.0.0.1:15740", announce=True, **options)
        listed(rig)
        client.set_switch("CONNECTION", "CONNECT")
        client.wait_state("CONNECTION", "Ok", LIMIT_S)
        client.defined("CCD_EXPOSURE", LIMIT_S)
        judge(expose(client, 0.1), finished_presses(open_one, 1)[0], BODY)
        assert open_one.broken_rules() == locked.broken_rules() == []


def listed(rig: Rig) -> None:
    """`indi-sony list --network` names both, by what they say of themselves."""
    command = [str(COMMAND), "list", "--json", "--network", "--bus", f"unix:{rig.folder}/no.bus"]
    done = subprocess.run(
        command, env=own_environment(rig.folder), capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    cameras = json.loads(done.stdout)["cameras"]
    assert [camera["model"] for camera in cameras] == ["ILCE-7SM3", "ILCE-7M4"], done.stdout + done.stderr


if __name__ == "__main__":
    main()
