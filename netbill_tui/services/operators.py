"""Signing in, and making operators. The keys and their bytes are those of security.md 2.3."""

import base64
import os
import stat
from pathlib import Path
from uuid import uuid4

from netbill_tui.db import books, tables
from netbill_tui.db.books import OperatorListed as OperatorListed
from netbill_tui.db.engine import Database
from netbill_tui.db.statements import Statement
from netbill_tui.db.transaction import Transaction, insert_into
from netbill_tui.errors import InvalidInput, KeyProblem, NotFound, NotPermitted, Refused
from netbill_tui.security import keys, passwords
from netbill_tui.security.keys import Bundle, Grant
from netbill_tui.security.passwords import DEFAULT_COST, Cost
from netbill_tui.security.secret import Sealed
from netbill_tui.security.vault import Vault
from netbill_tui.services.session import Operator, Session
from netbill_tui.services.writing import writing
from netbill_tui.text import clean, visible

AUTOMATION = "automation"  # a principal for timers: no password, no grant, and no right but to bill
_CREDENTIAL = "netbill-credential-1"
_DISABLE = Statement("update operator set status = 'disabled' where id = ?")
_WRONG = "The operator name or the password is wrong; type both again."


def sign_in(session: Session, name: str, password: str) -> None:
    """Open the operator's bundle with the password and put operator and keys into the session.

    Raises:
        KeyProblem: One sentence for a wrong name and a wrong password, after the same work.
    """
    row = books.operator(session.db, name.strip())
    if row is None or row.bundle is None or row.salt is None or row.status != "active":
        # The same derivation for a name that does not exist, so that time tells nothing.
        passwords.key_encryption_key(password, bytes(16), DEFAULT_COST, install_id=session.book.install_id, operator=bytes(16))
        raise KeyProblem(_WRONG)
    kek = passwords.key_encryption_key(password, row.salt, Cost(*row.cost), install_id=session.book.install_id, operator=row.uid)
    bundle = keys.open_bundle(row.bundle.envelope, kek, row.uid, session.book.install_id)
    _enter(session, Operator(row.id, row.uid, row.name, row.role), bundle)


def sign_in_with_bundle(session: Session, name: str, path: Path) -> None:
    """Sign in by an opened bundle in a file: demo books only, because such a file is the key itself.

    Raises:
        KeyProblem: The book is no demo, or the file is missing, foreign or readable by others.
    """
    if not session.book.demo:
        raise KeyProblem("Only a demo book signs in by itself; give --operator and --password-file.")
    raw = read_private_file(path, "The demo key")
    row = books.operator(session.db, name)
    if row is None or len(raw) != 80 or raw[64:] != session.book.install_id:
        raise KeyProblem(f"{path} is not the key of this demo book; make the book again with netbill demo.")
    _enter(session, Operator(row.id, row.uid, row.name, row.role), Bundle(raw[:32], raw[32:64], raw[64:]))


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
    row = books.operator(session.db, name)
    ours = bundle.install_id == session.book.install_id
    if not ours or row is None or row.role != AUTOMATION or row.public_key != keys.public_of(bundle.private_key):
        raise KeyProblem(f"{path} is no credential of this book; make one with netbill operator add.")
    if row.status != "active":
        raise NotPermitted(f"{row.name} was disabled; make another principal with netbill operator add.")
    _enter(session, Operator(row.id, row.uid, row.name, row.role), bundle)


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


def _enter(session: Session, operator: Operator, bundle: Bundle) -> None:
    if bundle.admin_public != session.book.admin_public:
        raise KeyProblem("The book's administration key is not the one that this operator knows; ask an administrator.")
    keysets: dict[str, dict[int, bytes]] = {}
    primary: dict[str, int] = {}
    for row in books.grants(session.db, operator.uid):
        grant = Grant(row.operator_uid, row.compartment, row.key_id, row.wrapped, row.signature)
        keysets.setdefault(row.compartment, {})[row.key_id] = keys.open_grant(grant, bundle)
        if row.status == "primary":
            primary[row.compartment] = row.key_id
    session.operator = operator
    session.vault = Vault(session.book.install_id, keysets, primary)


def check_name(name: str) -> str:
    """The operator name, if it can be one.

    Raises:
        InvalidInput: With what to type instead.
    """
    typed = clean(name, "The operator name", limit=40)
    if not typed or not all(c.isalnum() or c in "-_." for c in typed):
        raise InvalidInput("An operator name has letters, digits, dots and dashes; type one such as mira.")
    return typed


