"""States are one machine: what closing, suspending, a dispute and a promise bring with them, by every road."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from netbill_tui.db.core import tables
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.errors import NotFound, Refused, RunningServices
from netbill_tui.integrations.profiles import Profile
from netbill_tui.usecases.catalogue import codes, tax_rates
from netbill_tui.usecases.collections import calls, work_list
from netbill_tui.usecases.customers import accounts, changes, notes
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.lookup import lists
from netbill_tui.usecases.receivables import apply_credit, credit_notes, disputes, overdue, payments
from netbill_tui.usecases.services import charges, discounts, subscriptions
from netbill_tui.usecases.services import events as service_events
from netbill_tui.usecases.services.states import status_on
from netbill_tui.usecases.verify.book import verify
from netbill_tui.usecases.verify.customers import broken_states, taxed_twice
from tests.conftest import CLOCK, TODAY, Desk
from tests.usecases.test_billing import balance, bill, serve, shop, sound
from tests.usecases.test_operators import enrolled

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


def test_an_invoice_with_two_rates_of_one_order_is_named_until_it_is_credited(desk: Desk):
    shop(desk)
    serve(desk, start="2026-11-01")
    bill(desk, "2026-11-01")
    assert taxed_twice(desk.session) == (0, [])
    db = desk.session.db.peewee
    db.execute_sql("insert into tax_rate select id + 1000, tax_class, '2026-11-01', null, 'VAT 21', category, '21', ord, compound, "
                   "reason, created_at from tax_rate")  # fmt: skip
    db.execute_sql("insert into invoice_tax select id + 1000, invoice_id, 2, 'VAT 21', category, '21', base, 630, reason, audit_seq "
                   "from invoice_tax")  # fmt: skip
    count, wrong = taxed_twice(desk.session)
    assert count == 1
    assert "netbill credit INV-000001 --amount 6.00" in wrong[0]


def test_lines_of_two_rates_and_their_discounts_are_no_tax_taken_twice(desk: Desk):
    shop(desk)
    serve(desk, start="2026-09-15", anchor="1", mode="arrears")
    serve(desk, code="B", start="2026-10-01", anchor="1")
    discounts.discount(desk.session, "C1", {"percent": "10", "from": "2026-09-01"})
    tax_rates.add_rate(desk.session, "std", {"percent": "25", "name": "VAT 25 %", "from": "2026-10-01"})
    bill(desk, "2026-10-01")
    assert desk.column("select percent from invoice_tax order by position") == ["20", "25"]
    assert taxed_twice(desk.session) == (1, [])
    sound(desk)


def test_a_period_charged_whole_stays_charged_beside_what_it_is_changed_to(desk: Desk):
    shop(desk)
    codes.store_code(desk.session, {"code": "W", "name": "Plan W", "tax_class": "std", "proration": "whole"})
    codes.add_price(desk.session, "W", {"amount": "30", "from": "2020-01-01"})
    service = serve(desk, code="W", start="2026-11-01")
    bill(desk, "2026-11-01")
    service_events.schedule_event(desk.session, service, "change", {"code": "B", "on": "2026-11-16"})
    bill(desk, "2026-12-01")
    assert desk.column("select charged from billed where service_id > 0 order by id") == [3000, 3000, 6000]
    sound(desk)
    # A day that is charged twice on terms that give back is still named.
    names = [f.column_name for f in tables.Billed._meta.sorted_fields]
    values = ", ".join({"id": "id + 90000", "first_on": "'2026-12-05'"}.get(n, n) for n in names)
    desk.session.db.peewee.execute_sql(
        f"insert into billed ({', '.join(names)}) select {values} from billed where first_on = '2026-12-01'"
    )
    (wrong,) = [c.broken for c in verify(desk.session) if c.name.startswith("services")]
    assert f"service {service} is charged twice from 2026-12-05" in wrong


def test_a_dispute_names_its_invoice_is_listed_answered_and_withdrawn(desk: Desk):
    desk.customer("C1")
    first, second = desk.invoice("C1", 1000, due=-40), desk.invoice("C1", 2000, due=-20)
    assert disputes.start(desk.session, second, "The line was down") == second
    with pytest.raises(Refused, match="disputed already"):
        disputes.start(desk.session, second, "The line was down")
    (one,) = disputes.listed(desk.session)
    assert (one.number, one.account, one.open, one.reason) == (second, "C1", 2000, "The line was down")
    desk.pay("C1", 3000)
    assert [(i.number, i.open) for i in payments.open_invoices(desk.session, "C1")] == [(second, 2000)]
    assert accounts.card(desk.session, "C1").disputed == 2000
    # Answered: the credit that stands settles it.
    assert disputes.end(desk.session, second, "answered", "It was up, see the log") == second
    assert disputes.listed(desk.session) == []
    assert payments.open_invoices(desk.session, "C1") == []
    with pytest.raises(NotFound, match="is not disputed"):
        disputes.end(desk.session, first, "withdrawn", "They called")
    with pytest.raises(NotFound):
        disputes.start(desk.session, "INV-9", "The line was down")
    sound(desk)


def test_a_call_disputes_the_invoice_that_is_named_or_the_oldest_overdue(desk: Desk):
    desk.customer("C1")
    first, second = desk.invoice("C1", 1000, due=-40), desk.invoice("C1", 2000, due=-20)
    calls.outcome(desk.session, "C1", "d", "Not this one", invoice=second)
    calls.outcome(desk.session, "C1", "d", "Nor that one")
    assert [d.number for d in disputes.listed(desk.session, "C1")] == [second, first]
    assert work_list.work(desk.session) == []
    disputes.end(desk.session, first, "withdrawn", "They called")
    assert [r.account for r in work_list.work(desk.session)] == ["C1"]
    sound(desk)


def test_a_promise_ends_when_what_was_overdue_is_paid_and_stands_again_when_the_payment_goes_back(desk: Desk):
    desk.customer("C1")
    desk.invoice("C1", 1000, due=-40)
    desk.invoice("C1", 700, due=20)
    promised = TODAY + timedelta(days=7)
    calls.outcome(desk.session, "C1", "m", "", promised)

    def standing() -> list[object]:
        return desk.column("select promise_on from customer_total")

    desk.pay("C1", 400)
    assert standing() == [promised.isoformat()], "a part of it"
    one = desk.pay("C1", 600)
    assert standing() == [None]
    payments.reverse(desk.session, one.row.receipt, "bounced", returned=True)
    assert standing() == [promised.isoformat()]
    desk.pay("C1", 601)
    assert standing() == [None]
    assert sum("promise" in str(n.outcome) for n in notes.of_customer(desk.session, "C1")) >= 1
    sound(desk)


def test_credit_never_stands_beside_what_is_overdue(desk: Desk):
    """A payment that bounces opens its invoice again: the credit of the account settles it, whatever it came from."""
    shop(desk)
    serve(desk, start="2026-09-01")
    bill(desk, "2026-09-01")
    paid = desk.pay("C1", 3600)
    desk.pay("C1", 3000)
    assert accounts.card(desk.session, "C1").totals.credit == 3000
    payments.reverse(desk.session, paid.row.receipt, "no funds", returned=True)
    totals = accounts.card(desk.session, "C1").totals
    assert (totals.credit, totals.open, balance(desk)) == (0, 600, 600)
    assert [r.account for r in overdue.queue(desk.session)] == [r.account for r in lists.every(desk.session, "overdue")]
    sound(desk)


def test_credit_is_applied_by_hand_once(desk: Desk, tmp_path: Path):
    desk.customer("C1")
    number = desk.invoice("C1", 1000, due=-40)
    disputes.start(desk.session, number, "The line was down")
    desk.pay("C1", 1500)
    with pytest.raises(Refused, match="no open invoice that is not disputed"):
        apply_credit.apply_credit(desk.session, "C1")
    later = desk.invoice("C1", 400, due=-3)
    request_id = uuid.uuid4().bytes
    for _ in range(2):
        made = apply_credit.apply_credit(desk.session, "C1", request_id=request_id)
        assert (made.used, made.left) == (400, 1100)
    assert desk.column(f"select a.amount from allocation a join invoice i on i.id = a.invoice_id where i.number = '{later}'") == [
        400
    ]
    assert desk.column("select count(*) from audit_event where action = 'credit.apply'") == [1]
    with pytest.raises(Refused):
        apply_credit.apply_credit(desk.session, "C1")
    sound(desk)


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


@pytest.mark.parametrize(
    "act", ["reverse", "credit", "charge", "discount", "service", "event", "note", "call", "dispute", "customer"]
)
def test_a_request_that_is_sent_again_posts_one_row_and_one_event(desk: Desk, act: str):
    """A line that dies after the commit: the same form is sent again."""
    shop(desk)
    codes.store_code(desk.session, {"code": "VISIT", "name": "Visit", "kind": "one-time", "tax_class": "std"})
    service = serve(desk, start="2026-09-01")
    bill(desk, "2026-09-01")
    receipt = desk.pay("C1", 100).row.receipt
    request_id, s = uuid.uuid4().bytes, desk.session
    acts: dict[str, Callable[[], object]] = {
        "reverse": lambda: payments.reverse(s, receipt, "wrong account", request_id=request_id),
        "credit": lambda: credit_notes.credit(s, "INV-000001", "goodwill", amount=120, request_id=request_id),
        "charge": lambda: charges.charge(s, "C1", {"code": "VISIT", "amount": "5"}, request_id=request_id),
        "discount": lambda: discounts.discount(s, "C1", {"percent": "10", "from": "2026-11-01"}, request_id=request_id),
        "service": lambda: subscriptions.add(s, "C1", {"code": "B", "start": "2026-12-01"}, request_id=request_id),
        "event": lambda: service_events.schedule_event(
            s, service, "change", {"on": "2026-11-01", "code": "B"}, request_id=request_id
        ),
        "note": lambda: notes.add(s, "C1", "Called about the line", request_id=request_id),
        "call": lambda: calls.outcome(s, "C1", "n", request_id=request_id),
        "dispute": lambda: disputes.start(s, "INV-000001", "The line was down", request_id=request_id),
        "customer": lambda: changes.create(s, {"name": "Ann", "kind": "residential"}, request_id=request_id),
    }
    before = desk.column("select count(*) from audit_event")
    first = acts[act]()
    events, rows = desk.column("select count(*) from audit_event"), every_table(desk)
    assert events[0] == before[0] + 1  # type: ignore[operator]
    second = acts[act]()
    assert desk.column("select count(*) from audit_event") == events
    assert every_table(desk) == rows
    assert type(second) is type(first)
    sound(desk)


def every_table(desk: Desk) -> dict[str, object]:
    names = desk.session.db.peewee.get_tables()
    return {name: desk.column(f"select count(*) from {name}")[0] for name in names}


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


def test_a_promise_ends_with_the_credit_note_that_covers_it(desk: Desk):
    desk.customer("C1")
    number = desk.invoice("C1", 1000, due=-40)
    calls.outcome(desk.session, "C1", "m", "", TODAY + timedelta(days=7))
    credit_notes.credit(desk.session, number, "never connected")
    assert desk.column("select promise_on from customer_total") == [None]
    sound(desk)


def test_what_is_sealed_is_no_part_of_the_hash_of_a_request(desk: Desk):
    request_id = uuid.uuid4().bytes
    plain = {"name": "Ann", "kind": "residential"}
    made = changes.create(desk.session, {**plain, "phone": "+44 20 7946 0199", "street": "1 High Street"}, request_id=request_id)
    # The hash is that of what stands in clear: sent again with another number it is the same request.
    again = changes.create(desk.session, {**plain, "phone": "+44 20 7946 0000", "email": "a@example.org"}, request_id=request_id)
    assert again.account == made.account
    assert desk.column("select count(*) from customer") == [1]
