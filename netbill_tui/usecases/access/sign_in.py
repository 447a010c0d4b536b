"""Signing in: counted tries, the operator's keys, and the session row that lets the sitting be ended from outside.

A try is counted and committed before the password is looked at, so neither a kill nor twenty tries at once give more than
ten guesses; then the door is shut for half an hour by the machine's own clock.
Source: docs/security.md, *Operators and keys*, S8.
"""

import base64
import os
from pathlib import Path

from netbill_tui.db.access import operators
from netbill_tui.db.access.operators import OperatorRecord, SessionRow
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.errors import KeyProblem, NetbillError, NotPermitted
from netbill_tui.security import keys, passwords, rights
from netbill_tui.security.keys import Bundle
from netbill_tui.usecases.access.bundles import check_bundle, open_with
from netbill_tui.usecases.access.tries import NOBODY, answer, claim, quiet
from netbill_tui.usecases.core import host
from netbill_tui.usecases.core.host import read_private_file
from netbill_tui.usecases.core.operator_records import check_record, read_keys
from netbill_tui.usecases.core.session import Operator, Session
from netbill_tui.usecases.core.sitting import OVER_S

AUTOMATION = "automation"
_CREDENTIAL = "netbill-credential-1"
_WRONG = "The operator name or the password is wrong; type both again."


def sign_in(session: Session, name: str, password: str, *, unsigned: bool = False) -> None:
    """Open the operator's bundle with the password and put operator and keys into the session.

    Args:
        session: What is signed in to.
        name: Of the operator.
        password: As typed.
        unsigned: Let in an operator whose record no administrator signed: for the upgrade that signs it.

    Raises:
        KeyProblem: One sentence for a wrong name and a wrong password, after the same work.
        LockedOut: Ten tries in vain, less than half an hour ago; the password was not looked at.
        NotSaved: The disk takes nothing more, and a try that is not counted is none.

    Side effects: a counted try; an audit event for the sitting, or for the try in vain.
    """
    row = operators.by_name(session.db, name.strip())
    usable = row is not None and row.bundle is not None and row.salt is not None and row.status == "active"
    uid = row.uid if row is not None and usable else NOBODY
    tries = claim(session, uid)
    try:
        if row is not None and usable:
            check_bundle(session, row)
        if row is None or not usable:
            # The same derivation for a name that does not exist, so that time tells nothing.
            cost = operators.usual_cost(session.db) or passwords.FLOOR
            passwords.key_encryption_key(password, bytes(16), cost, install_id=session.book.install_id, operator=NOBODY)
            raise KeyProblem(_WRONG)
        bundle = open_with(session, row, password)
    except KeyProblem:
        answer(session, uid, failed=True, name=name.strip()[:40] if uid != NOBODY else "", tries=tries)
        raise
    enter(session, row, bundle, unsigned=unsigned, tried=True)
    assert row.bundle is not None
    peppers = session.settings.peppers
    if keys.bundle_pepper(row.bundle.envelope) != keys.pepper_id_of(peppers[0] if peppers else b""):
        from netbill_tui.usecases.access.bundles import reseal

        reseal(session, row, bundle, password)  # the pepper changed: this operator moves to the new one


def sign_in_with_bundle(session: Session, name: str, path: Path, *, unsigned: bool = False) -> None:
    """Sign in by an opened bundle in a file: demo books only, because such a file is the key itself.

    Raises:
        KeyProblem: The book is no demo, or the file is missing, foreign or readable by others.
    """
    if not session.book.demo:
        raise KeyProblem("Only a demo book signs in by itself; give --operator and --password-file.")
    raw = read_private_file(path, "The demo key")
    row = operators.by_name(session.db, name)
    if row is None or len(raw) != 80 or raw[64:] != session.book.install_id:
        raise KeyProblem(f"{path} is not the key of this demo book; make the book again with netbill demo.")
    enter(session, row, Bundle(raw[:32], raw[32:64], raw[64:]), unsigned=unsigned)


def sign_in_with_credential(session: Session, path: Path) -> None:
    """Sign in a service principal by its key in a file, such as a systemd credential.

    Raises:
        KeyProblem: The file is missing, readable by others, of another book, or its principal was disabled.
    """
    lines = read_private_file(path, "The credential").decode("ascii", "replace").split()
    try:
        head, name, raw = lines[0], lines[1], base64.b32decode(lines[2])
    except (IndexError, ValueError):
        head, name, raw = "", "", b""
    if head != _CREDENTIAL or len(raw) != 80:
        raise KeyProblem(f"{path} is not a credential; netbill operator add NAME --write-credential FILE makes one.")
    bundle = Bundle(raw[:32], raw[32:64], raw[64:])
    row = operators.by_name(session.db, name)
    ours = bundle.install_id == session.book.install_id
    if not ours or row is None or row.role not in rights.PRINCIPALS or row.public_key != keys.public_of(bundle.private_key):
        raise KeyProblem(f"{path} is not a credential of this book; make one with netbill operator add.")
    enter(session, row, bundle)


