"""The billing run, credit notes and undo in a book, on both engines. The rules themselves are tested in tests/billing."""

import contextlib
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from netbill_tui.billing.customers.accounts import NewCustomer
from netbill_tui.errors import InvalidInput, NotSaved, Refused
from netbill_tui.usecases.billing_run import issue, undo
from netbill_tui.usecases.billing_run.preview import BATCH
from netbill_tui.usecases.books.create import NewBook, at, make_book
from netbill_tui.usecases.catalogue import codes, rules, tax_rates
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import accounts, changes, registration
from netbill_tui.usecases.receivables import credit_notes, credit_parts, documents
from netbill_tui.usecases.receivables.ageing import ageing
from netbill_tui.usecases.services import discounts, events, orders, subscriptions
from netbill_tui.usecases.verify.book import verify
from tests.conftest import CLOCK, Desk, sound
from tests.usecases.billing_run.shop import D, balance, bill, everything, serve, shop


def test_a_run_issues_once_and_a_second_one_adds_no_row(desk: Desk):
    shop(desk)
    serve(desk, "C1")
    serve(desk, "C2", "B")
    first = bill(desk, "2026-09-01")
    assert (first.issued, first.lines, first.net, first.tax, first.parked) == (2, 2, 9000, 1800, [])
    rows = desk.column("select count(*) from audit_event"), desk.column("select count(*) from billing_run")
    again = bill(desk, "2026-09-01")
    assert (again.issued, again.already, again.run) == (0, 2, "")
    assert (desk.column("select count(*) from audit_event"), desk.column("select count(*) from billing_run")) == rows
    sound(desk)


def test_a_preview_changes_nothing_and_says_what_the_run_then_does(desk: Desk):
    shop(desk)
    serve(desk)
    before = desk.column("select count(*) from audit_event")
    told = issue.preview(desk.session, D(2026, 9, 1))
    assert desk.column("select count(*) from audit_event") == before
    done = bill(desk, "2026-09-01")
    assert (told.issued, told.lines, told.net, told.tax) == (done.issued, done.lines, done.net, done.tax)
    assert [(e.account, e.kind) for e in told.exceptions] == [("C1", "new")]


def test_who_cannot_be_billed_is_parked_with_the_reason_and_the_others_are_billed(desk: Desk):
    shop(desk)
    codes.store_code(desk.session, {"code": "FREE", "name": "No price"})
    serve(desk, "C1", "FREE")
    serve(desk, "C2")
    desk.customer("C3", "No Terms")
    serve(desk, "C3")
    changes.change(desk.session, "C3", {"terms_days": "none"})
    codes.store_code(desk.session, {"code": "ENDED", "name": "Ended"})
    codes.add_price(desk.session, "ENDED", {"amount": "5", "from": "2020-01-01", "until": "2026-01-01"})
    serve(desk, "C4", "ENDED")
    made = bill(desk, "2026-09-01")
    assert made.issued == 1
    reasons = dict(made.parked)
    assert "no price on 2026-09-01" in reasons["C1"]
    assert "no payment terms" in reasons["C3"]
    assert "has ended" in reasons["C4"]
    assert [p.account for p in issue.parked(desk.session)] == ["C1", "C3", "C4"]
    codes.add_price(desk.session, "FREE", {"amount": "7", "from": "2020-01-01"})
    assert issue.bill_one(desk.session, "C1", D(2026, 9, 1)).issued == 1
    assert [p.account for p in issue.parked(desk.session)] == ["C3", "C4"]
    sound(desk)


def test_missed_periods_wait_for_a_choice(desk: Desk):
    shop(desk)
    serve(desk)
    assert "3 whole periods" in bill(desk, "2026-11-01").parked[0][1]
    assert bill(desk, "2026-11-01", catch_up="latest").issued == 1
    assert desk.column("select bill_date from invoice") == ["2026-11-01"]
    assert bill(desk, "2026-12-01").issued == 1
    sound(desk)


def test_all_missed_periods_make_one_invoice_each_in_order(desk: Desk):
    shop(desk)
    serve(desk)
    assert bill(desk, "2026-11-01", catch_up="all").issued == 3
    assert desk.column("select bill_date from invoice order by number") == ["2026-09-01", "2026-10-01", "2026-11-01"]
    assert set(desk.column("select issued_on from invoice")) == {"2026-11-01"}


