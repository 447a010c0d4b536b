"""Operators: made by an administrator, enrolled by themselves, signed, granted, limited, disabled.

Source: docs/security.md, *Operators and keys*.

An administrator never knows a password or a private key of anybody else. He makes a record and an activation code; the new
operator's own process makes the key pair and seals it under the password; then the administrator signs and grants.
"""

import os
import unicodedata
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from netbill_tui.billing.core.money import parse_amount
from netbill_tui.db.access import operators
from netbill_tui.db.access.operators import OperatorRecord
from netbill_tui.db.core import book
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.errors import InvalidInput, KeyProblem, NotFound, Refused
from netbill_tui.security import keys, rights
from netbill_tui.security.keys import Bundle, Record
from netbill_tui.text import clean, visible
from netbill_tui.usecases.access import bundles, sign_in, tries
from netbill_tui.usecases.access.bundles import code_bundle
from netbill_tui.usecases.access.keys import grant
from netbill_tui.usecases.core import operator_records
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing

AUTOMATION = sign_in.AUTOMATION  # a principal for timers: no password, and no right but to bill and back up
RECOVERY = "recovery"
CODE_HOURS = 24
ROLES = [(r.name, f"{r.name:<14} {r.help}") for r in rights.ROLES.values() if r.name not in rights.PRINCIPALS]
_RESERVED = frozenset({RECOVERY, "restore", "nobody", *rights.PRINCIPALS, "init", "netbill", "system"})
PEOPLE = tuple(name for name in rights.ROLES if name not in rights.PRINCIPALS)


class Listed(NamedTuple):
    """An operator as lists show them. `limit` is in minor units; `state` says locked where too many passwords were wrong."""

    name: str
    role: str
    state: str
    limit: int | None
    compartments: tuple[str, ...]
    fingerprint: str


def check_name(name: str) -> str:
    """The operator name, if it can be one.

    Raises:
        InvalidInput: With what to type instead.
    """
    typed = unicodedata.normalize("NFKC", clean(name, "The operator name", limit=40))
    if not typed or not all(c.isalnum() or c in "-_." for c in typed):
        raise InvalidInput("An operator name has letters, digits, dots and dashes; type one such as mira.")
    if typed.casefold() in _RESERVED:
        raise InvalidInput(f"{typed} could mean something else in the audit trail; type another name.")
    if len({unicodedata.name(c, "").partition(" ")[0] for c in typed if c.isalpha()}) > 1:
        raise InvalidInput(f"{typed} mixes letters of several scripts, which can look alike; use one script.")
    return typed


def check_role(role: str) -> str:
    """The role of a person.

    Raises:
        InvalidInput: With the roles there are.
    """
    if role not in PEOPLE:
        raise InvalidInput(f"{visible(role)[:20]!r} is not a role; type one of {', '.join(PEOPLE)}.")
    return role


def listed(session: Session) -> list[Listed]:
    """Who may sign in, and who could, by name. The recovery principal is not among them."""
    held: dict[bytes, list[str]] = {}
    for wrapped in operators.grants(session.db):
        if wrapped.compartment not in held.setdefault(wrapped.operator, []):
            held[wrapped.operator].append(wrapped.compartment)
    locked = operators.locked_out(session.db, tries.MOST_TRIES)
    return [
        Listed(
            o.name,
            o.role,
            "locked" if o.status == "active" and o.name in locked else o.status,
            o.limit,
            tuple(sorted(held.get(o.uid, []))),
            keys.fingerprint(o.public_key) if o.public_key else "",
        )
        for o in operators.everybody(session.db)
        if o.role != RECOVERY
    ]


def named(session: Session, name: str) -> OperatorRecord:
    """The operator of a name.

    Raises:
        NotFound: There is none.
    """
    row = operators.by_name(session.db, name.strip())
    if row is None or row.role == RECOVERY:
        raise NotFound(f"There is no operator {visible(name.strip())[:40]!r}; netbill operator lists them.")
    return row


