"""S22: any single change of the book by somebody who can write it is found by verify, or is named in docs/security.md.

One change for each column of each table that holds a row, one deletion and one insertion for each table, triggers dropped.
"""

import random
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.db.access import operators as operator_rows
from netbill_tui.db.core import tables
from netbill_tui.errors import NeedsApproval
from netbill_tui.integrations.profiles import Profile
from netbill_tui.usecases.access import operators, sittings, tries
from netbill_tui.usecases.access import sign_in as signing_in
from netbill_tui.usecases.billing_run.issue import decide_draft, issue
from netbill_tui.usecases.catalogue import codes, rules
from netbill_tui.usecases.core import unfinished_forms
from netbill_tui.usecases.core.checkpoints import Checkpoint
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import changes as editing
from netbill_tui.usecases.customers import notes, tags
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.lookup import views
from netbill_tui.usecases.receivables import credit_notes, disputes, payments
from netbill_tui.usecases.services import charges, discounts, events, subscriptions
from tests.proof import tampering
from tests.proof.books import sign_in
from tests.proof.collected import collected
from tests.proof.report import Report, Run, proof

# Rows whose change would do something; of a table that is not named, the first.
_PICK = {
    "number_series": "where name = 'receipt'", "operator": "where name = 'newt'", "keeping": "where name = 'rotation_due'",
    "sign_in_try": "where operator_uid = (select uid from operator where name = 'newt')",
    "service_state": "where check_on > '2027'", "work_session": "where why like 'ended by%'",
}  # fmt: skip
Change = tuple[str, str]  # "table.column", "table deleted" or "table inserted", and the statement

# What verify does not see, and why it need not: docs/security.md has the same list, and a test compares the two.
UNCOVERED = {
    **dict.fromkeys(
        ("operator.m_kib", "operator.t", "operator.p"),
        "a changed cost of the password's stretching keeps its owner out, and lets nobody in",
    ),
    "operator.id": "a record number; what counts is signed",
    **dict.fromkeys(
        (f"{table}.created_at" for table in (
            "operator", "key_grant", "compartment_key", "code", "price", "tax_rate", "discount", "exemption")),
        "when the row was made; the audit says so too, and nothing is decided by it",
    ),
    "schema_migration.applied": "when the schema was changed; which changes it has is compared",
    "kept_state.rolled_to": "set to the business date whenever the book is opened",
    **dict.fromkeys(
        ("preference.operator", "preference.name", "preference.value", "preference deleted", "preference inserted"),
        "how one operator's screens are laid out",
    ),
    **dict.fromkeys(
        ("draft.uid", "draft.operator", "draft.kind", "draft.title", "draft.changed_at", "draft deleted", "draft inserted"),
        "a half-filled form: what was typed is sealed, and nothing is posted before its operator posts it",
    ),
    **dict.fromkeys(
        ("collection_reason.customer_id", "collection_reason.action", "collection_reason.reason", "collection_reason.since_on",
         "collection_reason deleted", "collection_reason inserted"),
        "why the last night did not do something; the next one computes it anew, and nothing is decided by it",
    ),
    **dict.fromkeys(("outbox.tries", "outbox.next_us"), "how often a message was tried, and when it is tried next"),
    **dict.fromkeys(
        ("sign_in_try.pending", "sign_in_try.at_us", "sign_in_try.boot", "sign_in_try.boot_us"),
        "within ten minutes; who can write the book can guess on a copy of it, where no count holds",
    ),
    **dict.fromkeys(
        ("work_session.pid", "work_session.boot", "work_session.why"),
        "where a sitting ran and why it ended; that one was ended is covered",
    ),
}  # fmt: skip


# One white point.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63f80f00010101"
    "00b138f6140000000049454e44ae426082"
)


