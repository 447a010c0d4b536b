"""Activation codes."""

from netbill_tui.usecases.access import operators
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk, sound


def test_an_activation_code_holds_as_long_as_was_told(desk: Desk):
    operators.add(desk.session, "mira", "clerk")
    sound(desk)
    with desk.session.db.write():
        desk.session.db.peewee.execute_sql("update operator set code_until = code_until + 1 where name = 'mira'")
    assert [c.broken[0] for c in verify(desk.session) if c.broken] == [
        "the activation code of mira is stored with another end than it was given"
    ]
