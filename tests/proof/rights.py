"""S4: every role, every right, every sealed field, on every way to it: as the one table says, and by keys, not by politeness."""

import contextlib
import io
import os
import uuid
from collections.abc import Callable
from pathlib import Path

from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.cli.core.inside import run_in
from netbill_tui.db.access import operators as rows
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.errors import NeedsApproval, NetbillError, NotPermitted
from netbill_tui.security import rights
from netbill_tui.security.envelope import Unreadable
from netbill_tui.security.vault import FIELDS, Vault
from netbill_tui.settings import load
from netbill_tui.usecases.access import approvals, clock, operators, rotation, sign_in
from netbill_tui.usecases.audit import exports, trail
from netbill_tui.usecases.billing_run.issue import issue
from netbill_tui.usecases.books import backups
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.collections import bounces, fees, holds, night
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import changes, notes, profiles
from netbill_tui.usecases.lookup import search, views
from netbill_tui.usecases.receivables import credit_notes, payments
from netbill_tui.usecases.services import discounts, subscriptions
from tests.conftest import Desk
from tests.proof.books import canaries, make
from tests.proof.collected import charged
from tests.proof.report import Report, Run, proof
from tests.proof.tampering import enrolled

Work = Callable[[Session], object]


# A thing that needs just this right, on the service itself, as somebody would call it who goes round every screen.
def _writes_elsewhere(session: Session) -> None:
    """Name a file outside one's own folder, as under a service account."""
    os.environ["XDG_DATA_HOME"] = str(Path(session.db.path).parent)  # type: ignore[attr-defined]
    session.settings = session.settings._replace(exports=exports.OWN)
    exports.place(session, "/elsewhere/statement.pdf")


WORK: dict[str, Work] = {
    rights.LOOK: lambda s: views.prefer(s, "proof", "1"),
    rights.NOTE: lambda s: notes.add(s, "C1", "a note"),
    rights.CUSTOMER: lambda s: changes.change(s, "C1", {"town": f"Town {uuid.uuid4().hex[:6]}"}),
    rights.SERVE: lambda s: subscriptions.add(s, "C1", {"code": "A", "start": s.today().isoformat()}),
    rights.POST: lambda s: payments.record(s, PaymentRequest(uuid.uuid4().bytes, "C1", 100, "cash", confirmed="proof")),
    rights.BACKDATE: lambda s: payments.record(
        s, PaymentRequest(uuid.uuid4().bytes, "C1", 100, "cash", received=_yesterday(s), confirmed="proof")
    ),
    rights.REVERSE: lambda s: payments.reverse(s, _receipt(s), "by the proof"),
    rights.CREDIT: lambda s: credit_notes.credit(s, "INV-000001", "by the proof", amount=1),
    rights.WAIVE: lambda s: fees.waive(s, "C1", _fee(s), "by the proof"),
    rights.WRITE_OFF: lambda s: holds.take_back(s, "C1", "by the proof"),
    rights.COLLECT: lambda s: night.collect(s, pause_s=0),
    rights.MESSAGE: lambda s: bounces.take(s, b"Subject: by the proof\n\n"),
    rights.APPROVE: lambda s: approvals.answer(s, 999_999, approve=True),
    rights.OVERRIDE: lambda s: discounts.discount(s, "C1", {"percent": "1"}),
    rights.CATALOGUE: lambda s: codes.store_code(s, {"code": f"X{uuid.uuid4().hex[:6]}", "name": "x"}),
    rights.BILL: lambda s: issue(s, s.today(), pause_s=0),
    rights.IMPORT: lambda s: _import(s),
    rights.CHECK: lambda s: profiles.caller_matches(s, "C1", "pin", "0000"),
    rights.REVEAL: lambda s: profiles.reveal(s, "C1", "tax_id", "by the proof"),
    rights.EXPORT: lambda s: trail.note_list_export(s, "customers", 1, "csv", "customers --csv"),
    rights.AUDIT: lambda s: trail.page(s, trail.Query()),
    rights.BACKUP: lambda s: backups.backup(s, s.db.target + ".age", dry_run=True),
    rights.OPERATORS: lambda s: operators.unlock(s, "nobody-there"),
    rights.FILES: lambda s: _writes_elsewhere(s),
    rights.CLOCK: lambda s: clock.accept(s, "by the proof"),
    rights.KEYS: lambda s: rotation.rotate(s, "CONTACT", should_stop=lambda: True),
}
# Rights whose subject is not built yet: they stand in the table only.
LATER = (rights.REFUND, rights.VOID, rights.SUSPEND)


def _fee(session: Session) -> int:
    """A late fee of C1 that nobody waived yet."""
    return next(fee.id for fee in fees.of_account(session, "C1") if not fee.waived_by)


def _yesterday(session: Session) -> str:
    from datetime import timedelta

    return (session.today() - timedelta(days=1)).isoformat()


def _receipt(session: Session) -> str:
    """A payment that somebody else took and nobody took back yet."""
    (found,) = session.db.peewee.execute_sql(
        "select min(p.id) from payment p where p.operator = 'demo' and not exists (select 1 from payment_event e where e.payment_id = p.id)"
    ).fetchone()
    return str(session.db.peewee.execute_sql(f"select receipt from payment where id = {found}").fetchone()[0])