def test_nothing_is_dated_after_the_day_it_is_posted(desk: Desk):
    shop(desk)
    serve(desk, start="2026-12-01")
    assert bill(desk, "2026-12-01").issued == 1
    assert desk.column("select issued_on from invoice") == ["2026-11-22"]
    assert desk.column("select bill_date from invoice") == ["2026-12-01"]
    sound(desk)


def test_credit_is_used_by_itself_when_an_invoice_posts(desk: Desk):
    shop(desk)
    serve(desk)
    desk.pay("C1", 5000)
    bill(desk, "2026-09-01")
    card = accounts.card(desk.session, "C1")
    assert (card.totals.balance, card.totals.credit) == (3600 - 5000, 1400)
    assert accounts.dues_of(desk.session, "C1") == []
    sound(desk)


def test_the_ageing_of_any_day_agrees_after_runs_credits_and_undo(desk: Desk):
    shop(desk)
    serve(desk)
    for day in ("2026-09-01", "2026-10-01", "2026-11-01"):
        bill(desk, day)
    credit_notes.credit(desk.session, "INV-000001", "line was down", amount=1000)
    desk.pay("C1", 700)
    undo.undo(desk.session, "RUN-0003", "wrong day")
    sound(desk)
    for days in range(90):
        desk.session.calendar.as_of = D(2026, 9, 1) + timedelta(days=days)
        assert ageing(desk.session).total == accounts.card(desk.session, "C1").totals.balance
    desk.session.calendar.as_of = None
    assert balance(desk) == 2 * 3600 - 1000 - 700


def test_a_change_is_credited_and_charged_on_the_next_invoice(desk: Desk):
    shop(desk)
    service_id = serve(desk)
    bill(desk, "2026-09-01")
    events.schedule_event(desk.session, service_id, "change", {"code": "B", "on": "2026-09-16"})
    bill(desk, "2026-10-01")
    kinds = desk.column("select kind || ' ' || amount from invoice_line order by id")
    assert kinds == ["recurring 3000", "recurring 3000", "recurring 6000", "credit -1500"]
    assert balance(desk) == (3000 + 3000 + 6000 - 1500) * 12 // 10
    sound(desk)


def test_an_end_in_mid_period_makes_a_credit_note_where_no_invoice_comes(desk: Desk):
    shop(desk)
    service_id = serve(desk)
    bill(desk, "2026-09-01")
    events.schedule_event(desk.session, service_id, "end", {"on": "2026-09-16"})
    made = bill(desk, "2026-09-16")
    assert (made.issued, made.credits, made.net) == (0, 1, -1500)
    assert [d.open for d in accounts.dues_of(desk.session, "C1")] == [1800]
    assert bill(desk, "2026-11-01").credits == 0
    sound(desk)


def test_an_imported_number_is_passed_over(desk: Desk):
    shop(desk)
    desk.customer("C9")
    desk.invoice("C9", 1000, due=5, number="INV-000002")
    serve(desk)
    serve(desk, "C2")
    assert bill(desk, "2026-09-01").issued == 2
    assert "INV-000002" in desk.column(
        "select number from invoice where customer_id in (select id from customer where account='C9')"
    )
    sound(desk)


def test_a_price_that_was_used_is_never_changed(desk: Desk):
    shop(desk)
    serve(desk)
    bill(desk, "2026-09-01")
    with pytest.raises(Refused, match="An invoice used"):
        codes.drop_price(desk.session, "A", "2020-01-01")
    with pytest.raises(Exception, match="never changed"):
        desk.session.db.peewee.execute_sql("update price set amount = 1 where code = 'A'")
    codes.add_price(desk.session, "A", {"amount": "35", "from": "2026-10-01"})
    bill(desk, "2026-10-01")
    assert desk.column("select amount from invoice_line order by id") == [3000, 3500]


