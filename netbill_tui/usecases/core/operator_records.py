"""An operator's record and keys, checked against what an administrator signed. Source: docs/security.md, *Operators and keys*."""

from netbill_tui.db.access import operators
from netbill_tui.db.access.operators import OperatorRecord, State
from netbill_tui.db.core import book
from netbill_tui.errors import KeyProblem
from netbill_tui.security import keys
from netbill_tui.security.keys import Bundle, Grant
from netbill_tui.security.vault import Vault
from netbill_tui.usecases.core.session import Operator, Session


def check_record(session: Session, row: OperatorRecord, *, unsigned: bool = False) -> None:
    """Refuse an operator's record that is not what the administrator signed.

    Raises:
        KeyProblem: With what to do.
    """
    if row.signature is None and unsigned:
        return
    if row.signature is None and not operators.was_signed(session.db):
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
    newest = operators.newest_told(session.db, record.name, "record")
    if newest and newest != keys.record_hash(session.book.install_id, record):
        raise KeyProblem(
            f"The record of {record.name} is an old one that was put back; run netbill verify and ask an administrator."
        )


def check_state(session: Session, operator: Operator, state: State) -> None:
    """Refuse a record that is not what the administrator signed, read in the midst of a sitting.

    Raises:
        KeyProblem: With what to do.
    """
    record = keys.Record(operator.uid, operator.name, state.role, state.status, state.limit, state.public_key)
    if not keys.record_is_genuine(session.book.admin_public, session.book.install_id, record, state.signature):
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
    epoch = operators.epoch_of(operators.state_value(session.db, "key_epoch"))
    keyring = {(k.compartment, k.key_id): k for k in operators.keys(session.db)}
    for key in keyring.values():
        signed = keys.key_is_genuine(
            bundle.admin_public, bundle.install_id, key.compartment, key.key_id, key.status, key.signature
        )
        if not signed and not (unsigned and key.signature is None):
            raise KeyProblem(f"A key of {key.compartment} is not what an administrator signed; run netbill verify and ask one.")
    keysets: dict[str, dict[int, bytes]] = {}
    primary: dict[str, int] = {}
    for row in book.grants(session.db, uid):
        grant = Grant(row.operator_uid, row.compartment, row.key_id, row.wrapped, row.signature)
        keysets.setdefault(row.compartment, {})[row.key_id] = keys.open_grant(grant, bundle)
        if row.status == "primary":
            if row.compartment in primary:
                raise KeyProblem(f"{row.compartment} has two primary keys; run netbill verify and ask an administrator.")
            primary[row.compartment] = row.key_id
    for name in keysets.keys() - primary.keys():
        raise KeyProblem(f"The key of {name} was not granted to you; ask an administrator.")
    return Vault(session.book.install_id, keysets, primary, bundle=bundle, epoch=epoch)
