"""An internet provider's billing: 13 cases of Freeside.

Policy: a service starts on a civil date, so a time of day never counts; an operator who activates in the afternoon and wants the
next day types it. The cases say which midnight their rounding means, and that date is given to our rules.
"""

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from netbill_tui.billing.accounts import Account, Held
from netbill_tui.billing.catalogue import Catalogue, Code, Rules
from netbill_tui.billing.charging import Span
from netbill_tui.billing.cycles import Cycle
from netbill_tui.billing.invoicing import OneOff
from netbill_tui.billing.planning import plan_customer
from netbill_tui.billing.prices import Price
from netbill_tui.billing.proration import share
from netbill_tui.billing.services import Event, Service
from netbill_tui.billing.taxes import CreditedTax, DatedRate, Rate, tax_lines, tax_of_credit
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "isp_billing_freeside.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
FULL = 3100


def book(**rules) -> Catalogue:
    codes = {"NET": Code("NET", "Internet", tax_class="std"), "SETUP": Code("SETUP", "Setup", kind="one-time")}
    rate = DatedRate("std", "2000-01-01", None, Rate("Tax", "S", rules.pop("percent", "0")))
    return Catalogue(codes, {"NET": (Price(1, "2000-01-01", None, "all", rules.pop("price", FULL)),)}, (rate,), Rules(**rules))


def started(case_time: str, rounding: str) -> date:
    moment = datetime.fromisoformat(case_time)
    later = {"nearest day": moment.hour >= 12, "up": False, "down": (moment.hour, moment.minute, moment.second) != (0, 0, 0)}
    return moment.date() + timedelta(days=int(later[rounding]))


def held(number: int, start: date, anchor: int) -> Held:
    service = Service(number, start, Cycle(1), anchor)
    return Held(service, (Event(number, start, "start", "NET"),), (), start)


def bills(services: list[Held], as_of: date, made: Catalogue, charges: tuple[OneOff, ...] = ()) -> list:
    return list(plan_customer(Account(1, "C1", "", 30), services, charges, as_of, made, "USD").bills)


def sync(case) -> None:
    first = started(case["first_package"]["activated"], case["day_rounding"])
    second = started(case["second_package"]["activated"], case["day_rounding"])
    # A further service takes the anchor of the account.
    found = bills([held(1, first, first.day), held(2, second, first.day)], max(first, second), book())
    amounts = {n.service_id: n.amount for b in found for n in b.lines}
    full = case["expected_second"] == "full"
    part = Fraction(1) if full else Fraction(case["expected_second"].split(" ")[0])
    assert amounts[1] == FULL
    assert amounts[2] == share(FULL, part.numerator, part.denominator)
    ends = {n.end for b in found for n in b.lines}
    assert (len(ends) == 1) is case["expected_same_next_bill_date"]


def two_cycles(case) -> None:
    start = started(case["activated"], case["day_rounding"])
    service = held(1, start, start.day)
    found = bills([service], service.service.start + timedelta(days=31), book())
    assert [n.amount for b in found for n in b.lines][:2] == [FULL, FULL]
    assert (case["expected_first"], case["expected_second_cycle"]) == ("full", "full")


def deferred(case) -> None:
    start = date.fromisoformat(case["activated"])
    made = book(first_bill="defer", price=int(Decimal(case["monthly_fee"]) * 100))
    service = held(1, start, case["cutoff_day"])
    setup = int(Decimal(case["setup_fee"]) * 100)
    charges = (OneOff(1, start, "one-off", "SETUP", Decimal(1), setup, "", start.isoformat()),)
    assert bills([service], start, made, charges) == []
    (key,) = [k for k in case if re.fullmatch(r"expected_on_\d{4}_\d\d_\d\d", k)]
    (bill,) = bills([service], date(*map(int, key.removeprefix("expected_on_").split("_"))), made, charges)
    expected = case[key]
    assert sum(n.amount for n in bill.lines if n.kind == "recurring") == int(Decimal(expected["recurring"]) * 100)
    assert sum(n.amount for n in bill.lines if n.kind == "one-off") == int(Decimal(expected["setup"]) * 100)


def invoice_tax(case) -> None:
    amounts = [int(Decimal(str(n)) * 100) for n in case["lines"]]
    for percent, expected in zip(case["tax_percents"], case["expected_taxes"], strict=True):
        assert tax_lines([(a, (Rate("Tax", "S", str(percent)),)) for a in amounts]).tax == int(Decimal(str(expected)) * 100)


def cancelled(case) -> None:
    start, over = date.fromisoformat(case["billed"]), date.fromisoformat(case["cancelled"])
    made = book(percent=case["tax_percent"], price=int(Decimal(case["monthly_fee"]) * 100))
    service = held(1, start, start.day)
    (bill,) = bills([service], start, made)
    assert (bill.net, bill.tax, bill.total) == tuple(
        int(Decimal(case["invoice"][k]) * 100) for k in ("recurring", "tax", "total")
    )
    span = Span(start, date.fromisoformat(bill.lines[0].end), 1, (("NET", "std", bill.lines[0].charged),))
    events = (*service.events, Event(2, over, "end", policy="days"))
    after = service._replace(events=events, spans=(span,), covered=start, check_on=over)
    (credit,) = bills([after], over, made)
    assert -credit.total == int(Decimal(case["expected_credit"]) * 100)
    assert tax_of_credit(CreditedTax(bill.net, bill.tax), -credit.net) == -credit.tax
    paid = sum(int(Decimal(p) * 100) for p in case["payments"])
    assert bill.total - paid == int(Decimal(case["expected_invoice_owed"]) * 100)


KINDS = {
    "sync_to_existing_bill_date": sync, "two_full_cycles": two_cycles, "deferred_first_bill": deferred, "invoice_tax": invoice_tax,
    "cancel_credit_with_tax": cancelled,
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_a_provider_bills_like_this(case):
    shared("oracles", "isp_billing_freeside.json")
    KINDS[case["kind"]](case)