def test_a_raise_names_whom_a_promotion_spares_from_its_end_on(desk: Desk):
    shop(desk)
    codes.add_price(desk.session, "B", {"amount": "60", "promo_amount": "40", "promo_periods": "3", "from": "2026-09-01"})
    serve(desk, "C1", "B", start="2026-10-01")
    serve(desk, "C2", "B", start="2026-06-01")
    _, told = codes.add_price(desk.session, "B", {"amount": "70", "from": "2026-12-01"}, dry_run=True)
    assert [(a.account, a.old, a.new, a.from_on) for a in told] == [
        ("C1", 6000, 7000, "2027-01-01"), ("C2", 6000, 7000, "2026-12-01"),
    ]  # fmt: skip
    codes.add_price(desk.session, "B", {"amount": "70", "from": "2026-12-01"})
    bill(desk, "2027-01-01", catch_up="all")
    lines = desk.column(
        "select l.period_first || ' ' || l.amount from invoice_line l join invoice i on i.id = l.invoice_id join customer c "
        "on c.id = i.customer_id where c.account = 'C1' and l.kind = 'recurring' order by l.period_first"
    )
    assert lines == ["2026-10-01 4000", "2026-11-01 4000", "2026-12-01 4000", "2027-01-01 7000"]


def test_a_raise_names_who_is_affected_and_leaves_own_prices_out(desk: Desk):
    shop(desk)
    serve(desk, "C1")
    serve(desk, "C2", price="9.90")
    price, found = codes.add_price(desk.session, "A", {"amount": "35", "from": "2026-12-01", "notice": "yes"}, dry_run=True)
    assert [(a.account, a.old, a.new, a.own) for a in found] == [("C1", 3000, 3500, False), ("C2", 3000, 3500, True)]
    assert codes.load(desk.session).prices_of("A")[-1].amount == 3000


def test_a_rate_of_one_order_leaves_the_others_in_force(desk: Desk):
    tax_rates.add_rate(desk.session, "Q", {"percent": "5", "name": "GST"})
    tax_rates.add_rate(desk.session, "Q", {"percent": "10", "name": "PST", "order": "2", "compound": "yes"})
    tax_rates.add_rate(desk.session, "Q", {"percent": "12", "name": "PST", "order": "2", "compound": "yes", "from": "2026-11-01"})
    book = codes.load(desk.session)
    assert [r.percent for r in book.rates_on("Q", "2026-10-01")] == ["5", "10"]
    assert [r.percent for r in book.rates_on("Q", "2026-11-01")] == ["5", "12"]


def test_drafts_wait_their_days_and_are_issued_by_the_run(desk: Desk):
    shop(desk)
    rules.set_rule(desk.session, "drafts_days", "3")
    serve(desk)
    assert (bill(desk, "2026-09-01").issued, bill(desk, "2026-09-02").issued) == (0, 0)
    assert [(d.bill_date, d.posts_on) for d in issue.drafts(desk.session)] == [("2026-09-01", "2026-09-04")]
    assert bill(desk, "2026-09-04").issued == 1
    assert issue.drafts(desk.session) == []
    sound(desk)


def test_a_dry_event_and_the_real_one_agree_and_refuse_the_same(desk: Desk):
    shop(desk)
    service_id = serve(desk)
    for dry_run in (True, False):
        with pytest.raises(Refused):
            events.schedule_event(desk.session, service_id, "resume", {"on": "2026-09-10"}, dry_run=dry_run)
        with pytest.raises(InvalidInput):
            events.schedule_event(desk.session, service_id, "end", {"on": "2026-08-10"}, dry_run=dry_run)
    events.schedule_event(desk.session, service_id, "pause", {"on": "2026-09-10"}, dry_run=True)
    assert subscriptions.find_service(desk.session, service_id)[1].status == "active"


def test_an_event_that_is_taken_back_is_given_back_by_the_run(desk: Desk):
    shop(desk)
    service_id = serve(desk)
    bill(desk, "2026-09-01")
    events.schedule_event(desk.session, service_id, "pause", {"on": "2026-09-11"})
    bill(desk, "2026-09-11")
    resumed, _ = events.schedule_event(desk.session, service_id, "resume", {"on": "2026-10-01"})
    bill(desk, "2026-10-01")
    events.take_back(desk.session, service_id, resumed.id, "never came back")
    bill(desk, "2026-11-20")
    assert balance(desk) == 1000 * 12 // 10
    sound(desk)


