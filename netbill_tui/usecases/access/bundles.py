"""An operator's keys sealed under a password or an activation code. Source: docs/security.md, *Operators and keys*."""

import hashlib
import os
from typing import NamedTuple

from netbill_tui.db.access import operators
from netbill_tui.db.access.operators import OperatorRecord
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.errors import KeyProblem
from netbill_tui.security import keys, passwords
from netbill_tui.security.keys import Bundle
from netbill_tui.security.passwords import Cost
from netbill_tui.security.secret import Sealed
from netbill_tui.usecases.access import bundles
from netbill_tui.usecases.core.session import Session


class SealedBundle(NamedTuple):
    """A bundle under a password, with what its key is derived from."""

    salt: bytes
    cost: Cost
    envelope: Sealed


def seal(install_id: bytes, uid: bytes, bundle: Bundle, password: str, peppers: tuple[bytes, ...]) -> SealedBundle:
    """A bundle under a password; guessing it costs a quarter of a second on this machine."""
    salt, pepper, cost = os.urandom(16), peppers[0] if peppers else b"", passwords.calibrated()
    kek = passwords.key_encryption_key(password, salt, cost, install_id=install_id, operator=uid, pepper=pepper)
    return SealedBundle(salt, cost, Sealed(keys.seal_bundle(bundle, kek, uid, keys.pepper_id_of(pepper))))


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
    newest = operators.newest_told(session.db, row.name, "bundle")
    if newest and newest != bundle_hash(row.bundle, row.salt):
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
    pepper_id = keys.bundle_pepper(row.bundle.envelope)
    pepper = next((p for p in (*session.settings.peppers, b"") if keys.pepper_id_of(p) == pepper_id), None)
    if pepper is None:
        raise KeyProblem("The pepper of this password is missing; name it in pepper_file, or both while it changes: new:old.")
    kek = passwords.key_encryption_key(
        password, row.salt, Cost(*row.cost), install_id=session.book.install_id, operator=row.uid, pepper=pepper
    )
    return keys.open_bundle(row.bundle.envelope, kek, row.uid, session.book.install_id)


def code_bundle(session: Session, uid: bytes, code: str) -> SealedBundle:
    """A bundle that holds the pinned administration key and no other, under an activation code."""
    pinned = Bundle(bytes(32), session.book.admin_public, session.book.install_id)
    return seal(session.book.install_id, uid, pinned, code, session.settings.peppers)


def reseal(session: Session, row: OperatorRecord, bundle: Bundle, password: str) -> None:
    """Seal an operator's bundle under a password and the pepper in force.

    Side effect: one audit event.
    """
    sealed = seal(session.book.install_id, row.uid, bundle, password, session.settings.peppers)
    # The right is that of everybody: a principal has no password.
    with session.db.write():
        operators.set_bundle(session.db, row.id, sealed.salt, sealed.cost, sealed.envelope, None)
        tx = Transaction(session.db, now_us=session.now_us(), actor=row.name, session=session.sitting.id)
        bundle_hash = bundles.bundle_hash(sealed.envelope, sealed.salt)
        tx.note("operator.password", row.name, {"pepper": bool(session.settings.peppers), "bundle": bundle_hash})
        tx.finish()
