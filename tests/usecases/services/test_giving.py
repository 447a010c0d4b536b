"""Who gives back how much: every road, every role, per document and per day; what is over goes to a second pair of eyes first."""

from datetime import timedelta

import pytest

from netbill_tui.errors import NeedsApproval, NotPermitted, Refused
from netbill_tui.usecases.access import approvals, limits, operators
from netbill_tui.usecases.billing_run import issue, undo
from netbill_tui.usecases.catalogue import codes, rules
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables import credit_notes
from netbill_tui.usecases.services import charges, discounts, events, subscriptions
from tests.conftest import Desk, sound
from tests.usecases.access.desks import enrolled
from tests.usecases.billing_run.shop import bill, serve, shop

MONTHS = ("2026-09-01", "2026-10-01", "2026-11-01")


def billed(desk: Desk, **fields: str) -> tuple[Desk, int]:
    """Three months at 36.00 with tax, for a service that began on 1 September."""
    shop(desk)
    service = serve(desk, **fields)
    for day in MONTHS:
        bill(desk, day)
    return desk, service


def waiting(desk: Desk) -> list[tuple[str, str, int]]:
    return [(a.kind, a.object, a.amount) for a in approvals.listed(desk.session)]


def test_a_credit_note_split_in_two_is_over_the_limit_too(desk: Desk) -> None:
    d, _ = billed(desk)
    mira = enrolled(d, "mira", "supervisor", "50")
    credit_notes.credit(mira, "INV-000001", "was down", amount=3000)
    with pytest.raises(NeedsApproval, match=r"30\.00 that you gave back today|30\.00 that you gave back of"):
        credit_notes.credit(mira, "INV-000002", "was down", amount=2001)
    credit_notes.credit(mira, "INV-000002", "was down", amount=2000)
    with pytest.raises(NeedsApproval, match="gave back today"):
        credit_notes.credit(mira, "INV-000003", "was down", amount=1)
    # What was asked of the second invoice is more than is left of it by now, so it waits no more.
    assert waiting(d) == [("credit", "INV-000003", 1)]
    assert limits.before(mira, "INV-000002") == (5000, 2000)
    sound(d)


def test_a_document_counts_over_the_days(desk: Desk) -> None:
    d, _ = billed(desk)
    mira = enrolled(d, "mira", "supervisor", "20")
    credit_notes.credit(mira, "INV-000001", "was down", amount=2000)
    moment = mira.calendar.clock()
    mira.calendar.clock = lambda: moment + timedelta(days=1)
    with pytest.raises(NeedsApproval, match="gave back of INV-000001"):
        credit_notes.credit(mira, "INV-000001", "was down", amount=1)
    credit_notes.credit(mira, "INV-000002", "was down", amount=2000)


def test_what_was_asked_is_closed_when_something_else_answered_it(desk: Desk) -> None:
    d, _ = billed(desk)
    mira = enrolled(d, "mira", "supervisor", "30")
    with pytest.raises(NeedsApproval):
        credit_notes.credit(mira, "INV-000001", "was down")
    with pytest.raises(NeedsApproval):
        credit_notes.credit(mira, "INV-000001", "a part of it", amount=3100)
    credit_notes.credit(mira, "INV-000001", "less", amount=1000)
    assert waiting(d) == []
    assert [a.result for a in approvals.listed(d.session, every=True)] == ["overtaken", "overtaken"]
    sound(d)


def test_a_clerk_backdates_an_end_only_with_a_second_pair_of_eyes(desk: Desk) -> None:
    """Three months given back for a service that ran."""
    d, service = billed(desk)
    clerk = enrolled(d, "kim", "clerk")
    boss = enrolled(d, "boss2", "supervisor")
    for kind, day in (("end", "2026-09-01"), ("pause", "2026-09-02")):
        with pytest.raises(NeedsApproval, match="for days that are over"):
            events.schedule_event(clerk, service, kind, {"on": day, "reason": "asked for"})
    with pytest.raises(NeedsApproval, match="for days that are over"):
        _cheaper(d, clerk, service, "2026-09-02")
    assert bill(d, "2026-11-22").issued == 0
    assert d.column("select count(*) from credit_note") == [0]
    # Today's end is a clerk's daily work.
    events.schedule_event(clerk, service, "end", {"on": "2026-11-22", "reason": "moves away"})
    assert len(subscriptions.history(d.session, service)) == 2
    number = next(a for a in approvals.listed(d.session) if "2026-09-01" in a.request)
    approvals.answer(boss, number.id, approve=True)
    bill(d, "2026-11-22")
    assert sum(d.column("select total from credit_note")) == 3 * 3600
    sound(d)


