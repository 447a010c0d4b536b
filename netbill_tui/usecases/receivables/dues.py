"""Dues: invoices with something left to pay, and one invoice with its lines."""

from datetime import timedelta

from netbill_tui.billing.core.money import Tally
from netbill_tui.billing.receivables.ageing import BUCKETS
from netbill_tui.billing.receivables.invoices import Due, Line
from netbill_tui.db.receivables import invoices
from netbill_tui.errors import NotFound
from netbill_tui.text import visible
from netbill_tui.usecases.catalogue.numbers import numbers_meant
from netbill_tui.usecases.core.paging import FIRST, Page
from netbill_tui.usecases.core.session import Session

# First and last due date of a list, both included.
Span = tuple[str, str]
ALL: Span = ("0000-01-01", "9999-12-31")


def within(session: Session, days: int) -> Span:
    """The due dates from today through the next N days."""
    today = session.date()
    return today.isoformat(), (today + timedelta(days=days)).isoformat()


def of_bucket(session: Session, name: str) -> Span:
    """The due dates of an ageing bucket."""
    youngest, oldest = next((first, last) for bucket, first, last in BUCKETS if bucket == name)
    today = session.date()
    first = ALL[0] if oldest is None else (today - timedelta(days=oldest)).isoformat()
    last = ALL[1] if youngest is None else (today - timedelta(days=youngest)).isoformat()
    return first, last


def page(session: Session, span: Span = ALL, which: Page = FIRST) -> list[Due]:
    """One page of the open invoices, by due date. A past date gives all of them as one page."""
    as_of = session.date().isoformat()
    if session.calendar.is_past:
        if which != FIRST:
            return []
        return [d for d in invoices.open_as_of(session.db, as_of) if span[0] <= d.due <= span[1]]
    return invoices.page(session.db, *span, as_of, which)


def every(session: Session, span: Span = ALL) -> list[Due]:
    """All open invoices, by due date."""
    if session.calendar.is_past:
        return page(session, span)
    dues: list[Due] = []
    which = FIRST
    while part := page(session, span, which):
        dues += part
        which = Page(after=(part[-1].due, part[-1].id))
    return dues


def sums(session: Session, span: Span = ALL) -> Tally:
    """The open invoices in the span."""
    if session.calendar.is_past:
        dues = page(session, span)
        return Tally(len(dues), sum(d.open for d in dues))
    return invoices.falling_due(session.db, *span)


def invoice(session: Session, number: str) -> tuple[Due, list[Line]]:
    """One invoice with its lines; its number as typed, in capitals, or its digits alone.

    Raises:
        NotFound: There is none of this number.
    """
    as_of = session.date().isoformat()
    due = next((invoice_ for n in numbers_meant(session, number) if (invoice_ := invoices.by_number(session.db, n, as_of))), None)
    if due is None:
        raise NotFound(f"There is no invoice {visible(number.strip())[:40]!r}; F2 or netbill find looks for it.")
    return due, invoices.lines(session.db, due.id)
