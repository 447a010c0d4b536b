"""Who gets what today, and why not: a pure verdict over what is known of an account.

The night, the screens, a preview and the machine that looks ahead ask this one function; nothing is scheduled, each night
computes
anew, so a night that was missed sends the step of today and not those of the days before. Source: docs/collections.md,
*The ladder*.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from netbill_tui.billing.collections.policies import Ladder
from netbill_tui.billing.collections.quiet_days import QuietDays
from netbill_tui.billing.collections.steps import REMIND, RETURNED, SUSPEND, Step
from netbill_tui.billing.receivables.allocation import natural

# Of a message: it went or may have gone, so its step is over.
UNDER_WAY: Final = ("queued", "claimed", "sent", "unknown")
IN_VAIN: Final = ("refused", "bounced", "failed")
SENT: Final = "sent"
AHEAD = 60  # days that the next step is looked for


class Item(NamedTuple):
    """An open invoice; amounts in minor units. One that an arrangement holds is not reminded, but stays owed."""

    id: int
    number: str
    due: date
    open: int
    disputed: bool = False
    arranged: bool = False


class Went(NamedTuple):
    """A message of before: for which driver, which step, by which channel of it, and what became of it.

    `notice`: from when it counts as one, where that is not the day it was queued: a letter takes its days.
    """

    driver: int
    step: str
    on: date
    fallback: int = 0
    state: str = SENT
    invoices: frozenset[int] = frozenset()
    notice: date | None = None

    @property
    def known_on(self) -> date:
        """From when the customer knows of it."""
        return self.notice or self.on


class Return(NamedTuple):
    """A payment that the bank took back, by its event."""

    id: int
    on: date


class Facts(NamedTuple):
    """What is known of an account on a day.

    Attributes:
        items: Its open invoices, those that fall due later too.
        went: What was sent.
        credit: What settles nothing yet.
        pending: Money that is on its way.
        hold: Why nothing is done, or empty.
        promised: The account keeps a promise to pay until the end of this day.
        answered: Somebody spoke with the customer today.
        reachable: The channels by which the customer can be reached.
        returned: The last payment that was taken back and opened something again.
        booked_until: Up to which day the bank's files were read.
        suspended: The account is suspended already.
        protected: It is never suspended.
        has_services: Something is running that could be suspended.
    """

    items: tuple[Item, ...] = ()
    went: tuple[Went, ...] = ()
    credit: int = 0
    pending: int = 0
    hold: str = ""
    promised: date | None = None
    answered: bool = False
    reachable: frozenset[str] = frozenset({"mail", "letter"})
    returned: Return | None = None
    booked_until: date | None = None
    suspended: bool = False
    protected: bool = False
    has_services: bool = True


class Driver(NamedTuple):
    """The invoice that sets step and age, and what it is reminded over."""

    item: Item
    age: int
    total: int
    items: tuple[Item, ...]


class Reminder(NamedTuple):
    """What goes, or why nothing does: `reason` is empty where it goes; `step` is None where no step has come.

    `aside`: why what is overdue is not reminded while a message about what falls due goes.
    """

    driver: Driver | None = None
    step: Step | None = None
    channel: str = ""
    fallback: int = 0
    reason: str = ""
    until: date | None = None
    aside: str = ""

    @property
    def goes(self) -> bool:
        """Whether a message is queued."""
        return self.step is not None and not self.reason


def driver_key(reminder: Reminder, facts: Facts) -> int:
    """What a step is unique for: its driver; of the notice after a return, that return."""
    if reminder.step is not None and reminder.step.code == RETURNED and facts.returned is not None:
        return facts.returned.id
    return reminder.driver.item.id if reminder.driver is not None else 0


class Proposal(NamedTuple):
    """A suspension, write-off or hand-over that the ladder proposes, or why it does not."""

    step: Step
    driver: Driver | None = None
    reason: str = ""
    until: date | None = None


def _oldest_first(item: Item) -> tuple[object, ...]:
    return item.due, natural(item.number)


def overdue_items(facts: Facts, day: date) -> list[Item]:
    """What is overdue, undisputed and not arranged, oldest first."""
    return sorted((i for i in facts.items if i.due < day and not i.disputed and not i.arranged), key=_oldest_first)


def driver_of(facts: Facts, minimum: int, day: date, *, ahead: int = 0) -> Driver | None:
    """The invoice that brings what is overdue and undisputed, oldest first, to the minimum.

    Args:
        facts: Of the account.
        minimum: In minor units.
        day: As of.
        ahead: Where nothing overdue reaches it, what falls due so many days from now counts too.
    """
    overdue = overdue_items(facts, day)
    for items in (overdue, _with_ahead(facts, overdue, day, ahead)):
        total = 0
        for item in items:
            total += item.open
            if total >= max(minimum, 1):
                return Driver(item, (day - item.due).days, sum(i.open for i in items), tuple(items))
    return None


def _with_ahead(facts: Facts, overdue: list[Item], day: date, ahead: int) -> list[Item]:
    last = day + timedelta(days=ahead)
    coming = (i for i in facts.items if day <= i.due <= last and not i.disputed and not i.arranged) if ahead else ()
    return overdue + sorted(coming, key=_oldest_first)


def reminder(facts: Facts, ladder: Ladder, days: QuietDays, day: date) -> Reminder:
    """The message that goes to an account on a day, or the first reason why none does.

    Source: docs/collections.md, *The ladder*.
    """
    steps = ladder.reminders
    ahead = max((-s.offset for s in steps if s.offset <= 0), default=-1)
    driver = driver_of(facts, ladder.minimum, day, ahead=max(ahead, 0)) if steps else None
    if driver is None:
        return Reminder(reason=_no_driver(facts, ladder, day) if steps else "")
    step, fallback = _step(facts, ladder, driver, day)
    if step is None:
        return Reminder(driver)
    reason, until = _why_not(facts, ladder, days, driver, day, is_fallback=fallback > 0)
    if reason:
        return Reminder(driver, step, "", fallback, reason, until)
    reached = [(at, c) for at, c in enumerate(step.channels) if at >= fallback and c in facts.reachable]
    if not reached:
        return Reminder(driver, step, "", fallback, "no address")
    at, channel = reached[0]
    return Reminder(driver, step, channel, at, aside=_no_driver(facts, ladder, day) if driver.age <= 0 else "")


def _no_driver(facts: Facts, ladder: Ladder, day: date) -> str:
    """Why nothing overdue is reminded; empty where nothing is overdue."""
    overdue = [i for i in facts.items if i.due < day]
    if overdue and all(i.disputed for i in overdue):
        return "disputed"
    if overdue and all(i.disputed or i.arranged for i in overdue):
        return "arrangement"
    return "under the minimum" if overdue and ladder.steps else ""


def _step(facts: Facts, ladder: Ladder, driver: Driver, day: date) -> tuple[Step | None, int]:
    """The highest step that has come, unless it or a higher one went; with the first of its channels that is left."""
    came = [s for s in ladder.reminders if _has_come(facts, ladder, s, driver, day)]
    if not came:
        return _returned(facts, ladder, driver, day)
    codes = [s.code for s in ladder.reminders]
    highest = came[-1]
    of_driver = [w for w in facts.went if w.driver == driver.item.id and w.step in codes]
    higher = [w for w in of_driver if codes.index(w.step) > codes.index(highest.code) and w.state in UNDER_WAY]
    mine = [w for w in of_driver if w.step == highest.code and w.state in UNDER_WAY + IN_VAIN]
    tried = 1 + max((w.fallback for w in mine), default=-1)
    if higher or any(w.state in UNDER_WAY for w in mine) or tried >= len(highest.channels):
        return _returned(facts, ladder, driver, day)
    return highest, tried


def _has_come(facts: Facts, ladder: Ladder, step: Step, driver: Driver, day: date) -> bool:
    """Whether a step's day has come, and what it takes is there. One of before the due date goes until then or not at all."""
    if step.offset > driver.age or (step.offset <= 0) != (driver.age <= 0):
        return False
    if driver.total < step.least or len(driver.items) < step.invoices:
        return False
    if not step.after:
        return True
    earlier = {s.code for s in ladder.reminders if 0 < s.offset < step.offset}
    return any(
        w.driver == driver.item.id and w.step in earlier and w.state == SENT and (day - w.on).days >= step.after
        for w in facts.went
    )


