"""The overdue queue and its work list. Source: behaviours 7."""

from netbill_tui.billing.ageing import BUCKETS, age
from netbill_tui.billing.overdue import Overdue, by_amount, by_days, work_list
from netbill_tui.db import customers as customer_rows
from netbill_tui.db import invoices as invoice_rows
from netbill_tui.db import overdue as rows
from netbill_tui.services.dues import every
from netbill_tui.services.paging import FIRST, Page, read_page
from netbill_tui.services.session import Session

SORTS = ("days", "amount")


def queue(
    session: Session, *, sort: str = "days", bucket: str | None = None, work: bool = False, limit: int | None = None
) -> list[Overdue]:
    """The accounts with something past due, as of the session's date.

    Args:
        session: Its date decides.
        sort: `days` or `amount`; the work list has its own order.
        bucket: Only accounts whose oldest overdue invoice lies in this one.
        work: Only what is to be done today.
        limit: At most so many.
    """
    if limit is not None and not work and bucket is None and session.is_today and session.rolled():
        found: list[Overdue] = []
        which = FIRST
        while len(found) < limit and (part := page(session, sort=sort, which=which)):
            found += part
            which = Page(after=key_of(part[-1], sort))
        return found[:limit]
    everything = whole(session)
    if work:
        chosen = work_list(everything, session.date(), session.book.minimum_overdue)
    else:
        chosen = by_days(everything) if sort == "days" else by_amount(everything)
    return [r for r in chosen if bucket is None or r.bucket == bucket][:limit]


def whole(session: Session) -> list[Overdue]:
    """The whole queue, unsorted."""
    as_of = session.date().isoformat()
    if session.is_today and session.rolled():
        with session.db.reading() as db:
            return rows.today(db, as_of)
    if session.is_past:
        dues = invoice_rows.open_as_of(session.db, as_of)
    else:
        dues = every(session)
    accounts = sorted({d.account for d in dues if d.days > 0})
    ids = {a: c.id for a, c in customer_rows.by_accounts(session.db, accounts).items()}
    return rows.of_dues(session.db, dues, ids, as_of)


def page(session: Session, *, sort: str = "days", which: Page = FIRST) -> list[Overdue]:
    """One page of today's queue. Only for a session that is at today."""
    keyset = rows.BY_DAYS if sort == "days" else rows.BY_AMOUNT
    session.rolled()
    with session.db.reading() as db:
        return rows.rows(db, read_page(db, keyset, (), which), session.date().isoformat())


def key_of(row: Overdue, sort: str) -> tuple[object, object]:
    """The key of a row, for the page behind or before it."""
    return (row.overdue, row.account) if sort == "amount" else (row.oldest_due, row.account)


def sums(session: Session) -> tuple[int, int]:
    """Number of overdue accounts and what is overdue in all."""
    if session.is_today and session.rolled():
        return rows.sums(session.db)
    found = whole(session)
    return len(found), sum(r.overdue for r in found)


def work_sums(session: Session) -> tuple[int, int]:
    """Number and overdue sum of what is to be done today."""
    if session.is_today and session.rolled():
        return rows.work_sums(session.db, session.date().isoformat(), session.book.minimum_overdue)
    found = queue(session, work=True)
    return len(found), sum(r.overdue for r in found)


def buckets(found: list[Overdue]) -> dict[str, tuple[int, int]]:
    """Accounts and overdue sums by bucket of the oldest invoice."""
    return age((r.days, 1, r.overdue) for r in found)


def bucket_terms(name: str | None) -> str:
    """The filter terms for the accounts whose oldest overdue invoice stands in a bucket; empty for all."""
    if name is None:
        return ""
    youngest, oldest = next((first, last) for bucket, first, last in BUCKETS if bucket == name)
    terms = [f"days>={youngest}" if youngest is not None else "", f"days<={oldest}" if oldest is not None else ""]
    return " ".join(t for t in terms if t)
