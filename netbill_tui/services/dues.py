"""Dues: invoices with something left to pay, and one invoice with its lines."""

from datetime import timedelta

from netbill_tui.billing.invoices import Due, Line
from netbill_tui.db import invoices as rows
from netbill_tui.errors import NotFound
from netbill_tui.services.paging import FIRST, Page, read_page
from netbill_tui.services.session import Session
from netbill_tui.text import visible

_LAST_DAY = "9999-12-31"


def span(session: Session, within: int | None) -> tuple[str, str]:
    """The due dates of a list: all, or from today through the next N days."""
    if within is None:
        return "0000-01-01", _LAST_DAY
    today = session.date()
    return today.isoformat(), (today + timedelta(days=within)).isoformat()


def page(session: Session, within: int | None = None, which: Page = FIRST) -> list[Due]:
    """One page of the open invoices, by due date. A past date gives all of them as one page."""
    first, last = span(session, within)
    as_of = session.date().isoformat()
    if session.is_past:
        if which != FIRST:
            return []
        return [d for d in rows.open_as_of(session.db, as_of) if first <= d.due <= last]
    return [rows.due(r, as_of) for r in read_page(session.db, rows.DUES, (first, last), which)]


def every(session: Session, within: int | None = None) -> list[Due]:
    """All open invoices, by due date."""
    if session.is_past:
        return page(session, within)
    found: list[Due] = []
    which = FIRST
    while part := page(session, within, which):
        found += part
        which = Page(after=(part[-1].due, part[-1].id))
    return found


def sums(session: Session, within: int | None = None) -> tuple[int, int]:
    """Number and sum of the open invoices in the span."""
    if session.is_past:
        found = page(session, within)
        return len(found), sum(d.open for d in found)
    return rows.falling_due(session.db, *span(session, within))


def invoice(session: Session, number: str) -> tuple[Due, list[Line]]:
    """One invoice with its lines.

    Raises:
        NotFound: There is none of this number.
    """
    as_of = session.date().isoformat()
    found = rows.by_number(session.db, number.strip(), as_of) or rows.by_number(session.db, number.strip().upper(), as_of)
    if found is None:
        raise NotFound(f"There is no invoice {visible(number.strip())[:40]!r}; find it with netbill find.")
    return found, rows.lines(session.db, found.id)
