"""Goals 8, 12 and 21: every command, every first page, filter and count, in the smallest book and in larger ones."""

import io
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from benchmarks.harness import fact, report
from benchmarks.lookups import signed_in
from netbill_tui.cli.core.inside import run_in
from netbill_tui.settings import Settings
from netbill_tui.usecases.collections import work_list
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.lookup import list_sums, lists
from netbill_tui.usecases.reports.dashboard import dashboard

GOAL = 1.5
COUNTED = 10_001
LISTS = ("customers", "dues", "payments", "overdue")  # of which a page is read, as on the screens
COMMANDS = (
    "find {account}", "find {receipt}", "find {amount}", "find smith", "find \"smi jo\"", "customer {account}",
    "customer {account} --notes", "statement {account}", "receipt {receipt}", "invoice {invoice}", "dues {account}",
    "customers", "dues", "payments", "overdue", "overdue --work", "ageing", "customers --filter town:nowhere",
    "customers --filter postcode:nowhere", "customers --filter plan:nothing", "customers --filter bal>100000",
    "customers --filter tag:none", "customers --filter st:disputed", "customers --filter sort:-days",
    "customers --filter st:closed", "customers --filter kind:business", "customers --filter smith", "dues --filter days>30",
    "dues --filter st:disputed", "dues --filter amount>9999", "dues --filter town:nowhere", "payments --filter ref:zzz",
    "payments --filter ref:zzz*", "payments --filter method:card", "payments --filter st:reversed",
    "payments --filter amount>9999", "payments --filter last:1d", "payments --filter by:nobody", "overdue --filter tag:none",
    "overdue --filter st:disputed", "overdue --filter st:broken", "overdue --filter plan:fibre*",
    "overdue --filter town:nowhere", "overdue --filter amount>9999", "audit {account}", "audit --limit 20", "tag",
    "tag {account}", "view customers", "operator", "session", "keys", "code", "tax", "rule", "service {account}",
    "bill --runs", "bill --parked", "report revenue", "dispute",
)  # fmt: skip
COUNTS = (
    ("customers", ""), ("customers", "sort:days"), ("customers", "plan:fibre*"), ("customers", "town:nowhere"),
    ("dues", ""), ("dues", "days>30"), ("payments", ""), ("payments", "method:cash"), ("payments", "last:30d"),
    ("payments", "amount>50"), ("overdue", ""), ("overdue", "days>60"), ("overdue", "st:disputed"),
)  # fmt: skip


def _names(session: Session) -> dict[str, str]:
    """A customer in the middle of the book, with an invoice and a payment."""
    account = session.db.peewee.execute_sql("select account from customer order by id limit 1 offset 4321 % "
                                            "(select count(*) from customer)").fetchone()[0]  # fmt: skip
    sql = "select p.receipt, p.amount from payment p join customer c on c.id = p.customer_id where c.account = ? limit 1"
    receipt, amount = session.db.peewee.execute_sql(sql, (account,)).fetchone()
    sql = "select i.number from invoice i join customer c on c.id = i.customer_id where c.account = ? limit 1"
    invoice = session.db.peewee.execute_sql(sql, (account,)).fetchone()[0]
    return {"account": account, "receipt": receipt, "amount": f"{amount // 100}.{amount % 100:02}", "invoice": invoice}


def _median(work: Callable[[], object], times: int) -> float:
    """Median seconds, after one call that warms what is kept up; what takes long is run three times."""
    work()
    taken: list[float] = []
    while len(taken) < times and not (len(taken) >= 3 and sum(taken) > 3):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _works(session: Session) -> dict[str, Callable[[], object]]:
    names, settings = _names(session), Settings("", "demo")
    works: dict[str, Callable[[], object]] = {}
    for line in COMMANDS:
        words = [w.strip('"') for w in line.format(**names).split(" ")]
        if '"' in line:
            words = ["find", "smi jo"]
        if words[0] in LISTS:
            words += ["--limit", "50"]
        works[line] = partial(lambda words: run_in(session, settings, words, io.StringIO()), words)
    for name, words_ in COUNTS:
        chosen = lists.read_filter(session, name, words_)
        works[f"count of {name} {words_}".strip()] = partial(list_sums.sums, session, name, chosen, COUNTED)
    works["count of the work list"] = partial(work_list.work_sums, session, most=COUNTED)
    works["dashboard"] = partial(dashboard, session)
    return works


def _past(session: Session) -> dict[str, Callable[[], object]]:
    settings = Settings("", "demo")
    day = (session.today() - timedelta(days=40)).isoformat()

    def run(words: list[str]) -> None:
        session.calendar.as_of = session.today() - timedelta(days=40)
        try:
            run_in(session, settings, words, io.StringIO())
        finally:
            session.calendar.as_of = None

    lines = ("ageing", "dues --limit 50", "overdue --limit 50", "payments --limit 50", "statement {account}")
    names = _names(session)
    return {f"{line} --as-of {day}": partial(run, line.format(**names).split(" ")) for line in lines}


def run(sizes: list[int], times: int) -> None:
    """Print the rows: the largest book against the smallest, and each alone where there is one size."""
    taken: dict[str, dict[int, float]] = {}
    for size in sorted(sizes):
        session = signed_in(size)
        for what, work in {**_works(session), **_past(session)}.items():
            taken.setdefault(what, {})[size] = _median(work, times)
        session.db.close()
    smallest = min(sizes)
    for what, of_size in taken.items():
        if len(of_size) == 1:
            fact("21", what, f"{smallest:,}", of_size[smallest] * 1e3, "ms")
        for size in sorted(of_size)[1:]:
            # Under two thousandths of a second nobody feels a growth, and a clock tick would decide.
            limit = max(GOAL, 0.002 / of_size[smallest])
            report("21", what, f"{size:,}", of_size[size], of_size[smallest], limit)
