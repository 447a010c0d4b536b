"""What was billed in a span of days, by code and by tax."""

from datetime import date

from netbill_tui.billing.catalogue.codes import Code
from netbill_tui.db.catalogue import codes as rows
from netbill_tui.usecases.catalogue.codes import load
from netbill_tui.usecases.catalogue.rules import rules as rules
from netbill_tui.usecases.core.session import Session


def revenue(session: Session, first: date, last: date) -> list[tuple[str, str, str, int, int]]:
    """Code, name, category, net amount and number of lines of a span, by issue date; credit notes taken off."""
    book = load(session)
    found = rows.revenue(session.db, first.isoformat(), last.isoformat())
    blank = Code("", "(discounts, or not in the catalogue)", "-")
    return [(c, book.codes.get(c, blank).name, book.codes.get(c, blank).category, a, n) for c, (a, n) in found.items()]


def taxes(session: Session, first: date, last: date) -> list[tuple[str, str, str, int, int, int]]:
    """Name, category, percentage, base, tax and number of documents of a span, by issue date; credit notes taken off."""
    return [(*k, *v) for k, v in rows.taxes(session.db, first.isoformat(), last.isoformat()).items()]
