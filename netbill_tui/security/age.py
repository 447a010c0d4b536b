"""Files in the age v1 format for X25519 recipients: what `age` writes this reads, and the other way round.

Written here because the one library of the format brings a compiled Rust core into every installation, and the format is a
header, two key derivations and a chain of chunks over primitives that cryptography has; the tests open its files with that
library and the other way round. Source: age-encryption.org/v1 (C2SP).

    age-encryption.org/v1
    -> X25519 <ephemeral share>
    <file key, wrapped>
    --- <HMAC of all above>
    <nonce 16><chunks of 64 KiB, each with its tag; the last one is marked>
"""

import base64
import hmac
import os
from collections.abc import Callable, Sequence
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from netbill_tui.errors import BookProblem, InvalidInput, KeyProblem

CHUNK: Final = 65536
_TAG: Final = 16
_VERSION: Final = b"age-encryption.org/v1\n"
_X25519: Final = b"age-encryption.org/v1/X25519"
_DAMAGED = "The backup is damaged or was changed; use an older one, and find out what happened to this one."
_MOST_HEADER = 1 << 16


def recipient_of(public_key: bytes) -> str:
    """An X25519 public key as `age1…`."""
    return _bech32("age", public_key)


def identity_of(private_key: bytes) -> str:
    """An X25519 private key as `AGE-SECRET-KEY-1…`."""
    return _bech32("age-secret-key-", private_key).upper()


def public_of_recipient(text: str) -> bytes:
    """The public key in `age1…`.

    Raises:
        InvalidInput: It is none.
    """
    return _unbech32("age", text.strip(), "an age recipient (age1…)")


def private_of_identity(text: str) -> bytes:
    """The private key in an identity file: the first line that is one.

    Raises:
        InvalidInput: There is none.
    """
    for line in text.splitlines():
        if line.strip().upper().startswith("AGE-SECRET-KEY-"):
            return _unbech32("age-secret-key-", line.strip().lower(), "an age identity (AGE-SECRET-KEY-1…)")
    raise InvalidInput("The file holds no age identity; netbill recovery combine writes one.")


def encrypt(
    source: BinaryIO, target: BinaryIO, recipients: Sequence[bytes], on_bytes: Callable[[int], None] | None = None
) -> None:
    """Write the source, encrypted to every recipient, chunk by chunk.

    Args:
        source: Read to its end.
        target: Written.
        recipients: X25519 public keys, at least one.
        on_bytes: Gets how many bytes of the source are done.
    """
    file_key = os.urandom(16)
    header = _VERSION + b"".join(_wrapped(file_key, public) for public in recipients) + b"---"
    target.write(header + b" " + _b64(_mac(file_key, header)) + b"\n")
    nonce = os.urandom(16)
    target.write(nonce)
    stream = ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))
    done, number, ahead = 0, 0, source.read(CHUNK)
    while True:
        chunk, ahead = ahead, source.read(CHUNK)
        target.write(stream.encrypt(_nonce(number, last=not ahead), chunk, None))
        done, number = done + len(chunk), number + 1
        if on_bytes:
            on_bytes(done)
        if not ahead:
            return


def decrypt(source: BinaryIO, target: BinaryIO, private_key: bytes, on_bytes: Callable[[int], None] | None = None) -> None:
    """Write what the file holds. What was written before an error is worth nothing: throw it away.

    Raises:
        KeyProblem: It was not encrypted to this key.
        BookProblem: It is no age file, was changed, or its end is missing.
    """
    file_key, header, mac = _header(source, private_key)
    if not hmac.compare_digest(_mac(file_key, header), mac):
        raise BookProblem(_DAMAGED)
    nonce = source.read(16)
    if len(nonce) != 16:
        raise BookProblem(_DAMAGED)
    stream = ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))
    number, done, ahead = 0, 0, source.read(CHUNK + _TAG)
    while True:
        chunk, ahead = ahead, source.read(CHUNK + _TAG)
        try:
            plain = stream.decrypt(_nonce(number, last=not ahead), chunk, None)
        except (InvalidTag, ValueError):
            raise BookProblem(_DAMAGED) from None
        if not plain and number:
            raise BookProblem(_DAMAGED)  # an empty last chunk is allowed in an empty file alone
        target.write(plain)
        done, number = done + len(plain), number + 1
        if on_bytes:
            on_bytes(done)
        if not ahead:
            return


