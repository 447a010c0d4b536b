"""Tax per invoice and rate, on the sum of the lines. Source: docs/rules.md, *Taxes and discounts*; EN 16931.

Exclusive: tax = round(base x rate), the base being the sum of the net lines of one (category, rate, order, whether it compounds),
plus the rounded taxes of earlier orders on these lines where the rate compounds. Inclusive: for each set of rates
net = round(sum of gross / exact factor); taxes as above on the unrounded net, the last takes what is left. Taxes and nets are
spread to the lines by largest remainder, so that a credit note gives back exactly what was taken.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from netbill_tui.billing.core.money import round_half_away, split
from netbill_tui.errors import InvalidInput

CATEGORIES = {
    "S": "standard rate",
    "Z": "zero rated",
    "E": "exempt",
    "AE": "reverse charge",
    "O": "outside the scope of tax",
}
EXEMPT = "E"
_PERCENT = re.compile(r"\d{1,6}(\.\d{1,6})?\Z", re.ASCII)


class Rate(NamedTuple):
    """One rate of a tax class.

    Attributes:
        name: As on the invoice, such as `VAT 20 %`.
        category: EN 16931: S, Z, E, AE or O.
        percent: Exact, as text: `20`, `8.875`.
        order: 1 is computed first.
        compound: Also on the taxes of earlier orders.
        reason: Why nothing is taken, for E, AE and O.
    """

    name: str
    category: str
    percent: str
    order: int = 1
    compound: bool = False
    reason: str = ""


class DatedRate(NamedTuple):
    """A rate of a tax class: in force from its first day, up to before its end or the first day of the next of its order."""

    tax_class: str
    first: str
    end: str | None
    rate: Rate


class Group(NamedTuple):
    """The tax of one (category, rate, order, whether it compounds) on an invoice, in minor units."""

    rate: Rate
    base: int
    tax: int


class Taxed(NamedTuple):
    """An invoice with its taxes.

    Attributes:
        nets: Each line without tax.
        taxes: Each line's share of the taxes.
        groups: One for each (category, rate, order, whether it compounds), by order, category, rate.
    """

    nets: tuple[int, ...]
    taxes: tuple[int, ...]
    groups: tuple[Group, ...]

    @property
    def tax(self) -> int:
        """The whole tax."""
        return sum(g.tax for g in self.groups)


@lru_cache(maxsize=1024)
def percent_of(text: str) -> Fraction:
    """A percentage as an exact share: `20` is 1/5.

    Raises:
        InvalidInput: It is no number from 0 to 100.
    """
    if not _PERCENT.match(text):
        raise InvalidInput(f"{text[:20]!r} is not a rate; type a percentage such as 20 or 8.875.")
    value = Decimal(text)
    if not 0 <= value <= 100:
        raise InvalidInput(f"{text[:20]!r} is out of range; a rate is a percentage from 0 to 100.")
    return Fraction(value) / 100


def rates_on(rates: Sequence[DatedRate], tax_class: str, on: str) -> tuple[Rate, ...]:
    """The rates of a class in force on a day, by order; none where the class has none.

    Of each order the one that began last holds, whichever was entered first; once it has ended, the one before it holds again.
    """
    by_order: dict[int, DatedRate] = {}
    for dated in rates:
        if dated.tax_class == tax_class and dated.first <= on and (dated.end is None or on < dated.end):
            held = by_order.get(dated.rate.order)
            if held is None or held.first < dated.first:
                by_order[dated.rate.order] = dated
    return tuple(by_order[order].rate for order in sorted(by_order))


def held_until(rates: Sequence[DatedRate], rate: DatedRate) -> str | None:
    """The day from which a rate is no longer in force: its own end, or the first day of the next one of its class and order."""
    later = [r.first for r in rates if (r.tax_class, r.rate.order) == (rate.tax_class, rate.rate.order) and r.first > rate.first]
    return min((day for day in (rate.end, *later) if day is not None), default=None)


def spans_held(rates: Sequence[DatedRate], rate: DatedRate) -> list[tuple[str, str | None]]:
    """First day and day after the last of each time in which a rate is in force: a shorter one of its order pauses it."""
    known = [r for r in rates if (r.tax_class, r.rate.order) == (rate.tax_class, rate.rate.order)]
    turns = sorted({day for r in known for day in (r.first, r.end) if day is not None and day >= rate.first})
    spans: list[tuple[str, str | None]] = []
    for first, until in zip(turns, (*turns[1:], None), strict=True):
        in_force = [r for r in known if r.first <= first and (r.end is None or first < r.end)]
        if max(in_force, key=lambda r: r.first, default=None) != rate:
            continue
        if spans and spans[-1][1] == first:
            spans[-1] = (spans[-1][0], until)
        else:
            spans.append((first, until))
    return spans


class Exemption(NamedTuple):
    """A certificate under which a customer pays no tax, from its first day up to its end; None is open-ended."""

    first: str
    end: str | None
    certificate: str

    def holds(self, on: str) -> bool:
        """Whether it is in force on a day."""
        return self.first <= on and (self.end is None or on < self.end)


def exempt(rates: Sequence[Rate], certificate: str) -> tuple[Rate, ...]:
    """What stays of the rates for a customer who is exempt: one of nothing, with the certificate as its reason."""
    return (Rate("Exempt", EXEMPT, "0", 1, False, certificate),) if rates else ()


_Key = tuple[int, str, Fraction, bool]


def _key(rate: Rate) -> _Key:
    return rate.order, rate.category, percent_of(rate.percent), rate.compound


def spread(total: int, weights: Sequence[int], exact_share: Fraction | None = None) -> list[int]:
    """A total over lines by their amounts, largest remainder. Lines against the sign of the sum take part with their sign.

    With lines of both signs no share can be a part of the whole, so each gets its own exact share rounded down, and what is
    missing goes to the largest remainders.

    Args:
        total: What is spread, rounded once.
        weights: The lines' amounts.
        exact_share: What of each amount the total is exactly; with lines of both signs a rounded total that is small beside them
            says nothing of their shares.
    """
    whole = sum(weights)
    if not weights:
        return []
    if exact_share is not None and min(weights) < 0 < max(weights):
        return _by_rest(total, [w * exact_share for w in weights])
    if whole == 0 or total == 0:
        return [total, *[0] * (len(weights) - 1)] if total else [0] * len(weights)
    if min(weights) >= 0:
        return split(total, weights)
    if whole < 0:
        # A credit mirrors its charge to the cent.
        return [-part for part in spread(-total, [-w for w in weights])]
    return _by_rest(total, [Fraction(total * w, whole) for w in weights])


def _by_rest(total: int, exact: Sequence[Fraction]) -> list[int]:
    """Each exact share rounded down, and what is missing to the total put to the largest remainders."""
    parts = [e.numerator // e.denominator for e in exact]
    by_rest = sorted(range(len(parts)), key=lambda i: (-(exact[i] - parts[i]), i))
    for i in by_rest[: total - sum(parts)]:
        parts[i] += 1
    return parts


def tax_lines(lines: Sequence[tuple[int, tuple[Rate, ...]]], *, inclusive: bool = False) -> Taxed:
    """The taxes of an invoice.

    Args:
        lines: For each line its amount in minor units, with tax where prices include it, and its rates by order.
        inclusive: Whether the amounts include tax.

    Raises:
        InvalidInput: A rate that is no percentage from 0 to 100.
    """
    return _inclusive(lines) if inclusive else _exclusive(lines)


def _exclusive(lines: Sequence[tuple[int, tuple[Rate, ...]]]) -> Taxed:
    taxes = [0] * len(lines)
    groups: list[Group] = []
    at: dict[_Key, list[int]] = {}
    named: dict[_Key, Rate] = {}
    for i, (_, rates) in enumerate(lines):
        for rate in rates:
            key = _key(rate)
            at.setdefault(key, []).append(i)
            named.setdefault(key, rate)
    for key in sorted(at):
        rate, place = named[key], at[key]
        base = sum(lines[i][0] for i in place)
        if rate.compound:
            base += sum(taxes[i] for i in place)
        tax = round_half_away(base * key[2])
        weights = [lines[i][0] + (taxes[i] if rate.compound else 0) for i in place]
        for i, part in zip(place, spread(tax, weights, key[2]), strict=True):
            taxes[i] += part
        groups.append(Group(rate, base, tax))
    return Taxed(tuple(amount for amount, _ in lines), tuple(taxes), tuple(groups))


def _factors(rates: Sequence[Rate]) -> list[Fraction]:
    """Each tax as an exact share of the net amount."""
    factors: list[Fraction] = []
    for rate in rates:
        share = percent_of(rate.percent)
        factors.append(share * (1 + sum(factors)) if rate.compound else share)
    return factors


def _inclusive(lines: Sequence[tuple[int, tuple[Rate, ...]]]) -> Taxed:
    sets: dict[tuple[_Key, ...], list[int]] = {}
    for i, (_, rates) in enumerate(lines):
        sets.setdefault(tuple(_key(r) for r in rates), []).append(i)
    nets = [amount for amount, _ in lines]
    taxes = [0] * len(lines)
    sums: dict[_Key, list[int]] = {}
    named: dict[_Key, Rate] = {}
    for members in sets.values():
        rates = lines[members[0]][1]
        gross = sum(lines[i][0] for i in members)
        factors = _factors(rates)
        exact = Fraction(gross) / (1 + sum(factors))
        net = round_half_away(exact)
        parts = [round_half_away(exact * f) for f in factors]
        if parts:
            parts[-1] = gross - net - sum(parts[:-1])
        shares = spread(net, [lines[i][0] for i in members], Fraction(1) / (1 + sum(factors)))
        for i, part in zip(members, shares, strict=True):
            nets[i], taxes[i] = part, lines[i][0] - part
        before = 0
        for rate, part in zip(rates, parts, strict=True):
            key = _key(rate)
            named.setdefault(key, rate)
            group = sums.setdefault(key, [0, 0])
            group[0] += net + (before if rate.compound else 0)
            group[1] += part
            before += part
    groups = tuple(Group(named[k], sums[k][0], sums[k][1]) for k in sorted(sums))
    return Taxed(tuple(nets), tuple(taxes), groups)


class CreditedTax(NamedTuple):
    """What was taxed and what of it was given back before, in minor units."""

    net: int
    tax: int
    credited_net: int = 0
    credited_tax: int = 0


def tax_of_credit(line: CreditedTax, credit: int) -> int:
    """The tax given back with a net amount: in proportion, the last credit takes the remainder.

    Raises:
        InvalidInput: More than what is left of the line.

    Source: docs/rules.md, *18 Credit notes*.
    """
    left = line.net - line.credited_net
    if not 0 <= credit * (1 if line.net >= 0 else -1) <= abs(left):
        raise InvalidInput("A credit cannot be more than what is left of its line.")
    if credit == left:
        return line.tax - line.credited_tax
    if not line.net:
        return 0
    # Counted over all credits of the line so far: many small ones never give back more than was taken.
    return round_half_away(Fraction(line.tax * (line.credited_net + credit), line.net)) - line.credited_tax
