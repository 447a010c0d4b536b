"""Services checked: no day is charged twice, no span gives back more than it took, and the kept rows follow from the events."""

from collections.abc import Sequence
from datetime import date, timedelta

from netbill_tui.billing.billing_run.planning import happenings
from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.catalogue.prices import CannotBill, Own
from netbill_tui.billing.services.charging import FIRST_BILLS, Span, missing, upcoming
from netbill_tui.billing.services.subscriptions import Course, Event, course
from netbill_tui.db.core.paging import LOWEST, further
from netbill_tui.db.services import charged as charged_rows
from netbill_tui.db.services import subscriptions as rows
from netbill_tui.db.services.charged import Charged
from netbill_tui.db.services.subscriptions import ServiceRow, State
from netbill_tui.db.verify import services as checks
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.catalogue.rules import MOST_LEAD
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.services.states import FAR, state_row, status_on

_PAGE = 400


def broken_services(session: Session) -> tuple[int, list[str]]:
    """How many services were looked at, and what is wrong with which."""
    book = codes.load(session)
    today, count, wrong, last = session.today(), 0, [], LOWEST
    latest = checks.latest_run(session.db)
    # However early the book billed once; before its first run nothing was reached.
    reach = date.fromisoformat(latest) + timedelta(days=MOST_LEAD) if latest else date.min
    while page := rows.page(session.db, last, _PAGE):
        ids = [row.service.id for _, row in page]
        events, charged = rows.events(session.db, ids), charged_rows.spans(session.db, ids)
        for customer_id, row in page:
            count += 1
            service_id = row.service.id
            # What the next run looks at again may stand twice until then: it was taken back with its invoice by hand.
            wrong += [f"service {service_id} {what}" for what in _spans_wrong(charged[service_id], row.check_on or "9999", book)]
            try:
                check = None if row.check_on is None else date.fromisoformat(row.check_on)
                covered = date.fromisoformat(row.covered)
                made = state_row(row.service, customer_id, events[service_id], covered, check, book, today)
            except CannotBill as error:
                wrong.append(f"service {service_id}: {error}")
                continue
            full = course(row.service, events[service_id])
            furthest = _settled(full, events[service_id], charged[service_id], reach)
            if row.covered > furthest and row.covered != checks.billed_elsewhere(session.db, service_id):
                wrong.append(f"service {service_id} is kept as settled until {row.covered}, and nothing was charged so far")
            wrong += [f"service {service_id} {what}" for what in _kept_wrong(row, full, events[service_id], reach)]
            skipped = _unbilled(row, full, charged[service_id], checks.billed_elsewhere(session.db, service_id), book)
            if skipped:
                wrong.append(f"service {service_id} is kept as settled until {row.covered}, and {skipped} was never charged")
            if _differs(row, made):
                wrong.append(f"service {service_id} is kept otherwise than its events say")
        further(last, ids[-1])
        last = ids[-1]
    wrong += [f"service {i} is kept nowhere, so it would never be billed" for i in checks.kept_nowhere(session.db)]
    wrong += _charges_wrong(session)
    return count, wrong


def _charges_wrong(session: Session) -> list[str]:
    """Charges that are lost or stand twice; what was withdrawn waits nowhere."""
    found = checks.wrong_charges(session.db)
    if not found:
        return []
    withdrawn = checks.withdrawn_charges(session.db)
    return [f"charge {c.id} {c.wrong}" for c in found if c.id not in withdrawn or not c.wrong.startswith("waits nowhere")][:50]


def _next(full: Course, row: ServiceRow, first_bill: str) -> str | None:
    until = FAR if full.end else date(row.service.start.year + 3, 1, 1)
    ahead = upcoming(full, date.fromisoformat(row.covered), until, first_bill, 1)
    return ahead[0].isoformat() if ahead else None


