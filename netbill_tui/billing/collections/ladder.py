"""Who gets what today, and why not: a pure verdict over what is known of an account.

The night, the screens, a preview and the machine that looks ahead ask this one function; nothing is scheduled, each night
computes
anew, so a night that was missed sends the step of today and not those of the days before. Source: docs/collections.md,
*The ladder*.
"""

from datetime import date, timedelta
from operator import attrgetter
from typing import Final, NamedTuple

from netbill_tui.billing.collections.policies import Ladder
from netbill_tui.billing.collections.quiet_days import QuietDays
from netbill_tui.billing.collections.steps import REMIND, RETURNED, Step

# Of a message: it went or may have gone, so its step is over.
UNDER_WAY: Final = ("queued", "claimed", "sent", "unknown")
IN_VAIN: Final = ("refused", "bounced", "failed")
WITHDRAWN: Final = "withdrawn"  # by a person: its step is over, but nothing went
SENT: Final = "sent"


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

    `sent`: the day it went, where that is known; `notice`: from when it counts as one: a letter takes its days.
    """

    driver: int
    step: str
    on: date
    fallback: int = 0
    state: str = SENT
    invoices: frozenset[int] = frozenset()
    notice: date | None = None
    sent: date | None = None

    @property
    def went_on(self) -> date:
        """The day it went; while it waits, the day it was queued."""
        return self.sent or self.on

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
        items: Its open invoices, those that fall due later too; of one due date in the order in which they are settled.
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
        opted_out: The customer wants no message about what is not overdue.
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
    opted_out: bool = False


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


_due = attrgetter("due")


def overdue_items(facts: Facts, day: date) -> list[Item]:
    """What is overdue, undisputed and not arranged, oldest first."""
    items = [i for i in facts.items if i.due < day and not i.disputed and not i.arranged]
    return sorted(items, key=_due) if len(items) > 1 else items


def driver_of(facts: Facts, minimum: int, day: date, *, ahead: int = 0) -> Driver | None:
    """The invoice that brings what is overdue and undisputed, oldest first, to the minimum.

    Args:
        facts: Of the account.
        minimum: In minor units.
        day: As of.
        ahead: Where nothing overdue reaches it, what falls due so many days from now counts too.
    """
    overdue = overdue_items(facts, day)
    driver = _driver(overdue, minimum, day)
    if driver is None and ahead:
        last = day + timedelta(days=ahead)
        coming = [i for i in facts.items if day <= i.due <= last and not i.disputed and not i.arranged]
        driver = _driver(overdue + sorted(coming, key=_due), minimum, day) if coming else None
    return driver


def _driver(items: list[Item], minimum: int, day: date) -> Driver | None:
    total, first = 0, None
    for item in items:
        total += item.open
        if first is None and total >= minimum:
            first = item
    return Driver(first, (day - first.due).days, total, tuple(items)) if first is not None and total > 0 else None


def reminder(facts: Facts, ladder: Ladder, days: QuietDays, day: date) -> Reminder:
    """The message that goes to an account on a day, or the first reason why none does.

    Source: docs/collections.md, *The ladder*.
    """
    if not ladder.reminders:
        return _NOTHING
    driver = driver_of(facts, ladder.minimum, day, ahead=ladder.ahead)
    if driver is None:
        return Reminder(reason=_no_driver(facts, ladder, day))
    step, fallback = _step(facts, ladder, driver, day)
    if step is None:
        return Reminder(driver)
    reason, until = _why_not(facts, ladder, days, driver, day, is_fallback=fallback > 0)
    if reason:
        return Reminder(driver, step, "", fallback, reason, until)
    for at in range(fallback, len(step.channels)):
        if step.channels[at] in facts.reachable:
            aside = _no_driver(facts, ladder, day) if driver.age <= 0 else ""
            return Reminder(driver, step, step.channels[at], at, aside=aside)
    return Reminder(driver, step, "", fallback, "no address")


_NOTHING = Reminder()


def _no_driver(facts: Facts, ladder: Ladder, day: date) -> str:
    """Why nothing overdue is reminded; empty where nothing is overdue."""
    overdue = [i for i in facts.items if i.due < day]
    if not overdue:
        return ""
    if all(i.disputed for i in overdue):
        return "disputed"
    if all(i.disputed or i.arranged for i in overdue):
        return "arrangement"
    return "under the minimum" if ladder.steps else ""


def _step(facts: Facts, ladder: Ladder, driver: Driver, day: date) -> tuple[Step | None, int]:
    """The highest step that has come, unless it or a higher one went; with the first of its channels that is left."""
    highest = next((s for s in reversed(ladder.reminders) if _has_come(facts, ladder, s, driver, day)), None)
    if highest is None or not facts.went:
        return highest, 0
    tried, mine = 0, ladder.order[highest.code]
    for w in facts.went:
        if w.driver != driver.item.id or ladder.order.get(w.step, -1) < mine:
            continue
        if w.state in UNDER_WAY or w.state == WITHDRAWN:
            return _returned(facts, ladder, driver, day)
        if w.state in IN_VAIN and ladder.order[w.step] == mine:
            tried = max(tried, w.fallback + 1)
    return (highest, tried) if tried < len(highest.channels) else _returned(facts, ladder, driver, day)


def _has_come(facts: Facts, ladder: Ladder, step: Step, driver: Driver, day: date) -> bool:
    """Whether a step's day has come, and what it takes is there. One of before the due date goes until then or not at all."""
    if step.offset > driver.age or (step.offset <= 0) != (driver.age <= 0):
        return False
    if driver.total < step.least or len(driver.items) < step.invoices:
        return False
    if not step.after:
        return True
    return any(
        w.driver == driver.item.id
        and w.state == SENT
        and (day - w.went_on).days >= step.after
        and _is_earlier(ladder, w.step, step)
        for w in facts.went
    )


