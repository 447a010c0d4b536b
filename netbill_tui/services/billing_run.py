"""The billing run: plan, then issue in batches of whole customers; stop, resume, park, undo. Source: behaviours 13.

A repeat finds nothing to do, because what is planned is only what is missing, and a unique index stands behind it. A run that
is killed leaves whole batches; the next run goes on behind them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import sleep
from typing import NamedTuple

from netbill_tui.billing.catalogue import Catalogue
from netbill_tui.billing.planning import CATCH_UPS, Plan, plan_customer
from netbill_tui.billing.prices import CannotBill
from netbill_tui.db import runs as rows
from netbill_tui.db import services as service_rows
from netbill_tui.db.runs import DraftRow as DraftRow
from netbill_tui.db.runs import ParkedRow as ParkedRow
from netbill_tui.db.runs import Run as Run
from netbill_tui.db.services import Loaded
from netbill_tui.db.transaction import Transaction
from netbill_tui.errors import InvalidInput, NotFound, Rejected
from netbill_tui.services import catalogue
from netbill_tui.services.customers import find_customer
from netbill_tui.services.issuing import Batch, Issued, settle_services
from netbill_tui.services.session import Session
from netbill_tui.services.writing import writing
from netbill_tui.text import visible

BATCH = 250
PAUSE_S = 0.005  # between batches, so that a clerk's payment never waits for the whole run
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
        raise InvalidInput(f"--catch-up is one of {', '.join(CATCH_UPS)}.")
    return catch_up


def _due(session: Session, until: date) -> Iterator[list[int]]:
    """Customers with something to look at, in pages; nobody twice."""
    day = until.isoformat()
    seen: set[int] = set()
    after: tuple[str, int] | None = None
    while found := service_rows.due_next(session.db, day, after, 4 * BATCH):
        after = found[-1]
        yield _unseen([i for _, i in found], seen)
    for charges in (False, True):
        last = 0
        while ids := service_rows.due_otherwise(session.db, day, last, 4 * BATCH, charges=charges):
            last = ids[-1]
            yield _unseen(ids, seen)


def _unseen(ids: Sequence[int], seen: set[int]) -> list[int]:
    fresh = [i for i in dict.fromkeys(ids) if i not in seen]
    seen.update(fresh)
    return fresh


def _late_reason(plan: Plan) -> str:
    return f"{plan.late} whole periods are missing; bill with --catch-up all, latest or skip"


def _planned(session: Session, loaded: Loaded, as_of: date, book: Catalogue, catch_up: str) -> Plan:
    plan = plan_customer(
        loaded.account, loaded.services, loaded.charges, as_of, book, session.book.currency, catch_up
    )  # fmt: skip
    if plan.late > 1 and not catch_up:
        raise CannotBill(_late_reason(plan))
    return plan


def preview(
    session: Session, as_of: date, *, catch_up: str = "", on_progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Preview:  # fmt: skip
    """What a run would issue, to the cent, with what is worth a look and the last run beside it. Changes nothing.

    Args:
        session: Whose book.
        as_of: The business date of the run.
        catch_up: What becomes of periods that were missed; empty parks who has more than one.
        on_progress: Gets customers done and to be done.
        should_stop: Asked between pages.
    """
    book = catalogue.load(session)
    made = Preview(as_of, check_catch_up(catch_up))
    until = as_of + timedelta(days=book.rules.lead_days)
    total = service_rows.count_due(session.db, until.isoformat())
    made.last = next((r for r in rows.runs(session.db) if r.kind == "run" and r.invoices), None)
    done = 0
    for page in _due(session, until):
        for ids in _cut(page, BATCH):
            with session.db.reading():
                many = service_rows.load(session.db, ids, until)
                nets = rows.last_nets(session.db, ids)
            for loaded in many:
                _preview_one(session, made, loaded, as_of, book, nets.get(loaded.account.id))
            done += len(ids)
            if on_progress:
                on_progress(min(done, total), total)
            if should_stop():
                made.stopped = True
                return made
    made.already = service_rows.count_settled(session.db, until.isoformat())
    made.next_on = service_rows.next_date(session.db)
    made.exceptions.sort(key=lambda e: (_ORDER.index(e.kind), e.account))
    return made


_ORDER = ("negative", "zero", "changed", "late", "prorated", "new")


def _cut(ids: list[int], size: int) -> Iterator[list[int]]:
    for at in range(0, len(ids), size):
        yield ids[at : at + size]


def _preview_one(session: Session, made: Preview, loaded: Loaded, as_of: date, book: Catalogue, before: int | None) -> None:
    who = loaded.account
    try:
        plan = _planned(session, loaded, as_of, book, made.catch_up)
    except CannotBill as error:
        made.park(who.account, str(error))
        return
    if not plan.bills:
        return
    made.customers += 1
    if plan.late > 1:
        made.tell(who.account, who.name, "late", f"{len(plan.bills)} bill dates since {plan.bills[0].bill_date}", 0)
    for bill in plan.bills:
        made.credits += bill.total < 0
        made.issued += bill.total >= 0
        made.lines += len(bill.lines)
        made.net += bill.net
        made.tax += bill.tax
        for line, net in zip(bill.lines, bill.nets, strict=True):
            sums = made.by_code.setdefault(line.code or line.kind, [0, 0])
            sums[0], sums[1] = sums[0] + 1, sums[1] + net
        if bill.total < 0:
            made.tell(who.account, who.name, "negative", f"credit note of {bill.bill_date}", bill.net)
        elif bill.total == 0:
            made.tell(who.account, who.name, "zero", f"nothing to pay on {bill.bill_date}", 0)
    net = plan.bills[-1].net
    if before is None:
        made.tell(who.account, who.name, "new", "first invoice", net)
        if any(n.kind == "recurring" and " days: " in n.why for n in plan.bills[0].lines):
            made.tell(who.account, who.name, "prorated", "first invoice, prorated", plan.bills[0].net)
    elif before and abs(net - before) * 100 > CHANGE_PERCENT * abs(before):
        made.tell(who.account, who.name, "changed", f"{(net - before) * 100 // abs(before):+d} % to the last invoice", net)


@dataclass(slots=True)
class _Work:
    """A run while it goes on."""

    session: Session
    as_of: date
    issued_on: date
    book: Catalogue
    made: Preview
    known_parked: dict[int, str]


def issue(
    session: Session, as_of: date, *, catch_up: str = "", on_progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False, pause_s: float = PAUSE_S, batch: int = BATCH,
) -> Preview:  # fmt: skip
    """Issue what is missing by a date, one invoice for each customer and bill date.

    Documents are dated as-of, or today where that lies ahead: nothing is dated after the day it was posted.

    Args:
        session: Who bills; needs the keys for the audit event.
        as_of: The business date of the run.
        catch_up: What becomes of periods that were missed; empty parks who has more than one.
        on_progress: Gets customers done and to be done.
        should_stop: Asked between batches; what was issued stands, the next run goes on behind it.
        pause_s: Rest between batches.
        batch: Customers of a transaction, at most 500.

    Side effect: one audit event for each batch.
    """
    session.may_post()
    book = catalogue.load(session)
    made = Preview(as_of, check_catch_up(catch_up))
    until = as_of + timedelta(days=book.rules.lead_days)
    made.already = service_rows.count_settled(session.db, until.isoformat())
    work = _Work(session, as_of, min(as_of, session.today()), book, made, rows.parked_ids(session.db))
    total, done = service_rows.count_due(session.db, until.isoformat()), 0
    for page in _due(session, until):
        for ids in _cut(page, min(batch, 500)):
            _issue_batch(work, ids, until)
            done += len(ids)
            if on_progress:
                on_progress(min(done, total), total)
            if should_stop():
                made.stopped = True
                break
            sleep(pause_s)
        if made.stopped:
            break
    if made.run:
        with writing(session) as tx:
            rows.end(session.db, made.run, "stopped" if made.stopped else "done", tx.now_us)
            tx.note("billing.end", made.run, {"invoices": made.issued, "credits": made.credits, "parked": len(made.parked)})
    return made


def _issue_batch(work: _Work, ids: list[int], until: date) -> None:
    """Issue one batch; where the database refuses it, each of its customers alone, so that only the bad one is parked."""
    named = len(work.made.parked)
    try:
        _write_batch(work, ids, until)
        return
    except Rejected as error:
        del work.made.parked[named:]
        if len(ids) == 1:
            _park_alone(work, ids[0], str(error))
            return
    for one in ids:
        _issue_batch(work, [one], until)


def _park_alone(work: _Work, customer_id: int, reason: str) -> None:
    session = work.session
    with writing(session) as tx:
        number = _begin(work, tx)
        account = _account_name(session, customer_id)
        rows.park(session.db, [(customer_id, work.as_of.isoformat(), reason, number, tx.now_us)])
        rows.grow(session.db, number, (0, 0, 0, 0, 0, 0, 1))
        tx.note("billing.issue", number, {"parked": account})
    work.made.run = number
    work.made.park(account, reason)


def _account_name(session: Session, customer_id: int) -> str:
    from netbill_tui.db import customers

    found = customers.by_id(session.db, customer_id)
    return found.account if found else str(customer_id)


def _write_batch(work: _Work, ids: list[int], until: date) -> None:
    session, made = work.session, work.made
    parked: list[tuple[int, str, str]] = []
    with writing(session) as tx:
        plans: list[tuple[Loaded, Plan]] = []
        for loaded in service_rows.load(session.db, ids, until):
            try:
                plans.append((loaded, _planned(session, loaded, work.as_of, work.book, made.catch_up)))
            except CannotBill as error:
                parked.append((loaded.account.id, loaded.account.account, str(error)))
        waiting = _hold_drafts(work, plans) if work.book.rules.drafts_days else []
        held_back = {p.account.id for _, p, _ in waiting}
        drafted = [(h, p) for h, p, new in waiting if new]
        billed = [(h, p) for h, p in plans if (p.bills or p.skipped) and p.account.id not in held_back]
        unchanged = [p for p in plans if not p[1].bills and p[1].account.id not in held_back]
        fresh = [p for p in parked if work.known_parked.get(p[0]) != p[2]]
        freed = [p.account.id for _, p in plans if p.account.id in work.known_parked and p.account.id not in held_back]
        issued, number = _post_batch(work, tx, billed, fresh, drafted, freed)
        for held, plan in unchanged:
            settle_services(session, tx, held, plan, work.book)
    # Only what is committed counts.
    made.run = number
    for customer_id, account, reason in parked:
        made.park(account, reason)
        work.known_parked[customer_id] = reason
    made.waiting += sum(len(p.bills) for _, p, _ in waiting)
    made.add(issued)


def _post_batch(
    work: _Work, tx: Transaction, billed: list[tuple[Loaded, Plan]], parked: list[tuple[int, str, str]],
    waiting: list[tuple[Loaded, Plan]], freed: list[int],
) -> tuple[Issued, str]:  # fmt: skip
    """Write the documents of a batch with its audit event; nothing at all where there is nothing to write."""
    session = work.session
    if not (billed or parked or waiting or freed):
        return Issued(), work.made.run
    number = _begin(work, tx)
    batch = Batch(tx, session, work.book, work.issued_on)
    issued = batch.add([p for _, p in billed])
    batch.write()
    for held, plan in billed:
        settle_services(session, tx, held, plan, work.book)
    batch.use_credits([p.account.id for _, p in billed])
    rows.drop_drafts(session.db, [(p.account.id, b.bill_date.isoformat()) for _, p in billed for b in p.bills]
                     if work.book.rules.drafts_days else [])  # fmt: skip
    rows.park(session.db, [(i, work.as_of.isoformat(), reason, number, tx.now_us) for i, _, reason in parked])
    rows.unpark(session.db, freed)
    rows.add_drafts(session.db, [
        (p.account.id, b.bill_date.isoformat(), number,
        (session.today() + timedelta(days=work.book.rules.drafts_days)).isoformat(),
         b.net, b.tax)
        for _, p in waiting for b in p.bills
    ])  # fmt: skip
    sums = (issued.customers, issued.invoices, issued.credits, issued.lines, issued.net, issued.tax, len(parked))
    rows.grow(session.db, number, sums)
    detail = {
        "as_of": str(work.as_of), "customers": issued.customers, "invoices": issued.invoices, "credits": issued.credits,
        "net": issued.net, "tax": issued.tax, "parked": len(parked), "first_id": issued.first_id, "last_id": issued.last_id,
    }  # fmt: skip
    tx.note("billing.issue", number, detail, bulk=True)
    return issued, number


def _hold_drafts(work: _Work, plans: list[tuple[Loaded, Plan]]) -> list[tuple[Loaded, Plan, bool]]:
    """Whose bills wait, and whether one of them is new: no draft yet, or one whose day has not come."""
    known = rows.drafts_of(work.session.db, [p.account.id for _, p in plans])
    today = work.session.today().isoformat()
    waiting = []
    for held, plan in plans:
        states = [known.get((plan.account.id, b.bill_date.isoformat())) for b in plan.bills]
        if plan.bills and any(s is None or s[0] > today for s in states):
            waiting.append((held, plan, any(s is None for s in states)))
    return waiting


def _begin(work: _Work, tx: Transaction) -> str:
    """Number of the run; its row is made with the first batch that writes."""
    if work.made.run:
        return work.made.run
    operator, _ = work.session.sign_in_if_needed()
    (row_id,), (seq,) = tx.take("id"), tx.take("run")
    number = f"RUN-{seq:04d}"
    rows.begin(work.session.db, row_id, number, work.as_of.isoformat(), "run", work.made.catch_up, "", tx.now_us, operator.name)
    return number


# Looking back.


def runs(session: Session) -> list[Run]:
    """The last 200 runs, newest first."""
    return rows.runs(session.db)


def find_run(session: Session, number: str) -> Run:
    """The run of this number.

    Raises:
        NotFound: There is none.
    """
    typed = number.strip().upper()
    found = rows.run(session.db, typed if typed.startswith("RUN-") else f"RUN-{typed.zfill(4)}")
    if found is None:
        raise NotFound(f"There is no run {visible(number.strip())[:20]!r}; netbill bill --runs lists them.")
    return found


def parked(session: Session) -> list[ParkedRow]:
    """Everybody who could not be billed, with the reason, by account."""
    return rows.parked(session.db)


def bill_one(session: Session, account: str, as_of: date, *, catch_up: str = "") -> Preview:
    """Try one customer again, after what parked them was mended.

    Side effect: one audit event where something was issued.
    """
    session.may_post()
    customer = find_customer(session, account)
    book = catalogue.load(session)
    made = Preview(as_of, check_catch_up(catch_up))
    work = _Work(session, as_of, min(as_of, session.today()), book, made, rows.parked_ids(session.db))
    _issue_batch(work, [customer.id], as_of + timedelta(days=book.rules.lead_days))
    if made.run:
        with writing(session) as tx:
            rows.end(session.db, made.run, "done", tx.now_us)
            tx.note("billing.end", made.run, {"invoices": made.issued, "credits": made.credits, "parked": len(made.parked)})
    return made


def drafts(session: Session) -> list[DraftRow]:
    """The invoices that wait as drafts, by the day they are issued."""
    return rows.drafts(session.db)


def decide_draft(session: Session, account: str, bill_date: str, *, confirm: bool) -> None:
    """Let a draft be issued by the next run, or put it back: it is worked out anew and waits its days again.

    Raises:
        NotFound: The account has no draft of that bill date.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    wait = 0 if confirm else max(catalogue.rules(session).drafts_days, 1)
    day = (session.today() + timedelta(days=wait)).isoformat()
    with writing(session) as tx:
        if not rows.set_draft(session.db, customer.id, bill_date, day, "confirmed" if confirm else "waiting"):
            raise NotFound(f"{customer.account} has no draft of {visible(bill_date)[:12]}; netbill bill --drafts lists them.")
        tx.note("draft.confirm" if confirm else "draft.back", customer.account, {"bill_date": bill_date})