@pytest.mark.parametrize("how", ["nights", "once", "killed", "zone"])
def test_a_year_comes_out_the_same_however_it_is_billed(tmp_path, how: str):
    """Night by night, in one catch-up, killed twenty times, in another zone: the same invoices."""
    tmp_path.chmod(0o700)
    made = {}
    for name, zone in (("plain", "UTC"), (how, "Pacific/Auckland" if how == "zone" else "UTC")):
        target = str(tmp_path / f"{name}.db")
        book = make_book(target, NewBook("Acme", "EUR", zone, "GB", "boss", None), clock=at("2026-12-31T12:00:00"))
        desk = shop(Desk(book.session, target, book))
        a_years_customers(desk)
        {"plain": by_nights, "nights": by_nights, "once": at_once, "killed": killed, "zone": by_nights}[name](desk)
        made[name] = everything(desk)
        sound(desk)
        book.session.db.close()
    assert len(made["plain"]) > 60
    assert made["plain"] == made[how]


def a_years_customers(desk: Desk) -> None:
    for n, (start, more) in enumerate([
        ("2026-01-31", {}), ("2026-02-10", {"anchor": "1"}), ("2026-03-05", {"mode": "arrears"}), ("2026-01-15", {"cycle": "3M"}),
        ("2026-04-01", {"quantity": "2.5"}), ("2026-05-29", {"price": "19.90", "price_until": "2026-08-10"}),
        ("2026-01-05", {"cycle": "28D"}),
    ]):  # fmt: skip
        service_id = serve(desk, f"C{n}", start=start, **more)
        events.schedule_event(desk.session, service_id, "change", {"code": "B", "on": "2026-07-03"})
        if n % 2:
            events.schedule_event(desk.session, service_id, "pause", {"on": "2026-08-20"})
            events.schedule_event(desk.session, service_id, "resume", {"on": "2026-09-12"})
        if n % 3 == 0:
            events.schedule_event(desk.session, service_id, "end", {"on": "2026-11-11"})
    discounts.discount(desk.session, "C1", {"percent": "10", "from": "2026-03-01", "until": "2026-09-01"})


def by_nights(desk: Desk) -> None:
    day = D(2026, 1, 1)
    while day <= D(2026, 12, 31):
        issue.issue(desk.session, day, pause_s=0)
        day += timedelta(days=1)


def at_once(desk: Desk) -> None:
    assert not bill(desk, "2026-12-31", catch_up="all").parked


def killed(desk: Desk) -> None:
    """Cut short behind every single customer, over and over."""
    for month in range(1, 13):
        day = D(2026, month, 28)
        for _ in range(20):
            issue.issue(desk.session, day, catch_up="all", pause_s=0, batch=1, should_stop=lambda: True)
    at_once(desk)


def test_a_run_that_dies_in_a_batch_leaves_whole_invoices_and_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    shop(desk)
    for n in range(6):
        serve(desk, f"C{n}")
    real = desk.session.db.run_many
    calls = {"left": 25}

    def dies(statement, rows):
        calls["left"] -= 1
        if calls["left"] == 0:
            raise NotSaved("the disk is full")
        return real(statement, rows)

    monkeypatch.setattr(desk.session.db, "run_many", dies)
    with pytest.raises(NotSaved):
        bill(desk, "2026-09-01", batch=2)
    monkeypatch.undo()
    some = len(desk.column("select id from invoice"))
    assert 0 < some < 6
    sound(desk)
    assert bill(desk, "2026-09-01").issued == 6 - some
    assert desk.column("select count(*) from invoice group by customer_id") == [1] * 6
    numbers = sorted(str(n) for n in desk.column("select number from invoice"))
    assert numbers == [f"INV-{n:06d}" for n in range(1, 7)]


