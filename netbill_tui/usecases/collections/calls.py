"""What came of a call: a promise, a dispute, another day. Source: docs/rules.md, *7 Overdue queue*."""

from datetime import date

from netbill_tui.billing.receivables.overdue import OUTCOMES, Outcome, next_action
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import balances
from netbill_tui.errors import InvalidInput
from netbill_tui.security import rights
from netbill_tui.text import NOTE_LIMIT, clean
from netbill_tui.usecases.collections import promises
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import answered, claim_of, once
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.receivables import disputes


def check_outcome(
    session: Session, account: str, key: str, text: str = "", promise_on: date | None = None, *, invoice: str = "",
    amount: int | None = None, channel: str = "phone",
) -> date:  # fmt: skip
    """When the account would come up again. Changes nothing; refuses what `outcome` would refuse of its words."""
    if key not in OUTCOMES:
        raise InvalidInput(f"{key!r} is not an outcome; type one of {', '.join(OUTCOMES)}.")
    promises.check_channel(channel)
    customer = find_customer(session, account)
    if OUTCOMES[key].id == "dispute":
        disputes.to_raise(session, customer, invoice)
    _check(OUTCOMES[key], clean(text, "The remark", limit=NOTE_LIMIT, newlines=True), promise_on, amount)
    if OUTCOMES[key].id == "promise" and promise_on is not None:
        promises.check(session, customer, amount, promise_on)
    return next_action(OUTCOMES[key], session.today(), promise_on)


def outcome(
    session: Session,
    account: str,
    key: str,
    text: str = "",
    promise_on: date | None = None,
    *,
    invoice: str = "",
    amount: int | None = None,
    channel: str = "phone",
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
        amount: What is promised, in minor units; all that is overdue where none is named.
        channel: How the promise was made, of promises.CHANNELS.
        request_id: Made when the form opened.

    Raises:
        InvalidInput: An unknown outcome, or a promise without a day or with one too far.
        Refused: A dispute where nothing is open.
        NeedsApproval: A promise where too many were broken lately.

    Side effect: one audit event. Source: docs/rules.md, *7 Overdue queue*.
    """
    claim = claim_of(request_id, "call", account, key, text, promise_on, invoice, *([] if amount is None else [amount]))
    if answered(session, claim) is not None:
        return next_action(OUTCOMES[key], session.today(), promise_on)
    next_on = check_outcome(session, account, key, text, promise_on, invoice=invoice, amount=amount, channel=channel)
    what, text, today = OUTCOMES[key], clean(text, "The remark", limit=NOTE_LIMIT, newlines=True), session.today()
    customer = find_customer(session, account)
    operator, _ = session.sign_in_if_needed()
    if promise_on is not None:
        asked = promises.check(session, customer, amount, promise_on)
        promises.ask_if_needed(session, customer, asked, channel, text, claim.uid)

    def work(tx: Transaction) -> int:
        customer_rows.lock(session.db, customer.id)
        said: dict[str, object] = {"next": next_on.isoformat(), "outcome": what.id}
        if promise_on is not None:
            # Under the lock what is overdue may be less, so is half of it.
            checked = promises.check(session, customer, amount, promise_on)
            note_id = promises.post(tx, session, customer, checked, channel, text)
            tx.note("call.outcome", customer.account, said | {"promise": promise_on.isoformat(), "amount": checked.amount})
            return note_id
        if what.id == "dispute":
            said["invoice"] = disputes.raise_in(tx, session, customer, invoice, text)
        (note_id,) = tx.take("id")
        row = posted.Note(note_id, customer.id, today.isoformat(), "call", what.word, text, next_on.isoformat(), None,
               operator.name, tx.now_us)  # fmt: skip
        tx.post([row])
        stands = customer_rows.totals(session.db, customer.id).promise_on
        balances.contacted(session.db, customer.id, next_on.isoformat(), stands, today.isoformat(), what.word)
        tx.note("call.outcome", customer.account, said)
        return note_id

    once(session, rights.NOTE, claim, work)
    return next_on


def _check(what: Outcome, text: str, promise_on: date | None, amount: int | None) -> None:
    if what.id == "promise":
        if promise_on is None:
            raise InvalidInput("A promise needs a day; type it, or +7 for in a week.")
    elif promise_on is not None or amount is not None:
        raise InvalidInput("Only a promise has a day and an amount; leave them out.")
    if what.id == "dispute" and len(text) < 3:
        raise InvalidInput("A dispute needs its reason in the customer's words; type it.")
