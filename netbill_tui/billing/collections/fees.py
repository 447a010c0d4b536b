"""Late fees: on what they are charged, how much, and how often.

A fee is counted for each invoice: n is the interval since its first fee day, and one number of an invoice is charged once,
whatever became of the policy. Source: docs/rules.md, *9 Late fee*.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from netbill_tui.billing.collections.policies import NONE, FeePolicy
from netbill_tui.billing.services import line_kinds

HUNDREDTHS: Final = 10_000  # of a percent in the whole
_FEES: Final = (line_kinds.FEE, line_kinds.FEE_REVERSAL, line_kinds.FEE_RESTORED)
# What lowers or restores other lines counts with them, whichever kinds a fee is charged on.
_WITH_THEM: Final = ("discount", line_kinds.CREDIT, line_kinds.CHARGE_REVERSAL, line_kinds.CREDIT_REVERSAL)


class LineFacts(NamedTuple):
    """A line of an invoice less what credit notes gave back of it: its kind, net and tax in minor units."""

    kind: str
    net: int
    tax: int


class Late(NamedTuple):
    """An open invoice as a fee looks at it.

    Attributes:
        id: Row id.
        number: As printed.
        due: The day it fell due.
        open: What is open of it, in minor units.
        lines: Less what was given back of each.
        disputed: No fee is charged on it.
        charged: The numbers of fees that were charged on it, or used up.
    """

    id: int
    number: str
    due: date
    open: int
    lines: tuple[LineFacts, ...]
    disputed: bool = False
    charged: Collection[int] = ()


class Fee(NamedTuple):
    """A fee on one invoice, or why there is none: then `amount` is 0."""

    invoice: Late
    n: int
    base: int
    amount: int
    reason: str = ""
    why: str = ""


def first_day(policy: FeePolicy, due: date) -> date:
    """The first day on which an invoice is late."""
    return due + timedelta(days=policy.grace + 1)


def last_day_of_grace(policy: FeePolicy, due: date) -> date:
    """The last day on which paying costs nothing."""
    return due + timedelta(days=policy.grace)


def number_on(policy: FeePolicy, due: date, day: date) -> int:
    """The number of the fee that a day asks for; 0 while the invoice is not late."""
    first = first_day(policy, due)
    if day < first:
        return 0
    return min(1 + (day - first).days // policy.every, policy.most) if policy.every else 1


def numbers_on(policy: FeePolicy, invoice: Late, day: date, *, catch_up: bool = False) -> list[int]:
    """The numbers that are charged on a day: the one of today, or where it is asked for those of missed days too."""
    last = number_on(policy, invoice.due, day)
    if not last:
        return []
    numbers = range(1, last + 1) if catch_up else [last]
    return [n for n in numbers if n not in invoice.charged]


def base_of(policy: FeePolicy, invoice: Late, pending: int = 0) -> int:
    """What is open on the lines that a fee is charged on: payments go to taxes first, then to these lines, last to fees.

    Args:
        policy: Which kinds of lines count.
        invoice: With its lines less what was credited.
        pending: Money on its way, which counts as paid.
    """
    total = sum(line.net + line.tax for line in invoice.lines)
    eligible = sum(line.net for line in invoice.lines if line.kind in policy.kinds or line.kind in _WITH_THEM)
    fees = sum(line.net for line in invoice.lines if line.kind in _FEES)
    ahead = total - eligible - fees  # taxes, and lines that are neither charged on nor fees
    paid = max(total - invoice.open, 0) + pending
    return min(max(eligible - max(paid - ahead, 0), 0), invoice.open)


def rounded_share(base: int, rate: int) -> int:
    """A rate of a base, halves up, rounded once; both are not negative."""
    return (2 * base * rate + HUNDREDTHS) // (2 * HUNDREDTHS)


def amount_of(policy: FeePolicy, base: int) -> tuple[int, str]:
    """The fee on a base, and how it came about, without the amounts' currency."""
    percent = rounded_share(base, policy.rate)
    amount = {"flat": policy.flat, "percent": percent, "greater": max(policy.flat, percent), "sum": policy.flat + percent}.get(
        policy.mode, 0
    )
    why = policy.mode
    if policy.cap and amount > policy.cap:
        amount, why = policy.cap, f"{why}, capped"
    # Down: a cap that is a part of the base is never passed by the rounding.
    most = base * policy.cap_rate // HUNDREDTHS
    if policy.cap_rate and amount > most:
        amount, why = most, f"{policy.mode}, capped by its rate"
    return amount, why


