"""Which tests run one after the other where several workers run some side by side (pytest-xdist, `--dist loadscope`).

A virtual machine takes a whole core, and what runs in it has time limits of its own; KStars ends every server that it
finds. Each of the other modules is a group for itself. The groups are rows here and no marks: xdist 3.8 hands a mark on
in the test's name, which pytest 9.2 does not let it change, so that each worker booted the same machine.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

__all__ = ["TOGETHER", "Together", "group_of"]

TOGETHER = (
    ("tests/guest/", "machine"),
    ("tests/judges/test_guest_judges.py", "machine"),
    ("tests/ekos/", "desktop"),
)


def group_of(nodeid: str) -> str:
    """The group of a test."""
    module = nodeid.partition("::")[0]
    return next((group for place, group in TOGETHER if module.startswith(place)), module)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """xdist's scheduler with these groups."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