def _refuse_taken(session: Session, name: str) -> None:
    """Refuse a name that another has, also in other letters: nobody is taken for somebody else in the audit."""
    known = next((o.name for o in operators.everybody(session.db) if o.name.casefold() == name.casefold()), None)
    if known is not None:
        raise InvalidInput(f"There is an operator {known} already; take another name.")


def check_genuine(session: Session, row: OperatorRecord) -> None:
    """Refuse to build on a record that is not the newest one that an administrator signed.

    Raises:
        KeyProblem: Somebody wrote into the book.
    """
    signed = row.record
    if row.status == "enrolled":
        # Its owner put in the public key; everything else is as it was when it was made, and the key is the one of the audit.
        newest = operators.newest_told(session.db, row.name, "fingerprint")
        if newest != keys.fingerprint(row.public_key):
            raise KeyProblem(f"The key of {row.name} is not the one that was enrolled; run netbill verify.")
        signed = signed._replace(status="invited", public_key=b"")
    operator_records.check_record(session, row._replace(status=signed.status, public_key=signed.public_key))


def _store(session: Session, row_id: int, record: Record) -> dict[str, object]:
    """Sign and store a record; what the audit event says of it."""
    _, vault = session.sign_in_if_needed()
    signature = keys.sign_record(vault.admin_seed(), session.book.install_id, record)
    operators.set_record(session.db, row_id, record, signature)
    return {"record": keys.record_hash(session.book.install_id, record), "role": record.role, "status": record.status}


def read_limit(session: Session, text: str) -> int | None:
    """The amount limit that was typed; None for none."""
    return None if text.strip().lower() in ("", "none", "-") else parse_amount(text, session.book.currency)


def add(session: Session, name: str, role: str, *, limit: str = "", dry_run: bool = False) -> str:
    """Make an operator, who enrols with the activation code within a day; the code, shown once.

    Raises:
        NotPermitted: Who acts is no administrator.
        InvalidInput: The name is taken or none, or there is no such role.

    Side effect: one audit event.
    """
    typed, role, most = check_name(name), check_role(role), read_limit(session, limit)
    session.needs(rights.OPERATORS)
    _refuse_taken(session, typed)
    if dry_run:
        return ""
    uid, code = uuid4().bytes, keys.new_code()
    sealed_code = code_bundle(session, uid, code)
    with writing(session, rights.OPERATORS) as tx:
        _refuse_taken(session, typed)
        (row_id,) = tx.take("id")
        record = Record(uid, typed, role, "invited", most, b"")
        until = tx.now_us + CODE_HOURS * 3600 * 1_000_000
        sealed = operators.Envelope(sealed_code.salt, sealed_code.cost, sealed_code.envelope)
        operators.add(session.db, row_id, record, tx.now_us, sealed=sealed, code_until=until)
        detail = {"limit": most, "bundle": bundles.bundle_hash(sealed_code.envelope, sealed_code.salt), "until": until}
        tx.note("operator.add", typed, _store(session, row_id, record) | detail)
    return code


def approve(session: Session, name: str, *, dry_run: bool = False) -> tuple[str, tuple[str, ...]]:
    """Sign an enrolled operator and grant the keys of the role; fingerprint and compartments.

    Raises:
        Refused: There is nobody of this name who enrolled and waits.

    Side effect: one audit event.
    """
    session.needs(rights.OPERATORS)
    row = named(session, name)
    if row.status != "enrolled":
        why = {"invited": "has not used the activation code yet", "active": "is active already"}.get(
            row.status, f"is {row.status}"
        )
        raise Refused(f"{row.name} {why}; nothing was granted.")
    check_genuine(session, row)
    held = rights.compartments_of(row.role)
    if not dry_run:
        with writing(session, rights.OPERATORS) as tx:
            detail = _store(session, row.id, row.record._replace(status="active"))
            _grant_all(session, tx, row.record, held)
            tx.note("operator.grant", row.name, detail | {"compartments": list(held)})
    return keys.fingerprint(row.public_key), held


