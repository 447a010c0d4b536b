"""Goal 29: the ladder in O(overdue): verdicts beside the reads alone, the first night, an idle night, growth."""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness import book, compared, fact, report
from netbill_tui.billing.collections.policies import REMINDERS, SWITCH
from netbill_tui.db.collections import facts
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.collections import night, policies
from netbill_tui.usecases.collections.planning import Plan
from netbill_tui.usecases.core import demo_key
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.core.session import Session


def _session(path: str) -> Session:
    session = open_book(path)
    sign_in.sign_in_with_bundle(session, demo_key.OPERATOR, demo_key.key_file(path))
    return session


def _copy(path: str, place: Path) -> str:
    for file in (Path(path), demo_key.key_file(path)):
        shutil.copy2(file, place / file.name)
    return str(place / Path(path).name)


def _reads(session: Session) -> int:
    """What every night has to read, and nothing else."""
    plan = Plan(session, session.today())
    ids, known = plan.customers(), 0
    for at in range(0, len(ids), facts.CHUNK):
        known += len(facts.of_accounts(session.db, ids[at : at + facts.CHUNK], plan.asked))
    return known


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _measure(size: int, times: int, place: Path) -> float:
    """The rows of one size; how long the verdict on one account takes, in seconds."""
    session = _session(_copy(book(size), place))
    policies.set_policy(session, REMINDERS, "book", {})
    policies.turn(session, SWITCH, True)
    accounts = _reads(session)
    floor = min(_timed(lambda: _reads(session)) for _ in range(times))
    whole = min(_timed(lambda: night.preview(session)) for _ in range(times))
    report("29", f"verdicts over {accounts:,} accounts / their reads alone", f"{size:,}", whole, floor, 1.5)
    done: list[night.Night] = []
    first = _timed(lambda: done.append(night.collect(session, pause_s=0)))
    sent = sum(t.number for t in done[0].messages.values())
    fact("29", f"first night, {sent:,} messages queued, each second", f"{size:,}", sent / first, "messages")
    idle = min(_timed(lambda: night.collect(session, pause_s=0)) for _ in range(times))
    report("29", "a night that finds nothing to do / the verdicts", f"{size:,}", idle, whole, 2.5)
    session.db.close()
    return whole / max(accounts, 1)


def run(sizes: list[int], times: int) -> None:
    """The ratios, for each size, and how the verdict on an account grows with the book."""
    each: dict[int, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            place.chmod(0o700)
            each[size] = _measure(size, times, place)
    if len(each) > 1:
        compared("29", "the verdict on an account", each, 1.5)
