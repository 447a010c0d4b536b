"""Promises to pay and arrangements: what counts towards them, and what became of them.

Money counts that was recorded after the promise and received by its day, with the days of courtesy; the hold lasts as long. They
are judged the day after by the payments themselves, and anew where money is entered late or taken back. Source: docs/rules.md,
*11 Promise and arrangement*.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

OPEN: Final = "open"
KEPT: Final = "kept"
PART: Final = "part"
BROKEN: Final = "broken"
CANCELLED: Final = "cancelled"
ENDED: Final = (KEPT, PART, BROKEN, CANCELLED)
MOST_PARTS = 24


class Instalment(NamedTuple):
    """A part of an arrangement and the day by which it is promised."""

    by: date
    amount: int


class Money(NamedTuple):
    """Money that was recorded after a promise and not taken back since: what, and when it was received."""

    received: date
    amount: int


class OtherDue(NamedTuple):
    """An invoice that an arrangement does not hold: what of it was owed then or issued since, and when it falls due."""

    due: date
    amount: int


class Judgement(NamedTuple):
    """What became of a promise: its state, what came of what was promised, and until when it holds the ladder back."""

    state: str
    came: int
    promised: int
    holds_until: date | None = None


def holds_until(by: date, courtesy: int) -> date:
    """The last day on which nothing is sent, charged or suspended."""
    return by + timedelta(days=courtesy)


def judged(
    parts: Sequence[Instalment], money: Sequence[Money], day: date, *, courtesy: int = 0, pending: int = 0,
    others: Sequence[OtherDue] = (),
) -> Judgement:  # fmt: skip
    """What a promise or an arrangement has come to on a day.

    Args:
        parts: What was promised, in the order of its days; a promise has one part.
        money: What came since.
        day: As of; the day of a promise itself is still open.
        courtesy: Days of courtesy.
        pending: Money on its way: while it covers what is missing, nothing is judged.
        others: What else fell due, which the money pays first in an arrangement.
    """
    needed = 0
    for part in parts:
        needed += part.amount
        last = holds_until(part.by, courtesy)
        asked = needed + sum(o.amount for o in others if o.due <= part.by)
        came = sum(m.amount for m in money if m.received <= last)
        if came >= asked:
            continue
        if day <= last or came + pending >= asked:
            return Judgement(OPEN, came, asked, last)
        return Judgement(PART if came > 0 else BROKEN, came, asked)
    last = holds_until(parts[-1].by, courtesy)
    total = sum(part.amount for part in parts)
    return Judgement(KEPT, sum(m.amount for m in money if m.received <= last), total, last if day <= last else None)


def half_of(overdue: int, percent: int) -> int:
    """The least that a promise takes, rounded up."""
    return -(-overdue * percent // 100)


def too_often(broken: Sequence[date], day: date, *, most: int = 2, months: int = 6) -> bool:
    """Whether so many promises were broken lately that a new one is decided by two."""
    from dateutil.relativedelta import relativedelta

    since: date = day - relativedelta(months=months)
    return len([on for on in broken if on > since]) >= most
