"""Signing in."""

import resource
from pathlib import Path

import pytest

from netbill_tui.errors import KeyProblem, NotSaved
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.books.create import NewBook, make_book
from netbill_tui.usecases.core.open_book import open_book
from tests.conftest import CLOCK, Desk


def test_only_the_right_password_signs_in(desk: Desk, tmp_path: Path):
    target = str(tmp_path / "p.db")
    made = make_book(target, NewBook("Acme", "EUR", "UTC", "", "mira", "gravel-otter-lantern"), clock=CLOCK)
    made.session.db.close()
    session = open_book(target, clock=CLOCK)
    for name, word in (("mira", "gravel-otter-lanterns"), ("nobody", "gravel-otter-lantern"), ("recovery", "x" * 12)):
        with pytest.raises(KeyProblem, match="type both again"):
            sign_in.sign_in(session, name, word)
    assert session.operator is None
    sign_in.sign_in(session, "mira", "gravel-otter-lantern")
    assert session.operator is not None
    session.db.close()


def test_on_a_disk_that_takes_nothing_more_a_sign_in_says_what_can_be_read_without(sqlite_desk: Desk):
    """A limit on the size of files stands in for a full disk: the log cannot grow."""
    db = sqlite_desk.session.db
    db.peewee.execute_sql("pragma wal_checkpoint(truncate)")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(NotSaved, match="nobody can sign in.* netbill customer, find, dues and overdue read without"):
            sign_in.sign_in(sqlite_desk.session, "nobody", "gravel-otter-lanterns")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    sqlite_desk.customer()
