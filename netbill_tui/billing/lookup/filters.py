"""The filter language of every list: `st:overdue plan:fibre* !tag:hold bal>50 days>30 last:14d "exact words" sort:-days`.

One parser for the screens, the command line and saved views. A word that a list does not know is an error with the nearest
name, never ignored: a filter that silently does nothing shows the wrong customers.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import parse_amount
from netbill_tui.errors import InvalidInput
from netbill_tui.patterns import Pattern
from netbill_tui.text import fold, query_words

TEXT, CHOICE, AMOUNT, NUMBER, DATE, AGE = "text", "choice", "amount", "number", "date", "age"
_TOKEN = Pattern(r'(!?)(?:([A-Za-z][A-Za-z_-]*)(>=|<=|[:=<>]))?(?:"([^"]*)"|([^\s"]+))', re.ASCII)
_DAYS = Pattern(r"([+-]?)(\d{1,5})([dwmy])\Z", re.ASCII)
_UNIT_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
LIMIT = 300


class Field(NamedTuple):
    """A field of a list.

    Attributes:
        kind: One of the kinds above; it says which values and comparisons are taken.
        help: What it is, for the help page and the manual.
        choices: The values of a choice.
    """

    kind: str
    help: str
    choices: tuple[str, ...] = ()


class Condition(NamedTuple):
    """One term that must hold.

    Attributes:
        field: Name of the field.
        op: like, is, <, <=, >, >=, = (for age: `<` younger, `>` older, against a date).
        values: Any of them; patterns for like, ISO dates, minor units or numbers otherwise.
        negated: It must not hold.
    """

    field: str
    op: str
    values: tuple[str | int, ...]
    negated: bool = False


class Word(NamedTuple):
    """Words of a name: prefixes, or whole words where they were quoted."""

    words: tuple[str, ...]
    exact: bool
    negated: bool = False


class Filter(NamedTuple):
    """What was typed, read.

    Attributes:
        conditions: All must hold.
        words: Each must be found in the name.
        sort: Field and True for descending, or None for the list's own order.
        text: As typed.
    """

    conditions: tuple[Condition, ...] = ()
    words: tuple[Word, ...] = ()
    sort: tuple[str, bool] | None = None
    text: str = ""


NOTHING = Filter()


def parse(text: str, fields: Mapping[str, Field], sorts: tuple[str, ...], *, currency: str, today: date) -> Filter:
    """The filter that was typed.

    Args:
        text: Terms with blanks between them; all must hold.
        fields: What the list knows.
        sorts: The fields it can be sorted by.
        currency: For amounts.
        today: For relative dates.

    Raises:
        InvalidInput: An unknown word with the nearest name, or a value that the field cannot take.
    """
    if len(text) > LIMIT:
        raise InvalidInput(f"The filter has more than {LIMIT} characters; type a shorter one.")
    conditions: list[Condition] = []
    words: list[Word] = []
    sort: tuple[str, bool] | None = None
    at = 0
    for token in _TOKEN.finditer(text):
        if text[at : token.start()].strip():
            break
        at = token.end()
        negated, name, op, quoted, bare = token[1] == "!", token[2], token[3], token[4], token[5]
        value = quoted if quoted is not None else bare
        if name is None:
            words.append(_word(value, quoted is not None, negated, fields))
        elif name.lower() == "sort":
            if negated or op != ":":
                raise InvalidInput(f"Type an order as sort:-{sorts[0]}; with `-` the largest comes first.")
            sort = _sort(value, sorts)
        else:
            conditions.append(_condition(name.lower(), op, value, negated, fields, currency, today))
    if text[at:].strip():
        raise InvalidInput(f"netbill cannot read the filter from {text[at:].strip()[:20]!r} on; close every quote.")
    return Filter(tuple(conditions), tuple(words), sort, " ".join(text.split()))


def _word(value: str, quoted: bool, negated: bool, fields: Mapping[str, Field]) -> Word:
    """Words of a name. What looks like half a term is a mistake and no name."""
    if not quoted and (value.lower() in fields or value.lower() == "sort" or value[-1] in ":=<>" or value[0] in ":=<>!-"):
        raise InvalidInput(f"{value[:30]!r} is not a complete term; type it as one word, such as days>30 or plan:fibre*.")
    parts = tuple(query_words(value))
    if not parts:
        raise InvalidInput(f"{value[:30]!r} has no letter or digit to look for; type some of the name.")
    return Word(parts, quoted, negated)


def _sort(value: str, sorts: tuple[str, ...]) -> tuple[str, bool]:
    name = (value[1:] if value[:1] in "+-" else value).lower()
    if name not in sorts:
        raise InvalidInput(f"This list cannot be sorted by {name[:30]!r}; {_nearest(name, sorts)}")
    return name, value.startswith("-")


def _nearest(name: str, known: tuple[str, ...]) -> str:
    import difflib  # only a mistake needs it

    near = difflib.get_close_matches(name, known, 1, 0.5)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."


def _condition(
    name: str, op: str, value: str, negated: bool, fields: Mapping[str, Field], currency: str, today: date
) -> Condition:
    field = fields.get(name)
    if field is None:
        raise InvalidInput(f"{name[:30]!r} is not a field of this list; {_nearest(name, tuple(fields))}")
    if not value:
        raise InvalidInput(f"{name}{op} needs a value; type {name}{op}{_example(field)}.")
    if field.kind in (TEXT, CHOICE):
        if op not in (":", "="):
            raise InvalidInput(f"{name} is text; compare it as {name}:{_example(field)}.")
        if name == "tag":
            value = fold(value)  # as tags are stored
        # An account number is found by an index, which knows it as it is written.
        exact = name == "acc" and "*" not in value
        values = tuple(v if exact else lowered(v) for v in value.split(",") if v)
        if not values or len(values) != value.count(",") + 1:
            raise InvalidInput(f"{name}:{value[:20]} has an empty part; type values with one comma between.")
        for choice in values if field.kind == CHOICE else ():
            if choice not in field.choices:
                raise InvalidInput(f"{name}:{choice[:30]} is not known; {_nearest(choice, field.choices)}")
        return Condition(name, "is" if field.kind == CHOICE else "like", values, negated)
    if field.kind == AGE:
        return Condition(name, ">" if op.startswith(">") else "<", (_back(name, value, today),), negated)
    return Condition(name, "=" if op in (":", "=") else op, (_value(name, field, value, currency, today),), negated)


def _back(name: str, value: str, today: date) -> str:
    match = _DAYS.match(value)
    if not match or match[1] == "+":
        raise InvalidInput(f"{name}:{value[:20]} is not a span; type it as {name}:14d (d days, w weeks, m months, y years).")
    return day_of(today, -int(match[2]) * _UNIT_DAYS[match[3]]).isoformat()


def day_of(today: date, days: int) -> date:
    """So many days from a date; a span longer than the calendar is refused by a sentence."""
    try:
        return today + timedelta(days=days)
    except OverflowError:
        raise InvalidInput("That span is longer than the calendar; type a shorter one.") from None


def _value(name: str, field: Field, value: str, currency: str, today: date) -> str | int:
    if field.kind == AMOUNT:
        # A balance can be less than nothing.
        return -parse_amount(value[1:], currency) if value.startswith("-") else parse_amount(value, currency)
    if field.kind == DATE:
        match = _DAYS.match(value)
        if match:
            sign = 1 if match[1] == "+" else -1
            return day_of(today, sign * int(match[2]) * _UNIT_DAYS[match[3]]).isoformat()
        return parse_date(value, today).isoformat()
    if not re.fullmatch(r"-?\d{1,9}", value, re.ASCII):
        raise InvalidInput(f"{name} is a number; type it as {name}>30.")
    return int(value)


def _example(field: Field) -> str:
    examples = {TEXT: "fibre*", AMOUNT: "50", NUMBER: "30", DATE: "2026-11-22", AGE: "14d"}
    return field.choices[0] if field.choices else examples[field.kind]


def lowered(text: str) -> str:
    """The text with A to Z in small letters, exactly as both databases lower it; accents count."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def matches_pattern(pattern: str, text: str) -> bool:
    """Whether the text is what the pattern says: `*` stands for anything, case does not count."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), lowered(text), re.DOTALL) is not None


def holds(condition: Condition, value: str | int | None) -> bool:
    """Whether a condition holds for a value of its field; what is not known satisfies only what is negated."""
    if value is None:
        # What was never done was not done in the last two weeks either.
        return condition.negated != (condition.field == "last" and condition.op == ">")
    if condition.field == "last":
        # A short span ago is a late date.
        matches = (str(value) >= str(condition.values[0])) == (condition.op == "<")
    elif condition.op == "like":
        matches = any(matches_pattern(str(v), str(value)) for v in condition.values)
    elif condition.op == "is":
        matches = value in condition.values
    else:
        matches = _compare(condition.op, value, condition.values[0])
    return matches != condition.negated


def _compare(op: str, a: str | int, b: str | int) -> bool:
    # Both are dates as text or both are numbers; which is in the field's kind.
    x, y = (str(a), str(b)) if isinstance(b, str) else (int(a), int(b))
    return {"=": x == y, "<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y}[op]  # type: ignore[operator]
