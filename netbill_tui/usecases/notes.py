"""Notes on an account, and what came of a call."""

from datetime import date, timedelta

from netbill_tui.billing.customers import Customer
from netbill_tui.billing.notes import NoteRow
from netbill_tui.billing.overdue import OUTCOMES, PROMISE_DAYS, Outcome, next_action
from netbill_tui.db import comfort, kept, tables, versions
from netbill_tui.db import customers as customer_rows
from netbill_tui.db import notes as rows
from netbill_tui.db.transaction import Transaction
from netbill_tui.errors import InvalidInput, NotFound
from netbill_tui.security import rights
from netbill_tui.text import NOTE_LIMIT, clean
from netbill_tui.usecases import disputes
from netbill_tui.usecases.customers import find_customer
from netbill_tui.usecases.session import Session
from netbill_tui.usecases.writing import answered, claim_of, once, writing


def of_customer(session: Session, account: str) -> list[NoteRow]:
    """The notes and calls of an account up to the session's date, newest first."""
    return rows.of_customer(session.db, find_customer(session, account).id, session.date().isoformat())


def add(session: Session, account: str, text: str, *, request_id: bytes | None = None) -> None:
    """Write a note on an account.

    Raises:
        InvalidInput: It is empty, too long, or holds what may not be stored.

    Side effect: one audit event.
    """
    text = check_note(session, account, text)
    customer = find_customer(session, account)
    operator, _ = session.sign_in_if_needed()

    def work(tx: Transaction) -> int:
        customer_rows.lock(session.db, customer.id)
        (note_id,) = tx.take("id")
        today = session.today().isoformat()
        row = (note_id, customer.id, today, "note", "", text, None, None, operator.name, tx.now_us)
        tx.post(tables.Note, [row])
        tx.note("note.add", customer.account, {"note": note_id})
        return note_id

    once(session, rights.NOTE, claim_of(request_id, "note", customer.account, text), work)


def check_pin(session: Session, account: str, note_id: int) -> Customer:
    """The customer whose note it is. Changes nothing.

    Raises:
        NotFound: The account has no such note.
    """
    customer = find_customer(session, account)
    if note_id not in {n.id for n in rows.of_customer(session.db, customer.id, session.date().isoformat())}:
        raise NotFound(f"{customer.account} has no such note; look at its notes again.")
    return customer


def pin(session: Session, account: str, note_id: int, *, on: bool = True) -> None:
    """Let a note stand above the others of its account, or no longer.

    Raises:
        NotFound: The account has no such note.

    Side effect: one audit event.
    """
    customer = check_pin(session, account, note_id)
    with writing(session, rights.NOTE) as tx:
        customer_rows.lock(session.db, customer.id)
        comfort.pin(session.db, note_id, customer.id, on)
        tx.touch(versions.MARKS, [customer.id])
        tx.note("note.pin" if on else "note.unpin", customer.account, {"note": note_id})


def check_note(session: Session, account: str, text: str) -> str:
    """The text of a note that may be written on the account. Changes nothing."""
    find_customer(session, account)
    text = clean(text, "The note", limit=NOTE_LIMIT, newlines=True)
    if not text:
        raise InvalidInput("The note is empty; type it, or leave with F12.")
    return text


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
    session: Session, account: str, key: str, text: str = "", promise_on: date | None = None, *, invoice: str = "",
    request_id: bytes | None = None,
) -> date:  # fmt: skip
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

    Side effect: one audit event. Source: behaviours 7.
    """
    claim = claim_of(request_id, "call", account, key, text, promise_on, invoice)
    if answered(session, claim) is not None:
        return next_action(OUTCOMES[key], session.today(), promise_on)
    again = check_outcome(session, account, key, text, promise_on, invoice=invoice)
    what, text, today = OUTCOMES[key], clean(text, "The remark", limit=NOTE_LIMIT, newlines=True), session.today()
    customer = find_customer(session, account)
    operator, _ = session.sign_in_if_needed()

    def work(tx: Transaction) -> int:
        customer_rows.lock(session.db, customer.id)
        promised = promise_on.isoformat() if promise_on else None
        said: dict[str, object] = {"next": again.isoformat(), "outcome": what.id}
        if promised:
            said["promise"] = promised
        if what.id == "dispute":
            said["invoice"] = disputes.raise_in(tx, session, customer, invoice, text)
        (note_id,) = tx.take("id")
        row = (note_id, customer.id, today.isoformat(), "call", what.word, text, again.isoformat(), promised,
               operator.name, tx.now_us)  # fmt: skip
        tx.post(tables.Note, [row])
        before = customer_rows.totals(session.db, customer.id)
        stands = promised or before.promise_on
        kept.contacted(session.db, customer.id, again.isoformat(), stands, today.isoformat(), what.word)
        tx.note("call.outcome", customer.account, said)
        return note_id

    once(session, rights.NOTE, claim, work)
    return again


def _check(what: Outcome, text: str, promise_on: date | None, today: date) -> None:
    if what.id == "promise":
        last = today + timedelta(days=PROMISE_DAYS)
        if promise_on is None or not today <= promise_on <= last:
            raise InvalidInput(f"A promise needs a day from {today} to {last}; type it, or +7 for in a week.")
    elif promise_on is not None:
        raise InvalidInput("Only a promise has a day.")
    if what.id == "dispute" and len(text) < 3:
        raise InvalidInput("A dispute needs its reason in the customer's words; type it.")
