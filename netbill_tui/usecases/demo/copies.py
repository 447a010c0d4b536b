"""A demo book beyond its first block: new people whose history repeats that of the block, copied by bulk statements.

The people are made and sealed in as many processes as there are processors; their invoices, payments and entries are copied
inside the database. What was copied is vouched for by its number of rows, not by a hash of each: nothing in a demo book is
real, and `verify` accepts such an event in no other book.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from multiprocessing import get_context
from random import Random
from typing import NamedTuple

from netbill_tui.billing.customers.accounts import NewCustomer
from netbill_tui.db.core import versions
from netbill_tui.db.demo import bulk
from netbill_tui.security import audit, rights
from netbill_tui.security.vault import Vault
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import registration
from netbill_tui.usecases.demo.names import person

_CHUNK = 500
Row = tuple[object, ...]
People = tuple[list[Row], list[Row], list[Row], list[Row]]


class _Job(NamedTuple):
    """What a process needs to make people; it inherits this, with the keys, when it is forked."""

    vault: Vault
    twins: list[NewCustomer]
    ids: list[int]
    contact_ids: list[int]
    version_ids: list[int]
    today: date
    now_us: int
    country: str
    seed: int


_JOB: list[_Job] = []


def _people(work: tuple[int, int, int]) -> People:
    """Rows of some customers: themselves, contacts, words, versions. Work: first number, how many, shift of the ids."""
    job, (first, count, shift) = _JOB[0], work
    random = Random(f"{job.seed}-{first}")  # noqa: S311 - invented people need no secrets
    customers: list[Row] = []
    contacts: list[Row] = []
    terms: list[Row] = []
    stand: list[Row] = []
    for number in range(first, first + count):
        at = number % len(job.twins)
        new, customer_id = person(random, job.today, number, job.twins[at]), job.ids[at] + shift
        customers.append(registration.customer_row(job.vault, customer_id, random.randbytes(16), new, job.now_us))
        ids = [i + shift for i in job.contact_ids[2 * at : 2 * at + 2]]
        uids = [random.randbytes(16), random.randbytes(16)]
        mine = registration.contact_rows(job.vault, ids, uids, customer_id, new, job.country)
        contacts += mine
        stand.append(
            (job.version_ids[at] + shift, versions.CUSTOMER, customer_id, versions.digest("customer", customers[-1], mine))
        )
        terms += registration.term_rows(customer_id, new)
    return customers, contacts, terms, stand


def _quiet() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@contextmanager
def _workers(job: _Job) -> Iterator[Callable[..., Iterator[People]]]:
    """A `map` over processes that hold the job."""
    _JOB[:] = [job]
    # ^C and signals are the parent's to answer: a worker that dies with the queue in its hands leaves the others waiting.
    pool = get_context("fork").Pool(max(os.cpu_count() or 1, 1), initializer=_quiet)
    try:
        yield pool.imap
    finally:
        pool.terminate()
        pool.join()
        _JOB.clear()


class Copies:
    """Makes the customers behind the first block."""

    def __init__(
        self, session: Session, twins: list[NewCustomer], terms: list[tuple[str, int]], begun: dict[str, int], seed: int
    ) -> None:
        """Prepare the copy.

        Args:
            session: The demo book with its first block.
            twins: The people of the block.
            terms: Word and payment of each reference in it.
            begun: The number series before the block.
            seed: Of the book.
        """
        self.session, self._twins, self._terms, self._begun, self._seed = session, twins, terms, begun, seed
        self.invoices = self.payments = 0

    def make(self, customers: int, on_progress: Callable[[int, int], None] | None) -> None:
        """Make the people and copy the histories, up to so many customers."""
        db = self.session.db
        _, vault = self.session.sign_in_if_needed()
        now = bulk.series(db)
        size, used = len(self._twins), {name: now[name] - self._begun[name] for name in ("id", "invoice", "receipt")}
        ids = bulk.block_ids(db)
        job = _Job(vault, self._twins, ids.customers, ids.contacts, ids.versions, self.session.today(), self.session.now_us(),
                   self.session.book.country, self._seed)  # fmt: skip
        blocks = -(-customers // size)
        with bulk.unguarded(db), _workers(job) as people:
            chunk = min(_CHUNK, size)
            work = [
                (first, min(chunk, size - first % size, customers - first), used["id"] * (first // size))
                for first in range(size, customers, chunk)
            ]
            blocks_of_people = people(_people, work)
            done = size
            for block in range(1, blocks):
                done = self._block(block, blocks_of_people, done, customers, used)
                if on_progress:
                    # The indexes at the end take a tenth of the time.
                    on_progress(int(done * 0.9), customers)
            self._finish(blocks, used)
        if on_progress:
            on_progress(customers, customers)

    def _block(self, block: int, blocks_of_people: Iterator[People], done: int, customers: int, used: dict[str, int]) -> int:
        """One block: its people, then the history of each; the last one may be cut short."""
        size = len(self._twins)
        last = min((block + 1) * size, customers)
        first, end = self._begun["id"], self._begun["id"] + used["id"]
        stood = 0
        with writing(self.session, rights.IMPORT) as tx:
            while done < last:
                *rows, stand = next(blocks_of_people)
                bulk.add_people(self.session.db, *rows)
                # Vouched for by their number, as all that is copied; their hashes are true all the same.
                bulk.add_versions(self.session.db, [(*row, tx.seq) for row in stand])
                done += len(rows[0])
                stood += len(stand)
            copy = bulk.BlockCopy(self.session.db, first, end)
            counts = copy.copy(used["id"] * block, used["invoice"] * block, used["receipt"] * block, f"{block:04d}", tx.seq)
            counts["record_version"] = stood
            tx.note(audit.COUNTING, f"customers {block * size + 1} to {done}", {"copied": counts})
        return done

    def _finish(self, blocks: int, used: dict[str, int]) -> None:
        keys: dict[int, str] = {}
        for word, payment in self._terms:
            # The first word of a reference is the whole of it.
            keys.setdefault(payment, word)
        words = [(w, p, int(keys[p].endswith(w))) for w, p in self._terms]
        db = self.session.db
        with writing(self.session, rights.IMPORT) as tx:
            copy = bulk.BlockCopy(db, 0, 0)
            copy.terms(words, [(used["id"] * n, f"{n:04d}") for n in range(1, blocks)])
            copy.finish({name: self._begun[name] + used[name] * blocks for name in used})
            tx.note("demo.counted", "demo", {"blocks": blocks})
        counts = bulk.main_counts(db)
        self.invoices, self.payments = counts.invoices, counts.payments
