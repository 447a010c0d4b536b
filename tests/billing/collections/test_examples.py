"""The worked examples of docs/collections.md, by their numbers: A is 76.00 and 7.20 tax, due on Thursday 5 March 2026."""

from datetime import date

import pytest

from netbill_tui.billing.collections import fees
from netbill_tui.billing.collections.fees import Account, Late, LineFacts
from netbill_tui.billing.collections.ladder import Facts, Item, Return, Went, reminder
from netbill_tui.billing.collections.policies import FEES, FeePolicy, cleaned, fee_policy
from netbill_tui.billing.collections.promises import Instalment, Money, OtherDue, judged
from netbill_tui.billing.collections.quiet_days import QuietDays
from netbill_tui.billing.collections.suspension import may_restore, suspension
from tests.billing.collections.nights import EXAMPLE, SUNDAYS, days, ladder_of, sent_in

DUE = date(2026, 3, 5)
FEE = {"mode": "greater", "flat": "5.00", "rate": "1.5", "grace": "10", "cap_rate": "15", "least_base": "5.00", "code": "LATE"}


def policy_of(**typed: str) -> FeePolicy:
    return fee_policy(cleaned(FEES, FEE | typed, "USD"), "USD")


PERCENT = {"mode": "percent", "flat": "0", "cap_rate": "0", "least_base": "0"}


def invoice(
    service: int = 7600, tax: int = 720, *, paid: int = 0, net_back: int = 0, tax_back: int = 0, fee: int = 0, due: date = DUE,
    disputed: bool = False, charged: tuple[int, ...] = (),
) -> Late:  # fmt: skip
    lines = (LineFacts("recurring", service - net_back, tax - tax_back), LineFacts("fee", fee, 0))
    return Late(
        1, "INV-1", due, service + tax + fee - net_back - tax_back - paid, tuple(n for n in lines if n.net), disputed, charged
    )


def march(day: int) -> date:
    return date(2026, 3, day)


# fmt: off
@pytest.mark.parametrize(("policy", "late", "account", "day", "fee", "base", "reason"), [
    pytest.param({}, invoice(), {}, march(15), None, None, "", id="1-last-day-of-grace"),
    pytest.param({}, invoice(), {}, march(16), 500, 7600, "", id="1-first-fee-day"),
    pytest.param({}, invoice(paid=5000), {}, march(16), 498, 3320, "", id="2-paid-in-part"),
    pytest.param({}, invoice(40000), {}, march(16), 600, 40000, "", id="3-the-rate-is-greater"),
    pytest.param(PERCENT, invoice(3300, 0), {}, march(16), 50, 3300, "", id="4-half-a-cent-up"),
    pytest.param(PERCENT, invoice(33, 0), {}, march(16), 0, 33, "below the smallest unit", id="4-less-than-half-a-cent"),
    pytest.param(PERCENT, invoice(34, 0), {}, march(16), 1, 34, "", id="4-a-cent"),
    pytest.param({}, invoice(3333, 0), {}, march(16), 499, 3333, "", id="5-the-cap-rounds-down"),
    pytest.param({"mode": "sum", "cap": "6.00"}, invoice(), {}, march(16), 600, 7600, "", id="6-sum-with-a-cap"),
    pytest.param({}, invoice(net_back=760, tax_back=72, paid=5000), {}, march(16), 373, 2488, "", id="7-credit-on-its-line"),
    pytest.param({}, invoice(0, 0, fee=500), {}, march(16), 0, 0, "base", id="8-only-a-fee-is-open"),
    pytest.param({}, invoice(), {"pending": 7820}, march(16), 75, 500, "", id="9-pending-leaves-the-least-base"),
    pytest.param({}, invoice(), {"pending": 7821}, march(16), 0, 499, "base", id="9-pending-leaves-a-cent-less"),
    pytest.param({}, invoice(), {"pending": 8320}, march(16), 0, 0, "pending covers", id="9-pending-covers"),
    pytest.param({}, invoice(disputed=True), {}, march(16), 0, 7600, "disputed", id="disputed"),
    pytest.param({}, invoice(), {"hold": "vip"}, march(16), 0, 7600, "hold: vip", id="hold"),
    pytest.param({}, invoice(), {"promised": march(16)}, march(16), 0, 7600, "promise", id="promise"),
    pytest.param({"least_balance": "100.00"}, invoice(), {}, march(16), 0, 7600, "balance", id="balance-below-its-least"),
    pytest.param({"mode": "none", "code": ""}, invoice(), {}, march(16), None, None, "", id="12-no-policy-on-the-due-date"),
])
def test_a_fee_is_what_the_example_says(policy, late, account, day, fee, base, reason):
    charged = fees.assess(Account(**{"balance": 8320, **account}), policy_of(**policy), late, day)
    if fee is None:
        assert charged == []
    else:
        assert [(f.amount, f.base, f.reason) for f in charged] == [(fee, base, reason)]


