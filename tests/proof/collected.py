"""What collections leave in a book: policies, holds, promises, messages, late fees, write-offs."""

from datetime import date, timedelta

from netbill_tui.billing.collections.policies import FEES, REMINDERS, SWITCH
from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.collections import calls, fees, holds, night, outbox, policies, write_offs
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.receivables import payments
from tests.conftest import Desk

FEE = {"mode": "flat", "flat": "2.00", "grace": "0", "code": "LATE", "every": "1", "most": "12", "least_base": "0"}


def _rules(session: Session) -> None:
    codes.store_code(session, {"code": "LATE", "name": "Late fee", "category": "fee", "kind": "one-time"})
    policies.set_policy(session, REMINDERS, "book", {"transit": "0"})
    policies.set_policy(session, FEES, "book", FEE, from_on=date(2000, 1, 1))
    policies.turn(session, SWITCH, True)


def charged(desk: Desk, number: int) -> None:
    """So many late fees of one account, each on an invoice of its own."""
    _rules(desk.session)
    policies.set_policy(desk.session, FEES, "book", {"mode": "percent", "rate": "2"}, from_on=date(2000, 1, 1))
    for _ in range(number):
        desk.invoice("C1", 100_000, due=-20 - (date(2026, 11, 22) - desk.session.today()).days)
    night.collect(desk.session, pause_s=0)


def collected(session: Session) -> None:
    """A row of everything, in a book some of whose accounts have overdue invoices."""
    _rules(session)
    owing = _accounts(session, "open_item o join customer c on c.id = o.customer_id where o.disputed = 0")
    holds.hold(session, owing[-1], session.today() + timedelta(days=3), "by the proof")
    night.collect(session, pause_s=0)
    with writing(session, "collect") as tx:
        for row in outbox.listed(session, "queued"):
            outbox.went(tx, row, session.today())
        tx.note("message.sent", "proof", {})
    first, *_ = _accounts(session, "late_fee f join customer c on c.id = f.customer_id where f.charge_id is not null")
    fees.waive(session, first, fees.of_account(session, first)[0].id, "by the proof")
    number = payments.open_invoices(session, first)[0].number
    write_offs.write_off(session, first, number, "by the proof", amount=300, anyway=True)
    other = next(account for account in owing if account != first)
    calls.outcome(session, other, "m", "by the proof", session.today())
    for account in (first, other):
        payments.record(session, PaymentRequest(payments.new_request_id(), account, 10_000_000, "cash", confirmed="proof"))


def _accounts(session: Session, where: str) -> list[str]:
    rows = session.db.peewee.execute_sql(f"select distinct c.account from {where} order by 1").fetchall()  # noqa: S608
    return [str(row[0]) for row in rows]