def test_a_customer_whom_the_database_refuses_is_parked_alone(sqlite_desk: Desk):
    desk = shop(sqlite_desk)
    for n in range(4):
        serve(desk, f"C{n}")
    desk.session.db.peewee.execute_sql(
        "create trigger bad before insert on invoice when new.customer_id = (select id from customer where account = 'C2') "
        "begin select raise(abort, 'posted rows of invoice: refused'); end"
    )
    made = bill(desk, "2026-09-01")
    assert (made.issued, [a for a, _ in made.parked]) == (3, ["C2"])
    desk.session.db.peewee.execute_sql("drop trigger bad")
    assert bill(desk, "2026-09-01").issued == 1


def test_an_exemption_takes_no_tax_until_it_ends(desk: Desk):
    shop(desk)
    serve(desk)
    discounts.exempt(desk.session, "C1", "EX-1", D(2026, 9, 1), D(2026, 10, 1))
    bill(desk, "2026-09-01")
    bill(desk, "2026-10-01")
    assert desk.column("select tax from invoice order by number") == [0, 600]
    assert desk.column("select category || reason from invoice_tax order by id") == ["EEX-1", "S"]


def test_prices_with_tax_in_them(desk: Desk):
    rules.set_rule(desk.session, "inclusive", "yes")
    shop(desk, A="59.99")
    serve(desk)
    bill(desk, "2026-09-01")
    assert desk.column("select total || ' ' || tax from invoice") == ["5999 1000"]
    sound(desk)


@pytest.mark.parametrize(("currency", "price", "minor"), [("JPY", "2990", 2990), ("KWD", "2.990", 2990)])
def test_other_currencies_have_their_own_decimals(tmp_path, currency: str, price: str, minor: int):
    tmp_path.chmod(0o700)
    target = str(tmp_path / "x.db")
    book = make_book(target, NewBook("Acme", currency, "UTC", "GB", "boss", None), clock=CLOCK)
    desk = shop(Desk(book.session, target, book), A=price, B=price)
    with pytest.raises(InvalidInput):
        codes.add_price(desk.session, "A", {"amount": "1.2345", "from": "2027-01-01"})
    serve(desk)
    bill(desk, "2026-09-01")
    assert desk.column("select amount from invoice_line") == [minor]
    book.session.db.close()


HOSTILE = ("bad\x1bname", "a\u202eb", "4111 1111 1111 1111")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_refused_everywhere_with_a_sentence(sqlite_desk: Desk, text: str):
    desk = shop(sqlite_desk)
    service_id = serve(desk)
    asks: list[Callable[[], object]] = [
        lambda: codes.store_code(desk.session, {"code": "H", "name": text}),
        lambda: tax_rates.add_rate(desk.session, "H", {"percent": "5", "name": text}),
        lambda: rules.set_rule(desk.session, "seller", text),
        lambda: events.schedule_event(desk.session, service_id, "pause", {"on": "2026-09-10", "reason": text}),
        lambda: subscriptions.add(desk.session, "C1", {"code": "A", "address": text}),
        lambda: discounts.discount(desk.session, "C1", {"percent": "5", "text": text}),
        lambda: discounts.exempt(desk.session, "C1", text, D(2026, 9, 1), None),
    ]
    for ask in asks:
        with pytest.raises(InvalidInput):
            ask()


def test_markup_in_a_name_is_shown_as_it_is(desk: Desk):
    from netbill_tui.documents.invoice import invoice_text

    codes.store_code(desk.session, {"code": "M", "name": "[red]Plan[/] {0} %s"})
    codes.add_price(desk.session, "M", {"amount": "10", "from": "2020-01-01"})
    serve(desk, code="M")
    bill(desk, "2026-09-01")
    text = invoice_text(documents.of_invoice(desk.session, credit_parts.invoice(desk.session, "INV-000001")))
    assert "[red]Plan[/] {0} %s" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_service_address_is_sealed(desk: Desk):
    shop(desk)
    service_id = serve(desk, address="12 Mill Lane, flat 3")
    (cell,) = desk.column("select address from service")
    assert b"Mill Lane" not in bytes(cell)  # type: ignore[call-overload]
    assert subscriptions.address_of(desk.session, service_id) == "12 Mill Lane, flat 3"


