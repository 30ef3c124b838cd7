"""Work on several cores: results in their order, the first error, no thread where the system has none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from indi_sony_py.image.cores import Gang, in_order, in_parallel


@pytest.fixture(params=[1, 2, 5])
def count(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(request.param)))
    return int(request.param)


def test_results_come_in_order(count: int) -> None:
    assert list(in_order(partial(pow, number, 2) for number in range(100))) == [number**2 for number in range(100)]
    assert list(in_order([])) == []


def test_no_more_jobs_are_begun_than_may_wait(count: int) -> None:
    begun: list[int] = []
    results = in_order([partial(begun.append, number) for number in range(100)], 7)
    next(results)
    assert len(begun) <= (1 if count == 1 else 8)
    results.close()  # type: ignore[attr-defined]
    assert len(begun) < 100


def test_all_is_done_and_the_first_error_is_told(count: int) -> None:
    done: set[int] = set()

    def job(number: int) -> None:
        if number in (30, 60):
            raise ValueError(f"number {number}")
        done.add(number)

    in_parallel([partial(job, number) for number in range(20)])
    assert done == set(range(20))
    with pytest.raises(ValueError, match="number 30"):
        in_parallel([partial(job, number) for number in range(20, 90)])
    assert set(range(30)) <= done


@pytest.mark.parametrize("threads", [0, 1])
def test_where_the_system_gives_no_thread_away(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    start: Callable[[threading.Thread], None] = threading.Thread.start
    given: list[threading.Thread] = []
    refused = threading.Event()

    def scarce(thread: threading.Thread) -> None:
        if len(given) == threads:
            refused.set()
            raise RuntimeError("can't start new thread")
        given.append(thread)
        start(thread)

    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0, 1, 2})
    monkeypatch.setattr(threading.Thread, "start", scarce)

    done: list[int] = []

    def job(number: int) -> int:
        # While one thread is at work, a second one is asked for.
        assert refused.wait(10)
        done.append(number)
        return number

    assert list(in_order(partial(job, number) for number in range(8))) == list(range(8))
    assert sorted(done) == list(range(8))
    given.clear()
    done.clear()
    refused.clear()
    gang = Gang()
    gang.add(partial(_nothing, partial(job, number)) for number in range(8))
    assert gang.done() and sorted(done) == list(range(8))


def _nothing(job: Callable[[], int]) -> None:
    job()
