"""The field envelope NB1: bytes that, written once, must open for ever (docs/security.md, *Sealed fields*).

0   1   0x01 format version
1   1   suite: 0x01 = HKDF-SHA512 -> AES-256-GCM, committing
2   4   key_id, big-endian
6   24  random salt
30  32  key commitment
62  n   ciphertext of the padded plaintext
62+n 16 tag
"""

import hmac
import os
import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from netbill_tui.security.lengths import lp

TEXT: Final = 1
DATE: Final = 2
INTEGER: Final = 3
BYTES: Final = 4

_VERSION_SUITE = b"\x01\x01"
_HEADER = 62
_TAG = 16


class Unreadable(Exception):
    """The one failure of an envelope. It says nothing about why, so that nobody learns from it."""


def field_key(compartment_key: bytes, table: str, column: str) -> bytes:
    """The key of one column. The names are logical and fixed for ever; a renamed column keeps its old one."""
    info = b"netbill/k-field/v1" + lp(table.encode()) + lp(column.encode())
    return HKDFExpand(hashes.SHA512(), 32, info).derive(compartment_key)


def pad(plain: bytes) -> bytes:
    """0x80 and zeros up to the next multiple of 32, or of 64 above 256 bytes, so that lengths say little."""
    size = len(plain) + 1
    block = 32 if size <= 256 else 64
    return plain + b"\x80" + b"\x00" * (-size % block)


def unpad(padded: bytes) -> bytes:
    """The bytes before the padding.

    Raises:
        Unreadable: If the padding is not ours.
    """
    body = padded.rstrip(b"\x00")
    if not body.endswith(b"\x80"):
        raise Unreadable
    return body[:-1]


def _aad(header: bytes, install_id: bytes, table: str, column: str, record: bytes, kind: int) -> bytes:
    return b"netbill/aad/v1" + header + lp(install_id) + lp(table.encode()) + lp(column.encode()) + lp(record) + bytes([kind])


def seal(
    key: bytes, key_id: int, cell: tuple[bytes, str, str, bytes], kind: int, plain: bytes, *, salt: bytes | None = None
) -> bytes:
    """The envelope of one value, bound to its cell.

    Args:
        key: The column's key, from `field_key`.
        key_id: Which compartment key it was derived from.
        cell: Install id, table, column, record uuid: an envelope moved elsewhere does not open.
        kind: TEXT, DATE, INTEGER or BYTES.
        plain: The value.
        salt: Only for known-answer tests; 24 random bytes else.
    """
    salt = os.urandom(24) if salt is None else salt
    head = _VERSION_SUITE + struct.pack(">I", key_id)
    okm = HKDF(hashes.SHA512(), 64, salt, b"netbill/env/v1" + head).derive(key)
    header = head + salt + okm[32:]
    # The nonce may be zero: the key is unique to the salt.
    body = AESGCM(okm[:32]).encrypt(bytes(12), pad(plain), _aad(header, *cell, kind))
    return header + body


def key_id_of(envelope: bytes) -> int:
    """Which key sealed it.

    Raises:
        Unreadable: If it is no envelope of a version and suite that we know.
    """
    if len(envelope) < _HEADER + 32 + _TAG or envelope[:2] != _VERSION_SUITE:
        raise Unreadable
    return int(struct.unpack(">I", envelope[2:6])[0])


def open_envelope(key: bytes, cell: tuple[bytes, str, str, bytes], kind: int, envelope: bytes) -> bytes:
    """The value in the envelope.

    Raises:
        Unreadable: Whatever is wrong with it; there is no plaintext fallback.
    """
    key_id_of(envelope)
    header = envelope[:_HEADER]
    okm = HKDF(hashes.SHA512(), 64, header[6:30], b"netbill/env/v1" + header[:6]).derive(key)
    # Compared before decrypting: AES-GCM alone lets one ciphertext open under two keys.
    if not hmac.compare_digest(okm[32:], header[30:]):
        raise Unreadable
    try:
        padded = AESGCM(okm[:32]).decrypt(bytes(12), envelope[_HEADER:], _aad(header, *cell, kind))
    except InvalidTag:
        raise Unreadable from None
    return unpad(padded)
