"""What becomes of a customer's services when the customer is closed, suspended or opened again: one machine for every road.

Active: services run as their events say. Suspended: each running service is suspended, and charged as its billing code says; a
restore that was ordered before waits until the account is opened. Closed: no service runs. `verify` names who stands otherwise.
Source: docs/rules.md, *12 States*.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.billing.services.subscriptions import Event, opening, suspending
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.db.services.subscriptions import ServiceRow
from netbill_tui.errors import RunningServices
from netbill_tui.security import rights
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.services import events


def running(session: Session, customer_id: int) -> list[ServiceRow]:
    """The services of a customer that did not end by today; one that ends by its first day never runs."""
    today = session.today()
    services = service_rows.of_customer(session.db, customer_id)
    return [r for r in services if r.ends_on is None or date.fromisoformat(r.ends_on) > max(today, r.service.start)]


class _Turn(NamedTuple):
    """What a status lets happen to a service."""

    row: ServiceRow
    event: Event


def check(session: Session, customer: Customer, status: str, *, end_services: bool = False) -> list[_Turn]:
    """What a status would let happen to which services. Changes nothing.

    Raises:
        RunningServices: The customer cannot be closed while they run.
    """
    mine = running(session, customer.id)
    if status == "closed" and mine and not end_services:
        named = ", ".join(f"{r.service.id} {r.code}" for r in mine[:5])
        many = f"{len(mine)} services run" if len(mine) > 1 else "a service runs"
        raise RunningServices(
            f"{customer.account} cannot be closed while {many} ({named}): end them first, or close with --end-services.",
            services=tuple(r.service.id for r in mine),
        )
    if status == "closed":
        return [_Turn(r, Event(0, _from(session, r), "end", policy="days", reason="The account was closed")) for r in mine]
    if status == "suspended":
        catalogue = codes.load(session)
        return [
            _Turn(r, e)
            for r in mine
            for e in suspending(_events(session, r), _from(session, r), catalogue.code(r.code).suspended)
        ]
    if customer.status != "suspended":
        return []
    return [_Turn(r, e) for r in mine for e in opening(_events(session, r), _from(session, r))]


def _from(session: Session, row: ServiceRow) -> date:
    return max(session.today(), row.service.start)


def _events(session: Session, row: ServiceRow) -> Sequence[Event]:
    return service_rows.events(session.db, (row.service.id,))[row.service.id]


def follow(tx: Transaction, session: Session, customer: Customer, status: str, *, end_services: bool = False) -> set[str]:
    """Let the services of a customer follow a status, inside the transaction that sets it; `services` where any did.

    Raises:
        RunningServices: The customer cannot be closed while they run.
        NotPermitted: The operator may not change services.
    """
    turns = check(session, customer, status, end_services=end_services)
    if not turns:
        return set()
    session.needs(rights.SERVE)
    catalogue = codes.load(session)
    for row, event in turns:
        event = event._replace(id=next(tx.ids(1)))
        events.post_event(tx, session, customer.id, row, event, event.on, catalogue)
    return {"services"}


def sentences(session: Session, customer: Customer) -> list[str]:
    """What stays of a closed account: its credit, its open invoices, its promise."""
    from netbill_tui.billing.core.money import format_amount
    from netbill_tui.db.customers import accounts

    totals, money = accounts.totals(session.db, customer.id), session.book.currency
    parts = []
    if totals.open:
        parts.append(f"{format_amount(totals.open, money)} stays due on its open invoices.")
    if totals.credit:
        parts.append(f"{format_amount(totals.credit, money)} of credit stays on it, to be given back.")
    if totals.promise_on:
        parts.append(f"Its promise of {totals.promise_on} stays in force.")
    return parts
