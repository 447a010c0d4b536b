"""Cells of other people's files as values: amounts, dates and text as banks, spreadsheets and telephones write them."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from netbill_tui.billing.core.money import CURRENCIES, exponent
from netbill_tui.text import counted, plain_cell, scrub, visible

# Marks that show nothing: they come with what is copied from a web page or a telephone. Joiners inside a word are letters' own.
_INVISIBLE = dict.fromkeys(
    map(ord, "\u200b\ufeff\u2060\u00ad\u180e\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
_BLANKS = dict.fromkeys(
    map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t"), " "
)
_BREAKS = re.compile(r"\s*(?:\r\n|[\r\n\u2028\u2029\x0b\x0c\x85])\s*")
_TEXT_FORM = re.compile(r'="((?:[^"]|"")*)"\Z')
_SYMBOLS = {
    "$": "USD CAD AUD NZD SGD HKD MXN CLP COP ARS TWD", "US$": "USD", "C$": "CAD", "A$": "AUD", "€": "EUR", "£": "GBP EGP",
    "¥": "JPY CNY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₪": "ILS", "₺": "TRY", "₴": "UAH", "₦": "NGN", "R$": "BRL", "zł": "PLN",
    "Kč": "CZK", "kr": "SEK NOK DKK ISK", "Fr.": "CHF", "R": "ZAR", "฿": "THB", "₫": "VND", "₱": "PHP", "Rs": "INR PKR LKR NPR",
    "Rs.": "INR PKR LKR NPR",
}  # fmt: skip
_MINUS, _GROUPING = "-\u2212\u2013", " .,'\u2019"
MOST_DIGITS = 15


def tidy(text: str, *, breaks: str = " ", number: bool = False) -> str:
    """A cell without what nobody sees and what spreadsheets add; nothing is lost that could be read.

    Args:
        text: As it stands in the file.
        breaks: What stands for a line break inside the cell.
        number: The cell is a number or a code, so an apostrophe before a digit was put by a spreadsheet.
    """
    form = _TEXT_FORM.match(text.strip())
    if form:
        text = form[1].replace('""', '"')
    if text.isascii() and text.isprintable():
        text = plain_cell(text.strip()).strip()
    else:
        text = _BREAKS.sub(lambda _: breaks, text.translate(_INVISIBLE).translate(_BLANKS).strip())
        text = plain_cell(text).strip().strip("\u200c\u200d")
    return text[1:] if number and text[:1] == "'" and (text[1:2].isdigit() or text[1:2] == "+") else text


class AmountForm(NamedTuple):
    """How a file writes amounts: its decimal mark, what parts its thousands (empty: whatever fits), what else to take off."""

    decimal: str = "."
    thousands: str = ""
    strip: str = ""


def read_amount(text: str, form: AmountForm, currency: str) -> int:
    """An amount of a file in minor units, below zero where it is written so.

    Raises:
        ValueError: The words say what is wrong with it, to be put behind the cell's own text.
    """
    for word in form.strip.split():
        text = text.replace(word, "")
    plain = text.translate(_BLANKS).strip()
    digits = [i for i, c in enumerate(plain) if c.isdigit()]
    if not digits:
        raise ValueError("has no digit")
    first, last = digits[0], digits[-1]
    if first and plain[first - 1] == form.decimal:
        first -= 1
    before, core, behind = plain[:first], plain[first : last + 1], plain[last + 1 :]
    negative = _affixes(before, behind.removeprefix(form.decimal), currency)
    minor = _minor(core, form, exponent(currency), currency)
    return -minor if negative else minor


def _affixes(before: str, behind: str, currency: str) -> bool:
    """Whether what stands around the digits makes the amount negative; refuses what belongs to no amount of the book."""
    brackets = ("(" in before) + (")" in behind)
    if brackets == 1:
        raise ValueError("has one bracket only")
    signs = [c for c in before + behind if c in _MINUS]
    if len(signs) + (brackets == 2) > 1:
        raise ValueError("has two signs")
    for part in (before, behind):
        word = "".join(c for c in part if c not in f"()+{_MINUS}").strip()
        if not word or word.upper() == currency or currency in _SYMBOLS.get(word, "").split():
            continue
        if word.upper() in CURRENCIES or word in _SYMBOLS:
            raise ValueError(f"is in {word}, the book is in {currency}")
        if word.upper() in ("CR", "DR"):
            raise ValueError(f"says {word}: name the column of direction in the profile, or split the file by direction")
        raise ValueError(f"holds {visible(word)[:12]!r}, which is not part of an amount")
    return bool(signs) or brackets == 2


def _minor(core: str, form: AmountForm, places: int, currency: str) -> int:
    foreign = next((c for c in core if c.isdigit() and not c.isascii()), "")
    if foreign:
        raise ValueError(f"holds the digit {foreign} of another script")
    whole, mark, part = core.partition(form.decimal)
    wrong = next((c for c in core if not c.isdigit() and c not in _GROUPING), "")
    if wrong:
        raise ValueError(f"holds {visible(wrong)!r} between its digits")
    if not part.isdigit() and mark:
        raise ValueError(f"has {form.decimal!r}, the decimal mark of this file, before {part!r}")
    digits = part.rstrip("0") if len(part) > places else part
    if len(digits) > places:
        raise ValueError(f"has {counted(len(digits), 'decimal')}, {currency} has {places}")
    groups = [c for c in whole if not c.isdigit()]
    if groups:
        sign = groups[0]
        allowed = form.thousands or _GROUPING.replace(form.decimal, "")
        escaped = re.escape(sign)
        fits = re.match(rf"\d{{1,3}}(?:{escaped}\d{{3}})+\Z", whole) or re.match(
            rf"\d{{1,2}}(?:{escaped}\d\d)*{escaped}\d{{3}}\Z", whole
        )
        if sign not in allowed or not fits:
            raise ValueError(f"has {sign!r} where it separates no thousands; the decimal mark of this file is {form.decimal!r}")
        whole = whole.replace(sign, "")
    if len(whole.lstrip("0")) > MOST_DIGITS - places:
        raise ValueError(f"has more than {MOST_DIGITS} digits")
    return int((whole or "0") + digits.ljust(places, "0"))


_TIME = re.compile(
    r"(?:T|\s)\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*([AaPp])?\.?(?:[Mm]\.?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?\Z"
)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})?\Z")


@lru_cache(maxsize=64)
def _date_pattern(form: str) -> re.Pattern[str]:
    """Every part at its full width where nothing stands between them: `2026111` has two readings."""
    apart = bool(re.search(r"%[dmyY][^%]", form))
    small = r"\d{1,2}" if apart else r"\d{2}"
    pattern = re.escape(form)
    for code, part in (("%Y", r"(?P<Y>\d{4})"), ("%y", r"(?P<y>\d{2})"), ("%m", f"(?P<m>{small})"), ("%d", f"(?P<d>{small})")):
        pattern = pattern.replace(re.escape(code), part)
    return re.compile(pattern + r"\Z", re.ASCII)


def read_date(text: str, form: str, *, zone: str = "", today: date | None = None) -> date | None:
    """The date of a cell, or None where it is none in this form.

    Args:
        text: A time may stand behind the date; where it names its distance to UTC, the day is that of the zone.
        form: For strptime.
        zone: Of the book.
        today: A year of two digits that would lie ahead of it is of the century before.
    """
    clock = _TIME.search(text)
    match = _date_pattern(form).match(text[: clock.start()] if clock else text)
    if not match:
        return None
    named = match.groupdict()
    year = int(named["Y"]) if "Y" in named else 2000 + int(named["y"])
    try:
        day = date(year, int(named["m"]), int(named["d"]))
        if "y" in named and today is not None and day > today.replace(day=1) + timedelta(days=366):
            day = day.replace(year=year - 100)
        return _in_zone(day, clock, zone) if clock else day
    except ValueError:
        return None


def _in_zone(day: date, clock: re.Match[str], zone: str) -> date:
    hour, minute, half = int(clock[1]), int(clock[2]), (clock[4] or "").lower()
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    moment = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 - its zone is worked out below
    if not clock[5] or not zone:
        return day
    off = _OFFSET.match(clock[5])
    away = timedelta(hours=int(off[2]), minutes=int(off[3] or "0")) if off else timedelta(0)
    utc = moment + away if off and off[1] == "-" else moment - away
    return utc.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).date()


# What is sealed in a book: a file that is read says its line and column of it, never its value.
SEALED_FIELDS = ("tax_id", "birth_date", "bank_account", "credit_score", "pin", "street", "email", "phone")
_VALUE = re.compile(r"\A(?:(['\"]).*\1|\d{4}-\d\d-\d\d) (?=is |lies )", re.DOTALL)


def unspoken(name: str, sentence: str) -> str:
    """What is wrong with a cell, without its value where that is sealed."""
    return _VALUE.sub("the value ", sentence, count=1) if name in SEALED_FIELDS else sentence


def shown(text: str) -> str:
    """A cell as a sentence may repeat it: short, on one line, without what identifies a person."""
    return repr(scrub(visible(unicodedata.normalize("NFC", text)))[:40])
