"""Fuzzing by hand: `python -m tests.fuzz --target NAME,NAME|all --minutes N --seed S [--out FOLDER]`.

Coverage-guided by libFuzzer through atheris (`pip install atheris`), one process at a time. Prints executions,
coverage and findings of each target; exit status 1 if there was a finding. Corpus, findings and logs are below the
folder, and a later run goes on from that corpus. A finding becomes a test when its input is copied to
tests/fuzz/found/NAME/.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.targets import TARGETS

__all__: list[str] = []

_ROOT = Path(__file__).resolve().parents[2]
_HANG_S = 20
_SPARE_S = 300.0
"""A child that has not ended so long after its time is ended."""
_LEAST_S = 5.0
_MEMORY_MB = 1500
_NATIVE_MEMORY_MB = 4000
_NUMBERS = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)/")
_UNITS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_LAST = re.compile(r"^#(\d+)", re.MULTILINE)
_CRASHES = ("crash-", "timeout-", "oom-", "leak-")


@dataclass(slots=True)
class _Sum:
    executions: int = 0
    edges: int = 0
    features: int = 0
    corpus: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)


def _prepare(name: str, out: Path) -> tuple[Path, Path, Path]:
    corpus, findings, words = out / "corpus" / name, out / "findings" / name, out / f"{name}.dict"
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    target = TARGETS[name]
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed[: target.longest])
    escaped = ("".join(f"\\x{byte:02x}" for byte in word) for word in target.words)
    words.write_text("".join(f'"{word}"\n' for word in escaped))
    return corpus, findings, words


def _run(name: str, out: Path, seed: int, seconds: float, total: _Sum) -> None:
    """One child; what it did is added to `total`."""
    target = TARGETS[name]
    corpus, findings, words = _prepare(name, out)
    before = {path.name for path in findings.iterdir()}
    command = [
        sys.executable, "-m", "tests.fuzz.child", name, str(findings), str(corpus), f"-seed={seed}",
        f"-max_total_time={max(1, round(seconds))}", f"-max_len={target.longest}", f"-timeout={_HANG_S}",
        f"-rss_limit_mb={_NATIVE_MEMORY_MB if target.native else _MEMORY_MB}", f"-artifact_prefix={findings}/",
        "-print_final_stats=1", "-verbosity=1", "-reload=0",
    ]  # fmt: skip
    if target.words:
        command.append(f"-dict={words}")
    begun = time.monotonic()
    with (out / f"{name}.log").open("w+", errors="replace") as log:
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(command, cwd=_ROOT, stdout=log, stderr=log, check=False, timeout=seconds + _SPARE_S)
        log.seek(0)
        text = log.read()
    total.seconds += time.monotonic() - begun
    units = _UNITS.search(text) or next(iter(reversed(list(_LAST.finditer(text)))), None)
    total.executions += int(units[1]) if units else 0
    if numbers := list(_NUMBERS.finditer(text)):
        total.edges, total.features, total.corpus = (int(part) for part in numbers[-1].groups())
    if units is None:
        print(f"{name}: the child did not run, see {out / f'{name}.log'}", flush=True)
        total.findings.append("the child did not run")
    for path in sorted(findings.iterdir()):
        if path.name in before or (path.suffix != ".json" and not path.name.startswith(_CRASHES)):
            continue
        total.findings.append(path.name)
        print(f"{name}: FOUND {path}", flush=True)
        if path.suffix == ".json":
            print(path.read_text(), flush=True)


def _fuzz(name: str, out: Path, seed: int, seconds: float) -> _Sum:
    total = _Sum()
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        done = len(total.findings)
        _run(name, out, seed, left, total)
        if len(total.findings) == done or end - time.monotonic() < _LEAST_S:
            break
        seed += 1
    print(
        f"{name:16} {total.executions:>11} executions in {total.seconds:6.0f} s, {total.edges:5} edges, "
        f"{total.features:6} features, corpus {total.corpus:5}, {len(total.findings)} findings",
        flush=True,
    )
    return total


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Coverage-guided fuzzing of decoders.")
    parser.add_argument("--target", default="all", metavar="NAMES", help="with commas between, or 'all'")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=_ROOT / "build" / "fuzz", help="corpus, findings and logs")
    parser.add_argument("--list", action="store_true", help="name the targets, and stop")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        for target in TARGETS.values():
            print(f"{target.name:16} {target.what}")
        return 0
    names = list(TARGETS) if chosen.target == "all" else chosen.target.split(",")
    if unknown := [name for name in names if name not in TARGETS]:
        parser.error(f"no such target: {', '.join(unknown)}; --list names them")
    out = chosen.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    totals = {name: _fuzz(name, out, chosen.seed, 60 * chosen.minutes) for name in names}
    findings = sum(len(total.findings) for total in totals.values())
    print(f"all: {sum(total.executions for total in totals.values())} executions, {findings} findings", flush=True)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