def filled(place: Path) -> tuple[Path, list[Checkpoint]]:
    """A book in which every table holds a row."""
    target, given = tampering.seed(place)
    session = sign_in(str(target))
    today = session.today()
    kim = tampering.enrolled(session, "kim", "supervisor")
    operators.add(session, "newt", "clerk")
    operators.change_limit(session, "kim", "1")
    codes.store_code(session, {"code": "TV", "name": "TV"})
    codes.store_code(session, {"code": "DUO", "name": "Duo", "kind": "bundle", "parts": "A=2, TV=1"})
    codes.add_price(session, "DUO", {"amount": "40", "from": "2020-01-01"})
    discounts.exempt(session, "C4", "Cert 7", today, None)
    subscriptions.set_terms(session, "C4", terms_day=10)
    payments.record(session, PaymentRequest(bytes(range(16, 32)), "C5", 700, "cheque", reference="CHQ 4417", confirmed="proof"))
    charges.charge(session, "C5", {"code": "VISIT", "amount": "9", "text": "Visit"})
    subscriptions.add(session, "C6", {"code": "A", "start": (today - timedelta(days=40)).isoformat()})
    issue(session, today, pause_s=0)
    credit_notes.credit(session, "INV-000001", "a part of it", amount=100)
    editing.change(session, "C6", {"name": "Another Name", "town": "Bristol", "language": "de"})
    rules.set_rule(session, "seller", "Proof Net|1 High Street|Leeds")
    rules.set_rule(session, "seller", "Proof Net|2 High Street|Leeds")
    (place / "logo.png").write_bytes(PNG)
    rules.set_rule(session, "logo", str(place / "logo.png"))
    tags.tag(session, "C2", "vip")
    views.save_view(session, "customers", "big", "bal>5", digit=3, shared=True)
    views.prefer(session, "columns.customers", "account,name")
    note_id = notes.of_customer(session, "C2")[0].id
    notes.pin(session, "C2", note_id)
    unfinished_forms.keep(session, bytes(range(16)), "pay", "C2", {"amount": "5"}, {"pin": "12"})
    disputes.start(session, "INV-000002", "not mine")
    file = place / "in.csv"
    file.write_text("account,name,town\nI1,Import One,Leeds\n")
    files.run(session, file, Profile("customers", {"account": ("account",), "name": ("name",), "town": ("town",)}))
    uid = next(o.uid for o in operator_rows.everybody(session.db) if o.name == "newt")
    tries.claim(session, uid)
    tries.answer(session, uid, failed=True, name="newt")
    # A service of a code without a price cannot be billed; a customer with drafts waits.
    rules.set_rule(session, "drafts_days", "5")
    subscriptions.add(session, "C7", {"code": "A", "start": (today - timedelta(days=2)).isoformat()})
    subscriptions.add(session, "C8", {"code": "A", "start": (today - timedelta(days=2)).isoformat()})
    issue(session, today + timedelta(days=1), pause_s=0)
    decide_draft(
        session, "C7", session.db.peewee.execute_sql("select min(bill_date) from draft_invoice").fetchone()[0], confirm=True
    )
    _park(session)
    charges.charge(
        session, "C5", {"code": "VISIT", "amount": "3", "text": "Visit", "on": (today + timedelta(days=400)).isoformat()}
    )
    service_id = subscriptions.of_account(session, "C6")[0].service.id
    events.schedule_event(session, service_id, "suspend", {"on": today.isoformat()})
    first = subscriptions.of_account(session, "C1")[0].service.id
    events.schedule_event(session, first, "pause", {"on": (today + timedelta(days=300)).isoformat()})
    collected(session)
    other = sign_in(str(target))
    sittings.end(session, other.sitting.id)
    other.db.close()
    _asked(session, kim)
    session.db.peewee.execute_sql("pragma wal_checkpoint(truncate)").fetchall()
    session.db.close()
    return target, given


def _park(session: Session) -> None:
    """Let a run park somebody: the price of their code ends."""
    today = session.today()
    codes.store_code(session, {"code": "GONE", "name": "Gone"})
    codes.add_price(session, "GONE", {"amount": "8", "from": (today - timedelta(days=60)).isoformat(),
                                          "until": (today + timedelta(days=20)).isoformat()})  # fmt: skip
    subscriptions.add(session, "C9", {"code": "GONE", "start": (today - timedelta(days=2)).isoformat()})
    issue(session, today + timedelta(days=40), pause_s=0)


def _asked(session: Session, bundle: object) -> None:
    """Something waits for a second operator."""
    row = operator_rows.by_name(session.db, "kim")
    assert row is not None
    signing_in.leave(session, "left")
    signing_in.enter(session, row, bundle)  # type: ignore[arg-type]
    number = session.db.peewee.execute_sql("select max(number) from invoice").fetchone()[0]
    try:
        credit_notes.credit(session, number, "too much")
    except NeedsApproval:
        return
    raise AssertionError("the credit was not asked")


