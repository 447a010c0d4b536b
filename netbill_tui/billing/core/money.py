"""Money is a whole number of the currency's minor unit. No float comes near it.

Rounding is half away from zero, once, when a line or a total is made, so that a credit note mirrors its charge.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from netbill_tui.errors import InvalidInput
from netbill_tui.patterns import Pattern

if TYPE_CHECKING:
    # Exact arithmetic costs 4 ms of import; showing an amount needs none.
    from decimal import Decimal
    from fractions import Fraction

MAX_DIGITS = 15


class Tally(NamedTuple):
    """How many there are of something, and what they come to in minor units."""

    number: int = 0
    amount: int = 0


# ISO 4217, without the funds and units of account that nobody is billed in, and with what books were kept in before the euro;
# tests/billing/core/test_money.py holds both to the list of its maintenance agency. Minor units that are not 2:
_EXPONENTS = dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0) | dict.fromkeys(
    "BHD IQD JOD KWD LYD OMR TND".split(), 3
)
CURRENCIES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG "
    "HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD "
    "RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX "
    "USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG".split()
)


def exponent(currency: str) -> int:
    """How many decimals the currency has (JPY 0, USD 2, KWD 3).

    Raises:
        InvalidInput: If the code is not an ISO 4217 currency.
    """
    if currency not in CURRENCIES:
        raise InvalidInput(f"{currency!r} is not a currency code; type three letters such as USD or EUR.")
    return _EXPONENTS.get(currency, 2)


def format_amount(minor: int, currency: str, *, grouped: bool = False) -> str:
    """The amount with exactly the currency's decimals: `60.30`, `-5.00`, JPY `60`."""
    places = _EXPONENTS.get(currency, 2)
    whole, rest = divmod(abs(minor), 10**places)
    sign = "-" if minor < 0 else ""
    head = f"{whole:,}" if grouped else str(whole)
    return f"{sign}{head}.{rest:0{places}d}" if places else f"{sign}{head}"


# Powers of ten of the units that are worth about a thousand dollars, where that is not a thousand. Only the size matters.
_LARGE_POWER = {
    4: "CNY CZK DKK EGP HKD MDL MXN NOK SEK THB TRY TWD UAH ZAR HNL NIO GTQ UYU MAD BWP NAD SZL LSL SCR MOP MVR STN SLE GHS BOB "
    "TTD",
    5: "INR PKR LKR NPR BDT BTN JPY HUF ISK RSD KES PHP RUB KZT AMD ALL AFN DZD JMD ETB GMD HTG MKD LRD CRC YER ZMW XPF "
    "KGS GYD VUV CVE MUR MZN DOP SRD",
    6: "KRW COP NGN XOF XAF TZS RWF MMK MNT IQD BIF CDF KMF DJF MWK KPW AOA ARS CLP SDG SSP SOS",
    7: "IDR VND LAK UZS GNF KHR MGA SYP UGX PYG",
    8: "IRR LBP",
}
_LARGE_POWERS = {code: power for power, codes in _LARGE_POWER.items() for code in codes.split()}


def large_amount(currency: str) -> int:
    """What is far more than a household pays, in minor units: about a thousand dollars as a round number of the currency."""
    return int(10 ** (_LARGE_POWERS.get(currency, 3) + exponent(currency)))


