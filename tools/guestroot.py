"""What a virtual machine for tests boots: a kernel, and a first root made here. Reads files, runs apt and kmod.

Rules kept here:

- An installed kernel that can be read is used; else Debian's is downloaded into `.cache` of the clone and unpacked
  there. Nothing is installed, and no package's script runs.
- What is kept (the kernel and some modules) is used again by every later run. The kernel is unpacked here, once: an
  emulated machine needs 10 s for that.
- What is missing is said in one sentence (`Unavailable`), so that a test can be skipped with it.
"""

from __future__ import annotations

import fcntl
import gzip
import lzma
import os
import platform
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CACHE", "Boot", "Unavailable", "cpio", "prepared"]

CACHE = Path(__file__).resolve().parents[1] / ".cache" / "guest"
_QEMU = "qemu-system-x86_64"
_MODULES = ("virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay", "xhci_pci")
_SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
_APT_S, _UNPACK_S = 240.0, 120.0
_BUSYBOX = "/bin/busybox"
_XZ = b"\xfd7zXZ\0"
_FOLDER, _FILE, _DEVICE = 0o040755, 0o100755, 0o020600

_INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /lower /upper /root
mount() { /bin/busybox mount "$@"; }
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in /modules/*; do /bin/busybox insmod "$module"; done
options=trans=virtio,version=9p2000.L,msize=262144
mount -t 9p -o ro,cache=loose,$options root /lower
mount -t tmpfs tmpfs /upper
/bin/busybox mkdir /upper/files /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work overlay /root
read -r share < /where
/bin/busybox mkdir -p "/root$share" /root/dev /root/proc /root/sys /root/run
mount -t 9p -o "cache=none,$options" share "/root$share"
for place in dev proc sys; do mount --move /$place /root/$place; done
for port in /root/sys/class/virtio-ports/*; do
    [ -e "$port/name" ] && /bin/busybox ln -s "${port##*/}" "/root/dev/$(/bin/busybox cat "$port/name")"
done
mount -t tmpfs tmpfs /root/run
/bin/busybox mkdir -p /root/run/lock /root/dev/shm
mount -t tmpfs tmpfs /root/dev/shm
/bin/busybox ip link set lo up
/bin/busybox hostname guest
/bin/busybox chroot /root /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
    LC_ALL=C.UTF-8 HOME=/run/home PYTHONDONTWRITEBYTECODE=1 /bin/sh "$share/run"
echo "guest ended with $?"
/bin/busybox poweroff -f
"""


class Unavailable(RuntimeError):
    """No virtual machine can be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Boot:
    """What QEMU is started with."""

    qemu: str
    kernel: Path
    version: str
    modules: tuple[Path, ...]
    """Already unpacked, in the order in which they are loaded."""

    def root(self, share: str) -> bytes:
        """The first root, as a cpio archive. `share`: where the shared folder is to be, an absolute path."""
        entries: list[tuple[str, int, bytes | tuple[int, int]]] = [
            *((name, _FOLDER, b"") for name in ("bin", "dev", "modules")),
            ("dev/console", _DEVICE, (5, 1)),
            ("bin/busybox", _FILE, Path(_BUSYBOX).read_bytes()),
            ("init", _FILE, _INIT.encode()),
            ("where", _FILE, share.encode() + b"\n"),
        ]
        for number, module in enumerate(self.modules):
            entries.append((f"modules/{number:03d}-{module.name}", _FILE, module.read_bytes()))
        return cpio(entries)


