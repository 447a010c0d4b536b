"""Services checked: no day is charged twice, no span gives back more than it took, and the kept rows follow from the events."""

from collections.abc import Sequence
from datetime import date, timedelta

from netbill_tui.billing.billing_run.planning import happenings
from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.catalogue.prices import CannotBill, PriceOverride
from netbill_tui.billing.services.charging import FIRST_BILLS, Span, to_charge_and_credit, upcoming
from netbill_tui.billing.services.subscriptions import Event, Timeline, timeline_of
from netbill_tui.db.core.paging import LOWEST, further
from netbill_tui.db.services import charged as charged_rows
from netbill_tui.db.services import subscriptions
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
    catalogue = codes.load(session)
    today, count, wrong, last = session.today(), 0, [], LOWEST
    latest = checks.latest_run(session.db)
    # However early the book billed once; before its first run nothing was reached.
    billed_until = date.fromisoformat(latest) + timedelta(days=MOST_LEAD) if latest else date.min
    while page := subscriptions.page(session.db, last, _PAGE):
        ids = [row.service.id for _, row in page]
        events, charged = subscriptions.events(session.db, ids), charged_rows.spans(session.db, ids)
        for customer_id, row in page:
            count += 1
            service_id = row.service.id
            # What the next run looks at again may stand twice until then: it was taken back with its invoice by hand.
            wrong += [
                f"service {service_id} {what}" for what in _spans_wrong(charged[service_id], row.check_on or "9999", catalogue)
            ]
            try:
                check = None if row.check_on is None else date.fromisoformat(row.check_on)
                settled_until = date.fromisoformat(row.settled_until)
                state = state_row(row.service, customer_id, events[service_id], settled_until, check, catalogue, today)
            except CannotBill as error:
                wrong.append(f"service {service_id}: {error}")
                continue
            full = timeline_of(row.service, events[service_id])
            furthest = _settled(full, events[service_id], charged[service_id], billed_until)
            if row.settled_until > furthest and row.settled_until != checks.billed_elsewhere(session.db, service_id):
                wrong.append(f"service {service_id} is kept as settled until {row.settled_until}, and nothing was charged so far")
            wrong += [f"service {service_id} {what}" for what in _kept_wrong(row, full, events[service_id], billed_until)]
            skipped = _unbilled(row, full, charged[service_id], checks.billed_elsewhere(session.db, service_id), catalogue)
            if skipped:
                wrong.append(
                    f"service {service_id} is kept as settled until {row.settled_until}, and {skipped} was never charged"
                )
            if _differs(row, state):
                wrong.append(f"service {service_id} is stored differently from its events")
        further(last, ids[-1])
        last = ids[-1]
    wrong += [f"service {i} has no stored state, so it would never be billed" for i in checks.kept_nowhere(session.db)]
    wrong += _charges_wrong(session)
    return count, wrong


def _charges_wrong(session: Session) -> list[str]:
    """Charges that are lost or stand twice; what was withdrawn waits nowhere."""
    charges = checks.wrong_charges(session.db)
    if not charges:
        return []
    withdrawn = checks.withdrawn_charges(session.db)
    waits, lost = "waits and was billed, or is stored differently from how it was entered", "is not waiting and was never billed"
    return [f"charge {c.id} {waits if c.waits else lost}" for c in charges if c.waits or c.id not in withdrawn][:50]


def _next(full: Timeline, row: ServiceRow, first_bill: str) -> str | None:
    until = FAR if full.end else date(row.service.start.year + 3, 1, 1)
    ahead = upcoming(full, date.fromisoformat(row.settled_until), until, first_bill, 1)
    return ahead[0].isoformat() if ahead else None


