"""Signing in: counted tries, the operator's keys, and the session row that lets the sitting be ended from outside.

A try is counted and committed before the password is looked at, so neither a kill nor twenty tries at once give more than
ten guesses; then the door is shut for half an hour by the machine's own clock. Source: security.md 2.3, S8.
"""

import base64
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netbill_tui import text
from netbill_tui.db import books
from netbill_tui.db import operators as rows
from netbill_tui.db.engine import CommitUnknown
from netbill_tui.db.operators import OperatorRecord, SessionRow, State, Tries
from netbill_tui.db.transaction import Transaction
from netbill_tui.errors import Busy, KeyProblem, LockedOut, NetbillError, NotPermitted, NotSaved
from netbill_tui.security import keys, passwords, rights
from netbill_tui.security.keys import Bundle, Grant
from netbill_tui.security.passwords import Cost
from netbill_tui.security.secret import Sealed
from netbill_tui.security.vault import Vault
from netbill_tui.usecases import machine
from netbill_tui.usecases.session import OVER_S, Operator, Session

AUTOMATION = "automation"
MOST_TRIES = 10
LOCK_S = 1800.0
FORGET_S = 86400.0  # so long after the last try in vain its count is forgotten
ANSWER_S = 20.0  # a try that was not answered by then was killed
_NOBODY = bytes(16)  # what tries under a name that does not exist are counted under
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

    Side effects: a counted try; an audit event for the sitting, or for the try in vain.
    """
    row = rows.by_name(session.db, name.strip())
    usable = row is not None and row.bundle is not None and row.salt is not None and row.status == "active"
    uid = row.uid if row is not None and usable else _NOBODY
    tries = claim(session, uid)
    try:
        if row is not None and usable:
            check_bundle(session, row)
        if row is None or not usable:
            # The same derivation for a name that does not exist, so that time tells nothing.
            cost = Cost(*(rows.usual_cost(session.db) or passwords.FLOOR))
            passwords.key_encryption_key(password, bytes(16), cost, install_id=session.book.install_id, operator=_NOBODY)
            raise KeyProblem(_WRONG)
        bundle = open_with(session, row, password)
    except KeyProblem:
        answer(session, uid, failed=True, name=name.strip()[:40] if uid != _NOBODY else "", tries=tries)
        raise
    enter(session, row, bundle, unsigned=unsigned, tried=True)
    assert row.bundle is not None
    if keys.bundle_pepper(row.bundle.envelope) != keys.pepper_id_of(session.peppers[0] if session.peppers else b""):
        from netbill_tui.usecases.enrolment import reseal

        reseal(session, row, bundle, password)  # the pepper changed: this operator moves to the new one


def bundle_hash(row_bundle: Sealed, salt: bytes) -> str:
    """Names a sealed bundle in the audit, so that an old one put back is seen."""
    return hashlib.sha256(b"netbill/bundle/v1" + salt + row_bundle.envelope).hexdigest()[:32]


def check_bundle(session: Session, row: OperatorRecord) -> None:
    """Refuse a bundle that is not the newest: with it an old password would open again.

    Raises:
        KeyProblem: Somebody put it back.
    """
    assert row.bundle is not None
    assert row.salt is not None
    told = rows.newest_told(session.db, row.name, "bundle")
    if told and told != bundle_hash(row.bundle, row.salt):
        raise KeyProblem(
            f"The keys of {row.name} are not those that were sealed last; run netbill verify and ask an administrator."
        )


def open_with(session: Session, row: OperatorRecord, password: str) -> Bundle:
    """The operator's bundle.

    Raises:
        KeyProblem: The password is wrong, or the pepper that the bundle was made with is not at hand.
    """
    assert row.bundle is not None
    assert row.salt is not None
    wanted = keys.bundle_pepper(row.bundle.envelope)
    pepper = next((p for p in (*session.peppers, b"") if keys.pepper_id_of(p) == wanted), None)
    if pepper is None:
        raise KeyProblem("The password's pepper is not at hand; pepper_file names it, or while it changes both: new:old.")
    kek = passwords.key_encryption_key(
        password, row.salt, Cost(*row.cost), install_id=session.book.install_id, operator=row.uid, pepper=pepper
    )
    return keys.open_bundle(row.bundle.envelope, kek, row.uid, session.book.install_id)


def claim(session: Session, uid: bytes) -> Tries:
    """Count a try before anything is looked at; what stands after it.

    Raises:
        LockedOut: There were too many.
        Busy: As many as may fail are being looked at now; try again in a moment.
    """
    last_moment = time.monotonic() + 5.0
    while True:
        with _quiet(session):
            found = rows.tries(session.db, uid)
            since = _since_s(session, found)
            if found.failed + found.pending and since >= (FORGET_S if found.failed + found.pending < MOST_TRIES else LOCK_S):
                found = found._replace(failed=0, pending=0)
            # Tries under a name that does not exist are counted for their time alone: they lock nobody out.
            if found.failed + found.pending < MOST_TRIES or uid == _NOBODY:
                counted = Tries(
                    found.failed, min(found.pending + 1, MOST_TRIES), session.now_us(), machine.boot_id(), machine.boot_us()
                )
                rows.set_tries(session.db, uid, counted)
                return counted
        if found.failed >= MOST_TRIES or since >= ANSWER_S:
            left = text.counted(max(1, round((LOCK_S - since) / 60 + 0.5)), "minute")
            raise LockedOut(f"Too many wrong passwords; nothing is tried for {left}. An administrator can reset it.")
        if time.monotonic() > last_moment:
            raise Busy("Too many people try this name at once; try again in a moment.")
        time.sleep(0.05)


def _since_s(session: Session, found: Tries) -> float:
    """Seconds since the last try; by the machine's own clock within one start of it, else by the wall, never backwards."""
    if found.boot and found.boot == machine.boot_id():
        return max(0.0, (machine.boot_us() - found.boot_us) / 1e6)
    return max(0.0, (session.now_us() - found.at_us) / 1e6)


