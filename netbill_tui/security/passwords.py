"""From a password to the key that opens an operator's bundle (security.md 2.3)."""

import struct
import threading
import unicodedata
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from netbill_tui.errors import InvalidInput, KeyProblem
from netbill_tui.security.envelope import lp

MIN_LENGTH = 12
MAX_LENGTH = 256

# Two derivations at once: twenty sign-ins in one morning must not take all memory.
_DERIVING = threading.BoundedSemaphore(2)


class Cost(NamedTuple):
    """Argon2id parameters: memory in KiB, passes, lanes."""

    m_kib: int
    t: int
    p: int

    def packed(self) -> bytes:
        """The bytes that enter the key derivation."""
        return struct.pack(">III", self.m_kib, self.t, self.p)


DEFAULT_COST = Cost(64 * 1024, 3, 4)


def check_cost(cost: Cost) -> None:
    """Refuse a cost under the floor, or one so high that a hostile row would exhaust the machine.

    Raises:
        KeyProblem: Either way.
    """
    if not (64 * 1024 <= cost.m_kib <= 1024 * 1024 and 3 <= cost.t <= 10 and cost.p == 4):
        raise KeyProblem("The operator's key parameters are out of bounds; run netbill verify and ask an administrator.")


def check_password(password: str) -> None:
    """Refuse a password that is too short or too long.

    Raises:
        InvalidInput: With what to choose instead.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidInput(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters; several words are easiest.")


def key_encryption_key(
    password: str, salt: bytes, cost: Cost, *, install_id: bytes, operator: bytes, pepper: bytes = b""
) -> bytes:
    """The 32-byte key that seals the operator's bundle. Takes 0.1 to 1 s and 64 MiB on purpose."""
    check_cost(cost)
    secret = unicodedata.normalize("NFC", password).encode()
    with _DERIVING:
        stretched = Argon2id(salt=salt, length=32, iterations=cost.t, lanes=cost.p, memory_cost=cost.m_kib).derive(secret)
    info = b"netbill/kek/v1" + lp(install_id) + lp(operator) + lp(cost.packed())
    return HKDF(hashes.SHA512(), 32, pepper or None, info).derive(stretched)
