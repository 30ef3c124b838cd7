"""What a virtual machine is made of, without starting one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools import guestroot
from tools.guest import Camera, command
from tools.guestroot import Boot, Unavailable, cpio, prepared


def entries(archive: bytes) -> dict[str, tuple[int, bytes]]:
    """Mode and data by name, read by the words of the format's description."""
    found: dict[str, tuple[int, bytes]] = {}
    at = 0
    while True:
        assert archive[at : at + 6] == b"070701"
        fields = [int(archive[at + 6 + 8 * n : at + 14 + 8 * n], 16) for n in range(13)]
        mode, size, length = fields[1], fields[6], fields[11]
        name = archive[at + 110 : at + 109 + length].decode()
        data_at = at + (110 + length + 3) // 4 * 4
        if name == "TRAILER!!!":
            return found
        found[name] = mode, archive[data_at : data_at + size]
        at = (data_at + size + 3) // 4 * 4


def test_an_archive_holds_what_was_put_in() -> None:
    given: list[tuple[str, int, bytes | tuple[int, int]]] = [
        ("bin", 0o040755, b""), ("bin/x", 0o100755, b"abcde"), ("dev/console", 0o020600, (5, 1)), ("y", 0o100644, b"12")
    ]  # fmt: skip
    archive = cpio(given)
    assert entries(archive) == {
        "bin": (0o040755, b""), "bin/x": (0o100755, b"abcde"), "dev/console": (0o020600, b""), "y": (0o100644, b"12")
    }  # fmt: skip
    assert len(archive) % 4 == 0


def test_the_first_root_loads_the_modules_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = tmp_path / "busybox"
    box.write_bytes(b"box")
    monkeypatch.setattr(guestroot, "_BUSYBOX", str(box))
    modules = []
    for name in ("virtio.ko", "9p.ko"):
        (tmp_path / name).write_bytes(name.encode())
        modules.append(tmp_path / name)
    found = entries(Boot("qemu", tmp_path, "6.1", tuple(modules)).root("/tmp/shared"))
    assert [name for name in found if name.startswith("modules/")] == ["modules/000-virtio.ko", "modules/001-9p.ko"]
    assert found["where"][1] == b"/tmp/shared\n" and found["bin/busybox"][1] == b"box"
    script = found["init"][1].decode()
    assert subprocess.run(["sh", "-n"], input=script, text=True, check=False).returncode == 0


def test_cameras_are_plugged_in_with_their_control_sockets(tmp_path: Path) -> None:
    boot = Boot("qemu", Path("/k/vmlinux"), "6.1", ())
    words = command(boot, Path("/s/root.cpio"), Path("/s"), [Camera(7001, Path("/s/c")), Camera(7002)])
    assert "socket,id=camera1,host=127.0.0.1,port=7001" in words and "usb-redir,chardev=camera2" in words
    assert "virtserialport,chardev=control1,name=control1" in words and not any("control2" in word for word in words)
    assert words[words.index("-accel") + 1] == "tcg"
    assert any("readonly=on" in word and "path=/," in word for word in words)


@pytest.mark.parametrize(
    ("machine", "program", "why"),
    [("aarch64", "/usr/bin/qemu", "x86_64 only, this is aarch64"), ("x86_64", None, "QEMU is not installed")],
)
def test_why_there_is_no_machine_is_said(
    machine: str, program: str | None, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("shutil.which", lambda name, path=None: program)
    with pytest.raises(Unavailable, match=why):
        prepared(tmp_path)


def test_without_a_kernel_and_without_apt_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("shutil.which", lambda name, path=None: "/usr/bin/qemu" if name.startswith("qemu") else None)
    monkeypatch.setattr(guestroot, "_is_static", lambda program: True)
    monkeypatch.setattr(guestroot, "_installed", lambda: iter(()))
    with pytest.raises(Unavailable, match=r"no kernel in /boot"):
        prepared(tmp_path)
