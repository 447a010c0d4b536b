"""A customer as the run sees them: terms, discounts, exemptions, and services with what was charged.

Source: docs/rules.md, *13 Billing run*.
"""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.catalogue.taxes import Exemption
from netbill_tui.billing.services.charging import Span
from netbill_tui.billing.services.discounts import Discount
from netbill_tui.billing.services.subscriptions import Event, Service, Timeline


class Fee(NamedTuple):
    """An early-leave fee that stands charged: code, tax class, amount, its day and terms, bill date, and the day of its rates."""

    code: str
    tax_class: str
    amount: int
    on: str
    terms_id: int
    recharge: int
    billed_on: str
    rated_on: str = ""


@lru_cache(maxsize=16384)
def _alike(*_: object) -> object:
    """One object for each set of arguments."""
    return object()


class SharedTimeline:
    """The timeline of all services with equal terms and dates and no event ahead; known by identity.

    Attributes:
        timeline: What comes of their first day and terms.
        settled_until: Periods before this day are billed.
        like: One object for all that are billed alike from there on, whichever day they began on, where the prices of their
            code do not ask for that day; itself within the first whole period.
    """

    __slots__ = ("like", "settled_until", "timeline")

    def __init__(self, timeline: Timeline, settled_until: date) -> None:
        self.timeline, self.settled_until = timeline, settled_until
        plan = timeline.schedules[0][1]
        first, end = plan.period(settled_until)
        terms = timeline.terms[0]
        if plan.origin < first and len(timeline.terms) == 1:
            service = timeline.service
            # The words of an own price are one customer's own: they stand in the arithmetic that is copied.
            self.like = _alike(
                service.cycle, service.anchor, service.mode, first, end, settled_until, terms.id, terms.override, timeline.end
            )
        else:
            self.like = self

    def key(self, catalogue: Catalogue) -> object:
        """What these services share with others in a catalogue."""
        code = self.timeline.terms[0].code
        return self if catalogue.asks_for_start(code) else self.like


class Held(NamedTuple):
    """A service with what is known of its past.

    Attributes:
        service: What never changes.
        events: Standing ones, by day and order of entry.
        spans: What was charged since `settled`.
        settled_until: Periods before this day are billed.
        fee: The line of the early-leave fee that stands charged, or None.
        fees: How often one was charged before.
        check_on: The first day of an event that is not compared with what was billed yet, or None.
        plain: The shared timeline of a service on which nothing happens, where its events need not be read.
        settled: Nothing before this day is looked at again; None for `settled_until`.
        floor: Up to this day it was billed elsewhere.
    """

    service: Service
    events: tuple[Event, ...]
    spans: tuple[Span, ...]
    settled_until: date
    fee: Fee | None = None
    fees: int = 0
    check_on: date | None = None
    plain: SharedTimeline | None = None
    settled: date | None = None
    floor: date = date.min

    @property
    def base(self) -> date:
        """Where comparing begins: with the first charge or the first event to look at, never before what was billed elsewhere."""
        begins = self.settled_until if self.settled is None else self.settled
        return max(begins if self.check_on is None else min(begins, self.check_on), self.floor)


class Account(NamedTuple):
    """A customer as the run sees them.

    Attributes:
        terms_days: Days from issue to due; below zero where none were agreed.
        terms_day: Day of the month after, or 0.
        closed: It is billed up to the ends of its services, and never beyond.
        postcode: For the address of its documents, as the town.
        language: Of its documents; empty for the book's.
    """

    id: int
    account: str
    name: str
    terms_days: int
    terms_day: int = 0
    discounts: tuple[Discount, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    closed: bool = False
    postcode: str = ""
    town: str = ""
    language: str = ""