@pytest.mark.parametrize(("charged", "day", "catch_up", "numbers"), [
    pytest.param((), date(2026, 3, 16), False, [1], id="10-first"),
    pytest.param((1,), date(2026, 4, 14), False, [], id="10-the-day-before"),
    pytest.param((1,), date(2026, 4, 15), False, [2], id="10-second"),
    pytest.param((1, 2), date(2026, 5, 15), False, [3], id="10-third"),
    pytest.param((1, 2, 3), date(2026, 6, 14), False, [], id="10-K-bounds-n"),
    pytest.param((), date(2026, 4, 20), False, [2], id="11-after-missed-days-one"),
    pytest.param((), date(2026, 4, 20), True, [1, 2], id="11-catch-up"),
    pytest.param((2,), date(2026, 4, 20), True, [1], id="11-catch-up-later"),
])
def test_repeated_fees_count_from_the_first_fee_day(charged, day, catch_up, numbers):
    late = invoice(charged=charged)
    assert [f.n for f in fees.assess(Account(8320), policy_of(every="30", most="3"), late, day, catch_up=catch_up)] == numbers


def test_13_a_changed_policy_charges_no_number_twice():
    assert fees.assess(Account(8320), policy_of(flat="9.00"), invoice(charged=(1,)), march(30)) == []


def test_a_flat_fee_is_charged_once_an_account_and_day_and_uses_up_the_others():
    flat = policy_of(mode="flat", rate="0")
    both = [(flat, f) for n in (1, 2) for f in fees.assess(Account(16640), flat, invoice()._replace(id=n), march(16))]
    first, second = fees.flat_once(both, march(16))
    assert (first.amount, second.amount, fees.uses_up(second)) == (500, 0, True)
    assert fees.flat_once(both[:1], march(16), charged_today=True)[0].amount == 0


def test_15_money_that_came_within_the_grace_offers_the_waiver():
    assert fees.offers_waiver(policy_of(), DUE, march(15))
    assert not fees.offers_waiver(policy_of(), DUE, march(16))


A = Item(1, "INV-1", DUE, 8320)
B = Item(2, "INV-2", date(2026, 3, 20), 4000)


