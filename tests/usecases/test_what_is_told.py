"""What trails, lists, documents and previews tell, to the word and at the boundary."""

import json
import random
from datetime import date, timedelta

import pytest

from netbill_tui.billing.billing_run.accounts import Account
from netbill_tui.billing.catalogue.codes import Rules
from netbill_tui.billing.core.dates import dates_as_shown
from netbill_tui.billing.customers.phones import international_phone
from netbill_tui.billing.services.subscriptions import subtract
from netbill_tui.db.access import operators as operator_rows
from netbill_tui.db.audit.trail import Event
from netbill_tui.db.receivables import credit_notes as credit_note_rows
from netbill_tui.errors import Refused
from netbill_tui.integrations.profiles import Profile
from netbill_tui.usecases.access import operators, sittings
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.billing_run import posting, preview, undo
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.core import checkpoints
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.lookup import lists
from netbill_tui.usecases.receivables import credit_notes, credit_parts, documents
from netbill_tui.usecases.services import charges, discounts, events, giving
from netbill_tui.usecases.verify.book import verify
from tests.conftest import TODAY, Desk
from tests.usecases.test_billing import bill, serve, shop, sound
from tests.usecases.test_operators import enrolled


def event(action: str, **detail: object) -> Event:
    return Event(1, 0, "boss", "s", action, "C1", json.dumps(detail))


def test_the_trail_tells_amounts_days_moments_and_answers_as_people_read_them(sqlite_desk: Desk):
    session = sqlite_desk.session
    assert (
        trail.sentence(session, event("service.end", on="2026-11-22", reason="2026-11-22")) == "on 22 Nov 26, reason 2026-11-22"
    )
    assert trail.sentence(session, event("x", amount=1250, count=1250, paid=True)) == "amount 12.50, count 1250, paid yes"
    assert trail.sentence(session, event("operator.limit", before=5000)) == "before 50.00"
    assert trail.sentence(session, event("book.rule", before=5000)) == "before 5000"
    assert trail.sentence(session, event("x", request="0123456789abcdef0", record="short")) == "request 01234567.., record short"
    assert trail.sentence(session, event("x", expires=0)) == "expires 01 Jan 70 00:00:00"


def test_a_sentence_has_its_dates_as_the_screens_print_them_and_nothing_that_may_be_copied():
    assert dates_as_shown("It ends on 2026-11-22.") == "It ends on 22 Nov 26."
    assert dates_as_shown("Type it as 2026-11-22.") == "Type it as 2026-11-22."
    assert dates_as_shown("No date at all") == "No date at all"


def test_a_promise_for_today_stands_and_one_of_yesterday_is_broken(desk: Desk):
    for account, due in (("C1", -40), ("C2", -40)):
        desk.customer(account, f"Customer {account}")
        desk.invoice(account, 1000, due=due)
    calls.outcome(desk.session, "C1", "m", "", TODAY)
    past = lists.past(desk.session, "overdue", lists.read_filter(desk.session, "overdue", "st:promised"))
    assert [r.account for r in past] == ["C1"]
    desk.session.calendar.as_of = TODAY + timedelta(days=1)
    broken = lists.past(desk.session, "overdue", lists.read_filter(desk.session, "overdue", "st:broken"))
    assert [r.account for r in broken] == ["C1"]


def test_who_is_overdue_is_filtered_alike_today_and_from_what_is_posted(desk: Desk):
    for account, due in (("C1", -40), ("C2", 20)):
        desk.customer(account, f"Customer {account}")
        desk.invoice(account, 1000, due=due)
    desk.customer("C3", "Customer C3")
    for words, expected in (("st:overdue", ["C1"]), ("!st:overdue", ["C2", "C3"]), ("st:owing", ["C1", "C2"])):
        chosen = lists.read_filter(desk.session, "customers", words)
        assert sorted(r.account for r in lists.page(desk.session, "customers", chosen)) == expected, words
    dues = lists.read_filter(desk.session, "dues", "st:overdue")
    assert [r.account for r in lists.past(desk.session, "dues", dues)] == ["C1"]
    rest = lists.read_filter(desk.session, "dues", "!st:overdue")
    assert [r.account for r in lists.past(desk.session, "dues", rest)] == ["C2"]


def test_an_operator_has_each_key_once_and_those_of_nobody_else(desk: Desk):
    enrolled(desk, "mira", "cashier")
    told = {o.name: o.compartments for o in operators.listed(desk.session)}
    assert told["mira"] == ("CONTACT",)
    assert all(len(set(held)) == len(held) > 0 for held in told.values())


