"""The vault: the compartment keys that a signed-in operator holds, and what they open."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from netbill_tui.errors import NotPermitted
from netbill_tui.security import envelope
from netbill_tui.security.envelope import DATE, INTEGER, TEXT, Unreadable, lp
from netbill_tui.security.keys import CONTACT, PRIVATE
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

    def __init__(self, install_id: bytes, keysets: Mapping[str, Mapping[int, bytes]], primary: Mapping[str, int]) -> None:
        """Hold the keys.

        Args:
            install_id: 16 bytes of the book.
            keysets: Compartment: key id: key.
            primary: Compartment: the key id that seals new values.
        """
        self._install_id = install_id
        self._keysets = keysets
        self._primary = primary
        self._field_keys: dict[tuple[int, str, str], bytes] = {}
        self._index_keys: dict[str, bytes] = {}

    def holds(self, compartment: str) -> bool:
        """True when the operator was granted this compartment."""
        return bool(self._keysets.get(compartment))

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

    def blind_index(self, column: str, name: str, normalised: str) -> int:
        """Where an equal value of a contact column is found without opening any (security.md 2.5).

        Args:
            column: `email` or `phone`.
            name: `email.v1`, `phone.v1` or `phone4.v1`.
            normalised: The value in normalisation v1.
        """
        if not self.holds(CONTACT):
            raise NotPermitted("You hold no key for contact data; ask an administrator.")
        key = self._index_keys.get(name)
        if key is None:
            # The index follows the primary key: a rotation rebuilds it together with the values.
            material = self._keysets[CONTACT][self._primary[CONTACT]]
            info = b"netbill/k-bidx/v1" + lp(b"contact") + lp(column.encode()) + lp(name.encode())
            key = self._index_keys[name] = HKDFExpand(hashes.SHA512(), 32, info).derive(material)
        digest = hmac.digest(key, lp(normalised.encode()), hashlib.sha256)
        return int.from_bytes(digest[:8]) >> 1
