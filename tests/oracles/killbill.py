"""Kill Bill's words for billing periods, and its cycle of dates asked of our rules."""

from datetime import date, timedelta

from netbill_tui.billing.accounts import Account, Held
from netbill_tui.billing.catalogue import Catalogue, Code, Rules
from netbill_tui.billing.cycles import Cycle, Schedule, schedule
from netbill_tui.billing.invoicing import BillLine
from netbill_tui.billing.planning import plan_customer
from netbill_tui.billing.prices import Price
from netbill_tui.services import subscriptions
from tests.conftest import Desk

PERIODS = {
    "DAILY": Cycle(0, 1), "WEEKLY": Cycle(0, 7), "BIWEEKLY": Cycle(0, 14), "THIRTY_DAYS": Cycle(0, 30),
    "THIRTY_ONE_DAYS": Cycle(0, 31), "SIXTY_DAYS": Cycle(0, 60), "NINETY_DAYS": Cycle(0, 90), "MONTHLY": Cycle(1),
    "BIMESTRIAL": Cycle(2), "QUARTERLY": Cycle(3), "TRIANNUAL": Cycle(4), "BIANNUAL": Cycle(6), "ANNUAL": Cycle(12),
    "SESQUIENNIAL": Cycle(18), "BIENNIAL": Cycle(24), "TRIENNIAL": Cycle(36),
}  # fmt: skip


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def kill_bill_schedule(start: date, period: str, bill_cycle_day: int) -> Schedule:
    """Its first bill date steps by whole periods from the month of the start: our count of months stands on that month."""
    return schedule(start, PERIODS[period], bill_cycle_day, start.month)


def spans(made: Schedule, start: date, end: date | None, target: date, mode: str) -> list[tuple[date, date, date, date]]:
    """First day, end, and first day and end of the whole period of each part that is billed by a target date."""
    found = []
    k = made.number(start)
    while True:
        whole, whole_end = made.boundary(k), made.boundary(k + 1)
        first, last = max(whole, start), whole_end if end is None else min(whole_end, end)
        if first >= last:
            break
        billed_on = {"IN_ADVANCE": max(whole, start), "IN_ARREAR": last, "IN_ARREAR_GREEDY": first}[mode]
        if billed_on > target and not (mode == "IN_ADVANCE" and k < 0 and start <= target):
            break
        found.append((first, last, whole, whole_end))
        k += 1
    return found


def whole_before(first: date, cycle: Cycle) -> date:
    """One period back by plain calendar subtraction, without clamping to the anchor again."""
    from dateutil.relativedelta import relativedelta

    return first - (timedelta(days=cycle.days) if cycle.days else relativedelta(months=cycle.months))


def nominal_days(first: date, end: date, month_days: int) -> int:
    """Days of a span where each month counts so many days; days in the same month are real days.

    Between months: the days left of a first month of that length, whole months, and the day of the last one.
    """
    months = (end.year - first.year) * 12 + end.month - first.month
    return (end - first).days if months == 0 else max(month_days - first.day, 0) + month_days * (months - 1) + end.day


# A price of so many units makes the amount of a part its share with nine decimals, rounded as every amount is.
UNIT = 10**9
BOOK = Catalogue({"PLAN": Code("PLAN", "Plan")}, {"PLAN": (Price(1, "1990-01-01", None, "all", UNIT),)}, (), Rules())
CYCLES = {"MONTHLY": "1M", "QUARTERLY": "3M", "ANNUAL": "12M"}


def planned(case, desk: Desk) -> list[BillLine]:
    """Each line that is billed by the target date of a service as somebody types it."""
    fields = {
        "code": "PLAN", "start": case["start"], "end": case["end"] or "", "cycle": CYCLES[case["billing_period"]],
        "anchor": str(case["bill_cycle_day"]), "mode": {"IN_ADVANCE": "advance", "IN_ARREAR": "arrears"}[case["mode"]],
    }  # fmt: skip
    new = subscriptions.read_new(desk.session, "", fields, BOOK)
    held = Held(new.service._replace(id=1), tuple(e._replace(id=n) for n, e in enumerate(new.events, 1)), (), new.service.start)
    bills = plan_customer(Account(1, "C1", "", 30), [held], [], day(case["target"]), BOOK, "EUR", "all").bills
    return [n for b in bills for n in b.lines]
