"""An internet provider's billing: 13 cases of Freeside.

Policy: a service starts on a civil date, so a time of day never counts; an operator who activates in the afternoon and wants the
next day types it. The cases say which midnight their rounding means, and that date is typed as the start. Everything else is asked of a book.
"""

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from netbill_tui.billing.services.proration import share
from netbill_tui.usecases.billing_run import issue
from netbill_tui.usecases.catalogue import codes, tax_rates
from netbill_tui.usecases.catalogue import rules as billing_rules
from netbill_tui.usecases.receivables import dues
from netbill_tui.usecases.services import charges, events, subscriptions
from tests.conftest import SHARED, TODAY, Desk, shared

FILE = SHARED / "oracles" / "isp_billing_freeside.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
FULL = 3100


def shop(desk: Desk, *, price: int = FULL, percent: str = "", **rules: str) -> None:
    """A book that sells NET, with the rules of the case."""
    if percent:
        tax_rates.add_rate(desk.session, "std", {"percent": percent, "name": "Tax"})
    for name, value in rules.items():
        billing_rules.set_rule(desk.session, name, value)
    codes.store_code(desk.session, {"code": "NET", "name": "Internet", **({"tax_class": "std"} if percent else {})})
    codes.add_price(desk.session, "NET", {"amount": f"{price / 100:.2f}", "from": "2000-01-01"})
    codes.store_code(desk.session, {"code": "SETUP", "name": "Setup", "kind": "one-time", "category": "one-off"})
    desk.customer("C1")


def serve(desk: Desk, start: date, **more: str) -> int:
    row = subscriptions.add(desk.session, "C1", {"code": "NET", "start": start.isoformat(), **more})
    assert row is not None
    return row.service.id


def bill(desk: Desk, day: date) -> issue.Preview:
    return issue.issue(desk.session, day, catch_up="all", pause_s=0)


def charged(desk: Desk, service_id: int) -> list[int]:
    """What was billed of a service, in order."""
    return [int(str(c)) for c in desk.column(f"select charged from billed where service_id = {service_id} order by id")]


def started(case_time: str, rounding: str) -> date:
    moment = datetime.fromisoformat(case_time)
    later = {"nearest day": moment.hour >= 12, "up": False, "down": (moment.hour, moment.minute, moment.second) != (0, 0, 0)}
    return moment.date() + timedelta(days=int(later[rounding]))


def cents(text: object) -> int:
    return int(Decimal(str(text)) * 100)


def sync(case, desk: Desk) -> None:
    first = started(case["first_package"]["activated"], case["day_rounding"])
    second = started(case["second_package"]["activated"], case["day_rounding"])
    shop(desk)
    one = serve(desk, first)
    bill(desk, first)
    # Nothing is said of its day: it takes the one of the account.
    two = serve(desk, second)
    bill(desk, second)
    full = case["expected_second"] == "full"
    part = Fraction(1) if full else Fraction(case["expected_second"].split(" ")[0])
    assert charged(desk, one)[0] == FULL
    assert charged(desk, two)[0] == share(FULL, part.numerator, part.denominator)
    rows = {r.service.id: r for r in subscriptions.of_account(desk.session, "C1")}
    assert (rows[one].next_on == rows[two].next_on) is case["expected_same_next_bill_date"]


def two_cycles(case, desk: Desk) -> None:
    start = started(case["activated"], case["day_rounding"])
    shop(desk)
    service = serve(desk, start)
    bill(desk, start)
    bill(desk, start + timedelta(days=31))
    words = {"full": FULL}
    assert charged(desk, service) == [words[case["expected_first"]], words[case["expected_second_cycle"]]]


def deferred(case, desk: Desk) -> None:
    start = date.fromisoformat(case["activated"])
    shop(desk, price=cents(case["monthly_fee"]), first_bill="defer")
    serve(desk, start, anchor=str(case["cutoff_day"]))
    charges.charge(desk.session, "C1", {"code": "SETUP", "amount": case["setup_fee"], "on": start.isoformat()})
    assert bill(desk, start).issued == 0
    (key,) = [k for k in case if re.fullmatch(r"expected_on_\d{4}_\d\d_\d\d", k)]
    assert bill(desk, date(*map(int, key.removeprefix("expected_on_").split("_")))).issued == 1
    for kind, expected in (("recurring", case[key]["recurring"]), ("one-off", case[key]["setup"])):
        assert desk.column(f"select coalesce(sum(amount), 0) from invoice_line where kind = '{kind}'") == [cents(expected)]


def invoice_tax(case, desk: Desk) -> None:
    for at, (percent, expected) in enumerate(zip(case["tax_percents"], case["expected_taxes"], strict=True)):
        # One class, code and account for each rate, the lines as charges of one day.
        tax_rates.add_rate(desk.session, f"t{at}", {"percent": str(percent), "name": "Tax"})
        code = {"code": f"X{at}", "name": "Line", "kind": "one-time", "category": "one-off", "tax_class": f"t{at}"}
        codes.store_code(desk.session, code)
        desk.customer(f"T{at}")
        for amount in case["lines"]:
            charges.charge(desk.session, f"T{at}", {"code": f"X{at}", "amount": f"{Decimal(str(amount)):.2f}"})
        bill(desk, TODAY)
        assert desk.column(f"select tax from invoice where customer_id = (select id from customer where account = 'T{at}')") == [
            cents(expected)
        ]


def cancelled(case, desk: Desk) -> None:
    start, over = date.fromisoformat(case["billed"]), date.fromisoformat(case["cancelled"])
    shop(desk, price=cents(case["monthly_fee"]), percent=str(case["tax_percent"]))
    service = serve(desk, start)
    bill(desk, start)
    (invoice,) = desk.session.db.peewee.execute_sql("select total - tax, tax, total from invoice").fetchall()
    assert tuple(invoice) == tuple(cents(case["invoice"][k]) for k in ("recurring", "tax", "total"))
    for paid in case["payments"]:
        desk.pay("C1", cents(paid))
    (number,) = desk.column("select number from invoice")
    due, _ = dues.invoice(desk.session, str(number))
    assert due.open == cents(case["expected_invoice_owed"])
    events.schedule_event(desk.session, service, "end", {"on": over.isoformat(), "policy": "days"})
    bill(desk, over)
    assert desk.column("select total from credit_note") == [cents(case["expected_credit"])]


KINDS = {
    "sync_to_existing_bill_date": sync, "two_full_cycles": two_cycles, "deferred_first_bill": deferred, "invoice_tax": invoice_tax,
    "cancel_credit_with_tax": cancelled,
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_a_provider_bills_like_this(case, request: pytest.FixtureRequest):
    shared("oracles", "isp_billing_freeside.json")
    KINDS[case["kind"]](case, request.getfixturevalue("sqlite_desk"))