@pytest.mark.parametrize(("facts", "first", "last", "skip", "sent"), [
    pytest.param(lambda _: Facts((A,)), march(1), date(2026, 5, 1), (), ["2 courtesy", "6 r1", "12 r2", "19 final"], id="17"),
    pytest.param(lambda _: Facts((A,)), march(1), march(18), tuple(days(march(6), march(12))), ["2 courtesy", "13 r2"], id="18"),
    pytest.param(lambda _: Facts((A,)), march(20), date(2026, 5, 1), (), ["20 r2", "25 final"], id="19"),
    pytest.param(
        lambda day: Facts((A, B) if day < march(21) else (B,)), march(1), march(26), (),
        ["2 courtesy", "6 r1", "12 r2", "19 final", "23 r1"], id="20",
    ),
    pytest.param(
        lambda _: Facts((Item(1, "INV-1", date(2026, 2, 5), 400), Item(2, "INV-2", DUE, 4000))), march(3), march(6), (),
        ["3 courtesy", "6 r1"], id="21",
    ),
    pytest.param(lambda _: Facts((A._replace(due=march(1)),)), march(2), march(10), (), ["2 r1", "9 r2"], id="22"),
    pytest.param(
        lambda _: Facts((A._replace(disputed=True), B)), march(6), march(21), (), ["17 courtesy", "21 r1"], id="23"
    ),
    pytest.param(
        lambda day: Facts((A,), promised=march(20) if day >= march(10) else None), march(1), march(22), (),
        ["2 courtesy", "6 r1", "21 final"], id="24",
    ),
    pytest.param(
        lambda _: Facts((Item(1, "INV-1", date(2025, 10, 1), 50), Item(2, "INV-2", DUE, 5990))), march(3), march(6), (),
        ["3 courtesy", "6 r1"], id="35",
    ),
])
# fmt: on
def test_the_ladder_sends_what_the_example_says(facts, first, last, skip, sent):
    assert [f"{day.day} {code}" for day, code, _ in sent_in(facts, first, last, skip=skip)] == sent


def test_21_a_small_old_bill_is_reminded_with_the_one_that_reaches_the_minimum():
    going = reminder(Facts((Item(1, "I1", date(2026, 2, 5), 400), Item(2, "I2", DUE, 4000))), EXAMPLE, SUNDAYS, march(6))
    assert going.driver is not None
    assert (going.driver.total, going.driver.item.id, going.driver.age) == (4400, 2, 1)


def test_25_a_step_of_which_nothing_is_known_is_over_and_26_a_bounced_one_goes_by_the_next_channel():
    unknown = sent_in(lambda _: Facts((A,)), march(6), march(13), becomes={("r1", march(6)): "unknown"})
    assert [(day.day, code) for day, code, _ in unknown] == [(6, "r1"), (12, "r2")]
    bounced = sent_in(lambda _: Facts((A,)), march(6), march(13), becomes={("r1", march(6)): "bounced"})
    assert [(day.day, code, by) for day, code, by in bounced] == [(6, "r1", "mail"), (7, "r1", "letter"), (12, "r2", "mail")]


LADDER = ladder_of(transit="0", steps="r1 +1 mail letter; r2 +7 mail; final +14 mail letter after 5; off +30 suspend least 10.00 after 5")
FINAL = (Went(1, "r1", march(6)), Went(1, "final", march(19)))


@pytest.mark.parametrize(
    ("facts", "day", "reason"),
    [
        pytest.param(Facts((A,), FINAL), date(2026, 4, 3), None, id="33-day-29"),
        pytest.param(Facts((A,), FINAL), date(2026, 4, 4), "stays connected today", id="33-saturday"),
        pytest.param(Facts((A,), FINAL), date(2026, 4, 7), "", id="33-tuesday"),
        pytest.param(Facts((A,), FINAL[:1]), date(2026, 4, 7), "no final notice was sent", id="no-final"),
        pytest.param(Facts((A,), (Went(1, "final", march(19), state="unknown"),)), date(2026, 4, 7), "no final notice was sent", id="unknown"),
        pytest.param(Facts((A,), (Went(1, "final", march(19), state="bounced"),)), date(2026, 4, 7), "no final notice was sent", id="bounced"),
        pytest.param(Facts((A,), (Went(1, "final", date(2026, 4, 3)),)), date(2026, 4, 7), "final notice too new", id="four-days"),
        pytest.param(Facts((), FINAL), date(2026, 4, 7), None, id="34-paid-since"),
        pytest.param(Facts((A,), FINAL, pending=1), date(2026, 4, 7), "pending payment", id="pending"),
        pytest.param(Facts((A,), FINAL, promised=date(2026, 4, 7)), date(2026, 4, 7), "promise", id="promise"),
        pytest.param(
            Facts((Item(1, "I1", date(2025, 10, 1), 50), Item(2, "I2", DUE, 5990)), (Went(2, "final", march(19)),)), march(31), None,
            id="35-half-a-unit-suspends-nobody",
        ),
        pytest.param(Facts((A,), FINAL, returned=Return(9, date(2026, 4, 15))), date(2026, 4, 20), "no final notice was sent", id="39-no-notice"),
        pytest.param(
            Facts((A,), (*FINAL, Went(9, "returned", date(2026, 4, 16))), returned=Return(9, date(2026, 4, 15))), date(2026, 4, 20),
            "final notice too new", id="39-the-notice-is-four-days-old",
        ),
        pytest.param(
            Facts((A,), (*FINAL, Went(9, "returned", date(2026, 4, 16))), returned=Return(9, date(2026, 4, 15))), date(2026, 4, 21),
            "", id="39-the-notice-is-five-days-old",
        ),
    ],
)  # fmt: skip
def test_a_suspension_is_proposed_when_the_example_says(facts, day, reason):
    holidays = QuietDays(holidays=("2026-04-03", "2026-04-06"))
    proposed = suspension(facts, LADDER, holidays, day)
    assert (proposed.reason if proposed else None) == reason


