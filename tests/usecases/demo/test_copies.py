"""A demo book beyond its first block: sound, found by its words, and no door into a real book."""

import json

import pytest

from netbill_tui.db.core.statements import Statement
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.demo import book
from netbill_tui.usecases.lookup.search import find
from netbill_tui.usecases.verify.book import verify
from tests.conftest import CLOCK, Desk

BOTH = pytest.mark.parametrize("large", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def large(request: pytest.FixtureRequest, tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # where the key of a server's demo book lies
    monkeypatch.setattr(book, "BLOCK", 50)
    monkeypatch.setattr(book, "BATCH", 25)
    tmp_path.chmod(0o700)
    target = str(tmp_path / "demo.db") if request.param == "sqlite" else request.getfixturevalue("database_url")
    made = book.make(target, customers=150, months=3, clock=CLOCK)
    yield made
    made.session.db.close()


@BOTH
def test_copied_blocks_are_sound_and_every_customer_differs(large: book.Made):
    session = large.session
    assert [(c.name, c.broken) for c in verify(session) if c.broken] == []
    counts = [session.db.row(Statement(f"select count(*) from {t}"))[0] for t in ("customer", "invoice", "payment")]
    assert counts == [150, large.invoices, large.payments]
    for table, column in (("customer", "account"), ("invoice", "number"), ("payment", "receipt"), ("payment", "uid")):
        assert session.db.row(Statement(f"select count(distinct {column}) = count(*) from {table}"))[0]
    (reference,) = session.db.row(
        Statement("select p.reference from payment p where p.reference <> '' and p.method <> 'paypal' order by p.id desc limit 1")
    )
    assert [h.reference for h in find(session, reference)][:1] == [reference]
    assert [h.reference for h in find(session, reference[-6:]) if h.type == "payment"][:1] == [reference]


@pytest.mark.parametrize("large", ["sqlite"], indirect=True)
def test_a_copied_row_that_is_missing_is_named(large: book.Made):
    import sqlite3

    raw = sqlite3.connect(str(large.session.db.path))
    raw.execute("drop trigger invoice_line_no_delete")
    raw.execute("delete from invoice_line where id = (select max(id) from invoice_line)")
    raw.commit()
    raw.close()
    broken = [b for c in verify(large.session) for b in c.broken]
    assert any("rows of invoice_line" in b for b in broken)


def test_no_real_book_vouches_for_rows_by_their_number(desk: Desk):
    desk.customer("C1")
    desk.invoice("C1", 1000)
    names = ("invoice", "invoice_line", "payment", "payment_event", "allocation", "entry", "dispute_event", "note")
    with desk.session.db.write():
        tx = Transaction(desk.session.db, now_us=1, actor="mallory", session="x")
        tx.note("demo.copy", "x", {"copied": dict.fromkeys(names, 0) | {"note": 1}})
        seq = tx.seq
        (row_id,) = tx.take("id")
        desk.session.db.run(
            Statement(
                "insert into note select ?, id, '2026-11-22', 'note', '', 'forged', null, null, 'mallory', 1, ? from customer"
            ),
            (row_id, seq),
        )
        tx.finish()
    assert any("demo.copy" in b for c in verify(desk.session) for b in c.broken)


def test_a_size_between_blocks_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="multiple of 10,000"):
        book.make(str(tmp_path / "x.db"), customers=10_001)
    assert json.dumps(sorted(p.name for p in tmp_path.iterdir())) == "[]"