def credential_text(name: str, bundle: Bundle) -> str:
    """A principal's key as it stands in its file."""
    return f"{_CREDENTIAL}\n{name}\n{base64.b32encode(b''.join(bundle)).decode()}\n"


def enter(session: Session, row: OperatorRecord, bundle: Bundle, *, unsigned: bool = False, tried: bool = False) -> None:
    """Put operator and keys into the session, and its row into the book.

    Args:
        session: What is entered.
        row: Who.
        bundle: What their password or file opened.
        unsigned: Let in a record that no administrator signed.
        tried: A counted try is answered in the same transaction.

    Raises:
        KeyProblem: The record, a grant or a key is not what the administrator signed.
        NotPermitted: The operator is disabled.

    Side effects: the session row and its audit event.
    """
    if bundle.admin_public != session.book.admin_public:
        raise KeyProblem("The book's administration key is not the one that this operator knows; ask an administrator.")
    if row.status != "active":
        raise NotPermitted(f"{row.name} was disabled; ask an administrator.")
    check_record(session, row, unsigned=unsigned)
    session.vault = None
    host.hide_memory()
    operator = Operator(row.id, row.uid, row.name, row.role, row.limit)
    vault = read_keys(session, row.uid, bundle, unsigned=unsigned)
    sitting, began = session.sitting, session.now_us()
    sitting.begin()
    with quiet(session):
        if tried:
            counted = operators.tries(session.db, row.uid)
            operators.set_tries(session.db, row.uid, counted._replace(failed=0, pending=0))
        reap(session)
        stored = SessionRow(sitting.id, row.name, sitting.kind, host.host(), os.getpid(), host.boot_id(), began, None, "")
        operators.open_session(session.db, stored, row.id)
        tx = Transaction(session.db, now_us=began, actor=row.name, session=sitting.id)
        tx.note("session.open", row.name, {"host": host.host(), "kind": sitting.kind, "role": row.role})
        tx.finish()
    session.operator, session.vault, session.sitting.locked = operator, vault, None
    session.record = (row.role, row.limit, row.public_key, row.signature)


def reap(session: Session) -> None:
    """Close the rows of sittings whose process is gone; inside a transaction. A clock ahead of the book forgets nothing."""
    now = session.now_us()
    for row in operators.live_sessions(session.db):
        # Nobody can ask another machine; but no sitting works for longer than OVER_S, whose twice is over for certain.
        is_over = row.host != host.host() and now - row.started_us > 2 * OVER_S * 1_000_000
        if is_over or not host.is_alive(row.host, row.boot, row.pid):
            operators.end_session(session.db, row.id, now, "lost")
    operators.forget_sessions(session.db, min(now, operators.moments(session.db).last_us) - 400 * 86400 * 1_000_000)


def leave(session: Session, why: str) -> None:
    """End the sitting: its keys are dropped and its row is closed.

    Side effect: an audit event for a sitting on the screens; a command's own events say all that it did.
    """
    operator, session.vault = session.operator, None
    session.operator = None
    if operator is None or not session.sitting.is_stored:
        return
    session.sitting.is_stored = False
    try:
        with quiet(session):
            if operators.end_session(session.db, session.sitting.id, session.now_us(), why) and session.sitting.kind == "screens":
                tx = Transaction(session.db, now_us=session.now_us(), actor=operator.name, session=session.sitting.id)
                tx.note("session.close", operator.name, {"why": why})
                tx.finish()
    except NetbillError:
        return  # A book that cannot be written closes the row by itself: the process is gone.


def unlocks(session: Session, name: str, password: str) -> None:
    """Bring the keys back after an idle lock: the same operator, the same counted tries, the same sitting where it may go on.

    Raises:
        KeyProblem: Somebody else, or a wrong password.
    """
    if session.sitting.locked is not None and name.strip() != session.sitting.locked:
        raise KeyProblem(f"The screens are locked for {session.sitting.locked}; F12 leaves the program.")
    sign_in(session, name, password)
