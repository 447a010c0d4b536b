"""Discounts, in this order: line percent; line fixed; invoice percent; invoice fixed.

Each is rounded once and capped at what is left, never below zero. They come after proration: a fixed discount is not
prorated, a percent one follows its line. An invoice discount is its own negative lines, one for each tax group, before tax.

Source: docs/rules.md, *Taxes and discounts*.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from netbill_tui.billing.catalogue.taxes import percent_of, spread
from netbill_tui.billing.core.money import round_half_away

KINDS = ("percent", "fixed")


class Discount(NamedTuple):
    """A discount of a customer.

    Attributes:
        id: Row id.
        code: Billing code it is for; empty for the whole invoice.
        kind: percent or fixed.
        value: A percentage as text, or minor units as text.
        first: First bill date it is for.
        end: Bill date it is no longer for, or None for ever.
        text: As on the invoice.
    """

    id: int
    code: str
    kind: str
    value: str
    first: str
    end: str | None
    text: str

    def holds(self, bill_date: str) -> bool:
        """Whether it is in force."""
        return self.first <= bill_date and (self.end is None or bill_date < self.end)


def off(amount: int, left: int, discount: Discount) -> int:
    """What a discount takes off an amount, at most what is left; 0 off what is not positive.

    Raises:
        InvalidInput: A percentage over 100.
    """
    reduction = (
        round_half_away(Fraction(amount) * percent_of(discount.value)) if discount.kind == "percent" else int(discount.value)
    )
    return max(min(reduction, left), 0)


def line_discounts(amount: int, discounts: Sequence[Discount]) -> list[tuple[Discount, int]]:
    """What each discount takes off a line, percent ones first."""
    left, taken = amount, []
    for discount in sorted(discounts, key=lambda d: (KINDS.index(d.kind), d.id)):
        part = off(amount if discount.kind == "fixed" else left, left, discount)
        if part:
            taken.append((discount, part))
            left -= part
    return taken


def invoice_discounts(
    amounts: Sequence[int],
    groups: Sequence[object],
    discounts: Sequence[Discount],
    holds: Callable[[Discount, int], bool] = lambda _, __: True,
) -> list[tuple[Discount, object, int, dict[int, int]]]:
    """Discounts on the whole invoice, percent ones first.

    Args:
        amounts: The lines after their own discounts.
        groups: For each line what its tax is computed by; lines with equal ones share a negative line.
        discounts: In any order.
        holds: Whether a discount is in force for the line at a place.

    Returns:
        For each negative line: the discount, its tax group, what it takes off, and the part of each line by its place.
    """
    taken: list[tuple[Discount, object, int, dict[int, int]]] = []
    left = list(amounts)
    for discount in sorted(discounts, key=lambda d: (KINDS.index(d.kind), d.id)):
        able = [i for i in range(len(left)) if holds(discount, i)]
        positive = [i for i in able if left[i] > 0]
        whole = sum(left[i] for i in able)
        part = off(whole, min(whole, sum(left[i] for i in positive)), discount) if positive else 0
        if part <= 0:
            continue
        shares = dict(zip(positive, spread(part, [left[i] for i in positive]), strict=True))
        for group in dict.fromkeys(groups[i] for i in positive):
            parts = {i: s for i, s in shares.items() if groups[i] == group and s}
            if parts:
                taken.append((discount, group, sum(parts.values()), parts))
        for i, s in shares.items():
            left[i] -= s
    return taken
