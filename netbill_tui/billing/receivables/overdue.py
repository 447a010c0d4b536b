"""The overdue queue: what an account owes past its due date, and the order of the day's work.

Source: docs/rules.md, *7 Overdue queue*.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from netbill_tui.billing.core.dates import next_business_day

MINIMUM = 500  # minor units; below it an account is overdue, but no work


class Overdue(NamedTuple):
    """An account with something past due. Days are those of its oldest overdue invoice; amounts in minor units.

    `owes`: it owes something in sum; else its credit covers what is overdue. `handed_over`: it is with an agency, and no work.
    """

    customer_id: int
    account: str
    name: str
    oldest_due: str
    days: int
    overdue: int
    bucket: str
    invoices: int
    disputed: int
    next_action_on: str | None
    promise_on: str | None
    last_contact_on: str | None
    last_contact: str
    owes: bool = True
    handed_over: bool = False

    @property
    def stage(self) -> str | None:
        """`disputed` when all that is overdue is, `handed over` when an agency has it."""
        return "handed over" if self.handed_over else "disputed" if self.disputed == self.overdue else None


class Outcome(NamedTuple):
    """What may come of a call: its word, its key, and how many days until the account comes up again."""

    id: str
    word: str
    days: int
    business_days: bool = False


OUTCOMES: dict[str, Outcome] = {
    "n": Outcome("no-answer", "no answer", 2, business_days=True),
    "l": Outcome("message", "left message", 3),
    "w": Outcome("wrong-number", "wrong number", 1, business_days=True),
    "m": Outcome("promise", "promises to pay", 0),
    "d": Outcome("dispute", "disputes it", 0),
    "e": Outcome("escalate", "escalated", 1, business_days=True),
    "s": Outcome("skip", "skipped today", 1),
}


def next_action(outcome: Outcome, today: date, promise_on: date | None = None) -> date:
    """When the account comes up again. A promise: the day after it."""
    if promise_on is not None:
        return promise_on + timedelta(days=1)
    if outcome.business_days:
        return next_business_day(today, outcome.days)
    return today + timedelta(days=outcome.days)


def by_days(rows: Iterable[Overdue]) -> list[Overdue]:
    """Oldest first, then by account number."""
    return sorted(rows, key=lambda r: (-r.days, r.account))


def by_amount(rows: Iterable[Overdue]) -> list[Overdue]:
    """Most owed first, then by account number."""
    return sorted(rows, key=lambda r: (-r.overdue, r.account))


def work_list(rows: Iterable[Overdue], today: date, minimum: int = MINIMUM) -> list[Overdue]:
    """What is to be done today: broken promises, over 60 days, over 30, the rest; then the largest sum first.

    Left out: who owes nothing in sum or is handed over, under the minimum, an active promise, all of it disputed, or a
    next action
    that lies ahead.
    """
    now = today.isoformat()

    def is_work(row: Overdue) -> bool:
        promised = row.promise_on is not None and row.promise_on >= now
        waits = row.next_action_on is not None and row.next_action_on > now
        return (
            row.owes
            and not row.handed_over
            and row.overdue >= minimum
            and not promised
            and row.disputed < row.overdue
            and not waits
        )

    def rank(row: Overdue) -> tuple[int, int, int, str]:
        broken = row.promise_on is not None and row.promise_on < now
        step = 0 if broken else 2 if row.days > 60 else 3 if row.days > 30 else 4
        return (step, -row.overdue, -row.days, row.account)

    return sorted(filter(is_work, rows), key=rank)
