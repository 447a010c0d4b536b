"""What verify checks of keys, sealed cells and records, without trusting the database.

Source: docs/security.md, *The audit*, T-DB.
"""

from collections.abc import Sequence

from netbill_tui.db.access import approvals
from netbill_tui.db.access import operators as operator_rows
from netbill_tui.db.access.operators import OperatorRecord
from netbill_tui.db.core import migrate, versions
from netbill_tui.db.core.chain import said
from netbill_tui.db.core.engine import Database
from netbill_tui.db.verify import keys as told_rows
from netbill_tui.db.verify import vouched
from netbill_tui.security import keys, rights
from netbill_tui.text import counted, visible
from netbill_tui.usecases.access.approvals import request_hash
from netbill_tui.usecases.core.checks import MAX_NAMED, Check, blame
from netbill_tui.usecases.core.session import Session


def operators(session: Session) -> Check:
    """Every operator's record is what an administrator signed, and the newest that the audit tells of."""
    check = Check("operators")
    hashes: dict[str, str] = {}
    for event in told_rows.operator_events(session.db):
        if "record" in event.said:
            hashes[event.object] = str(event.said["record"])
        hashes |= {str(n): str(h) for n, h in event.said.get("records", {}).items()}
    for operator in operator_rows.everybody(session.db):
        check.rows += 1
        if operator.status == "enrolled":
            # Its owner made the key pair; nobody signed it yet, and nothing was granted.
            operator = operator._replace(status="invited", public_key=b"")
        install, admin = session.book.install_id, session.book.admin_public
        if not keys.record_is_genuine(admin, install, operator.record, operator.signature):
            blame(check, f"the record of {operator.name} is not what an administrator signed")
        elif hashes.get(operator.name) != keys.record_hash(install, operator.record):
            blame(check, f"the record of {operator.name} is an old one, put back")
    for name in hashes.keys() - {o.name for o in operator_rows.everybody(session.db)}:
        blame(check, f"the operator {name} is gone")
    return check


def grants(session: Session) -> Check:
    """Every grant and key was signed; each compartment has one primary key; who holds what is what the role holds."""
    check = Check("key grants")
    install, admin = session.book.install_id, session.book.admin_public
    people = {o.uid: o for o in operator_rows.everybody(session.db)}
    held: dict[bytes, set[tuple[str, int]]] = {}
    for grant in operator_rows.grants(session.db):
        check.rows += 1
        owner = people.get(grant.operator)
        whose = owner.name if owner else grant.operator.hex()[:8]
        held.setdefault(grant.operator, set()).add((grant.compartment, grant.key_id))
        if not keys.grant_is_genuine(grant, install, admin):
            blame(check, f"the grant of {grant.compartment} to operator {whose} is not genuine")
        elif owner is None or owner.status != "active":
            blame(check, f"{whose} is not active and holds a grant of {grant.compartment}")
        elif owner.role not in rights.PRINCIPALS and grant.compartment not in rights.compartments_of(owner.role):
            blame(check, f"{whose} holds {grant.compartment}, which the role {owner.role} does not")
    _keyset(session, check, people, held)
    return check


def _keyset(session: Session, check: Check, people: dict[bytes, OperatorRecord], held: dict[bytes, set[tuple[str, int]]]) -> None:
    install, admin = session.book.install_id, session.book.admin_public
    keyring = operator_rows.keys(session.db)
    for key in keyring:
        if not keys.key_is_genuine(admin, install, key.compartment, key.key_id, key.status, key.signature):
            blame(check, f"the state of the key {key.key_id} of {key.compartment} is not what an administrator signed")
    for compartment in rights.COMPARTMENTS:
        primary = [k.key_id for k in keyring if k.compartment == compartment and k.status == "primary"]
        if len(primary) != 1:
            blame(check, f"{compartment} has {counted(len(primary), 'primary key')}")
            continue
        for operator in people.values():
            wants = operator.status == "active" and compartment in rights.compartments_of(operator.role)
            if wants and (compartment, primary[0]) not in held.get(operator.uid, set()):
                blame(check, f"{operator.name} lacks the grant of {compartment}")
    known = {(k.compartment, k.key_id) for k in keyring}
    for compartment, key_id in {g for mine in held.values() for g in mine} - known:
        blame(check, f"a grant of {compartment} is for the key {key_id}, which is gone")


