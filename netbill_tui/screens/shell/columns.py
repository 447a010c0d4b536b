"""Columns and loaders that several screens share."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.receivables.invoices import Due
from netbill_tui.billing.receivables.payments import PaymentRow
from netbill_tui.styles.roles import BAD, LATE, PLAIN, QUIET, STRONG, WAIT
from netbill_tui.usecases.core.paging import Page
from netbill_tui.usecases.lookup.lists import PAGE as PAGE
from netbill_tui.widgets.lines import Part, chip
from netbill_tui.widgets.record_grid import Col, Loader

R = TypeVar("R")
LONG = 60  # days past due from which on an invoice is late beyond the usual
Money = Callable[[int], str]


def state_chip(state: str) -> Part | None:
    """What became of a payment, in a word that is read without colour; nothing where it is as it came."""
    return {"returned": chip("RETURNED", BAD), "reversed": ("reversed", QUIET), "cleared": ("cleared", QUIET)}.get(state)


def _taken_back_role(payment: PaymentRow) -> str:
    return QUIET if payment.state in ("returned", "reversed") else STRONG


def payment_columns(money: Money, *, with_name: bool = True) -> list[Col[PaymentRow]]:
    """The columns of a list of payments."""
    name: list[Col[PaymentRow]] = [
        Col("Account", 10, lambda p: p.account),
        Col("Customer", 0, lambda p: p.name or "(no name)", priority=2),
    ]
    return [
        Col("Date", 9, lambda p: short(p.date), sort="date"),
        Col("Receipt", 9, lambda p: p.receipt),
        *(name if with_name else []),
        Col("Method", 7, lambda p: p.method, priority=1),
        Col("Reference", 14 if with_name else 0, lambda p: p.reference, priority=3),
        Col("Amount", 12, lambda p: money(p.amount), right=True, role=_taken_back_role, sort="amount"),
        Col("State", 10, lambda _: "", mark=lambda p: state_chip(p.state)),
    ]


def _days_role(due: Due) -> str:
    return LATE if due.open and due.days > LONG else PLAIN


def _dispute(due: Due) -> Part | None:
    return chip("DISPUTED", WAIT) if due.state == "disputed" else None


def _state_role(due: Due) -> str:
    return PLAIN if due.open else QUIET


def due_columns(money: Money, *, with_name: bool = True) -> list[Col[Due]]:
    """The columns of a list of invoices: with the account for a list of all, with issue date and total for one account's."""
    number: Col[Due] = Col("Invoice", 12 if with_name else 0, lambda d: d.number)
    account: list[Col[Due]] = [
        Col("Account", 10, lambda d: d.account, priority=1),
        Col("Customer", 0, lambda d: d.name or "(no name)"),
    ]
    issued: Col[Due] = Col("Issued", 9, lambda d: short(d.issued))
    dues: list[Col[Due]] = [
        Col("Due", 9, lambda d: short(d.due), sort="due"),
        Col("Days", 5, lambda d: str(d.days) if d.open else "", right=True, role=_days_role, sort="days"),
    ]
    total: Col[Due] = Col("Total", 12, lambda d: money(d.total), right=True)
    state: list[Col[Due]] = [
        Col("Open", 12, lambda d: money(d.open) if d.open else "", right=True, role=lambda _: STRONG, sort="amount"),
        Col("State", 11, lambda d: "" if d.state == "disputed" else d.state, mark=_dispute, role=_state_role, priority=2),
    ]
    return [number, *account, *dues, *state] if with_name else [number, issued, *dues, total, *state]


def loader_of(fetch: Callable[[Page], Awaitable[Sequence[R]]], key: Callable[[R], tuple[object, object]]) -> Loader:
    """A grid's loader from a service that reads a page by key."""

    async def load(which: str, record: Any) -> Sequence[R]:
        if which == "after":
            return await fetch(Page(after=key(record)))
        if which == "before":
            return await fetch(Page(before=key(record)))
        return await fetch(Page(last=which == "last"))

    return load