def answer(session: Session, uid: bytes, *, failed: bool, name: str, tries: Tries | None = None) -> None:
    """Say what became of a counted try.

    Side effect: one audit event for a try in vain; those under unknown names are told ten times a day, not more.
    """
    told = failed and (uid != _NOBODY or (tries is not None and tries.failed < MOST_TRIES))
    with _quiet(session):
        found = rows.tries(session.db, uid)
        failures = min(found.failed + 1, MOST_TRIES) if failed else 0
        rows.set_tries(session.db, uid, found._replace(failed=failures, pending=max(0, found.pending - 1)))
        if told:
            tx = Transaction(session.db, now_us=session.now_us(), actor=name or "nobody", session=session.id)
            tx.note("session.refused", name or "unknown name", {"host": machine.host(), "tries": failures})
            tx.finish()


@contextmanager
def _quiet(session: Session) -> Iterator[None]:
    """A small transaction of somebody who is not signed in yet."""
    try:
        with session.db.write():
            yield
    except CommitUnknown as error:
        session.db.connect()
        raise NotSaved("The book cannot be written, so nobody can sign in; check disk and server.") from error


def sign_in_with_bundle(session: Session, name: str, path: Path, *, unsigned: bool = False) -> None:
    """Sign in by an opened bundle in a file: demo books only, because such a file is the key itself.

    Raises:
        KeyProblem: The book is no demo, or the file is missing, foreign or readable by others.
    """
    if not session.book.demo:
        raise KeyProblem("Only a demo book signs in by itself; give --operator and --password-file.")
    raw = read_private_file(path, "The demo key")
    row = rows.by_name(session.db, name)
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
        raise KeyProblem(f"{path} is no credential; netbill operator add NAME --write-credential FILE makes one.")
    bundle = Bundle(raw[:32], raw[32:64], raw[64:])
    row = rows.by_name(session.db, name)
    ours = bundle.install_id == session.book.install_id
    if not ours or row is None or row.role not in rights.PRINCIPALS or row.public_key != keys.public_of(bundle.private_key):
        raise KeyProblem(f"{path} is no credential of this book; make one with netbill operator add.")
    enter(session, row, bundle)


