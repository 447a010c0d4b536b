"""What came of a call: a promise, a dispute, another day. Source: docs/rules.md, *7 Overdue queue*."""

from datetime import date, timedelta

from netbill_tui.billing.receivables.overdue import OUTCOMES, PROMISE_DAYS, Outcome, next_action
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import balances
from netbill_tui.errors import InvalidInput
from netbill_tui.security import rights
from netbill_tui.text import NOTE_LIMIT, clean
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import answered, claim_of, once
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.receivables import disputes


def check_outcome(
    session: Session, account: str, key: str, text: str = "", promise_on: date | None = None, *, invoice: str = ""
) -> date:
    """When the account would come up again. Changes nothing; refuses what `outcome` would refuse of its words."""
    if key not in OUTCOMES:
        raise InvalidInput(f"{key!r} is not an outcome; type one of {', '.join(OUTCOMES)}.")
    customer = find_customer(session, account)
    if OUTCOMES[key].id == "dispute":
        disputes.to_raise(session, customer, invoice)
    _check(OUTCOMES[key], clean(text, "The remark", limit=NOTE_LIMIT, newlines=True), promise_on, session.today())
    return next_action(OUTCOMES[key], session.today(), promise_on)


def outcome(
    session: Session,
    account: str,
    key: str,
    text: str = "",
    promise_on: date | None = None,
    *,
    invoice: str = "",
    request_id: bytes | None = None,
) -> date:
    """Record what came of a call; the date on which the account comes up again.

    Args:
        session: Who called.
        account: Whom.
        key: One key of OUTCOMES.
        text: A remark.
        promise_on: The day by which the customer promises to pay.
        invoice: Which one is disputed; the oldest overdue one where none is named.
        request_id: Made when the form opened.

    Raises:
        InvalidInput: An unknown outcome, or a promise without a day or with one too far.
        Refused: A dispute where nothing is open.

    Side effect: one audit event. Source: docs/rules.md, *7 Overdue queue*.
    """
    claim = claim_of(request_id, "call", account, key, text, promise_on, invoice)
    if answered(session, claim) is not None:
        return next_action(OUTCOMES[key], session.today(), promise_on)
    next_on = check_outcome(session, account, key, text, promise_on, invoice=invoice)
    what, text, today = OUTCOMES[key], clean(text, "The remark", limit=NOTE_LIMIT, newlines=True), session.today()
    customer = find_customer(session, account)
    operator, _ = session.sign_in_if_needed()

    def work(tx: Transaction) -> int:
        customer_rows.lock(session.db, customer.id)
        promised = promise_on.isoformat() if promise_on else None
        said: dict[str, object] = {"next": next_on.isoformat(), "outcome": what.id}
        if promised:
            said["promise"] = promised
        if what.id == "dispute":
            said["invoice"] = disputes.raise_in(tx, session, customer, invoice, text)
        (note_id,) = tx.take("id")
        row = posted.Note(note_id, customer.id, today.isoformat(), "call", what.word, text, next_on.isoformat(), promised,
               operator.name, tx.now_us)  # fmt: skip
        tx.post([row])
        before = customer_rows.totals(session.db, customer.id)
        stands = promised or before.promise_on
        balances.contacted(session.db, customer.id, next_on.isoformat(), stands, today.isoformat(), what.word)
        tx.note("call.outcome", customer.account, said)
        return note_id

    once(session, rights.NOTE, claim, work)
    return next_on


def _check(what: Outcome, text: str, promise_on: date | None, today: date) -> None:
    if what.id == "promise":
        last = today + timedelta(days=PROMISE_DAYS)
        if promise_on is None or not today <= promise_on <= last:
            raise InvalidInput(f"A promise needs a day from {today} to {last}; type it, or +7 for in a week.")
    elif promise_on is not None:
        raise InvalidInput("Only a promise has a day; leave the day out.")
    if what.id == "dispute" and len(text) < 3:
        raise InvalidInput("A dispute needs its reason in the customer's words; type it.")
