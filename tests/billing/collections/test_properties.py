"""What must hold of the ladder for any account: once a step, in order, never within the gap, never a final without a reminder."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from netbill_tui.billing.collections import fees
from netbill_tui.billing.collections.ladder import Facts, Item, Went, driver_key, reminder
from netbill_tui.billing.collections.policies import FeePolicy
from netbill_tui.billing.collections.quiet_days import QuietDays
from tests.billing.collections.nights import ladder_of

FIRST = date(2026, 3, 1)
ITEMS = st.lists(
    st.tuples(st.integers(-40, 60), st.integers(1, 9000), st.booleans(), st.integers(-10, 120)), min_size=1, max_size=5
)


def walked(items, skipped: set[int], quiet: QuietDays) -> list[tuple[date, str, int]]:
    """Day, step and driver of what goes over three months: each item is due so many days on, and paid so many days after that."""
    ladder, went, messages = ladder_of(), (), []
    for n in range(100):
        day = FIRST + timedelta(days=n)
        due = [
            Item(at, f"I{at}", FIRST + timedelta(days=d), cents, disputed)
            for at, (d, cents, disputed, paid) in enumerate(items, 1)
            if day <= FIRST + timedelta(days=d + paid)
        ]
        facts = Facts(tuple(due), went)
        going = reminder(facts, ladder, quiet, day)
        if n in skipped or not going.goes:
            continue
        assert going.step is not None
        assert going.driver is not None
        assert going.driver.total >= ladder.minimum
        assert not going.driver.item.disputed
        went = (*went, Went(driver_key(going, facts), going.step.code, day, going.fallback))
        messages.append((day, going.step.code, going.driver.item.id))
        assert not reminder(facts._replace(went=went), ladder, quiet, day).goes, "twice is once"
    return messages


@settings(max_examples=150, deadline=None)
@given(ITEMS, st.sets(st.integers(0, 99)), st.sets(st.integers(0, 6), max_size=4))
def test_the_ladder_holds_its_promises_over_any_account(items, skipped, quiet):
    messages = walked(items, skipped, QuietDays(frozenset(quiet)))
    order = {"courtesy": 0, "r1": 1, "r2": 2, "final": 3}
    for (before, _, _), (day, _, _) in zip(messages, messages[1:], strict=False):
        assert (day - before).days >= 3
    for driver in {d for _, _, d in messages}:
        steps = [(day, step) for day, step, d in messages if d == driver]
        ranks = [order[step] for _, step in steps]
        assert ranks == sorted(set(ranks)), "each step once, upwards"
        finals = [day for day, step in steps if step == "final"]
        for final in finals:
            assert any(step in ("r1", "r2") and (final - day).days >= 5 for day, step in steps)
    assert not [day for day, _, _ in messages if day.weekday() in quiet]


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 10**7), st.integers(0, 10**6), st.integers(0, 10**7), st.integers(0, 5000), st.integers(0, 2000),
    st.integers(0, 10**5), st.integers(0, 10**5), st.sampled_from(["flat", "percent", "greater", "sum"]),
)  # fmt: skip
def test_a_fee_is_never_more_than_its_caps_nor_its_base_more_than_is_open(net, tax, paid, rate, cap_rate, flat, cap, mode):
    lines = (fees.LineFacts("recurring", net, tax),)
    late = fees.Late(1, "I1", FIRST, max(net + tax - paid, 0), lines)
    policy = FeePolicy(mode=mode, flat=flat, rate=rate, cap=cap, cap_rate=cap_rate, least_base=0)
    base = fees.base_of(policy, late)
    assert 0 <= base <= min(net, late.open)
    amount, _ = fees.amount_of(policy, base)
    assert amount >= 0
    assert not cap or amount <= cap
    assert not cap_rate or amount * fees.HUNDREDTHS <= base * cap_rate
