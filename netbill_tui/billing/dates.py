"""Civil dates: how they are typed, and when an invoice falls due."""

import calendar
import re
from datetime import date, timedelta

from netbill_tui.errors import InvalidInput

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{1,3})\Z", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1900, 2999


def parse_date(text: str, today: date) -> date:
    """The date that was typed: `2026-11-22`, `t` for today, `-1` for yesterday, `+7` for in a week.

    Raises:
        InvalidInput: With what to type instead. Nothing is guessed: 01/02 has two readings and is refused.
    """
    typed = text.strip().lower()
    if typed in ("t", "today"):
        return today
    offset = _OFFSET.match(typed)
    if offset:
        return today + timedelta(days=int(offset[1] + offset[2]))
    found = _ISO.match(typed)
    if not found:
        raise InvalidInput(f"{text.strip()[:40]!r} is not a date; type it as 2026-11-22, t for today or -1 for yesterday.")
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise InvalidInput(f"{typed} is not a day of the calendar; type a date such as 2026-11-22.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInput(f"{typed} is out of range; type a year from {FIRST_YEAR} to {LAST_YEAR}.")
    return day


def due_date(issued: date, *, days: int = 0, day_of_next_month: int | None = None) -> date:
    """When an invoice falls due: so many days after issue, or a day of the following month, clamped to its end.

    Source: behaviours 8.
    """
    if day_of_next_month is None:
        return issued + timedelta(days=days)
    year, month = (issued.year + 1, 1) if issued.month == 12 else (issued.year, issued.month + 1)
    return date(year, month, min(day_of_next_month, calendar.monthrange(year, month)[1]))


def short(day: str) -> str:
    """An ISO date as `22 Nov 26`, the form of the screens."""
    year, month, number = day.split("-")
    return f"{number} {calendar.month_abbr[int(month)]} {year[2:]}"


def next_business_day(day: date, count: int) -> date:
    """The date `count` working days (Monday to Friday) after `day`. Used for the next action after a call."""
    while count:
        day += timedelta(days=1)
        if day.weekday() < 5:
            count -= 1
    return day