def _is_earlier(ladder: Ladder, code: str, step: Step) -> bool:
    """Whether a step is a reminder of what is overdue that comes before another."""
    at = ladder.order.get(code)
    return at is not None and 0 < ladder.reminders[at].offset < step.offset


def _returned(facts: Facts, ladder: Ladder, driver: Driver, day: date) -> tuple[Step | None, int]:
    """The notice after a payment was taken back: the steps that went do not go a second time, but the customer has to know."""
    back = facts.returned
    if back is None or driver.age <= 0 or day <= back.on:
        return None, 0
    if any(w.on > back.on and w.state in UNDER_WAY and w.driver != back.id for w in facts.went):
        return None, 0  # a step that went since told of it
    mine = [w for w in facts.went if w.driver == back.id and w.step == RETURNED and w.state in (*UNDER_WAY, *IN_VAIN, WITHDRAWN)]
    channels = ladder.reminders[-1].channels
    tried = 1 + max((w.fallback for w in mine), default=-1)
    if any(w.state in UNDER_WAY or w.state == WITHDRAWN for w in mine) or tried >= len(channels):
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
    if facts.opted_out and driver.age <= 0:
        return "opted out", None
    if facts.answered:
        return "call today", day
    if facts.pending >= driver.total:
        return "pending covers", None
    if facts.credit >= driver.total:
        return "credit covers", None
    last = max((w.went_on for w in facts.went if w.state in UNDER_WAY), default=None) if facts.went else None
    if last is not None and (day - last).days < ladder.gap and not is_fallback:
        return "within the gap", last + timedelta(days=ladder.gap)
    booked = days.after_working(driver.item.due, ladder.transit)
    if driver.age > 0 and ladder.transit and day <= booked and not (facts.booked_until and facts.booked_until >= booked):
        return "in transit", booked
    if days.is_quiet(day):
        return "quiet day", days.next_loud(day)
    return "", None


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
