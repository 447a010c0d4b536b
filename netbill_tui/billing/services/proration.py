"""A part of a period costs its share of the price. Source: docs/rules.md, *15 Proration* and *16 Changes*.

charge = price x days used / days of the whole period, rounded once; a full period is the price itself. What is given back
is what was charged less what is kept, so no cent is lost.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from netbill_tui.billing.core.cycles import days_between
from netbill_tui.billing.core.money import round_half_away

POLICIES = ("days", "30", "whole", "free")


def share(amount: int, part: int, whole: int) -> int:
    """The part/whole share of an amount, halves away from zero.

    Args:
        amount: Minor units, of either sign.
        part: Units charged for, 0 <= part <= whole.
        whole: Units of the whole, at least 1.

    Raises:
        ValueError: If part or whole is out of range.
    """
    if not 0 <= part <= whole or whole < 1:
        raise ValueError(f"share of {part}/{whole}")
    # Rounding the size, not the signed value, makes a credit note mirror its charge.
    size = (2 * abs(amount) * part + whole) // (2 * whole)
    return size if amount >= 0 else -size


def fraction(
    first: date, end: date, whole_first: date, whole_end: date, policy: str = "days", began: date | None = None
) -> tuple[int, int]:
    """Days used and days of the whole period.

    Args:
        first: First day used.
        end: The day after the last.
        whole_first: First day of the period that holds them.
        whole_end: Its end.
        policy: `days` counts actual days; `30` counts against thirty, at most thirty in a period; `whole` charges the whole
            period with its first part and nothing for a later one; `free` charges nothing before the first anchor.
        began: First day of the service; None where the part begins the period.
    """
    used, whole = days_between(first, end), days_between(whole_first, whole_end)
    if used >= whole:
        return 1, 1
    before = days_between(max(whole_first, began), first) if began is not None else 0
    if policy == "whole":
        return int(before == 0), 1
    if policy == "free" and (began is None or whole_first < began):
        return 0, 1
    if policy == "30" and whole >= 28:
        through = began is not None and began <= whole_first and end >= whole_end
        return _of_thirty(used, before, whole, to_the_end=through)
    return used, whole


def _of_thirty(used: int, before: int, whole: int, *, to_the_end: bool) -> tuple[int, int]:
    """Days of a part counted against thirty a month, and those of its whole period.

    The parts of a period never cost more than the period; the last part of one that was taken from its first day on costs what
    is left of it, so that a change in a short month loses nothing.
    """
    full = 30 * max(round(whole / 30.4375), 1)
    return max(full - before if to_the_end else min(used, full - before), 0), full


def billable_days(first: date, end: date, whole_first: date, whole_end: date, policy: str, began: date | None = None) -> int:
    """Days of a part under the proration policy of its charge: at most thirty in a period by `30`, else every day."""
    used, whole = days_between(first, end), days_between(whole_first, whole_end)
    if policy != "30" or whole < 28:
        return used
    before = days_between(max(whole_first, began), first) if began is not None else days_between(whole_first, first)
    through = (began is None or began <= whole_first) and end >= whole_end
    return _of_thirty(used, before, whole, to_the_end=through)[0]


def charge(price: Fraction | int, used: int, whole: int) -> int:
    """Price for `used` of `whole` days in minor units, rounded once.

    Raises:
        ValueError: If the days are out of range.
    """
    if not 0 <= used <= whole or whole < 1:
        raise ValueError(f"charge for {used}/{whole} days")
    if isinstance(price, int):
        return share(price, used, whole)
    return round_half_away(price * used / whole)


def retained(charged: int, days: int, billed: int) -> int:
    """What stays charged of a billed span of which so many days were used; the credit is `charged - retained`."""
    return share(charged, days, billed)


def credits_for(charged: int, billed: int, unused: Sequence[int], credited: int = 0) -> list[int]:
    """What is given back for each unused part of a billed span, in order, none lost.

    Args:
        charged: What was charged for the span.
        billed: Its days.
        unused: Days of each unused part.
        credited: Days given back before.
    """
    credits, credited_days = [], credited
    for days in unused:
        credits.append(
            retained(charged, billed - credited_days, billed) - retained(charged, billed - credited_days - days, billed)
        )
        credited_days += days
    return credits
