"""Envelope, bundle, grants, recovery, indexes and chain: bytes that must open for ever."""

import hashlib
import json
import pickle
import time
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbill_tui.errors import InvalidInput, KeyProblem, NotPermitted
from netbill_tui.security import audit, envelope, keys, lengths, passwords
from netbill_tui.security.envelope import Unreadable
from netbill_tui.security.keys import Bundle, Grant
from netbill_tui.security.secret import Sealed, Secret
from netbill_tui.security.vault import Vault
from tests import stretching

KEY = bytes(range(32))
CELL = (bytes(16), "customer", "tax_id", uuid.UUID(int=1).bytes)
FIELD = envelope.field_key(KEY, "customer", "tax_id")


def test_the_envelope_gives_its_known_answer():
    made = envelope.seal(FIELD, 7, CELL, envelope.TEXT, b"DE123456789", salt=bytes(range(24)))
    assert FIELD.hex() == "bca2069be8d6836d75ae18e21e3084371e8522fc50518c61c3f39d9ed30c8fe1"
    assert len(made) == 110
    assert made[30:62].hex().startswith("1861db46")
    assert made[30:62].hex().endswith("8aaba6")
    assert made[-16:].hex().startswith("9c4de67d")
    assert hashlib.sha256(made).hexdigest() == "7a3d76ddd41799981c061945034fc1ab0f996e3f81059b7e39e01b6445da92c8"
    assert envelope.open_envelope(FIELD, CELL, envelope.TEXT, made) == b"DE123456789"


@given(st.binary(max_size=600))
@settings(max_examples=60)
def test_every_value_comes_back(plain):
    made = envelope.seal(FIELD, 7, CELL, envelope.BYTES, plain)
    assert envelope.open_envelope(FIELD, CELL, envelope.BYTES, made) == plain
    assert envelope.unpad(envelope.pad(plain)) == plain
    assert len(envelope.pad(plain)) % 32 == 0


def test_no_changed_bit_truncation_or_relocation_opens():
    made = envelope.seal(FIELD, 7, CELL, envelope.TEXT, b"DE123456789")
    for at in range(len(made) * 8):
        changed = bytearray(made)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(Unreadable):
            envelope.open_envelope(FIELD, CELL, envelope.TEXT, bytes(changed))
    for size in range(len(made)):
        with pytest.raises(Unreadable):
            envelope.open_envelope(FIELD, CELL, envelope.TEXT, made[:size])
    elsewhere = [
        (bytes(15) + b"1", *CELL[1:]), (CELL[0], "contact", *CELL[2:]), (*CELL[:2], "pin", CELL[3]), (*CELL[:3], uuid.UUID(int=2).bytes)
    ]  # fmt: skip
    for cell in elsewhere:
        with pytest.raises(Unreadable):
            envelope.open_envelope(FIELD, cell, envelope.TEXT, made)
    with pytest.raises(Unreadable):
        envelope.open_envelope(FIELD, CELL, envelope.DATE, made)


@given(st.binary(max_size=300))
def test_no_random_bytes_open(blob):
    with pytest.raises(Unreadable):
        envelope.open_envelope(FIELD, CELL, envelope.TEXT, blob)


def test_the_same_value_is_never_sealed_alike():
    assert len({envelope.seal(FIELD, 7, CELL, envelope.TEXT, b"x") for _ in range(100)}) == 100


INSTALL, OPERATOR, SEED = b"i" * 16, b"o" * 16, b"a" * 32


def bundle() -> Bundle:
    return Bundle(keys.new_private_key(), keys.admin_public_of(SEED), INSTALL)


def grant(to: Bundle, **more: object) -> Grant:
    given: dict = {
        "operator": OPERATOR,
        "public_key": keys.public_of(to.private_key),
        "install_id": INSTALL,
        "admin_seed": SEED,
        **more,
    }
    return keys.make_grant(KEY, 7, "CONTACT", **given)


def test_a_bundle_opens_with_its_password_only():
    one = bundle()
    cost = passwords.FLOOR
    kek = passwords.key_encryption_key("gravel-otter-lantern", b"s" * 16, cost, install_id=INSTALL, operator=OPERATOR)
    sealed = keys.seal_bundle(one, kek, OPERATOR)
    assert keys.open_bundle(sealed, kek, OPERATOR, INSTALL) == one
    other = passwords.key_encryption_key("gravel-otter-lanterns", b"s" * 16, cost, install_id=INSTALL, operator=OPERATOR)
    for wrong, who, book in ((other, OPERATOR, INSTALL), (kek, b"p" * 16, INSTALL), (kek, OPERATOR, b"j" * 16)):
        with pytest.raises(KeyProblem):
            keys.open_bundle(sealed, wrong, who, book)


