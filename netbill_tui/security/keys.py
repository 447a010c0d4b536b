"""Compartment keys, operator bundles, grants and the recovery principal (security.md 2.3).

A compartment key exists only wrapped in grants. A grant is opened by the private key in an operator's bundle, and the
bundle by the operator's password. So who may see a field is decided by keys, not by an `if`.
"""

import base64
import hashlib
import os
import struct
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from netbill_tui.errors import InvalidInput, KeyProblem
from netbill_tui.security.envelope import BYTES, Unreadable, field_key, lp, open_envelope, seal

CONTACT = "CONTACT"
PRIVATE = "PRIVATE"
ADMIN = "ADMIN"
COMPARTMENTS = (CONTACT, PRIVATE, ADMIN)

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
# The envelope's key id names the pepper; none is configured yet.
_NO_PEPPER = 0


class Bundle(NamedTuple):
    """What an operator's password opens: private key, the administrator's public key, the install id."""

    private_key: bytes
    admin_public: bytes
    install_id: bytes


class Grant(NamedTuple):
    """One compartment key for one operator: wrapped to the operator, signed by the administrator."""

    operator: bytes
    compartment: str
    key_id: int
    wrapped: bytes
    signature: bytes


def new_private_key() -> bytes:
    """A fresh X25519 private key, 32 bytes."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_of(private_key: bytes) -> bytes:
    """The X25519 public key."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def admin_public_of(seed: bytes) -> bytes:
    """The Ed25519 public key that bundles pin."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def new_key_id() -> int:
    """A random non-zero key id."""
    return int.from_bytes(os.urandom(4)) or 1


def seal_bundle(bundle: Bundle, kek: bytes, operator: bytes) -> bytes:
    """The bundle under the operator's password key; column `operator.bundle`."""
    cell = (bundle.install_id, "operator", "bundle", operator)
    plain = bundle.private_key + bundle.admin_public + bundle.install_id
    return seal(field_key(kek, "operator", "bundle"), _NO_PEPPER, cell, BYTES, plain)


def open_bundle(envelope: bytes, kek: bytes, operator: bytes, install_id: bytes) -> Bundle:
    """The bundle. Opening it is the password check; there is no second, cheaper hash anywhere.

    Raises:
        KeyProblem: If the password is wrong or the bundle belongs to another book.
    """
    cell = (install_id, "operator", "bundle", operator)
    try:
        plain = open_envelope(field_key(kek, "operator", "bundle"), cell, BYTES, envelope)
    except Unreadable:
        plain = b""
    if len(plain) != 80 or plain[64:] != install_id:
        raise KeyProblem("The operator name or the password is wrong; type both again.")
    return Bundle(plain[:32], plain[32:64], plain[64:])


def _grant_info(install_id: bytes, operator: bytes, compartment: str, key_id: int) -> bytes:
    return b"netbill/grant/v1" + lp(install_id) + lp(operator) + lp(compartment.encode("ascii")) + struct.pack(">I", key_id)


def _signed(install_id: bytes, operator: bytes, compartment: str, key_id: int, wrapped: bytes) -> bytes:
    return b"netbill/sign/v1" + _grant_info(install_id, operator, compartment, key_id) + lp(wrapped)


def make_grant(
    key: bytes,
    key_id: int,
    compartment: str,
    *,
    operator: bytes,
    public_key: bytes,
    install_id: bytes,
    admin_seed: bytes,
) -> Grant:
    """The compartment key wrapped to one operator (HPKE base, 80 bytes) and signed by the administrator."""
    info = _grant_info(install_id, operator, compartment, key_id)
    wrapped = _SUITE.encrypt(key, X25519PublicKey.from_public_bytes(public_key), info)
    message = _signed(install_id, operator, compartment, key_id, wrapped)
    signature = Ed25519PrivateKey.from_private_bytes(admin_seed).sign(message)
    return Grant(operator, compartment, key_id, wrapped, signature)


def open_grant(grant: Grant, bundle: Bundle) -> bytes:
    """The compartment key.

    Raises:
        KeyProblem: If the grant was not signed by the pinned administrator, or is not for this operator.
    """
    message = _signed(bundle.install_id, grant.operator, grant.compartment, grant.key_id, grant.wrapped)
    info = _grant_info(bundle.install_id, grant.operator, grant.compartment, grant.key_id)
    try:
        Ed25519PublicKey.from_public_bytes(bundle.admin_public).verify(grant.signature, message)
        return _SUITE.decrypt(grant.wrapped, X25519PrivateKey.from_private_bytes(bundle.private_key), info)
    except (InvalidSignature, InvalidTag, ValueError):
        raise KeyProblem("A key grant of this operator is not genuine; run netbill verify and ask an administrator.") from None


def grant_is_genuine(grant: Grant, install_id: bytes, admin_public: bytes) -> bool:
    """True when the administrator signed this grant."""
    message = _signed(install_id, grant.operator, grant.compartment, grant.key_id, grant.wrapped)
    try:
        Ed25519PublicKey.from_public_bytes(admin_public).verify(grant.signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def split_recovery(private_key: bytes) -> tuple[str, str]:
    """The recovery key as two shares for two custodians; one share alone says nothing."""
    first = os.urandom(32)
    second = bytes(a ^ b for a, b in zip(private_key, first, strict=True))
    return _share(first), _share(second)


def _share(part: bytes) -> str:
    return base64.b32encode(part + hashlib.sha256(part).digest()[:4]).decode().rstrip("=")


def combine_recovery(first: str, second: str) -> bytes:
    """The recovery private key from its two shares.

    Raises:
        InvalidInput: If a share was mistyped.
    """
    parts = []
    for number, text in enumerate((first, second), 1):
        typed = text.strip().upper().replace(" ", "").replace("-", "")
        try:
            raw = base64.b32decode(typed + "=" * (-len(typed) % 8))
        except ValueError:
            raw = b""
        if len(raw) != 36 or hashlib.sha256(raw[:32]).digest()[:4] != raw[32:]:
            raise InvalidInput(f"Share {number} is mistyped; compare it with the paper.")
        parts.append(raw[:32])
    return bytes(a ^ b for a, b in zip(*parts, strict=True))
