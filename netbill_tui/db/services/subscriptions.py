"""Services, their events and what was billed of them, as the rules want them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from netbill_tui.billing.catalogue.prices import PriceOverride
from netbill_tui.billing.core.cycles import parse_cycle
from netbill_tui.billing.services.subscriptions import Event, Service, standing
from netbill_tui.db.core import tables
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement, in_list
from netbill_tui.db.core.transaction import insert_into
from netbill_tui.security.secret import Sealed

SERVICE = "s.id, s.start_on, s.cycle, s.anchor, s.mode, s.phase"
STATE = (
    "t.code, t.quantity, t.parts, t.own_kind, t.own_value, t.own_reason, t.terms_id, t.terms_on, t.status, t.ends_on, t.covered, "
    "t.next_on, t.check_on, t.plain"
)
_EVENT = "service_id, id, on_date, kind, code, quantity, parts, own_kind, own_value, until_on, number, policy, reason"
_SKIPS = "select service_id, id, on_date from service_event where kind = 'skip' and audit_seq in {marks} order by id"
_SET_STATE = Statement(
    "insert into service_state (service_id, customer_id, code, quantity, parts, own_kind, own_value, own_reason, plain, "
    "terms_id, terms_on, status, ends_on, covered, next_on, check_on) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "on conflict (service_id) do update set code = excluded.code, quantity = excluded.quantity, parts = excluded.parts, "
    "own_kind = excluded.own_kind, own_value = excluded.own_value, own_reason = excluded.own_reason, plain = excluded.plain, "
    "terms_id = excluded.terms_id, terms_on = excluded.terms_on, status = excluded.status, ends_on = excluded.ends_on, "
    "covered = excluded.covered, next_on = excluded.next_on, check_on = excluded.check_on"
)
_MOVE = Statement("update service_state set covered = ?, next_on = ? where service_id = ?")


class ServiceRow(NamedTuple):
    """A service as it stands."""

    service: Service
    code: str
    quantity: str
    parts: str
    override: PriceOverride
    terms_id: int
    terms_on: str
    status: str
    ends_on: str | None
    settled_until: str
    next_on: str | None
    check_on: str | None
    plain: bool


class StoredService(NamedTuple):
    """What is stored of a service and never changes; the address is sealed."""

    id: int
    uid: bytes
    customer_id: int
    start_on: str
    cycle: str
    anchor: int
    phase: int
    mode: str
    billed_through: str | None
    address: bytes | None
    created_at: int


class EventRow(NamedTuple):
    """An event with who entered it when."""

    event: Event
    operator: str
    recorded_at: int


class _OfService(NamedTuple):
    """An event with the service to which it happens."""

    service_id: int
    event: Event


class State(NamedTuple):
    """How a service is kept, which follows from its events and from what is settled; dates are ISO."""

    service_id: int
    customer_id: int
    code: str
    quantity: str
    parts: str
    own_kind: str
    own_value: str
    own_reason: str
    plain: int
    terms_id: int
    terms_on: str
    status: str
    ends_on: str | None
    settled_until: str
    next_on: str | None
    check_on: str | None


class Entry(NamedTuple):
    """Who entered something, when, and by which audit event."""

    operator: str
    recorded_us: int
    audit_seq: int


class OfCustomer(NamedTuple):
    """A service with whose it is."""

    customer_id: int
    row: ServiceRow


class Affected(NamedTuple):
    """A service with the account and name of whose it is."""

    account: str
    name: str
    row: ServiceRow


class Skipped(NamedTuple):
    """What a run did not charge by choice: service, event and first day."""

    service_id: int
    event_id: int
    first: date


class Address(NamedTuple):
    """The sealed address of a service, and the record that it is sealed to."""

    uid: bytes
    value: Sealed


def service_of(id_: int, start: str, cycle: str, anchor: int, mode: str, phase: int) -> Service:
    """The service of the columns of SERVICE."""
    return Service(int(id_), date.fromisoformat(start), parse_cycle(cycle), int(anchor), mode, int(phase))


def service_row(
    id_: int, start: str, cycle: str, anchor: int, mode: str, phase: int, code: str, quantity: str, parts: str, own_kind: str,
    own_value: str, own_reason: str, terms_id: int, terms_on: str, status: str, ends_on: str | None, settled_until: str,
    next_on: str | None, check_on: str | None, plain: int,
) -> ServiceRow:  # fmt: skip
    """The service of the columns of SERVICE and STATE."""
    service, override = service_of(id_, start, cycle, anchor, mode, phase), PriceOverride(own_kind, own_value, own_reason)
    return ServiceRow(
        service,
        code,
        quantity,
        parts,
        override,
        int(terms_id),
        terms_on,
        status,
        ends_on,
        settled_until,
        next_on,
        check_on,
        bool(plain),
    )


def _of_service(
    service_id: int, id_: int, on: str, kind: str, code: str, quantity: str, parts: str, own_kind: str, own_value: str,
    until: str | None, number: int, policy: str, reason: str,
) -> _OfService:  # fmt: skip
    override = PriceOverride(own_kind, own_value, reason if own_kind else "")
    end = None if until is None else date.fromisoformat(until)
    event = Event(int(id_), date.fromisoformat(on), kind, code, quantity, parts, override, end, int(number), policy, reason)
    return _OfService(service_id, event)


def _entered(operator: str, recorded_at: int, *event: Any) -> EventRow:
    return EventRow(_of_service(*event).event, operator, int(recorded_at))


def _paged(customer_id: int, *row: Any) -> OfCustomer:
    return OfCustomer(int(customer_id), service_row(*row))


def _affected(account: str, name: str, *row: Any) -> Affected:
    return Affected(account, name, service_row(*row))


_JOINED = "service_state t join service s on s.id = t.service_id"
_OF_CUSTOMER = Select(f"select {SERVICE}, {STATE} from {_JOINED} where s.customer_id = ? order by s.id", service_row)
_PAGE = Select(f"select s.customer_id, {SERVICE}, {STATE} from {_JOINED} where s.id > ? order by s.id limit ?", _paged)
_EVENTS_OF = Select(
    f"select operator, recorded_at, {_EVENT} from service_event where service_id = ? order by on_date, id", _entered
)
_AFFECTED = Select(
    f"select c.account, c.name, {SERVICE}, {STATE} from {_JOINED} join customer c on c.id = t.customer_id "
    "where t.code = ? and t.status <> 'ended' order by c.account, s.id",
    _affected,
)


def of_customer(db: Database, customer_id: int) -> list[ServiceRow]:
    """All services of an account, the oldest first."""
    return _OF_CUSTOMER.all(db, (customer_id,))


def of_customers(db: Database, customer_ids: Sequence[int]) -> dict[int, list[ServiceRow]]:
    """All services of some accounts, the oldest first; an account without any has none."""
    if not customer_ids:
        return {}
    select = f"select s.customer_id, {SERVICE}, {STATE} from {_JOINED} where s.customer_id in {in_list(len(customer_ids))}"
    rows: dict[int, list[ServiceRow]] = {i: [] for i in customer_ids}
    for service in Select(f"{select} order by s.id", _paged).all(db, customer_ids):
        rows[service.customer_id].append(service.row)
    return rows


def page(db: Database, after: int, limit: int) -> list[OfCustomer]:
    """The services behind an id."""
    return _PAGE.all(db, (after, limit))


def by_id(db: Database, service_id: int) -> ServiceRow:
    """The service with this id, which there is."""
    (service,) = page(db, service_id - 1, 1)
    return service.row


def events_of(db: Database, service_id: int) -> list[EventRow]:
    """Every event of a service, also what was taken back."""
    return _EVENTS_OF.all(db, (service_id,))


def affected(db: Database, code: str) -> list[Affected]:
    """The services of everybody who takes a code."""
    return _AFFECTED.all(db, (code,))


def events(db: Database, service_ids: Sequence[int]) -> dict[int, tuple[Event, ...]]:
    """The standing events of some services."""
    if not service_ids:
        return {}
    by_service: dict[int, list[Event]] = {i: [] for i in service_ids}
    marks = in_list(len(service_ids))
    of_services = Select(f"select {_EVENT} from service_event where service_id in {marks} order by id", _of_service)
    for entered in of_services.all(db, service_ids):
        by_service[entered.service_id].append(entered.event)
    return {i: tuple(standing(mine)) for i, mine in by_service.items()}


def skipped_by(db: Database, events: Sequence[int]) -> list[Skipped]:
    """What the batches of a run did not charge by choice, given by their audit events."""
    if not events:
        return []
    rows = db.rows(Statement(_SKIPS.format(marks=in_list(len(events)))), events)
    return [Skipped(int(s), int(i), date.fromisoformat(on)) for s, i, on in rows]


_ENTERED = Select("select operator, recorded_at, audit_seq from service_event where id = ?", Entry)
_BILLED_SINCE = Select("select 1 from billed where service_id = ? and audit_seq > ? limit 1", bool)
_OWNER = Select("select c.account from service s join customer c on c.id = s.customer_id where s.id = ?", str)
_ADDRESS = Select(
    "select uid, address from service where id = ? and address is not null",
    lambda uid, cell: Address(bytes(uid), Sealed(bytes(cell))),
)
# A service is looked at again from a day on, where that lies before.
_LOOK_AGAIN = Statement(
    "update service_state set check_on = case when check_on is null or check_on > ? then ? else check_on end where service_id = ?"
)


def entered(db: Database, event_id: int) -> Entry | None:
    """Who entered an event."""
    return _ENTERED.first(db, (event_id,))


def is_billed_since(db: Database, service_id: int, audit_seq: int) -> bool:
    """Whether anything of a service was billed behind an audit event."""
    return _BILLED_SINCE.first(db, (service_id, audit_seq)) is not None


def owner(db: Database, service_id: int) -> str | None:
    """The account of a service; None where there is no such service."""
    return _OWNER.first(db, (service_id,))


def address(db: Database, service_id: int) -> Address | None:
    """The sealed address of a service; None where there is none."""
    return _ADDRESS.first(db, (service_id,))


def there(db: Database, uids: Sequence[bytes]) -> list[bytes]:
    """Those of some identities that a service has."""
    return Select(f"select uid from service where uid in {in_list(len(uids))}", bytes).all(db, uids)  # noqa: S608 - only marks


def own_reasons(db: Database, service_ids: Sequence[int]) -> dict[int, set[str]]:
    """The reasons that own prices of some services ever had."""
    reasons: dict[int, set[str]] = {i: set() for i in service_ids}
    statement = Statement(
        "select distinct service_id, reason from service_event where own_kind <> '' "
        f"and service_id in {in_list(len(service_ids))}"
    )
    for service_id, reason in db.rows(statement, service_ids):
        reasons[int(service_id)].add(str(reason))
    return reasons


def look_again(db: Database, service_id: int, day: str) -> None:
    """Let the next run look at a service from a day on, where it would not."""
    db.run(_LOOK_AGAIN, (day, day, service_id))


def add(db: Database, services: Sequence[StoredService]) -> None:
    """Store services."""
    db.run_many(insert_into(tables.Service), services)


def set_states(db: Database, rows: Iterable[State]) -> None:
    """Keep how services stand."""
    db.run_many(_SET_STATE, rows)


def move(db: Database, rows: Iterable[tuple[str, str | None, int]]) -> None:
    """Keep what is settled and billed next of services on which nothing else happened."""
    db.run_many(_MOVE, rows)
