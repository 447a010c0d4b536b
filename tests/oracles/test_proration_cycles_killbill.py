"""Cycles to be billed: 144 cases of Kill Bill, each a service as somebody types it, planned up to the case's day.

Policy: the whole period of a stub runs between two anchor dates (behaviours 15), so that before 28 February with anchor 31
it began on 31 January; Kill Bill goes back to 28 January. Where the two differ the stub alone may, and only at a clamped anchor.
The stub ends on the first anchor date after the start (behaviours 14), whatever the cycle; Kill Bill's first date is whole cycles from
the month of the start, which in STEPS is another one: there ours bills its stub and then whole periods.
"""

import json
from decimal import Decimal

import pytest

from netbill_tui.billing.accounts import Account, Held
from netbill_tui.billing.catalogue import Catalogue, Code, Rules
from netbill_tui.billing.planning import plan_customer
from netbill_tui.billing.prices import Price
from netbill_tui.errors import InvalidInput
from netbill_tui.services import subscriptions
from tests.conftest import SHARED, Desk, shared
from tests.oracles.killbill import day

FILE = SHARED / "oracles" / "proration_cycles_killbill.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
# A price of so many units makes the amount of a part its share with nine decimals, rounded as every amount is.
UNIT = 10**9
BOOK = Catalogue({"PLAN": Code("PLAN", "Plan")}, {"PLAN": (Price(1, "1990-01-01", None, "all", UNIT),)}, (), Rules())
STEPS = {f"proration_cycles_killbill-{n}" for n in ("0121", "0123", "0145", "0223")}
CYCLES = {"MONTHLY": "1M", "QUARTERLY": "3M", "ANNUAL": "12M"}


def planned(case, desk: Desk) -> list[tuple[str, int]]:
    """First day and amount of each line that is billed by the target date."""
    fields = {
        "code": "PLAN", "start": case["start"], "end": case["end"] or "", "cycle": CYCLES[case["billing_period"]],
        "anchor": str(case["bill_cycle_day"]), "mode": {"IN_ADVANCE": "advance", "IN_ARREAR": "arrears"}[case["mode"]],
    }  # fmt: skip
    new = subscriptions.read_new(desk.session, "", fields, BOOK)
    held = Held(new.service._replace(id=1), tuple(e._replace(id=n) for n, e in enumerate(new.events, 1)), (), new.service.start)
    bills = plan_customer(Account(1, "C1", "", 30), [held], [], day(case["target"]), BOOK, "EUR", "all").bills
    return [(n.first, n.amount) for b in bills for n in b.lines]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_the_share_of_each_period_is_its_days(case, request: pytest.FixtureRequest):
    shared("oracles", "proration_cycles_killbill.json")
    desk = request.getfixturevalue("sqlite_desk")
    if case["expected_error"]:
        # An end before the start is refused; a day before the start bills nothing.
        try:
            assert planned(case, desk) == []
        except InvalidInput:
            assert day(case["end"]) < day(case["start"])
        return
    lines = planned(case, desk)
    ours, theirs = sum(amount for _, amount in lines), int(Decimal(case["expected_cycles"]) * UNIT)
    if case["id"] in STEPS:
        (first, stub), *rest = lines
        assert first == case["start"]
        assert 0 < stub < UNIT
        assert day(rest[0][0]).day == case["bill_cycle_day"] if rest else day(case["target"]).day < case["bill_cycle_day"]
        assert [amount for _, amount in rest[:1]] == [UNIT] * len(rest[:1])
        return
    if ours != theirs:
        assert case["bill_cycle_day"] > 28, "only a clamped anchor may differ"
        first, amount = lines[0]
        assert (first, 0 < amount < UNIT) == (case["start"], True), "only the stub may differ"
        # Their whole period is at most three days longer or shorter.
        assert abs(ours - theirs) * 28 <= 3 * amount