def _cheaper(d: Desk, clerk: Session, service: int, day: str) -> None:
    from netbill_tui.usecases.catalogue import codes

    codes.store_code(d.session, {"code": "HALF", "name": "Half", "tax_class": "std"})
    codes.add_price(d.session, "HALF", {"amount": "15", "from": "2020-01-01"})
    events.schedule_event(clerk, service, "change", {"on": day, "code": "HALF", "reason": "asked for"})


def test_what_was_approved_happens_as_it_was_asked(desk: Desk) -> None:
    d, service = billed(desk)
    clerk, boss = enrolled(d, "kim", "clerk"), enrolled(d, "boss2", "supervisor", "200")
    with pytest.raises(NeedsApproval) as asked:
        events.schedule_event(clerk, service, "end", {"on": "2026-10-01", "reason": "had left"})
    with pytest.raises(NotPermitted):
        approvals.answer(clerk, asked.value.number, approve=True)
    amount = approvals.listed(d.session)[0].amount
    made = approvals.answer(boss, asked.value.number, approve=True)
    assert made.result.startswith(f"service {service}, event ")
    bill(d, "2026-11-22")
    assert sum(d.column("select total from credit_note")) >= amount > 3600
    assert limits.before(boss, "C1") == (amount, amount)
    sound(d)


def test_taking_a_backdated_upgrade_back_counts_too(desk: Desk) -> None:
    d, service = billed(desk)
    events.schedule_event(d.session, service, "change", {"on": "2026-09-01", "code": "B", "reason": "wanted more"})
    bill(d, "2026-11-22")
    event = subscriptions.history(d.session, service)[-1]
    clerk = enrolled(d, "kim", "clerk")
    enrolled(d, "boss2", "supervisor")
    with pytest.raises(NeedsApproval):
        events.take_back(clerk, service, event.event.id, "was a mistake")


def test_a_charge_below_its_price_and_a_waived_charge_take_more_than_a_clerk(desk: Desk) -> None:
    from netbill_tui.usecases.catalogue import codes

    d, _ = billed(desk)
    codes.store_code(d.session, {"code": "FEE", "name": "Visit", "kind": "one-time", "tax_class": "std"})
    codes.add_price(d.session, "FEE", {"amount": "60", "from": "2020-01-01"})
    codes.store_code(d.session, {"code": "OWN", "name": "As agreed", "kind": "one-time", "tax_class": "std"})
    clerk = enrolled(d, "kim", "clerk")
    for cheap in ("0", "0.01", "59.99"):
        with pytest.raises(NotPermitted, match="agree prices"):
            charges.charge(clerk, "C1", {"code": "FEE", "amount": cheap})
    charges.charge(clerk, "C1", {"code": "FEE", "amount": "60"})
    charges.charge(clerk, "C1", {"code": "FEE"})
    charges.charge(clerk, "C1", {"code": "OWN", "amount": "1"})
    mine = charges.pending(d.session, "C1")[0]
    charges.withdraw(clerk, "C1", mine.id, "entered twice")
    other = charges.charge(d.session, "C1", {"code": "FEE"})
    with pytest.raises(NotPermitted, match="waive"):
        charges.withdraw(clerk, "C1", other.id, "is a friend")


def test_a_discount_counts_by_what_it_takes_off_the_next_bill(desk: Desk) -> None:
    d, _ = billed(desk)
    mira, boss = enrolled(d, "mira", "supervisor", "20"), enrolled(d, "boss2", "supervisor")
    discounts.discount(mira, "C1", {"percent": "50", "from": "2026-12-01"})
    with pytest.raises(NeedsApproval):
        discounts.discount(mira, "C1", {"percent": "100", "from": "2026-12-01"})
    number = approvals.listed(d.session)[0]
    assert (number.kind, number.amount) == ("discount", 1800)
    approvals.answer(boss, number.id, approve=True)
    assert [x.value for x in discounts.discounts(d.session, "C1")] == ["50", "100"]
    sound(d)


