"""Credit notes by hand and by the run, and undoing a run: nothing is given back twice, and nothing is lost, on both engines."""

import pytest

from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.services import catalogue, charges, credit_notes, customers, dues, finding, payments, service_events, undoing
from tests.conftest import Desk
from tests.services.test_billing import balance, bill, everything, serve, shop, sound


def test_what_was_credited_by_hand_is_not_given_back_again(desk: Desk):
    shop(desk)
    service_id = serve(desk)
    bill(desk, "2026-09-01")
    credit_notes.credit(desk.session, "INV-000001", "never connected")
    service_events.happen(desk.session, service_id, "end", {"on": "2026-09-16"})
    bill(desk, "2026-09-20")
    assert balance(desk) == 0
    sound(desk)


def test_crediting_every_line_gives_exactly_the_total_back(desk: Desk):
    shop(desk, A="33.33")
    serve(desk)
    charges.discount(desk.session, "C1", {"percent": "10", "from": "2026-01-01"})
    bill(desk, "2026-09-01")
    total = balance(desk)
    for amount in (1, 333, 1000):
        credit_notes.credit(desk.session, "INV-000001", "in parts", amount=amount)
    credit_notes.credit(desk.session, "INV-000001", "the rest")
    assert balance(desk) == 0
    assert sum(int(str(t)) for t in desk.column("select total from credit_note")) == total
    with pytest.raises(InvalidInput, match="Nothing is left"):
        credit_notes.credit(desk.session, "INV-000001", "once more")
    sound(desk)


def test_a_line_is_credited_at_most_what_it_really_cost(desk: Desk):
    shop(desk)
    serve(desk)
    charges.discount(desk.session, "C1", {"percent": "50", "from": "2026-01-01"})
    bill(desk, "2026-09-01")
    with pytest.raises(InvalidInput, match=r"15\.00 left"):
        credit_notes.credit(desk.session, "INV-000001", "too much", lines={1: 1501})
    assert credit_notes.credit(desk.session, "INV-000001", "all of it", lines={1: 1500}).net == 1500


def test_undoing_a_run_gives_all_back_and_lets_it_be_run_again(desk: Desk):
    shop(desk)
    catalogue.store_code(desk.session, {"code": "VISIT", "name": "Visit", "kind": "one-time", "category": "one-off"})
    catalogue.add_price(desk.session, "VISIT", {"amount": "25", "from": "2020-01-01"})
    serve(desk, "C1")
    serve(desk, "C2", "B")
    charges.charge(desk.session, "C1", {"code": "VISIT", "on": "2026-09-01"})
    desk.pay("C2", 1000)
    first = bill(desk, "2026-09-01")
    before = everything(desk)
    undoing.undo(desk.session, first.run, "wrong prices")
    assert (balance(desk, "C1"), balance(desk, "C2")) == (0, -1000)
    sound(desk)
    assert bill(desk, "2026-09-01").net == first.net
    assert [one for one in everything(desk) if '"type": "invoice"' in one] == sorted(before * 2)
    assert balance(desk, "C1") == 3600 + 2500
    sound(desk)
    payments.reverse(desk.session, "R-10001", "bounced", returned=True)
    assert balance(desk, "C2") == 7200
    sound(desk)


def test_only_the_newest_run_without_payments_can_be_undone(desk: Desk):
    shop(desk)
    serve(desk)
    bill(desk, "2026-09-01")
    bill(desk, "2026-10-01")
    with pytest.raises(Refused, match="RUN-0002 billed after"):
        undoing.undo(desk.session, "RUN-0001", "too late")
    desk.pay("C1", 8000)
    with pytest.raises(Refused, match="paid"):
        undoing.undo(desk.session, "RUN-0002", "paid already")


def test_a_run_that_gave_back_unused_days_leaves_less_to_give_back_by_hand(desk: Desk):
    shop(desk)
    service_id = serve(desk)
    bill(desk, "2026-09-01")
    service_events.happen(desk.session, service_id, "end", {"on": "2026-09-16"})
    bill(desk, "2026-09-16")
    whole = credit_notes.invoice(desk.session, "INV-000001")
    assert credit_notes.left_of(desk.session, whole) == 1800
    with pytest.raises(InvalidInput):
        credit_notes.credit(desk.session, "INV-000001", "goodwill for all of it", amount=3600)
    credit_notes.credit(desk.session, "INV-000001", "goodwill for all of it")
    assert balance(desk) == 0
    sound(desk)


def test_two_undone_runs_are_billed_again_month_by_month(desk: Desk):
    shop(desk)
    serve(desk, "C1")
    serve(desk, "C2", "B")
    bill(desk, "2026-09-01")
    bill(desk, "2026-10-01")
    undoing.undo(desk.session, "RUN-0002", "wrong price list")
    undoing.undo(desk.session, "RUN-0001", "wrong price list")
    assert balance(desk) == balance(desk, "C2") == 0
    for day in ("2026-09-01", "2026-10-01", "2026-11-01"):
        assert bill(desk, day).issued == 2
    assert (balance(desk), balance(desk, "C2")) == (3 * 3600, 3 * 7200)
    assert bill(desk, "2026-11-02").issued == 0
    sound(desk)


def test_crediting_an_invoice_whole_takes_its_credit_line_along(desk: Desk):
    """The days that were given back on it stand charged again, so that a change taken back comes out at the course without it."""
    shop(desk, A="30", B="61")
    service_id = serve(desk, start="2026-01-10", anchor="10")
    bill(desk, "2026-01-10")
    changed, _ = service_events.happen(desk.session, service_id, "change", {"code": "B", "on": "2026-01-10"})
    bill(desk, "2026-01-12")
    (number,) = [n for n in desk.column("select number from invoice") if n != "INV-000001"]
    credit_notes.credit(desk.session, number, "the change was never wanted")
    service_events.take_back(desk.session, service_id, changed.id, "the change was never wanted")
    bill(desk, "2026-01-13")
    assert balance(desk) == 3600
    bill(desk, "2026-03-10", catch_up="all")
    assert balance(desk) == 3 * 3600
    sound(desk)


def test_what_undoes_a_run_is_not_credited_again(desk: Desk):
    shop(desk)
    service_id = serve(desk)
    bill(desk, "2026-09-01")
    service_events.happen(desk.session, service_id, "end", {"on": "2026-09-16"})
    bill(desk, "2026-09-16")
    undoing.undo(desk.session, "RUN-0002", "the end was wrong")
    with pytest.raises(Refused, match="bill again"):
        credit_notes.credit(desk.session, "INV-000002", "take it back")


def test_an_invoice_that_was_credited_whole_says_so_everywhere(desk: Desk):
    shop(desk)
    serve(desk)
    bill(desk, "2026-09-01")
    credit_notes.credit(desk.session, "INV-000001", "half of it was never delivered", amount=1800)
    assert dues.invoice(desk.session, "INV-000001")[0].state == "part paid"
    credit_notes.credit(desk.session, "INV-000001", "the other half neither")
    assert dues.invoice(desk.session, "INV-000001")[0].state == "credited"
    assert [d.state for d in customers.invoices_of(desk.session, "C1")] == ["credited"]
    assert [h.state for h in finding.find(desk.session, "INV-000001")] == ["credited"]