def _grant_all(session: Session, tx: Transaction, to: Record, compartments: tuple[str, ...]) -> None:
    _, vault = session.sign_in_if_needed()
    for compartment in compartments:
        for key_id, key in vault.keys_of(compartment).items():
            grant(tx, to, compartment, key_id, key, session.book.install_id, vault.admin_seed())


def add_principal(
    session: Session, name: str, file: Path, *, role: str = AUTOMATION, contact: bool = False, dry_run: bool = False
) -> None:
    """Make a service principal for timers and write its key to a new file.

    Args:
        session: An administrator's.
        name: Of the principal.
        file: Where its key goes.
        role: automation, or exporter.
        contact: Grant CONTACT, for one that sends mail or letters; billing needs no key.
        dry_run: Only check.

    Raises:
        NotPermitted: Who acts is no administrator.
        InvalidInput: The name is taken or none, or the file is there already or cannot be written.

    Side effects: a file of mode 600; one audit event.
    """
    typed = check_name(name)
    session.needs(rights.OPERATORS)
    if role not in rights.PRINCIPALS:
        raise InvalidInput(f"Type the role of a principal as one of {', '.join(rights.PRINCIPALS)}.")
    _refuse_taken(session, typed)
    if dry_run:
        return
    private = keys.new_private_key()
    bundle = Bundle(private, session.book.admin_public, session.book.install_id)
    try:
        fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InvalidInput(f"The credential {file} cannot be written: {error.strerror}; name a new file.") from None
    try:
        with os.fdopen(fd, "w", encoding="ascii") as out:
            out.write(sign_in.credential_text(typed, bundle))
            out.flush()
            os.fsync(out.fileno())
        with writing(session, rights.OPERATORS) as tx:
            (row_id,) = tx.take("id")
            record = Record(uuid4().bytes, typed, role, "active", None, keys.public_of(private))
            operators.add(session.db, row_id, record, tx.now_us)
            detail = _store(session, row_id, record)
            _grant_all(session, tx, record, (rights.CONTACT,) if contact else ())
            tx.note("operator.add", typed, detail)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _other(session: Session, name: str, what: str) -> OperatorRecord:
    """The operator of a name, who is somebody else."""
    session.needs(rights.OPERATORS)
    row = named(session, name)
    acting, _ = session.sign_in_if_needed()
    if row.id == acting.id:
        raise Refused(f"You cannot {what} yourself; ask another administrator.")
    if what != "disable":
        check_genuine(session, row)
    return row


def disable(session: Session, name: str, *, dry_run: bool = False) -> list[str]:
    """Take the right to do anything from an operator or a principal, from their next action on; the keys to rotate now.

    Raises:
        NotFound: There is no such operator.
        Refused: It is oneself, or was disabled already.
        NotPermitted: Who acts is no administrator.

    Side effects: grants are gone, sittings are ended; one audit event.
    """
    row = _other(session, name, "disable")
    if row.status == "disabled":
        raise Refused(f"{row.name} is disabled already.")
    held = sorted({g.compartment for g in operators.grants(session.db) if g.operator == row.uid})
    if dry_run:
        return held
    with writing(session, rights.OPERATORS) as tx:
        detail = _store(session, row.id, row.record._replace(status="disabled"))
        operators.drop_grants(session.db, row.uid)
        operators.end_sessions_of(session.db, row.id, tx.now_us, f"{row.name} was disabled")
        due = sorted({*filter(None, operators.state_value(session.db, "rotation_due").split()), *held})
        if held:
            operators.set_state_value(session.db, "rotation_due", " ".join(due))
        tx.note("operator.disable", row.name, detail | {"held": held})
    return held


