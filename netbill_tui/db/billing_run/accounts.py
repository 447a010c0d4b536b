"""Customers with all that a run needs to know of them."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from netbill_tui.billing.billing_run.accounts import Account, Held, SharedTimeline
from netbill_tui.billing.billing_run.invoicing import OneOff
from netbill_tui.billing.catalogue.prices import PriceOverride
from netbill_tui.billing.core.cycles import schedule
from netbill_tui.billing.services.charging import Span
from netbill_tui.billing.services.subscriptions import Event, Terms, Timeline
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Row, Statement, in_list
from netbill_tui.db.services import agreements
from netbill_tui.db.services.charged import Charged, spans
from netbill_tui.db.services.subscriptions import SERVICE, STATE, ServiceRow, events, row_of, service_of


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
        for r in db.rows(
            Statement(
                "select c.id, c.account, c.name, c.terms_days, coalesce(b.terms_day, 0), c.status from customer c "
                f"left join billing_terms b on b.customer_id = c.id where c.id in {marks}"
            ),
            customer_ids,
        )
    }
    plain: dict[int, list[Held]] = {}
    full: dict[int, list[tuple[ServiceRow, date]]] = {}
    for row in db.rows(
        Statement(
            f"select {SERVICE}, {STATE}, t.customer_id, s.billed_through from service_state t join service s "
            f"on s.id = t.service_id where t.customer_id in {marks} and (t.next_on is not null or t.check_on is not null) "
            "order by s.id"
        ),
        customer_ids,
    ):
        if row[19] and (row[18] or "9") > day:
            plain.setdefault(row[20], []).append(_held_plain(row))
        else:
            floor = date.min if row[21] is None else date.fromisoformat(row[21])
            full.setdefault(row[20], []).append((row_of(row), floor))
    ids = [r.service.id for services in full.values() for r, _ in services]
    known, billed = events(db, ids), spans(db, ids)
    charges = agreements.charges_by(db, marks, customer_ids, day)
    discounts = agreements.discounts_by(db, marks, customer_ids)
    exemptions = agreements.exemptions_by(db, marks, customer_ids)
    accounts = []
    for customer_id in customer_ids:
        person = people.get(customer_id)
        if person is None:
            continue
        account = Account(
            customer_id,
            person[0],
            person[1],
            int(person[2]),
            int(person[3]),
            discounts.get(customer_id, ()),
            exemptions.get(customer_id, ()),
            person[4] == "closed",
        )
        rows = full.get(customer_id, ())
        helds = [_held_full(r, known[r.service.id], billed[r.service.id], floor) for r, floor in rows]
        mine = (*plain.get(customer_id, ()), *helds)
        if helds:
            mine = tuple(sorted(mine, key=lambda h: h.service.id))
        accounts.append(Loaded(account, mine, tuple(r for r, _ in rows), charges.get(customer_id, ())))
    return accounts


@lru_cache(maxsize=16384)
def _plain(
    start: str, cycle: str, anchor: int, mode: str, phase: int, code: str, quantity: str, parts: str, own_kind: str,
    own_value: str, own_reason: str, number: int, since_on: str, ends: str | None, settled_until: str,
) -> SharedTimeline:  # fmt: skip
    """The course of all services with these terms and dates; its own service has the id 0."""
    service = service_of((0, start, cycle, anchor, mode, phase))
    since = date.fromisoformat(since_on)
    terms = Terms(number, since, code, quantity, parts, PriceOverride(own_kind, own_value, own_reason), since)
    end = None if ends is None else date.fromisoformat(ends)
    plan = ((service.start, schedule(service.start, service.cycle, service.anchor, service.phase)),)
    return SharedTimeline(Timeline(service, (terms,), (), (), end, end, plan), date.fromisoformat(settled_until))


def _held_plain(row: Row) -> Held:
    # start, cycle, anchor, mode, phase | code to terms_on | ends_on, covered; the status between does not matter.
    shared = _plain(*row[1:14], row[15], row[16])
    check = None if row[18] is None else date.fromisoformat(row[18])
    return Held(shared.timeline.service._replace(id=row[0]), (), (), shared.settled_until, None, 0, check, shared)


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
