"""Services of a customer: add, change, pause, end, all dated; what the next invoice will be. Source: behaviours 12 to 17."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import uuid4

from netbill_tui.billing.accounts import Account, Held
from netbill_tui.billing.catalogue import Catalogue, Code
from netbill_tui.billing.charging import Span, upcoming
from netbill_tui.billing.cycles import parse_cycle
from netbill_tui.billing.dates import parse_date
from netbill_tui.billing.money import parse_amount
from netbill_tui.billing.planning import Plan, happenings, plan_customer
from netbill_tui.billing.prices import Own as Own
from netbill_tui.billing.prices import parse_quantity
from netbill_tui.billing.services import MODES, WITH_ACCOUNT, Event, Service, course, standing
from netbill_tui.billing.taxes import percent_of
from netbill_tui.db import agreements, tables, versions
from netbill_tui.db import services as rows
from netbill_tui.db.services import EventRow as EventRow
from netbill_tui.db.services import ServiceRow as ServiceRow
from netbill_tui.db.statements import Statement
from netbill_tui.db.transaction import Transaction, insert_into
from netbill_tui.errors import InvalidInput, NotFound, NotPermitted, Refused
from netbill_tui.security import rights
from netbill_tui.security.secret import Sealed
from netbill_tui.text import clean, visible
from netbill_tui.usecases import catalogue
from netbill_tui.usecases.customers import find_customer, hold
from netbill_tui.usecases.service_states import FAR, iso, state_row
from netbill_tui.usecases.session import Session
from netbill_tui.usecases.writing import claim_of, once, writing

_TERMS = Statement("select terms_day, anchor from billing_terms where customer_id = ?")
_SET_TERMS = Statement(
    "insert into billing_terms (customer_id, terms_day, anchor) values (?, ?, ?) on conflict (customer_id) do update set "
    "terms_day = excluded.terms_day, anchor = excluded.anchor"
)
_ADDRESS = Statement("select uid, address from service where id = ?")
_OWNER = Statement("select c.account from service s join customer c on c.id = s.customer_id where s.id = ?")


class New(NamedTuple):
    """A service that could be stored."""

    service: Service
    events: tuple[Event, ...]
    billed_through: date | None
    address: str


def of_account(session: Session, account: str) -> list[ServiceRow]:
    """The services of an account, the oldest first."""
    return [_as_of(r, session.date()) for r in rows.of_customer(session.db, find_customer(session, account).id)]


def _as_of(row: ServiceRow, day: date) -> ServiceRow:
    """The row with its status on a day: a start or an end that came by itself changes no kept row."""
    if row.ends_on is not None and row.ends_on <= day.isoformat():
        return row._replace(status="ended")
    return row._replace(status="active") if row.status == "pending" and row.service.start <= day else row


def one(session: Session, service_id: int) -> tuple[str, ServiceRow]:
    """Account and row of a service.

    Raises:
        NotFound: There is none of this number.
    """
    owner = session.db.row(_OWNER, (service_id,))
    if owner is None:
        raise NotFound(f"There is no service {service_id}; netbill service ACCOUNT lists those of an account.")
    customer = find_customer(session, str(owner[0]))
    found = next(r for r in rows.of_customer(session.db, customer.id) if r.service.id == service_id)
    return customer.account, _as_of(found, session.date())


def history(session: Session, service_id: int) -> list[EventRow]:
    """Every event of a service, also what was taken back."""
    return rows.events_of(session.db, service_id)


def account_of(session: Session, name: str) -> Account:
    """A customer as the run sees them."""
    customer = find_customer(session, name)
    terms = session.db.row(_TERMS, (customer.id,))
    return Account(
        customer.id, customer.account, customer.name, customer.terms_days, int(terms[0]) if terms else 0,
        agreements.discounts_of(session.db, customer.id), agreements.exemptions_of(session.db, customer.id),
    )  # fmt: skip


# A new service.


def read_new(session: Session, account: str, fields: Mapping[str, str], book: Catalogue | None = None) -> New:
    """The service that the fields make, every one checked. Changes nothing.

    Args:
        session: For dates and currency.
        account: Whose; empty for one who is no customer yet.
        fields: code, quantity, start, end, cycle, anchor, mode, price, percent, price_until, reason, parts, address,
            billed_through.
        book: The catalogue, where it was read already.

    Raises:
        InvalidInput: A field that cannot be taken.
    """
    book = book or catalogue.load(session)
    code = sellable(book, fields.get("code", ""))
    start = parse_date(fields.get("start") or "t", session.date())
    cycle = parse_cycle(fields.get("cycle") or "1M")
    mode = (fields.get("mode") or "advance").strip().lower()
    if mode not in MODES:
        raise InvalidInput("A service is billed in advance or in arrears: type advance or arrears.")
    end = parse_date(fields["end"], session.date()) if fields.get("end", "").strip() else None
    if end is not None and end < start:
        raise InvalidInput(f"It would end on {end}, before it starts on {start}; type a later day.")
    anchor, phase = read_anchor(session, account, fields.get("anchor", ""), start, book)
    through = parse_date(fields["billed_through"], session.date()) if fields.get("billed_through", "").strip() else None
    quantity = str(parse_quantity(fields.get("quantity") or "1").normalize().__format__("f"))
    parts = taken_parts(code, fields.get("parts", ""))
    events = [Event(0, start, "start", code.code, quantity, parts, policy=book.rules.first_bill)]
    own = own_price(session, fields)
    if own.kind:
        until = parse_date(fields["price_until"], session.date()) if fields.get("price_until", "").strip() else None
        if until is not None and until <= start:
            raise InvalidInput("An own price ends after the service starts.")
        events.append(Event(0, start, "price", own=own, until=until, reason=own.reason))
    if end is not None:
        events.append(Event(0, end, "end", policy="days", reason=clean(fields.get("reason", ""), "The reason", limit=200)))
    address = clean(fields.get("address", ""), "The address", limit=200)
    return New(Service(0, start, cycle, anchor, mode, phase), tuple(events), through, address)


def sellable(book: Catalogue, name: str) -> Code:
    """The code of this name, if it can be sold as a service."""
    code = book.codes.get(name.strip().upper())
    if code is None or code.kind not in ("recurring", "bundle"):
        what = "is charged once, not as a service" if code else "is no billing code"
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
        raise InvalidInput(f"{visible(unknown[0])[:20]!r} is no part of {code.code}; it has {', '.join(known) or 'none'}.")
    return " ".join(p for p, _ in code.parts if p in words)


def own_price(session: Session, fields: Mapping[str, str]) -> Own:
    """The own price that the fields make; none where they hold none."""
    price, percent = fields.get("price", "").strip(), fields.get("percent", "").strip().rstrip("%").strip()
    reason = clean(fields.get("price_reason", fields.get("reason", "")), "The reason", limit=200)
    if price and percent:
        raise InvalidInput("An own price is an amount or a percentage of the list price, not both.")
    if price or percent:
        session.needs(rights.OVERRIDE)
    if price:
        return Own("fixed", str(parse_amount(price, session.book.currency)), reason)
    if percent:
        percent_of(percent)
        return Own("percent", percent, reason)
    return Own()


def plain_amount(session: Session, minor: int) -> str:
    """An amount as it is typed."""
    from netbill_tui.billing.money import format_amount

    return format_amount(minor, session.book.currency)


def read_anchor(session: Session, account: str, typed: str, start: date, book: Catalogue) -> tuple[int, int]:
    """The anchor that was typed, else the book's, the customer's, that of the services there are, or the day of the start.

    With it the month on which the count of months stands, by the book's rule; 0 where that is the service's own.
    """
    phase = book.rules.calendar_month
    if typed.strip():
        if not typed.strip().isascii() or not typed.strip().isdigit() or not 1 <= int(typed) <= 31:
            raise InvalidInput("The anchor is a day of the month from 1 to 31.")
        return int(typed), phase
    if book.rules.calendar_day:
        return book.rules.calendar_day, phase
    if account:
        customer = find_customer(session, account)
        terms = session.db.row(_TERMS, (customer.id,))
        if terms and int(terms[1]):
            return int(terms[1]), phase
        for row in rows.of_customer(session.db, customer.id):
            if row.status != "ended" and row.service.cycle.months:
                return row.service.anchor, phase
    return start.day, phase


def add(
    session: Session, account: str, fields: Mapping[str, str], *, dry_run: bool = False, request_id: bytes | None = None
) -> ServiceRow | None:
    """Add a service to a customer; it is billed by the next run. None on a dry run.

    On an account that is suspended the service begins suspended.

    Raises:
        InvalidInput: A field that cannot be taken.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    if customer.status == "closed":
        raise Refused(f"The account {customer.account} is closed; open it first.")
    book = catalogue.load(session)
    new = read_new(session, customer.account, fields, book)
    if new.billed_through is not None and new.billed_through > max(session.today(), new.service.start):
        # Days that nobody bills are given away.
        session.needs(rights.OVERRIDE)
    if dry_run:
        estimate_of(session, [new], account_of(session, customer.account), book)
        return None
    from netbill_tui.usecases import giving

    worth = giving.of_new(session, customer.account, new)
    refuse_over_limit(session, worth, customer.account)
    if customer.status == "suspended":
        policy = book.code(new.events[0].code).suspended
        off = Event(0, max(session.today(), new.service.start), "suspend", policy=policy, reason=WITH_ACCOUNT)
        new = new._replace(events=(*new.events, off))

    def work(tx: Transaction) -> int:
        hold(session, customer)
        refuse_over_limit(session, worth, customer.account)
        giving.gave(tx, session, "own price", customer.account, worth)
        service_id = store(tx, session, customer.id, [new], book)[0]
        began = new.events[0]
        own = next((e.own for e in new.events if e.kind == "price"), Own())
        tx.note("service.add", customer.account, {
            "service": service_id, "code": began.code, "from": str(new.service.start), "quantity": began.quantity,
            "parts": began.parts, "own_price": f"{own.kind} {own.value}".strip(), "mode": new.service.mode,
            "cycle": new.service.cycle.code, "anchor": new.service.anchor,
        })  # fmt: skip
        return service_id

    return one(session, once(session, rights.SERVE, claim_of(request_id, "service", customer.account, fields), work))[1]


