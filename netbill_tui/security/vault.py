"""The vault: the compartment keys that a signed-in operator holds, and what they open."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from netbill_tui.errors import NotPermitted
from netbill_tui.security import envelope
from netbill_tui.security.envelope import DATE, INTEGER, TEXT, Unreadable
from netbill_tui.security.keys import Bundle
from netbill_tui.security.lengths import lp
from netbill_tui.security.rights import ADMIN, CONTACT, PRIVATE
from netbill_tui.security.secret import Sealed, Secret

# Table, column: compartment and type byte. Names are fixed for ever.
FIELDS: Final[Mapping[tuple[str, str], tuple[str, int]]] = {
    ("customer", "tax_id"): (PRIVATE, TEXT),
    ("customer", "birth_date"): (PRIVATE, DATE),
    ("customer", "pin"): (PRIVATE, TEXT),
    ("customer", "bank_account"): (PRIVATE, TEXT),
    ("customer", "credit_score"): (PRIVATE, INTEGER),
    ("customer", "street"): (CONTACT, TEXT),
    ("contact", "email"): (CONTACT, TEXT),
    ("contact", "phone"): (CONTACT, TEXT),
    ("service", "address"): (CONTACT, TEXT),
    # A half-filled form holds names, addresses and references; what would be PRIVATE once posted is PRIVATE here.
    ("draft", "body"): (CONTACT, TEXT),
    ("draft", "secret"): (PRIVATE, TEXT),
}
UNREADABLE = "[unreadable - run verify]"


class Vault:
    """Opens and seals the fields whose compartments its operator was granted."""

    def __init__(
        self,
        install_id: bytes,
        keysets: Mapping[str, Mapping[int, bytes]],
        primary: Mapping[str, int],
        *,
        bundle: Bundle | None = None,
        epoch: int = 0,
    ) -> None:
        """Hold the keys.

        Args:
            install_id: 16 bytes of the book.
            keysets: Compartment: key id: key.
            primary: Compartment: the key id that seals new values.
            bundle: What the operator's password opened; opens grants that are made later.
            epoch: Of the book's keys when they were read; another one there means that they are read again.
        """
        self.bundle = bundle
        self.epoch = epoch
        self._install_id = install_id
        self._keysets = keysets
        self._primary = primary
        self._field_keys: dict[tuple[int, str, str], bytes] = {}
        self._index_keys: dict[tuple[int, str], bytes] = {}

    def holds_field(self, table: str, column: str) -> bool:
        """True when the operator can open this column."""
        return self.holds(FIELDS[table, column][0])

    def holds(self, compartment: str) -> bool:
        """True when the operator was granted this compartment."""
        return bool(self._keysets.get(compartment))

    def take_over(self, other: "Vault") -> None:
        """Hold what another vault of the same operator holds; who seals or opens meanwhile goes on with it."""
        self._keysets, self._primary, self.epoch = other._keysets, other._primary, other.epoch
        self._field_keys, self._index_keys = {}, {}

    def keys_of(self, compartment: str) -> Mapping[int, bytes]:
        """Key id: key, of a compartment; for granting and rotation only."""
        return self._keysets.get(compartment, {})

    def admin_seed(self) -> bytes:
        """What signs operator records and grants.

        Raises:
            NotPermitted: The operator is no administrator.
        """
        if not self.holds(ADMIN):
            raise NotPermitted("You hold no administration key; ask an administrator.")
        return self._keysets[ADMIN][self._primary[ADMIN]]

    def _key(self, key_id: int, table: str, column: str) -> bytes:
        cached = self._field_keys.get((key_id, table, column))
        if cached is None:
            compartment, _ = FIELDS[table, column]
            key = self._keysets.get(compartment, {}).get(key_id)
            if key is None:
                raise Unreadable
            cached = self._field_keys[key_id, table, column] = envelope.field_key(key, table, column)
        return cached

    def seal(self, table: str, column: str, record: bytes, value: str) -> Sealed:
        """The value sealed for its cell.

        Raises:
            NotPermitted: If the operator holds no key for the field.
        """
        compartment, kind = FIELDS[table, column]
        if not self.holds(compartment):
            raise NotPermitted(f"You hold no key for {column.replace('_', ' ')}; ask an administrator.")
        key_id = self._primary[compartment]
        cell = (self._install_id, table, column, record)
        return Sealed(envelope.seal(self._key(key_id, table, column), key_id, cell, kind, value.encode()))

    def open(self, table: str, column: str, record: bytes, sealed: Sealed) -> Secret:
        """The value of a cell.

        Raises:
            NotPermitted: If the operator holds no key for the field.
            Unreadable: If the cell was damaged, moved or sealed by a key that is gone.
        """
        compartment, kind = FIELDS[table, column]
        if not self.holds(compartment):
            raise NotPermitted(f"You hold no key for {column.replace('_', ' ')}; ask an administrator.")
        key = self._key(envelope.key_id_of(sealed.envelope), table, column)
        cell = (self._install_id, table, column, record)
        try:
            return Secret(envelope.open_envelope(key, cell, kind, sealed.envelope).decode())
        except UnicodeDecodeError:
            raise Unreadable from None

    def blind_index(self, column: str, name: str, normalised: str, key_id: int | None = None) -> int:
        """Where an equal value of a contact column is found without opening any (docs/security.md, *Sealed fields*).

        Args:
            column: `email` or `phone`.
            name: `email.v1`, `phone.v1` or `phone4.v1`.
            normalised: The value in normalisation v1.
            key_id: Whose index; the primary key's by default.
        """
        if not self.holds(CONTACT):
            raise NotPermitted("You hold no key for contact data; ask an administrator.")
        chosen = self._primary[CONTACT] if key_id is None else key_id
        key = self._index_keys.get((chosen, name))
        if key is None:
            # The index follows the key: a rotation rebuilds it together with the values.
            material = self._keysets[CONTACT][chosen]
            info = b"netbill/k-bidx/v1" + lp(b"contact") + lp(column.encode()) + lp(name.encode())
            key = self._index_keys[chosen, name] = HKDFExpand(hashes.SHA512(), 32, info).derive(material)
        digest = hmac.digest(key, lp(normalised.encode()), hashlib.sha256)
        return int.from_bytes(digest[:8]) >> 1

    def blind_indexes(self, column: str, name: str, normalised: str) -> list[int]:
        """The index under every key that is held, the primary one first: while a rotation runs, both are in use."""
        others = [k for k in self._keysets.get(CONTACT, {}) if k != self._primary.get(CONTACT)]
        return [self.blind_index(column, name, normalised, k) for k in (None, *others)]