def cpio(entries: list[tuple[str, int, bytes | tuple[int, int]]]) -> bytes:
    """A "newc" archive (Linux, Documentation/driver-api/early-userspace): name, mode, and data or device numbers."""
    parts = []
    for inode, (name, mode, content) in enumerate([*entries, ("TRAILER!!!", 0, b"")], start=1):
        data = content if isinstance(content, bytes) else b""
        device = content if isinstance(content, tuple) else (0, 0)
        fields = (inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        parts += [head, bytes(-len(head) % 4), data, bytes(-len(data) % 4)]
    return b"".join(parts)


def prepared(cache: Path = CACHE) -> Boot:
    """Everything that a machine needs; made when it is not there yet (a download of 70 MB). Raises `Unavailable`.

    Who comes while another process makes it waits for that.
    """
    if platform.machine() != "x86_64":
        raise Unavailable(f"virtual machines are run on x86_64 only, this is {platform.machine()}")
    qemu = shutil.which(_QEMU)
    if qemu is None:
        raise Unavailable("QEMU is not installed (Debian: apt install --no-install-recommends qemu-system-x86)")
    if not _is_static(Path(_BUSYBOX)):
        raise Unavailable("no static busybox is installed (Debian: apt install busybox-static)")
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _prepared(qemu, cache)


def _prepared(qemu: str, cache: Path) -> Boot:
    for version, kernel in _installed():
        modules = _modules(version, None, cache / version)
        if modules:
            return Boot(qemu, _bare(kernel, cache / version), version, modules)
    return _downloaded(qemu, cache)


def _is_static(program: Path) -> bool:
    # A static program names no interpreter.
    return program.exists() and b"/ld-linux" not in program.read_bytes()[:4096]


def _installed() -> Iterator[tuple[str, Path]]:
    kernels = sorted(Path("/boot").glob("vmlinuz-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for kernel in kernels:
        version = kernel.name.removeprefix("vmlinuz-")
        if os.access(kernel, os.R_OK) and (Path("/lib/modules") / version / "modules.dep").exists():
            yield version, kernel


def _tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=_SBIN)
    if found is None:
        raise Unavailable(f"{name} is not installed (Debian: apt install kmod)")
    return found


def _modules(version: str, base: Path | None, into: Path) -> tuple[Path, ...]:
    """The modules, unpacked into a folder in the order of loading; empty if the kernel lacks one."""
    ready = into / "modules"
    if not (ready / "complete").exists():
        place = [] if base is None else ["-d", str(base)]
        found: list[str] = []
        for name in _MODULES:
            command = [_tool("modprobe"), *place, "-S", version, "--show-depends", name]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            if done.returncode:
                return ()
            lines = [line.split() for line in done.stdout.splitlines()]
            found += [words[1] for words in lines if words[0] == "insmod" and words[1] not in found]
        shutil.rmtree(ready, ignore_errors=True)
        ready.mkdir(parents=True)
        for number, path in enumerate(found):
            plain = _unpacked(Path(path))
            if plain is None:
                return ()
            name = Path(path).name.partition(".")[0]
            (ready / f"{number:03d}-{name}.ko").write_bytes(plain)
        (ready / "complete").touch()
    return tuple(sorted(ready.glob("*.ko")))


def _unpacked(module: Path) -> bytes | None:
    data = module.read_bytes()
    match module.suffix:
        case ".ko":
            return data
        case ".xz":
            return lzma.decompress(data)
        case ".gz":
            return gzip.decompress(data)
    return None


def _bare(packed: Path, into: Path) -> Path:
    """The kernel without its own unpacking, if that can be taken off; else as it is.

    Where the payload stands: Linux, Documentation/x86/boot.rst (setup_sects, payload_offset, payload_length).
    """
    bare = into / "vmlinux"
    if bare.exists():
        return bare
    image = packed.read_bytes()
    start, length = struct.unpack_from("<II", image, 0x248)
    start += (image[0x1F1] + 1) * 512
    payload = image[start : start + length]
    try:
        # The payload ends with the size of what it unpacks to.
        kernel = lzma.LZMADecompressor().decompress(payload) if payload[:6] == _XZ else gzip.decompress(payload[:-4])
    except (OSError, EOFError, lzma.LZMAError):
        return packed
    if kernel[:4] != b"\x7fELF":
        return packed
    half = into / "vmlinux.part"
    half.write_bytes(kernel)
    half.rename(bare)
    return bare


def _downloaded(qemu: str, cache: Path) -> Boot:
    for folder in sorted(cache.glob("*"), reverse=True):
        kernel = folder / "vmlinuz"
        if kernel.exists() and (folder / "modules" / "complete").exists():
            return Boot(qemu, _bare(kernel, folder), folder.name, _modules(folder.name, None, folder))
    if shutil.which("apt-get") is None:
        raise Unavailable("no kernel in /boot can be read, and there is no apt-get to download one")
    with tempfile.TemporaryDirectory(prefix="unpacking-", dir=cache) as name:
        return _unpack(qemu, cache, Path(name))


def _unpack(qemu: str, cache: Path, place: Path) -> Boot:
    package = _newest_package()
    _run(["apt-get", "download", package], place, _APT_S)
    archives = list(place.glob("*.deb"))
    if not archives:
        raise Unavailable(f"apt-get downloaded no {package}")
    _run(["dpkg-deb", "--extract", str(archives[0]), str(place / "tree")], place, _UNPACK_S)
    kernel = next((place / "tree" / "boot").glob("vmlinuz-*"), None)
    if kernel is None:
        raise Unavailable(f"{archives[0].name} holds no kernel")
    version = kernel.name.removeprefix("vmlinuz-")
    base = place / "tree"
    if not (base / "lib" / "modules").exists():
        base /= "usr"
    _run([_tool("depmod"), "-b", str(base), version], place, _UNPACK_S)
    folder = cache / version
    modules = _modules(version, base, folder)
    if not modules:
        raise Unavailable(f"{archives[0].name} lacks one of the modules {', '.join(_MODULES)}")
    shutil.copy(kernel, folder / "vmlinuz")
    return Boot(qemu, _bare(folder / "vmlinuz", folder), version, modules)


def _newest_package() -> str:
    """The package that Debian's meta package stands for."""
    text = _run(["apt-cache", "depends", "linux-image-amd64"], Path("/"), 60)
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["Depends:"] and words[1].startswith("linux-image-"):
            return words[1]
    raise Unavailable("apt-cache knows no linux-image-amd64 (apt-get update may help)")


def _run(command: list[str], folder: Path, limit_s: float) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=limit_s, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{' '.join(command[:2])} took longer than {limit_s:.0f} s") from None
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no message"]
        raise Unavailable(f"{' '.join(command[:3])} failed: {last[0]}")
    return done.stdout
