"""Period codes and due dates: 18 cases of FOSSBilling and Invoice Ninja.

Not a rule of ours, and not asked: nominal days of a period, which count thirty days a month.
"""

import json
from datetime import date

import pytest

from netbill_tui.billing.core.cycles import day_in_month, period_code, period_months
from netbill_tui.billing.core.dates import due_date
from netbill_tui.errors import InvalidInput
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "period_and_due_dates.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_a_period_is_read_and_a_due_date_found(case):
    shared("oracles", "period_and_due_dates.json")
    name = case["function"]
    if case.get("expected_error"):
        with pytest.raises(InvalidInput):
            (period_months if name == "period_months" else period_code)(case["code"])
    elif name == "period_code":
        quantity, unit = period_code(case["code"])
        assert quantity == case.get("expected_quantity", quantity)
        assert unit == case.get("expected_unit", unit)
    elif name == "period_months":
        assert period_months(case["code"]) == case["expected"]
    else:
        on = date.fromisoformat(case["date"])
        ours = {
            "due_first_of_next_month": lambda: due_date(on, day_of_next_month=1),
            "due_last_of_month": lambda: due_date(on, day_of_next_month=31),
            "due_next_day_of_month": lambda: due_date(on, day_of_next_month=case["day"]),
            "add_month_no_overflow": lambda: day_in_month(on.year * 12 + on.month, on.day),
        }[name]()
        assert ours.isoformat() == case["expected"]
