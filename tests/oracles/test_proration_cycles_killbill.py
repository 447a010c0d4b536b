"""Cycles to be billed: 144 cases of Kill Bill, each a service as somebody types it, planned up to the case's day.

Policy: the whole period of a stub runs between two anchor dates (docs/rules.md, *15 Proration*), so that before 28 February with anchor 31
it began on 31 January; Kill Bill goes back to 28 January. Where the two differ the stub alone may, and only at a clamped anchor.
The stub ends on the first anchor date after the start (docs/rules.md, *14 Anchor*), whatever the cycle; Kill Bill's first date is whole cycles from
the month of the start, which in STEPS is another one: there ours bills its stub and then whole periods.
"""

import json
from decimal import Decimal

import pytest

from netbill_tui.errors import InvalidInput
from tests.conftest import SHARED, shared
from tests.oracles.killbill import UNIT, day, planned

FILE = SHARED / "oracles" / "proration_cycles_killbill.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
STEPS = {f"proration_cycles_killbill-{n}" for n in ("0121", "0123", "0145", "0223")}


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
    lines = [(n.first, n.amount) for n in planned(case, desk)]
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