def test_an_undone_run_counts_for_the_day(desk: Desk) -> None:
    shop(desk)
    serve(desk, "C1")
    serve(desk, "C2")
    run = bill(desk, "2026-09-01").run
    mira = enrolled(desk, "mira", "supervisor", "80")
    credit_notes.credit(mira, "INV-000001", "was down", amount=1000)
    with pytest.raises(NotPermitted, match="give back today"):
        undo.undo(mira, run, "wrong prices")
    assert issue.find_run(desk.session, run).state == "done"
    undo.undo(desk.session, run, "wrong prices")
    assert limits.before(desk.session, run)[0] == 7200


# Roles x roads x limits: what each may do alone, and what is asked or refused.
ALONE, ASKED, NEVER = "alone", "asked", "never"
ROADS = ("credit", "backdated end", "discount", "undo")
WHO = {
    ("clerk", "none"): (NEVER, ASKED, NEVER, NEVER), ("cashier", "none"): (NEVER, NEVER, NEVER, NEVER),
    ("auditor", "none"): (NEVER, NEVER, NEVER, NEVER), ("supervisor", "none"): (ALONE, ALONE, ALONE, ALONE),
    ("supervisor", "36"): (ALONE, ASKED, ALONE, ALONE), ("supervisor", "35.99"): (ASKED, ASKED, ASKED, NEVER),
    ("supervisor", "0"): (ASKED, ASKED, ASKED, NEVER), ("administrator", "none"): (ALONE, ALONE, ALONE, ALONE),
    ("administrator", "5"): (ASKED, ASKED, ASKED, NEVER),
}  # fmt: skip


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize(("role", "limit"), WHO, ids=lambda v: str(v))
def test_each_role_goes_each_road_as_far_as_the_table_says(sqlite_desk: Desk, role: str, limit: str, road: str) -> None:
    d, service = billed(sqlite_desk)
    enrolled(d, "boss2", "supervisor")
    who = enrolled(d, "mira", role, limit)
    run = d.column("select number from billing_run order by id desc limit 1")[0]

    def do() -> None:
        if road == "credit":
            credit_notes.credit(who, "INV-000003", "was down")
        elif road == "backdated end":
            events.schedule_event(who, service, "end", {"on": "2026-10-01", "reason": "had left"})
        elif road == "discount":
            discounts.discount(who, "C1", {"percent": "100", "from": "2026-12-01"})
        else:
            undo.undo(who, run, "wrong prices")

    try:
        do()
        found = ALONE
    except NeedsApproval:
        found = ASKED
    except NotPermitted:
        found = NEVER
    assert found == dict(zip(ROADS, WHO[role, limit], strict=True))[road]
    assert (found == ASKED) == bool(approvals.listed(d.session))
    if found != ALONE:
        assert d.column("select count(*) from giving") == [0]
        assert d.column("select count(*) from credit_note") == [0]


def test_taking_back_today_an_upgrade_of_today_that_was_billed_counts_too(desk: Desk) -> None:
    d, service = billed(desk)
    rules.set_rule(d.session, "changes", "at-once")
    codes.store_code(d.session, {"code": "B", "name": "B", "tax_class": "std"})
    today = str(d.session.today())
    event, _ = events.schedule_event(d.session, service, "change", {"on": today, "code": "B"})
    assert bill(d, today).issued == 1
    mira = enrolled(d, "mira", "supervisor", "0")
    with pytest.raises(NeedsApproval):
        events.take_back(mira, service, event.id, "a slip")


