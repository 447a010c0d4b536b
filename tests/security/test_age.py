"""Our age is the age: what one writes the other reads, and nothing that was changed is opened."""

import io
import os

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbill_tui.errors import BookProblem, InvalidInput, KeyProblem, NetbillError
from netbill_tui.security import age, keys

CHUNK = 64 * 1024
SIZES = (0, 1, 15, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7)


def sealed(plain: bytes, *to: bytes) -> bytes:
    out = io.BytesIO()
    age.encrypt(io.BytesIO(plain), out, to)
    return out.getvalue()


def opened(cipher: bytes, key: bytes) -> bytes:
    out = io.BytesIO()
    age.decrypt(io.BytesIO(cipher), out, key)
    return out.getvalue()


@pytest.mark.parametrize("size", SIZES)
def test_each_reads_what_the_other_wrote(size: int) -> None:
    plain, key = os.urandom(size), keys.new_private_key()
    theirs = pyrage.x25519.Identity.from_str(age.identity_of(key))
    assert pyrage.decrypt(sealed(plain, keys.public_of(key)), [theirs]) == plain
    assert opened(pyrage.encrypt(plain, [theirs.to_public()]), key) == plain


def test_spellings_are_theirs() -> None:
    theirs = pyrage.x25519.Identity.generate()
    key = age.private_of_identity(f"# made by hand\n{theirs}\n")
    assert age.identity_of(key) == str(theirs)
    assert age.recipient_of(keys.public_of(key)) == str(theirs.to_public())
    assert age.public_of_recipient(str(theirs.to_public())) == keys.public_of(key)


def test_every_recipient_opens_it_and_nobody_else() -> None:
    held = [keys.new_private_key() for _ in range(3)]
    cipher = sealed(b"the book", *(keys.public_of(k) for k in held))
    assert [opened(cipher, k) for k in held] == [b"the book"] * 3
    with pytest.raises(KeyProblem):
        opened(cipher, keys.new_private_key())


@pytest.mark.parametrize("size", [0, 40, CHUNK, CHUNK + 40])
def test_every_cut_is_seen(size: int) -> None:
    key = keys.new_private_key()
    cipher = sealed(bytes(size), keys.public_of(key))
    body = cipher.index(b"\n---") + 1
    for end in {*range(0, body, 7), *range(body, min(len(cipher), body + 120)), len(cipher) - CHUNK - 16, len(cipher) - 1}:
        if 0 <= end < len(cipher):
            with pytest.raises(NetbillError):
                opened(cipher[:end], key)
    with pytest.raises(BookProblem):
        opened(cipher + b"\0", key)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_every_flipped_bit_is_seen(data: st.DataObject) -> None:
    key = bytes(range(32))
    cipher = bytearray(sealed(b"netbill" * 20, keys.public_of(key)))
    cipher[data.draw(st.integers(0, len(cipher) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(NetbillError):
        opened(bytes(cipher), key)


@pytest.mark.parametrize("text", [
    "", "age1", "age1qqqq", "AGE-SECRET-KEY-1QQ", "age1" + "q" * 58, "ssh-ed25519 AAAA",
    "age1hlp6d2zj84hscqevfqrgq786rztr99mq4q47e2tjpw767uwu8yk46aq6fp",  # bits behind its last byte
])  # fmt: skip
def test_what_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        age.public_of_recipient(text)
