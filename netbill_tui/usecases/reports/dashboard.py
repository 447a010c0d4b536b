"""The start screen's figures; each is a door to the list that it sums."""

from datetime import timedelta
from typing import NamedTuple

from netbill_tui.billing.core.money import Tally
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import day_sums
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.db.receivables import overdue as overdue_rows
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables import ageing, dues, overdue

DAYS_AHEAD = 7
TREND_DAYS = 30


class DayAmount(NamedTuple):
    """What was received on a day and not taken back by its end, in minor units."""

    day: str
    amount: int


class Dashboard(NamedTuple):
    """Today in figures: takings by method, ageing, the overdue, what falls due soon. The work of today is counted apart."""

    as_of: str
    takings: dict[str, Tally]
    ageing: ageing.Ageing
    overdue: Tally
    falling_due: Tally
    customers: int
    received: list[DayAmount]


def dashboard(session: Session) -> Dashboard:
    """All of it as of the session's date."""
    as_of = session.date().isoformat()
    days = [(session.date() - timedelta(days=n)).isoformat() for n in reversed(range(TREND_DAYS))]
    if session.calendar.is_today and session.rolled():
        takings, due_days, credit, late, customers, received = session.db.together(
            day_sums.reading_takings(as_of),
            invoice_rows.reading_by_due_date(),
            invoice_rows.reading_credit(as_of, past=False),
            overdue_rows.reading_sums(),
            customer_rows.reading_count(),
            day_sums.reading_received(days[0], days[-1]),
        )
        first, last = dues.within(session, DAYS_AHEAD)
        soon = [d for d in due_days if first <= d.due <= last]
        falling = Tally(sum(d.invoices for d in soon), sum(d.amount for d in soon))
        return Dashboard(
            as_of, takings, ageing.of_today(as_of, due_days, credit), late, falling, customers, _trend(days, received)
        )
    takings = day_sums.takings(session.db, as_of)
    return Dashboard(
        as_of,
        takings,
        ageing.ageing(session),
        overdue.sums(session),
        dues.sums(session, dues.within(session, DAYS_AHEAD)),
        customer_rows.count(session.db),
        _trend(days, session.db.together(day_sums.reading_received(days[0], days[-1]))[0]),
    )


def _trend(days: list[str], received: dict[str, int]) -> list[DayAmount]:
    return [DayAmount(day, received.get(day, 0)) for day in days]
