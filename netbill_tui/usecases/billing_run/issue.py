"""The billing run: plan, then issue in batches of whole customers; stop, resume, park, undo.

A repeat finds nothing to do, because what is planned is only what is missing, and a unique index stands behind it. A run that
is killed leaves whole batches; the next run goes on behind them.

Source: docs/rules.md, *13 Billing run*.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import NamedTuple

from netbill_tui.billing.billing_run.invoicing import Bill
from netbill_tui.billing.billing_run.planning import Plan
from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.catalogue.prices import CannotBill
from netbill_tui.db.billing_run import accounts as account_rows
from netbill_tui.db.billing_run import due_services
from netbill_tui.db.billing_run import runs as run_rows
from netbill_tui.db.billing_run.accounts import Loaded
from netbill_tui.db.billing_run.runs import DraftRow as DraftRow
from netbill_tui.db.billing_run.runs import ParkedRow as ParkedRow
from netbill_tui.db.billing_run.runs import Run as Run
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.errors import NotFound, NotPermitted, Rejected
from netbill_tui.security import rights
from netbill_tui.text import visible
from netbill_tui.usecases.access.approvals import approvers
from netbill_tui.usecases.billing_run.posting import Batch, Issued, settle_services
from netbill_tui.usecases.billing_run.preview import BATCH, Progress, cut, due_customers, first_waiting, planned, preview_customer
from netbill_tui.usecases.billing_run.preview import Exceptional as Exceptional
from netbill_tui.usecases.billing_run.preview import Preview as Preview
from netbill_tui.usecases.billing_run.preview import check_catch_up as check_catch_up
from netbill_tui.usecases.billing_run.preview import preview as preview
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.hooks import SEND_BILLS, hook
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers.accounts import find_customer

MANY = 1000  # so many new invoices change what a server should choose its indexes by
PAUSE_S = 0.005  # between batches, so that a clerk's payment never waits for the whole run


@dataclass(slots=True)
class _Work:
    """A run while it goes on."""

    session: Session
    as_of: date
    issued_on: date
    catalogue: Catalogue
    preview: Preview
    known_parked: dict[int, str]


def issue(
    session: Session,
    as_of: date,
    *,
    catch_up: str = "",
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    pause_s: float = PAUSE_S,
    batch: int = BATCH,
) -> Preview:
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
    # A timer whose credential has ended learns it in the first quiet night, not in the first busy one.
    session.needs(rights.BILL)
    _may_give_away(session, catch_up)
    catalogue = codes.load(session)
    preview_ = Preview(as_of, check_catch_up(catch_up))
    until = as_of + timedelta(days=catalogue.rules.lead_days)
    preview_.already = due_services.count_settled(session.db, until.isoformat())
    work = _Work(session, as_of, min(as_of, session.today()), catalogue, preview_, run_rows.parked_ids(session.db))
    total, done = due_services.count_due(session.db, until.isoformat()), 0
    seen: set[int] = set()
    for page in chain(due_customers(session, until), _drafted(work, seen)):
        seen.update(page)
        for ids in cut(page, min(batch, 500)):
            _issue_batch(work, ids, until)
            done += len(ids)
            if on_progress:
                on_progress(min(done, total), total)
            if should_stop():
                preview_.stopped = True
                break
            session.db.give_way(pause_s)
        if preview_.stopped:
            break
    _end_run(session, preview_)
    return preview_


def _end_run(session: Session, run: Preview) -> None:
    """Say that a run ended, and that those ended which were killed before it."""
    broken_off = 0 if run.stopped else run_rows.broken_off(session.db, run.run)
    if not run.run and not broken_off:
        return
    if run.issued >= MANY:
        session.db.analyze()
    with writing(session, rights.BILL) as tx:
        if run.run:
            run_rows.end(tx, run.run, "stopped" if run.stopped else "done")
        if broken_off:
            # A run that was killed never said so: this one went on behind it, to the end.
            run_rows.end_broken_off(tx, run.run)
        detail = {"invoices": run.issued, "credits": run.credits, "parked": len(run.parked), "broken_off": broken_off or None}
        tx.note("billing.end", run.run or "billing", {k: v for k, v in detail.items() if v is not None})
    run.queued = hook(SEND_BILLS)(session)


def _may_give_away(session: Session, catch_up: str) -> None:
    """Refuse to leave periods out to who may not give their worth away.

    Raises:
        NotPermitted: The role may not waive, or the operator has a limit, which no sum of periods is held to.
    """
    if catch_up not in ("latest", "skip"):
        return
    session.needs(rights.WAIVE)
    operator, _ = session.sign_in_if_needed()
    if operator.limit is not None and len(approvers(session)) > 1:
        raise NotPermitted("Periods that you leave out are given away; ask an operator without a limit, or bill all of them.")


def _drafted(work: _Work, seen: AbstractSet[int]) -> Iterator[list[int]]:
    """Customers with a draft who are not due: what is left of a draft that is billed no more is taken out."""
    if work.catalogue.rules.drafts_days:
        yield [i for i in run_rows.drafted(work.session.db) if i not in seen]


def _issue_batch(work: _Work, ids: list[int], until: date) -> None:
    """Issue one batch; where the database refuses it, each of its customers alone, so that only the bad one is parked."""
    named = len(work.preview.parked)
    try:
        _write_batch(work, ids, until)
        return
    except Rejected as error:
        del work.preview.parked[named:]
        if len(ids) == 1:
            _park_alone(work, ids[0], str(error))
            return
    for customer_id in ids:
        _issue_batch(work, [customer_id], until)


def _park_alone(work: _Work, customer_id: int, reason: str) -> None:
    session = work.session
    with writing(session, rights.BILL) as tx:
        number = _begin(work, tx)
        account = _account_name(session, customer_id)
        run_rows.park(tx, [(customer_id, work.as_of.isoformat(), reason, number)])
        run_rows.grow(tx, number, (0, 0, 0, 0, 0, 0, 1))
        tx.note("billing.issue", number, {"parked": account})
    work.preview.run = number
    work.preview.park(account, reason)


def _account_name(session: Session, customer_id: int) -> str:
    from netbill_tui.db.customers import accounts

    customer = accounts.by_id(session.db, customer_id)
    return customer.account if customer else str(customer_id)


def _write_batch(work: _Work, ids: list[int], until: date) -> None:
    session, preview_ = work.session, work.preview
    parked: list[tuple[int, str, str]] = []
    with writing(session, rights.BILL) as tx:
        plans: list[tuple[Loaded, Plan]] = []
        drafted = {c for c, _ in run_rows.drafts_of(session.db, ids)} if work.catalogue.rules.drafts_days else set()
        for loaded in account_rows.load(session.db, ids, until):
            # What waits as a draft is not missed.
            catch_up = preview_.catch_up or ("all" if loaded.account.id in drafted else "")
            try:
                plans.append((loaded, planned(session, loaded, work.as_of, work.catalogue, catch_up)))
            except CannotBill as error:
                parked.append((loaded.account.id, loaded.account.account, str(error)))
        waiting: list[_Waits] = []
        orphans = _orphans(work, plans)
        if work.catalogue.rules.drafts_days:
            plans, waiting = _hold_drafts(work, plans)
        held_back = {w.plan.account.id for w in waiting if w.whole}
        new_drafts = [(w.loaded, w.plan) for w in waiting if w.new]
        billed = [(h, p) for h, p in plans if (p.bills or p.skipped) and p.account.id not in held_back]
        unchanged = [p for p in plans if not p[1].bills and not p[1].skipped and p[1].account.id not in held_back]
        fresh = [p for p in parked if work.known_parked.get(p[0]) != p[2]]
        freed = [p.account.id for _, p in plans if p.account.id in work.known_parked and p.account.id not in held_back]
        issued, number = _post_batch(work, tx, billed, fresh, new_drafts, freed, orphans)
        settle_services(session, tx, unchanged, work.catalogue)
    # Only what is committed counts.
    preview_.run = number
    for customer_id, account, reason in parked:
        preview_.park(account, reason)
        work.known_parked[customer_id] = reason
    preview_.waiting += sum(len(w.plan.bills) for w in waiting)
    preview_.add(issued)


def _post_batch(
    work: _Work,
    tx: Transaction,
    billed: list[tuple[Loaded, Plan]],
    parked: list[tuple[int, str, str]],
    waiting: list[tuple[Loaded, Plan]],
    freed: list[int],
    orphans: list[tuple[int, str]],
) -> tuple[Issued, str]:
    """Write the documents of a batch with its audit event; nothing at all where there is nothing to write."""
    session = work.session
    if not (billed or parked or waiting or freed or orphans):
        return Issued(), work.preview.run
    number = _begin(work, tx)
    batch = Batch(tx, session, work.catalogue, work.issued_on)
    issued = batch.add(billed)
    batch.write()
    settle_services(session, tx, billed, work.catalogue)
    batch.use_credits([p.account.id for _, p in billed])
    issued_drafts = [(p.account.id, b.bill_date.isoformat()) for _, p in billed for b in p.bills]
    run_rows.drop_drafts(tx, [*issued_drafts, *orphans] if work.catalogue.rules.drafts_days else [])
    run_rows.park(tx, [(i, work.as_of.isoformat(), reason, number) for i, _, reason in parked])
    run_rows.unpark(tx, freed)
    run_rows.add_drafts(tx, [
        (p.account.id, b.bill_date.isoformat(), number,
        (work.as_of + timedelta(days=work.catalogue.rules.drafts_days)).isoformat(),
         b.net, b.tax)
        for _, p in waiting for b in p.bills
    ])  # fmt: skip
    sums = (issued.customers, issued.invoices, issued.credits, issued.lines, issued.net, issued.tax, len(parked))
    run_rows.grow(tx, number, sums)
    detail = {
        "as_of": str(work.as_of), "customers": issued.customers, "invoices": issued.invoices, "credits": issued.credits,
        "net": issued.net, "tax": issued.tax, "parked": len(parked), "first_id": issued.first_id, "last_id": issued.last_id,
    }  # fmt: skip
    tx.note("billing.issue", number, detail, bulk=True)
    return issued, number


class _Waits(NamedTuple):
    """Bills of a customer that wait as drafts: whether one of them is new, and whether nothing else of the customer is issued."""

    loaded: Loaded
    plan: Plan
    new: bool
    whole: bool


def _hold_drafts(work: _Work, plans: list[tuple[Loaded, Plan]]) -> tuple[list[tuple[Loaded, Plan]], list[_Waits]]:
    """The plans with what can be issued of them, and what waits.

    Bills are issued in their order: those before the first that waits can be, the others stay as they are.
    """
    known = run_rows.drafts_of(work.session.db, [p.account.id for _, p in plans])
    ready: list[tuple[Loaded, Plan]] = []
    waiting = []
    for held, plan in plans:
        drafts = [known.get((plan.account.id, b.bill_date.isoformat())) for b in plan.bills]
        ahead = first_waiting(drafts, plan.bills, work.as_of)
        if ahead is None:
            ready.append((held, plan))
            continue
        part = _before_drafts(work, held, plan, ahead) if ahead else None
        waits = plan._replace(bills=plan.bills[ahead:]) if part else plan
        waiting.append(_Waits(held, waits, _is_news(drafts, plan.bills), part is None))
        ready.append((held, part or plan))
    return ready, waiting


def _is_news(drafts: Sequence[run_rows.Waiting | None], bills: Sequence[Bill]) -> bool:
    """Whether a bill has no draft yet, or one of another amount."""
    return any(d is None or (d.net, d.tax) != (b.net, b.tax) for d, b in zip(drafts, bills, strict=True))


def _orphans(work: _Work, plans: Sequence[tuple[Loaded, Plan]]) -> list[tuple[int, str]]:
    """The drafts of some customers that nothing is to be billed for any more."""
    if not work.catalogue.rules.drafts_days:
        return []
    bills = {(p.account.id, b.bill_date.isoformat()) for _, p in plans for b in p.bills}
    return [key for key in run_rows.drafts_of(work.session.db, [p.account.id for _, p in plans]) if key not in bills]


def _before_drafts(work: _Work, held: Loaded, plan: Plan, ahead: int) -> Plan | None:
    """The plan up to the first bill that waits, or None where that is another one."""
    until = plan.bills[ahead].bill_date - timedelta(days=1 + work.catalogue.rules.lead_days)
    part = planned(work.session, held, until, work.catalogue, "all")
    dates = [b.bill_date for b in part.bills]
    return part if dates == [b.bill_date for b in plan.bills[:ahead]] else None


def _begin(work: _Work, tx: Transaction) -> str:
    """Number of the run; its row is made with the first batch that writes."""
    if work.preview.run:
        return work.preview.run
    operator, _ = work.session.sign_in_if_needed()
    (row_id,), (seq,) = tx.take("id"), tx.take("run")
    number = f"RUN-{seq:04d}"
    run_rows.begin(tx, row_id, number, work.as_of.isoformat(), "run", work.preview.catch_up, "", operator.name)
    return number


# Looking back.


def runs(session: Session) -> list[Run]:
    """The last 200 runs, newest first."""
    return run_rows.runs(session.db)


def find_run(session: Session, number: str) -> Run:
    """The run of this number.

    Raises:
        NotFound: There is none.
    """
    typed = number.strip().upper()
    run = run_rows.run(session.db, typed if typed.startswith("RUN-") else f"RUN-{typed.zfill(4)}")
    if run is None:
        raise NotFound(f"There is no run {visible(number.strip())[:20]!r}; netbill bill --runs lists them.")
    return run


def parked(session: Session) -> list[ParkedRow]:
    """Everybody who could not be billed, with the reason, by account."""
    return run_rows.parked(session.db)


def bill_one(session: Session, account: str, as_of: date, *, catch_up: str = "") -> Preview:
    """Try one customer again, after what parked them was mended.

    Side effect: one audit event where something was issued.
    """
    session.may_post()
    session.needs(rights.BILL)
    _may_give_away(session, catch_up)
    customer = find_customer(session, account)
    catalogue = codes.load(session)
    preview_ = Preview(as_of, check_catch_up(catch_up))
    work = _Work(session, as_of, min(as_of, session.today()), catalogue, preview_, run_rows.parked_ids(session.db))
    _issue_batch(work, [customer.id], as_of + timedelta(days=catalogue.rules.lead_days))
    if preview_.run:
        with writing(session, rights.BILL) as tx:
            run_rows.end(tx, preview_.run, "done")
            tx.note(
                "billing.end",
                preview_.run,
                {"invoices": preview_.issued, "credits": preview_.credits, "parked": len(preview_.parked)},
            )
    return preview_


def preview_one(session: Session, account: str, as_of: date, *, catch_up: str = "") -> Preview:
    """What `bill_one` would issue. Changes nothing."""
    customer = find_customer(session, account)
    catalogue = codes.load(session)
    preview_ = Preview(as_of, check_catch_up(catch_up))
    for loaded in account_rows.load(session.db, [customer.id], as_of + timedelta(days=catalogue.rules.lead_days)):
        preview_customer(session, preview_, loaded, as_of, catalogue, None)
    return preview_


def drafts(session: Session) -> list[DraftRow]:
    """The invoices that wait as drafts, by the day they are issued."""
    return run_rows.drafts(session.db)


def decide_draft(session: Session, account: str, bill_date: str, *, confirm: bool) -> None:
    """Let a draft be issued by the next run, or put it back: it is worked out anew and waits its days again.

    Raises:
        NotFound: The account has no draft of that bill date.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    wait = 0 if confirm else max(codes.rules(session).drafts_days, 1)
    day = (session.date() + timedelta(days=wait)).isoformat()
    with writing(session, rights.BILL) as tx:
        if not run_rows.set_draft(tx, customer.id, bill_date, day, "confirmed" if confirm else "waiting"):
            raise NotFound(f"{customer.account} has no draft of {visible(bill_date)[:12]}; netbill bill --drafts lists them.")
        tx.note("draft.confirm" if confirm else "draft.back", customer.account, {"bill_date": bill_date})
