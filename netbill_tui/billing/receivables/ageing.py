"""Ageing: how many days past due, and which bucket. Source: docs/rules.md, *8 Ageing*."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from netbill_tui.billing.core.money import Tally

# name, first and last day past due; None is open.
Bucket = tuple[str, int | None, int | None]

BUCKETS: tuple[Bucket, ...] = (
    ("current", None, 0),
    ("1-30", 1, 30),
    ("31-60", 31, 60),
    ("61-90", 61, 90),
    ("over-90", 91, None),
)
BUCKET_NAMES = tuple(name for name, _, _ in BUCKETS)


# A list has few dates and many rows.
_day = lru_cache(maxsize=4096)(date.fromisoformat)


def days_past_due(due: date | str, as_of: date | str) -> int:
    """Days from the due date to the as-of date: overdue from 1, not on the due day (0), negative before."""
    first = _day(due) if isinstance(due, str) else due
    last = _day(as_of) if isinstance(as_of, str) else as_of
    return (last - first).days


def bucket_of(days: int, buckets: Sequence[Bucket] = BUCKETS) -> str:
    """The name of the bucket that holds this age in days.

    Raises:
        ValueError: If the buckets leave a gap at that age.
    """
    for name, first, last in buckets:
        if (first is None or days >= first) and (last is None or days <= last):
            return name
    raise ValueError(f"no bucket holds {days} days")


def age(items: Iterable[tuple[int, int, int]], buckets: Sequence[Bucket] = BUCKETS) -> dict[str, Tally]:
    """Invoices and amount of every bucket, in order, empty ones too.

    Args:
        items: Days past due, number of invoices, open amount.
        buckets: The limits, inclusive.
    """
    sums = {name: Tally() for name, _, _ in buckets}
    for days, count, amount in items:
        name = bucket_of(days, buckets)
        sums[name] = Tally(sums[name].number + count, sums[name].amount + amount)
    return sums
