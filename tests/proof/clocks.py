"""R16: under a clock that does not fit the book nothing is written; accepted or set right, the book is sound at once."""

import random
import uuid
from datetime import timedelta

from netbill_tui.errors import ClockProblem
from netbill_tui.usecases.access import clock
from netbill_tui.usecases.receivables import payments
from tests.proof.books import broken, make, post
from tests.proof.report import Report, Run, proof


@proof(
    "R16",
    "under a clock that does not fit the book nothing is written; accepted or set right, the book is sound at once",
    "any-clock",
)
def r16(run: Run) -> Report:
    report, chance = Report(), random.Random(run.seed)
    session = make(str(run.place / "b.db")).session
    moment = session.calendar.clock()
    refused = accepted = written = 0
    last = moment
    if run.sabotage == "any-clock":
        session.settings = session.settings._replace(clock_days=0)
    for _ in range(run.size(120, 3000)):
        now = last + timedelta(
            seconds=chance.choice((1, 60, 299, -299, -301, -86_400, 86_400, 89 * 86_400, 91 * 86_400, 400 * 86_400))
        )
        session.calendar.clock = lambda at=now: at
        fits = -300 <= (now - last).total_seconds() <= 90 * 86_400
        seq = session.db.peewee.execute_sql("select count(*) from payment").fetchone()[0]
        try:
            post(session, uuid.uuid4().bytes)
            report.must(fits, f"a payment was written {now - last} from the last entry")
            last, written = now, written + 1
        except ClockProblem:
            report.must(not fits, f"a payment {now - last} from the last entry was refused")
            report.must(session.db.peewee.execute_sql("select count(*) from payment").fetchone()[0] == seq, "refused, and stored")
            refused += 1
            if chance.random() < 0.2:
                clock.accept(session, "the proof says so")
                post(session, uuid.uuid4().bytes)
                last, accepted = now, accepted + 1
    # The clock is set right; what lies ahead is taken back.
    session.calendar.clock = lambda: moment
    clock.accept(session, "set right")
    for receipt, state in session.db.peewee.execute_sql(
        "select receipt, received_on from payment where received_on > ?", (moment.date().isoformat(),)
    ).fetchall():
        payments.reverse(session, receipt, f"dated {state} by a wrong clock")
    report.must(not (wrong := broken(session)), f"not sound when what was wrong was taken back: {wrong[:1]}")
    report.figures = {"written": written, "refused": refused, "accepted": accepted}
    session.db.close()
    return report