def refuse_over_limit(session: Session, worth: int, account: str) -> None:
    """Refuse an own price that takes off more than who sells may give: what is sold first can be asked then."""
    from netbill_tui.usecases import approvals, giving

    if not giving.within_limit(session, worth, account) and len(approvals.approvers(session)) > 1:
        raise NotPermitted(
            f"Its own price takes {plain_amount(session, worth)} off the first bill, over your limit; add the "
            "service at its list price, then give it an own price, which a second operator is asked for."
        )


def store(tx: Transaction, session: Session, customer_id: int, many: Sequence[New], book: Catalogue) -> list[int]:
    """Insert services of a customer with their first events, without an audit event; their ids."""
    return store_many(tx, session, [(customer_id, new) for new in many], book)


def store_many(
    tx: Transaction, session: Session, many: Sequence[tuple[int, New]], book: Catalogue, *, uids: Sequence[bytes] = ()
) -> list[int]:
    """Insert services of several customers, without an audit event; their ids."""
    operator, vault = session.sign_in_if_needed()
    ids = tx.ids(sum(1 + len(new.events) for _, new in many))
    made, posted, states, today = [], [], [], session.today()
    services = []
    for at, (customer_id, new) in enumerate(many):
        service = new.service._replace(id=next(ids))
        uid = uids[at] if uids else uuid4().bytes
        sealed = vault.seal("service", "address", uid, new.address) if new.address else None
        services.append((
            service.id, uid, customer_id, service.start.isoformat(), service.cycle.code, service.anchor, service.phase,
            service.mode, iso(new.billed_through), sealed.envelope if sealed else None, tx.now_us,
        ))  # fmt: skip
        events = [e._replace(id=next(ids)) for e in new.events]
        posted += [event_row(e, service.id, customer_id, operator.name, tx.now_us) for e in events]
        covered = max(new.billed_through or service.start, service.start)
        full = course(service, standing(events))
        later = [d for d in happenings(full, events) if d >= covered]
        states.append(state_row(service, customer_id, standing(events), covered, min(later, default=None), book, today))
        made.append(service.id)
    session.db.run_many(insert_into(tables.Service), services)
    versions.post(tx, versions.SERVICE, made)
    tx.post(tables.ServiceEvent, posted)
    rows.set_states(session.db, states)
    return made


