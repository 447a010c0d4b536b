"""The overdue queue and its work list. Source: docs/rules.md, *7 Overdue queue*."""

from netbill_tui.billing.core.money import Tally
from netbill_tui.billing.receivables.ageing import BUCKETS
from netbill_tui.billing.receivables.overdue import Overdue, by_amount, by_days, work_list
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.db.receivables import overdue
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables.dues import every

SORTS = ("days", "amount")


def queue(
    session: Session, *, sort: str = "days", bucket: str | None = None, work: bool = False, limit: int | None = None
) -> list[Overdue]:
    """The accounts with something past due, as of the session's date, by the rules alone: whole, in memory.

    Today's queue is read by pages in lookup/lists.py; a test holds both alike.

    Args:
        session: Its date decides.
        sort: `days` or `amount`; the work list has its own order.
        bucket: Only accounts whose oldest overdue invoice lies in this one.
        work: Only what is to be done today.
        limit: At most so many.
    """
    everything = whole(session)
    if work:
        chosen = work_list(everything, session.date(), session.book.minimum_overdue)
    else:
        chosen = by_days(everything) if sort == "days" else by_amount(everything)
    return [r for r in chosen if bucket is None or r.bucket == bucket][:limit]


def whole(session: Session) -> list[Overdue]:
    """The whole queue, unsorted."""
    as_of = session.date().isoformat()
    if session.calendar.is_today and session.rolled():
        with session.db.reading() as db:
            return overdue.today(db, as_of)
    if session.calendar.is_past:
        dues = invoice_rows.open_as_of(session.db, as_of)
    else:
        dues = every(session)
    accounts = sorted({d.account for d in dues if d.days > 0})
    ids = {a: c.id for a, c in customer_rows.by_accounts(session.db, accounts).items()}
    return overdue.of_dues(session.db, dues, ids, as_of)


def sums(session: Session) -> Tally:
    """The overdue accounts and what is overdue in all."""
    if session.calendar.is_today and session.rolled():
        return overdue.sums(session.db)
    queue_ = whole(session)
    return Tally(len(queue_), sum(r.overdue for r in queue_))


def bucket_terms(name: str | None) -> str:
    """The filter terms for the accounts whose oldest overdue invoice stands in a bucket; empty for all."""
    if name is None:
        return ""
    youngest, oldest = next((first, last) for bucket, first, last in BUCKETS if bucket == name)
    terms = [f"days>={youngest}" if youngest is not None else "", f"days<={oldest}" if oldest is not None else ""]
    return " ".join(t for t in terms if t)
