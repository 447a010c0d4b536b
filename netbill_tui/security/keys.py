"""Compartment keys, operator bundles, grants and the recovery principal (docs/security.md, *Operators and keys*).

A compartment key exists only wrapped in grants. A grant is opened by the private key in an operator's bundle, and the
bundle by the operator's password. So who may see a field is decided by keys, not by an `if`.
"""

import base64
import hashlib
import os
import struct

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from netbill_tui.errors import InvalidInput, KeyProblem
from netbill_tui.security.envelope import BYTES, Unreadable, field_key, key_id_of, open_envelope, seal
from netbill_tui.security.lengths import lp
from netbill_tui.security.records import Bundle as Bundle
from netbill_tui.security.records import Grant as Grant
from netbill_tui.security.records import Record as Record
from netbill_tui.security.rights import ADMIN as ADMIN
from netbill_tui.security.rights import COMPARTMENTS as COMPARTMENTS
from netbill_tui.security.rights import CONTACT as CONTACT
from netbill_tui.security.rights import PRIVATE as PRIVATE

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
NO_PEPPER = 0  # key id of a bundle's envelope: which pepper its password key was made with
CODE_BYTES = 15  # 120 bits: an activation code is typed once and guessed never


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


def seal_bundle(bundle: Bundle, kek: bytes, operator: bytes, pepper_id: int = NO_PEPPER) -> bytes:
    """The bundle under the operator's password key; column `operator.bundle`."""
    cell = (bundle.install_id, "operator", "bundle", operator)
    plain = bundle.private_key + bundle.admin_public + bundle.install_id
    return seal(field_key(kek, "operator", "bundle"), pepper_id, cell, BYTES, plain)


def pepper_id_of(pepper: bytes) -> int:
    """What names a pepper in the header of a bundle; never that of no pepper."""
    return int.from_bytes(hashlib.sha256(b"netbill/pepper/v1" + pepper).digest()[:4]) or 1 if pepper else NO_PEPPER


def bundle_pepper(envelope: bytes) -> int:
    """Which pepper the password key of a bundle was made with.

    Raises:
        KeyProblem: It is no envelope.
    """
    try:
        return key_id_of(envelope)
    except Unreadable:
        raise KeyProblem("The operator's key bundle is damaged; run netbill verify and ask an administrator.") from None


def new_code() -> str:
    """A fresh activation code: 120 bits in six groups of four letters and digits."""
    text = base64.b32encode(os.urandom(CODE_BYTES)).decode()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def typed_code(text: str) -> str:
    """An activation code as it was made, however it was typed."""
    folded = text.strip().upper().replace("-", "").replace(" ", "")
    return "-".join(folded[at : at + 4] for at in range(0, len(folded), 4))


def fingerprint(public_key: bytes) -> str:
    """What two people compare over the phone before keys are granted: four groups of a public key's hash."""
    digest = hashlib.sha256(b"netbill/fingerprint/v1" + public_key).hexdigest()[:16]
    return " ".join(digest[at : at + 4] for at in range(0, 16, 4))


def _record_message(install_id: bytes, record: Record) -> bytes:
    texts = b"".join(lp(part.encode()) for part in (record.name, record.role, record.status))
    limit = b"" if record.limit is None else b"%d" % record.limit
    return b"netbill/operator/v1" + lp(install_id) + lp(record.uid) + texts + lp(limit) + lp(record.public_key)


def record_hash(install_id: bytes, record: Record) -> str:
    """Names a state of an operator's record in the audit, so that an old state put back is seen."""
    return hashlib.sha256(_record_message(install_id, record)).hexdigest()[:32]


def sign_record(admin_seed: bytes, install_id: bytes, record: Record) -> bytes:
    """The administrator's signature of an operator's record, 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(admin_seed).sign(_record_message(install_id, record))


def record_is_genuine(admin_public: bytes, install_id: bytes, record: Record, signature: bytes | None) -> bool:
    """True when the administrator signed exactly this record."""
    return _is_signed(admin_public, _record_message(install_id, record), signature or b"")


def _key_message(install_id: bytes, compartment: str, key_id: int, status: str) -> bytes:
    return b"netbill/keyset/v1" + lp(install_id) + lp(compartment.encode()) + struct.pack(">I", key_id) + lp(status.encode())


def sign_key(admin_seed: bytes, install_id: bytes, compartment: str, key_id: int, status: str) -> bytes:
    """The administrator's signature of what a key of a compartment is good for."""
    return Ed25519PrivateKey.from_private_bytes(admin_seed).sign(_key_message(install_id, compartment, key_id, status))


def key_is_genuine(
    admin_public: bytes, install_id: bytes, compartment: str, key_id: int, status: str, signature: bytes | None
) -> bool:
    """True when the administrator said so."""
    return _is_signed(admin_public, _key_message(install_id, compartment, key_id, status), signature or b"")


def sign_checkpoint(admin_seed: bytes, text: str) -> bytes:
    """The administrator's signature under a checkpoint of the audit chain."""
    return Ed25519PrivateKey.from_private_bytes(admin_seed).sign(b"netbill/checkpoint/v1" + text.encode())


def checkpoint_is_signed(admin_public: bytes, text: str, signature: bytes) -> bool:
    """True when the administrator signed the checkpoint."""
    return _is_signed(admin_public, b"netbill/checkpoint/v1" + text.encode(), signature)


def _is_signed(admin_public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(admin_public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


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
    info = _grant_info(bundle.install_id, grant.operator, grant.compartment, grant.key_id)
    try:
        if not grant_is_genuine(grant, bundle.install_id, bundle.admin_public):
            raise InvalidSignature
        return _SUITE.decrypt(grant.wrapped, X25519PrivateKey.from_private_bytes(bundle.private_key), info)
    except (InvalidSignature, InvalidTag, ValueError):
        raise KeyProblem("A key grant of this operator is not genuine; run netbill verify and ask an administrator.") from None


def grant_is_genuine(grant: Grant, install_id: bytes, admin_public: bytes) -> bool:
    """True when the administrator signed this grant."""
    message = _signed(install_id, grant.operator, grant.compartment, grant.key_id, grant.wrapped)
    return _is_signed(admin_public, message, grant.signature)


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
