"""The reminder ladder worked out a second time, from the written rules alone.

Nothing of netbill is imported here. The invoices of a CSV file are walked night by night, and each night says who is
sent which reminder, and why the others get none. Every customer is written to by letter, which counts as sent at once.

The rules:

- A night of day D runs early on D: an invoice settled on D is still open, one issued on D is already there.
- The driver: oldest first (due, issued, number), the invoice with which the undisputed sum reaches the minimum.
- The driver comes from what is overdue (age 1 and more). Only where that has none, a courtesy step may go, its driver
  coming from what falls due within three days.
- The highest step whose offset the age of the driver has reached goes, unless it or a higher step went for that driver.
  The final step counts only if an earlier step went for that driver at least five days before.
- Nothing goes in the three days of the gap: after a letter on day D the next can go on D + 3.
- Nothing goes to an overdue driver before the day due + 2 working days (Monday to Friday) is over.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

MINIMUM_CENTS = 500
GAP_DAYS = 3
TRANSIT_WORKING_DAYS = 2
FINAL_NOTICE_DAYS = 5
SATURDAY = 5
COURTESY, FIRST, SECOND, FINAL = "courtesy", "r1", "r2", "final"
LADDER: tuple[tuple[str, int], ...] = ((COURTESY, -3), (FIRST, 1), (SECOND, 7), (FINAL, 14))
RANK = {code: rank for rank, (code, _offset) in enumerate(LADDER)}
COURTESY_OFFSET = LADDER[0][1]


class Invoice(NamedTuple):
    """An invoice, with the day on which it was paid in full."""

    customer: str
    number: str
    issued: date
    due: date
    cents: int
    disputed: bool
    settled: date


class Sent(NamedTuple):
    """A reminder that went out: the number is that of its driver."""

    customer: str
    number: str
    step: str
    day: date


class Outcome(NamedTuple):
    """What a night decides about a customer: a step that goes, or the reason why none does."""

    customer: str
    step: str
    reason: str
    cents: int


class Decision(NamedTuple):
    """An outcome together with the driver that set it, if there is one."""

    outcome: Outcome
    driver: Invoice | None


def read(path: str | Path) -> list[Invoice]:
    """Read the invoices of a CSV file, oldest first within each customer."""
    with Path(path).open(newline="", encoding="utf-8") as lines:
        return sorted((_invoice(row) for row in csv.DictReader(lines)), key=_by_customer)


def night(invoices: Iterable[Invoice], sent: Iterable[tuple[str, str, str, date]], day: date) -> list[Outcome]:
    """Say what the night of a day does, by customer, after the reminders that went before.

    A customer with overdue invoices has an outcome for them. Where they have no driver, a second outcome says what
    becomes of the courtesy step, if anything falls due soon.
    """
    return [decision.outcome for decision in _decide(invoices, sent, day)]


def walk(invoices: Iterable[Invoice], first: date, last: date) -> dict[tuple[date, str], tuple[int, int]]:
    """Walk every night from the first to the last day; count the reminders and add up their cents by day and step."""
    book = sorted(invoices, key=_by_customer)
    sent: list[Sent] = []
    totals: dict[tuple[date, str], tuple[int, int]] = {}
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for outcome, driver in _decide(book, tuple(sent), day):
            if not outcome.step or driver is None:
                continue
            sent.append(Sent(outcome.customer, driver.number, outcome.step, day))
            count, cents = totals.get((day, outcome.step), (0, 0))
            totals[day, outcome.step] = (count + 1, cents + outcome.cents)
    return totals


def _invoice(row: dict[str, str]) -> Invoice:
    """Turn a row of the file into an invoice."""
    return Invoice(
        customer=row["customerID"],
        number=row["invoiceNumber"],
        issued=_day(row["InvoiceDate"]),
        due=_day(row["DueDate"]),
        cents=int(Decimal(row["InvoiceAmount"]) * 100),
        disputed=row["Disputed"] == "Yes",
        settled=_day(row["SettledDate"]),
    )


def _day(text: str) -> date:
    """Read a day written as day/month/year."""
    return datetime.strptime(text, "%d/%m/%Y").date()


def _by_customer(invoice: Invoice) -> tuple[str, date, date, int]:
    """Order by customer, then oldest first: due, issued, number."""
    return invoice.customer, invoice.due, invoice.issued, int(invoice.number)


def _is_open(invoice: Invoice, day: date) -> bool:
    """Tell whether the night of a day finds the invoice unpaid; what is paid in the course of that day comes after it."""
    return invoice.issued <= day <= invoice.settled


def _age(invoice: Invoice, day: date) -> int:
    """Count the days past due; negative before the due day."""
    return (day - invoice.due).days


def _decide(invoices: Iterable[Invoice], sent: Iterable[tuple[str, str, str, date]], day: date) -> Iterator[Decision]:
    """Decide about every customer who has something overdue or falling due soon."""
    history: dict[str, list[Sent]] = {}
    for entry in sent:
        history.setdefault(entry[0], []).append(Sent(*entry))
    unpaid = sorted((invoice for invoice in invoices if _is_open(invoice, day)), key=_by_customer)
    for customer, group in groupby(unpaid, key=attrgetter("customer")):
        yield from _decide_customer(customer, list(group), history.get(customer, []), day)


def _decide_customer(customer: str, unpaid: Sequence[Invoice], history: Sequence[Sent], day: date) -> Iterator[Decision]:
    """Decide about what is overdue, and where that has no driver about what falls due soon."""
    overdue = [invoice for invoice in unpaid if _age(invoice, day) >= 1]
    soon = [invoice for invoice in unpaid if COURTESY_OFFSET <= _age(invoice, day) <= 0]
    for pool in (overdue, soon):
        if not pool:
            continue
        claimed = [invoice for invoice in pool if not invoice.disputed]
        driver = _driver(claimed)
        step, reason = _step_or_reason(claimed, driver, history, day)
        yield Decision(Outcome(customer, step, reason, _sum(claimed)), driver)
        if driver is not None:
            return


def _sum(invoices: Iterable[Invoice]) -> int:
    """Add up the cents of invoices."""
    return sum(invoice.cents for invoice in invoices)


def _driver(claimed: Iterable[Invoice]) -> Invoice | None:
    """Name the invoice that brings the sum, oldest first, to the minimum."""
    reached = 0
    for invoice in claimed:
        reached += invoice.cents
        if reached >= MINIMUM_CENTS:
            return invoice
    return None


def _step_or_reason(claimed: Sequence[Invoice], driver: Invoice | None, history: Sequence[Sent], day: date) -> tuple[str, str]:
    """Name the step that goes, or else the first reason why none does."""
    if not claimed:
        return "", "disputed"
    if driver is None:
        return "", "under minimum"
    step = _due_step(driver, history, day)
    if not step:
        return "", "already sent"
    if any((day - entry.day).days < GAP_DAYS for entry in history):
        return "", "within the gap"
    if _age(driver, day) >= 1 and day <= _add_working_days(driver.due, TRANSIT_WORKING_DAYS):
        return "", "in transit"
    return step, ""


def _due_step(driver: Invoice, history: Iterable[Sent], day: date) -> str:
    """Name the highest step that is due for a driver, or nothing if it or a higher one went."""
    before = [entry for entry in history if entry.number == driver.number]
    age = _age(driver, day)
    due = [code for code, offset in LADDER if offset <= age and (code != FINAL or _final_may_go(before, day))]
    if not due or any(RANK[entry.step] >= RANK[due[-1]] for entry in before):
        return ""
    return due[-1]


def _final_may_go(before: Iterable[Sent], day: date) -> bool:
    """Tell whether an earlier reminder for the same driver is old enough for the final one."""
    return any(RANK[entry.step] < RANK[FINAL] and (day - entry.day).days >= FINAL_NOTICE_DAYS for entry in before)


def _add_working_days(start: date, count: int) -> date:
    """Go forward by working days, Monday to Friday, counted from the day after the start."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY:
            count -= 1
    return day
