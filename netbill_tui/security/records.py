"""Records of keys, without the machinery that makes them: reads that need no key import this alone."""

from typing import NamedTuple


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


class Record(NamedTuple):
    """What an administrator signs of an operator. `limit` is in minor units, None for none."""

    uid: bytes
    name: str
    role: str
    status: str
    limit: int | None
    public_key: bytes
