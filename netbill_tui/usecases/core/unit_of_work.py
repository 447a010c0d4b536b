"""The write protocol: one transaction with its audit event, and an honest answer when a commit fails."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NamedTuple, TypeVar
from uuid import uuid4

from netbill_tui.db.access import operators
from netbill_tui.db.access.operators import State
from netbill_tui.db.core import requests, versions
from netbill_tui.db.core.engine import CommitUnknown, Deadlock, LineLost
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.receivables import balances
from netbill_tui.errors import (
    Busy,
    NetbillError,
    NotPermitted,
    NotSaved,
    OutcomeUnknown,
    RequestMismatch,
    SessionEnded,
    causes,
)
from netbill_tui.usecases.core import checkpoints
from netbill_tui.usecases.core.ahead import Ahead, Locking, Moved
from netbill_tui.usecases.core.session import Operator, Session

T = TypeVar("T")


@contextmanager
def writing(
    session: Session, right: str, *, posts: bool = True, locks: Callable[[], Locking] | None = None
) -> Iterator[Transaction]:
    """One transaction: locked, committed with its audit event or rolled back whole.

    Args:
        session: Who writes.
        right: What it takes, of security.rights; asked again inside the transaction.
        posts: False for an audit event alone, which a session under a pretended date may write too.
        locks: Of a posting that read ahead.

    Raises:
        Moved: What was read ahead no longer holds.
        Refused: The session only previews.
        NotPermitted: Its operator has not the right, or is no longer active.
        SessionEnded: The sitting was ended or is locked.
        ClockProblem: The machine's clock does not fit the book.
        Busy: The book was not free within five seconds.
        NotSaved: The commit failed and is known not to have happened.
        OutcomeUnknown: The commit failed and may have happened.
    """
    session.may_write()
    if posts:
        session.may_post()
    session.needs(right)
    # What is only looked at is told under any clock; the sums stay as they are then.
    if posts:
        session.roll()
    else:
        session.rolled()
    try:
        with session.db.write():
            if posts:
                balances.lock(session.db)
            locking = locks() if locks is not None else None
            operator, last = _recheck_operator(session, right, posts=posts, locking=locking)
            tx = Transaction(
                session.db, now_us=session.now_us(), actor=operator.name, session=session.sitting.id,
                reserved=locking.reserved if locking is not None else None,
            )  # fmt: skip
            yield tx
            versions.post_touched(tx)
            is_due = tx.finish() and checkpoints.is_due(last, tx.seq, tx.now_us)
            if is_due:
                operators.set_state_value(session.db, "checkpoint", f"{tx.seq} {tx.now_us}")
        if is_due:
            checkpoints.write(session)
    except CommitUnknown as error:
        with suppress(NetbillError):
            # Whether the book can be reached again is another question; this outcome is unknown either way.
            session.db.connect()
        raise OutcomeUnknown("netbill does not know whether this was saved; check the account before you do it again.") from error


def _recheck_operator(session: Session, right: str, *, posts: bool, locking: Locking | None = None) -> tuple[Operator, str]:
    """Read the operator again in the transaction: still active, with the same role and keys, in a sitting that goes on.

    Returns the operator and the state value of the last checkpoint. Posting needs a clock that agrees with the book, too.
    """
    operator, vault = session.sign_in_if_needed()
    if locking is None:
        state = state_of(session)
    else:
        read = operators.reading_state(session.sitting.id, operator.id)
        known, *answers = session.db.together(read, *locking.reads)
        state = _able(session, known)
        locking.check(*answers)
    if posts and session.settings.clock_days:
        wrong = session.clock_problem(state.last_us)
        if wrong is not None:
            raise wrong
    seen = (state.role, state.limit, state.public_key, state.signature)
    if seen != session.record:
        # The record is not the one that was checked: changed by an administrator, or by somebody who can write the book.
        from netbill_tui.usecases.core.operator_records import check_state

        check_state(session, operator, state)
        session.record = seen
        operator = session.operator = operator._replace(role=state.role, limit=state.limit)
        session.needs(right)
    if state.epoch != vault.epoch and vault.bundle is not None:
        from netbill_tui.usecases.core.operator_records import refresh_keys

        refresh_keys(session, operator.uid, vault)
    return operator, state.checkpoint


def state_of(session: Session) -> State:
    """Whether who is signed in may still act.

    Raises:
        NotPermitted: They were disabled.
        SessionEnded: The sitting was ended from outside.
    """
    operator, _ = session.sign_in_if_needed()
    return _able(session, session.db.together(operators.reading_state(session.sitting.id, operator.id))[0])


def _able(session: Session, state: State | None) -> State:
    operator, _ = session.sign_in_if_needed()
    if state is None or state.status != "active":
        raise NotPermitted(f"The operator {operator.name} is no longer active; sign in as somebody else.")
    if session.sitting.is_stored and (state.session is None or state.ended_us is not None):
        raise SessionEnded(f"This sitting was ended ({state.why or 'gone'}); sign in again.")
    return state


class Claim(NamedTuple):
    """A request id and the hash of what is asked under it."""

    uid: bytes
    digest: bytes
    kind: str


def claim_of(request_id: bytes | None, kind: str, *parts: object) -> Claim:
    """The claim of a write that is no payment: its hash is over what is asked, each part with its length.

    Args:
        request_id: Made when the form opened, or given; without one the write has one of its own, so that it is safe against a
            commit whose outcome is lost, but not against being asked again.
        kind: Such as `credit`.
        parts: All that is asked.
    """
    total = hashlib.sha256(b"netbill/request/v1")
    for part in (kind, *parts):
        text = repr(sorted(part.items()) if isinstance(part, Mapping) else part).encode()
        total.update(len(text).to_bytes(4) + text)
    return Claim(request_id or uuid4().bytes, total.digest(), kind)


def once(session: Session, right: str, claim: Claim, work: Callable[[Transaction], int]) -> int:
    """Write under a request id, at most once; the id of what was written, now or before. See `post_once`."""
    earlier = answered(session, claim)
    return earlier if earlier is not None else post_once(session, right, claim, work, lambda object_id, _: object_id)


def post_once(
    session: Session,
    right: str,
    claim: Claim,
    work: Callable[[Transaction], int],
    replay: Callable[[int, bool], T],
    *,
    ahead: Ahead | None = None,
) -> T:
    """Post under a request id, at most once whatever the line, the disk or the server does.

    Args:
        session: Who posts.
        right: What it takes.
        claim: The same id with the same hash is answered from the book; with another hash it is refused.
        work: Posts inside the transaction and returns the id of what it posted.
        replay: Reads the result by that id; its second argument says whether it was posted before.
        ahead: The same work with what was read before the locks; tried first.

    Raises:
        RequestMismatch: The id was used for something else.
        NotSaved: An error struck and the book says that nothing was posted.
        OutcomeUnknown: An error struck and the book cannot be asked.
    """
    went_on = False  # an attempt whose outcome was not known may still be going on
    for last_try in (False, True):
        try:
            if ahead is not None:
                with suppress(Moved):
                    return _try_ahead(session, right, claim, ahead, replay)
                ahead = None
            return _try_once(session, right, claim, work, replay)
        except (OutcomeUnknown, NotSaved, Busy) as error:
            posted = _look_up(session, claim, error)
            if posted is not None:
                return replay(posted, False)
            if went_on and isinstance(error, Busy):
                # The book is held, perhaps by that very attempt.
                raise OutcomeUnknown(_unknown(claim)) from error
            went_on = isinstance(error, OutcomeUnknown)
            may_retry = isinstance(error, (OutcomeUnknown, Deadlock, LineLost)) and session.db.kind == "postgres"
            if last_try or not may_retry:
                if isinstance(error, OutcomeUnknown):
                    raise NotSaved(_why(session, error)) from error
                raise
    raise AssertionError("unreachable")


def _why(session: Session, error: BaseException | None) -> str:
    """Why nothing was saved, where the engine said so, such as a full disk; else that the connection failed."""
    for cause in causes(error):
        if isinstance(cause, Exception) and not isinstance(cause, (NetbillError, CommitUnknown)):
            translated = session.db.translated(cause)
            if type(translated) is NotSaved:  # not one that was refused
                return str(translated)
    return "The connection to the book failed; nothing was saved. It is safe to try again."


def answered(session: Session, claim: Claim) -> int | None:
    """Id of what was posted under this request before, or None.

    Raises:
        RequestMismatch: The id was used for something else.
    """
    posted = requests.find(session.db, claim.uid, claim.kind)
    if posted is not None and posted.hash != claim.digest:
        raise RequestMismatch("This request id was used for something else; nothing was posted. Use a new id.")
    return None if posted is None else posted.object_id


def _try_once(
    session: Session, right: str, claim: Claim, work: Callable[[Transaction], int], replay: Callable[[int, bool], T]
) -> T:
    with writing(session, right) as tx:
        requests.wait_for_twin(session.db, claim.uid)
        earlier = answered(session, claim)
        if earlier is None:
            object_id = work(tx)
            _claim(tx, claim, object_id)
    return replay(object_id if earlier is None else earlier, earlier is not None)


def _try_ahead(session: Session, right: str, claim: Claim, ahead: Ahead, replay: Callable[[int, bool], T]) -> T:
    with writing(session, right, locks=lambda: Locking(session.db, ahead, claim.uid, claim.kind)) as tx:
        object_id = ahead.work(tx)
        _claim(tx, claim, object_id)
    return replay(object_id, False)


def _claim(tx: Transaction, claim: Claim, object_id: int) -> None:
    requests.claim(tx.db, claim.uid, claim.digest, claim.kind, object_id, tx.seq)
    if claim.kind != "payment":  # whose own row and event tell of its request
        tx.vouch("claim", requests.mark(claim.uid, claim.digest, claim.kind, object_id, tx.seq))


def _unknown(claim: Claim) -> str:
    if claim.kind == "payment":
        return "netbill does not know whether the payment was saved; do not take the money again before you have looked."
    return "netbill does not know whether this was saved; do not do it again before you have looked."


def _look_up(session: Session, claim: Claim, error: NetbillError) -> int | None:
    """Id of what was posted under the claim, read on a fresh connection after an error."""
    try:
        session.db.close()
        session.db.connect()
        posted = requests.find(session.db, claim.uid, claim.kind)
    except NetbillError:
        if isinstance(error, OutcomeUnknown):
            raise OutcomeUnknown(_unknown(claim)) from error
        return None
    return posted.object_id if posted is not None and posted.hash == claim.digest else None
