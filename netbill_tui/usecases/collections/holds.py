"""An account is held: nothing is sent, charged or suspended until a day; or it is handed over and out of ladder and queue.

Source: docs/rules.md, *10 Waiving and holding*.
"""

from datetime import date

from netbill_tui.db.collections import marks
from netbill_tui.db.collections.marks import HANDED_OVER, HOLD
from netbill_tui.db.collections.marks import MarkRow as MarkRow
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers.accounts import find_customer

COVERS = ("all", "fees")


def of_account(session: Session, account: str) -> list[MarkRow]:
    """How an account is held or handed over."""
    return marks.of_customer(session.db, find_customer(session, account).id)


def listed(session: Session) -> list[MarkRow]:
    """Every account that is held or handed over."""
    return marks.listed(session.db)


def _reason(reason: str, example: str) -> str:
    words = clean(reason, "The reason", limit=200)
    if len(words) < 3:
        raise InvalidInput(f"Type why, such as: {example}.")
    return words


def hold(session: Session, account: str, until: date | None, reason: str, *, covers: str = "all") -> None:
    """Hold an account until the end of a day, or until somebody releases it.

    Args:
        session: Who holds it.
        account: Which.
        until: The last day; None for no end.
        reason: Why.
        covers: `all`, or `fees` alone.

    Raises:
        InvalidInput: The day is over, or no reason.

    Side effect: one audit event.
    """
    customer, words = find_customer(session, account), _reason(reason, "waits for the technician")
    if covers not in COVERS:
        raise InvalidInput(f"A hold covers {' or '.join(COVERS)}.")
    if until is not None and until < session.today():
        raise InvalidInput(f"{until} is over; type today or a later day, or leave the day out.")
    with writing(session, rights.COLLECT) as tx:
        customer_rows.lock(session.db, customer.id)
        _post(tx, session, customer.id, HOLD, until, covers, words)
        said = {"until": until.isoformat() if until else None, "covers": covers, "reason": words}
        tx.note("collect.hold", customer.account, said)


def release(session: Session, account: str, reason: str) -> None:
    """End the hold of an account.

    Raises:
        Refused: It is not held.

    Side effect: one audit event.
    """
    customer, words = find_customer(session, account), _reason(reason, "the technician was there")
    with writing(session, rights.COLLECT) as tx:
        customer_rows.lock(session.db, customer.id)
        _must_be(session, customer.id, customer.account, HOLD, "held")
        _post(tx, session, customer.id, "release", None, "", words)
        tx.note("collect.release", customer.account, {"reason": words})


def hand_over(session: Session, account: str, reason: str) -> None:
    """Hand an account over to an agency: it leaves ladder and queue; what it owes stays as it is.

    Raises:
        Refused: It is handed over already, or owes nothing.

    Side effect: one audit event.
    """
    customer, words = find_customer(session, account), _reason(reason, "to the agency of the town")
    with writing(session, rights.WRITE_OFF) as tx:
        customer_rows.lock(session.db, customer.id)
        if any(m.kind == HANDED_OVER for m in marks.of_customer(session.db, customer.id)):
            raise Refused(f"{customer.account} is handed over already.")
        if customer_rows.totals(session.db, customer.id).overdue <= 0:
            raise Refused(f"{customer.account} owes nothing that is overdue; there is nothing to hand over.")
        _post(tx, session, customer.id, HANDED_OVER, None, "", words)
        tx.note("collect.hand-over", customer.account, {"reason": words})


def take_back(session: Session, account: str, reason: str) -> None:
    """Take an account back from an agency; the ladder goes on where its age says.

    Raises:
        Refused: It is not handed over.

    Side effect: one audit event.
    """
    customer, words = find_customer(session, account), _reason(reason, "the agency gave up")
    with writing(session, rights.WRITE_OFF) as tx:
        customer_rows.lock(session.db, customer.id)
        _must_be(session, customer.id, customer.account, HANDED_OVER, "handed over")
        _post(tx, session, customer.id, "taken-back", None, "", words)
        tx.note("collect.take-back", customer.account, {"reason": words})


def _must_be(session: Session, customer_id: int, account: str, kind: str, words: str) -> None:
    if not any(m.kind == kind for m in marks.of_customer(session.db, customer_id)):
        raise Refused(f"{account} is not {words}; nothing was changed.")


def _post(tx: Transaction, session: Session, customer_id: int, kind: str, until: date | None, covers: str, reason: str) -> None:
    operator, _ = session.sign_in_if_needed()
    (number,) = tx.take("id")
    marks.post(tx, posted.CollectionEvent(
        number, customer_id, kind, until.isoformat() if until else None, covers, reason, session.today().isoformat(),
        operator.name, tx.now_us,
    ))  # fmt: skip


def agency(session: Session) -> list[marks.AgencyRow]:
    """Every account that is handed over, with what an agency needs to know but for what is sealed."""
    return marks.agency(session.db, session.date().isoformat())
