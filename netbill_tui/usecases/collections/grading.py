"""Promises are graded by the payments themselves: by night, and wherever money comes or goes.

Source: docs/rules.md, *11 Promise and arrangement*.
"""

from collections.abc import Callable, Sequence

from netbill_tui.billing.collections import promises as rules
from netbill_tui.billing.collections.promises import BROKEN, CANCELLED, KEPT, OPEN, PART, Judgement
from netbill_tui.billing.core.money import format_amount
from netbill_tui.db.collections import promises as promise_rows
from netbill_tui.db.collections.promises import PromiseRow
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import balances
from netbill_tui.security import rights
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing

WORDS = {KEPT: "promise kept", PART: "paid in part", BROKEN: "promise broken", OPEN: "promise stands again",
         CANCELLED: "promise cancelled"}  # fmt: skip
BATCH = 100
NEWER = "a new one was made"


def judgement(session: Session, promise: PromiseRow) -> Judgement:
    """What a promise has come to by now; one that is open is cancelled where nothing is owed any more."""
    money = promise_rows.money_since(session.db, promise.customer_id, promise.id)
    others = promise_rows.others_due(session.db, promise) if promise.kind == "arrangement" else []
    now = rules.judged(promise.instalments, money, session.today(), courtesy=promise.courtesy, others=others)
    if promise.state == OPEN and now.state != KEPT and not customer_rows.totals(session.db, promise.customer_id).open:
        return Judgement(CANCELLED, now.came, now.promised)
    return now


def judge_all(tx: Transaction, session: Session, customer_id: int) -> str:
    """Grade the promises of an account, inside the transaction in which money came or went back; what was noted, or empty.

    Each is graded anew, so that what counts as broken stays true; the newest one alone holds, and is noted.
    """
    newest, *older = promise_rows.of_customer(session.db, customer_id)
    for promise in older:
        if promise.state != CANCELLED:
            _judge_older(tx, session, promise)
    return judge(tx, session, newest)


def _judge_older(tx: Transaction, session: Session, promise: PromiseRow) -> None:
    """Grade a promise that a newer one took the place of: it is not open again, and holds nothing."""
    now = judgement(session, promise)
    if now.state == OPEN:
        now = Judgement(CANCELLED, now.came, now.promised)
    if now.state != promise.state:
        end(tx, session, promise, now._replace(holds_until=None), NEWER if now.state == CANCELLED else "", note=False)


def judge(tx: Transaction, session: Session, promise: PromiseRow) -> str:
    """Grade the newest promise of an account by what came, inside a transaction; what was noted, or empty."""
    if promise.state == CANCELLED:
        return ""
    now = judgement(session, promise)
    holds = now.holds_until.isoformat() if now.holds_until is not None else None
    if (now.state, holds) == (promise.state, promise.holds_until):
        return ""
    end(tx, session, promise, now, "nothing is owed any more" if now.state == CANCELLED else "")
    return WORDS[now.state]


def end(tx: Transaction, session: Session, promise: PromiseRow, now: Judgement, reason: str, *, note: bool = True) -> None:
    """Post what became of a promise, inside a transaction; keep it, and let the queue know."""
    operator, _ = session.sign_in_if_needed()
    today = session.today().isoformat()
    event_id, note_id = tx.ids(2)
    tx.post([posted.PromiseEvent(
        event_id, promise.id, promise.customer_id, now.state, now.came, today, reason, operator.name, tx.now_us,
    )])  # fmt: skip
    holds = now.holds_until.isoformat() if now.holds_until is not None else None
    promise_rows.set_state(session.db, promise._replace(state=now.state, came=now.came, holds_until=holds))
    if not note:
        return
    # Part ends the hold and ranks as broken; only broken ones count when a new one is made.
    stands = {KEPT: None, CANCELLED: None, OPEN: _next(promise, now)}.get(now.state, promise.by)
    money = session.book.currency
    came = f"{format_amount(now.came, money)} of {format_amount(promise.amount, money)} came"
    text = f"{promise.kind.capitalize()} by {promise.by}: {came}"
    tx.post([posted.Note(
        note_id, promise.customer_id, today, "promise", WORDS[now.state], text, None, stands, operator.name, tx.now_us,
    )])  # fmt: skip
    balances.promised(session.db, promise.customer_id, stands)


def _next(promise: PromiseRow, now: Judgement) -> str:
    """The day of the instalment that is open."""
    left = now.came
    for part in promise.instalments:
        left -= part.amount
        if left < 0:
            return part.by.isoformat()
    return promise.by


def judge_due(session: Session) -> dict[str, int]:
    """Grade the promises whose day is over, and clear those that are over with the debt; how many became what.

    Side effect: one audit event for each batch in which something was graded.
    """
    counts: dict[str, int] = {}
    today = session.today().isoformat()
    reads: list[Callable[[int], list[PromiseRow]]] = [
        lambda behind: promise_rows.due_before(session.db, today, behind),
        lambda behind: promise_rows.open_arrangements(session.db, behind),
    ]
    for read in reads:
        behind = 0
        while page := read(behind):
            for at in range(0, len(page), BATCH):
                _judge_batch(session, page[at : at + BATCH], counts)
            behind = page[-1].id
    _clear_over(session, today)
    return counts


def _judge_batch(session: Session, page: Sequence[PromiseRow], counts: dict[str, int]) -> None:
    if all(_stands(session, promise) for promise in page):
        return
    with writing(session, rights.COLLECT) as tx:
        graded: dict[str, int] = {}
        for promise in page:
            customer_rows.lock_only(session.db, promise.customer_id)
            before = promise_rows.by_id(session.db, promise.id)
            if before is not None and judge(tx, session, before):
                after = promise_rows.by_id(session.db, promise.id)
                state = after.state if after is not None else ""
                graded[state] = graded.get(state, 0) + 1
        if graded:
            tx.note("promise.judge", session.today().isoformat(), graded)
    for state, number in graded.items():
        counts[state] = counts.get(state, 0) + number


def _stands(session: Session, promise: PromiseRow) -> bool:
    now = judgement(session, promise)
    holds = now.holds_until.isoformat() if now.holds_until is not None else None
    return (now.state, holds) == (promise.state, promise.holds_until)


def _clear_over(session: Session, today: str) -> None:
    """A promise that was broken ranks first while its debt is there; where nothing is overdue any more it is over."""
    while ids := promise_rows.over(session.db, today, BATCH):
        operator, _ = session.sign_in_if_needed()
        with writing(session, rights.COLLECT) as tx:
            numbers = tx.ids(len(ids))
            tx.post([posted.Note(
                next(numbers), customer_id, today, "promise", "promise over", "Nothing is overdue any more", None, None,
                operator.name, tx.now_us,
            ) for customer_id in ids])  # fmt: skip
            for customer_id in ids:
                balances.promised(session.db, customer_id, None)
            tx.note("promise.over", today, {"accounts": len(ids)})
