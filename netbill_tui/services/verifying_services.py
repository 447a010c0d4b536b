"""Services checked: no day is charged twice, no span gives back more than it took, and the kept rows follow from the events."""

from datetime import date

from netbill_tui.billing.prices import CannotBill
from netbill_tui.db import services as rows
from netbill_tui.db.services import Charged, ServiceRow
from netbill_tui.db.statements import LOWEST, Statement
from netbill_tui.services import catalogue
from netbill_tui.services.service_states import state_row
from netbill_tui.services.session import Session

_PAGE = 400
_UNKEPT = Statement(
    "select s.id from service s where not exists (select 1 from service_state t where t.service_id = s.id and t.customer_id = "
    "s.customer_id) order by s.id limit 50"
)
# A charge waits, was billed and not undone, or was withdrawn with an audit event; never two of these and never none.
_LIVE = (
    "(select coalesce(sum(case when b.kind = 'undo' then -1 else 1 end), 0) from billed b where b.service_id = 0 "
    "and b.charge_id = h.id)"
)
_CHARGES = Statement(
    f"select h.id, case when p.charge_id is null then 'waits nowhere and was never billed' else 'waits and was billed, or is "
    f"kept otherwise than it was entered' end from charge h left join pending_charge p on p.charge_id = h.id where "
    f"(p.charge_id is not null and ({_LIVE} > 0 or p.customer_id <> h.customer_id or p.on_date <> h.on_date)) or "
    f"(p.charge_id is null and {_LIVE} <= 0 and not exists (select 1 from audit_event e where e.action = 'charge.withdraw' "
    "and e.detail like '%\"charge\":' || h.id || ',%')) order by h.id limit 50"
)
# Columns of the kept row that do not depend on the day on which one looks.
_ENDS, _NEXT, _PLAIN, _TERMS = 12, 14, 8, 9


def broken_services(session: Session) -> tuple[int, list[str]]:
    """How many services were looked at, and what is wrong with which."""
    book = catalogue.load(session)
    today, count, wrong, last = session.today(), 0, [], LOWEST
    while page := rows.page(session.db, last, _PAGE):
        ids = [row.service.id for _, row in page]
        events, charged = rows.events(session.db, ids), rows.spans(session.db, ids)
        for customer_id, row in page:
            count += 1
            service_id = row.service.id
            # What the next run looks at again may stand twice until then: it was taken back with its invoice by hand.
            wrong += [f"service {service_id} {what}" for what in _spans_wrong(charged[service_id], row.check_on or "9999")]
            try:
                check = None if row.check_on is None else date.fromisoformat(row.check_on)
                covered = date.fromisoformat(row.covered)
                made = state_row(row.service, customer_id, events[service_id], covered, check, book, today)
            except CannotBill as error:
                wrong.append(f"service {service_id}: {error}")
                continue
            if _differs(row, made):
                wrong.append(f"service {service_id} is kept otherwise than its events say")
        last = ids[-1]
    wrong += [f"service {i} is kept nowhere, so it would never be billed" for (i,) in session.db.rows(_UNKEPT)]
    wrong += [f"charge {i} {what}" for i, what in session.db.rows(_CHARGES)]
    return count, wrong


def _spans_wrong(charged: Charged, looked_at: str) -> list[str]:
    live = sorted(part for span in charged.spans for part in span.live)
    twice = [b[0] for a, b in zip(live, live[1:], strict=False) if b[0] < a[1]]
    told = [f"is charged twice from {day}" for day in twice if day.isoformat() < looked_at]
    for span in charged.spans:
        if any(a < span.first or b > span.end for a, b in span.given):
            told.append(f"gave back more than was charged from {span.first}")
    return told


def _differs(row: ServiceRow, made: tuple[object, ...]) -> bool:
    if (row.ends_on, int(row.plain)) != (made[_ENDS], made[_PLAIN]):
        return True
    mine = (row.code, row.quantity, row.parts, row.own.kind, row.own.value, row.own.reason, row.terms_on)
    if row.plain and mine != (*made[2:8], made[10]):
        return True
    begun = row.covered > row.service.start.isoformat()
    return (begun and row.next_on != made[_NEXT]) or (row.plain and row.terms_id != made[_TERMS])
