"""A customer as the run sees them: terms, discounts, exemptions, and services with what was charged. Source: behaviours 13."""

from datetime import date
from typing import NamedTuple

from netbill_tui.billing.charging import Span
from netbill_tui.billing.discounts import Discount
from netbill_tui.billing.services import Course, Event, Service


class Fee(NamedTuple):
    """An early-leave fee that stands charged: code, tax class, amount, its day and terms, and the bill date it was taxed on."""

    code: str
    tax_class: str
    amount: int
    on: str
    terms_id: int
    again: int
    billed_on: str


class Plain:
    """The course of services on which nothing happens: one object for all with the same terms and dates, known by identity."""

    __slots__ = ("course", "covered")

    def __init__(self, course: Course, covered: date) -> None:
        self.course, self.covered = course, covered


class Held(NamedTuple):
    """A service with what is known of its past.

    Attributes:
        service: What never changes.
        events: Standing ones, by day and order of entry.
        spans: What was charged since `settled`.
        covered: Periods before this day are billed.
        fee: The line of the early-leave fee that stands charged, or None.
        fees: How often one was charged before.
        check_on: The first day of an event that is not compared with what was billed yet, or None.
        plain: The course of a service on which nothing happens, where its events need not be read.
        settled: Nothing before this day is looked at again; None for `covered`.
        floor: Up to this day it was billed elsewhere.
    """

    service: Service
    events: tuple[Event, ...]
    spans: tuple[Span, ...]
    covered: date
    fee: Fee | None = None
    fees: int = 0
    check_on: date | None = None
    plain: Plain | None = None
    settled: date | None = None
    floor: date = date.min

    @property
    def base(self) -> date:
        """Where comparing begins: with the first charge or the first event to look at, never before what was billed elsewhere."""
        begins = self.covered if self.settled is None else self.settled
        return max(begins if self.check_on is None else min(begins, self.check_on), self.floor)


class Account(NamedTuple):
    """A customer as the run sees them.

    Attributes:
        terms_days: Days from issue to due; below zero where none were agreed.
        terms_day: Day of the month after, or 0.
        exemptions: First day, end and certificate of each.
    """

    id: int
    account: str
    name: str
    terms_days: int
    terms_day: int = 0
    discounts: tuple[Discount, ...] = ()
    exemptions: tuple[tuple[str, str | None, str], ...] = ()
