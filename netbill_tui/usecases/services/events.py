"""What happens to a service: change, own price, pause, suspension, end, another anchor; and taking an event back.

Every event is dated and only added. It makes no document before its day; the run then compares what was billed with what should
be. Source: docs/rules.md, *12 States* to *16 Changes*.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from netbill_tui.billing.access.approvals import Approval
from netbill_tui.billing.billing_run.planning import happenings
from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.catalogue.prices import CannotBill, parse_quantity
from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.billing.services.subscriptions import Event, Terms, standing, suspending, timeline_of
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.services import subscriptions
from netbill_tui.db.services.subscriptions import ServiceRow
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean, visible
from netbill_tui.usecases.access import approvals, limits
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import Claim, answered, claim_of, once
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.services import giving
from netbill_tui.usecases.services.orders import event_row, own_price, read_anchor, sellable, taken_parts
from netbill_tui.usecases.services.states import state_row
from netbill_tui.usecases.services.subscriptions import find_service


def read_event(session: Session, row: ServiceRow, kind: str, fields: Mapping[str, str], catalogue: Catalogue) -> Event:
    """The event that the fields make, checked against how the service stands.

    Raises:
        InvalidInput: A field that cannot be taken.
        Refused: It cannot happen to the service on that day.
    """
    reason = clean(fields.get("reason", ""), "The reason", limit=200)
    on = parse_date(fields.get("on") or "t", session.date())
    if on < row.service.start:
        raise InvalidInput(f"The service starts on {row.service.start}; type that day or a later one.")
    if row.ends_on is not None and on.isoformat() >= row.ends_on and kind != "end":
        raise Refused(f"The service ends on {row.ends_on}; type an earlier day.")
    if kind == "change":
        # What is not said stays as it will be on that day, with everything that is ordered up to then.
        then = timeline_of(row.service, subscriptions.events(session.db, (row.service.id,))[row.service.id]).terms_on(on)
        before = then or Terms(0, on, row.code, row.quantity, row.parts)
        code = sellable(catalogue, fields.get("code") or before.code)
        quantity = str(parse_quantity(fields.get("quantity") or before.quantity).normalize().__format__("f"))
        parts = taken_parts(code, fields["parts"]) if "parts" in fields else before.parts if code.code == before.code else ""
        return Event(0, on, "change", code.code, quantity, parts, reason=reason)
    if kind == "price":
        own = own_price(session, fields)
        until = parse_date(fields["until"], session.date()) if fields.get("until", "").strip() else None
        if until is not None and until <= on:
            raise InvalidInput("The own price must end after it starts; type a later day.")
        return Event(0, on, "price", override=own, until=until, reason=reason)
    if kind == "anchor":
        anchor, _ = read_anchor(session, "", fields.get("anchor", ""), on, catalogue)
        # What is billed already keeps its periods.
        return Event(0, max(on, date.fromisoformat(row.settled_until)), "anchor", number=anchor, reason=reason)
    if kind == "end":
        policy = (fields.get("policy") or "days").strip()
        if policy not in ("days", "period"):
            raise InvalidInput("Type days to give back the rest of the period, or period to keep it.")
        return Event(0, on, "end", policy=policy, reason=reason)
    if kind in ("pause", "resume", "suspend", "restore"):
        # What the code says today holds for this suspension, whatever becomes of the code.
        policy = catalogue.code(row.code).suspended if kind == "suspend" else ""
        return Event(0, on, kind, policy=policy, reason=reason)
    raise InvalidInput(f"{visible(kind)[:20]!r} is not an event of a service; see netbill service --help.")


_OPPOSITE = {"pause": "resume", "resume": "pause", "suspend": "restore", "restore": "suspend"}


def _may_happen(event: Event, known: Sequence[Event]) -> None:
    pair = {event.kind, _OPPOSITE.get(event.kind, "")}
    if event.kind in _OPPOSITE:
        before = [e.kind for e in known if e.kind in pair and e.on <= event.on]
        if (before[-1] if before else _OPPOSITE[event.kind] if event.kind in ("pause", "suspend") else event.kind) == event.kind:
            done = {"pause": "paused", "resume": "running", "suspend": "suspended", "restore": "connected"}[event.kind]
            raise Refused(f"The service is {done} on {event.on} already; nothing was changed.")


def _refuse_suspended(customer: Customer, status: str) -> None:
    """A service is connected with its account, and never while that is suspended."""
    if status == "suspended":
        raise Refused(f"{customer.account} is suspended; set it to active, and the services suspended with it are restored.")


def schedule_event(
    session: Session,
    service_id: int,
    kind: str,
    fields: Mapping[str, str],
    *,
    dry_run: bool = False,
    request_id: bytes | None = None,
) -> tuple[Event, ServiceRow]:
    """Schedule an event of a service for a day; documents are made on that day or later, by the run alone.

    Args:
        session: The session of the operator who orders it.
        service_id: Of which service.
        kind: change, price, pause, resume, suspend, restore, end or anchor.
        fields: on, reason, and code, quantity, parts | price, percent, until | anchor | policy.
        dry_run: Only check.
        request_id: Made when the form opened.

    Raises:
        InvalidInput: A field that cannot be taken.
        Refused: It cannot happen to the service on that day.

    What it gives back for days that are over counts like a credit note: who may not write those, or is over the limit, has it
    asked of a second operator.

    Side effect: one audit event.
    """
    catalogue = codes.load(session)
    account, row = find_service(session, service_id)
    event = read_event(session, row, kind, fields, catalogue)
    customer = find_customer(session, account)
    if kind == "restore":
        _refuse_suspended(customer, customer.status)
    if dry_run:
        _try(session, row, event)
        return event, row
    claim = claim_of(request_id, "service-event", service_id, kind, fields)
    known = answered(session, claim)
    if known is not None:
        return event._replace(id=known), row
    # What cannot happen is refused before anybody is asked.
    _may_happen(event, subscriptions.events(session.db, (service_id,))[service_id])
    request = {"service": service_id, "kind": kind, "fields": {**fields, "on": str(event.on)}, "day": str(session.today())}
    request[approvals.CLAIM] = claim.uid.hex()
    if kind == "price":
        session.needs(rights.OVERRIDE)  # before anything is reckoned

    def work(tx: Transaction) -> int:
        status = customer_rows.lock(session.db, customer.id)
        credited = giving.backdated(session, account, row, event)
        approvals.still_within(session, credited, account, rights.CREDIT)
        limits.gave(tx, session, "service-event", account, credited)
        event_id, followed = post_scheduled(tx, session, customer._replace(status=status), row, event, catalogue)
        money = {"gives_back": credited} if credited else {}
        tx.note(f"service.{kind}", account, {"service": service_id, **_detail(event), **money, **followed})
        return event_id

    right = rights.OVERRIDE if kind == "price" else rights.SERVE
    credited = giving.backdated(session, account, row, event)
    event_id = _or_asked(session, right, account, credited, event.reason, request, claim, work)
    return event._replace(id=event_id), find_service(session, service_id)[1]


def _or_asked(
    session: Session,
    right: str,
    account: str,
    credited: int,
    reason: str,
    request: Mapping[str, object],
    claim: Claim,
    work: Callable[[Transaction], int],
) -> int:
    """Post it, or have it asked where it gives back what its operator may not."""

    def ask() -> None:
        words = reason or f"Service {request['service']}: {request['kind']}"
        approvals.ask(session, right, "service-event", account, credited, words, request, alone=rights.CREDIT)

    ask()
    try:
        return once(session, right, claim, work)
    except approvals.LimitLowered:
        ask()
        raise


def post_scheduled(
    tx: Transaction, session: Session, customer: Customer, row: ServiceRow, event: Event, catalogue: Catalogue
) -> tuple[int, dict[str, bool]]:
    """Write what happens to a service of a locked customer, without an audit event; its id, and whether it was suspended with it.

    Raises:
        Refused: It cannot happen, or the service of a closed account would run.
    """
    known = subscriptions.events(session.db, (row.service.id,))[row.service.id]
    if event.kind == "restore" or any(e.id == event.number and e.kind == "suspend" for e in known if event.kind == "void"):
        _refuse_suspended(customer, customer.status)
    _may_happen(event, known)
    (event_id,) = tx.take("id")
    post_event(tx, session, customer.id, row, event._replace(id=event_id), event.on, catalogue)
    return event_id, _follow_account(tx, session, customer, row, catalogue) if event.kind in ("end", "void") else {}


def _follow_account(
    tx: Transaction, session: Session, customer: Customer, row: ServiceRow, catalogue: Catalogue
) -> dict[str, bool]:
    """Let a service whose end was moved stand as its account does.

    Raises:
        Refused: The account is closed, and the service would run.
    """
    if customer.status == "active":
        return {}
    service_id, today = row.service.id, session.today()
    fresh = next(r for r in subscriptions.of_customer(session.db, customer.id) if r.service.id == service_id)
    if fresh.ends_on is not None and date.fromisoformat(fresh.ends_on) <= max(today, row.service.start):
        return {}
    if customer.status == "closed":
        raise Refused(f"{customer.account} is closed, and this service would run; open the account first.")
    known = subscriptions.events(session.db, (service_id,))[service_id]
    turns = suspending(known, max(today, row.service.start), catalogue.code(fresh.code).suspended)
    for turn in turns:
        (event_id,) = tx.take("id")
        post_event(tx, session, customer.id, row, turn._replace(id=event_id), turn.on, catalogue)
    return {"suspended": True} if turns else {}


def post_approved(tx: Transaction, session: Session, asked: Approval, request: Mapping[str, Any]) -> str:
    """Let happen to a service what was asked; how the event is called.

    Raises:
        Refused: It cannot happen any more, or gives back another amount by now.
    """
    catalogue, service_id = codes.load(session), int(request["service"])
    account, row = find_service(session, service_id)
    customer = find_customer(session, account)
    customer = customer._replace(status=customer_rows.lock(session.db, customer.id))
    if request["kind"] == "void":
        voided = _standing(session, service_id, int(request["event"]))
        event = Event(0, voided.on, "void", number=voided.id, reason=asked.reason)
    else:
        event = read_event(session, row, str(request["kind"]), request["fields"], catalogue)
    # As it was on the day on which it was asked: a day that passes makes no other amount of it.
    if (
        giving.backdated(session, account, row, event, date.fromisoformat(request["day"]), asked_by=asked.asked_by)
        != asked.amount
    ):
        raise Refused("It now gives back another amount; refuse it, and have it asked again.")
    return f"service {service_id}, event {post_scheduled(tx, session, customer, row, event, catalogue)[0]}"


def _detail(event: Event) -> dict[str, object]:
    """What an event brings, for the audit: everything of it that says something."""
    said = {
        "on": str(event.on),
        "code": event.code,
        "quantity": event.quantity if event.kind == "change" else "",
        "parts": event.parts,
        "own_price": f"{event.override.kind} {event.override.value}".strip(),
        "until": str(event.until) if event.until else "",
        "anchor": event.number if event.kind == "anchor" else "",
        "policy": event.policy,
        "reason": event.reason,
    }
    return {name: value for name, value in said.items() if value != ""}


def _try(session: Session, row: ServiceRow, event: Event) -> None:
    known = subscriptions.events(session.db, (row.service.id,))[row.service.id]
    _may_happen(event, known)
    try:
        timeline_of(row.service, standing([*known, event._replace(id=2**62)]))
    except CannotBill as error:
        raise Refused(str(error)) from None


def post_event(
    tx: Transaction,
    session: Session,
    customer_id: int,
    row: ServiceRow,
    event: Event,
    looked_at: date,
    catalogue: Catalogue,
    *,
    settled_until: str = "",
) -> None:
    """Write an event of a service and bring its kept row up to date, inside a transaction and without an audit event.

    `covered`: periods before this day are billed, where that is another one than is kept.

    Raises:
        Refused: It cannot happen to the service.
    """
    operator, _ = session.sign_in_if_needed()
    service_id = row.service.id
    tx.post([event_row(event, service_id, customer_id, operator.name, tx.now_us)])
    known = subscriptions.events(session.db, (service_id,))[service_id]
    fresh = next(r for r in subscriptions.of_customer(session.db, customer_id) if r.service.id == service_id)
    check = looked_at if fresh.check_on is None else min(looked_at, date.fromisoformat(fresh.check_on))
    try:
        timeline = timeline_of(row.service, known)
        turns = [d for d in happenings(timeline, known) if d >= looked_at]
        check = min([check, *turns])
        state = state_row(
            row.service,
            customer_id,
            known,
            date.fromisoformat(settled_until or fresh.settled_until),
            check,
            catalogue,
            session.today(),
        )
    except CannotBill as error:
        raise Refused(str(error)) from None
    subscriptions.set_states(session.db, [state])


def take_back(session: Session, service_id: int, event_id: int, reason: str) -> Event:
    """Take an event of a service back, as if it had never been; what was billed because of it is given back by the next run.

    Where it was another anchor, the periods that were billed keep their length.

    Raises:
        NotFound: The service has no such event.
        Refused: It was taken back already, or is the first one.

    Side effect: one audit event.
    """
    catalogue = codes.load(session)
    account, row = find_service(session, service_id)
    voided = _standing(session, service_id, event_id)
    right = rights.OVERRIDE if voided.kind == "price" else rights.SERVE
    session.needs(right)
    customer = find_customer(session, account)
    if voided.kind == "suspend":
        _refuse_suspended(customer, customer.status)
    event = Event(0, voided.on, "void", number=event_id, reason=clean(reason, "The reason", limit=200))

    def work(tx: Transaction) -> int:
        status = customer_rows.lock(session.db, customer.id)
        _standing(session, service_id, event_id)
        credited = giving.backdated(session, account, row, event)
        approvals.still_within(session, credited, account, rights.CREDIT)
        limits.gave(tx, session, "service-event", account, credited)
        posted, followed = post_scheduled(tx, session, customer._replace(status=status), row, event, catalogue)
        money = {"gives_back": credited} if credited else {}
        tx.note("service.void", account, {"service": service_id, "event": event_id, "kind": voided.kind, **money, **followed})
        return posted

    request = {"service": service_id, "kind": "void", "event": event_id, "day": str(session.today())}
    credited = giving.backdated(session, account, row, event)
    _or_asked(
        session, right, account, credited, event.reason, request, claim_of(None, "service-void", service_id, event_id), work
    )
    return voided


def _standing(session: Session, service_id: int, event_id: int) -> Event:
    """An event of a service that can be taken back.

    Raises:
        NotFound: The service has no such event.
        Refused: It was the first one.
    """
    known = subscriptions.events(session.db, (service_id,))[service_id]
    event = next((e for e in known if e.id == event_id), None)
    if event is None:
        raise NotFound(
            f"Service {service_id} has no event {event_id} to take back; netbill service --history {service_id} shows them."
        )
    if event.kind == "start":
        raise Refused("A service cannot be taken back; end it on its first day.")
    return event
