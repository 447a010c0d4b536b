"""A posting that reads before it locks, so that eight clerks at a branch office do not wait for each other's round trips.

On a server every posting holds the end of the audit chain until its commit. What a posting of one account has to know (its open
invoices, what it might repeat) is read before that; under the locks, in one flight with numbers and the operator's rights, the
book says whether anything happened meanwhile that could have changed it. If so the posting is done again with all its reads
under the locks, as on SQLite, where the book's one lock costs no flight.
Source: docs/development/decisions.md, *Reads before the lock*.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from netbill_tui.db.core import chain, requests
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.requests import Posted
from netbill_tui.db.core.transaction import Reserved, Transaction
from netbill_tui.db.customers import accounts

# What these do to one account changes nothing that a posting of another account reads before it locks, and nothing of its own but
# by an entry of its account: money of others, and what was only looked at, written down or shown.
ELSEWHERE = (
    "payment.record", "contact.show", "profile.reveal", "caller.check", "session.open", "session.close", "session.refused",
    "document.print", "document.refused", "document.taken",
    "list.export", "audit.export", "view.save", "view.drop", "preference.set", "tag.add", "note.add",
    "note.pin",
)  # fmt: skip


class Moved(Exception):
    """Something happened meanwhile that may have changed what was read ahead; nothing was written."""


class Ahead(NamedTuple):
    """What a posting brings to its locks."""

    customer_id: int
    seq: int  # of the newest event before the first of its reads
    numbers: Mapping[str, int]  # how many of each series it takes
    work: Callable[[Transaction], int]


class Locking:
    """The locks of a posting that read ahead, and what is read with them in one flight."""

    def __init__(self, db: Database, ahead: Ahead, uid: bytes, kind: str) -> None:
        """Take the locks in their order, with the numbers; they wait for the flight that brings `reads`."""
        requests.wait_for_twin(db, uid)
        accounts.lock_only(db, ahead.customer_id)
        self.reserved = Reserved(db, ahead.numbers)
        happened = chain.happened_since(ahead.seq, ahead.customer_id, ELSEWHERE)
        self.reads: tuple[Read[Any], ...] = (self.reserved.read, requests.reading(uid, kind), happened)

    def check(self, _: None, posted: Posted | None, happened: bool) -> None:
        """Go on only where what was read ahead still holds, and the request was not posted meanwhile.

        Raises:
            Moved: It has to be read again under the locks.
        """
        if happened or posted is not None:
            raise Moved
