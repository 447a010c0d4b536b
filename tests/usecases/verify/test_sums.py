"""What verify says of taxes, spans and charges, and of what only looks wrong."""

from netbill_tui.db.core import tables
from netbill_tui.usecases.catalogue import codes, tax_rates
from netbill_tui.usecases.services import charges, discounts
from netbill_tui.usecases.services import events as service_events
from netbill_tui.usecases.verify.book import verify
from netbill_tui.usecases.verify.customers import taxed_twice
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import bill, serve, shop


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


def test_verify_knows_a_charge_that_was_withdrawn_from_one_that_is_lost(desk: Desk):
    shop(desk)
    desk.customer()
    codes.store_code(desk.session, {"code": "V", "name": "Visit", "kind": "one-time"})
    first = charges.charge(desk.session, "C1", {"code": "V", "amount": "50"})
    second = charges.charge(desk.session, "C1", {"code": "V", "amount": "60"})
    charges.withdraw(desk.session, "C1", first.id, "not done")
    sound(desk)
    desk.session.db.peewee.execute_sql(f"delete from pending_charge where charge_id = {second.id}")
    (wrong,) = [c.broken for c in verify(desk.session) if c.name.startswith("services")]
    assert wrong == [f"charge {second.id} is not waiting and was never billed"]