def changes(target: Path) -> Iterator[Change]:
    """One change for each column, one deletion and one insertion for each table."""
    c = sqlite3.connect(target)
    for name in (*(table._meta.table_name for table in tables.ALL), "schema_migration"):
        info = c.execute(f"pragma table_info({name})").fetchall()
        found = c.execute(f"select * from {name} {_PICK.get(name, '')} limit 1").fetchone()
        if found is None:
            yield f"{name} (empty)", ""
            continue
        keys = [one[1] for one in info if one[5]]
        mine = dict(zip([one[1] for one in info], found, strict=True))
        where = " and ".join(f"{k} = {_literal(mine[k])}" for k in keys)
        for one in info:
            yield f"{name}.{one[1]}", f"update {name} set {one[1]} = {_other(one[1], mine[one[1]], one[2])} where {where}"
        yield f"{name} deleted", f"delete from {name} where {where}"
        values = ", ".join(
            _fresh(
                one[1],
                mine[one[1]],
                one[2],
                unique=one[1] in (*keys, "uid", "number", "name", "account", "receipt", "document", "payment_id"),
            )
            for one in info
        )
        yield f"{name} inserted", f"insert into {name} values ({values})"
    c.close()


def _literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _other(column: str, value: object, kind: str) -> str:
    """Another value of a column, such as one might choose."""
    if column in ("check_on", "ended_us"):
        return "null"
    if column == "covered":
        return "'2999-01-01'"
    if value is None:
        return {"BLOB": "x'00'", "INTEGER": "7"}.get(kind.upper(), "'2026-01-02'" if column.endswith("_on") else "'x'")
    if isinstance(value, bytes):
        return f"x'{bytes([value[0] ^ 1, *value[1:]]).hex()}'" if value else "x'00'"
    if isinstance(value, int):
        return (
            str(1 - value)
            if value in (0, 1) and column in ("demo", "paperless", "active", "used", "plain", "compound", "disputed", "notice")
            else str(value + 1)
        )
    text = str(value)
    if len(text) == 10 and text[4:5] == "-" == text[7:8]:
        return "'2026-01-02'" if text != "2026-01-02" else "'2026-01-03'"
    return _literal(text + "1")


def _fresh(column: str, value: object, kind: str, *, unique: bool) -> str:
    """The value of a row that is put in."""
    if not unique or value is None:
        return _literal(value)
    if isinstance(value, int):
        return str(value + 9_000_000)
    return _other(column, value, kind)


@proof("S22", "any single change of the book is found by verify, or stands in docs/security.md with the reason", "blind")
def s22(run: Run) -> Report:
    report = Report()
    target, given = filled(run.place)
    clean = run.place / "clean.db"
    tampering.tampered(target, clean, "select 1")
    wrong = tampering.found_by_verify(clean, given, signed_in=True)
    report.must(not wrong, f"the untouched book is sound: {[(c.name, c.broken[0]) for c in wrong][:2]}")
    every = list(changes(target))
    empty = [name for name, statement in every if not statement]
    report.must(not empty, f"every table holds a row: {empty}")
    every = [one for one in every if one[1]]
    drawn = every if run.long else random.Random(run.seed).sample(every, 60)
    missed, refused = [], 0
    for name, statement in drawn:
        copy = run.place / "changed.db"
        for left in run.place.glob("changed.db*"):
            left.unlink()
        try:
            tampering.tampered(target, copy, statement)
        except sqlite3.IntegrityError:
            refused += 1
            continue
        if run.sabotage == "blind" or not tampering.found_by_verify(copy, given, signed_in=False):
            missed.append(name)
    silent = [name for name in missed if name not in UNCOVERED]
    report.figures = {
        "changes": len(drawn), "refused by the engine": refused, "found": len(drawn) - refused - len(missed),
        "silent and named": len(missed) - len(silent), "silent": ", ".join(silent) or "none",
    }  # fmt: skip
    report.must(not silent, f"not found: {', '.join(silent)}")
    return report
