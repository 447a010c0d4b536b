"""What a ladder proposes beside reminders, when access is restored, and what comes next.

Source: docs/collections.md, *Suspension*.
"""

from datetime import date, timedelta
from typing import NamedTuple

from netbill_tui.billing.collections.ladder import SENT, Driver, Facts, driver_of, reminder
from netbill_tui.billing.collections.policies import Ladder
from netbill_tui.billing.collections.quiet_days import QuietDays
from netbill_tui.billing.collections.steps import SUSPEND, Step

AHEAD = 60  # days that the next step is looked for


class Proposal(NamedTuple):
    """A suspension, write-off or hand-over that the ladder proposes, or why it does not."""

    step: Step
    driver: Driver | None = None
    reason: str = ""
    until: date | None = None


def suspension(facts: Facts, ladder: Ladder, days: QuietDays, day: date) -> Proposal | None:
    """Whether an account is proposed for suspension on a day; None where its ladder suspends nobody or its day has not come.

    Source: docs/collections.md, *Suspension*.
    """
    step = ladder.step_of(SUSPEND)
    if step is None or facts.suspended or not facts.has_services:
        return None
    driver = driver_of(facts, max(step.least, ladder.minimum), day)
    if driver is None or driver.age < step.offset or len(driver.items) < step.invoices:
        return None
    reason, until = _why_connected(facts, ladder, days, step, driver, day)
    return Proposal(step, driver, reason, until)


def _why_connected(
    facts: Facts, ladder: Ladder, days: QuietDays, step: Step, driver: Driver, day: date
) -> tuple[str, date | None]:
    if facts.protected:
        return "protected", None
    if facts.hold:
        return f"hold: {facts.hold}", None
    if facts.promised is not None and facts.promised >= day:
        return "promise", facts.promised
    if facts.pending:
        return "pending payment", None
    if facts.credit >= driver.total:
        return "credit covers", None
    notice = _notice(facts, ladder, driver)
    if notice is None:
        return "no final notice was sent", None
    if (day - notice).days < step.after:
        return "final notice too new", notice + timedelta(days=step.after)
    if days.keeps_connected(day):
        return "stays connected today", days.next_suspending(day)
    return "", None


def _notice(facts: Facts, ladder: Ladder, driver: Driver) -> date | None:
    """When the last notice was sent for this debt; after a return, one that told of it."""
    final = ladder.reminders[-1].code
    sent = [w for w in facts.went if w.state == SENT]
    if facts.returned is not None:
        return min((w.known_on for w in sent if w.on > facts.returned.on), default=None)
    mine = [w.known_on for w in sent if w.step == final and (w.driver == driver.item.id or driver.item.id in w.invoices)]
    return min(mine, default=None)


def may_restore(facts: Facts, day: date, *, threshold: int = 0, uncleared: int = 0) -> bool:
    """Whether a suspension for debt ends: what is overdue and undisputed is at most the threshold.

    Args:
        facts: Of the account.
        day: As of.
        threshold: In minor units.
        uncleared: Cheques of an account that may not pay by cheque: they do not count before they are cleared.
    """
    return sum(i.open for i in facts.items if i.due < day and not i.disputed) + uncleared <= threshold


def proposal(facts: Facts, ladder: Ladder, kind: str, day: date) -> Proposal | None:
    """Whether an account is proposed for a write-off or a hand-over; only one whose services have ended."""
    step = ladder.step_of(kind)
    driver = driver_of(facts, max(step.least, 1), day) if step is not None else None
    if step is None or driver is None or driver.age < step.offset:
        return None
    if facts.has_services:
        return Proposal(step, driver, "its services run")
    if facts.hold or (facts.promised is not None and facts.promised >= day):
        return Proposal(step, driver, f"hold: {facts.hold}" if facts.hold else "promise", facts.promised)
    return Proposal(step, driver)


class Next(NamedTuple):
    """The next thing that happens to an account if nobody pays: the step and its day."""

    code: str
    on: date


def next_step(facts: Facts, ladder: Ladder, days: QuietDays, day: date) -> Next | None:
    """What comes next if nothing changes, from the day after on; None where nothing does within two months."""
    # What waits to be sent is taken as sent.
    sent = tuple(w._replace(state=SENT) if w.state in ("queued", "claimed") else w for w in facts.went)
    later = facts._replace(answered=False, went=sent)
    for ahead in range(1, AHEAD):
        then = day + timedelta(days=ahead)
        going = reminder(later, ladder, days, then)
        if going.goes and going.step is not None:
            return Next(going.step.code, then)
        off = suspension(later, ladder, days, then)
        if off is not None and not off.reason:
            return Next(off.step.code, then)
    return None