def event_row(e: Event, service_id: int, customer_id: int, operator: str, now_us: int) -> tuple[object, ...]:
    """An event as it is stored, without its audit event."""
    return (
        e.id, service_id, customer_id, e.on.isoformat(), e.kind, e.code, e.quantity, e.parts, e.own.kind, e.own.value,
        iso(e.until), e.number, e.policy, e.reason, operator, now_us,
    )  # fmt: skip


# What will be.


def estimate_of(session: Session, many: Sequence[New], account: Account, book: Catalogue, count: int = 2) -> Plan:
    """The first bills of services that are not stored: the first, and the following one."""
    held = []
    for at, new in enumerate(many, 1):
        events = standing(e._replace(id=at * 100 + n) for n, e in enumerate(new.events))
        covered = max(new.billed_through or new.service.start, new.service.start)
        service = new.service._replace(id=-at)
        made = course(service, events)
        later = [d for d in happenings(made, events) if d >= covered]
        held.append(Held(service, tuple(events), (), covered, None, 0, min(later, default=None)))
    return _first_bills(held, account, book, session, count)


def _first_bills(held: Sequence[Held], account: Account, book: Catalogue, session: Session, count: int) -> Plan:
    dates = sorted({
        d for h in held for d in upcoming(course(h.service, h.events), h.covered, date(h.covered.year + 3, 1, 1),
                                          book.rules.first_bill)[: count + 1]
    })[:count]  # fmt: skip
    until = dates[-1] if dates else session.date()
    return plan_customer(account, held, (), until, book, session.book.currency, "all")