def test_sittings_that_are_over_are_told_only_where_they_are_asked_for(desk: Desk):
    mira = enrolled(desk, "mira", "clerk")
    assert {s.operator for s in sittings.listed(desk.session)} >= {"mira"}
    sittings.end(desk.session, mira.sitting.id)
    assert mira.sitting.id not in {s.id for s in sittings.listed(desk.session)}
    assert mira.sitting.id in {s.id for s in sittings.listed(desk.session, every=True)}


def test_a_checkpoint_of_this_book_fits_and_one_with_another_head_does_not(desk: Desk):
    desk.customer()
    made, _ = checkpoints.write(desk.session)
    book = desk.session.book
    assert checkpoints.compare(desk.session.db, book.install_id, book.admin_public, [made]) == (1, [])
    forged = made._replace(head="00" * 32, signature="")
    count, wrong = checkpoints.compare(desk.session.db, book.install_id, book.admin_public, [forged])
    assert count == 1
    assert "history was rewritten" in wrong[0].words
    # That its own time says so makes no rewritten history a missing end.
    odd = forged._replace(time="missing")
    assert [w.is_missing for w in checkpoints.compare(desk.session.db, book.install_id, book.admin_public, [odd])[1]] == [False]
    ahead = made._replace(seq=made.seq + 3, signature="")
    assert [w.is_missing for w in checkpoints.compare(desk.session.db, book.install_id, book.admin_public, [ahead])[1]] == [True]


@pytest.mark.parametrize("detail", ["no json", "[]", ""])
def test_an_event_that_cannot_be_read_lets_no_older_one_answer_for_it(desk: Desk, detail: str):
    enrolled(desk, "mira", "clerk")
    db = desk.session.db
    assert operator_rows.newest_told(db, "mira", "record")
    columns = "at_us, actor, session, action, object"
    with db.write():
        db.peewee.execute_sql(
            f"insert into audit_event (seq, {columns}, detail, row_hashes, prev, hash) select seq + 1000, {columns}, '{detail}', "
            "row_hashes, prev, hash from audit_event where object = 'mira' and substr(action, 1, 8) = 'operator' order by seq desc limit 1"
        )
    with pytest.raises(Refused, match="What the audit says of mira cannot be read"):
        operator_rows.newest_told(db, "mira", "record")
    (seq,) = desk.column("select max(seq) from audit_event")
    with pytest.raises(Refused, match="cannot be read"):
        credit_note_rows.documents_of(db, seq)


@pytest.mark.parametrize(("price", "told"), [("39", []), ("39.01", ["changed"]), ("21", []), ("20.99", ["changed"])])
def test_a_change_is_an_exception_from_more_than_thirty_percent_on(desk: Desk, price: str, told: list[str]):
    shop(desk)
    serve(desk, start="2026-10-01")
    bill(desk, "2026-10-01")
    codes.add_price(desk.session, "A", {"amount": price, "from": "2026-11-01"})
    made = preview.preview(desk.session, date(2026, 11, 1))
    assert [e.kind for e in made.exceptions] == told


def test_a_charge_of_the_last_day_counts_in_what_a_discount_takes_off(desk: Desk):
    shop(desk)
    desk.customer()
    codes.store_code(desk.session, {"code": "V", "name": "Visit", "kind": "one-time"})
    charges.charge(desk.session, "C1", {"code": "V", "amount": "50", "on": "2026-12-01"})
    more = discounts._read_discount(desk.session, "C1", {"percent": "10", "from": "2026-11-01"})
    assert giving.worth_of(desk.session, "C1", more) == 500


def test_a_line_of_a_discount_shows_its_word_and_no_period(desk: Desk):
    shop(desk)
    serve(desk, start="2026-10-01")
    discounts.discount(desk.session, "C1", {"percent": "10", "from": "2026-10-01", "text": "Loyalty"})
    desk.invoice("C1", 700, due=-60)
    bill(desk, "2026-10-01")
    whole = credit_parts.invoice(desk.session, "INV-000002")
    printed = documents.of_invoice(desk.session, whole, look=True)
    lines = {n.text: (n.period, n.amount) for s in printed.sections for n in s.lines}
    assert lines["Loyalty"] == ("", -300)
    assert lines["Plan A"] == ("2026-10-01 - 2026-11-01", 3000)
    assert "its part of Loyalty: -3.00" in " ".join(n.why for n in whole.lines)
    assert (printed.previous, printed.payments, printed.due_now) == (700, (), 700 + 3240)


def test_the_balance_on_a_credit_note_is_that_behind_it(desk: Desk):
    shop(desk)
    serve(desk, start="2026-10-01")
    bill(desk, "2026-10-01")
    desk.pay("C1", 1000)
    made = credit_notes.credit(desk.session, "INV-000001", "goodwill", amount=600)
    printed = documents.of_credit_note(desk.session, credit_parts.credit_note(desk.session, made.number), look=True)
    assert printed.due_now == 3600 - 1000 - 600


