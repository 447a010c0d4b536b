"""What was billed in a span of days, by code and by tax."""

from datetime import date
from typing import NamedTuple

from netbill_tui.billing.catalogue.codes import Code
from netbill_tui.db.catalogue import codes
from netbill_tui.db.catalogue.codes import RateSum
from netbill_tui.usecases.catalogue.codes import load
from netbill_tui.usecases.core.session import Session


class Brought(NamedTuple):
    """What a billing code brought, net, in minor units, on so many lines."""

    code: str
    name: str
    category: str
    net: int
    lines: int


def revenue(session: Session, first: date, last: date) -> list[Brought]:
    """What each code brought in a span, by issue date; credit notes taken off."""
    catalogue = load(session)
    by_code = codes.revenue(session.db, first.isoformat(), last.isoformat())
    blank = Code("", "(discounts, or not in the catalogue)", "-")
    known = {code: catalogue.codes.get(code, blank) for code in by_code}
    return [Brought(code, known[code].name, known[code].category, t.amount, t.number) for code, t in by_code.items()]


def taxes(session: Session, first: date, last: date) -> list[RateSum]:
    """What each tax rate came to in a span, by issue date; credit notes taken off."""
    return codes.taxes(session.db, first.isoformat(), last.isoformat())
