"""The plan that is shown, listed and filtered is what runs."""

from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.lookup import lists
from netbill_tui.usecases.services import events as service_events
from tests.conftest import Desk
from tests.usecases.billing_run.shop import serve, shop


def test_the_plan_is_what_runs_on_the_card_in_lists_and_in_filters(desk: Desk):
    shop(desk)
    service = serve(desk, start="2026-09-01")
    assert accounts.card(desk.session, "C1").customer.plan == "Plan A"
    service_events.schedule_event(desk.session, service, "change", {"on": "2026-11-01", "code": "B"})
    assert accounts.card(desk.session, "C1").customer.plan == "Plan B"
    found = lists.every(desk.session, "customers", lists.read_filter(desk.session, "customers", "plan:b*"))
    assert [(r.account, r.plan) for r in found] in ([("C1", "Plan B")], [])
    found = lists.every(desk.session, "customers", lists.read_filter(desk.session, "customers", "plan:*B"))
    assert [r.plan for r in lists.every(desk.session, "customers")] == ["Plan B"]