def credential_text(name: str, bundle: Bundle) -> str:
    """A principal's key as it stands in its file."""
    return f"{_CREDENTIAL}\n{name}\n{base64.b32encode(b''.join(bundle)).decode()}\n"


def read_private_file(path: Path, what: str) -> bytes:
    """The bytes of a file that only its owner may read; for a systemd credential the group bits are its access list's mask.

    Raises:
        KeyProblem: It is missing, or others can read it.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise KeyProblem(f"{what} {path} cannot be read: {error.strerror}.") from None
    if stat.S_ISDIR(os.fstat(fd).st_mode):
        os.close(fd)
        raise KeyProblem(f"{what} {path} is a folder; name the file itself.")
    with os.fdopen(fd, "rb") as file:
        given = os.environ.get("CREDENTIALS_DIRECTORY")
        closed = 0o037 if given and path.parent == Path(given) else 0o077
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & closed:
            raise KeyProblem(f"{what} {path} is open to other users; close it first: chmod 600 {path}")
        try:
            return file.read(65536)
        except OSError as error:
            raise KeyProblem(f"{what} {path} cannot be read: {error.strerror}.") from None


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
    machine.hide_memory()
    operator = Operator(row.id, row.uid, row.name, row.role, row.limit)
    vault = read_keys(session, row.uid, bundle, unsigned=unsigned)
    began = session.begin_sitting()
    with _quiet(session):
        if tried:
            found = rows.tries(session.db, row.uid)
            rows.set_tries(session.db, row.uid, found._replace(failed=0, pending=0))
        reap(session)
        sitting = SessionRow(session.id, row.name, session.kind, machine.host(), os.getpid(), machine.boot_id(), began, None, "")
        rows.open_session(session.db, sitting, row.id)
        tx = Transaction(session.db, now_us=began, actor=row.name, session=session.id)
        tx.note("session.open", row.name, {"host": machine.host(), "kind": session.kind, "role": row.role})
        tx.finish()
    session.operator, session.vault, session.locked = operator, vault, None
    session.record = (row.role, row.limit, row.public_key, row.signature)


def check_record(session: Session, row: OperatorRecord, *, unsigned: bool = False) -> None:
    """Refuse an operator's record that is not what the administrator signed.

    Raises:
        KeyProblem: With what to do.
    """
    if row.signature is None and unsigned:
        return
    if row.signature is None and not rows.was_signed(session.db):
        raise KeyProblem("The operators of this book are not signed yet; an administrator runs: netbill init --upgrade")
    public, install = session.book.admin_public, session.book.install_id
    if row.signature is None or not keys.record_is_genuine(public, install, row.record, row.signature):
        raise KeyProblem(f"The record of {row.name} is not what an administrator signed; run netbill verify and ask one.")
    _newest(session, row.record)


def _newest(session: Session, record: keys.Record) -> None:
    """Refuse a record that was signed once and is not the newest: somebody put an old state of it back.

    Raises:
        KeyProblem: With what to do.
    """
    told = rows.newest_told(session.db, record.name, "record")
    if told and told != keys.record_hash(session.book.install_id, record):
        raise KeyProblem(
            f"The record of {record.name} is an old one that was put back; run netbill verify and ask an administrator."
        )


def check_state(session: Session, operator: Operator, found: State) -> None:
    """Refuse a record that is not what the administrator signed, read in the midst of a sitting.

    Raises:
        KeyProblem: With what to do.
    """
    record = keys.Record(operator.uid, operator.name, found.role, found.status, found.limit, found.public_key)
    if not keys.record_is_genuine(session.book.admin_public, session.book.install_id, record, found.signature):
        raise KeyProblem(f"The record of {operator.name} is not what an administrator signed; run netbill verify and ask one.")
    _newest(session, record)


def refresh_keys(session: Session, uid: bytes, vault: Vault) -> None:
    """Read the operator's grants again, into the vault that everybody holds already: the keys of the book were changed."""
    assert vault.bundle is not None
    vault.take_over(read_keys(session, uid, vault.bundle))