@pytest.mark.parametrize("mode", ["advance", "arrears"])
@pytest.mark.parametrize("day", ["2026-11-22", "2026-12-01", "2026-12-02"])
def test_an_own_price_counts_whatever_day_it_begins_on(desk: Desk, mode: str, day: str) -> None:
    """Also that of a service that was sold today, begins later, or whose price begins on a bill date in arrears."""
    d = shop(desk)
    mira = enrolled(d, "mira", "supervisor", "20")
    enrolled(d, "boss2", "supervisor")
    d.customer("C1", "Customer C1")
    row = subscriptions.add(mira, "C1", {"code": "A", "start": day, "mode": mode})
    assert row is not None
    with pytest.raises(NeedsApproval):
        events.schedule_event(mira, row.service.id, "price", {"on": day, "price": "0", "reason": "is a friend"})
    # Half the price of a month is within the limit, less that of the days of a month that has begun.
    events.schedule_event(mira, row.service.id, "price", {"on": day, "price": "15", "reason": "haggled"})
    assert 0 < limits.before(mira, "C1").on_day <= 1800
    sound(d)


@pytest.mark.parametrize("kind", ["pause", "suspend", "end"])
@pytest.mark.parametrize("first", ["2026-11-22", "2026-11-25"])
def test_an_own_price_counts_as_if_nothing_paused_the_service(desk: Desk, kind: str, first: str) -> None:
    """A pause, an own price, and the pause taken back: the price would have counted nothing."""
    d, service = billed(desk)
    mira = enrolled(d, "mira", "supervisor", "20")
    enrolled(d, "boss2", "supervisor")
    events.schedule_event(mira, service, kind, {"on": first, "reason": "asked"})
    price = {"on": "2026-11-25" if kind != "end" else "2026-11-22", "price": "0", "reason": "is a friend"}
    if kind == "end" and first == "2026-11-22":
        return  # no own price after the end
    with pytest.raises(NeedsApproval):
        events.schedule_event(mira, service, "price", price)


def test_an_own_price_that_its_operator_agreed_counts_again_where_the_same_makes_more_of_it(desk: Desk) -> None:
    """Half of a small plan, and the service grown afterwards."""
    d, service = billed(desk)
    mira = enrolled(d, "mira", "supervisor", "20")
    enrolled(d, "boss2", "supervisor")
    events.schedule_event(mira, service, "price", {"on": "2026-12-01", "percent": "50", "reason": "haggled"})
    assert limits.before(mira, "C1").on_day == 1800
    with pytest.raises(NeedsApproval):
        events.schedule_event(mira, service, "change", {"on": "2026-12-01", "code": "A", "quantity": "10", "reason": "grew"})
    with pytest.raises(NeedsApproval):
        events.schedule_event(mira, service, "change", {"on": "2026-12-05", "code": "B", "reason": "grew"})
    # What somebody else makes of it is not theirs.
    events.schedule_event(d.session, service, "change", {"on": "2026-12-01", "code": "B", "reason": "grew"})
    sound(d)


@pytest.mark.parametrize("code", ["B", "GB"])
def test_a_discount_on_what_no_bill_has_yet_is_asked(desk: Desk, code: str) -> None:
    d, _ = billed(desk)
    codes.store_code(d.session, {"code": "GB", "name": "Traffic", "kind": "usage", "unit": "GB", "tax_class": "std"})
    mira = enrolled(d, "mira", "supervisor", "20")
    enrolled(d, "boss2", "supervisor")
    with pytest.raises(NeedsApproval):
        discounts.discount(mira, "C1", {"percent": "1", "code": code, "from": "2026-12-01"})
    assert limits.before(mira, "C1").on_day == 0


def test_who_agrees_no_prices_takes_none_back(desk: Desk) -> None:
    d, service = billed(desk)
    event, _ = events.schedule_event(d.session, service, "price", {"on": "2026-12-01", "price": "99", "reason": "large"})
    clerk = enrolled(d, "kim", "clerk")
    with pytest.raises(NotPermitted, match="agree prices"):
        events.take_back(clerk, service, event.id, "a slip")
    events.take_back(d.session, service, event.id, "a slip")
    sound(d)