def next_bill(session: Session, account: str) -> Plan:
    """What the next invoice of an account will be, as things stand; no bill where nothing is to come.

    Raises:
        CannotBill: With what is missing.
    """
    who = account_of(session, account)
    book = catalogue.load(session)
    loaded = rows.load(session.db, (who.id,), FAR)
    mine = loaded[0]
    ahead = [d for h in mine.services for d in _next_dates(h, book)]
    days = [*ahead, *(c.on for c in mine.charges)]
    if not days:
        return Plan(who, (), ())
    until = max(min(days), session.date())
    if ahead and min(ahead) > until:
        until = min(ahead)
    charges = tuple(c for c in mine.charges if c.on <= until)
    return plan_customer(who, mine.services, charges, until, book, session.book.currency, "all")


def _next_dates(held: Held, book: Catalogue) -> list[date]:
    made = held.plain.course if held.plain else course(held.service, held.events)
    return upcoming(made, held.covered, date(held.covered.year + 3, 1, 1), book.rules.first_bill, 1)


def spans_of(session: Session, service_id: int) -> tuple[Span, ...]:
    """What stands charged of a service."""
    return rows.spans(session.db, (service_id,))[service_id].spans


def address_of(session: Session, service_id: int) -> str:
    """The address of a service, opened by right; empty where there is none.

    Side effect: one audit event.
    """
    found = session.db.row(_ADDRESS, (service_id,))
    if found is None or found[1] is None:
        return ""
    account, _ = one(session, service_id)
    with writing(session, rights.LOOK, posts=False) as tx:
        tx.note("contact.show", account, {"service": service_id, "field": "address"})
    _, vault = session.sign_in_if_needed()
    return vault.open("service", "address", bytes(found[0]), Sealed(bytes(found[1]))).unwrap()


def set_terms(session: Session, account: str, *, terms_day: int | None = None, anchor: int | None = None) -> None:
    """Give an account terms by a day of the next month, or an anchor for new services; 0 takes them away.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    for what, value in (("terms", terms_day), ("anchor", anchor)):
        if value is not None and not 0 <= value <= 31:
            raise InvalidInput(f"The day of the {what} is from 1 to 31, or 0 for none.")
    before = session.db.row(_TERMS, (customer.id,)) or (0, 0)
    day = int(before[0]) if terms_day is None else terms_day
    own = int(before[1]) if anchor is None else anchor
    with writing(session, rights.SERVE) as tx:
        session.db.run(_SET_TERMS, (customer.id, day, own))
        versions.post(tx, versions.TERMS, [customer.id])
        tx.note("customer.terms", customer.account, {"terms_day": day, "anchor": own})