def reset(session: Session, name: str, *, dry_run: bool = False) -> str:
    """A new activation code for somebody who forgot the password, or whose day with the first one went by; shown once.

    The old key pair and its grants are gone: nothing else is possible, because nobody knows the old password.

    Raises:
        Refused: It is oneself, a principal, or a disabled operator.

    Side effect: one audit event.
    """
    row = _other(session, name, "reset")
    if row.role in rights.PRINCIPALS or row.status == "disabled":
        raise Refused(
            f"{row.name} is {'a principal' if row.role in rights.PRINCIPALS else row.status}; make another one instead."
        )
    if dry_run:
        return ""
    code = keys.new_code()
    sealed_code = code_bundle(session, row.uid, code)
    with writing(session, rights.OPERATORS) as tx:
        detail = _store(session, row.id, row.record._replace(status="invited", public_key=b""))
        until = tx.now_us + CODE_HOURS * 3600 * 1_000_000
        operators.set_bundle(session.db, row.id, sealed_code.salt, sealed_code.cost, sealed_code.envelope, until)
        operators.drop_grants(session.db, row.uid)
        operators.end_sessions_of(session.db, row.id, tx.now_us, f"{row.name} was reset")
        counted = operators.tries(session.db, row.uid)
        operators.set_tries(session.db, row.uid, counted._replace(failed=0, pending=0))
        audited = {"bundle": bundles.bundle_hash(sealed_code.envelope, sealed_code.salt), "until": until}
        tx.note("operator.reset", row.name, detail | audited)
    return code


def unlock(session: Session, name: str, *, dry_run: bool = False) -> None:
    """Let somebody try again who typed ten wrong passwords.

    Side effect: one audit event.
    """
    session.needs(rights.OPERATORS)
    row = named(session, name)
    if dry_run:
        return
    with writing(session, rights.OPERATORS) as tx:
        counted = operators.tries(session.db, row.uid)
        operators.set_tries(session.db, row.uid, counted._replace(failed=0, pending=0))
        tx.note("operator.unlock", row.name, {"tries": counted.failed + counted.pending})


def change_role(session: Session, name: str, role: str, *, dry_run: bool = False) -> tuple[str, ...]:
    """Another role: its rights hold from the next action on, its keys are granted or taken; those to rotate now.

    Raises:
        Refused: It is oneself, or the operator is not active.
        InvalidInput: There is no such role.

    Side effect: one audit event.
    """
    row = _other(session, name, "promote")
    role = check_role(role)
    if row.status != "active" or row.role in rights.PRINCIPALS:
        raise Refused(f"{row.name} is {'a principal' if row.role in rights.PRINCIPALS else row.status}; nothing was changed.")
    now, then = rights.compartments_of(row.role), rights.compartments_of(role)
    lost = tuple(c for c in now if c not in then)
    if dry_run or role == row.role:
        return lost
    with writing(session, rights.OPERATORS) as tx:
        record = row.record._replace(role=role)
        detail = _store(session, row.id, record)
        operators.drop_grants(session.db, row.uid)
        _grant_all(session, tx, record, then)
        # The sitting goes on with the keys that it has; what was taken is rotated.
        operators.end_sessions_of(session.db, row.id, tx.now_us, "the role was changed")
        if lost:
            due = sorted({*filter(None, operators.state_value(session.db, "rotation_due").split()), *lost})
            operators.set_state_value(session.db, "rotation_due", " ".join(due))
        tx.note("operator.role", row.name, detail | {"before": row.role, "lost": list(lost)})
    return lost


def change_limit(session: Session, name: str, limit: str, *, dry_run: bool = False) -> int | None:
    """Another amount limit, or none; minor units.

    Side effect: one audit event.
    """
    row = _other(session, name, "limit")
    most = read_limit(session, limit)
    if not dry_run:
        with writing(session, rights.OPERATORS) as tx:
            detail = _store(session, row.id, row.record._replace(limit=most))
            tx.note("operator.limit", row.name, detail | {"before": row.limit, "limit": most})
    return most


def operator_names(session: Session) -> list[str]:
    """Names of those who can sign in."""
    return book.operator_names(session.db)
