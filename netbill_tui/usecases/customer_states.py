"""What becomes of a customer's services when the customer is closed, suspended or opened again: one machine for every road.

Active: services run as their events say. Suspended: each running service is suspended, and charged as its billing code says.
Closed: no service runs. `verify` names who stands otherwise. Source: behaviours 12, architecture.
"""

from datetime import date

from netbill_tui.billing.customers import Customer
from netbill_tui.billing.services import WITH_ACCOUNT, Event
from netbill_tui.db import services as service_rows
from netbill_tui.db.services import ServiceRow
from netbill_tui.db.transaction import Transaction
from netbill_tui.errors import RunningServices
from netbill_tui.security import rights
from netbill_tui.usecases import catalogue, service_events
from netbill_tui.usecases.session import Session


def running(session: Session, customer_id: int) -> list[ServiceRow]:
    """The services of a customer that did not end by today; one that ends by its first day never runs."""
    today = session.today()
    found = service_rows.of_customer(session.db, customer_id)
    return [r for r in found if r.ends_on is None or date.fromisoformat(r.ends_on) > max(today, r.service.start)]


def check(session: Session, customer: Customer, status: str, *, end_services: bool = False) -> list[ServiceRow]:
    """The services that a status would change. Changes nothing.

    Raises:
        RunningServices: The customer cannot be closed while they run.
    """
    mine = running(session, customer.id)
    if status == "closed" and mine and not end_services:
        codes = ", ".join(f"{r.service.id} {r.code}" for r in mine[:5])
        many = f"{len(mine)} services run" if len(mine) > 1 else "a service runs"
        raise RunningServices(
            f"{customer.account} cannot be closed while {many} ({codes}): end them first, or close with --end-services.",
            services=tuple(r.service.id for r in mine),
        )
    if status == "closed":
        return mine
    off = {r.service.id: why for r in mine if (why := _suspended_for(session, r, session.today())) is not None}
    if status == "suspended":
        return [r for r in mine if r.service.id not in off]
    # What was suspended for a reason of its own stays so.
    return [r for r in mine if off.get(r.service.id) == WITH_ACCOUNT] if customer.status == "suspended" else []


def _suspended_for(session: Session, row: ServiceRow, day: date) -> str | None:
    """Why the access of a service is off on a day, by its events; None where it is on."""
    known = service_rows.events(session.db, (row.service.id,))[row.service.id]
    last = [e for e in known if e.on <= max(day, row.service.start) and e.kind in ("suspend", "restore")]
    return last[-1].reason if last and last[-1].kind == "suspend" else None


_HAPPENS = {"closed": "end", "suspended": "suspend", "active": "restore"}


def follow(tx: Transaction, session: Session, customer: Customer, status: str, *, end_services: bool = False) -> set[str]:
    """Let the services of a customer follow a status, inside the transaction that sets it; `services` where any did.

    Raises:
        RunningServices: The customer cannot be closed while they run.
        NotPermitted: The operator may not change services.
    """
    affected = check(session, customer, status, end_services=end_services)
    if not affected:
        return set()
    session.needs(rights.SERVE)
    book, today = catalogue.load(session), session.today()
    for row in affected:
        kind = _HAPPENS[status]
        policy = {"end": "days", "suspend": book.code(row.code).suspended if kind == "suspend" else ""}.get(kind, "")
        on = max(today, row.service.start)
        event = Event(next(tx.ids(1)), on, kind, policy=policy, reason=_WORDS[status])
        service_events.post_event(tx, session, customer.id, row, event, on, book)
    return {"services"}


_WORDS = {"closed": "The account was closed", "suspended": WITH_ACCOUNT, "active": "The account was opened again"}


def told(session: Session, customer: Customer) -> list[str]:
    """What stays of a closed account: its credit, its open invoices, its promise."""
    from netbill_tui.billing.money import format_amount
    from netbill_tui.db import customers as rows

    totals, money = rows.totals(session.db, customer.id), session.book.currency
    made = []
    if totals.open:
        made.append(f"{format_amount(totals.open, money)} stays due on its open invoices.")
    if totals.credit:
        made.append(f"{format_amount(totals.credit, money)} of credit stays on it, to be given back.")
    if totals.promise_on:
        made.append(f"Its promise of {totals.promise_on} stands.")
    return made
