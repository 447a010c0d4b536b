"""What an event would do is what it does, and looking at it does nothing."""

import pytest

from netbill_tui.errors import NetbillError
from netbill_tui.usecases.services import effects, estimates, events
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk
from tests.usecases.billing_run.shop import bill, serve, shop

EVENTS = {
    "change": {"on": "2026-12-11", "code": "B"}, "price": {"on": "2026-12-01", "price": "9.99"}, "pause": {"on": "2026-12-05"},
    "end": {"on": "2026-12-16", "policy": "days"}, "suspend": {"on": "2026-11-25"}, "anchor": {"on": "2026-11-22", "anchor": "15"},
}  # fmt: skip


def _tables(desk: Desk) -> dict[str, list[object]]:
    names = ("service_event", "service_state", "audit_event", "number_series", "audit_head", "record_version")
    return {n: desk.session.db.peewee.execute_sql(f"select * from {n} order by 1, 2").fetchall() for n in names}  # noqa: S608


@pytest.mark.parametrize("kind", EVENTS)
def test_the_effect_is_what_happens(desk: Desk, kind: str):
    shop(desk)
    number = serve(desk, "C1", "A", start="2026-11-01")
    bill(desk, "2026-11-01")
    before = _tables(desk)
    effect = effects.effect(desk.session, number, kind, EVENTS[kind])
    assert _tables(desk) == before, "looking changes nothing"
    assert effect.before == estimates.next_bill(desk.session, "C1", 2)
    events.schedule_event(desk.session, number, kind, EVENTS[kind])
    posted = estimates.next_bill(desk.session, "C1", 2)
    assert [(b.bill_date, b.total) for b in effect.after.bills] == [(b.bill_date, b.total) for b in posted.bills]
    assert [n.text for b in effect.after.bills for n in b.lines] == [n.text for b in posted.bills for n in b.lines]
    assert [b for c in verify(desk.session) for b in c.broken] == []


def test_what_cannot_happen_is_refused_as_it_would_be(desk: Desk):
    shop(desk)
    number = serve(desk, "C1", "A", start="2026-11-01")
    before = _tables(desk)
    for kind, fields in (
        ("change", {"code": "nothing"}),
        ("resume", {}),
        ("pause", {"on": "2020-01-01"}),
        ("price", {"price": "12.5.0"}),
    ):
        with pytest.raises(NetbillError):
            effects.effect(desk.session, number, kind, fields)
    assert _tables(desk) == before
