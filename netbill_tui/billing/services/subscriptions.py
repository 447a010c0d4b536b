"""A service and its course: what its dated events make of it. Nothing here changes what was billed; see charging.

Events are only added. A later event of the same day replaces an earlier one; a mistake is taken back by an event that voids
it. What lies ahead is known but makes no document until its day, but for an end, which cuts the period that is billed before
it. Source: docs/rules.md, *12 States*, *14 Anchor*, *16 Changes*.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from netbill_tui.billing.catalogue.prices import LIST, CannotBill, PriceOverride
from netbill_tui.billing.core.cycles import Cycle, Schedule, schedule

MODES = ("advance", "arrears")
KINDS = ("start", "change", "price", "pause", "resume", "suspend", "restore", "end", "anchor", "skip", "void")
Interval = tuple[date, date]
# Half-open; None is open-ended.
Open = tuple[date, date | None]


# The reasons of the events by which a service follows its account down and up.
WITH_ACCOUNT = "The account was suspended"
OPENED_AGAIN = "The account was opened again"


class Event(NamedTuple):
    """Something that happens to a service on a day.

    Attributes:
        id: Row id; of one day the later wins.
        on: The day, which belongs to what the event brings.
        kind: One of KINDS.
        code: Billing code from that day on (start, change).
        quantity: How many (start, change).
        parts: Parts of a bundle that are taken, with blanks between; empty for all.
        own: Own price (price).
        until: An own price or a skipped span ends before this day; None for ever.
        number: Anchor day (anchor), or the id of what is taken back (void).
        policy: Of a start, how the first bill is made. Of an end, whether it comes at the end of the `period` without credit, or
            is prorated by `days`; of a suspension, whether charging goes on (`continue`) or stops at the next period (`stop`), as
            the code said on the day it was entered.
        reason: Why.
    """

    id: int
    on: date
    kind: str
    code: str = ""
    quantity: str = "1"
    parts: str = ""
    override: PriceOverride = LIST
    until: date | None = None
    number: int = 0
    policy: str = ""
    reason: str = ""


class Terms(NamedTuple):
    """What is taken, and at whose price, from a day on.

    Attributes:
        id: Follows from what is taken and the own price, so that terms that come back are the same terms.
        first: First day.
        since: First day of the uninterrupted run of the code.
    """

    id: int
    first: date
    code: str
    quantity: str = "1"
    parts: str = ""
    override: PriceOverride = LIST
    since: date = date.min


@lru_cache(maxsize=65536)
def terms_id(code: str, quantity: str, parts: str, own_kind: str, own_value: str) -> int:
    """A number that stands for what is taken at which own price, above zero."""
    text = "\x1f".join((code, quantity, parts, own_kind, own_value)).encode()
    return int.from_bytes(sha256(text).digest()[:7], "big") or 1


def terms_of(first: date, code: str, quantity: str, parts: str, override: PriceOverride, since: date) -> Terms:
    """Terms with their number."""
    return Terms(terms_id(code, quantity, parts, override.kind, override.value), first, code, quantity, parts, override, since)


class Service(NamedTuple):
    """What never changes of a service.

    Attributes:
        id: Row id.
        start: First day.
        cycle: Length of a period.
        anchor: Day of the month its periods begin with.
        mode: In advance or in arrears.
        phase: Month of the year that the count of months stands on, or 0.
    """

    id: int
    start: date
    cycle: Cycle
    anchor: int
    mode: str = "advance"
    phase: int = 0


class Timeline(NamedTuple):
    """What the events of a service come to.

    Attributes:
        service: Whose.
        terms: By their first day.
        pauses: Spans without charge.
        skips: Spans that are never charged, though the service ran.
        end: Day after the last that is charged, or None.
        left: Day of the end as it was ordered, or None.
        schedules: First day and boundaries; a second one after an anchor was changed.
        first_bill: How its first bill is made, as it was sold; empty where that was not kept, and the book's rule holds.
    """

    service: Service
    terms: tuple[Terms, ...]
    pauses: tuple[Open, ...] = ()
    skips: tuple[Interval, ...] = ()
    end: date | None = None
    left: date | None = None
    schedules: tuple[tuple[date, Schedule], ...] = ()
    first_bill: str = ""

    @property
    def is_begun(self) -> date:
        """The day behind which nothing hangs on how its first bill is made: the first whole period."""
        return max(self.service.start, self.schedules[0][1].origin)

    def plan_on(self, day: date) -> tuple[date, Schedule]:
        """The boundaries in force on a day, and the day from which they are."""
        plan = self.schedules[0]
        for later in self.schedules[1:]:
            if later[0] <= day:
                plan = later
        return plan

    def schedule_on(self, day: date) -> Schedule:
        """The boundaries in force on a day."""
        return self.plan_on(day)[1]

    def terms_on(self, day: date) -> Terms | None:
        """What is taken on a day."""
        begun = [t for t in self.terms if t.first <= day]
        return begun[-1] if begun and (self.end is None or day < self.end) else None


def standing(events: Iterable[Event]) -> list[Event]:
    """Events that were not taken back, by day and order of entry."""
    every = list(events)
    voided = {e.number for e in every if e.kind == "void"}
    return sorted((e for e in every if e.kind != "void" and e.id not in voided), key=lambda e: (e.on, e.id))


def known_on(events: Iterable[Event], day: date) -> list[Event]:
    """What counts on a day: everything dated by then, and an end whenever it is."""
    return [e for e in events if e.on <= day or e.kind == "end"]


def timeline_of(service: Service, events: Sequence[Event]) -> Timeline:
    """What standing events come to.

    Args:
        service: Whose.
        events: Standing ones, by day and order of entry.

    Raises:
        CannotBill: It ends before it starts, or never begins.
    """
    terms = _terms(events)
    if not terms:
        raise CannotBill(f"Service {service.id} has no billing code on its first day; end it and add it again.")
    schedules = _schedules(service, events)
    first_bill = next((e.policy for e in events if e.kind == "start"), "")
    timeline = Timeline(service, terms, (), (), None, None, schedules, first_bill)
    end, left = _end(timeline, events)
    if left is not None and left < service.start:
        raise CannotBill(f"Service {service.id} ends on {left}, before it starts on {service.start}; end it on a later day.")
    skips = tuple((e.on, e.until) for e in events if e.kind == "skip" and e.until is not None)
    pauses = _spans(events, "pause", "resume")
    offs = _spans(events, "suspend", "restore")
    stops = {e.on for e in events if e.kind == "suspend" and e.policy == "stop"}
    stopped = [_from_next_period(timeline, off) for off in offs if off[0] in stops]
    whole = tuple(p for p in (*pauses, *stopped) if p[1] is None or p[0] < p[1])
    return timeline._replace(end=end, left=left, skips=skips, pauses=whole)


def _terms(events: Sequence[Event]) -> tuple[Terms, ...]:
    plans = [e for e in events if e.kind in ("start", "change")]
    prices = [e for e in events if e.kind == "price"]
    if not plans:
        return ()
    points = {e.on for e in plans} | {e.on for e in prices} | {e.until for e in prices if e.until is not None}
    terms: list[Terms] = []
    for day in sorted(points):
        if day < plans[0].on:
            continue
        plan = [e for e in plans if e.on <= day][-1]
        held = [e for e in prices if e.on <= day and (e.until is None or day < e.until)]
        # The own price that was agreed last holds, whichever day it began on.
        override = max(held, key=lambda e: e.id).override if held else LIST
        since = terms[-1].since if terms and terms[-1].code == plan.code else day
        current = terms_of(day, plan.code, plan.quantity, plan.parts, override, since)
        if not terms or terms[-1].id != current.id:
            terms.append(current)
    return tuple(terms)


def _schedules(service: Service, events: Sequence[Event]) -> tuple[tuple[date, Schedule], ...]:
    schedules = [(service.start, schedule(service.start, service.cycle, service.anchor, service.phase))]
    # Of one day the anchor that was ordered last holds.
    anchors = {e.on: e for e in events if e.kind == "anchor"}
    for day, e in sorted(anchors.items()):
        if service.cycle.months:
            # The period that runs ends where it would; one stub leads to the first new anchor date. What was ordered before and
            # has not come into force by that day gives way.
            now = [plan for turn, plan in schedules if turn <= max(day, service.start)][-1]
            turn = now.next_boundary(max(day, service.start))
            schedules = [
                schedules[0],
                *(s for s in schedules[1:] if s[0] < turn),
                (turn, schedule(turn, service.cycle, e.number, service.phase)),
            ]
    return tuple(schedules)


def _end(timeline: Timeline, events: Sequence[Event]) -> tuple[date | None, date | None]:
    ends = [e for e in events if e.kind == "end"]
    if not ends:
        return None, None
    last = max(ends, key=lambda e: e.id)
    if last.policy == "period" and last.on > timeline.service.start:
        return timeline.schedule_on(last.on).next_boundary(last.on), last.on
    return last.on, last.on


def _spans(events: Sequence[Event], opens: str, closes: str) -> list[Open]:
    spans: list[Open] = []
    since: date | None = None
    for e in events:
        if e.kind == opens and since is None:
            since = e.on
        elif e.kind == closes and since is not None:
            spans.append((since, e.on))
            since = None
    if since is not None:
        spans.append((since, None))
    return spans


def _from_next_period(timeline: Timeline, off: Open) -> Open:
    """Charging stops with the period after the suspension and begins with the period after the restoring."""
    first, end = off
    return (
        timeline.schedule_on(first).next_boundary(first),
        None if end is None else timeline.schedule_on(end).next_boundary(end),
    )


def suspending(events: Sequence[Event], on: date, policy: str) -> list[Event]:
    """What suspends a service with its account: on a day, and on each later day on which it would be restored.

    Args:
        events: Its standing ones, by day and order of entry.
        on: The day.
        policy: What the billing code says of its charge meanwhile.
    """
    access = [e for e in events if e.kind in ("suspend", "restore")]
    before = [e for e in access if e.on <= on]
    days = set() if before and before[-1].kind == "suspend" else {on}
    last = {e.on: e.kind for e in access if e.on > on}
    days |= {day for day, kind in last.items() if kind == "restore"}
    return [Event(0, day, "suspend", policy=policy, reason=WITH_ACCOUNT) for day in sorted(days)]


def opening(events: Sequence[Event], on: date) -> list[Event]:
    """What opens a service with its account on a day; what was suspended for a reason of its own waits for its own restore."""
    access = [e for e in events if e.kind in ("suspend", "restore")]
    events_ = [
        Event(0, e.on, "void", number=e.id, reason=OPENED_AGAIN)
        for e in access
        if e.on > on and e.kind == "suspend" and e.reason == WITH_ACCOUNT
    ]
    before = [e for e in access if e.on <= on]
    if before and before[-1].kind == "suspend" and before[-1].reason == WITH_ACCOUNT:
        other_reasons = [e for e in before if e.reason not in (WITH_ACCOUNT, OPENED_AGAIN)]
        if not other_reasons or other_reasons[-1].kind == "restore":
            events_.append(Event(0, on, "restore", reason=OPENED_AGAIN))
    return events_


def subtract(spans: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """What is left of some spans without others."""
    left = list(spans)
    for t0, t1 in taken:
        if t0 >= t1:
            continue
        cut: list[Interval] = []
        for a, b in left:
            if t1 <= a or b <= t0:
                cut.append((a, b))
                continue
            if a < t0:
                cut.append((a, t0))
            if t1 < b:
                cut.append((t1, b))
        left = cut
    return left


def charged_spans(timeline: Timeline) -> list[tuple[date, date, Terms]]:
    """The spans with charge, by day, each with its terms; an open end is the last day of the calendar."""
    spans: list[tuple[date, date, Terms]] = []
    for at, terms in enumerate(timeline.terms):
        until = timeline.terms[at + 1].first if at + 1 < len(timeline.terms) else date.max
        first, end = max(terms.first, timeline.service.start), min(until, timeline.end or date.max)
        pauses = [(p, q or date.max) for p, q in timeline.pauses]
        spans += [(a, b, terms) for a, b in subtract([(first, end)], pauses) if a < b] if first < end else []
    return sorted(spans, key=lambda s: s[0])
