"""Four eyes: what is over an operator's amount limit is asked, and a second operator posts it or says no.

Nobody approves his own request. A book with fewer than two people who may approve has four eyes off, and `doctor` says so.
Source: docs/security.md, *Postings*.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from netbill_tui.billing.access.approvals import Approval
from netbill_tui.billing.core.money import format_amount
from netbill_tui.db.access import approvals, operators
from netbill_tui.errors import NeedsApproval, NotFound, NotPermitted, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean
from netbill_tui.usecases.access import limits
from netbill_tui.usecases.access.limits import within_limit
from netbill_tui.usecases.core.hooks import APPROVED, ASKED_WITH, GIVES_NOTHING, POST_APPROVED, hook
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing

CLAIM = "claim"  # of a request: the id under which it was sent, so that it is not posted twice
NEEDS = "needs"  # in a request: the right that asking took


def request_hash(request: str) -> str:
    """Names a request in the audit, so that another one put in its place is seen."""
    return hashlib.sha256(b"netbill/approval/v1" + request.encode()).hexdigest()[:32]


def _as_asked(session: Session, approval: Approval) -> bool:
    """True when the audit says that this was asked, by whom it says."""
    for event in approvals.asked(session.db, approval.object):
        detail = json.loads(event.detail)
        if detail.get("approval") == approval.id:
            claimed = (event.actor, detail["kind"], detail["amount"], detail["reason"], detail["request"])
            return bool(
                claimed == (approval.asked_by, approval.kind, approval.amount, approval.reason, request_hash(approval.request))
            )
    return False


def approvers(session: Session) -> list[str]:
    """Names of those who may approve.

    Raises:
        KeyProblem: A record is not what an administrator signed: somebody may want to switch four eyes off.
    """
    from netbill_tui.usecases.core.operator_records import check_record

    everybody = [o for o in operators.everybody(session.db) if o.status not in ("invited", "enrolled")]
    for operator in everybody:
        check_record(session, operator)
    return [o.name for o in everybody if o.status == "active" and rights.may(o.role, rights.APPROVE)]


class LimitLowered(Refused):
    """The limit of who posts was lowered between asking and posting; nothing was posted."""


def still_within(session: Session, amount: int, obj: str, alone: str = "") -> None:
    """Refuse, inside the transaction, what is over the limit in force now, where a second operator could have been asked.

    Raises:
        LimitLowered: It is.
    """
    operator, _ = session.sign_in_if_needed()
    lacks = bool(alone) and amount > 0 and not operator.may(alone)
    if lacks or (not within_limit(session, amount, obj) and len(approvers(session)) > 1):
        raise LimitLowered("It is now over your limit; nothing was posted. Do it again to ask for approval.")


def ask(
    session: Session, right: str, kind: str, obj: str, amount: int, reason: str, request: Mapping[str, object], *, alone: str = ""
) -> None:
    """Ask a second operator, where the amount is over the limit of who is signed in; does nothing where it is not.

    A limit is for what one operator gives back of a document, and on a day, by every road.

    Args:
        session: Who asks.
        right: What posting it takes; who lacks it may not ask either.
        alone: What giving it back without a second operator takes; empty for `right`.
        kind: What would be posted, of hooks.POST_APPROVED.
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
    operator, _ = session.sign_in_if_needed()
    known = approvals.asked_before(session.db, kind, obj, operator.name)
    refuse_answered(session, kind, obj, str(request.get(CLAIM, "")))
    lacks = bool(alone) and amount > 0 and not operator.may(alone)
    if lacks and not [name for name in approvers(session) if name != operator.name]:
        shown = format_amount(amount, session.book.currency)
        raise NotPermitted(f"It gives back {shown}, which you may not do; ask an administrator.")
    if not lacks and (within_limit(session, amount, obj) or len(approvers(session)) < 2):
        return
    request = {**request, NEEDS: right}
    text = json.dumps(request, sort_keys=True)
    number = next((asked.id for asked in known if asked.state == "asked" and _asks(asked) == _asks(request)), 0)
    if not number:
        with writing(session, right) as tx:
            (number,) = tx.take("id")
            approvals.ask(session.db, number, kind, obj, amount, reason, text, operator.name, tx.now_us)
            tx.note("approval.ask", obj, {
                "approval": number, "kind": kind, "amount": amount, "reason": reason, "request": request_hash(text),
            })  # fmt: skip
    raise NeedsApproval(
        f"{_over(session, obj, amount, lacks=lacks)}: asked as approval {number}; another operator runs netbill approval approve "
        f"{number}.",
        number=number,
    )


def _asks(asked: "Approval | Mapping[str, object]") -> dict[str, object]:
    """What is asked, whichever request asks it: two forms that ask the same wait as one."""
    held = json.loads(asked.request if isinstance(asked, Approval) else json.dumps(asked))
    return {name: value for name, value in held.items() if name not in (CLAIM, NEEDS)}


