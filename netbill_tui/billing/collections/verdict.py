"""The whole verdict on an account for a day: message, fees, proposals, and one reason for each that does not happen.

Source: docs/collections.md, *The ladder*.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from netbill_tui.billing.collections import fees, ladder, suspension
from netbill_tui.billing.collections.fees import Fee, Late
from netbill_tui.billing.collections.ladder import Facts, Reminder
from netbill_tui.billing.collections.policies import FeePolicy, Ladder
from netbill_tui.billing.collections.quiet_days import QuietDays
from netbill_tui.billing.collections.steps import HAND_OVER, WRITE_OFF
from netbill_tui.billing.collections.suspension import Proposal

FeesFor = Callable[[date], tuple[int, FeePolicy]]
MESSAGE, FEE, SUSPENSION = "message", "fee", "suspension"


class Charged(NamedTuple):
    """A fee with the policy that it is charged by, and the number of its version."""

    version: int
    policy: FeePolicy
    fee: Fee


class Verdict(NamedTuple):
    """What happens to an account on a day."""

    reminder: Reminder
    fees: tuple[Charged, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    @property
    def charged(self) -> tuple[Charged, ...]:
        """The fees that are charged, and those whose numbers are used up by them."""
        return tuple(c for c in self.fees if c.fee.amount or fees.uses_up(c.fee))

    @property
    def reasons(self) -> dict[str, str]:
        """Why each action does not happen, by action; nothing where it happens or its day has not come."""
        said = {}
        if self.reminder.reason or self.reminder.aside:
            said[MESSAGE] = self.reminder.reason or self.reminder.aside
        held = [c.fee.reason for c in self.fees if c.fee.reason and not fees.uses_up(c.fee)]
        if held:
            said[FEE] = held[0]
        for proposal in self.proposals:
            if proposal.reason:
                said[proposal.step.kind] = proposal.reason
        return said


def verdict(
    facts: Facts, steps: Ladder, days: QuietDays, day: date, late: Sequence[Late] = (), fees_for: FeesFor | None = None,
    account: fees.Account | None = None, *, catch_up: bool = False,
) -> Verdict:  # fmt: skip
    """What happens to an account on a day, and why what does not happen does not.

    Args:
        facts: What is known of the account.
        steps: The ladder in force on the day.
        days: The quiet days of the book.
        day: As of.
        late: Its overdue invoices with their lines, where fees may be due.
        fees_for: The fees in force on a due date.
        account: What else decides on fees.
        catch_up: Fees of missed days are charged too.
    """
    going = ladder.reminder(facts, steps, days, day)
    charged = _fees(late, fees_for, account or fees.Account(), day, catch_up=catch_up) if late and fees_for is not None else ()
    return Verdict(going, charged, _proposals(facts, steps, days, day) if steps.proposes else ())


def _proposals(facts: Facts, steps: Ladder, days: QuietDays, day: date) -> tuple[Proposal, ...]:
    proposals = (
        suspension.suspension(facts, steps, days, day), suspension.proposal(facts, steps, WRITE_OFF, day),
        suspension.proposal(facts, steps, HAND_OVER, day),
    )  # fmt: skip
    return tuple(p for p in proposals if p is not None)


def _fees(late: Sequence[Late], fees_for: FeesFor, account: fees.Account, day: date, *, catch_up: bool) -> tuple[Charged, ...]:
    assessed = []
    for invoice in sorted(late, key=lambda i: (i.due, i.id)):
        version, policy = fees_for(invoice.due)
        assessed += [Charged(version, policy, fee) for fee in fees.assess(account, policy, invoice, day, catch_up=catch_up)]
    once = fees.flat_once([(c.policy, c.fee) for c in assessed], day, charged_today=account.flat_today)
    return tuple(c._replace(fee=fee) for c, fee in zip(assessed, once, strict=True))
