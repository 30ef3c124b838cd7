"""Texts for users stand in the catalogue and nowhere else; each row is used, given its fields, and met by a test."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from indi_sony_py.texts import Label, Row, Text, catalogue
from tests.texts.met import MADE_BY, NEVER_MADE
from tests.texts.sources import ROOT, Use, modules, sentences, spoken, uses

TABLES = {
    "cli/cleaning.py": "patterns of what is removed from a report",
    "cli/checks/computer.py": "commands of a shell: the detail of doctor.grabber_service",
    "cli/liveserver.py": "HTML, HTTP",
    "cli/page/draw.py": "SVG",
    "cli/page/sheet.py": "HTML",
    "driver/rows/camera.py": "labels of properties, and what they are for: docs/PROPERTIES.md has them",
    "driver/rows/exposure.py": "labels of properties, and what they are for: docs/PROPERTIES.md has them",
    "driver/rows/files.py": "labels of properties, and what they are for: docs/PROPERTIES.md has them",
    "driver/rows/focuser.py": "labels of properties, and what they are for: docs/PROPERTIES.md has them",
    "driver/rows/image.py": "labels of properties, and what they are for: docs/PROPERTIES.md has them",
    "driver/rows/magnifier.py": "labels of properties, and what they are for: docs/PROPERTIES.md has them",
    "driver/rows/observatory.py": "labels of properties, and what they are for: docs/PROPERTIES.md has them",
    "driver/rows/stream.py": "labels of properties, and what they are for: docs/PROPERTIES.md has them",
    "driver/rows/options.py": "labels of properties, and what they are for: docs/PROPERTIES.md has them",
    "cli/system/completion.py": "source text for shells",
    "image/cards.py": "comments of FITS cards: docs/FRAMES.md has them",
    "image/fpack.py": "comments of FITS cards, in the words of the standard",
    "image/xisf.py": "XML",
    "image/skycards.py": "comments of FITS cards: docs/FRAMES.md has them",
    "image/arw.py": "what is wrong in a file: the detail of frames.damaged_head",
    "image/libraw.py": "what LibRaw says of a file: the detail of frames.broken and frames.unknown",
    "image/layout.py": "what is wrong in a file: the detail of frames.broken and frames.unknown",
    "indi/stream.py": "what is wrong in XML: a log line, and the detail of config.unreadable",
    "indi/process.py": "what is wrong in XML: a log line",
    "hand/pair.py": "how the pair broke: the detail of driver.pair_broke",
    "ptp/ipexchange.py": "what is wrong in a packet: the detail of cable.bad_data",
    "transport/ssdp.py": "lines of a protocol",
    "sony/labels.py": "names of a camera's values, as Sony's menus print them: a table",
    "sony/usbmodes.py": "paths in the menus of cameras, and where they are known from: a table",
}
"""Modules whose literals are no texts of their own, and why."""
SINGLE = {
    "cli/anonymous.py": {"(?!(?:usr|", "fits fit fz"},
    "cli/install.py": {"--subsystem-match=", "--attr-match="},
    "cli/system/plan.py": {"#!/usr/bin/python3", "61-indi-sony-py.rules", "indi-sony@.service", "indi-sony.fish"},
    "cli/system/templates.py": {"61-indi-sony-py.rules.in", "indi-sony@.service.in", "# This system"},
    "cli/report.py": {"indi-sony-report-"},
    "hand/launch.py": {"the camera's process"},
    "interpreter.py": {"import sys; root = sys.argv[1]"},
    "hand/door.py": {"it said goodbye"},
    "hand/process.py": {"holds one camera", "the place of the camera"},
    "driver/face.py": {"the server closed its end", "nobody reads the output"},
    "driver/config.py": {"<new", "  <one"},
    "transport/usb.py": {"opening the camera at ", "writing to", "reading from", "clearing a halt", "resetting the"},
}
"""Single literals that no user reads by themselves: source text, the name of a side, log lines, XML, details."""
_LEAST = 8
"""So many letters of a text tell which one it is."""
_NO_TEXT = re.compile(r"^(/|indi_sony_py\.|%\(asctime\)s)")


def test_no_module_makes_texts_of_its_own() -> None:
    for name, tree in modules():
        own = [] if name in TABLES else list(sentences(tree))
        left = [(f"{name}:{line}", text) for line, text in own if not _NO_TEXT.match(text)]
        known = SINGLE.get(name, set())
        assert [(at, text) for at, text in left if not text.startswith(tuple(known))] == []
        needed = {start for start in known if any(text.startswith(start) for _, text in left)}
        assert needed == known, f"{name}: an exception that is not needed"


def test_what_speaks_to_a_user_is_given_no_word_that_is_not_in_the_catalogue() -> None:
    assert [f"{name}:{line}: {text}" for name, tree in modules() for line, text in spoken(tree)] == []


def test_the_modules_that_are_passed_over_have_literals() -> None:
    found = {name for name, tree in modules() if any(True for _ in sentences(tree))}
    assert set(TABLES) <= found


def test_a_sentence_is_found_wherever_it_stands() -> None:
    source = '''
"""Documentation of a module."""
X = "It stands in a table."
def f(board, log, n):
    """Documentation of a function."""
    assert n, "a message of an assertion"
    _log.info("a line of the log")
    board.say(f"It was said {n} times.")
    raise CameraGone("it is not there any more")
    raise BadData("field", 0, "this is a detail only")
'''
    assert [text for _, text in sentences(ast.parse(source))] == [
        "It stands in a table.", "It was said … times.", "it is not there any more"
    ]  # fmt: skip


@lru_cache(maxsize=1)
def all_uses() -> tuple[Use, ...]:
    return tuple(use for name, tree in modules() for use in uses(name, tree))


def constant(row: Row) -> str:
    group, _, name = row.id.partition(".")
    return f"{group}.{name.upper()}"


ROWS = {constant(row): row for _, row in catalogue()}


def test_each_row_is_used() -> None:
    assert sorted(set(ROWS) - {use.row for use in all_uses()}) == []


def test_what_is_used_is_a_row_and_gets_its_fields() -> None:
    """Where the row is called, or stands alone before the fields: `error(texts.group.NAME, field=…)`."""
    for use in all_uses():
        assert use.row in ROWS, use
        assert use.fields is None or use.fields == ROWS[use.row].fields, use


@lru_cache(maxsize=1)
def said_in_tests() -> tuple[dict[str, list[str]], str, str]:
    """Literals of two words and more by their first letters, the same in one, and the code, of all tests but these."""
    by_start: dict[str, list[str]] = {}
    literals: set[str] = set()
    code = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if path.parent.name == "texts" and path.name != "test_texts_rare.py":
            continue
        code.append(path.read_text("utf-8"))
        for node in ast.walk(ast.parse(code[-1])):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literals.update(part.strip().lower() for part in re.split(r"\.\*|\[\w+\] ", node.value))
    told = [text for text in literals if " " in text and len(text) >= _LEAST]
    for text in told:
        by_start.setdefault(text[:_LEAST], []).append(text)
    return by_start, "\n".join(told), "\n".join(code)


def is_met(name: str) -> bool:
    """Whether a test looks for words of it, or names it."""
    row = ROWS[name]
    by_start, told, code = said_in_tests()
    if name in code:
        return True
    for piece in re.split(r"\{[^{}]*\}", f"{row.says} {row.do if isinstance(row, Text) else ''}".lower()):
        if len(piece.strip()) >= _LEAST and piece.strip() in told:
            return True
        starts = (piece[at : at + _LEAST] for at in range(len(piece) - _LEAST + 1))
        if any(text in piece for start in starts for text in by_start.get(start, ())):
            return True
    return False


def test_each_row_is_met_by_a_test() -> None:
    known = {*MADE_BY, *NEVER_MADE}
    told = {name: row for name, row in ROWS.items() if not isinstance(row, Label)}
    left = [name for name, row in told.items() if row.id not in known and not is_met(name)]
    assert left == [], "no test looks at these: see tests/texts/met.py"


def test_the_tables_of_rows_without_words_in_tests_are_true() -> None:
    ids = {row.id for row in ROWS.values()}
    code = said_in_tests()[2]
    assert set(MADE_BY) <= ids and set(NEVER_MADE) <= ids
    assert [test for test in MADE_BY.values() if f"def {test}(" not in code] == []
