"""Checkpoints: which fit this book, when one is due, and who signs it."""

import pytest

from netbill_tui.db.access import operators as operator_rows
from netbill_tui.db.receivables import credit_notes as credit_note_rows
from netbill_tui.errors import Refused
from netbill_tui.usecases.core import checkpoints
from tests.conftest import Desk
from tests.usecases.access.desks import enrolled


def test_a_checkpoint_of_this_book_fits_and_one_with_another_head_does_not(desk: Desk):
    desk.customer()
    made, _ = checkpoints.write(desk.session)
    book = desk.session.book
    assert checkpoints.compare(desk.session.db, book.install_id, book.admin_public, [made]) == (1, [])
    forged = made._replace(head="00" * 32, signature="")
    count, wrong = checkpoints.compare(desk.session.db, book.install_id, book.admin_public, [forged])
    assert count == 1
    assert "history was rewritten" in wrong[0].words
    # That its own time says so makes no rewritten history a missing end.
    odd = forged._replace(time="missing")
    assert [w.is_missing for w in checkpoints.compare(desk.session.db, book.install_id, book.admin_public, [odd])[1]] == [False]
    ahead = made._replace(seq=made.seq + 3, signature="")
    assert [w.is_missing for w in checkpoints.compare(desk.session.db, book.install_id, book.admin_public, [ahead])[1]] == [True]


@pytest.mark.parametrize("detail", ["no json", "[]", ""])
def test_an_event_that_cannot_be_read_lets_no_older_one_answer_for_it(desk: Desk, detail: str):
    enrolled(desk, "mira", "clerk")
    db = desk.session.db
    assert operator_rows.newest_told(db, "mira", "record")
    columns = "at_us, actor, session, action, object"
    with db.write():
        db.peewee.execute_sql(
            f"insert into audit_event (seq, {columns}, detail, row_hashes, prev, hash) select seq + 1000, {columns}, '{detail}', "
            "row_hashes, prev, hash from audit_event where object = 'mira' and substr(action, 1, 8) = 'operator' order by seq desc limit 1"
        )
    with pytest.raises(Refused, match="What the audit says of mira cannot be read"):
        operator_rows.newest_told(db, "mira", "record")
    (seq,) = desk.column("select max(seq) from audit_event")
    with pytest.raises(Refused, match="cannot be read"):
        credit_note_rows.documents_of(db, seq)


def test_a_checkpoint_of_an_administrator_is_signed(desk: Desk):
    assert len(checkpoints.make(desk.session).signature) == 64
    vault, desk.session.vault = desk.session.vault, None
    assert checkpoints.make(desk.session).signature == b""
    desk.session.vault = vault


@pytest.mark.parametrize(
    ("last", "seq", "minutes", "due"),
    [
        ("", 1, 0, True), ("x 0", 2, 0, True), ("5 x", 6, 0, True), ("5 0", 104, 4.99, False), ("5 0", 105, 0, True), ("5 0", 6, 5, True),
    ],
)  # fmt: skip
def test_a_checkpoint_is_due_after_a_hundred_events_or_five_minutes(last: str, seq: int, minutes: float, due: bool):
    assert checkpoints.is_due(last, seq, int(minutes * 60_000_000)) is due
