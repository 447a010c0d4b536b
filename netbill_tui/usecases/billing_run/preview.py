"""What a billing run would do, with what is worth a look; and what a preview and a run have in common.

Source: docs/rules.md, *13 Billing run*.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple

from netbill_tui.billing.billing_run.accounts import Held
from netbill_tui.billing.billing_run.invoicing import Bill
from netbill_tui.billing.billing_run.planning import CATCH_UPS, Plan, plan_customer
from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.catalogue.prices import CannotBill
from netbill_tui.db.billing_run import accounts as account_rows
from netbill_tui.db.billing_run import due_services, runs
from netbill_tui.db.billing_run.accounts import Loaded
from netbill_tui.db.billing_run.runs import Run, Waiting
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.billing_run.posting import Issued
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session

BATCH = 100  # a clerk's payment waits for one batch at most: 8 ms as a rule with 100, 50 ms with 250
PAGE = 1000
MOST_NAMED = 200
CHANGE_PERCENT = 30
Progress = Callable[[int, int], None]


class Exceptional(NamedTuple):
    """A bill that somebody should look at before the run."""

    account: str
    name: str
    kind: str
    detail: str
    net: int


@dataclass(slots=True)
class Preview:
    """What a run would do, or did."""

    as_of: date
    catch_up: str = ""
    run: str = ""
    customers: int = 0
    issued: int = 0
    credits: int = 0
    already: int = 0
    waiting: int = 0
    lines: int = 0
    net: int = 0
    tax: int = 0
    parked: list[tuple[str, str]] = field(default_factory=list)
    exceptions: list[Exceptional] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    queued: dict[str, int] = field(default_factory=dict)  # how many documents go by mail, on paper, to nobody
    by_code: dict[str, list[int]] = field(default_factory=dict)
    last: Run | None = None
    stopped: bool = False
    next_on: str = ""

    @property
    def total(self) -> int:
        """With tax."""
        return self.net + self.tax

    def park(self, account: str, reason: str) -> None:
        """A customer is left out."""
        self.parked.append((account, reason))

    def tell(self, account: str, name: str, kind: str, detail: str, net: int) -> None:
        """Something is worth a look; each kind is counted, and the first of them are named."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self.counts[kind] <= MOST_NAMED:
            self.exceptions.append(Exceptional(account, name, kind, detail, net))

    def add(self, issued: Issued) -> None:
        """A batch was issued."""
        self.customers += issued.customers
        self.issued += issued.invoices
        self.credits += issued.credits
        self.lines += issued.lines
        self.net += issued.net
        self.tax += issued.tax


def check_catch_up(catch_up: str) -> str:
    """The choice for periods that were missed.

    Raises:
        InvalidInput: There is no such choice.
    """
    if catch_up and catch_up not in CATCH_UPS:
        raise InvalidInput(f"Type --catch-up as one of {', '.join(CATCH_UPS)}.")
    return catch_up


def due_customers(session: Session, until: date) -> Iterator[list[int]]:
    """Customers with something to look at, in pages; nobody twice."""
    day = until.isoformat()
    seen: set[int] = set()
    after: due_services.DueNext | None = None
    while page := due_services.due_next(session.db, day, after, PAGE):
        after = page[-1]
        yield _unseen([due.customer_id for due in page], seen)
    for charges in (False, True):
        last = 0
        while ids := due_services.due_otherwise(session.db, day, last, PAGE, charges=charges):
            last = ids[-1]
            yield _unseen(ids, seen)


def _unseen(ids: Sequence[int], seen: set[int]) -> list[int]:
    fresh = [i for i in dict.fromkeys(ids) if i not in seen]
    seen.update(fresh)
    return fresh


def _late_reason(plan: Plan) -> str:
    return f"{plan.late} whole periods are missing; bill with --catch-up all, latest or skip"


def _never_ends(loaded: Loaded, held: Held) -> bool:
    if held.plain is not None:
        return held.plain.timeline.end is None
    return any(r.service.id == held.service.id and r.ends_on is None for r in loaded.rows)


def planned(session: Session, loaded: Loaded, as_of: date, catalogue: Catalogue, catch_up: str) -> Plan:
    """The bills of one customer; who misses more than one period without a choice for it cannot be billed."""
    plan = plan_customer(loaded.account, loaded.services, loaded.charges, as_of, catalogue, session.book.currency, catch_up)
    if loaded.account.closed:
        running = next((h.service.id for h in loaded.services if _never_ends(loaded, h)), None)
        if running is not None:
            raise CannotBill(
                f"the account is closed and service {running} runs; netbill change-customer {loaded.account.account} "
                "--set status=closed --end-services ends it, --set status=active opens the account again"
            )
    if plan.late > 1 and not catch_up:
        raise CannotBill(_late_reason(plan))
    return plan