def _kept_wrong(row: ServiceRow, full: Timeline, events: Sequence[Event], billed_until: date) -> list[str]:
    """What of a kept row cannot have been written by any run or change of the service."""
    wrong = []
    if row.check_on is not None and row.check_on < row.service.start.isoformat():
        wrong.append(f"is looked at again from {row.check_on}, before it began")
    begun = row.settled_until > row.service.start.isoformat()
    ways = (full.first_bill,) if full.first_bill else FIRST_BILLS
    if not begun and row.next_on not in {_next(full, row, way) for way in ways}:
        wrong.append(f"is billed next on {row.next_on or 'no day'}, which is not the day of its first bill")
    behind = max(billed_until, date.fromisoformat(row.settled_until))
    later = [d.isoformat() for d in happenings(full, events) if d > behind]
    if later and (row.check_on is None or row.check_on > later[0]):
        wrong.append(f"changes on {later[0]}, which no run would look at")
    # Its word and its terms are those of the day on which it was written.
    days = {row.service.start - timedelta(days=1), row.service.start, *(e.on for e in events)} | (
        {full.end} if full.end else set()
    )
    if row.status not in {status_on(row.service, events, day) for day in days}:
        wrong.append(f"is kept as {row.status!r}, which it never was")
    stored = (row.code, row.quantity, row.parts, row.override, row.terms_id, row.terms_on)
    start = row.service.start
    if stored not in [(t.code, t.quantity, t.parts, t.override, t.id, max(t.since, start).isoformat()) for t in full.terms]:
        wrong.append(f"is kept with terms of {row.code!r} that it never had")
    return wrong


def _unbilled(row: ServiceRow, full: Timeline, charged: Charged, elsewhere: str, catalogue: Catalogue) -> str:
    """The first day before `covered` that should have been charged, and that no run looks at again; empty where there is none."""
    settled_until, since = (
        date.fromisoformat(row.settled_until),
        date.fromisoformat(max(row.service.start.isoformat(), elsewhere)),
    )
    policies = {
        (catalogue.codes[t.code].proration if t.code in catalogue.codes else "") or catalogue.rules.proration for t in full.terms
    }
    if settled_until <= since or policies != {"days"}:
        return ""
    on = settled_until if row.service.mode == "arrears" else settled_until - timedelta(days=1)
    charges, _ = to_charge_and_credit(full, charged.spans, since, on, catalogue.rules.first_bill)
    looked_at = row.check_on or "9999"
    left = [p.first.isoformat() for p in charges if p.end <= settled_until and p.first.isoformat() < looked_at]
    return min(left, default="")


def _settled(full: Timeline, events: Sequence[Event], charged: Charged, billed_until: date) -> str:
    """How far a service can be settled: what was billed or passed over, or the period that a run reached."""
    known = [full.service.start]
    known += [end for span in charged.spans for _, end in span.live]
    known += [e.until for e in events if e.kind == "skip" and e.until is not None]
    if billed_until > full.service.start:
        known += [plan.period(billed_until)[1] for first, plan in full.schedules if first <= billed_until]
    return max(known).isoformat()


def _spans_wrong(charged: Charged, looked_at: str, catalogue: Catalogue) -> list[str]:
    """What was charged of a day more than once, or given back more than was charged.

    A period that costs the whole of it from its first day on stays charged when the service is changed within it; what is
    taken then is charged beside it.
    """
    live = sorted((*part, at) for at, span in enumerate(charged.spans) for part in span.live)
    twice = []
    for at, (_, end, number) in enumerate(live):
        for later, _, other in live[at + 1 :]:
            if later >= end:
                break
            a, b = charged.spans[number], charged.spans[other]
            if a.terms_id == b.terms_id or not (_is_whole(a, catalogue) or _is_whole(b, catalogue)):
                twice.append(later)
    wrong = [f"is charged twice from {day}" for day in twice if day.isoformat() < looked_at]
    for span in charged.spans:
        if any(a < span.first or b > span.end for a, b in span.credited):
            wrong.append(f"gave back more than was charged from {span.first}")
    return wrong


def _is_whole(span: Span, catalogue: Catalogue) -> bool:
    """Whether a span was charged whole with its first day. An older program did not keep it, and its billing code says it."""
    return (span.policy or next((catalogue.codes[c].proration for c, _, _ in span.lines if c in catalogue.codes), "")) == "whole"


def _differs(row: ServiceRow, state: State) -> bool:
    """Whether a service is kept otherwise than its events say, in what does not depend on the day on which one looks."""
    if (row.ends_on, int(row.plain)) != (state.ends_on, state.plain):
        return True
    own = PriceOverride(state.own_kind, state.own_value, state.own_reason)
    if row.plain and (row.code, row.quantity, row.parts, row.override, row.terms_on, row.terms_id) != (
        state.code,
        state.quantity,
        state.parts,
        own,
        state.terms_on,
        state.terms_id,
    ):
        return True
    begun = row.settled_until > row.service.start.isoformat()
    return begun and row.next_on != state.next_on