def _wrapped(file_key: bytes, public: bytes) -> bytes:
    """The stanza that gives one recipient the file key."""
    secret = X25519PrivateKey.generate()
    share = secret.public_key().public_bytes_raw()
    shared = secret.exchange(X25519PublicKey.from_public_bytes(public))
    body = ChaCha20Poly1305(_hkdf(shared, share + public, _X25519)).encrypt(bytes(12), file_key, None)
    return b"-> X25519 " + _b64(share) + b"\n" + _b64(body) + b"\n"


def _header(source: BinaryIO, private_key: bytes) -> tuple[bytes, bytes, bytes]:
    """File key, the header that the MAC is over, and the MAC."""
    secret = X25519PrivateKey.from_private_bytes(private_key)
    public = secret.public_key().public_bytes_raw()
    read = source.readline(200)
    if read != _VERSION:
        raise BookProblem("This is not a backup of netbill: it is not an age file.")
    header, file_key, share = read, None, b""
    while len(header) < _MOST_HEADER:
        line = source.readline(4096)
        if line.startswith(b"--- ") and line.endswith(b"\n"):
            if file_key is None:
                raise KeyProblem("This backup was not made for this key; use the recovery shares of its book.")
            return file_key, header + b"---", _unb64(line[4:-1])
        header += line
        words = line.split()
        if words[:1] == [b"->"]:
            share = _unb64(words[2]) if words[1:2] == [b"X25519"] and len(words) == 3 else b""
        elif len(share) == 32:
            file_key = file_key or _unwrapped(secret, public, share, line.strip())
            share = b""
        elif not line:
            break
    raise BookProblem(_DAMAGED)


def _unwrapped(secret: X25519PrivateKey, public: bytes, share: bytes, body: bytes) -> bytes | None:
    """The file key, or None where the stanza is somebody else's."""
    raw = _unb64(body)
    if len(raw) != 32:
        raise BookProblem(_DAMAGED)
    try:
        shared = secret.exchange(X25519PublicKey.from_public_bytes(share))
        return ChaCha20Poly1305(_hkdf(shared, share + public, _X25519)).decrypt(bytes(12), raw, None)
    except (InvalidTag, ValueError):
        return None


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_hkdf(file_key, b"", b"header"), header, "sha256")


def _hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt or None, info).derive(key)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + (b"\x01" if last else b"\x00")


def _b64(raw: bytes) -> bytes:
    return base64.b64encode(raw).rstrip(b"=")


def _unb64(text: bytes) -> bytes:
    try:
        raw = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise BookProblem(_DAMAGED) from None
    if _b64(raw) != text:
        raise BookProblem(_DAMAGED)  # one spelling only, so that a header cannot be changed unseen
    return raw


# Bech32 (BIP 173), the spelling of age keys.
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def _polymod(values: Sequence[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for at, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> at & 1 else 0
    return check


def _expanded(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def _regroup(values: Sequence[int], size: int, to: int) -> list[int]:
    """Numbers of `size` bits as numbers of `to` bits, the last filled with zeros."""
    bits = "".join(format(v, f"0{size}b") for v in values)
    bits += "0" * (-len(bits) % to) if to < size else ""
    return [int(bits[at : at + to], 2) for at in range(0, len(bits) - to + 1, to)]


def _bech32(prefix: str, raw: bytes) -> str:
    values = _regroup(raw, 8, 5)
    check = _polymod([*_expanded(prefix), *values, *[0] * 6]) ^ 1
    values += [check >> 5 * (5 - at) & 31 for at in range(6)]
    return prefix + "1" + "".join(_LETTERS[v] for v in values)


def _unbech32(prefix: str, text: str, what: str) -> bytes:
    head, sign, tail = text.rpartition("1")
    values = [_LETTERS.find(c) for c in tail]
    if head != prefix or not sign or -1 in values or len(values) < 6 or _polymod([*_expanded(prefix), *values]) != 1:
        raise InvalidInput(f"{text[:20]!r} is not {what}; compare it with the original.")
    raw = bytes(_regroup(values[:-6], 5, 8))
    # What is written back otherwise had bits behind its last byte, which no writer puts there (BIP 173, padding).
    if len(raw) != 32 or _bech32(prefix, raw) != text:
        raise InvalidInput(f"{text[:20]!r} is not {what}; compare it with the original.")
    return raw
