"""The days on which nothing is sent or suspended, and holidays as rules that hold for every year.

A rule is `2026-12-24`, `yearly 12-25`, `yearly 07-04 observed`, `easter +1` or `nth 4 thursday november` (`nth -1` is the last).
*Observed* is the Friday before a Saturday and the Monday after a Sunday. Source: docs/collections.md, *Quiet days*.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache

from dateutil.easter import easter

from netbill_tui.errors import InvalidInput
from netbill_tui.patterns import Pattern
from netbill_tui.text import visible

WEEKDAYS = tuple(name.lower() for name in calendar.day_name)
_MONTHS = tuple(name.lower() for name in calendar.month_name)
_DATE = Pattern(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_YEARLY = Pattern(r"yearly (\d{2})-(\d{2})( observed)?\Z", re.ASCII)
_EASTER = Pattern(r"easter(?: ([+-]\d{1,3}))?\Z", re.ASCII)
_NTH = Pattern(r"nth (-?[1-5]) ([a-z]+) ([a-z]+)\Z", re.ASCII)
MOST = 60  # rules of a book
LONGEST = 31  # days in a row on which nothing may be done, at most


@dataclass(frozen=True)
class QuietDays:
    """When nothing goes out, and when nobody is suspended.

    Attributes:
        weekdays: On which no message goes, 0 for Monday.
        holidays: Rules; on such a day no message goes either.
        connected: Weekdays on which nobody is suspended; neither on a holiday or the day before it.
    """

    weekdays: frozenset[int] = frozenset()
    holidays: tuple[str, ...] = ()
    connected: frozenset[int] = frozenset({4, 5, 6})

    def is_holiday(self, day: date) -> bool:
        """Whether a rule names the day."""
        return _is_holiday(self.holidays, day)

    def is_quiet(self, day: date) -> bool:
        """Whether no message goes on the day."""
        return day.weekday() in self.weekdays or self.is_holiday(day)

    def keeps_connected(self, day: date) -> bool:
        """Whether nobody is suspended on the day."""
        return day.weekday() in self.connected or self.is_holiday(day) or self.is_holiday(day + timedelta(days=1))

    def is_working(self, day: date) -> bool:
        """Whether a bank books on the day: Monday to Friday, no holiday."""
        return day.weekday() < 5 and not self.is_holiday(day)

    def next_loud(self, day: date) -> date:
        """The first day from this one on that is not quiet."""
        while self.is_quiet(day):
            day += timedelta(days=1)
        return day

    def next_suspending(self, day: date) -> date:
        """The first day from this one on, on which somebody may be suspended."""
        while self.keeps_connected(day):
            day += timedelta(days=1)
        return day

    def after_working(self, day: date, count: int) -> date:
        """The `count`-th working day after a day."""
        known = self._booked.get((day, count))
        if known is None:
            known, left = day, count
            while left:
                known += timedelta(days=1)
                left -= self.is_working(known)
            self._booked[day, count] = known
        return known

    @cached_property
    def _booked(self) -> dict[tuple[date, int], date]:
        """What was worked out before: thousands of accounts share a few due dates."""
        return {}


@lru_cache(maxsize=4096)
def _is_holiday(rules: tuple[str, ...], day: date) -> bool:
    return any(day in _of_year(rule, year) for rule in rules for year in (day.year - 1, day.year, day.year + 1))


@lru_cache(maxsize=4096)
def _of_year(rule: str, year: int) -> tuple[date, ...]:
    """The days of a year, or beside its ends, that a rule names."""
    if _DATE.match(rule):
        day = date.fromisoformat(rule)
        return (day,) if day.year == year else ()
    if yearly := _YEARLY.match(rule):
        month, number = int(yearly[1]), int(yearly[2])
        if number > calendar.monthrange(year, month)[1]:
            return ()  # 29 February of a common year
        day = date(year, month, number)
        return (_observed(day) if yearly[3] else day,)
    if of_easter := _EASTER.match(rule):
        return (easter(year) + timedelta(days=int(of_easter[1] or 0)),)
    nth = _NTH.match(rule)
    assert nth is not None
    days = [d for d in _days(year, _MONTHS.index(nth[3])) if d.weekday() == WEEKDAYS.index(nth[2])]
    at = int(nth[1])
    return (days[at - 1 if at > 0 else at],) if abs(at) <= len(days) else ()


def _days(year: int, month: int) -> list[date]:
    return [date(year, month, n) for n in range(1, calendar.monthrange(year, month)[1] + 1)]


def _observed(day: date) -> date:
    """Where a holiday of a fixed day is taken."""
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def read_weekdays(text: str) -> frozenset[int]:
    """The days of the week in a list such as `saturday sunday`; `none` for none.

    Raises:
        InvalidInput: A word is no day of the week.
    """
    words = text.replace(",", " ").lower().split()
    if words in ([], ["none"]):
        return frozenset()
    for word in words:
        if word not in WEEKDAYS:
            raise InvalidInput(f"{visible(word)[:20]!r} is not a day of the week; type days such as saturday sunday, or none.")
    return frozenset(WEEKDAYS.index(word) for word in words)


def read_holidays(text: str) -> tuple[str, ...]:
    """The rules of a list that is separated by `;`.

    Raises:
        InvalidInput: One cannot be read, with how they are typed.
    """
    rules = tuple(" ".join(part.lower().split()) for part in text.split(";") if part.strip() and part.strip().lower() != "none")
    if len(rules) > MOST:
        raise InvalidInput(f"There are {len(rules)} holidays; a book has at most {MOST}.")
    for rule in rules:
        if not _is_rule(rule):
            raise InvalidInput(
                f"{visible(rule)[:40]!r} is not a holiday; type 2026-12-24, yearly 12-25, yearly 07-04 observed, easter +1 or "
                "nth 4 thursday november."
            )
    return rules


def _is_rule(rule: str) -> bool:
    nth = _NTH.match(rule)
    if nth is not None:
        return nth[2] in WEEKDAYS and nth[3] in _MONTHS[1:] and int(nth[1]) != 0
    try:
        if _DATE.match(rule):
            return bool(date.fromisoformat(rule))
        if yearly := _YEARLY.match(rule):
            return bool(date(2024, int(yearly[1]), int(yearly[2])))  # a leap year has every day
    except ValueError:
        return False
    return _EASTER.match(rule) is not None


def check(days: QuietDays, today: date) -> QuietDays:
    """The same, where something can be sent and somebody be suspended within a month of any day of the next years.

    Raises:
        InvalidInput: Too many days in a row are blocked, with the first.
    """
    for blocks, what in ((days.is_quiet, "sent"), (days.keeps_connected, "suspended")):
        length = 0
        for n in range(3 * 366):
            length = length + 1 if blocks(today + timedelta(days=n)) else 0
            if length > LONGEST:
                first = today + timedelta(days=n - LONGEST)
                raise InvalidInput(
                    f"These days leave more than {LONGEST} days in a row from {first} on which nothing is {what}; leave some out."
                )
    return days
