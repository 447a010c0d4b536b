"""Signing in."""

from pathlib import Path

import pytest

from netbill_tui.errors import KeyProblem
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
