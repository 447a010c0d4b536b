"""From a password to the key that opens an operator's bundle (docs/security.md, *Operators and keys*)."""

import math
import os
import struct
import threading
import time
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from netbill_tui.errors import InvalidInput, KeyProblem
from netbill_tui.security.lengths import lp

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


# Less is not accepted of any row: a guess at a stolen bundle would be cheap. More than the ceiling would exhaust the machine.
FLOOR = Cost(64 * 1024, 3, 4)
CEILING = Cost(1024 * 1024, 10, 4)
TARGET_S = 0.25  # what a guess shall take on the machine that seals a bundle


@lru_cache(maxsize=1)
def calibrated() -> Cost:
    """The floor, with as many passes more as a quarter of a second holds on this machine when it does nothing else.

    Measured by the work of this process, not by the clock on the wall: on a machine that does other things at once the wall
    makes everything look slow, and who is enrolled then would get the floor for good. The lanes share the processors.
    """
    began = time.process_time()
    key_encryption_key("a password to measure by", bytes(16), FLOOR, install_id=bytes(16), operator=bytes(16))
    took = (time.process_time() - began) / min(FLOOR.p, len(os.sched_getaffinity(0)))
    passes = min(CEILING.t, max(FLOOR.t, math.ceil(FLOOR.t * TARGET_S / max(took, 0.001))))
    return FLOOR._replace(t=passes)


def check_cost(cost: Cost) -> None:
    """Refuse a cost under the floor, or one so high that a hostile row would exhaust the machine.

    Raises:
        KeyProblem: Either way.
    """
    if not (FLOOR.m_kib <= cost.m_kib <= CEILING.m_kib and FLOOR.t <= cost.t <= CEILING.t and cost.p == FLOOR.p):
        raise KeyProblem("The operator's key parameters are out of bounds; run netbill verify and ask an administrator.")


# What is tried first on every stolen bundle; each is long enough to pass the length alone.
_COMMON = frozenset(
    "123456789012 1234567890123 12345678901234 abcdefghijkl qwertyuiopas qwertyuiop123 password1234 password12345 "
    "passwordpassword passw0rd1234 letmeinletmein iloveyou1234 administrator adminadmin12 administrator1 "
    "changeme1234 changemenow1 welcome12345 "
    "welcometoday correcthorsebatterystaple trustno1trustno1 monkeymonkey dragondragon footballfootball superman1234 "
    "qazwsxedcrfv 1q2w3e4r5t6y 1qaz2wsx3edc zaq12wsxcde3 asdfghjklqwe asdfasdfasdf zxcvbnmasdfg 111111111111 000000000000 "
    "netbillnetbill".split()
)
# Words that stand in most guessed passwords, and the signs that people write for letters.
_ROOTS = (
    "administrator", "password", "passwort", "superman", "football", "baseball", "princess", "iloveyou",
    "sunshine", "changeme", "netbill", "welcome", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "qwerty", "qwertz",
    "asdfgh", "monkey", "dragon", "letmein", "master", "summer", "winter", "spring", "autumn", "internet", "billing", "admin",
    "secret", "login", "hello",
)  # fmt: skip
_LEET = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_OWN = 8  # characters that are left when the common words are taken out
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm")


def check_password(password: str, context: Sequence[str] = ()) -> None:
    """Refuse a password that would be guessed early.

    Args:
        password: As typed.
        context: Names that an attacker knows: the operator's, the company's.

    Raises:
        InvalidInput: With what to choose instead.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidInput(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters; several words are easiest.")
    folded = "".join(c for c in unicodedata.normalize("NFKC", password).casefold() if not c.isspace())
    for name in context:
        for word in unicodedata.normalize("NFKC", name).casefold().split():
            if len(word) >= 4 and word in folded and len(folded) - len(word) < MIN_LENGTH - 4:
                raise InvalidInput("The password is little more than a name that others know; choose several other words.")
    if folded in _COMMON or len(set(folded)) < 5:
        raise InvalidInput("This password is among the first that are tried; choose several words of your own.")
    known = [w for n in context for w in unicodedata.normalize("NFKC", n).casefold().split() if len(w) >= 4]
    if any(_adds_little(spelt, [*_ROOTS, *known]) for spelt in (folded, folded.translate(_LEET))):
        raise InvalidInput("This password is a common word with digits and signs; choose several words of your own.")
    if any(folded in row * 2 or folded[::-1] in row * 2 for row in _ROWS) or _repeats(folded):
        raise InvalidInput("This password repeats or runs along the keyboard; choose several words of your own.")


def _adds_little(folded: str, words: Sequence[str]) -> bool:
    """True when a common word is most of it."""
    left = folded
    for word in words:
        left = left.replace(word, "")
    return left != folded and len(left) < _OWN


def _repeats(folded: str) -> bool:
    """True when a short piece said again and again is all there is."""
    return any(folded == (folded[:size] * len(folded))[: len(folded)] for size in range(1, 7))


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
