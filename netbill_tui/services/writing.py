"""The write protocol: one transaction with its audit event, and an honest answer when a commit fails."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple, TypeVar

from netbill_tui.db import books, kept, requests
from netbill_tui.db.engine import CommitUnknown, Deadlock
from netbill_tui.db.transaction import Transaction
from netbill_tui.errors import Busy, NetbillError, NotPermitted, NotSaved, OutcomeUnknown, RequestMismatch
from netbill_tui.services.session import Session

T = TypeVar("T")


@contextmanager
def writing(session: Session, *, posts: bool = True, by_machine: bool = False) -> Iterator[Transaction]:
    """One transaction: locked, committed with its audit event or rolled back whole.

    Args:
        session: Who writes.
        posts: False for an audit event alone, which a session under a pretended date may write too.
        by_machine: What a service principal may do as well as a person.

    Raises:
        Refused: The session only previews.
        NotPermitted: Its operator is no longer active, or a service principal that may not do this.
        Busy: The book was not free within five seconds.
        NotSaved: The commit failed and is known not to have happened.
        OutcomeUnknown: The commit failed and may have happened.
    """
    session.may_write()
    if posts:
        session.may_post()
    operator, _ = session.sign_in_if_needed()
    if operator.role == "automation" and not by_machine:
        raise NotPermitted(f"{operator.name} is a principal for timers and may only bill; sign in as an operator.")
    session.roll()
    try:
        with session.db.write():
            if posts:
                kept.lock(session.db)
            if books.operator_status(session.db, operator.id) != "active":
                raise NotPermitted(f"The operator {operator.name} is no longer active; sign in as somebody else.")
            tx = Transaction(session.db, now_us=session.now_us(), actor=operator.name, session=session.id)
            yield tx
            tx.finish()
    except CommitUnknown as error:
        with suppress(NetbillError):
            # Whether the book can be reached again is another question; this outcome is unknown either way.
            session.db.connect()
        raise OutcomeUnknown("It cannot be told whether this was saved; look at the account before you do it again.") from error


class Claim(NamedTuple):
    """A request id and the hash of what is asked under it."""

    uid: bytes
    digest: bytes
    kind: str


def post_once(session: Session, claim: Claim, work: Callable[[Transaction], int], replay: Callable[[int, bool], T]) -> T:
    """Post under a request id, at most once whatever the line, the disk or the server does.

    Args:
        session: Who posts.
        claim: The same id with the same hash is answered from the book; with another hash it is refused.
        work: Posts inside the transaction and returns the id of what it posted.
        replay: Reads the result by that id; its second argument says whether it was posted before.

    Raises:
        RequestMismatch: The id was used for something else.
        NotSaved: An error struck and the book says that nothing was posted.
        OutcomeUnknown: An error struck and the book cannot be asked.
    """
    for last_try in (False, True):
        try:
            return _try_once(session, claim, work, replay)
        except (OutcomeUnknown, NotSaved, Busy) as error:
            posted = _look_up(session, claim, error)
            if posted is not None:
                return replay(posted, False)
            may_retry = isinstance(error, (OutcomeUnknown, Deadlock)) and session.db.kind == "postgres"
            if last_try or not may_retry:
                if isinstance(error, OutcomeUnknown):
                    raise NotSaved("The connection to the book failed; nothing was saved. It is safe to try again.") from error
                raise
    raise AssertionError("unreachable")


def answered(session: Session, claim: Claim) -> int | None:
    """Id of what was posted under this request before, or None.

    Raises:
        RequestMismatch: The id was used for something else.
    """
    found = requests.find(session.db, claim.uid)
    if found is not None and found[0] != claim.digest:
        raise RequestMismatch("This request id was used for another payment; nothing was posted. Use a new id.")
    return None if found is None else found[1]


def _try_once(session: Session, claim: Claim, work: Callable[[Transaction], int], replay: Callable[[int, bool], T]) -> T:
    with writing(session) as tx:
        requests.wait_for_twin(session.db, claim.uid)
        earlier = answered(session, claim)
        if earlier is None:
            made = work(tx)
            requests.claim(session.db, claim.uid, claim.digest, claim.kind, made, tx.seq)
    return replay(made if earlier is None else earlier, earlier is not None)


def _look_up(session: Session, claim: Claim, error: NetbillError) -> int | None:
    """Id of what was posted under the claim, read on a fresh connection after an error."""
    try:
        session.db.close()
        session.db.connect()
        found = requests.find(session.db, claim.uid)
    except NetbillError:
        if isinstance(error, OutcomeUnknown):
            raise OutcomeUnknown(
                "It cannot be told whether the payment was saved; do not take the money again before you have looked."
            ) from error
        return None
    return found[1] if found is not None and found[0] == claim.digest else None