def test_composed_and_decomposed_passwords_are_one():
    made = [
        passwords.key_encryption_key(p, b"s" * 16, passwords.FLOOR, install_id=INSTALL, operator=OPERATOR)
        for p in ("Zo\u00eb-otter-lantern", "Zoe\u0308-otter-lantern")
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize("cost", [(1024, 3, 4), (64 * 1024, 2, 4), (2 << 20, 3, 4), (64 * 1024, 11, 4), (64 * 1024, 3, 1)])
def test_a_hostile_cost_is_refused(cost):
    with stretching.shipped(), pytest.raises(KeyProblem):
        passwords.check_cost(passwords.Cost(*cost))


def test_a_grant_opens_for_its_operator_and_only_when_genuine():
    one = bundle()
    good = grant(one)
    assert len(good.wrapped) == 80
    assert keys.open_grant(good, one) == KEY
    forged = [
        grant(one, admin_seed=b"b" * 32), good._replace(compartment="PRIVATE"), good._replace(key_id=8), good._replace(operator=b"x" * 16),
        good._replace(wrapped=bytes(80)), grant(bundle()),
    ]  # fmt: skip
    for wrong in forged:
        with pytest.raises(KeyProblem):
            keys.open_grant(wrong, one)


def test_recovery_needs_both_shares():
    private = keys.new_private_key()
    first, second = keys.split_recovery(private)
    assert keys.combine_recovery(first, second) == private
    assert keys.combine_recovery(second.lower(), first) == private
    assert keys.combine_recovery(first, first) != private
    with pytest.raises(InvalidInput, match="Share 2"):
        keys.combine_recovery(first, ("A" if second[0] != "A" else "B") + second[1:])


def vault(*compartments: str) -> Vault:
    return Vault(INSTALL, {c: {7: KEY} for c in compartments}, dict.fromkeys(compartments, 7))


def test_a_vault_opens_what_was_granted_and_nothing_else():
    record = uuid.uuid4().bytes
    sealed = vault("PRIVATE").seal("customer", "tax_id", record, "DE1")
    assert vault("PRIVATE").open("customer", "tax_id", record, sealed).unwrap() == "DE1"
    with pytest.raises(NotPermitted):
        vault("CONTACT").open("customer", "tax_id", record, sealed)
    with pytest.raises(NotPermitted):
        vault("CONTACT").seal("customer", "tax_id", record, "x")
    with pytest.raises(Unreadable):
        vault("PRIVATE").open("customer", "tax_id", uuid.uuid4().bytes, sealed)


def test_the_blind_index_keeps_its_known_answer():
    found = vault("CONTACT").blind_index("email", "email.v1", "anna@example.org")
    info = b"netbill/k-bidx/v1" + b"".join(lengths.lp(p) for p in (b"contact", b"email", b"email.v1"))
    import hmac

    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

    key = HKDFExpand(hashes.SHA512(), 32, info).derive(KEY)
    digest = hmac.digest(key, lengths.lp(b"anna@example.org"), "sha256")
    assert found == int.from_bytes(digest[:8]) >> 1 == 7672276615166447290
    assert found < 2**63


def test_a_secret_does_not_leak_by_accident():
    secret = Secret("DE123456789")
    assert "DE1" not in f"{secret} {secret!r} {secret:>20} {[secret]} {Sealed(b'x')}"
    for misuse in (lambda: pickle.dumps(secret), lambda: json.dumps(secret), lambda: "a" + secret, lambda: hash(secret)):  # type: ignore[operator]
        with pytest.raises(TypeError):
            misuse()


def test_the_audit_chain_keeps_its_known_answer():
    detail = audit.detail_json({"b": 1, "a": "ü"})
    assert detail == '{"a":"ü","b":1}'
    first = audit.chain_hash(audit.GENESIS, 1, 1_700_000_000_000_000, "boss", "s1", "payment.record", "R-1", detail, b"\x01" * 32)
    assert first.hex() == "71f1bccb57f67fc0ce7ac5265a7306769f9dde0616eb52526c25223ccb664f85"
    assert audit.row_hash("entry", (1, "a", None, b"x")) != audit.row_hash("entry", (1, "a", b"", b"x"))
    assert audit.bulk_hash([b"\x01" * 32]) == hashlib.sha256(b"\x01" * 32).digest()


def test_a_busy_machine_does_not_make_passwords_cheaper(monkeypatch: pytest.MonkeyPatch):
    """Waiting for a processor is no work: by the clock on the wall half a second would have given the floor."""
    with stretching.shipped():
        with monkeypatch.context() as waiting:
            waiting.setattr(passwords, "key_encryption_key", lambda *_, **__: time.sleep(0.5))
            assert passwords.calibrated.__wrapped__().t == 10
        made = passwords.calibrated.__wrapped__()
        assert (made.m_kib, made.p) == (64 * 1024, 4)
        assert 3 <= made.t <= 10
