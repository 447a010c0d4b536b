"""Billing cycles: where the periods of a service begin and end. Source: docs/rules.md, *14 Anchor*.

Cycle dates are always computed from the anchor, never from the last date: anchor 31 gives 31 Jan, 28 Feb, 31 Mar. Periods
are half open, [first, end). Boundary 0 is the start when it falls on the anchor, else the first anchor date after it; what
lies before is a stub, a part of the period before boundary 0.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from netbill_tui.errors import InvalidInput
from netbill_tui.patterns import Pattern
from netbill_tui.text import counted

MONTHS = (1, 2, 3, 6, 12)
DAYS = (7, 14, 28)
NAMES = {
    "weekly": "7D",
    "fortnightly": "14D",
    "monthly": "1M",
    "quarterly": "3M",
    "semiannual": "6M",
    "half-yearly": "6M",
    "yearly": "1Y",
    "annual": "1Y",
}
_CODE = Pattern(r"(\d{1,3})([DWMY])\Z", re.ASCII)
_MOST = {"D": 90, "W": 52, "M": 24, "Y": 5}
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Cycle(NamedTuple):
    """The length of a period: months, or days where `months` is 0."""

    months: int
    days: int = 0

    @property
    def code(self) -> str:
        """As it is stored and typed: `1M`, `12M`, `7D`."""
        return f"{self.months}M" if self.months else f"{self.days}D"

    @property
    def words(self) -> str:
        """As people say it."""
        return _WORDS.get(
            self.code, f"every {counted(self.months, 'month')}" if self.months else f"every {counted(self.days, 'day')}"
        )


_WORDS = {
    "1M": "monthly",
    "2M": "every 2 months",
    "3M": "quarterly",
    "6M": "half-yearly",
    "12M": "yearly",
    "7D": "weekly",
    "14D": "fortnightly",
    "28D": "every 28 days",
}


def period_code(text: str) -> tuple[int, str]:
    """Quantity and unit of a period such as `3M`: D 1-90, W 1-52, M 1-24, Y 1-5.

    Raises:
        InvalidInput: With what to type instead.
    """
    match = _CODE.match(text.strip().upper())
    if match is None or not 1 <= int(match[1]) <= _MOST[match[2]]:
        raise InvalidInput(f"{text.strip()[:20]!r} is not a period; type it as 1M, 3M, 1Y, 2W or 7D.")
    return int(match[1]), match[2]


def period_months(text: str) -> int:
    """Whole months of a period in months or years.

    Raises:
        InvalidInput: It is none, or counted in days.
    """
    quantity, unit = period_code(text)
    if unit not in "MY":
        raise InvalidInput(f"{text.strip()[:20]!r} is not a number of months; type it as 3M or 1Y.")
    return quantity * (12 if unit == "Y" else 1)


@lru_cache(maxsize=64)
def parse_cycle(text: str) -> Cycle:
    """The billing cycle that was typed: 1, 2, 3, 6 or 12 months, 7, 14 or 28 days, or a word such as `monthly`.

    Raises:
        InvalidInput: Another length.
    """
    quantity, unit = period_code(NAMES.get(text.strip().lower(), text))
    weeks = 7 if unit == "W" else 1
    cycle = Cycle(0, quantity * weeks) if unit in "DW" else Cycle(period_months(f"{quantity}{unit}"))
    if cycle.months not in MONTHS and cycle.days not in DAYS:
        raise InvalidInput("A billing cycle is 1, 2, 3, 6 or 12 months (1M, 3M, 1Y), or 7, 14 or 28 days (7D, 2W).")
    return cycle


def month_length(year: int, month: int) -> int:
    """How many days the month has."""
    return 29 if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else _LENGTHS[month - 1]


def day_in_month(months: int, anchor: int) -> date:
    """The anchor day of a month counted from year 0, clamped to its last day."""
    year, month = divmod(months, 12)
    return date(year, month + 1, min(anchor, month_length(year, month + 1)))


def _count(day: date) -> int:
    return day.year * 12 + day.month - 1


class Schedule(NamedTuple):
    """The boundaries of one cycle.

    Attributes:
        cycle: Length of a period.
        anchor: Day of the month, 1 to 31; for a cycle in days without meaning.
        origin: Boundary 0.
    """

    cycle: Cycle
    anchor: int
    origin: date

    def boundary(self, k: int) -> date:
        """Boundary k; k may be negative."""
        return _boundary(self, k)

    def number(self, day: date) -> int:
        """The k of the period that holds the day."""
        if self.cycle.days:
            return (day - self.origin).days // self.cycle.days
        k = (_count(day) - _count(self.origin)) // self.cycle.months
        # The anchor day of that month may still lie ahead.
        return k - 1 if self.boundary(k) > day else k

    def period(self, day: date) -> tuple[date, date]:
        """First day and end of the period that holds the day."""
        k = self.number(day)
        return self.boundary(k), self.boundary(k + 1)

    def next_boundary(self, day: date) -> date:
        """The first boundary on the day or after it."""
        first, end = self.period(day)
        return first if first == day else end


@lru_cache(maxsize=65536)
def _boundary(schedule: Schedule, k: int) -> date:
    if schedule.cycle.days:
        return schedule.origin + timedelta(days=k * schedule.cycle.days)
    return day_in_month(_count(schedule.origin) + k * schedule.cycle.months, schedule.anchor)


@lru_cache(maxsize=65536)
def schedule(start: date, cycle: Cycle, anchor: int, phase: int = 0) -> Schedule:
    """The boundaries of a service that starts on a day.

    Args:
        start: Its first day.
        cycle: Length of a period.
        anchor: Day of the month on which periods begin, 1 to 31.
        phase: Month of the year, 1 to 12, on which the count of months stands, as January for quarters of the calendar year;
            0 begins the count with the first anchor date.

    Raises:
        InvalidInput: An anchor that is no day of a month.
    """
    if cycle.days:
        return Schedule(cycle, 0, start)
    if not 1 <= anchor <= 31:
        raise InvalidInput(f"{anchor} is not a day of a month; type an anchor day from 1 to 31.")
    months = _count(start)
    step = 1
    if phase:
        step = cycle.months
        months -= (months - (phase - 1)) % step
    first = day_in_month(months, anchor)
    while first < start:
        months += step
        first = day_in_month(months, anchor)
    return Schedule(cycle, anchor, first)


def periods(schedule_: Schedule, start: date, end: date | None = None) -> Iterator[tuple[date, date, date, date]]:
    """First day and end of each part of a span, and first day and end of the whole period that holds it; endless without an end.

    A stub longer than a period is split at the boundaries.
    """
    k = schedule_.number(start)
    first = start
    while end is None or first < end:
        whole, whole_end = schedule_.boundary(k), schedule_.boundary(k + 1)
        yield first, whole_end if end is None else min(whole_end, end), whole, whole_end
        first, k = whole_end, k + 1


def local_day(moment: datetime, timezone: str) -> date:
    """The business date of a moment in a time zone.

    Args:
        moment: With its own time zone.
        timezone: Name of the book's zone, such as Europe/Berlin.
    """
    return moment.astimezone(ZoneInfo(timezone)).date()


def local_time(moment: datetime, timezone: str) -> datetime:
    """A moment as the clocks of a time zone show it."""
    return moment.astimezone(ZoneInfo(timezone))


def begins_us(day: date, timezone: str) -> int:
    """When a day begins in a time zone, UTC microseconds."""
    return int(datetime.combine(day, time(), ZoneInfo(timezone)).timestamp()) * 1_000_000


def days_between(first: date, end: date) -> int:
    """Days of a half-open span; 0 where it ends before it begins."""
    return max((end - first).days, 0)
