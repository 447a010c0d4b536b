"""What a billing code costs on a day. Source: docs/rules.md, *17 Prices*.

The price of a period is the row with the latest date on or before its first day; a row for new customers only holds for
services that started on its date or later. An own price of the service wins while it lasts. A promotional price holds for the
first N periods, then the list price.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from netbill_tui.billing.catalogue.taxes import percent_of
from netbill_tui.billing.core.money import round_half_away
from netbill_tui.errors import InvalidInput, NetbillError
from netbill_tui.text import counted

AUDIENCES = ("all", "new")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,8})?\Z", re.ASCII)
CATEGORIES = ("internet", "phone", "tv", "equipment", "fee", "discount", "one-off")


class CannotBill(NetbillError):
    """A customer cannot be billed; the run parks them with this sentence and goes on."""


class Tier(NamedTuple):
    """So much a unit up to a number of units; None is all above."""

    up_to: Decimal | None
    amount: Decimal


class Price(NamedTuple):
    """A dated price of a billing code, in minor units.

    Attributes:
        id: Row id.
        first: ISO date from which it holds.
        end: ISO date from which it no longer does, without another in its place; None as a rule.
        audience: `all`, or `new` for services that start on its date or later.
        amount: For one period, or one piece.
        promo_amount: For the first `promo_periods` periods; None without a promotion.
        promo_periods: How many.
        included: Units of usage that cost nothing.
        tiers: What a unit costs above those, in minor units.
        notice: Announce it on the invoice before.
    """

    id: int
    first: str
    end: str | None
    audience: str
    amount: int
    promo_amount: int | None = None
    promo_periods: int = 0
    included: Decimal = Decimal(0)
    tiers: tuple[Tier, ...] = ()
    notice: bool = False


class PriceOverride(NamedTuple):
    """An own price of a service: `fixed` minor units, or `percent` of the list price; no kind where the list price holds."""

    kind: str = ""
    value: str = ""
    reason: str = ""


LIST = PriceOverride()


class Priced(NamedTuple):
    """A price with where it comes from, and whether it is a promotion, which ends."""

    amount: Fraction | int
    price_id: int
    source: str
    promoted: bool = False


def price_row(prices: Sequence[Price], on: str, started: str) -> Price | None:
    """The row in force: the latest on or before the day; of equal dates the one for new customers, where it applies.

    A row that has ended gives way to the one before it: after a price for the summer the list price holds again.

    Args:
        prices: All rows of the code.
        on: First day of the period.
        started: First day of the service.
    """
    best: Price | None = None
    for row in prices:
        ended = row.end is not None and on >= row.end
        if row.first > on or ended or (row.audience == "new" and started < row.first):
            continue
        if best is None or (row.first, row.audience == "new") > (best.first, best.audience == "new"):
            best = row
    return best


def price_of(code: str, prices: Sequence[Price], override: PriceOverride, on: date, started: date, period: int) -> Priced:
    """The unit price of a period.

    Args:
        code: For the sentence when there is none.
        prices: All rows of the code.
        override: The own price of the service on that day.
        on: First day of the period.
        started: First day of the service.
        period: How many whole periods it had on these terms before this one; a stub before the first has -1.

    Raises:
        CannotBill: There is no price on that day, or it has ended.
    """
    if override.kind == "fixed":
        return Priced(int(override.value), 0, f"own price: {override.reason}" if override.reason else "own price")
    day = on.isoformat()
    row = price_row(prices, day, started.isoformat())
    if row is None:
        ended = any(p.end is not None and p.end <= day for p in prices)
        raise CannotBill(f"{code} has no price on {day}{', it has ended' if ended else ''}; add one with netbill price.")
    promised = price_row(prices, started.isoformat(), started.isoformat())
    # A promotion was promised when the service was sold: a list price that rises meanwhile does not end it.
    row = next((p for p in (promised, row) if p is not None and p.promo_amount is not None and period < p.promo_periods), row)
    amount, source, promoted = row.amount, f"price of {row.first}", False
    if row.promo_amount is not None and period < row.promo_periods:
        promoted = True
        amount, source = row.promo_amount, f"promotion, {counted(row.promo_periods, 'period')}, price of {row.first}"
    if row.audience == "new":
        source += ", new customers"
    if override.kind == "percent":
        try:
            part = percent_of(override.value)
        except InvalidInput as error:
            raise CannotBill(str(error)) from None
        why = f"{override.value} % of {source}{': ' + override.reason if override.reason else ''}"
        return Priced(amount * part, row.id, why, promoted)
    return Priced(amount, row.id, source, promoted)


def usage_amount(row: Price, quantity: Decimal) -> int:
    """What usage costs: nothing for what is included, then tier by tier, rounded once.

    Raises:
        CannotBill: The price has no amount for so much.
    """
    left = max(quantity - row.included, Decimal(0))
    total, before = Fraction(0), Decimal(0)
    tiers = row.tiers or (Tier(None, Decimal(row.amount)),)
    for tier in tiers:
        part = left if tier.up_to is None else min(left, max(tier.up_to - before, Decimal(0)))
        total += Fraction(part) * Fraction(tier.amount)
        left -= part
        before = tier.up_to if tier.up_to is not None else before
    if left > 0:
        raise CannotBill("The price tiers do not cover all the units used; add a last tier without a limit.")
    return round_half_away(total)


def parse_quantity(text: str, what: str = "The quantity") -> Decimal:
    """A quantity above zero with at most six decimals.

    Raises:
        InvalidInput: With what to type instead.
    """
    if not _NUMBER.match(text.strip()):
        raise InvalidInput(f"{what} {text.strip()[:20]!r} is not a number; type it as 1 or 2.5.")
    value = Decimal(text.strip())
    exponent = value.as_tuple().exponent
    if not value.is_finite() or not 0 < value <= 10**9 or len(text) > 20 or (isinstance(exponent, int) and exponent < -6):
        raise InvalidInput(f"{what} {text.strip()[:20]!r} is out of range; type a number above 0 with at most six decimals.")
    return value
