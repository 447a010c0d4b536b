"""S3: somebody who can write the book changes it, triggers dropped; verify names the first bad row, every time.

Each change is made on a copy of one book by a plain SQLite connection, as with the sqlite3 shell.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from netbill_tui.db.core import posted, tables
from netbill_tui.db.core.transaction import Transaction, insert_into
from netbill_tui.security import audit, keys
from netbill_tui.usecases.access import operators
from netbill_tui.usecases.billing_run.issue import issue
from netbill_tui.usecases.catalogue import codes, tax_rates
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.core import checkpoints
from netbill_tui.usecases.core.checks import Check
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import changes, notes
from netbill_tui.usecases.receivables import payments
from netbill_tui.usecases.services import charges, discounts, subscriptions
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk
from tests.proof.books import make, sign_in
from tests.proof.report import Report, Run, proof

Change = str | Callable[[sqlite3.Connection, Path], None]
# What is done to the book: a statement, or more. {n}: how verify's own words name it is not said here, only that it does.
TAMPERINGS: dict[str, Change] = {
    "payment amount": "update payment set amount = amount + 1 where id = (select min(id) from payment)",
    "payment date": "update payment set received_on = '2026-01-02' where id = (select min(id) from payment)",
    "payment customer": "update payment set customer_id = (select max(id) from customer) where id = (select min(id) from payment)",
    "payment operator": "update payment set operator = 'mira' where id = (select min(id) from payment)",
    "payment reference": "update payment set reference = 'CHQ 1' where id = (select min(id) from payment)",
    "payment method": "update payment set method = 'bank' where id = (select min(id) from payment)",
    "entry sign": "update entry set amount = -amount where id = (select min(id) from entry)",
    "entry amounts swapped": "update entry set amount = case when amount > 0 then amount + 5 else amount - 5 end",
    "entry date": "update entry set on_date = '2026-01-02' where id = (select min(id) from entry)",
    "entry customer": "update entry set customer_id = (select max(id) from customer) where id = (select min(id) from entry)",
    "entry deleted": "delete from entry where id = (select max(id) from entry)",
    "entry inserted": "insert into entry select 900001, customer_id, on_date, kind, amount, document, text, invoice_id, payment_id, "
    "recorded_at, audit_seq from entry order by id limit 1",
    "entry pair inserted": "insert into entry select 900000 + id, customer_id, on_date, kind, amount, document, text, invoice_id, "
    "payment_id, recorded_at, 999999 from entry order by id limit 2",
    "invoice total": "update invoice set total = total + 1 where id = (select min(id) from invoice)",
    "invoice due": "update invoice set due_on = '2030-01-01' where id = (select min(id) from invoice)",
    "invoice number": "update invoice set number = 'INV-999999' where id = (select min(id) from invoice)",
    "invoice customer": "update invoice set customer_id = (select max(id) from customer) where id = (select min(id) from invoice)",
    "invoice line": "update invoice_line set amount = amount - 1 where id = (select min(id) from invoice_line)",
    "invoice line text": "update invoice_line set text = 'Nothing' where id = (select min(id) from invoice_line)",
    "invoice tax": "update invoice_tax set tax = tax + 1 where id = (select min(id) from invoice_tax)",
    "allocation amount": "update allocation set amount = amount - 1 where id = (select min(id) from allocation)",
    "allocation link": "update allocation set invoice_id = (select max(id) from invoice) where id = (select min(id) from allocation)",
    "allocation deleted": "delete from allocation where id = (select min(id) from allocation)",
    "reversal deleted": "delete from payment_event",
    "reversal reason": "update payment_event set reason = 'nothing'",
    "note text": "update note set text = 'rewritten' where id = (select min(id) from note)",
    "promise moved": "update note set promise_on = '2030-01-01' where promise_on is not null",
    "what was billed": "update billed set charged = charged - 1 where id = (select min(id) from billed)",
    "service event": "update service_event set code = 'B' where id = (select min(id) from service_event)",
    "charge amount": "update charge set amount = 1",
    "request hash": "update posting_request set request_hash = zeroblob(32)",
    "request id": "update posting_request set object_id = 1",
    "audit detail": "update audit_event set detail = '{}' where seq = 4",
    "audit actor": "update audit_event set actor = 'mira' where seq = 5",
    "audit time": "update audit_event set at_us = at_us - 1 where seq = 6",
    "audit event deleted": "delete from audit_event where seq = 7",
    "audit events swapped": "update audit_event set seq = case seq when 8 then -9 when 9 then -8 else seq end; "
    "update audit_event set seq = -seq where seq < 0",
    "audit gap": "update audit_event set seq = seq + 1000 where seq = (select max(seq) from audit_event)",
    "audit tail of one": lambda c, _: _cut_tail(c, 1),
    "audit tail of ten": lambda c, _: _cut_tail(c, 10),
    "audit emptied": "delete from audit_event; update audit_head set seq = 0, hash = zeroblob(32)",
    "audit head": "update audit_head set hash = zeroblob(32)",
    "audit row inserted": "insert into audit_event select 900000, at_us, actor, session, action, object, detail, row_hashes, prev, "
    "hash from audit_event where seq = 3",
    "whole chain made anew": lambda c, _: _rewrite(c),
    "an old book put back": lambda _, place: shutil.copyfile(f"{place}.old", place) and None,
    "cells swapped between customers": "update customer set tax_id = (select tax_id from customer c where c.account = case "
    "customer.account when 'C1' then 'C2' else 'C1' end) where account in ('C1', 'C2')",
    "cells swapped between columns": "update customer set tax_id = pin, pin = tax_id where account = 'C1'",
    "an old cell put back": lambda c, place: _old_cell(c, place),
    "a cell emptied": "update customer set pin = null where account = 'C1'",
    "a cell of plain text": "update customer set tax_id = cast('DE123456789' as blob) where account = 'C1'",
    "a contact moved": "update contact set customer_id = (select id from customer where account = 'C2') where id = (select min(id) from contact)",
    "a blind index": "update contact set bidx = bidx + 1 where id = (select min(id) from contact)",
    "customer name": "update customer set name = 'Nobody' where account = 'C1'",
    "customer status": "update customer set status = 'closed' where account = 'C2'",
    "customer terms": "update customer set terms_days = 365 where account = 'C2'",
    "customer deleted": "delete from search_term where customer_id = (select id from customer where account = 'C9'); "
    "delete from customer_total where account = 'C9'; delete from contact where customer_id = (select id from customer where "
    "account = 'C9'); delete from customer where account = 'C9'",
    "customer inserted": "insert into customer select 900002, randomblob(16), 'C999', name, kind, status, since, terms_days, town, "
    "postcode, plan, paperless, preferred_method, null, null, null, null, null, null, created_at from customer limit 1",
    "version of a customer": "update record_version set digest = zeroblob(32) where kind = 'customer'",
    "service start": "update service set start_on = '2030-01-01'",
    "service billed elsewhere": "update service set billed_through = '2030-01-01'",
    "currency": "update book set currency = 'JPY'",
    "company": "update book set company = 'Other Net'",
    "administration key": "update book set admin_public = zeroblob(32)",
    "operator role": "update operator set role = 'administrator' where name = 'mira'",
    "operator limit": "update operator set limit_minor = null where name = 'mira'",
    "operator enabled": "update operator set status = 'active' where name = 'gone'",
    "operator key": "update operator set public_key = randomblob(32) where name = 'mira'",
    "operator record of before": lambda c, place: _old_operator(c, place),
    "operator deleted": "delete from operator where name = 'gone'",
    "recovery key": "update operator set public_key = randomblob(32) where role = 'recovery'",
    "grant copied": "insert into key_grant select 900003, (select uid from operator where name = 'mira'), compartment, key_id, "
    "wrapped, signature, created_at from key_grant where compartment = 'PRIVATE' limit 1",
    "grant deleted": "delete from key_grant where operator_uid = (select uid from operator where name = 'mira')",
    "grant of recovery deleted": "delete from key_grant where operator_uid = (select uid from operator where role = 'recovery')",
    "key marked": "update compartment_key set status = 'decrypt-only' where compartment = 'PRIVATE'",
    "kept balance": "update customer_total set balance = balance + 1 where account = 'C1'",
    "kept open amount": "update open_item set open = open - 1",
    "kept credit": "update open_credit set amount = amount + 1",
    "kept money of a day": "update day_sum set number = number + 1",
    "kept total of a due date": "update due_total set amount = amount + 1",
    "number series": "update number_series set next = 1 where name = 'receipt'",
    "trigger dropped": "drop trigger payment_no_update",
    "trigger emptied": "drop trigger entry_no_delete; create trigger entry_no_delete before delete on entry begin select 1; end",
    "trigger added": "create trigger helper after insert on payment begin update customer_total set balance = 0; end",
    "view added": "create view payments as select * from payment",
    "table shadowed": "alter table draft rename to draft_real; create view draft as select * from draft_real",
    "table added": "create table shadow (a text)",
    "column added": "alter table payment add column extra text",
    "index dropped": "drop index payment_receipt",
    "used price": "update price set amount = 1 where used = 1",
    "tax rate": "update tax_rate set percent = '1'",
    "discount": "update discount set value = '100'",
    "rule of the book": "insert into book_setting values ('lead_days', '99')",
    "billing code": "update code set tax_class = ''",
}


def _cut_tail(c: sqlite3.Connection, count: int) -> None:
    (last,) = c.execute("select max(seq) from audit_event").fetchone()
    c.execute("delete from audit_event where seq > ?", (last - count,))
    c.execute("update audit_head set seq = ?, hash = (select hash from audit_event where seq = ?)", (last - count, last - count))


def _rewrite(c: sqlite3.Connection) -> None:
    """Change an amount, and make every hash behind it anew: all that is in the book agrees again."""
    c.execute("update note set text = 'rewritten' where id = (select min(id) from note)")
    prev, fresh = audit.GENESIS, []
    for seq, at, actor, session, action, obj, detail, hashes in c.execute(
        "select seq, at_us, actor, session, action, object, detail, row_hashes from audit_event order by seq"
    ).fetchall():
        row = c.execute("select * from note where audit_seq = ?", (seq,)).fetchone()
        if row is not None and len(hashes) == 32:
            hashes = audit.row_hash("note", row)
        digest = audit.chain_hash(prev, seq, at, actor, session, action, obj, detail, hashes)
        fresh.append((hashes, prev, digest, seq))
        prev = digest
    c.executemany("update audit_event set row_hashes = ?, prev = ?, hash = ? where seq = ?", fresh)
    c.execute("update audit_head set hash = ?", (prev,))


def _old_cell(c: sqlite3.Connection, place: Path) -> None:
    c.execute("attach ? as old", (f"{place}.old",))
    c.execute("update customer set street = (select o.street from old.customer o where o.account = 'C3') where account = 'C3'")


def _old_operator(c: sqlite3.Connection, place: Path) -> None:
    c.execute("attach ? as old", (f"{place}.old",))
    c.execute(
        "update operator set (role, status, limit_minor, public_key, signature) = (select o.role, o.status, o.limit_minor, "
        "o.public_key, o.signature from old.operator o where o.name = 'mira') where name = 'mira'"
    )


def enrolled(session: object, name: str, role: str) -> keys.Bundle:
    """An operator with keys, without waiting for a password to be stretched; what opens them."""
    private = keys.new_private_key()
    with writing(session, "operators") as tx:  # type: ignore[arg-type]
        (row_id,) = tx.take("id")
        record = keys.Record(uuid4().bytes, name, role, "active", None, keys.public_of(private))
        row = (
            row_id,
            record.uid,
            name,
            role,
            "active",
            record.public_key,
            None,
            None,
            None,
            None,
            None,
            tx.now_us,
            None,
            b"",
            None,
        )
        tx.db.run(insert_into(tables.Operator), row)
        detail = operators._store(session, row_id, record)  # type: ignore[arg-type]
        operators._grant_all(session, tx, record, operators.rights.compartments_of(role))  # type: ignore[arg-type, attr-defined]
        tx.note("operator.grant", name, detail)
    return keys.Bundle(private, session.book.admin_public, session.book.install_id)  # type: ignore[attr-defined]


def seed(place: Path) -> tuple[Path, list[checkpoints.Checkpoint]]:
    """A book where everything happened once, an older state of it beside it, and the checkpoints that it wrote."""
    target = place / "seed.db"
    made = make(str(target), customers=10, profile=True)
    desk, session = Desk(made.session, str(target), made), made.session
    session.settings = session.settings._replace(checkpoint_file=str(place / "checkpoints"))
    tax_rates.add_rate(session, "std", {"percent": "20", "name": "VAT"})
    codes.store_code(session, {"code": "A", "name": "Plan A", "tax_class": "std"})
    codes.add_price(session, "A", {"amount": "30", "from": "2020-01-01"})
    enrolled(session, "mira", "supervisor")
    enrolled(session, "gone", "clerk")
    subscriptions.add(session, "C1", {"code": "A", "start": session.today().isoformat(), "address": "12 Mill Lane"})
    codes.store_code(session, {"code": "VISIT", "name": "Visit", "kind": "one-time", "category": "one-off"})
    charges.charge(session, "C1", {"code": "VISIT", "amount": "7", "text": "Visit"})
    discounts.discount(session, "C1", {"percent": "5"})
    issue(session, session.today(), pause_s=0)
    for n in range(2, 6):
        desk.invoice(f"C{n}", 1_000 * n, due=-n)
    for n in range(2, 5):
        desk.pay(f"C{n}", 500 * n)
    desk.pay("C9", 900)
    notes.add(session, "C2", "a note")
    calls.outcome(session, "C3", "m", "after payday", session.today() + timedelta(days=5))
    session.db.peewee.execute_sql("pragma wal_checkpoint(truncate)").fetchall()
    session.db.close()
    shutil.copyfile(target, f"{target}.old")
    session.db.connect()
    changes.change(session, "C3", {"street": "13 Mill Lane"})
    payments.reverse(session, "R-10002", "bounced", returned=True)
    operators.change_role(session, "mira", "cashier")
    operators.change_limit(session, "mira", "20")
    operators.disable(session, "gone")
    desk.pay("C8", 800)
    checkpoints.write(session)
    session.db.peewee.execute_sql("pragma wal_checkpoint(truncate)").fetchall()
    session.db.close()
    return target, checkpoints.read(session.settings.checkpoint_file)


def tampered(target: Path, copy: Path, change: Change) -> None:
    """A copy of the book, changed with its triggers gone; they are put back afterwards as they were."""
    shutil.copyfile(target, copy)
    shutil.copyfile(f"{target}.old", f"{copy}.old")
    shutil.copyfile(f"{target}.demo-key", f"{copy}.demo-key")
    for file in (copy, Path(f"{copy}.demo-key")):
        os.chmod(file, 0o600)
    c = sqlite3.connect(copy)
    guards = c.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
    drops = [] if isinstance(change, str) and "trigger" in change else guards
    for name, _ in drops:
        c.execute(f"drop trigger {name}")
    if isinstance(change, str):
        c.executescript(change)
    else:
        change(c, copy)
    c.commit()
    if (
        not isinstance(change, str)
        and sqlite3.connect(copy).execute("select count(*) from sqlite_master where type = 'trigger'").fetchone()[0]
    ):
        c.close()
        return
    for _, sql in drops:
        c.execute(sql)
    c.commit()
    c.close()


def copied(target: Path, copy: Path, data: bytes) -> None:
    """A copy of a book with other bytes, that opens as the book did."""
    copy.write_bytes(data)
    shutil.copyfile(f"{target}.demo-key", f"{copy}.demo-key")
    for file in (copy, Path(f"{copy}.demo-key")):
        os.chmod(file, 0o600)


def found_by_verify(copy: Path, given: list[checkpoints.Checkpoint], *, signed_in: bool) -> list[Check]:
    from netbill_tui.errors import NetbillError

    try:
        session = sign_in(str(copy)) if signed_in else open_book(str(copy))
    except NetbillError as error:
        return [Check("opening", 1, [str(error)])]
    try:
        return [c for c in verify(session, outside=given, every_cell=True) if c.broken]
    except NetbillError as error:
        return [Check("reading", 1, [str(error)])]
    finally:
        session.db.close()


@proof(
    "S3",
    "every tampering with the book is found by verify and named; a million audit events are verified in thirty seconds",
    "trusts-the-chain",
)
def s3(run: Run) -> Report:
    report = Report()
    target, given = seed(run.place)
    # On a copy: signing in leaves an event of its own.
    untouched = run.place / "untouched.db"
    tampered(target, untouched, "select 1")
    clean = found_by_verify(untouched, given, signed_in=True)
    report.must(not clean, f"the untouched book is sound: {[c.broken[0] for c in clean][:1]}")
    if run.sabotage == "trusts-the-chain":
        given = []
    missed = []
    for name, change in TAMPERINGS.items():
        copy = run.place / "tampered.db"
        for left in run.place.glob("tampered.db*"):
            left.unlink()
        tampered(target, copy, change)
        found = found_by_verify(copy, given, signed_in=False)
        if not found or not found[0].broken[0]:
            missed.append(name)
    rate = _rate(run)
    report.figures = {
        "tamperings": len(TAMPERINGS),
        "found": len(TAMPERINGS) - len(missed),
        "missed": ", ".join(missed) or "none",
        **rate,
    }
    report.must(len(TAMPERINGS) >= 60, "at least sixty tamperings")
    report.must(not missed, f"not found: {', '.join(missed)}")
    return report


def _rate(run: Run) -> dict[str, object]:
    """How fast the chain is verified: events with one posted row each."""
    count = run.size(20_000, 1_000_000)
    made = make(str(run.place / "many.db"))
    session, db = made.session, made.session.db
    customer = int(db.peewee.execute_sql("select id from customer").fetchone()[0])
    db.peewee.execute_sql("pragma synchronous = 0")
    for _ in range(0, count, 5000):
        with db.write():
            for _ in range(5000):
                tx = Transaction(db, now_us=1, actor="proof", session="s")
                (row_id,) = tx.take("id")
                tx.post([posted.Note(row_id, customer, "2026-01-01", "note", "", "x", None, None, "proof", 1)])
                tx.note("note.add", "C1", {"note": row_id})
                tx.finish()
    began = time.monotonic()
    broken = [c for c in verify(session) if c.broken]
    took = time.monotonic() - began
    assert not broken, broken[0]
    db.close()
    return {"audit events": f"{count:,}", "verified in": f"{took:.1f} s, {count / took:,.0f} a second"}