_PLAIN = Pattern(r"\d+\Z", re.ASCII)
_LONE = Pattern(r"(\d*)[.,](\d+)\Z", re.ASCII)
_GROUPED = (
    Pattern(r"\d{1,3}(?:,\d{3})+\.(\d+)\Z", re.ASCII),
    Pattern(r"\d{1,3}(?:\.\d{3})+,(\d+)\Z", re.ASCII),
    Pattern(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+[.,](\d+)\Z", re.ASCII),
)
_LONE_GROUP = Pattern(r"(\d{1,3})([.,])(\d+)\Z", re.ASCII)


def parse_amount(text: str, currency: str) -> int:
    """The amount that was typed, in minor units. One parser serves forms, the command line and `:`.

    A lone `.` or `,` before one to the currency's number of decimals is the decimal sign. Groups of three are
    taken only when a different decimal sign follows (`1,234.50`). Signs, exponents, digits of other scripts and
    more than 15 digits are refused. Source: docs/rules.md.

    Raises:
        InvalidInput: With what to type instead.
    """
    places = exponent(currency)
    typed = text.strip()
    example = "12.50" if places == 2 else ("1250" if places == 0 else "12." + "5".ljust(places, "0"))
    if len(typed) > 40:
        raise InvalidInput(f"{_quoted(typed)} has more than {MAX_DIGITS} digits; type a smaller amount.")
    if not typed:
        raise InvalidInput(f"An amount is missing; type one such as {example}.")
    whole, decimals = _split(typed, places, example)
    digits = (whole + decimals).lstrip("0")
    if len(digits) > MAX_DIGITS:
        raise InvalidInput(f"{_quoted(typed)} has more than {MAX_DIGITS} digits; type a smaller amount.")
    return int((whole or "0") + decimals.ljust(places, "0"))


def _split(typed: str, places: int, example: str) -> tuple[str, str]:
    """The digits before and after the decimal sign."""
    if _PLAIN.match(typed):
        return typed, ""
    lone = _LONE.match(typed)
    if lone and 1 <= len(lone[2]) <= places:
        return lone[1], lone[2]
    for pattern in _GROUPED:
        match = pattern.match(typed)
        if match and 1 <= len(match[1]) <= places:
            return re.sub(r"\D", "", typed[: match.start(1)]), match[1]
    group = _LONE_GROUP.match(typed)
    if group and places and len(group[3]) == 3 and group[1].strip("0"):
        guess = group[1] + "." + group[3][:places]
        raise InvalidInput(f"{_quoted(typed)} can be read in two ways: type {group[1]}{group[3]} or {guess}.")
    if group and not places:
        raise InvalidInput(f"{_quoted(typed)} has decimals, and this currency has none; type whole units such as {example}.")
    raise InvalidInput(f"{_quoted(typed)} is not an amount; type digits such as {example}.")


def _quoted(typed: str) -> str:
    return repr(typed if len(typed) <= 40 else typed[:37] + "...")


def parse_positive(text: str, currency: str) -> int:
    """As `parse_amount`, and more than nothing."""
    amount = parse_amount(text, currency)
    if amount <= 0:
        raise InvalidInput("The amount must be more than zero.")
    return amount


def round_half_away(value: "Fraction | Decimal | int") -> int:
    """The nearest whole number; exact halves away from zero."""
    from fractions import Fraction

    exact = Fraction(value)
    # Rounding the size, not the signed value, makes a credit note mirror its charge.
    size = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return size if exact >= 0 else -size


def split(amount: int, weights: "Sequence[Fraction | Decimal | int]") -> list[int]:
    """The amount shared by the weights, losing no unit: largest remainder, ties to the earlier part.

    Args:
        amount: Minor units; a negative amount is split as its mirror image.
        weights: At least one of them more than zero, none below.

    Raises:
        ValueError: If there is no weight to split by.
    """
    from fractions import Fraction

    exact = [Fraction(w) for w in weights]
    total = sum(exact)
    if not exact or total <= 0 or any(w < 0 for w in exact):
        raise ValueError("an amount can only be split over weights of which one is positive and none negative")
    size = abs(amount)
    shares = [size * w / total for w in exact]
    parts = [int(s) for s in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: (-(shares[i] - parts[i]), i))
    for i in by_remainder[: size - sum(parts)]:
        parts[i] += 1
    return parts if amount >= 0 else [-p for p in parts]


def split_equally(amount: int, parts: int) -> list[int]:
    """The amount in `parts` parts that differ by one unit at most, the larger ones first."""
    if parts < 1:
        raise ValueError(f"an amount cannot be split into {parts} parts")
    return split(amount, [1] * parts)
