"""Making keys: those of a new book, bundles under a password, grants of a compartment key.

Source: docs/security.md, *Operators and keys*.
"""

import os
from uuid import uuid4

from netbill_tui.db.access import operators
from netbill_tui.db.access.operators import KeyRow
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.security import keys
from netbill_tui.security.keys import Bundle, Record
from netbill_tui.security.vault import Vault
from netbill_tui.usecases.access.bundles import seal


class NewKeys:
    """The keys of a new book: one key for each compartment, the first operator and the recovery principal."""

    def __init__(self) -> None:
        self.install_id = uuid4().bytes
        self.compartments = {name: (keys.new_key_id(), os.urandom(32)) for name in keys.COMPARTMENTS}
        self.admin_seed = self.compartments[keys.ADMIN][1]
        self.admin_public = keys.admin_public_of(self.admin_seed)

    def add_keys(self, db: Database, now_us: int) -> None:
        """Store what the keys are good for, signed."""
        for name, (key_id, _) in self.compartments.items():
            signature = keys.sign_key(self.admin_seed, self.install_id, name, key_id, "primary")
            operators.add_key(db, KeyRow(name, key_id, "primary", signature, now_us))

    def add_operator(self, db: Database, tx: Transaction, name: str, role: str, password: str | None) -> tuple[bytes, Bundle]:
        """Store an operator with grants of every compartment; its record id and opened bundle.

        Args:
            db: The book.
            tx: The transaction that makes the book.
            name: Unique.
            role: Such as `administrator`, or `recovery`, which has no password.
            password: Seals the bundle; None stores none.
        """
        uid, private = uuid4().bytes, keys.new_private_key()
        bundle = Bundle(private, self.admin_public, self.install_id)
        bundle_sealed = seal(self.install_id, uid, bundle, password, ()) if password is not None else None
        sealed = operators.Envelope(bundle_sealed.salt, bundle_sealed.cost, bundle_sealed.envelope) if bundle_sealed else None
        record = Record(uid, name, role, "active", None, keys.public_of(private))
        signature = keys.sign_record(self.admin_seed, self.install_id, record)
        (operator_id,) = tx.take("id")
        operators.add(db, operator_id, record, tx.now_us, sealed=sealed, signature=signature)
        for compartment, (key_id, key) in self.compartments.items():
            grant(tx, record, compartment, key_id, key, self.install_id, self.admin_seed)
        return uid, bundle

    def vault(self, bundle: Bundle) -> Vault:
        """A vault that holds every compartment, of the operator whose bundle it is."""
        keysets = {name: {key_id: key} for name, (key_id, key) in self.compartments.items()}
        return Vault(
            self.install_id, keysets, {name: key_id for name, (key_id, _) in self.compartments.items()}, bundle=bundle, epoch=1
        )


def grant(tx: Transaction, to: Record, compartment: str, key_id: int, key: bytes, install_id: bytes, admin_seed: bytes) -> None:
    """Store a compartment key wrapped to an operator."""
    wrapped = keys.make_grant(
        key, key_id, compartment, operator=to.uid, public_key=to.public_key, install_id=install_id, admin_seed=admin_seed
    )
    operators.add_grant(tx, wrapped)
