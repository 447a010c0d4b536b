"""How a service stands: the kept row that follows from its events and from what is settled."""

from collections.abc import Sequence
from datetime import date

from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.services.charging import upcoming
from netbill_tui.billing.services.subscriptions import Event, Service, Timeline, timeline_of
from netbill_tui.db.services.subscriptions import State

FAR = date(2999, 12, 31)


def state_row(
    service: Service,
    customer_id: int,
    events: Sequence[Event],
    settled_until: date,
    check_on: date | None,
    catalogue: Catalogue,
    today: date,
) -> State:
    """The kept row of a service, from its standing events and what is settled."""
    timeline = timeline_of(service, events)
    ahead = upcoming(
        timeline, settled_until, FAR if timeline.end else date(settled_until.year + 3, 1, 1), catalogue.rules.first_bill, 1
    )
    day = max(today, service.start)
    terms = timeline.terms_on(day) or timeline.terms[-1]
    settled = max(settled_until, service.start)
    plain = (
        not any(e.kind in ("anchor",) for e in events)
        and len(timeline.terms) >= 1
        and timeline.terms[-1].first <= settled
        and not any(q is None or q > settled for _, q in timeline.pauses)
        and not any(q > settled for _, q in timeline.skips)
        # How the first bill is made stands in its events.
        and (not timeline.first_bill or settled >= timeline.is_begun)
    )
    if plain:
        terms = timeline.terms[-1]
    return State(
        service.id, customer_id, terms.code, terms.quantity, terms.parts, terms.override.kind, terms.override.value,
        terms.override.reason,
        int(plain), terms.id, max(terms.since, service.start).isoformat(), _status(timeline, events, today), iso(timeline.end),
        settled_until.isoformat(),
        iso(ahead[0] if ahead else None), iso(check_on),
    )  # fmt: skip


def iso(day: date | None) -> str | None:
    """The date as it is stored; None stays None."""
    return None if day is None else day.isoformat()


def status_on(service: Service, events: Sequence[Event], day: date) -> str:
    """How a service stands on a day, by its standing events."""
    return _status(timeline_of(service, events), events, day)


def _status(timeline: Timeline, events: Sequence[Event], today: date) -> str:
    if timeline.end is not None and timeline.end <= today:
        return "ended"
    if timeline.service.start > today:
        return "pending"
    last = [e.kind for e in events if e.on <= today and e.kind in ("pause", "resume")]
    if last and last[-1] == "pause":
        return "paused"
    off = [e.kind for e in events if e.on <= today and e.kind in ("suspend", "restore")]
    return "suspended" if off and off[-1] == "suspend" else "active"
