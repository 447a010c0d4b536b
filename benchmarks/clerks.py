"""Goals 12 and 16: eight clerks who post into one file, with the queue and by plain `begin immediate`; a page of sealed cells."""

import multiprocessing
import shutil
import tempfile
import time
from multiprocessing.synchronize import Event
from pathlib import Path

from benchmarks.harness import book, fact, interleaved, report
from benchmarks.lookups import signed_in
from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.db.core import sqlite as engine
from netbill_tui.db.core.statements import Statement
from netbill_tui.db.customers import contacts
from netbill_tui.errors import NetbillError
from netbill_tui.security import envelope
from netbill_tui.security.envelope import TEXT
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.core import demo_key
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.receivables import payments

CLERKS = 8
_ACCOUNTS = Statement("select id, account from customer order by id limit 4000")
_Taken = list[tuple[float, bool]]


def run(sizes: list[int], seconds: float) -> None:
    """Print the rows."""
    size = min(sizes)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "b.db"
        for suffix in ("", ".demo-key"):
            shutil.copy(f"{book(size)}{suffix}", f"{target}{suffix}")
        plain, queued = _measured(str(target), seconds, queue=False), _measured(str(target), seconds, queue=True)
    shown = f"{size:,}"
    posted = {name: sum(len(mine) for mine in taken) / seconds for name, taken in (("plain", plain), ("queue", queued))}
    report(
        "12", "8 clerks, a payment: the queue / plain begin immediate", shown, 1 / posted["queue"], 1 / posted["plain"], 1 / 0.7
    )
    fact("12", "8 clerks: payments a second", shown, posted["queue"], "/s")
    report("12", "8 clerks: p99, the queue / plain", shown, _p99(queued), _p99(plain), 1 / 20)
    each = sorted(len(mine) for mine in queued)
    fact("12", "8 clerks: most payments of one / fewest", shown, each[-1] / max(each[0], 1), "x", 4)
    fact("12", "8 clerks: errors", shown, sum(not ok for mine in queued for _, ok in mine), "", 0)
    _cells(size)


def _p99(taken: list[_Taken]) -> float:
    every = sorted(seconds for mine in taken for seconds, _ in mine)
    return every[int(len(every) * 0.99)]


def _measured(target: str, seconds: float, *, queue: bool) -> list[_Taken]:
    context = multiprocessing.get_context("spawn")
    go: Event = context.Event()
    done: multiprocessing.Queue[_Taken] = context.Queue()
    ready: multiprocessing.Queue[int] = context.Queue()
    clerks = [context.Process(target=_clerk, args=(target, who, seconds, queue, ready, go, done)) for who in range(CLERKS)]
    for clerk in clerks:
        clerk.start()
    for _ in clerks:
        ready.get(timeout=120)
    go.set()
    taken = [done.get(timeout=seconds * 3 + 120) for _ in clerks]
    for clerk in clerks:
        clerk.join()
    return taken


def _clerk(
    target: str,
    who: int,
    seconds: float,
    queue: bool,  # noqa: FBT001 - a process is given its arguments by place
    ready: "multiprocessing.Queue[int]",
    go: Event,
    done: "multiprocessing.Queue[_Taken]",
) -> None:
    if not queue:
        engine.TicketLock._take = lambda *_: None  # type: ignore[method-assign, assignment]
        engine.PRAGMAS["busy_timeout"] = 60_000
    session = open_book(target)
    sign_in.sign_in_with_bundle(session, demo_key.OPERATOR, demo_key.key_file(target))
    accounts = [str(row[1]) for row in session.db.rows(_ACCOUNTS)][who::CLERKS]
    ready.put(who)
    go.wait()
    taken: _Taken = []
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        request = PaymentRequest(payments.new_request_id(), accounts[len(taken) % len(accounts)], 100, "cash", confirmed="bench")
        try:
            payments.record(session, request)
        except NetbillError:
            taken.append((time.perf_counter() - began, False))
        else:
            taken.append((time.perf_counter() - began, True))
    session.db.close()
    done.put(taken)


def _cells(size: int) -> None:
    """Fifty customers with four sealed cells each, read and opened; against the opening of two hundred envelopes alone."""
    session = signed_in(size)
    vault = session.vault
    assert vault is not None
    ids = [int(row[0]) for row in session.db.rows(_ACCOUNTS)][:100]

    def page() -> None:
        opened = 0
        for mine in contacts.of_customers(session.db, ids).values():
            for contact in mine:
                vault.open("contact", contact.kind, contact.uid, contact.value)
                opened += 1
        assert opened == len(cells)

    cells = [(c.uid, c.kind, c.value.envelope) for mine in contacts.of_customers(session.db, ids).values() for c in mine]
    install = session.book.install_id
    keys = {kind: vault._key(envelope.key_id_of(cell), "contact", kind) for _, kind, cell in cells}

    def bare() -> None:
        for uid, kind, cell in cells:
            envelope.open_envelope(keys[kind], (install, "contact", kind, uid), TEXT, cell)

    ours, theirs = interleaved(page, bare, 31)
    report("16", f"a page of {len(cells)} sealed cells / as many bare envelopes", f"{size:,}", ours, theirs, 1.3)
    session.db.close()
