"""Tries to sign in are counted and committed before the password is looked at.

So neither a kill nor twenty tries at once give more than ten guesses; then the door is shut for half an hour by the machine's own
clock. Source: docs/security.md, *Operators and keys*, S8.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from netbill_tui import text
from netbill_tui.db.access import operators
from netbill_tui.db.access.operators import Tries
from netbill_tui.db.core.engine import CommitUnknown
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.errors import Busy, LockedOut, NotSaved, Rejected
from netbill_tui.usecases.core import host
from netbill_tui.usecases.core.session import Session

MOST_TRIES = 10


LOCK_S = 1800.0


FORGET_S = 86400.0  # so long after the last try in vain its count is forgotten


ANSWER_S = 20.0  # a try that was not answered by then was killed


NOBODY = bytes(16)  # what tries under a name that does not exist are counted under


def claim(session: Session, uid: bytes) -> Tries:
    """Count a try before anything is looked at; what stands after it.

    Raises:
        LockedOut: There were too many.
        Busy: As many as may fail are being looked at now; try again in a moment.
    """
    last_moment = time.monotonic() + 5.0
    while True:
        with quiet(session):
            known = operators.tries(session.db, uid)
            since = _since_s(session, known)
            if known.failed + known.pending and since >= (FORGET_S if known.failed + known.pending < MOST_TRIES else LOCK_S):
                known = known._replace(failed=0, pending=0)
            # Tries under a name that does not exist are counted for their time alone: they lock nobody out.
            if known.failed + known.pending < MOST_TRIES or uid == NOBODY:
                counted = Tries(
                    known.failed, min(known.pending + 1, MOST_TRIES), session.now_us(), host.boot_id(), host.boot_us()
                )
                operators.set_tries(session.db, uid, counted)
                return counted
        if known.failed >= MOST_TRIES or since >= ANSWER_S:
            left = text.counted(max(1, round((LOCK_S - since) / 60 + 0.5)), "minute")
            raise LockedOut(f"Too many wrong passwords; wait {left}, or ask an administrator to unlock the operator.")
        if time.monotonic() > last_moment:
            raise Busy("Too many people try this name at once; try again in a moment.")
        time.sleep(0.05)


def _since_s(session: Session, counted: Tries) -> float:
    """Seconds since the last try; by the machine's own clock within one start of it, else by the wall, never backwards."""
    if counted.boot and counted.boot == host.boot_id():
        return max(0.0, (host.boot_us() - counted.boot_us) / 1e6)
    return max(0.0, (session.now_us() - counted.at_us) / 1e6)


def answer(session: Session, uid: bytes, *, failed: bool, name: str, tries: Tries | None = None) -> None:
    """Say what became of a counted try.

    Side effect: one audit event for a try in vain; those under unknown names are told ten times a day, not more.
    """
    is_told = failed and (uid != NOBODY or (tries is not None and tries.failed < MOST_TRIES))
    with quiet(session):
        counted = operators.tries(session.db, uid)
        failures = min(counted.failed + 1, MOST_TRIES) if failed else 0
        operators.set_tries(session.db, uid, counted._replace(failed=failures, pending=max(0, counted.pending - 1)))
        if is_told:
            tx = Transaction(session.db, now_us=session.now_us(), actor=name or "nobody", session=session.sitting.id)
            tx.note("session.refused", name or "unknown name", {"host": host.host(), "tries": failures})
            tx.finish()


@contextmanager
def quiet(session: Session) -> Iterator[None]:
    """A small transaction of somebody who is not signed in yet."""
    try:
        with session.db.write():
            yield
    except CommitUnknown as error:
        session.db.connect()
        raise NotSaved(f"The book cannot be written, so nobody can sign in; check disk and server. {_READ}") from error
    except Rejected:
        raise
    except NotSaved as error:
        first = str(error).removesuffix(" You can still read the book.")
        raise NotSaved(f"{first} Nobody can sign in until then. {_READ}") from error


# A try that is not counted is none.
_READ = "netbill customer, find, dues and overdue read without."
