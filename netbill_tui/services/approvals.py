"""Four eyes: what is over an operator's amount limit is asked, and a second operator posts it or says no.

Nobody approves his own request. A book with fewer than two people who may approve has four eyes off, and `doctor` says so.
Source: behaviours 25.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from netbill_tui.billing.money import format_amount
from netbill_tui.db import operators as rows
from netbill_tui.db.statements import Statement
from netbill_tui.db.transaction import Transaction
from netbill_tui.errors import NeedsApproval, NotFound, NotPermitted, Refused
from netbill_tui.security import rights
from netbill_tui.services.session import Session
from netbill_tui.services.writing import writing
from netbill_tui.text import clean

_COLUMNS = "id, kind, object, amount, reason, request, asked_by, asked_us, state, answered_by, answered_us, result"
_WAITING = Statement(f"select {_COLUMNS} from approval where state = 'asked' order by id")
_NEWEST = Statement(f"select {_COLUMNS} from approval order by id desc limit 200")
_ONE = Statement(f"select {_COLUMNS} from approval where id = ?")
_SAME = Statement("select id from approval where state = 'asked' and kind = ? and object = ? and request = ? and asked_by = ?")
_ASKED = Statement("select actor, detail from audit_event where object = ? and action = 'approval.ask' order by seq desc")
_ASK = Statement(f"insert into approval ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, 'asked', '', null, '')")
_ANSWER = Statement(
    "update approval set state = ?, answered_by = ?, answered_us = ?, result = ? where id = ? and state = 'asked'"
)


class Approval(NamedTuple):
    """What was asked. `state` is asked, approved or refused; `result` names what was posted."""

    id: int
    kind: str
    object: str
    amount: int
    reason: str
    request: str
    asked_by: str
    asked_us: int
    state: str
    answered_by: str
    answered_us: int | None
    result: str


# How a kind is posted once it is approved: in the approver's transaction, from what was asked; the document's number.
Poster = Callable[[Transaction, Session, Approval, Mapping[str, object]], str]
_POSTERS: dict[str, Callable[[], Poster]] = {}


def posts(kind: str, poster: Callable[[], Poster]) -> None:
    """Say how a kind is posted; given as a function, so that it is imported when it is needed."""
    _POSTERS[kind] = poster


def request_hash(request: str) -> str:
    """Names a request in the audit, so that another one put in its place is seen."""
    return hashlib.sha256(b"netbill/approval/v1" + request.encode()).hexdigest()[:32]


def _as_asked(session: Session, one: Approval) -> bool:
    """True when the audit says that this was asked, by whom it says."""
    for actor, detail in session.db.rows(_ASKED, (one.object,)):
        found = json.loads(detail)
        if found.get("approval") == one.id:
            told = (actor, found["kind"], found["amount"], found["reason"], found["request"])
            return bool(told == (one.asked_by, one.kind, one.amount, one.reason, request_hash(one.request)))
    return False


def approvers(session: Session) -> list[str]:
    """Names of those who may approve.

    Raises:
        KeyProblem: A record is not what an administrator signed: somebody may want to switch four eyes off.
    """
    from netbill_tui.services.signing_in import check_record

    everybody = [o for o in rows.everybody(session.db) if o.status not in ("invited", "enrolled")]
    for one in everybody:
        check_record(session, one)
    return [o.name for o in everybody if o.status == "active" and rights.may(o.role, rights.APPROVE)]


def within_limit(session: Session, amount: int) -> bool:
    """True when who is signed in may give so much back alone."""
    operator, _ = session.sign_in_if_needed()
    return operator.limit is None or amount <= operator.limit


class LimitLowered(Refused):
    """The limit of who posts was lowered between asking and posting; nothing was posted."""


def still_within(session: Session, amount: int) -> None:
    """Refuse, inside the transaction, what is over the limit in force now, where a second operator could have been asked.

    Raises:
        LimitLowered: It is.
    """
    if not within_limit(session, amount) and len(approvers(session)) > 1:
        raise LimitLowered("Your limit was lowered meanwhile; nothing was posted. Do it again to have it asked.")


def ask(session: Session, right: str, kind: str, obj: str, amount: int, reason: str, request: Mapping[str, object]) -> None:
    """Ask a second operator, where the amount is over the limit of who is signed in; does nothing where it is not.

    Args:
        session: Who asks.
        right: What posting it takes; who lacks it may not ask either.
        kind: What would be posted, of `posts`.
        obj: Of which document.
        amount: In minor units.
        reason: For the approver.
        request: What is to be posted, as JSON values.

    Raises:
        NeedsApproval: It was asked; the sentence names its number.
        NotPermitted: The operator has not even the right.

    Side effect: where it is asked, one audit event.
    """
    session.needs(right)
    if within_limit(session, amount) or len(approvers(session)) < 2:
        return
    operator, _ = session.sign_in_if_needed()
    most = format_amount(operator.limit or 0, session.book.currency)
    text = json.dumps(request, sort_keys=True)
    found = session.db.row(_SAME, (kind, obj, text, operator.name))
    number = int(found[0]) if found else 0
    if not number:
        with writing(session, right) as tx:
            (number,) = tx.take("id")
            session.db.run(_ASK, (number, kind, obj, amount, reason, text, operator.name, tx.now_us))
            tx.note("approval.ask", obj, {
                "approval": number, "kind": kind, "amount": amount, "reason": reason, "request": request_hash(text),
            })  # fmt: skip
    raise NeedsApproval(
        f"Over your limit of {most}: asked as approval {number}; somebody else runs netbill approval approve {number}.",
        number=number,
    )


def listed(session: Session, *, every: bool = False) -> list[Approval]:
    """What waits, oldest first, or the newest two hundred."""
    return [Approval(*row) for row in session.db.rows(_NEWEST if every else _WAITING)]


def answer(session: Session, number: int, *, approve: bool, reason: str = "", dry_run: bool = False) -> Approval:
    """Post what was asked, or say no.

    Raises:
        NotFound: Nothing was asked under this number.
        Refused: It was answered already, or cannot be posted any more.
        NotPermitted: One's own request, no right, or over one's own limit too.

    Side effect: one audit event; what was asked and the answer are one transaction.
    """
    session.needs(rights.APPROVE)
    operator, _ = session.sign_in_if_needed()
    found = session.db.row(_ONE, (number,))
    if found is None:
        raise NotFound(f"Nothing was asked under {number}; netbill approval lists what waits.")
    asked = Approval(*found)
    words = clean(reason, "The reason", limit=200)
    if asked.asked_by == operator.name:
        raise NotPermitted("Nobody approves his own request; somebody else does.")
    if approve and not within_limit(session, asked.amount):
        raise NotPermitted("It is over your own limit too; somebody with a higher one approves it.")
    if not _as_asked(session, asked):
        raise Refused(f"Approval {number} is not what the audit says was asked; run netbill verify.")
    if asked.state != "asked":
        raise Refused(f"Approval {number} was {asked.state} by {asked.answered_by} already.")
    if dry_run:
        return asked
    with writing(session, rights.APPROVE) as tx:
        # The answer is claimed first: of two approvers at once one posts.
        state, result = "approved" if approve else "refused", ""
        if not session.db.run(_ANSWER, (state, operator.name, tx.now_us, "", number)):
            raise Refused(f"Approval {number} was answered meanwhile.")
        if approve:
            result = _POSTERS[asked.kind]()(tx, session, asked, json.loads(asked.request))
            session.db.run(_RESULT, (result, number))
        tx.note(
            f"approval.{state}", asked.object,
            {"approval": number, "asked_by": asked.asked_by, "amount": asked.amount, "reason": words, "result": result},
        )  # fmt: skip
    return asked._replace(state=state, answered_by=operator.name, result=result)


_RESULT = Statement("update approval set result = ? where id = ?")


def _credit() -> Poster:
    from netbill_tui.services.credit_notes import post_approved

    return post_approved


posts("credit", _credit)
