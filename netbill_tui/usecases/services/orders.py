"""A service that could be stored: what a form or a file says of it, read and checked, and its first rows."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import uuid4

from netbill_tui.billing.billing_run.planning import happenings
from netbill_tui.billing.catalogue.codes import Catalogue, Code
from netbill_tui.billing.catalogue.prices import PriceOverride as PriceOverride
from netbill_tui.billing.catalogue.prices import parse_quantity
from netbill_tui.billing.catalogue.taxes import percent_of
from netbill_tui.billing.core.cycles import parse_cycle
from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import parse_amount
from netbill_tui.billing.services.subscriptions import MODES, Event, Service, standing, timeline_of
from netbill_tui.db.core import posted, versions
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.services import agreements, subscriptions
from netbill_tui.db.services.agreements import BillingTerms
from netbill_tui.db.services.subscriptions import ServiceRow
from netbill_tui.errors import InvalidInput
from netbill_tui.security import rights
from netbill_tui.text import clean, visible
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.services.states import iso, state_row


class New(NamedTuple):
    """A service that could be stored."""

    service: Service
    events: tuple[Event, ...]
    billed_through: date | None
    address: str


def read_new(
    session: Session,
    account: str,
    fields: Mapping[str, str],
    catalogue: Catalogue | None = None,
    *,
    anchor_of_account: int | None = None,
) -> New:
    """The service that the fields make, every one checked. Changes nothing.

    Args:
        session: For dates and currency.
        account: Whose; empty for one who is no customer yet.
        fields: code, quantity, start, end, cycle, anchor, mode, price, percent, price_until, reason, parts, address,
            billed_through.
        catalogue: The catalogue, where it was read already.
        anchor_of_account: See `anchor_of`, where that was read already.

    Raises:
        InvalidInput: A field that cannot be taken.
    """
    catalogue = catalogue or codes.load(session)
    code = sellable(catalogue, fields.get("code", ""))
    start = parse_date(fields.get("start") or "t", session.date())
    cycle = parse_cycle(fields.get("cycle") or "1M")
    mode = (fields.get("mode") or "advance").strip().lower()
    if mode not in MODES:
        raise InvalidInput("A service is billed in advance or in arrears: type advance or arrears.")
    end = parse_date(fields["end"], session.date()) if fields.get("end", "").strip() else None
    if end is not None and end < start:
        raise InvalidInput(f"The service would end on {end}, before it starts on {start}; type a later day.")
    typed = fields.get("anchor", "")
    anchor, phase = read_anchor(session, account, typed, start, catalogue, anchor_of_account=anchor_of_account)
    through = parse_date(fields["billed_through"], session.date()) if fields.get("billed_through", "").strip() else None
    quantity = str(parse_quantity(fields.get("quantity") or "1").normalize().__format__("f"))
    parts = taken_parts(code, fields.get("parts", ""))
    events = [Event(0, start, "start", code.code, quantity, parts, policy=catalogue.rules.first_bill)]
    own = own_price(session, fields)
    if own.kind:
        until = parse_date(fields["price_until"], session.date()) if fields.get("price_until", "").strip() else None
        if until is not None and until <= start:
            raise InvalidInput("The own price must end after the service starts; type a later day.")
        events.append(Event(0, start, "price", override=own, until=until, reason=own.reason))
    if end is not None:
        events.append(Event(0, end, "end", policy="days", reason=clean(fields.get("reason", ""), "The reason", limit=200)))
    address = clean(fields.get("address", ""), "The address", limit=200)
    return New(Service(0, start, cycle, anchor, mode, phase), tuple(events), through, address)


def sellable(catalogue: Catalogue, name: str) -> Code:
    """The code of this name, if it can be sold as a service."""
    code = catalogue.codes.get(name.strip().upper())
    if code is None or code.kind not in ("recurring", "bundle"):
        what = "is charged once, not as a service" if code else "is not a billing code"
        raise InvalidInput(f"{visible(name.strip())[:20]!r} {what}; netbill code lists the codes.")
    if not code.active:
        raise InvalidInput(f"{code.code} is not sold any more.")
    return code


def taken_parts(code: Code, text: str) -> str:
    """The parts of a bundle that were typed, in the order of the bundle."""
    words = text.replace(",", " ").upper().split()
    known = dict(code.parts)
    unknown = [w for w in words if w not in known]
    if unknown:
        raise InvalidInput(f"{visible(unknown[0])[:20]!r} is not a part of {code.code}; it has {', '.join(known) or 'none'}.")
    return " ".join(p for p, _ in code.parts if p in words)


def own_price(session: Session, fields: Mapping[str, str]) -> PriceOverride:
    """The own price that the fields make; none where they hold none."""
    price, percent = fields.get("price", "").strip(), fields.get("percent", "").strip().rstrip("%").strip()
    reason = clean(fields.get("price_reason", fields.get("reason", "")), "The reason", limit=200)
    if price and percent:
        raise InvalidInput("An own price is an amount or a percentage of the list price, not both.")
    if price or percent:
        session.needs(rights.OVERRIDE)
    if price:
        return PriceOverride("fixed", str(parse_amount(price, session.book.currency)), reason)
    if percent:
        percent_of(percent)
        return PriceOverride("percent", percent, reason)
    return PriceOverride()


def plain_amount(session: Session, minor: int) -> str:
    """An amount as it is typed."""
    from netbill_tui.billing.core.money import format_amount

    return format_amount(minor, session.book.currency)


def anchor_of(own: BillingTerms, services: Sequence[ServiceRow]) -> int:
    """The anchor that an account has: of its own, or of the services there are; 0 for none."""
    if own.anchor:
        return own.anchor
    return next((row.service.anchor for row in services if row.status != "ended" and row.service.cycle.months), 0)


def read_anchor(
    session: Session,
    account: str,
    typed: str,
    start: date,
    catalogue: Catalogue,
    *,
    anchor_of_account: int | None = None,
) -> tuple[int, int]:
    """The anchor that was typed, else the book's, the customer's, that of the services there are, or the day of the start.

    With it the month on which the count of months stands, by the book's rule; 0 where that is the service's own.
    """
    phase = catalogue.rules.calendar_month
    if typed.strip():
        if not typed.strip().isascii() or not typed.strip().isdigit() or not 1 <= int(typed) <= 31:
            raise InvalidInput("Type the anchor as a day of the month from 1 to 31.")
        return int(typed), phase
    if catalogue.rules.calendar_day:
        return catalogue.rules.calendar_day, phase
    if anchor_of_account is None and account:
        customer = find_customer(session, account)
        own = agreements.terms_of(session.db, customer.id)
        anchor_of_account = anchor_of(own, subscriptions.of_customer(session.db, customer.id))
    return anchor_of_account or start.day, phase


def store(tx: Transaction, session: Session, customer_id: int, many: Sequence[New], catalogue: Catalogue) -> list[int]:
    """Insert services of a customer with their first events, without an audit event; their ids."""
    return store_many(tx, session, [(customer_id, new) for new in many], catalogue)


def store_many(
    tx: Transaction, session: Session, many: Sequence[tuple[int, New]], catalogue: Catalogue, *, uids: Sequence[bytes] = ()
) -> list[int]:
    """Insert services of several customers, without an audit event; their ids."""
    operator, vault = session.sign_in_if_needed()
    ids = tx.ids(sum(1 + len(new.events) for _, new in many))
    service_ids, new_events, states, today = [], [], [], session.today()
    services = []
    for at, (customer_id, new) in enumerate(many):
        service = new.service._replace(id=next(ids))
        uid = uids[at] if uids else uuid4().bytes
        sealed = vault.seal("service", "address", uid, new.address) if new.address else None
        services.append(subscriptions.StoredService(
            service.id, uid, customer_id, service.start.isoformat(), service.cycle.code, service.anchor, service.phase,
            service.mode, iso(new.billed_through), sealed.envelope if sealed else None, tx.now_us,
        ))  # fmt: skip
        events = [e._replace(id=next(ids)) for e in new.events]
        new_events += [event_row(e, service.id, customer_id, operator.name, tx.now_us) for e in events]
        settled_until = max(new.billed_through or service.start, service.start)
        full = timeline_of(service, standing(events))
        later = [d for d in happenings(full, events) if d >= settled_until]
        states.append(
            state_row(service, customer_id, standing(events), settled_until, min(later, default=None), catalogue, today)
        )
        service_ids.append(service.id)
    subscriptions.add(session.db, services)
    versions.post(tx, versions.SERVICE, service_ids)
    tx.post(new_events)
    subscriptions.set_states(session.db, states)
    return service_ids


def event_row(e: Event, service_id: int, customer_id: int, operator: str, now_us: int) -> posted.ServiceEvent:
    """An event as it is stored, without its audit event."""
    return posted.ServiceEvent(
        e.id, service_id, customer_id, e.on.isoformat(), e.kind, e.code, e.quantity, e.parts, e.override.kind, e.override.value,
        iso(e.until), e.number, e.policy, e.reason, operator, now_us,
    )  # fmt: skip