def records(db: Database, kinds: Sequence[str]) -> list[Check]:
    """Records of these kinds, such as customers with their contacts, are as they were last written by this program."""
    checks = []
    for kind in kinds:
        check = Check(f"{versions.WORDS.get(kind, kind)} as last written")
        for record in versions.check(db, kind):
            check.rows += 1
            if record.wrong:
                blame(check, f"{versions.label(db, kind, record.record)} {record.wrong}")
        checks.append(check)
    return checks


_FIRST_RECEIPT = 10001


def requests(db: Database) -> Check:
    """Every request id stands for what was posted under it."""
    check = Check("request ids")
    for request in told_rows.requests(db):
        check.rows += 1
        claimed = said(request.detail).get("request") if request.detail else None
        if request.detail is None:
            blame(check, f"the request {request.uid.hex()[:8]} names no audit event")
        elif claimed is not None and claimed != request.hash.hex():
            blame(check, f"the request of {request.object} is not the one that was posted")
    for receipt in told_rows.unclaimed(db, MAX_NAMED):
        blame(check, f"{receipt} has no request id any more, or another: it could be posted again")
    return check


def approved(db: Database) -> Check:
    """What waits for a second pair of eyes is what the audit says was asked; what was answered, what it says of that."""
    check = Check("approvals")
    answers: dict[int, dict[str, object]] = {}
    for event in told_rows.approval_events(db):
        detail = said(event.detail)
        answer = answers.setdefault(
            int(detail["approval"]), {"state": "asked", "answered_by": "", "result": "", "answered_us": None}
        )
        if event.action == "approval.ask":
            answer |= {
                "object": event.object,
                "asked_by": event.actor,
                "asked_us": event.at_us,
                **{k: detail[k] for k in ("kind", "amount", "reason", "request")},
            }
        else:
            state = event.action.removeprefix("approval.")
            answer |= {"state": state, "answered_by": event.actor, "result": detail["result"], "answered_us": event.at_us}
    for approval in approvals.every(db):
        check.rows += 1
        stored = approval._asdict() | {"request": request_hash(approval.request)}
        if answers.pop(int(stored.pop("id")), None) != stored:
            blame(check, f"approval {approval.id} is not what was asked or answered")
    for number in answers:
        blame(check, f"approval {number} is gone")
    return check


_SERIES = ("id", "receipt", "invoice", "credit", "run", "account", "write-off")


def series(db: Database) -> Check:
    """No number or id that is still to come is in use already."""
    check = Check("number series")
    stands = told_rows.series(db)
    for name in _SERIES:
        check.rows += 1
        if name not in stands:
            blame(check, f"the series {name} is gone")
    for name, used in told_rows.highest(db)._asdict().items():
        if stands.get(name, 0) <= used:
            blame(check, f"the series {name} stands before a number in use")
    for name in stands.keys() - set(_SERIES):
        blame(check, f"the series {visible(name)[:20]} is not one of this program")
    for name, value in stands.items():
        if not 1 <= value < 1 << 60:
            blame(check, f"the series {visible(name)[:20]} stands at {value}")
    for name in ("invoice", "credit"):
        if stands.get(name, 0) > 1 and not vouched.is_issued(db, name, stands[name] - 1):
            blame(check, f"the series {name} continues at {stands[name]}, and the document before it is not in the book")
    # Numbers of documents have no gaps: what stands behind the last one was taken out, or was never given.
    for name in ("receipt", "run", "write-off"):
        if stands.get(name, 0) > max(vouched.last_used(db, name), _FIRST_RECEIPT - 1 if name == "receipt" else 0) + 1:
            blame(
                check,
                f"the series {name} continues at {stands[name]}, and the last one in the book is {vouched.last_used(db, name)}",
            )
    return check


def storage(db: Database, *, quick: bool = False) -> Check:
    """The engine finds its own pages, keys and schema sound, and nothing stands in the book that is not of this program."""
    check = Check("storage and schema", 1)
    for wrong in (*migrate.differences(db), *migrate.foreign_objects(db), *db.damages(quick=quick)):
        blame(check, wrong)
    return check
