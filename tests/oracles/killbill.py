"""Kill Bill's and Lago's cases as services that somebody types, planned by the product."""

from datetime import date

from netbill_tui.billing.billing_run.accounts import Account, Held
from netbill_tui.billing.billing_run.invoicing import BillLine
from netbill_tui.billing.billing_run.planning import plan_customer
from netbill_tui.billing.catalogue.codes import Catalogue, Code, Rules
from netbill_tui.billing.catalogue.prices import Price
from netbill_tui.billing.core.cycles import Schedule, schedule
from netbill_tui.billing.services.subscriptions import standing
from netbill_tui.usecases.services import orders
from tests.conftest import Desk


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# A price of so many units makes the amount of a part its share with nine decimals, rounded as every amount is.
UNIT = 10**9
BOOK = Catalogue({"PLAN": Code("PLAN", "Plan")}, {"PLAN": (Price(1, "1990-01-01", None, "all", UNIT),)}, (), Rules())
CYCLES = {"MONTHLY": "1M", "QUARTERLY": "3M", "ANNUAL": "12M", "WEEKLY": "7D", "BIWEEKLY": "14D"}
MODES = {"IN_ADVANCE": "advance", "IN_ARREAR": "arrears"}
NOT_SOLD = "not a rule of ours: periods of thirty days, months of so many nominal days, arrears billed while the period runs"


def typed(desk: Desk, fields: dict[str, str], book: Catalogue = BOOK) -> orders.New:
    """A service as somebody types it."""
    return orders.read_new(desk.session, "", {"code": "PLAN", **fields}, book)


def boundaries(new: orders.New) -> Schedule:
    """Where the periods of the service begin and end."""
    one = new.service
    return schedule(one.start, one.cycle, one.anchor, one.phase)


def billed(new: orders.New, until: date, book: Catalogue = BOOK) -> list[BillLine]:
    """Each line that is billed by a day."""
    events = standing(e._replace(id=n) for n, e in enumerate(new.events, 1))
    since = max(new.billed_through or new.service.start, new.service.start)
    check = min((e.on for e in events if e.kind in ("pause", "resume") and e.on >= since), default=None)
    held = Held(new.service._replace(id=1), tuple(events), (), since, check_on=check)
    bills = plan_customer(Account(1, "C1", "", 30), [held], [], until, book, "EUR", "all").bills
    return [n for b in bills for n in b.lines]


def fields_of(case) -> dict[str, str]:
    """What is typed of a case of Kill Bill."""
    return {
        "start": case["start"], "end": case.get("end") or "", "cycle": CYCLES[case["billing_period"]],
        "anchor": str(case.get("bill_cycle_day") or day(case["start"]).day), "mode": MODES[case.get("mode", "IN_ADVANCE")],
    }  # fmt: skip


def planned(case, desk: Desk) -> list[BillLine]:
    """Each line that is billed by the target date of a case of Kill Bill."""
    return billed(typed(desk, fields_of(case)), day(case["target"]))
