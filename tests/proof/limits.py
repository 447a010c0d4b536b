"""S20: what one operator gives back stays within the limit, for each document and each day, by every road, however it is split."""

import os
import random
from pathlib import Path

from netbill_tui.db.access.giving import Given
from netbill_tui.errors import NeedsApproval, NetbillError, NotPermitted
from netbill_tui.usecases.access import approvals, enrolment, limits, operators
from netbill_tui.usecases.access import sign_in as signing_in
from netbill_tui.usecases.billing_run import issue
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.receivables import credit_notes
from netbill_tui.usecases.services import discounts, events, subscriptions
from tests.proof.books import PASSWORD, broken, make, sign_in
from tests.proof.kills import forked
from tests.proof.report import Report, Run, proof

LIMIT = 5000


def _operator(target: str, name: str, role: str, limit: str) -> None:
    boss = sign_in(target)
    code = operators.add(boss, name, role, limit=limit)
    other = open_book(target)
    enrolment.enrol(other, name, code, PASSWORD)
    other.db.close()
    operators.approve(boss, name)
    boss.db.close()


def _give(target: str, seed: int, tries: int) -> None:
    """Somebody in a hurry: credit notes in parts, services that had ended, discounts, on one desk of several."""
    chance, session = random.Random(seed), open_book(target)
    signing_in.sign_in(session, "mira", PASSWORD)
    numbers = [str(r[0]) for r in session.db.peewee.execute_sql("select number from invoice").fetchall()]
    for _ in range(tries):
        account = f"C{chance.randrange(1, 9)}"
        service = subscriptions.of_account(session, account)[0].service.id
        try:
            road = chance.random()
            if road < 0.6:
                credit_notes.credit(session, chance.choice(numbers), "by the proof", amount=chance.randrange(1, LIMIT // 4))
            elif road < 0.8:
                fields = {"on": f"2026-0{chance.randrange(8, 10)}-{chance.randrange(10, 28)}", "reason": "by the proof"}
                events.schedule_event(session, service, chance.choice(("pause", "end")), fields)
            else:
                discounts.discount(session, account, {"percent": str(chance.randrange(1, 101))})
        except (NeedsApproval, NotPermitted):
            continue
        except NetbillError:
            continue
    session.db.close()


@proof(
    "S20",
    "what an operator gives back on a day, and of a document, stays within the limit, by every road and however it is split",
    "per-note",
)
def s20(run: Run) -> Report:
    report = Report()
    target = str(Path(run.place) / "b.db")
    made = make(target, customers=8).session
    codes.store_code(made, {"code": "A", "name": "A"})
    codes.add_price(made, "A", {"amount": "30", "from": "2020-01-01"})
    for n in range(1, 9):
        subscriptions.add(made, f"C{n}", {"code": "A", "start": "2026-08-01"})
    issue.issue(made, made.today(), pause_s=0, catch_up="all")
    made.db.close()
    _operator(target, "mira", "supervisor", "50")
    _operator(target, "other", "supervisor", "none")
    before = limits.before
    if run.sabotage == "per-note":
        limits.before = lambda *_: Given(0, 0)
    try:
        running = [forked(lambda _, seed=run.seed + n: _give(target, seed, run.size(15, 200))) for n in range(4)]
        for pid in running:
            os.waitpid(pid, 0)
    finally:
        limits.before = before
    session = sign_in(target)
    rows = session.db.peewee.execute_sql(
        "select on_date, object, sum(amount), count(*) from giving where operator = 'mira' group by 1, 2"
    ).fetchall()
    days: dict[str, int] = {}
    for day, _, amount, _ in rows:
        days[day] = days.get(day, 0) + int(amount)
    report.figures = {
        "acts": sum(int(r[3]) for r in rows), "given back on the busiest day": max(days.values(), default=0), "limit": LIMIT,
        "asked": len(approvals.listed(session)),
    }  # fmt: skip
    report.must(bool(rows), "something was given back at all")
    report.must(all(amount <= LIMIT for amount in days.values()), f"more than the limit on a day: {days}")
    report.must(all(int(r[2]) <= LIMIT for r in rows), "more than the limit of a document")
    credited = session.db.peewee.execute_sql(
        "select coalesce(sum(total), 0) from credit_note where operator = 'mira'"
    ).fetchone()[0]
    counted = session.db.peewee.execute_sql(
        "select coalesce(sum(amount), 0) from giving where operator = 'mira' and road = 'credit'"
    ).fetchone()[0]
    report.must(credited == counted, f"credit notes of {credited} are counted as {counted}")
    report.must(not (wrong := broken(session)), f"the book is not sound: {wrong[:1]}")
    session.db.close()

    return report
