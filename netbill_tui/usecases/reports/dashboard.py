"""The start screen's figures; each is a door to the list that it sums."""

from typing import NamedTuple

from netbill_tui.billing.core.money import Tally
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import payments as payment_rows
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables import ageing, dues, overdue

DAYS_AHEAD = 7


class Dashboard(NamedTuple):
    """Today in figures: takings by method, ageing, the overdue, what falls due soon. The work of today is counted apart."""

    as_of: str
    takings: dict[str, Tally]
    ageing: ageing.Ageing
    overdue: Tally
    falling_due: Tally
    customers: int


def dashboard(session: Session) -> Dashboard:
    """All of it as of the session's date."""
    as_of = session.date().isoformat()
    takings = payment_rows.takings(session.db, as_of)
    return Dashboard(
        as_of,
        takings,
        ageing.ageing(session),
        overdue.sums(session),
        dues.sums(session, dues.within(session, DAYS_AHEAD)),
        customer_rows.count(session.db),
    )
