"""Customers with all that a run needs to know of them."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from netbill_tui.billing.billing_run.accounts import Account, Held, SharedTimeline
from netbill_tui.billing.billing_run.invoicing import OneOff
from netbill_tui.billing.catalogue.prices import PriceOverride
from netbill_tui.billing.catalogue.taxes import Exemption
from netbill_tui.billing.core.cycles import schedule
from netbill_tui.billing.services.charging import Span
from netbill_tui.billing.services.discounts import Discount
from netbill_tui.billing.services.subscriptions import Event, Terms, Timeline
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement, in_list
from netbill_tui.db.services import agreements
from netbill_tui.db.services.charged import Charged, spans
from netbill_tui.db.services.subscriptions import SERVICE, STATE, ServiceRow, events, service_of, service_row


def settled_before(billed: Sequence[Span], row: ServiceRow) -> date:
    """The day before which nothing is looked at: where what this book charged begins, or `covered` where it charged nothing."""
    settled_until = date.fromisoformat(row.settled_until)
    return min([settled_until, *(s.first for s in billed)])


class Loaded(NamedTuple):
    """A customer with all that a run needs to know; `rows` are of services to which something happened."""

    account: Account
    services: tuple[Held, ...]
    rows: tuple[ServiceRow, ...]
    charges: tuple[OneOff, ...]


class _Person(NamedTuple):
    """A customer and their terms; `terms_day` is the day of the month after, or 0."""

    id: int
    account: str
    name: str
    terms_days: int
    terms_day: int
    status: str
    postcode: str
    town: str
    language: str


class _Stored(NamedTuple):
    """A service as it is stored, with its state; days are ISO."""

    customer_id: int
    billed_through: str | None
    id: int
    start: str
    cycle: str
    anchor: int
    mode: str
    phase: int
    code: str
    quantity: str
    parts: str
    own_kind: str
    own_value: str
    own_reason: str
    terms_id: int
    terms_on: str
    status: str
    ends_on: str | None
    settled_until: str
    next_on: str | None
    check_on: str | None
    plain: int


class _Services(NamedTuple):
    """Services by customer: the `plain` ones, to which nothing happens by the day, and the others, each with its floor."""

    plain: dict[int, list[Held]]
    others: dict[int, list[tuple[ServiceRow, date]]]


def load(db: Database, customer_ids: Sequence[int], until: date) -> list[Loaded]:
    """Some customers with their services, charges, discounts and exemptions, in the order given.

    Args:
        db: The book.
        customer_ids: Whom; at most a thousand.
        until: Services with an event to look at by this day are read with everything that happened to them.
    """
    if not customer_ids:
        return []
    marks = in_list(len(customer_ids))
    day = until.isoformat()
    people = {person.id: person for person in _people(db, marks, customer_ids)}
    services = _services(db, marks, customer_ids, day)
    ids = [row.service.id for many in services.others.values() for row, _ in many]
    known, billed = events(db, ids), spans(db, ids)
    charges = agreements.charges_by(db, marks, customer_ids, day)
    discounts = agreements.discounts_by(db, marks, customer_ids)
    exemptions = agreements.exemptions_by(db, marks, customer_ids)
    loaded = []
    for customer_id in [i for i in customer_ids if i in people]:
        account = _account(people[customer_id], discounts.get(customer_id, ()), exemptions.get(customer_id, ()))
        rows = services.others.get(customer_id, ())
        helds = [_held_full(row, known[row.service.id], billed[row.service.id], floor) for row, floor in rows]
        mine = (*services.plain.get(customer_id, ()), *helds)
        if helds:
            mine = tuple(sorted(mine, key=lambda h: h.service.id))
        loaded.append(Loaded(account, mine, tuple(row for row, _ in rows), charges.get(customer_id, ())))
    return loaded


def _people(db: Database, marks: str, ids: Sequence[int]) -> list[_Person]:
    statement = Select(
        "select c.id, c.account, c.name, c.terms_days, coalesce(b.terms_day, 0), c.status, c.postcode, c.town, "
        "coalesce(l.language, '') from customer c left join billing_terms b on b.customer_id = c.id "
        f"left join customer_language l on l.customer_id = c.id where c.id in {marks}",
        _Person,
    )
    return statement.all(db, ids)


def _account(person: _Person, discounts: tuple[Discount, ...], exemptions: tuple[Exemption, ...]) -> Account:
    days, day = int(person.terms_days), int(person.terms_day)
    closed, where = person.status == "closed", (person.postcode, person.town, person.language)
    return Account(person.id, person.account, person.name, days, day, discounts, exemptions, closed, *where)


def _services(db: Database, marks: str, ids: Sequence[int], day: str) -> _Services:
    """The services of some customers that a run may have to look at."""
    statement = Select(
        f"select t.customer_id, s.billed_through, {SERVICE}, {STATE} from service_state t join service s on s.id = t.service_id "
        f"where t.customer_id in {marks} and (t.next_on is not null or t.check_on is not null) order by s.id",
        _Stored,
    )
    services = _Services({}, {})
    for stored in statement.all(db, ids):
        if stored.plain and (stored.check_on or "9") > day:
            services.plain.setdefault(stored.customer_id, []).append(_held_plain(stored))
        else:
            floor = date.min if stored.billed_through is None else date.fromisoformat(stored.billed_through)
            services.others.setdefault(stored.customer_id, []).append((_row_of(stored), floor))
    return services


def _row_of(s: _Stored) -> ServiceRow:
    return service_row(
        s.id, s.start, s.cycle, s.anchor, s.mode, s.phase, s.code, s.quantity, s.parts, s.own_kind, s.own_value, s.own_reason,
        s.terms_id, s.terms_on, s.status, s.ends_on, s.settled_until, s.next_on, s.check_on, s.plain,
    )  # fmt: skip


@lru_cache(maxsize=16384)
def _plain(
    start: str, cycle: str, anchor: int, mode: str, phase: int, code: str, quantity: str, parts: str, own_kind: str,
    own_value: str, own_reason: str, number: int, since_on: str, ends: str | None, settled_until: str,
) -> SharedTimeline:  # fmt: skip
    """The course of all services with these terms and dates; its own service has the id 0."""
    service = service_of(0, start, cycle, anchor, mode, phase)
    since = date.fromisoformat(since_on)
    terms = Terms(number, since, code, quantity, parts, PriceOverride(own_kind, own_value, own_reason), since)
    end = None if ends is None else date.fromisoformat(ends)
    plan = ((service.start, schedule(service.start, service.cycle, service.anchor, service.phase)),)
    return SharedTimeline(Timeline(service, (terms,), (), (), end, end, plan), date.fromisoformat(settled_until))


def _held_plain(s: _Stored) -> Held:
    # The status does not matter.
    shared = _plain(
        s.start, s.cycle, s.anchor, s.mode, s.phase, s.code, s.quantity, s.parts, s.own_kind, s.own_value, s.own_reason,
        s.terms_id, s.terms_on, s.ends_on, s.settled_until,
    )  # fmt: skip
    check = None if s.check_on is None else date.fromisoformat(s.check_on)
    return Held(shared.timeline.service._replace(id=s.id), (), (), shared.settled_until, None, 0, check, shared)


def _held_full(row: ServiceRow, known: tuple[Event, ...], billed: Charged, floor: date) -> Held:
    check = None if row.check_on is None else date.fromisoformat(row.check_on)
    settled_until, begins = date.fromisoformat(row.settled_until), settled_before(billed.spans, row)
    return Held(row.service, known, billed.spans, settled_until, billed.fee, billed.fees, check, None, begins, floor)


def held(db: Database, row: ServiceRow, known: tuple[Event, ...]) -> Held:
    """A service with what was billed of it, as it would be planned with these standing events."""
    row_ = db.row(_BILLED_THROUGH, (row.service.id,))
    floor = date.min if row_ is None or row_[0] is None else date.fromisoformat(row_[0])
    return _held_full(row, known, spans(db, (row.service.id,))[row.service.id], floor)


_BILLED_THROUGH = Statement("select billed_through from service where id = ?")