def _kept_wrong(row: ServiceRow, full: Course, events: Sequence[Event], reach: date) -> list[str]:
    """What of a kept row cannot have been written by any run or change of the service."""
    told = []
    if row.check_on is not None and row.check_on < row.service.start.isoformat():
        told.append(f"is looked at again from {row.check_on}, before it began")
    begun = row.covered > row.service.start.isoformat()
    ways = (full.first_bill,) if full.first_bill else FIRST_BILLS
    if not begun and row.next_on not in {_next(full, row, way) for way in ways}:
        told.append(f"is billed next on {row.next_on or 'no day'}, which is not the day of its first bill")
    behind = max(reach, date.fromisoformat(row.covered))
    later = [d.isoformat() for d in happenings(full, events) if d > behind]
    if later and (row.check_on is None or row.check_on > later[0]):
        told.append(f"changes on {later[0]}, which no run would look at")
    # Its word and its terms are those of the day on which it was written.
    days = {row.service.start - timedelta(days=1), row.service.start, *(e.on for e in events)} | (
        {full.end} if full.end else set()
    )
    if row.status not in {status_on(row.service, events, day) for day in days}:
        told.append(f"is kept as {row.status!r}, which it never was")
    kept = (row.code, row.quantity, row.parts, row.own, row.terms_id, row.terms_on)
    start = row.service.start
    if kept not in [(t.code, t.quantity, t.parts, t.own, t.id, max(t.since, start).isoformat()) for t in full.terms]:
        told.append(f"is kept with terms of {row.code!r} that it never had")
    return told


def _unbilled(row: ServiceRow, full: Course, charged: Charged, elsewhere: str, book: Catalogue) -> str:
    """The first day before `covered` that should have been charged, and that no run looks at again; empty where there is none."""
    covered, since = date.fromisoformat(row.covered), date.fromisoformat(max(row.service.start.isoformat(), elsewhere))
    policies = {(book.codes[t.code].proration if t.code in book.codes else "") or book.rules.proration for t in full.terms}
    if covered <= since or policies != {"days"}:
        return ""
    on = covered if row.service.mode == "arrears" else covered - timedelta(days=1)
    charges, _ = missing(full, charged.spans, since, on, book.rules.first_bill)
    looked_at = row.check_on or "9999"
    left = [p.first.isoformat() for p in charges if p.end <= covered and p.first.isoformat() < looked_at]
    return min(left, default="")


def _settled(full: Course, events: Sequence[Event], charged: Charged, reach: date) -> str:
    """How far a service can be settled: what was billed or passed over, or the period that a run reached."""
    known = [full.service.start]
    known += [end for span in charged.spans for _, end in span.live]
    known += [e.until for e in events if e.kind == "skip" and e.until is not None]
    if reach > full.service.start:
        known += [plan.period(reach)[1] for first, plan in full.schedules if first <= reach]
    return max(known).isoformat()


def _spans_wrong(charged: Charged, looked_at: str, book: Catalogue) -> list[str]:
    """What was charged of a day more than once, or given back more than was charged.

    A period that costs the whole of it from its first day on stays charged when the service is changed within it; what is
    taken then is charged beside it.
    """
    live = sorted((*part, at) for at, span in enumerate(charged.spans) for part in span.live)
    twice = []
    for at, (_, end, one) in enumerate(live):
        for later, _, other in live[at + 1 :]:
            if later >= end:
                break
            a, b = charged.spans[one], charged.spans[other]
            if a.terms_id == b.terms_id or not (_is_whole(a, book) or _is_whole(b, book)):
                twice.append(later)
    told = [f"is charged twice from {day}" for day in twice if day.isoformat() < looked_at]
    for span in charged.spans:
        if any(a < span.first or b > span.end for a, b in span.given):
            told.append(f"gave back more than was charged from {span.first}")
    return told


def _is_whole(span: Span, book: Catalogue) -> bool:
    """Whether a span was charged whole with its first day. An older program did not keep it, and its billing code says it."""
    return (span.policy or next((book.codes[c].proration for c, _, _ in span.lines if c in book.codes), "")) == "whole"


def _differs(row: ServiceRow, made: State) -> bool:
    """Whether a service is kept otherwise than its events say, in what does not depend on the day on which one looks."""
    if (row.ends_on, int(row.plain)) != (made.ends_on, made.plain):
        return True
    own = Own(made.own_kind, made.own_value, made.own_reason)
    if row.plain and (row.code, row.quantity, row.parts, row.own, row.terms_on, row.terms_id) != (
        made.code, made.quantity, made.parts, own, made.terms_on, made.terms_id,
    ):  # fmt: skip
        return True
    begun = row.covered > row.service.start.isoformat()
    return begun and row.next_on != made.next_on