def preview(
    session: Session,
    as_of: date,
    *,
    catch_up: str = "",
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Preview:
    """What a run would issue, to the cent, with what is worth a look and the last run beside it. Changes nothing.

    Args:
        session: Whose book.
        as_of: The business date of the run.
        catch_up: What becomes of periods that were missed; empty parks who has more than one.
        on_progress: Gets customers done and to be done.
        should_stop: Asked between pages.
    """
    catalogue = codes.load(session)
    result = Preview(as_of, check_catch_up(catch_up))
    until = as_of + timedelta(days=catalogue.rules.lead_days)
    total = due_services.count_due(session.db, until.isoformat())
    result.last = next((r for r in runs.runs(session.db) if r.kind == "run" and r.invoices and r.state != "undone"), None)
    done = 0
    for page in due_customers(session, until):
        for ids in cut(page, BATCH):
            with session.db.reading():
                many = account_rows.load(session.db, ids, until)
                nets = runs.last_nets(session.db, ids)
                drafted = runs.drafts_of(session.db, ids) if catalogue.rules.drafts_days else {}
            for loaded in many:
                preview_customer(session, result, loaded, as_of, catalogue, nets.get(loaded.account.id), drafted)
            done += len(ids)
            if on_progress:
                on_progress(min(done, total), total)
            if should_stop():
                result.stopped = True
                return result
    result.already = due_services.count_settled(session.db, until.isoformat())
    result.next_on = due_services.next_date(session.db)
    result.exceptions.sort(key=lambda e: (_ORDER.index(e.kind), e.account))
    return result


_ORDER = ("negative", "zero", "changed", "late", "prorated", "new")


def cut(ids: list[int], size: int) -> Iterator[list[int]]:
    """The customers in batches of a size."""
    for at in range(0, len(ids), size):
        yield ids[at : at + size]


def first_waiting(drafts: Sequence[Waiting | None], bills: Sequence[Bill], as_of: date) -> int | None:
    """Which of the bills of a customer is the first that waits as a draft, or has none yet; None where all can be issued.

    A draft that somebody confirmed is issued with the amount that was confirmed, or waits again.
    """
    today = as_of.isoformat()
    for at, (draft, bill) in enumerate(zip(drafts, bills, strict=True)):
        other = draft is not None and draft.state == "confirmed" and (draft.net, draft.tax) != (bill.net, bill.tax)
        if draft is None or draft.posts_on > today or other:
            return at
    return None


def preview_customer(
    session: Session,
    result: Preview,
    loaded: Loaded,
    as_of: date,
    catalogue: Catalogue,
    before: int | None,
    drafted: Mapping[tuple[int, str], Waiting] = MappingProxyType({}),
) -> None:
    """Add what one customer would get to a preview."""
    who = loaded.account
    try:
        # What waits as a draft is not missed.
        plan = planned(
            session, loaded, as_of, catalogue, result.catch_up or ("all" if any(c == who.id for c, _ in drafted) else "")
        )
    except CannotBill as error:
        result.park(who.account, str(error))
        return
    if catalogue.rules.drafts_days:
        ahead = first_waiting([drafted.get((who.id, b.bill_date.isoformat())) for b in plan.bills], plan.bills, as_of)
        if ahead is not None:
            result.waiting += len(plan.bills) - ahead
            plan = plan._replace(bills=plan.bills[:ahead])
    if not plan.bills:
        return
    result.customers += 1
    if plan.late > 1:
        result.tell(who.account, who.name, "late", f"{len(plan.bills)} bill dates since {plan.bills[0].bill_date}", 0)
    for bill in plan.bills:
        result.credits += bill.total < 0
        result.issued += bill.total >= 0
        result.lines += len(bill.lines)
        result.net += bill.net
        result.tax += bill.tax
        for line, net in zip(bill.lines, bill.nets, strict=True):
            sums = result.by_code.setdefault(line.code or line.kind, [0, 0])
            sums[0], sums[1] = sums[0] + 1, sums[1] + net
        if bill.total < 0:
            result.tell(who.account, who.name, "negative", f"credit note of {bill.bill_date}", bill.net)
        elif bill.total == 0:
            result.tell(who.account, who.name, "zero", f"nothing to pay on {bill.bill_date}", 0)
    net = plan.bills[-1].net
    if before is None:
        result.tell(who.account, who.name, "new", "first invoice", net)
        if any(n.kind == "recurring" and " days: " in n.why for n in plan.bills[0].lines):
            result.tell(who.account, who.name, "prorated", "first invoice, prorated", plan.bills[0].net)
    elif before and abs(net - before) * 100 > CHANGE_PERCENT * abs(before):
        result.tell(who.account, who.name, "changed", f"{(net - before) * 100 // abs(before):+d} % to the last invoice", net)
