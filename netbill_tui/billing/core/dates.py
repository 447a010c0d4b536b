"""Civil dates: how they are typed, and when an invoice falls due."""

import calendar
import re
from datetime import date, timedelta

from netbill_tui.errors import InvalidInput
from netbill_tui.patterns import Pattern

_ISO = Pattern(r"(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)
_OFFSET = Pattern(r"([+-])(\d{1,3})\Z", re.ASCII)
_COMPACT = Pattern(r"(\d{4})(\d{2})(\d{2})\Z", re.ASCII)
_NAMED = Pattern(r"(\d{1,2})[ .-]?([a-z]{3,9})[ .-]?(\d{4}|\d{2})?\Z", re.ASCII)
# Every beginning of three letters or more of a month's name; no other word is one.
_MONTHS = {name[:n].lower(): at for at, name in enumerate(calendar.month_name) for n in range(3, len(name) + 1)}
FIRST_YEAR, LAST_YEAR = 1900, 2999


def parse_date(text: str, today: date) -> date:
    """The date that was typed: `2026-11-22`, `20261122`, `5nov`, `5 nov 26`, `t` for today, `-1` yesterday, `+7` in a week.

    A day and a month without a year is the one nearest to today.

    Raises:
        InvalidInput: With what to type instead. Nothing is guessed: 01/02 has two readings and is refused.
    """
    typed = text.strip().lower()
    if typed in ("t", "today"):
        return today
    offset = _OFFSET.match(typed)
    if offset:
        return today + timedelta(days=int(offset[1] + offset[2]))
    match = _ISO.match(typed) or _COMPACT.match(typed)
    if match:
        return _day(typed, int(match[1]), int(match[2]), int(match[3]))
    named = _NAMED.match(typed)
    if named and named[2] in _MONTHS:
        return _of_month(typed, int(named[1]), _MONTHS[named[2]], named[3], today)
    raise InvalidInput(f"{text.strip()[:40]!r} is not a date; type it as 2026-11-22, 5nov, t for today or -1 for yesterday.")


def _of_month(typed: str, day: int, month: int, year: str | None, today: date) -> date:
    if year is not None:
        return _day(typed, int(year) if len(year) == 4 else 2000 + int(year), month, day)
    near = []
    for candidate in (today.year - 1, today.year, today.year + 1):
        try:
            near.append(date(candidate, month, day))
        except ValueError:
            continue  # 29 February of a common year
    if not near:
        raise InvalidInput(f"{typed} is not a day of the calendar; type a date such as 2026-11-22.")
    return min(near, key=lambda d: abs((d - today).days))


def _day(typed: str, year: int, month: int, day: int) -> date:
    try:
        parsed = date(year, month, day)
    except ValueError:
        raise InvalidInput(f"{typed} is not a day of the calendar; type a date such as 2026-11-22.") from None
    if not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        raise InvalidInput(f"{typed} is out of range; type a year from {FIRST_YEAR} to {LAST_YEAR}.")
    return parsed


def parse_birth_date(text: str, today: date) -> date:
    """A birth date as a caller says it: `1971-05-07`, `7may1971`, `7 may 71`; two digits of a year are of the past.

    Raises:
        InvalidInput: It is no date, or lies ahead.
    """
    named = _NAMED.match(text.strip().lower())
    if named and named[3] is None:
        raise InvalidInput("A birth date needs its year; type it as 1971-05-07 or 7may1971.")
    birth = parse_date(text, today)
    if birth > today and named and len(named[3]) == 2:
        birth = _day(text, birth.year - 100, birth.month, birth.day)
    if birth > today:
        raise InvalidInput(f"{birth} is in the future; type the birth date as 1971-05-07.")
    return birth


def due_date(issued: date, *, days: int = 0, day_of_next_month: int | None = None) -> date:
    """When an invoice falls due: so many days after issue, or a day of the following month, clamped to its end.

    Source: docs/rules.md, *8 Ageing*.
    """
    if day_of_next_month is None:
        return issued + timedelta(days=days)
    year, month = (issued.year + 1, 1) if issued.month == 12 else (issued.year, issued.month + 1)
    return date(year, month, min(day_of_next_month, calendar.monthrange(year, month)[1]))


def short(day: str | date) -> str:
    """A date, ISO or as one, as `22 Nov 26`, the form of the screens."""
    year, month, number = str(day).split("-")
    return f"{number} {calendar.month_abbr[int(month)]} {year[2:]}"


# What is quoted, a command, a path, an example of what to type, and a date between blanks or in front of a mark.
_VERBATIM = Pattern(r"'[^']*'|\"[^\"]*\"|\bnetbill [^;]*|\S*/.*|\b(?:as|type|saved|Saved|reference|filter)\b[^;]*")
_ISO_WITHIN = Pattern(r"(?<!\S)(\d{4}-\d{2}-\d{2})(?=[.,;:)]?(?:\s|\Z))", re.ASCII)


def dates_as_shown(sentence: str) -> str:
    """A sentence of ours with its ISO dates as the screens print dates.

    What somebody typed or may copy stays as it is: quoted words, filters, commands, paths, examples.
    """
    if not _ISO_WITHIN.search(sentence):
        return sentence
    parts, last = [], 0
    for verbatim in _VERBATIM.finditer(sentence):
        parts += [_ISO_WITHIN.sub(_as_shown, sentence[last : verbatim.start()]), verbatim[0]]
        last = verbatim.end()
    return "".join([*parts, _ISO_WITHIN.sub(_as_shown, sentence[last:])])


def _as_shown(match: re.Match[str]) -> str:
    try:
        day = date.fromisoformat(match[1])
    except ValueError:
        return match[0]
    return short(day) if FIRST_YEAR <= day.year <= LAST_YEAR else match[0]


def next_business_day(day: date, count: int) -> date:
    """The date `count` working days (Monday to Friday) after `day`. Used for the next action after a call."""
    while count:
        day += timedelta(days=1)
        if day.weekday() < 5:
            count -= 1
    return day
