"""The catalogue's codes with their prices."""

from datetime import timedelta

from netbill_tui.usecases.catalogue import codes
from tests.conftest import Desk


def test_the_list_of_codes_has_the_price_of_today_and_the_one_to_come(desk: Desk):
    today = desk.session.today()

    def day(days: int) -> str:
        return str(today + timedelta(days=days))

    for code, kind in (
        ("STEADY", ""),
        ("RAISED", ""),
        ("SUMMER", ""),
        ("OVER", ""),
        ("NONE", ""),
        ("VISIT", "one-time"),
        ("PART", ""),
    ):
        codes.store_code(desk.session, {"code": code, "name": code, **({"kind": kind} if kind else {})})
    codes.store_code(desk.session, {"code": "PACK", "name": "Pack", "kind": "bundle", "parts": "PART=1,STEADY=1"})
    for code, fields in (
        ("STEADY", {"amount": "30", "from": "2020-01-01"}), ("RAISED", {"amount": "30", "from": "2020-01-01"}),
        ("RAISED", {"amount": "35", "from": day(20)}), ("RAISED", {"amount": "20", "from": day(10), "audience": "new"}),
        ("SUMMER", {"amount": "30", "from": "2020-01-01"}), ("SUMMER", {"amount": "10", "from": day(-10), "until": day(5)}),
        ("OVER", {"amount": "30", "from": "2020-01-01", "until": day(-1)}), ("PACK", {"amount": "50", "from": "2020-01-01"}),
    ):  # fmt: skip
        codes.add_price(desk.session, code, fields)
    rows = {r.code.code: r[1:] for r in codes.listed(desk.session)}
    assert rows == {
        "STEADY": (3000, 3000, "", False), "RAISED": (3000, 3500, day(20), False), "SUMMER": (1000, 3000, day(5), False),
        "OVER": (None, None, "", True), "NONE": (None, None, "", True), "VISIT": (None, None, "", False),
        "PART": (None, None, "", False), "PACK": (5000, 5000, "", False),
    }  # fmt: skip