def read_keys(session: Session, uid: bytes, bundle: Bundle, *, unsigned: bool = False) -> Vault:
    """The keys that an operator was granted.

    Raises:
        KeyProblem: A grant is forged, or a key is not good for what the administrator said.
    """
    epoch = rows.epoch_of(rows.kept(session.db, "key_epoch"))
    keyring = {(k.compartment, k.key_id): k for k in rows.keys(session.db)}
    for key in keyring.values():
        signed = keys.key_is_genuine(
            bundle.admin_public, bundle.install_id, key.compartment, key.key_id, key.status, key.signature
        )
        if not signed and not (unsigned and key.signature is None):
            raise KeyProblem(f"A key of {key.compartment} is not what an administrator signed; run netbill verify and ask one.")
    keysets: dict[str, dict[int, bytes]] = {}
    primary: dict[str, int] = {}
    for row in books.grants(session.db, uid):
        grant = Grant(row.operator_uid, row.compartment, row.key_id, row.wrapped, row.signature)
        keysets.setdefault(row.compartment, {})[row.key_id] = keys.open_grant(grant, bundle)
        if row.status == "primary":
            if row.compartment in primary:
                raise KeyProblem(f"{row.compartment} has two primary keys; run netbill verify and ask an administrator.")
            primary[row.compartment] = row.key_id
    for name in keysets.keys() - primary.keys():
        raise KeyProblem(f"The key of {name} was not granted to you; ask an administrator.")
    return Vault(session.book.install_id, keysets, primary, bundle=bundle, epoch=epoch)


def reap(session: Session) -> None:
    """Close the rows of sittings whose process is gone; inside a transaction. A clock ahead of the book forgets nothing."""
    now = session.now_us()
    for row in rows.live_sessions(session.db):
        # Nobody can ask another machine; but no sitting works for longer than OVER_S, whose twice is over for certain.
        is_over = row.host != machine.host() and now - row.started_us > 2 * OVER_S * 1_000_000
        if is_over or not machine.is_alive(row.host, row.boot, row.pid):
            rows.end_session(session.db, row.id, now, "lost")
    rows.forget_sessions(session.db, min(now, rows.moments(session.db)[0]) - 400 * 86400 * 1_000_000)


def leave(session: Session, why: str) -> None:
    """End the sitting: its keys are dropped and its row is closed.

    Side effect: an audit event for a sitting on the screens; a command's own events say all that it did.
    """
    operator, session.vault = session.operator, None
    session.operator = None
    if operator is None or not session.sitting:
        return
    session.sitting = False
    try:
        with _quiet(session):
            if rows.end_session(session.db, session.id, session.now_us(), why) and session.kind == "screens":
                tx = Transaction(session.db, now_us=session.now_us(), actor=operator.name, session=session.id)
                tx.note("session.close", operator.name, {"why": why})
                tx.finish()
    except NetbillError:
        return  # A book that cannot be written closes the row by itself: the process is gone.


def unlocks(session: Session, name: str, password: str) -> None:
    """Bring the keys back after an idle lock: the same operator, the same counted tries, the same sitting where it may go on.

    Raises:
        KeyProblem: Somebody else, or a wrong password.
    """
    if session.locked is not None and name.strip() != session.locked:
        raise KeyProblem(f"The screens are locked for {session.locked}; F12 leaves the program.")
    sign_in(session, name, password)