def test_an_import_finds_the_account_that_is_written_small(desk: Desk, tmp_path):
    desk.customer("C1", "Smith, John")
    path = tmp_path / "c.csv"
    path.write_text("account,town\nc1,Leeds\n")
    result = files.run(desk.session, path, Profile("customers", {n: (n,) for n in ("account", "town")}))
    assert (result.created, result.updated, result.rejected) == (0, 1, [])
    assert desk.column("select account || ' ' || town from customer") == ["C1 Leeds"]


def test_what_was_charged_and_given_back_twice_is_counted_by_its_terms_and_first_day(desk: Desk):
    """A change that is taken back and made again charges the same span under a number of its own."""
    shop(desk)
    service = serve(desk, start="2026-10-01")
    bill(desk, "2026-10-01")
    for _ in range(2):
        changed, _row = events.schedule_event(desk.session, service, "change", {"code": "B", "on": "2026-10-16"})
        bill(desk, "2026-11-01")
        events.take_back(desk.session, service, changed.id, "mistaken")
        bill(desk, "2026-11-02")
    spans = desk.column(
        "select code || first_on || '#' || again from billed where kind = 'recurring' and first_on = '2026-10-16' order by id"
    )
    assert spans == ["B2026-10-16#0", "A2026-10-16#1", "B2026-10-16#1", "A2026-10-16#2"]
    sound(desk)


def test_what_is_left_of_spans_is_what_no_other_one_holds():
    chance = random.Random(7)
    for _ in range(300):
        day = [date(2026, 1, 1) + timedelta(days=n) for n in range(20)]
        spans = [tuple(sorted(chance.sample(day, 2))) for _ in range(3)]
        taken = [tuple(sorted(chance.choices(day, k=2))) for _ in range(3)]
        left = subtract([spans[0]], taken)
        inside = {d for d in day if spans[0][0] <= d < spans[0][1] and not any(a <= d < b for a, b in taken)}
        assert {d for d in day for a, b in left if a <= d < b} == inside
        assert all(a < b for a, b in left)


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


@pytest.mark.parametrize(
    ("issued", "due"), [("2026-11-20", "2026-11-20"), ("2026-11-21", "2026-11-23"), ("2026-11-22", "2026-11-23")]
)
def test_what_falls_due_on_a_weekend_falls_due_on_monday_and_a_friday_stays(issued: str, due: str):
    account = Account(1, "C1", "x", 0)
    rules_ = Rules(business_day=True)
    assert posting.due_on(account, date.fromisoformat(issued), rules_) == date.fromisoformat(due)
    assert posting.due_on(account, date.fromisoformat(issued), Rules()) == date.fromisoformat(issued)


def test_who_gets_a_smaller_role_loses_the_keys_of_the_larger_one(desk: Desk):
    enrolled(desk, "mira", "supervisor")
    assert operators.change_role(desk.session, "mira", "cashier") == ("PRIVATE",)
    assert operators.change_role(desk.session, "mira", "supervisor") == ()


@pytest.mark.parametrize("typed", ["020 7946 0123", "20 7946 0123", "+44 20 7946 0123", "0044 20 7946 0123"])
def test_a_number_typed_without_its_trunk_prefix_is_the_same_number(typed: str):
    assert international_phone(typed, "GB") == "442079460123"


def test_an_undone_run_counts_the_invoices_it_credited_and_the_credit_notes_it_took_back(desk: Desk):
    shop(desk)
    serve(desk, "C1", start="2026-10-01")
    later = serve(desk, "C2", start="2026-10-01")
    bill(desk, "2026-10-01")
    events.schedule_event(desk.session, later, "end", {"on": "2026-10-16"})
    bill(desk, "2026-11-01")
    assert desk.column("select credits from billing_run where number = 'RUN-0002'") == [1]
    undo.undo(desk.session, "RUN-0002", "wrong")
    assert desk.column("select credits from billing_run where kind = 'undo'") == [1]
    assert desk.column("select invoices from billing_run where kind = 'undo'") == [1]
    sound(desk)


def test_a_sitting_is_alive_while_its_process_is_and_nobody_ended_it(desk: Desk):
    mira = enrolled(desk, "mira", "clerk")
    mine = next(s for s in sittings.listed(desk.session) if s.id == mira.sitting.id)
    assert sittings.is_alive(mine)
    assert not sittings.is_alive(mine._replace(ended_us=1))
    assert not sittings.is_alive(mine._replace(pid=2**22 + 1))
