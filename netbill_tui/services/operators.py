"""Signing in, and making operators. The keys and their bytes are those of security.md 2.3."""

import os
import stat
from pathlib import Path
from uuid import uuid4

from netbill_tui.db import books, tables
from netbill_tui.db.engine import Database
from netbill_tui.db.transaction import Transaction, insert_into
from netbill_tui.errors import InvalidInput, KeyProblem
from netbill_tui.security import keys, passwords
from netbill_tui.security.keys import Bundle, Grant
from netbill_tui.security.passwords import DEFAULT_COST, Cost
from netbill_tui.security.secret import Sealed
from netbill_tui.security.vault import Vault
from netbill_tui.services.session import Operator, Session
from netbill_tui.text import clean

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


def read_private_file(path: Path, what: str) -> bytes:
    """The bytes of a file that only its owner may read.

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
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
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
