"""docs/TROUBLESHOOTING.md, written from the catalogue of texts: `python -m tools.troubleshooting` writes it anew."""

from __future__ import annotations

import re
from pathlib import Path

from indi_sony_py.texts import Clause, Row, Text, catalogue

__all__ = ["DOCUMENT", "document", "main"]

DOCUMENT = Path(__file__).parents[1] / "docs" / "TROUBLESHOOTING.md"

_HEAD = """# When something goes wrong

Every message of the driver, what it means, and what to do. A message says what happened, then what to do at the camera
or the computer; where a frame was saved, it names the file. Search here for some words of it. Names in [brackets] stand
for what the message says at that place. "With" tells the property that it comes with, and its state; the others are
plain messages. This page is written by `python -m tools.troubleshooting` from the catalogue in `indi_sony_py/texts/`.

First of all, when no photo comes:

1. Is the camera on, awake, in M and MF, with no menu and no picture on its screen?
2. Is its USB mode PC Remote (newer bodies: Remote Shooting), and does no other program hold it?
3. Is File Format RAW, and are images saved to the computer (Still Img. Save Dest.: PC or PC+Camera)?
4. What does the message say? Look for it below.

A frame that was taken is never lost without a message: it's in the client, or in a file whose path a message names
([HAND.md](HAND.md) tells where files go). With a report, send the logs ([DRIVER.md](DRIVER.md) tells where they are).
"""
_TEXTS = "| message | with | what it means | what to do |\n| --- | --- | --- | --- |"
_CLAUSES = "Reasons that such a message can give:\n\n| reason | what it means |\n| --- | --- |"


def document() -> str:
    """The whole page."""
    groups: dict[str, list[Row]] = {}
    for title, row in catalogue():
        groups.setdefault(title, []).append(row)
    parts = [_HEAD]
    for title, rows in groups.items():
        texts = [row for row in rows if isinstance(row, Text)]
        clauses = [row for row in rows if isinstance(row, Clause)]
        parts.append(f"## {title}")
        parts.append("\n".join([_TEXTS, *map(_text, texts)]))
        if clauses:
            parts.append("\n".join([_CLAUSES, *map(_clause, clauses)]))
    return "\n".join(f"{part}\n" if not part.endswith("\n") else part for part in parts)


def _text(row: Text) -> str:
    where = "" if row.where == "message" else row.where
    return f"| {_shown(row.says)} | {where} | {_shown(row.means)} | {_shown(row.do)} |"


def _clause(row: Clause) -> str:
    return f"| {_shown(row.says)} | {_shown(row.means)} |"


def _shown(template: str) -> str:
    named = re.sub(r"\{(\w+)(?:![rs])?(?::[^{}]*)?\}", lambda field: f"[{field[1].replace('_', ' ')}]", template)
    return named.replace("|", "\\|")


def main() -> None:
    """Write the page."""
    DOCUMENT.write_text(document(), "utf-8")


if __name__ == "__main__":
    main()