@pytest.mark.parametrize("how", ["disabled", "demoted"])
def test_what_somebody_asked_who_may_ask_no_more_is_not_approved(desk: Desk, how: str) -> None:
    d, service = billed(desk)
    clerk, boss = enrolled(d, "kim", "clerk"), enrolled(d, "boss2", "supervisor")
    with pytest.raises(NeedsApproval) as asked:
        events.schedule_event(clerk, service, "end", {"on": "2026-09-01", "reason": "asked for"})
    if how == "disabled":
        operators.disable(d.session, "kim")
    else:
        operators.change_role(d.session, "kim", "auditor")
    with pytest.raises(Refused, match="kim, who asked for it, may not do so any more"):
        approvals.answer(boss, asked.value.number, approve=True)
    approvals.answer(boss, asked.value.number, approve=False, reason="has left")
    assert waiting(d) == []
    sound(d)


@pytest.mark.parametrize("given", ["price", "discount"])
@pytest.mark.parametrize("by", ["mira", "boss"])
def test_what_grows_again_when_a_change_is_taken_back_counts(desk: Desk, given: str, by: str) -> None:
    """A service made small for a moment, given a price or a discount that counts nothing then, and let grow again."""
    d, service = billed(desk)
    codes.store_code(d.session, {"code": "TINY", "name": "Tiny", "tax_class": "std"})
    codes.add_price(d.session, "TINY", {"amount": "0.02", "from": "2020-01-01"})
    mira = enrolled(d, "mira", "supervisor", "1")
    enrolled(d, "boss2", "supervisor")
    changed, _ = events.schedule_event(
        mira if by == "mira" else d.session, service, "change", {"on": "2026-12-01", "code": "TINY", "reason": "asked"}
    )
    if given == "price":
        events.schedule_event(mira, service, "price", {"on": "2026-12-01", "price": "0.01", "reason": "haggled"})
    else:
        discounts.discount(mira, "C1", {"percent": "50", "from": "2026-12-01"})
    with pytest.raises(NeedsApproval):
        events.take_back(mira, service, changed.id, "a slip")
    with pytest.raises(NeedsApproval):
        events.schedule_event(mira, service, "change", {"on": "2026-12-02", "code": "A", "reason": "again"})
    sound(d)


@pytest.mark.parametrize(
    "more", [{"start": "2026-12-01"}, {"start": "2026-12-01", "end": "2026-12-02"}, {"start": "2026-11-30", "anchor": "1"}]
)
def test_the_own_price_of_a_new_service_counts_by_a_whole_period(desk: Desk, more: dict[str, str]) -> None:
    d, _ = billed(desk)
    mira = enrolled(d, "mira", "supervisor", "1.30")
    with pytest.raises(NotPermitted, match="limit"):
        subscriptions.add(mira, "C1", {"code": "A", "price": "0.01", "price_reason": "is a friend", **more})
    row = subscriptions.add(mira, "C1", {"code": "A", **more})
    assert row is not None
    enrolled(d, "boss2", "supervisor")
    with pytest.raises(NeedsApproval):
        events.schedule_event(mira, row.service.id, "price", {"on": more["start"], "price": "0.01", "reason": "is a friend"})


def test_what_is_reckoned_by_who_asked_is_approved_by_somebody_else(desk: Desk) -> None:
    d, service = billed(desk)
    mira, boss = enrolled(d, "mira", "supervisor", "20"), enrolled(d, "boss2", "supervisor")
    events.schedule_event(mira, service, "price", {"on": "2026-12-01", "percent": "50", "reason": "haggled"})
    with pytest.raises(NeedsApproval) as asked:
        events.schedule_event(mira, service, "change", {"on": "2026-12-01", "code": "A", "quantity": "10", "reason": "grew"})
    assert approvals.answer(boss, asked.value.number, approve=True).result.startswith(f"service {service}, event ")
    sound(d)


def test_an_own_price_is_not_approved_once_who_asked_may_agree_none(desk: Desk) -> None:
    d, service = billed(desk)
    mira, boss = enrolled(d, "mira", "supervisor", "1"), enrolled(d, "boss2", "supervisor")
    with pytest.raises(NeedsApproval) as asked:
        events.schedule_event(mira, service, "price", {"on": "2026-12-01", "price": "0.01", "reason": "is a friend"})
    operators.change_role(d.session, "mira", "clerk")
    with pytest.raises(Refused, match="may not do so any more"):
        approvals.answer(boss, asked.value.number, approve=True)
