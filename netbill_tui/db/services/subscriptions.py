"""Services, their events and what was billed of them, as the rules want them."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from netbill_tui.billing.billing_run.accounts import Account, Fee, Held, Plain
from netbill_tui.billing.billing_run.invoicing import OneOff, policy_in
from netbill_tui.billing.billing_run.planning import BY_BILL_DATE
from netbill_tui.billing.catalogue.prices import Own
from netbill_tui.billing.core.cycles import parse_cycle, schedule
from netbill_tui.billing.services.charging import Span
from netbill_tui.billing.services.proration import share
from netbill_tui.billing.services.subscriptions import Course, Event, Service, Terms, standing
from netbill_tui.db.catalogue.codes import last_by_bill_date
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Row, Statement, in_list
from netbill_tui.db.services import agreements

_SERVICE = "s.id, s.start_on, s.cycle, s.anchor, s.mode, s.phase"
_STATE = (
    "t.code, t.quantity, t.parts, t.own_kind, t.own_value, t.own_reason, t.terms_id, t.terms_on, t.status, t.ends_on, t.covered, "
    "t.next_on, t.check_on, t.plain"
)
_EVENT = "service_id, id, on_date, kind, code, quantity, parts, own_kind, own_value, until_on, number, policy, reason"
_OF_CUSTOMER = Statement(
    f"select {_SERVICE}, {_STATE}, s.billed_through, s.address from service s join service_state t on t.service_id = s.id "
    "where s.customer_id = ? order by s.id"
)
_PAGE = Statement(
    f"select {_SERVICE}, {_STATE}, s.customer_id from service s join service_state t on t.service_id = s.id where s.id > ? "
    "order by s.id limit ?"
)
_EVENTS_OF = Statement(f"select {_EVENT}, operator, recorded_at from service_event where service_id = ? order by on_date, id")
# Beside it what credit notes by hand gave back of the line, and the line they gave it back of; with tax where prices include it.
_SPANS_OF = (
    "select b.service_id, b.kind, b.code, b.first_on, b.end_on, b.terms_id, b.again, b.span_first, b.charged, b.tax_class, "
    "coalesce(i.bill_date, n.bill_date, ''), b.audit_seq, b.tax, coalesce((select cast(sum(l.amount + case when ? = 1 then l.tax "
    "else 0 end) as bigint) from credit_line l where l.line_id = b.id), 0), coalesce(o.amount, 0) + case when ? = 1 then b.tax "
    "else 0 end, case when b.kind = 'recurring' then b.why else '' end from billed b left join invoice i on i.id = b.invoice_id "
    "left join credit_note n on n.id = b.invoice_id left join invoice_line o on o.id = b.id where b.service_id {where} "
    "and b.charge_id = 0 order by b.service_id, b.id"
)
_SKIPS = "select service_id, id, on_date from service_event where kind = 'skip' and audit_seq in {marks} order by id"
_INCLUSIVE = Statement("select value from book_setting where name = 'inclusive'")
_SET_STATE = Statement(
    "insert into service_state (service_id, customer_id, code, quantity, parts, own_kind, own_value, own_reason, plain, "
    "terms_id, terms_on, status, ends_on, covered, next_on, check_on) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "on conflict (service_id) do update set code = excluded.code, quantity = excluded.quantity, parts = excluded.parts, "
    "own_kind = excluded.own_kind, own_value = excluded.own_value, own_reason = excluded.own_reason, plain = excluded.plain, "
    "terms_id = excluded.terms_id, terms_on = excluded.terms_on, status = excluded.status, ends_on = excluded.ends_on, "
    "covered = excluded.covered, next_on = excluded.next_on, check_on = excluded.check_on"
)
_MOVE = Statement("update service_state set covered = ?, next_on = ? where service_id = ?")
_AFFECTED = Statement(
    f"select c.account, c.name, {_SERVICE}, {_STATE} from service_state t join service s on s.id = t.service_id "
    "join customer c on c.id = t.customer_id where t.code = ? and t.status <> 'ended' order by c.account, s.id"
)


class ServiceRow(NamedTuple):
    """A service as it stands."""

    service: Service
    code: str
    quantity: str
    parts: str
    own: Own
    terms_id: int
    terms_on: str
    status: str
    ends_on: str | None
    covered: str
    next_on: str | None
    check_on: str | None
    plain: bool


class EventRow(NamedTuple):
    """An event with who entered it when."""

    event: Event
    operator: str
    recorded_at: int


def _service(row: Sequence[object]) -> Service:
    id_, start, cycle, anchor, mode, phase = row
    return Service(
        int(str(id_)), date.fromisoformat(str(start)), parse_cycle(str(cycle)), int(str(anchor)), str(mode), int(str(phase))
    )


def _row(row: Row) -> ServiceRow:
    state = row[6:20]
    code, quantity, parts, own_kind, own_value, own_reason, terms_id, terms_on, status, ends, covered, next_on, check, plain = (
        state
    )
    own = Own(own_kind, own_value, own_reason)
    return ServiceRow(
        _service(row[:6]), code, quantity, parts, own, int(terms_id), terms_on, status, ends, covered, next_on, check, bool(plain)
    )


def event_of(row: Row) -> Event:
    """The event of a row."""
    _, id_, on, kind, code, quantity, parts, own_kind, own_value, until, number, policy, reason = row[:13]
    return Event(
        int(id_), date.fromisoformat(on), kind, code, quantity, parts, Own(own_kind, own_value, reason if own_kind else ""),
        None if until is None else date.fromisoformat(until), int(number), policy, reason,
    )  # fmt: skip


def of_customer(db: Database, customer_id: int) -> list[ServiceRow]:
    """All services of an account, the oldest first."""
    return [_row(row) for row in db.rows(_OF_CUSTOMER, (customer_id,))]


def page(db: Database, after: int, limit: int) -> list[tuple[int, ServiceRow]]:
    """Customer and row of the services behind an id."""
    return [(int(row[20]), _row(row)) for row in db.rows(_PAGE, (after, limit))]


def one(db: Database, service_id: int) -> ServiceRow:
    """The service with this id, which there is."""
    (found,) = page(db, service_id - 1, 1)
    return found[1]


def events_of(db: Database, service_id: int) -> list[EventRow]:
    """Every event of a service, also what was taken back."""
    return [EventRow(event_of(row), row[13], int(row[14])) for row in db.rows(_EVENTS_OF, (service_id,))]


def affected(db: Database, code: str) -> list[tuple[str, str, ServiceRow]]:
    """Account, name and service of everybody who takes a code."""
    return [(row[0], row[1], _row(row[2:])) for row in db.rows(_AFFECTED, (code,))]


class Charged(NamedTuple):
    """What stands charged of a service: its spans, its early-leave fee, and how often one was charged before."""

    spans: tuple[Span, ...] = ()
    fee: Fee | None = None
    fees: int = 0


def spans(db: Database, service_ids: Sequence[int]) -> dict[int, Charged]:
    """What stands charged of some services."""
    if not service_ids:
        return {}
    inclusive = (db.row(_INCLUSIVE) or ("no",))[0] == "yes"
    old = last_by_bill_date(db)
    rows: dict[int, list[Row]] = {i: [] for i in service_ids}
    statement = Statement(_SPANS_OF.format(where=f"in {in_list(len(service_ids))}"))
    for row in db.rows(statement, (int(inclusive), int(inclusive), *service_ids)):
        rows[row[0]].append(row)
    return {i: _charged(found, old) for i, found in rows.items()}


_Spans = dict[tuple[str, int, int], Span]


def _charged(rows: Sequence[Row], old: int) -> Charged:
    mine: _Spans = {}
    fee: Fee | None = None
    last: Fee | None = None
    fees = unfees = 0
    for _, kind, code, first, end, terms_id, again, span_first, charged, tax_class, billed_on, seq, *more in rows:
        if kind == "fee":
            rated_on = billed_on if seq <= old else first
            # Counted by how often one was given back: each time it can be given back once more.
            whole = int(more[2]) or 1
            left = int(charged) - share(int(charged), min(int(more[1]), whole), whole) if more[1] > 0 else int(charged)
            fee = last = Fee(code, tax_class, left, first, terms_id, max(int(again), unfees), billed_on, rated_on)
            fees += 1
        elif kind == "unfee":
            fee, unfees = None, unfees + 1
        elif kind == "refee":
            fee = last._replace(again=unfees) if last is not None else None
        elif kind == "recurring":
            span = Span(
                date.fromisoformat(first), date.fromisoformat(end), terms_id, (), (), again, (), billed_on,
                BY_BILL_DATE if seq <= old else "",
            )  # fmt: skip
            held = mine.get((first, terms_id, again), span)
            mine[first, terms_id, again] = _with_line(held, (code, tax_class, int(charged)), *more)
        elif kind in ("credit", "undo", "uncredit"):
            part = (date.fromisoformat(first), date.fromisoformat(end))
            _give_back(mine, kind, part, (code, tax_class, int(charged)), terms_id, again, span_first)
    return Charged(tuple(sorted(mine.values(), key=lambda s: (s.first, s.again))), fee, fees)


def _with_line(span: Span, line: tuple[str, str, int], tax: int, credited: int, whole: int, why: str) -> Span:
    """The span with a line more, what was given back of it by hand, and whether tax was taken with it."""
    hand = min(share(line[2], min(int(credited), int(whole)), int(whole)), line[2]) if credited > 0 and whole > 0 else 0
    return span._replace(
        lines=(*span.lines, line), hand=(*span.hand, hand), back=(*span.back, 0), policy=policy_in(why),
        taxed=(*span.taxed, bool(tax) if line[2] else None),
    )  # fmt: skip


def _give_back(
    mine: _Spans, kind: str, part: tuple[date, date], line: tuple[str, str, int], terms_id: int, again: int, span_first: str
) -> None:
    first_of, _, times = span_first.partition("#")
    key = (first_of, terms_id, int(times or "0"))
    held = mine.get(key)
    if held is None:
        return
    if kind != "undo":
        # A credit is below zero, and what takes it back above.
        at = next((i for i, (code, tax_class, _) in enumerate(held.lines) if (code, tax_class) == line[:2]), None)
        if at is not None:
            held = held._replace(back=(*held.back[:at], held.back[at] - line[2], *held.back[at + 1 :]))
    given = tuple(g for g in held.given if g != part)
    if kind == "uncredit":
        # Every line of a bundle says the same of the span.
        mine[key] = held._replace(given=given, retaken=tuple({*held.retaken, (part[0], again + 1)}))
    else:
        mine[key] = held._replace(given=(*given, part))


def events(db: Database, service_ids: Sequence[int]) -> dict[int, tuple[Event, ...]]:
    """The standing events of some services."""
    if not service_ids:
        return {}
    made: dict[int, list[Event]] = {i: [] for i in service_ids}
    statement = Statement(f"select {_EVENT} from service_event where service_id in {in_list(len(service_ids))} order by id")
    for row in db.rows(statement, service_ids):
        made[row[0]].append(event_of(row))
    return {i: tuple(standing(found)) for i, found in made.items()}


def settled_before(billed: Sequence[Span], row: ServiceRow) -> date:
    """The day before which nothing is looked at: where what this book charged begins, or `covered` where it charged nothing."""
    covered = date.fromisoformat(row.covered)
    return min([covered, *(s.first for s in billed)])


class Loaded(NamedTuple):
    """A customer with all that a run needs to know; `rows` are of services to which something happened."""

    account: Account
    services: tuple[Held, ...]
    rows: tuple[ServiceRow, ...]
    charges: tuple[OneOff, ...]


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
    people = {
        r[0]: r[1:]
        for r in db.rows(Statement(
            "select c.id, c.account, c.name, c.terms_days, coalesce(b.terms_day, 0), c.status from customer c "
            f"left join billing_terms b on b.customer_id = c.id where c.id in {marks}"
        ), customer_ids)
    }  # fmt: skip
    plain: dict[int, list[Held]] = {}
    full: dict[int, list[tuple[ServiceRow, date]]] = {}
    for row in db.rows(Statement(
        f"select {_SERVICE}, {_STATE}, t.customer_id, s.billed_through from service_state t join service s "
        f"on s.id = t.service_id where t.customer_id in {marks} and (t.next_on is not null or t.check_on is not null) "
        "order by s.id"
    ), customer_ids):  # fmt: skip
        if row[19] and (row[18] or "9") > day:
            plain.setdefault(row[20], []).append(_held_plain(row))
        else:
            floor = date.min if row[21] is None else date.fromisoformat(row[21])
            full.setdefault(row[20], []).append((_row(row), floor))
    ids = [r.service.id for found in full.values() for r, _ in found]
    known, billed = events(db, ids), spans(db, ids)
    charges = agreements.charges_by(db, marks, customer_ids, day)
    discounts = agreements.discounts_by(db, marks, customer_ids)
    exemptions = agreements.exemptions_by(db, marks, customer_ids)
    made = []
    for customer_id in customer_ids:
        person = people.get(customer_id)
        if person is None:
            continue
        account = Account(
            customer_id, person[0], person[1], int(person[2]), int(person[3]), discounts.get(customer_id, ()),
            exemptions.get(customer_id, ()), person[4] == "closed",
        )  # fmt: skip
        rows = full.get(customer_id, ())
        helds = [_held_full(r, known[r.service.id], billed[r.service.id], floor) for r, floor in rows]
        mine = (*plain.get(customer_id, ()), *helds)
        if helds:
            mine = tuple(sorted(mine, key=lambda h: h.service.id))
        made.append(Loaded(account, mine, tuple(r for r, _ in rows), charges.get(customer_id, ())))
    return made


@lru_cache(maxsize=16384)
def _plain(
    start: str, cycle: str, anchor: int, mode: str, phase: int, code: str, quantity: str, parts: str, own_kind: str,
    own_value: str, own_reason: str, number: int, since_on: str, ends: str | None, covered: str,
) -> Plain:  # fmt: skip
    """The course of all services with these terms and dates; its own service has the id 0."""
    service = _service((0, start, cycle, anchor, mode, phase))
    since = date.fromisoformat(since_on)
    terms = Terms(number, since, code, quantity, parts, Own(own_kind, own_value, own_reason), since)
    end = None if ends is None else date.fromisoformat(ends)
    plan = ((service.start, schedule(service.start, service.cycle, service.anchor, service.phase)),)
    return Plain(Course(service, (terms,), (), (), end, end, plan), date.fromisoformat(covered))


def _held_plain(row: Row) -> Held:
    # start, cycle, anchor, mode, phase | code to terms_on | ends_on, covered; the status between does not matter.
    shared = _plain(*row[1:14], row[15], row[16])
    check = None if row[18] is None else date.fromisoformat(row[18])
    _, *rest = shared.course.service
    return Held(Service._make((row[0], *rest)), (), (), shared.covered, None, 0, check, shared)


def _held_full(row: ServiceRow, known: tuple[Event, ...], billed: Charged, floor: date) -> Held:
    check = None if row.check_on is None else date.fromisoformat(row.check_on)
    covered, begins = date.fromisoformat(row.covered), settled_before(billed.spans, row)
    return Held(row.service, known, billed.spans, covered, billed.fee, billed.fees, check, None, begins, floor)


def held(db: Database, row: ServiceRow, known: tuple[Event, ...]) -> Held:
    """A service with what was billed of it, as it would be planned with these standing events."""
    found = db.row(_BILLED_THROUGH, (row.service.id,))
    floor = date.min if found is None or found[0] is None else date.fromisoformat(found[0])
    return _held_full(row, known, spans(db, (row.service.id,))[row.service.id], floor)


_BILLED_THROUGH = Statement("select billed_through from service where id = ?")


def skipped_by(db: Database, events: Sequence[int]) -> list[tuple[int, int, date]]:
    """Service, event and first day of what the batches of a run did not charge by choice, given by their audit events."""
    if not events:
        return []
    found = db.rows(Statement(_SKIPS.format(marks=in_list(len(events)))), events)
    return [(int(s), int(i), date.fromisoformat(on)) for s, i, on in found]


def set_states(db: Database, rows: Iterable[Row]) -> None:
    """Keep how services stand."""
    db.run_many(_SET_STATE, rows)


def move(db: Database, rows: Iterable[tuple[str, str | None, int]]) -> None:
    """Keep what is settled and billed next of services on which nothing else happened."""
    db.run_many(_MOVE, rows)