def _import(session: Session) -> None:
    with writing(session, rights.IMPORT) as tx:
        tx.note("proof.import", "C1", {})


def _as(target: str, name: str, bundle: object) -> Session:
    session = open_book(target)
    row = rows.by_name(session.db, name)
    assert row is not None
    sign_in.enter(session, row, bundle)  # type: ignore[arg-type]
    return session


def _allowed(work: Work, session: Session) -> bool:
    try:
        work(session)
    except NotPermitted:
        return False
    except (NetbillError, NeedsApproval):
        return True  # refused for another reason, behind the right
    return True


@proof(
    "S4",
    "every role x right, and every role x sealed field x way to it, is as the table of roles says",
    "polite-only",
    "key-for-all",
)
def s4(run: Run) -> Report:
    report, target = Report(), str(run.place / "b.db")
    made = make(target, customers=3, profile=True)
    session = made.session
    codes.store_code(session, {"code": "A", "name": "Plan A"})
    codes.add_price(session, "A", {"amount": "30", "from": "2020-01-01"})
    desk = Desk(session, target, made)
    desk.invoice("C1", 100_000)
    charged(desk, len(rights.ROLES))
    for _ in range(len(rights.ROLES) * 2):
        payments.record(session, PaymentRequest(uuid.uuid4().bytes, "C2", 100, "cash", confirmed="proof"))
    bundles = {role: enrolled(session, f"the-{role}", role) for role in rights.ROLES}
    if run.sabotage == "key-for-all":
        row = rows.by_name(session.db, "the-clerk")
        assert row is not None
        with writing(session, "operators") as tx:
            operators._grant_all(session, tx, row.record, ("PRIVATE",))
            tx.note("proof.grant", "the-clerk", {})
    needs, cells, wrong = Session.needs, 0, []
    if run.sabotage == "polite-only":
        Session.needs = lambda self, right: None if right == rights.CREDIT else needs(self, right)  # type: ignore[method-assign]
    opens = Vault.holds
    try:
        for role, bundle in bundles.items():
            one = _as(target, f"the-{role}", bundle)
            for right, work in WORK.items():
                cells += 1
                may = _allowed(work, one)
                if may != rights.may(role, right) and not (right in (rights.CHECK, rights.REVEAL) and not may):
                    wrong.append(f"{role} {'may' if may else 'may not'} {right}")
            cells += _fields(one, role, wrong)
            one.db.close()
    finally:
        Session.needs, Vault.holds = needs, opens  # type: ignore[method-assign]
    every = {right for role in rights.ROLES.values() for right in role.rights}
    report.must(every == {*WORK, *LATER}, f"rights without a proof: {every ^ {*WORK, *LATER}}")
    report.figures = {"roles": len(rights.ROLES), "cells": cells, "wrong": ", ".join(wrong[:5]) or "none"}
    report.must(not wrong, f"{len(wrong)} cells are wrong: {', '.join(wrong[:5])}")
    session.db.close()
    return report


def _fields(session: Session, role: str, wrong: list[str]) -> int:
    """What of the sealed fields a role gets to see: card, reveal, search, commands, errors, and by its own keys."""
    one, held, seen = canaries(1), rights.compartments_of(role), io.StringIO()
    count = 0
    vault = session.vault
    assert vault is not None
    for (table, column), (compartment, _) in FIELDS.items():
        if table != "customer":
            continue
        count += 1
        customer = customer_rows.by_account(session.db, "C1")
        assert customer is not None
        cell = customer_rows.sealed(session.db, customer.id).get(column)
        assert cell is not None
        try:
            opened = vault.open(table, column, customer.uid, cell).unwrap() == one.get(column)
        except (NotPermitted, Unreadable):
            opened = False
        if opened != (compartment in held):
            wrong.append(f"{role} {'opens' if opened else 'does not open'} {column} by its keys")
    for words in (["customer", "C1"], ["customer", "C1", "--contact"], ["customers"], ["find", "C1"], ["find", one["phone"]],
                  ["customer", "C1", "--reveal", "tax_id", "--reason", "by the proof"], ["audit", "C1"]):  # fmt: skip
        with contextlib.suppress(NetbillError, SystemExit):
            run_in(session, load(), words, seen, form="json")
    with contextlib.suppress(NetbillError):
        seen.write(str(profiles.show_contact(session, "C1")))
    with contextlib.suppress(NetbillError):
        seen.write(str(search.find(session, one["email"])))
    for compartment, fields in (
        ("CONTACT", ("street", "email", "phone")),
        ("PRIVATE", ("tax_id", "birth_date", "bank_account", "pin")),
    ):
        for field in fields:
            count += 1
            shown = one[field] in seen.getvalue()
            may = compartment in held and field not in ("pin", "birth_date", "bank_account")  # these were not asked for
            # The caller of a search typed the value himself; it is no answer.
            if shown and not may and not (field == "phone" and compartment in held):
                wrong.append(f"{role} is shown {field}")
            if may and not shown and rights.may(role, rights.LOOK) and (field != "tax_id" or rights.may(role, rights.REVEAL)):
                wrong.append(f"{role} is not shown {field}")
    return count