class NewKeys:
    """The keys of a new book: one key for each compartment, the first operator and the recovery principal."""

    def __init__(self) -> None:
        self.install_id = uuid4().bytes
        self.compartments = {name: (keys.new_key_id(), os.urandom(32)) for name in keys.COMPARTMENTS}
        self.admin_seed = self.compartments[keys.ADMIN][1]
        self.admin_public = keys.admin_public_of(self.admin_seed)

    def add_operator(
        self, db: Database, tx: Transaction, name: str, role: str, password: str | None, cost: Cost = DEFAULT_COST
    ) -> tuple[bytes, Bundle]:
        """Store an operator with grants of every compartment; its record id and opened bundle.

        Args:
            db: The book.
            tx: The transaction that makes the book.
            name: Unique.
            role: Such as `administrator`, or `recovery`, which has no password.
            password: Seals the bundle; None stores none.
            cost: Of the key derivation.
        """
        uid, private = uuid4().bytes, keys.new_private_key()
        bundle = Bundle(private, self.admin_public, self.install_id)
        salt = sealed = None
        if password is not None:
            salt = os.urandom(16)
            kek = passwords.key_encryption_key(password, salt, cost, install_id=self.install_id, operator=uid)
            sealed = Sealed(keys.seal_bundle(bundle, kek, uid))
        (operator_id,) = tx.take("id")
        db.run(insert_into(tables.Operator), (
            operator_id, uid, name, role, "active", keys.public_of(private), salt, cost.m_kib, cost.t, cost.p,
            sealed.envelope if sealed else None, tx.now_us,
        ))  # fmt: skip
        for compartment, (key_id, key) in self.compartments.items():
            grant = keys.make_grant(
                key, key_id, compartment, operator=uid, public_key=keys.public_of(private),
                install_id=self.install_id, admin_seed=self.admin_seed,
            )  # fmt: skip
            (grant_id,) = tx.take("id")
            row = (grant_id, uid, compartment, key_id, grant.wrapped, grant.signature, tx.now_us)
            db.run(insert_into(tables.KeyGrant), row)
        return uid, bundle

    def vault(self) -> Vault:
        """A vault that holds every compartment."""
        keysets = {name: {key_id: key} for name, (key_id, key) in self.compartments.items()}
        return Vault(self.install_id, keysets, {name: key_id for name, (key_id, _) in self.compartments.items()})


def operators(session: Session) -> list[OperatorListed]:
    """Who may sign in, and who could: name, role, state, by name. The recovery principal is not among them."""
    return books.operators(session.db)


def add_principal(session: Session, name: str, file: Path, *, dry_run: bool = False) -> None:
    """Make a service principal for timers and write its key to a new file.

    Raises:
        NotPermitted: Who acts is no administrator.
        InvalidInput: The name is taken or none, or the file is there already or cannot be written.

    Side effects: a file of mode 600; one audit event.
    """
    typed = check_name(name)
    _may_manage(session)
    if books.operator(session.db, typed) is not None:
        raise InvalidInput(f"There is an operator {typed} already; take another name.")
    if dry_run:
        return
    private = keys.new_private_key()
    raw = private + session.book.admin_public + session.book.install_id
    try:
        fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InvalidInput(f"The credential {file} cannot be written: {error.strerror}; name a new file.") from None
    try:
        with os.fdopen(fd, "w", encoding="ascii") as out:
            out.write(f"{_CREDENTIAL}\n{typed}\n{base64.b32encode(raw).decode()}\n")
            out.flush()
            os.fsync(out.fileno())
        with writing(session) as tx:
            (row_id,) = tx.take("id")
            uid, public = uuid4().bytes, keys.public_of(private)
            row = (row_id, uid, typed, AUTOMATION, "active", public, None, None, None, None, None, tx.now_us)
            session.db.run(insert_into(tables.Operator), row)
            tx.note("operator.add", typed, {"role": AUTOMATION})
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def disable(session: Session, name: str, *, dry_run: bool = False) -> None:
    """Take the right to do anything from an operator or a principal; it holds from their next action on.

    Raises:
        NotFound: There is no such operator.
        Refused: It is oneself, or was disabled already.
        NotPermitted: Who acts is no administrator.

    Side effect: one audit event.
    """
    _may_manage(session)
    row = books.operator(session.db, name.strip())
    if row is None or row.role == "recovery":
        raise NotFound(f"There is no operator {visible(name.strip())[:40]!r}; netbill operator lists them.")
    acting, _ = session.sign_in_if_needed()
    if row.id == acting.id:
        raise Refused("Nobody disables themselves; another administrator does it.")
    if dry_run:
        return
    with writing(session) as tx:
        if books.operator_status(session.db, row.id) != "active":
            raise Refused(f"{row.name} is disabled already.")
        session.db.run(_DISABLE, (row.id,))
        tx.note("operator.disable", row.name, {"role": row.role})


def _may_manage(session: Session) -> None:
    operator, _ = session.sign_in_if_needed()
    if operator.role != "administrator":
        raise NotPermitted("Only an administrator adds or disables operators; ask one.")
