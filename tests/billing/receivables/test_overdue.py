"""What is overdue, its buckets, and the order of the work list."""

import pytest

from netbill_tui.billing.receivables.ageing import BUCKET_NAMES, bucket_of, days_past_due
from netbill_tui.billing.receivables.overdue import Overdue, by_amount, by_days, work_list
from tests.conftest import TODAY


def test_the_due_day_itself_is_not_overdue():
    assert bucket_of(days_past_due("2026-11-22", "2026-11-22")) == "current"
    assert bucket_of(days_past_due("2026-11-21", "2026-11-22")) == "1-30"


@pytest.mark.parametrize(("days", "bucket"), [(-5, "current"), (0, "current"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60"),
                                              (61, "61-90"), (90, "61-90"), (91, "over-90"), (9999, "over-90")])  # fmt: skip
def test_the_buckets_touch_without_gap(days, bucket):
    assert bucket_of(days) == bucket
    assert bucket in BUCKET_NAMES


def overdue(account: str, days: int, cents: int, **more: object) -> Overdue:
    base = {"invoices": 1, "disputed": 0, "next_action_on": None, "promise_on": None, "last_contact_on": None, "last_contact": ""}
    return Overdue(0, account, "", "", days, cents, bucket_of(days), **(base | more))  # type: ignore[arg-type]


def test_the_queue_has_two_orders():
    rows = [overdue("B", 5, 900), overdue("A", 5, 100), overdue("C", 40, 500)]
    assert [r.account for r in by_days(rows)] == ["C", "A", "B"]
    assert [r.account for r in by_amount(rows)] == ["B", "C", "A"]


def test_the_work_list_leaves_out_what_waits_and_begins_with_broken_promises():
    rows = [
        overdue("small", 99, 499), overdue("waits", 99, 900, next_action_on="2026-11-23"),
        overdue("promised", 99, 900, promise_on="2026-11-22"), overdue("disputed", 99, 900, disputed=900),
        overdue("rest", 3, 900), overdue("thirty", 35, 600), overdue("sixty", 61, 500), overdue("broken", 2, 600, promise_on="2026-11-21"),
        overdue("today", 3, 950, next_action_on="2026-11-22"),
    ]  # fmt: skip
    assert [r.account for r in work_list(rows, TODAY)] == ["broken", "sixty", "thirty", "today", "rest"]


def due(account: str, days: int, amount: int = 1000, promise: str | None = None) -> Overdue:
    return Overdue(1, account, account, "2026-01-01", days, amount, "", 1, 0, None, promise, None, "")


def test_the_work_list_begins_with_the_broken_promise_then_over_60_over_30_and_the_rest():
    rows = [
        due("D30", 30, 9000), due("D31", 31), due("D60", 60, 5000), due("D61", 61), due("BROKEN", 1, promise="2026-11-21"),
        due("D61MORE", 61, 2000), due("PROMISED", 90, promise="2026-11-22"), due("SMALL", 90, 499), due("LEAST", 5, 500),
    ]  # fmt: skip
    assert [r.account for r in work_list(rows, TODAY)] == ["BROKEN", "D61MORE", "D61", "D60", "D31", "D30", "LEAST"]
