"""Notes on an account, and what came of a call."""

from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.db.core import posted, versions
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.customers import notes
from netbill_tui.errors import InvalidInput, NotFound
from netbill_tui.security import rights
from netbill_tui.text import NOTE_LIMIT, clean
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import claim_of, once, writing
from netbill_tui.usecases.customers.accounts import find_customer


def of_customer(session: Session, account: str) -> list[NoteRow]:
    """The notes and calls of an account up to the session's date, newest first."""
    return of_id(session, find_customer(session, account).id)


def of_id(session: Session, customer_id: int) -> list[NoteRow]:
    """The same of an account whose row is known."""
    return notes.of_customer(session.db, customer_id, session.date().isoformat())


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
        row = posted.Note(note_id, customer.id, today, "note", "", text, None, None, operator.name, tx.now_us)
        tx.post([row])
        tx.note("note.add", customer.account, {"note": note_id})
        return note_id

    once(session, rights.NOTE, claim_of(request_id, "note", customer.account, text), work)


def check_pin(session: Session, account: str, note_id: int) -> Customer:
    """The customer whose note it is. Changes nothing.

    Raises:
        NotFound: The account has no such note.
    """
    customer = find_customer(session, account)
    if note_id not in {n.id for n in notes.of_customer(session.db, customer.id, session.date().isoformat())}:
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
        versions.hold(tx, versions.MARKS, [customer.id])
        notes.pin(session.db, note_id, customer.id, on)
        tx.touch(versions.MARKS, [customer.id])
        tx.note("note.pin" if on else "note.unpin", customer.account, {"note": note_id})


def check_note(session: Session, account: str, text: str) -> str:
    """The text of a note that may be written on the account. Changes nothing."""
    find_customer(session, account)
    text = clean(text, "The note", limit=NOTE_LIMIT, newlines=True)
    if not text:
        raise InvalidInput("The note is empty; type it, or leave with F12.")
    return text