def test_kept_states_of_services_are_checked(sqlite_desk: Desk):
    desk = shop(sqlite_desk)
    serve(desk)
    bill(desk, "2026-09-01")
    sound(desk)
    desk.session.db.peewee.execute_sql("update service_state set next_on = '2027-05-05'")
    assert any("service" in name for name, broken in ((c.name, c.broken) for c in verify(desk.session)) if broken)


def test_many_customers_are_billed_in_batches_with_a_bar(sqlite_desk: Desk):
    desk = shop(sqlite_desk)
    book, session = codes.load(desk.session), desk.session
    new = orders.read_new(session, "", {"code": "A", "start": "2026-09-01"}, book)
    _, vault = session.sign_in_if_needed()
    with writing(session, "import") as tx:
        people = [(i, uuid.uuid4().bytes, NewCustomer(f"C{i}", f"Name {i}")) for i in tx.take("id", 700)]
        registration.store(tx, vault, people, "GB", lambda: uuid.uuid4().bytes)
        orders.store_many(tx, session, [(i, new) for i, _, _ in people], book)
        tx.note("test.people", "many", {}, bulk=True)
    told: list[tuple[int, int]] = []
    assert bill(desk, "2026-09-01", on_progress=lambda a, b: told.append((a, b))).issued == 700
    assert told[-1] == (700, 700)
    assert len(told) == 700 // BATCH
    sound(desk)


@pytest.mark.parametrize("left", [True, False], ids=["something left", "nothing left"])
def test_a_run_that_was_killed_is_stopped_when_another_went_on_behind_it(desk: Desk, left: bool):
    shop(desk)
    for n in range(3):
        serve(desk, f"C{n}")
    with contextlib.suppress(KeyboardInterrupt):
        # Killed between two batches, or behind the last one: it never comes to say that it ended.
        issue.issue(desk.session, D(2026, 9, 1), pause_s=0, batch=1, on_progress=_dies_at(1 if left else 3))
    assert desk.column("select state from billing_run") == ["running"]
    made = bill(desk, "2026-09-01")
    assert made.issued == (2 if left else 0)
    assert desk.column("select state from billing_run order by id") == (["stopped", "done"] if left else ["stopped"])
    assert bill(desk, "2026-09-01").issued == 0
    assert desk.column("select count(*) from invoice") == [3]
    sound(desk)


def test_an_undo_that_was_killed_says_what_it_took_back_and_is_stopped_when_another_went_on(desk: Desk):
    shop(desk)
    for n in range(3):
        serve(desk, f"C{n}")
    run = bill(desk, "2026-09-01")
    with contextlib.suppress(KeyboardInterrupt):
        undo.undo(desk.session, run.run, "wrong prices", batch=1, on_progress=_dies_at(1))
    assert desk.column("select state from billing_run order by id") == ["done", "running"]
    done = undo.undo(desk.session, run.run, "wrong prices", batch=1)
    assert done.credits == 2
    assert desk.column("select state from billing_run order by id") == ["undone", "stopped", "done"]
    # What each of them posted stands with it: together they take back what the run billed.
    assert desk.column("select credits from billing_run where kind = 'undo' order by id") == [1, 2]
    assert desk.column("select sum(net) from billing_run") == [0]
    assert desk.column("select sum(tax) from billing_run") == [0]
    sound(desk)


def _dies_at(done: int):
    def progress(so_far: int, _: int) -> None:
        if so_far == done:
            raise KeyboardInterrupt

    return progress


def test_the_invoice_before_says_that_an_own_price_ends_and_nothing_of_one_that_goes_on(desk: Desk):
    d = shop(desk)
    serve(d, "C1", price="20", price_until="2026-11-01", reason="kept promise")
    serve(d, "C2", price="20", reason="for ever")
    for day in ("2026-09-01", "2026-10-01", "2026-11-01"):
        bill(d, day)
    notices = d.column("select text from invoice_line where kind = 'notice'")
    assert notices == ["Notice: from 2026-11-01 Plan A costs 30.00 instead of 20.00: the price of your own ends"]
    (number,) = d.column("select i.number from invoice i join invoice_line l on l.invoice_id = i.id where l.kind = 'notice'")
    whole = credit_parts.invoice(d.session, str(number))
    assert whole.head.bill_date == "2026-10-01"
    sound(d)
