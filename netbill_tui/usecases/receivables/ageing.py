"""Ageing of the whole book. Source: docs/rules.md, *8 Ageing*."""

from collections.abc import Sequence
from typing import NamedTuple

from netbill_tui.billing.core.money import Tally
from netbill_tui.billing.receivables.ageing import age, days_past_due
from netbill_tui.db.receivables import invoices
from netbill_tui.db.receivables.invoices import DueDay
from netbill_tui.usecases.core.session import Session


class Ageing(NamedTuple):
    """The open invoices of each bucket. `unapplied` is never positive; `total` is the sum of all balances."""

    as_of: str
    buckets: dict[str, Tally]
    unapplied: int

    @property
    def total(self) -> int:
        """What all customers owe, less what they have paid ahead."""
        return sum(bucket.amount for bucket in self.buckets.values()) + self.unapplied


def ageing(session: Session) -> Ageing:
    """What is open as of the session's date, by how long it is past due."""
    as_of = session.date().isoformat()
    if session.calendar.is_past:
        items = [(d.days, 1, d.open) for d in invoices.open_as_of(session.db, as_of)]
        return Ageing(as_of, age(items), -invoices.credit_as_of(session.db, as_of, past=True))
    return of_today(as_of, *session.db.together(invoices.reading_by_due_date(), invoices.reading_credit(as_of, past=False)))


def of_today(as_of: str, due_days: Sequence[DueDay], credit: int) -> Ageing:
    """The ageing of a day that is not past, from what is kept of each due date and of credit."""
    return Ageing(as_of, age((days_past_due(d.due, as_of), d.invoices, d.amount) for d in due_days), -credit)
