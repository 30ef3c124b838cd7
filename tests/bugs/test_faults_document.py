"""docs/FAULTS.md is what the table says; each record has its tests, and each test its record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bugs.records import DOCUMENT, RECORDS, Record, document, shown_by

HERE = Path(__file__).parent


def test_records_stand_in_the_order_of_their_numbers() -> None:
    numbers = [record.number for record in RECORDS]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_each_record_has_a_test_or_says_why_not(record: Record) -> None:
    assert bool(shown_by(record)) is not bool(record.later), f"tests: {shown_by(record)}, later: {record.later!r}"
    for text in (record.kind, record.threads, record.wrong, record.peers, record.ours):
        assert text and "|" not in text and "\n" not in text


def test_each_test_has_its_record() -> None:
    known = {record.name.lower() for record in RECORDS}
    for file in HERE.glob("test_*.py"):
        for name in re.findall(r"^def test_(b\d\d)_", file.read_text("utf-8"), re.MULTILINE):
            assert name in known, f"{file.name}: {name} has no record"


def test_the_document_is_written_from_the_table() -> None:
    assert DOCUMENT.read_text("utf-8") == document(), "run python -m tests.bugs.records"