def _returned(facts: Facts, ladder: Ladder, driver: Driver, day: date) -> tuple[Step | None, int]:
    """The notice after a payment was taken back: the steps that went do not go a second time, but the customer has to know."""
    back = facts.returned
    if back is None or driver.age <= 0 or day <= back.on:
        return None, 0
    if any(w.on > back.on and w.state in UNDER_WAY and w.driver != back.id for w in facts.went):
        return None, 0  # a step that went since told of it
    mine = [w for w in facts.went if w.driver == back.id and w.step == RETURNED and w.state in UNDER_WAY + IN_VAIN]
    channels = ladder.reminders[-1].channels
    tried = 1 + max((w.fallback for w in mine), default=-1)
    if any(w.state in UNDER_WAY for w in mine) or tried >= len(channels):
        return None, 0
    return Step(RETURNED, driver.age, REMIND, channels), tried


def _why_not(
    facts: Facts, ladder: Ladder, days: QuietDays, driver: Driver, day: date, *, is_fallback: bool
) -> tuple[str, date | None]:
    """The first reason that holds a message back, and until when it does, where that is known."""
    if facts.hold:
        return f"hold: {facts.hold}", None
    if facts.promised is not None and facts.promised >= day:
        return "promise", facts.promised
    if facts.answered:
        return "call today", day
    if facts.pending >= driver.total:
        return "pending covers", None
    if facts.credit >= driver.total:
        return "credit covers", None
    last = max((w.on for w in facts.went if w.state in UNDER_WAY), default=None)
    if last is not None and (day - last).days < ladder.gap and not is_fallback:
        return "within the gap", last + timedelta(days=ladder.gap)
    booked = days.after_working(driver.item.due, ladder.transit)
    if driver.age > 0 and ladder.transit and day <= booked and not (facts.booked_until and facts.booked_until >= booked):
        return "in transit", booked
    if days.is_quiet(day):
        return "quiet day", days.next_loud(day)
    return "", None


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


def reached(facts: Facts, ladder: Ladder, day: date) -> Step | None:
    """The stage of an account: the highest step whose day and conditions have come, whether it went or not."""
    driver = driver_of(facts, ladder.minimum, day)
    if driver is None:
        return None
    came = [
        s for s in ladder.steps
        if s.offset <= driver.age and driver.total >= s.least and len(driver.items) >= s.invoices
    ]  # fmt: skip
    return came[-1] if came else None


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


def codes_of(went: Sequence[Went], driver: int) -> list[str]:
    """The steps that went for a driver, in their order."""
    return [w.step for w in sorted(went, key=lambda w: w.on) if w.driver == driver and w.state in UNDER_WAY]