class Account(NamedTuple):
    """What of an account decides on its fees.

    Attributes:
        balance: In minor units.
        pending: Money on its way.
        hold: Why no fee is charged, or empty.
        promised: Until when a promise holds fees back.
        exempt: Never charged.
        flat_today: A flat fee was charged to it today.
    """

    balance: int = 0
    pending: int = 0
    hold: str = ""
    promised: date | None = None
    exempt: bool = False
    flat_today: bool = False


def assess(account: Account, policy: FeePolicy, invoice: Late, day: date, *, catch_up: bool = False) -> list[Fee]:
    """The fees of one invoice on a day, each with its amount or the reason why there is none; nothing while it is not late."""
    numbers = numbers_on(policy, invoice, day, catch_up=catch_up) if policy.mode != NONE else []
    if not numbers:
        return []
    reason = _why_none(account, policy, invoice, day)
    base = base_of(policy, invoice, account.pending)
    if not reason and (base < max(policy.least_base, 1)):
        reason = "base"
    amount, why = amount_of(policy, base)
    if not reason and amount < 1:
        reason = "below the smallest unit"
    if reason:
        return [Fee(invoice, numbers[-1], base, 0, reason)]
    return [Fee(invoice, n, base, amount, "", why) for n in numbers]


def _why_none(account: Account, policy: FeePolicy, invoice: Late, day: date) -> str:
    if account.exempt:
        return "exempt"
    if invoice.disputed:
        return "disputed"
    if account.hold:
        return f"hold: {account.hold}"
    if account.promised is not None and account.promised >= day:
        return "promise"
    if account.pending >= invoice.open:
        return "pending covers"
    if account.balance < policy.least_balance:
        return "balance"
    return ""


def fee_day(policy: FeePolicy, due: date, n: int) -> date:
    """The day on which the n-th fee of an invoice is due: the first day it is late, then every interval."""
    return first_day(policy, due) + timedelta(days=policy.every * (n - 1))


def flat_once(fees: Sequence[tuple[FeePolicy, Fee]], day: date, *, charged_today: bool = False) -> list[Fee]:
    """The fees of an account on a day, oldest invoice first: a flat one is charged once, and the others' numbers are used up.

    Those of missed days are caught up as if each had been charged on its own day.

    Args:
        fees: Each with its policy.
        day: On which they are charged.
        charged_today: A flat fee was charged before on the day.
    """
    result: list[Fee] = []
    newest: dict[int, int] = {}
    for _, fee in fees:
        newest[fee.invoice.id] = max(fee.n, newest.get(fee.invoice.id, 0))
    days = {day} if charged_today else set[date]()
    for policy, fee in fees:
        if fee.amount and policy.mode == "flat":
            # The last one of an invoice is the night's own, whichever day it missed; the ones before have theirs.
            on = day if fee.n == newest[fee.invoice.id] else fee_day(policy, fee.invoice.due, fee.n)
            if on in days:
                fee = fee._replace(amount=0, reason="one flat fee a day")
            days.add(on)
        result.append(fee)
    return result


def uses_up(fee: Fee) -> bool:
    """Whether a fee without an amount takes its number all the same."""
    return fee.reason == "one flat fee a day"


def offers_waiver(policy: FeePolicy, due: date, received: date) -> bool:
    """Whether money that was entered late had come in time, so that the fee should not have been charged."""
    return received <= last_day_of_grace(policy, due)
