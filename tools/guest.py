"""A virtual machine for tests: Debian's kernel in QEMU by emulation, with this machine's files. Starts processes.

Rules kept here:

- The machine sees this machine's root through an overlay: programs are there, what it writes is lost. One folder is
  shared for both ways; `run` in it is what the machine runs as root, by sh. Its output and status come back.
- Simulated cameras are plugged in by usbredir. The control socket of the first is /dev/control1 there, of the second
  /dev/control2: lines in, lines out.
- There is no network. Nothing outlives a run: QEMU dies with whoever started it, and by its limit at the latest.
- No KVM: the machines that run tests often have none, and an emulated one is the same everywhere.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tools.guestroot import Boot, Unavailable, prepared
from tools.processes import Child, Late

__all__ = ["Camera", "Result", "Unavailable", "command", "main", "run"]

_ENDED = "guest ended with "
_MEMORY_MB = 1536
_GRACE_S = 5
_CPU = "Nehalem"
"""The least that today's builds of numpy run on (x86-64-v2); a plainer one boots faster than one with everything."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A simulated camera that is to be plugged in: its usbredir port and its control socket."""

    port: int
    control: Path | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """`status` of what ran in the machine, all that it printed, and how long the machine was up (s)."""

    status: int
    output: str
    seconds: float


def command(boot: Boot, root: Path, share: Path, cameras: Sequence[Camera], memory_mb: int = _MEMORY_MB) -> list[str]:
    """QEMU's command line."""
    words = [boot.qemu, "-nodefaults", "-no-user-config", "-accel", "tcg", "-cpu", _CPU, "-smp", "1"]
    words += ["-m", str(memory_mb), "-display", "none", "-serial", "stdio", "-no-reboot"]
    words += ["-kernel", str(boot.kernel), "-initrd", str(root)]
    words += ["-append", "console=ttyS0 quiet loglevel=1 panic=-1 random.trust_cpu=on mitigations=off"]
    for tag, path, more in (("root", Path("/"), "readonly=on,multidevs=remap"), ("share", share, "multidevs=remap")):
        words += ["-fsdev", f"local,id={tag},path={path},security_model=none,{more}"]
        words += ["-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]
    words += ["-device", "qemu-xhci", "-device", "virtio-serial-pci,max_ports=8"]
    for number, camera in enumerate(cameras, start=1):
        words += ["-chardev", f"socket,id=camera{number},host=127.0.0.1,port={camera.port}"]
        words += ["-device", f"usb-redir,chardev=camera{number}"]
        if camera.control is not None:
            words += ["-chardev", f"socket,id=control{number},path={camera.control}"]
            words += ["-device", f"virtserialport,chardev=control{number},name=control{number}"]
    return words


def run(
    script: str, share: Path, cameras: Sequence[Camera] = (), limit_s: float = 120.0,
    heard: Callable[[str], None] | None = None,
) -> Result:  # fmt: skip
    """Boots a machine that runs `script` (sh, as root), waits for its end, and tells what came of it.

    `share`: a folder with a short path. `heard` is called with each line as it comes. Raises `Unavailable`, and `Late`
    when the machine has not ended within `limit_s`, with the last of what it printed.
    """
    boot = prepared()
    (share / "run").write_text(script)
    root = share / "root.cpio"
    root.write_bytes(boot.root(str(share)))
    # The limit is kept by a program of its own, so that it holds whatever becomes of this one.
    guard = ["timeout", "-k", str(_GRACE_S), str(int(limit_s) + _GRACE_S), "setpriv", "--pdeathsig", "KILL"]
    started = time.monotonic()
    child = Child([*guard, *command(boot, root, share, cameras)], dict(os.environ), name="virtual machine")
    try:
        line = child.wait_line(lambda text: _hear(text, heard), limit_s, "end of what it runs")
        status = int(line.removeprefix(_ENDED))
        child.wait(_GRACE_S)
    finally:
        child.stop(_GRACE_S)
        root.unlink()
    lines = [text for text in child.lines if not text.startswith(_ENDED)]
    return Result(status, "\n".join(lines), time.monotonic() - started)


def _hear(line: str, heard: Callable[[str], None] | None) -> bool:
    if line.startswith(_ENDED):
        return True
    if heard is not None:
        heard(line)
    return False


def main(arguments: Sequence[str] | None = None) -> int:
    """By hand: boots a machine with simulated cameras and runs a command in it; its status."""
    from tools.rig import Simulator

    parser = argparse.ArgumentParser(prog="tools/guest", description="Runs a command in a virtual machine.")
    parser.add_argument("--body", action="append", default=[], help="a simulated camera to plug in; may come again")
    parser.add_argument("--usb-speed", choices=("high", "super"), default="super")
    parser.add_argument("--limit", type=float, default=120.0, metavar="S")
    parser.add_argument("words", nargs="+", metavar="command")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="indi-sony-guest-") as name, ExitStack() as stack:
        share = Path(name)
        cameras = []
        for number, body in enumerate(chosen.body, start=1):
            simulator = Simulator(
                share, f"camera{number}", body=body, redir="tcp:127.0.0.1:0", usb_speed=chosen.usb_speed
            )
            stack.callback(simulator.stop)
            cameras.append(Camera(simulator.redir_port, simulator.control_path))
        try:
            result = run(f"{shlex.join(chosen.words)}\n", share, cameras, chosen.limit, lambda line: print(line))
        except (Unavailable, Late) as error:
            print(f"tools/guest: {error}", file=sys.stderr)
            return 2
    return result.status


if __name__ == "__main__":
    sys.exit(main())
