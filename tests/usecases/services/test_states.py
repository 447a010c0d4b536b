"""Accounts and services: closing, suspending, opening, ending and restoring, by every road."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from netbill_tui.db.core import versions
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.errors import Refused, RunningServices
from netbill_tui.integrations.profiles import Profile
from netbill_tui.security import rights
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import accounts, changes
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.services import charges, subscriptions
from netbill_tui.usecases.services import events as service_events
from netbill_tui.usecases.services.states import status_on
from netbill_tui.usecases.verify.customers import broken_states
from tests.conftest import CLOCK, TODAY, Desk, sound
from tests.usecases.access.desks import enrolled
from tests.usecases.billing_run.shop import bill, serve, shop

STATUS = Profile("customers", {n: (n,) for n in ("account", "name", "status")})


def by_form(desk: Desk, status: str, folder: Path) -> None:
    changes.change(desk.session, "C1", {"status": status})


def by_file(desk: Desk, status: str, folder: Path) -> None:
    path = folder / "s.csv"
    path.write_text(f"account,name,status\nC1,Customer C1,{status}\n")
    result = files.run(desk.session, path, STATUS)
    if result.rejected:
        raise Refused(result.rejected[0].reason)


Road = Callable[[Desk, str, Path], None]
ROADS = pytest.mark.parametrize("road", [by_form, by_file])


@ROADS
def test_an_account_is_not_closed_over_a_running_service(desk: Desk, tmp_path: Path, road: Road):
    shop(desk)
    serve(desk)
    with pytest.raises(Refused, match="cannot be closed while a service runs"):
        road(desk, "closed", tmp_path)
    assert accounts.find_customer(desk.session, "C1").status == "active"
    sound(desk)


def test_closing_with_its_services_ends_them_and_bills_no_further(desk: Desk):
    shop(desk)
    service = serve(desk, start="2026-11-01")
    bill(desk, "2026-11-01")
    with pytest.raises(RunningServices) as refused:
        changes.change(desk.session, "C1", {"status": "closed"})
    assert refused.value.services == (service,)
    changes.change(desk.session, "C1", {"status": "closed"}, end_services=True)
    assert desk.column("select ends_on from service_state") == [TODAY.isoformat()]
    made = bill(desk, "2027-03-01")
    assert (made.issued, made.parked) == (0, [])
    for refused_act in (
        lambda: subscriptions.add(desk.session, "C1", {"code": "A", "start": "2026-12-01"}),
        lambda: charges.charge(desk.session, "C1", {"code": "A", "amount": "5"}),
    ):
        with pytest.raises(Refused, match="closed"):
            refused_act()
    sound(desk)


@ROADS
def test_suspending_an_account_suspends_its_services_and_opening_it_restores_them(desk: Desk, tmp_path: Path, road: Road):
    shop(desk)
    serve(desk, start="2026-11-01")
    road(desk, "suspended", tmp_path)
    assert desk.column("select kind from service_event where kind in ('suspend', 'restore') order by id") == ["suspend"]
    added = subscriptions.add(desk.session, "C1", {"code": "B", "start": "2026-12-01"})
    assert added is not None
    sound(desk)
    road(desk, "active", tmp_path)
    assert desk.column("select kind from service_event where kind = 'restore'") == ["restore", "restore"]
    assert broken_states(desk.session) == (0, [])
    sound(desk)


def accesses(desk: Desk, service: int) -> str:
    """The states of a service on the days on which it was switched."""
    (row,) = [r for r in subscriptions.of_account(desk.session, "C1") if r.service.id == service]
    events = service_rows.events(desk.session.db, (service,))[service]
    days = sorted({e.on for e in events if e.kind in ("suspend", "restore")})
    return ", ".join(f"{d:%m-%d} {status_on(row.service, events, d)}" for d in days)


@ROADS
def test_a_restore_ordered_before_waits_until_the_account_is_opened(desk: Desk, tmp_path: Path, road: Road):
    """Two events in time: somebody goes on holiday, and is suspended for what is overdue before that ends."""
    shop(desk)
    service = serve(desk, start="2026-09-01")
    begun, back = TODAY + timedelta(days=10), TODAY + timedelta(days=30)
    service_events.schedule_event(desk.session, service, "suspend", {"on": begun.isoformat()})
    service_events.schedule_event(desk.session, service, "restore", {"on": back.isoformat()})
    road(desk, "suspended", tmp_path)
    assert accesses(desk, service) == f"{TODAY:%m-%d} suspended, {begun:%m-%d} suspended, {back:%m-%d} suspended"
    road(desk, "active", tmp_path)
    assert accesses(desk, service) == f"{TODAY:%m-%d} active, {begun:%m-%d} suspended, {back:%m-%d} active"
    sound(desk)


def test_an_account_that_is_opened_after_the_restore_runs_again_and_not_before(desk: Desk):
    shop(desk)
    service = serve(desk, start="2026-09-01")
    back = TODAY + timedelta(days=30)
    service_events.schedule_event(desk.session, service, "suspend", {"on": TODAY.isoformat()})
    service_events.schedule_event(desk.session, service, "restore", {"on": back.isoformat()})
    changes.change(desk.session, "C1", {"status": "suspended"})
    desk.session.calendar.clock = lambda: CLOCK() + timedelta(days=32)
    assert broken_states(desk.session) == (1, [])
    with pytest.raises(Refused, match="C1 is suspended"):
        service_events.schedule_event(desk.session, service, "restore", {})
    changes.change(desk.session, "C1", {"status": "active"})
    assert accesses(desk, service).endswith(f"{back:%m-%d} suspended, {back + timedelta(days=2):%m-%d} active")
    sound(desk)


def test_what_is_suspended_for_a_reason_of_its_own_stays_so_when_the_account_is_opened(desk: Desk):
    shop(desk)
    service = serve(desk, start="2026-09-01")
    back = TODAY + timedelta(days=5)
    service_events.schedule_event(desk.session, service, "suspend", {"on": TODAY.isoformat()})
    restored, _ = service_events.schedule_event(desk.session, service, "restore", {"on": back.isoformat()})
    changes.change(desk.session, "C1", {"status": "suspended"})
    service_events.take_back(desk.session, service, restored.id, "It stays")
    desk.session.calendar.clock = lambda: CLOCK() + timedelta(days=5)
    changes.change(desk.session, "C1", {"status": "active"})
    assert accesses(desk, service).endswith(f"{back:%m-%d} suspended")
    sound(desk)


def test_a_service_whose_end_is_moved_stands_as_its_account_does(desk: Desk):
    """It had ended when the account was suspended or closed; now it would run."""
    shop(desk)
    service = serve(desk, start="2026-09-01")
    ended, _ = service_events.schedule_event(desk.session, service, "end", {"on": TODAY.isoformat()})
    changes.change(desk.session, "C1", {"status": "suspended"})
    later, _ = service_events.schedule_event(desk.session, service, "end", {"on": "2026-12-31"})
    assert broken_states(desk.session) == (1, [])
    assert [r.status for r in subscriptions.of_account(desk.session, "C1")] == ["suspended"]
    assert '"suspended":true' in str(desk.column("select detail from audit_event order by seq desc limit 1")[0])
    service_events.take_back(desk.session, service, later.id, "It ended")
    changes.change(desk.session, "C1", {"status": "closed"})
    for act in (
        lambda: service_events.take_back(desk.session, service, ended.id, "It goes on"),
        lambda: service_events.schedule_event(desk.session, service, "end", {"on": "2026-12-31"}),
    ):
        with pytest.raises(Refused, match="C1 is closed, and this service would run"):
            act()
    sound(desk)


@pytest.mark.parametrize("act", [
    lambda desk: subscriptions.add(desk.session, "C1", {"code": "A", "start": "2026-12-01"}),
    lambda desk: charges.charge(desk.session, "C1", {"code": "V", "amount": "5"}),
])  # fmt: skip
def test_nothing_is_sold_to_an_account_that_is_closed_meanwhile(desk: Desk, act: Callable[[Desk], object]):
    shop(desk)
    desk.customer("C1")
    codes.store_code(desk.session, {"code": "V", "name": "Visit", "kind": "one-time"})
    other, clock = enrolled(desk, "mira", "supervisor"), desk.session.calendar.clock

    def closes() -> datetime:
        desk.session.calendar.clock = clock
        changes.change(other, "C1", {"status": "closed"})
        return clock()

    desk.session.calendar.clock = closes
    with pytest.raises(Refused, match="changed meanwhile"):
        act(desk)
    assert desk.column("select status from customer") == ["closed"]
    assert desk.column("select count(*) from service") + desk.column("select count(*) from charge") == [0, 0]
    sound(desk)


def test_verify_names_states_that_cannot_be_and_the_run_bills_no_closed_account(desk: Desk):
    """As books of 0.4.0 hold them."""
    shop(desk)
    serve(desk, "C1", start="2026-11-01")
    second = serve(desk, "C2", start="2026-11-01")
    desk.session.db.peewee.execute_sql("update customer set status = 'closed' where account = 'C1'")
    desk.session.db.peewee.execute_sql("update customer set status = 'suspended' where account = 'C2'")
    with writing(desk.session, rights.CUSTOMER) as tx:
        versions.post(tx, versions.CUSTOMER, [int(i) for i in desk.column("select id from customer")])
        tx.note("customer.change", "C1", {"fields": ["status"]})
    count, wrong = broken_states(desk.session)
    assert count == 2
    assert "netbill change-customer C1 --set status=closed --end-services" in wrong[0]
    assert f"netbill service suspend {second} --on {TODAY}" in wrong[1]
    made = bill(desk, "2026-11-01")
    assert [account for account, _ in made.parked] == ["C1"]
    assert made.issued == 1
    # The commands that it names mend it.
    changes.change(desk.session, "C1", {"status": "closed"}, end_services=True)
    service_events.schedule_event(desk.session, second, "suspend", {"on": TODAY.isoformat()})
    assert broken_states(desk.session) == (2, [])
    again = bill(desk, "2026-11-01")
    assert (again.parked, again.issued) == ([], 1), "November up to the end, which the account owes"


def test_a_service_that_was_closed_before_it_began_does_not_run(desk: Desk):
    shop(desk)
    serve(desk, start=(TODAY + timedelta(days=20)).isoformat())
    changes.change(desk.session, "C1", {"status": "closed"}, end_services=True)
    assert broken_states(desk.session) == (1, [])
    before = desk.column("select count(*) from service_event")
    changes.change(desk.session, "C1", {"status": "closed"}, end_services=True)
    assert desk.column("select count(*) from service_event") == before
    sound(desk)


def test_no_service_of_a_suspended_account_is_connected_by_itself(desk: Desk):
    shop(desk)
    own, other = serve(desk, start="2026-11-01"), serve(desk, start="2026-11-01")
    service_events.schedule_event(desk.session, own, "suspend", {"on": TODAY.isoformat(), "reason": "lost modem"})
    changes.change(desk.session, "C1", {"status": "suspended"})
    for service in (own, other):
        with pytest.raises(Refused, match="C1 is suspended"):
            service_events.schedule_event(desk.session, service, "restore", {"on": TODAY.isoformat()})
    (event,) = desk.column(f"select max(id) from service_event where service_id = {other} and kind = 'suspend'")
    with pytest.raises(Refused, match="C1 is suspended"):
        service_events.take_back(desk.session, other, int(str(event)), "a mistake")
    sound(desk)
    changes.change(desk.session, "C1", {"status": "active"})
    assert desk.column("select service_id from service_event where kind = 'restore'") == [other], "the lost modem stays lost"
    sound(desk)