def test_39_a_returned_payment_is_told_the_day_after_though_every_step_went():
    facts = Facts((A,), FINAL, returned=Return(9, date(2026, 4, 15)))
    assert not reminder(facts, LADDER, SUNDAYS, date(2026, 4, 15)).goes
    going = reminder(facts, LADDER, SUNDAYS, date(2026, 4, 16))
    assert going.step is not None
    assert (going.goes, going.step.code, going.channel) == (True, "returned", "mail")
    told = facts._replace(went=(*FINAL, Went(9, "returned", date(2026, 4, 16))))
    assert not any(reminder(told, LADDER, SUNDAYS, day).goes for day in days(date(2026, 4, 17), date(2026, 6, 1)))


@pytest.mark.parametrize(("items", "restores"), [
    pytest.param((A._replace(disputed=True),), True, id="36-what-is-left-is-disputed"),
    pytest.param((), True, id="37-credited"),
    pytest.param((A._replace(open=1),), False, id="a-cent-is-overdue"),
    pytest.param((A._replace(due=date(2026, 4, 7)),), True, id="not-overdue-yet"),
])  # fmt: skip
def test_access_is_restored_when_nothing_undisputed_is_overdue(items, restores):
    assert may_restore(Facts(items), date(2026, 4, 7)) == restores


BY = march(20)


@pytest.mark.parametrize(
    ("money", "state"),
    [
        pytest.param([(march(12), 3000), (march(20), 5000)], "kept", id="28-kept"),
        pytest.param([(march(12), 7999)], "part", id="28-a-cent-is-missing"),
        pytest.param([], "broken", id="28-nothing-came"),
        pytest.param([(march(21), 8000)], "broken", id="a-day-late"),
    ],
)
def test_a_promise_is_graded_by_what_came(money, state):
    assert judged([Instalment(BY, 8000)], [Money(*m) for m in money], march(21)).state == state


def test_a_promise_holds_to_the_end_of_its_day_and_courtesy_counts():
    promise = [Instalment(BY, 8000)]
    assert judged(promise, [], BY).holds_until == BY
    assert judged(promise, [Money(march(21), 8000)], march(21), courtesy=1).state == "kept"
    assert judged(promise, [], march(21), courtesy=1).holds_until == march(21)
    assert judged(promise, [], march(21), pending=8000).state == "open"


@pytest.mark.parametrize(("came", "state"), [pytest.param(10000, "kept", id="32-kept"), pytest.param(9000, "part", id="32-part")])
def test_an_instalment_is_kept_when_what_else_fell_due_is_paid_too(came, state):
    parts = [Instalment(date(2026, n, 1), 3000) for n in (4, 5, 6)]
    money = [Money(date(2026, 4, 1), 3000), Money(date(2026, 4, 30), came - 3000)]
    graded = judged(parts, money, date(2026, 5, 2), others=[OtherDue(date(2026, 4, 15), 4000)])
    assert graded.state == ("open" if state == "kept" else state)
    assert graded.holds_until == (date(2026, 6, 1) if state == "kept" else None)
