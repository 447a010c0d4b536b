"""A part of a large verify runs in a process of its own: what is found is the same, in the same order, whatever becomes of it."""

import os
import signal
from pathlib import Path

import pytest

from netbill_tui.usecases.verify import beside
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk
from tests.usecases.billing_run.shop import bill, serve, shop


@pytest.fixture
def large(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A book that is taken for a large one, on a machine that is taken for one of two processors."""
    monkeypatch.setattr(beside, "WORTH", 0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    shop(desk)
    serve(desk)
    bill(desk, "2026-09-01")
    return desk


def children() -> list[int]:
    tasks = Path("/proc/self/task")
    return [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]


def found(desk: Desk, *, kill: bool = False) -> tuple[list[tuple[str, int, tuple[str, ...]]], int]:
    """What verify finds, and how many processes ran beside it."""
    seen: set[int] = set()

    def progress(*_: object) -> None:
        mine = set(children())
        for pid in mine if kill else ():
            os.kill(pid, signal.SIGKILL)
        seen.update(mine)

    return [(c.name, c.rows, tuple(c.broken)) for c in verify(desk.session, on_progress=progress)], len(seen)


def test_beside_is_found_what_is_found_alone(large: Desk, monkeypatch: pytest.MonkeyPatch):
    two, ran = found(large)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    alone, none = found(large)
    assert (ran, none) == (1, 0)
    assert two == alone
    assert not children()


def test_what_is_broken_is_named_by_the_process_beside(large: Desk):
    large.session.db.peewee.execute_sql("update audit_head set seq = seq + 1")
    results, ran = found(large)
    assert ran == 1
    assert ("the head of the audit chain is not its last event",) in [broken for _, _, broken in results]


def test_what_the_process_could_not_look_at_is_looked_at_all_the_same(large: Desk):
    killed, ran = found(large, kill=True)
    assert ran == 1
    assert killed == found(large)[0]
    assert not children()


def test_a_verify_that_may_not_write_lets_nothing_be_written_beside(large: Desk):
    before = large.column("select rolled_to from kept_state") + large.column("select count(*) from audit_event")
    large.session.settings = large.session.settings._replace(readonly=True)
    assert found(large)[1] == 1
    assert large.column("select rolled_to from kept_state") + large.column("select count(*) from audit_event") == before
