"""What is missing: the periods of a service that are not billed yet, and what was billed and is not used.

What should stand billed on a bill date follows from the service's timeline; what does stand billed is compared with it, and
only the difference is returned. So a repeat finds nothing, a late run catches up, and a change in mid-period gives back the
days left at what was really charged and charges them anew. Source: docs/rules.md, *13 Billing run* to *16 Changes*.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from netbill_tui.billing.services.subscriptions import Interval, Terms, Timeline, charged_spans, subtract

FIRST_BILLS = ("stub", "stub+full", "defer")
CHANGES = ("next", "at-once")
ALONE_DAYS = 31  # a change is not kept waiting for the next invoice when that is further off


class Piece(NamedTuple):
    """A span to be charged, within one whole period.

    Attributes:
        first: First day.
        end: Day after the last.
        whole_first: First day of the whole period.
        whole_end: Its end.
        terms: What is taken.
        period: How many whole periods on these terms came before; -1 for a stub before the first.
        recharge: How often the same span was charged and credited before.
    """

    first: date
    end: date
    whole_first: date
    whole_end: date
    terms: Terms
    period: int
    recharge: int = 0


class Span(NamedTuple):
    """A span that was charged.

    Attributes:
        first: First day.
        end: Day after the last.
        terms_id: Of the terms it was charged on.
        lines: Code, tax class and what was really charged of each line, after discounts.
        credited: Parts that were credited.
        recharge: See Piece.
        recharged: First day of parts that were credited and charged again, with how often.
        billed_on: Its bill date, whose exemptions a credit gives back.
        rated_on: The day whose tax rates it was charged with; empty for what follows from its dates.
        back: What runs gave back of each line.
        hand: What credit notes by hand gave back of each line.
        taxed: Whether tax was taken with each line; None where that is not known, or nothing was charged.
        policy: How its days were counted; empty where that was not kept.
    """

    first: date
    end: date
    terms_id: int
    lines: tuple[tuple[str, str, int], ...]
    credited: tuple[Interval, ...] = ()
    recharge: int = 0
    recharged: tuple[tuple[date, int], ...] = ()
    billed_on: str = ""
    rated_on: str = ""
    back: tuple[int, ...] = ()
    hand: tuple[int, ...] = ()
    taxed: tuple[bool | None, ...] = ()
    policy: str = ""

    @property
    def live(self) -> list[Interval]:
        """What still stands charged."""
        return subtract([(self.first, self.end)], self.credited)


class Unused(NamedTuple):
    """A part of a charged span that is given back."""

    span: Span
    first: date
    end: date


class Period(NamedTuple):
    """A period of a service: its first day, and the whole period that it is or is a part of."""

    first: date
    whole_first: date
    end: date


def bill_date(timeline: Timeline, period: Period, first_bill: str = "stub") -> date:
    """The day on which a period is billed: its first in advance, its end in arrears.

    Args:
        timeline: The service's.
        period: Which one.
        first_bill: Where the service does not say how it was sold. Of a period that begins between anchors: the `stub` alone at
            once; `stub+full` with the first full period; `defer` until that begins.
    """
    start, end = timeline.service.start, timeline.end
    first_bill = timeline.first_bill or first_bill
    if timeline.service.mode == "arrears":
        return period.end if end is None else min(period.end, end)
    if period.first == start and period.whole_first < start:
        if first_bill == "defer" and (end is None or period.end < end):
            return period.end
        return start
    if first_bill == "stub+full" and period.first > start and timeline.schedules[0][1].origin == period.first:
        return start
    return period.first


def supply_day(timeline: Timeline, first: date, end: date) -> date:
    """The day whose tax rates a charged span has: its first in advance, its last in arrears.

    Source: docs/rules.md, *Taxes and discounts*.
    """
    return end - timedelta(days=1) if timeline.service.mode == "arrears" else first


def taxed_day(timeline: Timeline, first: date, end: date, on: date, first_bill: str = "stub") -> date:
    """The day whose exemptions and discounts a charged span has: its bill date, or its own where a late change billed it before.

    A change that is entered late charges later periods anew on the bill date of the change; what holds for them is what holds
    on the day on which each would have been billed.
    """
    if timeline.service.mode == "arrears":
        return max(on, end)
    turn, plan = timeline.plan_on(first)
    whole_first, whole_end = plan.period(first)
    return max(on, bill_date(timeline, Period(max(whole_first, turn), whole_first, whole_end), first_bill))


def whole_periods(timeline: Timeline, since: date) -> Iterator[Period]:
    """The periods from the one that holds a day; they touch, also where an anchor was changed."""
    day = since
    while timeline.end is None or day < timeline.end:
        turn, plan = timeline.plan_on(day)
        whole_first, end = plan.period(day)
        yield Period(max(whole_first, turn), whole_first, end)
        day = end


def upcoming(timeline: Timeline, settled_until: date, until: date, first_bill: str = "stub", most: int = 0) -> list[date]:
    """The bill dates of the periods from a day on that have a day with charge, up to a date; at most so many, 0 for all."""
    spans = charged_spans(timeline)
    skips = timeline.skips
    dates: list[date] = []
    for period in whole_periods(timeline, max(settled_until, timeline.service.start)):
        first, _, end = period
        if not spans or first > spans[-1][1]:
            break
        on = bill_date(timeline, period, first_bill)
        if on > until:
            break
        parts = [(max(first, settled_until, a), min(end, b)) for a, b, _ in spans if a < end and b > first]
        if subtract([p for p in parts if p[0] < p[1]], skips):
            dates.append(on)
            if len(dates) == most:
                break
    return dates


def pieces(timeline: Timeline, since: date, on: date, first_bill: str = "stub", billed_until: date = date.min) -> list[Piece]:
    """What should stand charged on a bill date, from a day on; and whole periods before `billed_until`."""
    spans = charged_spans(timeline)
    due: list[Piece] = []
    for period in whole_periods(timeline, max(since, timeline.service.start)):
        first, whole_first, end = period
        # A period of which only a part was billed waits for its own day with the rest.
        later = bill_date(timeline, period, first_bill) > on and end > billed_until
        if later or not spans or first > spans[-1][1]:
            break
        for a, b, terms in spans:
            if a < end and b > first:
                held = _periods_before(timeline, terms, whole_first)
                due.append(Piece(max(first, a), min(end, b), whole_first, end, terms, held))
    return due


def _periods_before(timeline: Timeline, terms: Terms, whole_first: date) -> int:
    """Whole periods of the code before one; below zero for a stub. Counted by the schedule that the code began on."""
    began = max(terms.since, timeline.service.start)
    plan = timeline.schedule_on(began)
    return plan.number(whole_first) - plan.number(plan.next_boundary(began))


def to_charge_and_credit(
    timeline: Timeline,
    charged: Sequence[Span],
    settled_until: date,
    bill_day: date,
    first_bill: str = "stub",
    billed_until: date = date.min,
) -> tuple[list[Piece], list[Unused]]:
    """What is to be charged on a bill date, and what is to be given back.

    Args:
        timeline: As it is known on the bill date.
        charged: What was charged since `settled_until`.
        settled_until: Everything before this day is settled and not looked at.
        bill_day: The bill date.
        first_bill: See `bill_date`.
        billed_until: What lies before was billed before: a change that is entered late gives it back and charges it anew at once.
    """
    spans = charged_spans(timeline)
    unused: list[Unused] = []
    live: list[tuple[date, date, int]] = []
    for span in charged:
        same = [(a, b) for a, b, terms in spans if terms.id == span.terms_id]
        for part in span.live:
            left = subtract([part], same)
            unused += [Unused(span, a, b) for a, b in left]
            live += [(a, b, span.terms_id) for a, b in subtract([part], left)]
    charges: list[Piece] = []
    before = (date.min, settled_until)
    for piece in pieces(timeline, settled_until, bill_day, first_bill, billed_until):
        taken = [(a, b) for a, b, terms_id in live if terms_id == piece.terms.id]
        for a, b in subtract([(piece.first, piece.end)], [before, *taken, *timeline.skips]):
            recharge = sum(1 for s in charged for g in s.credited if s.terms_id == piece.terms.id and g[0] == a and s.first <= a)
            charges.append(piece._replace(first=a, end=b, recharge=recharge))
    return charges, unused


def is_alone(day: date, regular: Sequence[date]) -> bool:
    """Whether no invoice comes from a day on within a month, so that a change or charge of that day is billed by itself."""
    return not any(day <= other < day + timedelta(days=ALONE_DAYS) for other in regular)
