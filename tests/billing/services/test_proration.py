"""Days of a part of a period, by each rule. Source: docs/rules.md, *15 Proration*."""

from datetime import date

import pytest

from netbill_tui.billing.services.proration import billable_days, fraction

D = date
FEBRUARY = (D(2026, 2, 1), D(2026, 3, 1))
MARCH = (D(2026, 3, 1), D(2026, 4, 1))


@pytest.mark.parametrize(("policy", "part", "whole", "began", "used"), [
    pytest.param("days", (D(2026, 2, 15), D(2026, 3, 1)), FEBRUARY, D(2026, 1, 1), (14, 28), id="actual days"),
    pytest.param("30", (D(2026, 2, 15), D(2026, 3, 1)), FEBRUARY, D(2026, 1, 1), (16, 30), id="the last part has what is left"),
    pytest.param("30", (D(2026, 2, 1), D(2026, 2, 15)), FEBRUARY, D(2026, 1, 1), (14, 30), id="the first part has its days"),
    pytest.param("30", (D(2026, 2, 10), D(2026, 3, 1)), FEBRUARY, D(2026, 2, 10), (19, 30), id="begun within the period"),
    pytest.param("30", (D(2026, 3, 2), D(2026, 4, 1)), MARCH, D(2026, 1, 1), (29, 30), id="the 31st is none"),
    pytest.param("whole", (D(2026, 2, 10), D(2026, 3, 1)), FEBRUARY, D(2026, 2, 10), (1, 1), id="whole: the first part"),
    pytest.param("whole", (D(2026, 2, 20), D(2026, 3, 1)), FEBRUARY, D(2026, 2, 10), (0, 1), id="whole: a later part"),
    pytest.param("free", (D(2026, 2, 10), D(2026, 3, 1)), FEBRUARY, D(2026, 2, 10), (0, 1), id="free before the first anchor"),
    pytest.param("free", (D(2026, 2, 15), D(2026, 3, 1)), FEBRUARY, D(2026, 1, 1), (14, 28), id="free behind it"),
])  # fmt: skip
def test_days_of_a_part_by_each_rule(policy, part, whole, began, used):
    assert fraction(*part, *whole, policy, began) == used


@pytest.mark.parametrize(("part", "whole", "began", "days"), [
    ((D(2026, 2, 15), D(2026, 3, 1)), FEBRUARY, D(2026, 1, 1), 16), ((D(2026, 2, 10), D(2026, 3, 1)), FEBRUARY, D(2026, 2, 10), 19),
    ((D(2026, 3, 2), D(2026, 4, 1)), MARCH, D(2026, 1, 1), 29), ((D(2026, 2, 15), D(2026, 3, 1)), FEBRUARY, None, 16),
])  # fmt: skip
def test_what_is_given_back_counts_days_as_the_charge_did(part, whole, began, days):
    assert billable_days(*part, *whole, "30", began) == days
