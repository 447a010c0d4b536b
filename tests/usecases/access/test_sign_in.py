"""Signing in."""

from pathlib import Path

import pytest

from netbill_tui.errors import KeyProblem, LockedOut, NotSaved
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


def test_on_a_full_disk_a_sign_in_says_what_can_be_read_without(tmp_path: Path):
    """A limit on the file's size stands in for a full disk: SQLite sees the same failed write."""
    target = str(tmp_path / "p.db")
    made = make_book(target, NewBook("Acme", "EUR", "UTC", "", "mira", "gravel-otter-lantern"), clock=CLOCK)
    made.session.db.close()
    session = open_book(target, clock=CLOCK)
    session.db.peewee.execute_sql("pragma wal_checkpoint(truncate)")
    pages = session.db.peewee.execute_sql("pragma page_count").fetchone()[0]
    session.db.peewee.execute_sql(f"pragma max_page_count = {pages}")
    for _ in range(500):  # what is free on the last pages takes some tries
        try:
            with pytest.raises(
                NotSaved, match="The disk is full; nothing was saved.* netbill customer, find, dues and overdue read without"
            ):
                sign_in.sign_in(session, "nobody", "gravel-otter-lanterns")
            break
        except (KeyProblem, LockedOut):
            continue
    else:
        pytest.fail("the file never came to its limit")
    assert session.operator is None
    session.db.close()