def refuse_answered(session: Session, kind: str, obj: str, claim: str) -> None:
    """The same request sent once more, because its answer was lost, is not posted beside what was approved of it.

    Raises:
        Refused: It was approved; the sentence says by whom and what it became.
    """
    operator, _ = session.sign_in_if_needed()
    for asked in approvals.asked_before(session.db, kind, obj, operator.name):
        if asked.state == "approved" and claim and json.loads(asked.request).get(CLAIM) == claim:
            raise Refused(
                f"This request was asked as approval {asked.id}, and {asked.answered_by} approved it ({asked.result}); nothing "
                "more was posted."
            )


def _over(session: Session, obj: str, amount: int, *, lacks: bool) -> str:
    """Why it has to be asked."""
    operator, _ = session.sign_in_if_needed()

    def shown(minor: int) -> str:
        return format_amount(minor, session.book.currency)

    if lacks:
        return f"It gives back {shown(amount)} for days that are over"
    known = limits.before(session, obj)
    most = f"Over your limit of {shown(operator.limit or 0)}"
    if known.of_document and known.of_document >= known.on_day:
        return f"{most} with the {shown(known.of_document)} that you gave back of {obj} before"
    return f"{most} with the {shown(known.on_day)} that you gave back today" if known.on_day else most


def close_overtaken(session: Session, right: str, kind: str, obj: str, fits: Callable[[Mapping[str, Any], int], bool]) -> None:
    """Close what waits on a document and can be posted no more, because something else was given back of it meanwhile.

    Args:
        session: Who gave it back.
        right: What that took.
        kind: Of what waits.
        obj: The document.
        fits: Whether a request still comes to its amount.

    Side effect: an audit event for each.
    """
    operator, _ = session.sign_in_if_needed()
    for approval in listed(session):
        if (approval.kind, approval.object) == (kind, obj) and not fits(json.loads(approval.request), approval.amount):
            with writing(session, right) as tx:
                if approvals.answer(session.db, approval.id, "refused", operator.name, tx.now_us, "overtaken"):
                    tx.note("approval.refused", obj, {
                        "approval": approval.id, "asked_by": approval.asked_by, "amount": approval.amount, "reason": "overtaken",
                        "result": "overtaken",
                    })  # fmt: skip


def listed(session: Session, *, every: bool = False) -> list[Approval]:
    """What waits, oldest first, or the newest two hundred."""
    return approvals.newest(session.db) if every else approvals.waiting(session.db)


def _still_asked(session: Session, asked: Approval) -> None:
    """Refuse what was asked by somebody who may not ask for it any more.

    Raises:
        Refused: They are not active, or lost the right.
    """
    row = operators.by_name(session.db, asked.asked_by)
    right = str(json.loads(asked.request).get(NEEDS) or ASKED_WITH[asked.kind])
    if row is None or row.status != "active" or not rights.may(row.role, right):
        raise Refused(
            f"{asked.asked_by}, who asked for it, may not do so any more; refuse it: netbill approval refuse {asked.id}."
        )


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
    asked = approvals.by_id(session.db, number) if number < 2**63 else None
    if asked is None:
        raise NotFound(f"There is no approval {number}; netbill approval lists what waits.")
    words = clean(reason, "The reason", limit=200)
    if asked.asked_by == operator.name:
        raise NotPermitted("You cannot approve your own request; ask another operator.")
    gives = asked.amount if asked.kind not in GIVES_NOTHING else 0
    if approve and not within_limit(session, gives, asked.object):
        raise NotPermitted("It is over your own limit too, with what you gave back; ask an operator with a higher limit.")
    if not _as_asked(session, asked):
        raise Refused(f"Approval {number} is not what the audit says was asked; run netbill verify.")
    if asked.state != "asked":
        raise Refused(f"Approval {number} was {asked.state} by {asked.answered_by} already.")
    if approve:
        _still_asked(session, asked)
    if dry_run:
        return asked
    with writing(session, rights.APPROVE) as tx:
        if approve:
            _still_asked(session, asked)
        if approve and not within_limit(session, gives, asked.object):
            raise NotPermitted("It is now over your own limit; ask an operator with a higher limit.")
        # The answer is claimed first: of two approvers at once one posts.
        state, result = "approved" if approve else "refused", ""
        if not approvals.answer(session.db, number, state, operator.name, tx.now_us):
            raise Refused(f"Approval {number} was answered meanwhile.")
        if approve:
            result = str(hook(POST_APPROVED[asked.kind])(tx, session, asked, json.loads(asked.request)))
            limits.gave(tx, session, asked.kind, asked.object, gives)
            approvals.set_result(session.db, number, result)
        tx.note(
            f"approval.{state}",
            asked.object,
            {"approval": number, "asked_by": asked.asked_by, "amount": asked.amount, "reason": words, "result": result},
        )
    if approve and asked.kind in APPROVED:
        hook(APPROVED[asked.kind])(session, asked.object)
    return asked._replace(state=state, answered_by=operator.name, result=result)
