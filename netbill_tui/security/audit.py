"""The audit chain: one canonical form for its rows and for the posted rows they vouch for (docs/security.md, *The audit*)."""

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from netbill_tui.security.lengths import lp

GENESIS = bytes(32)
COUNTING = "demo.copy"  # events that vouch for copied rows by their number; verify takes them in a demo book only


def detail_json(detail: Mapping[str, object]) -> str:
    """The detail in its one canonical text: sorted keys, no blanks."""
    return json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chain_hash(
    prev: bytes, seq: int, at_us: int, actor: str, session: str, action: str, obj: str, detail: str, row_hashes: bytes
) -> bytes:
    """The hash of one audit row.

    Args:
        prev: Hash of the row before; 32 zero bytes for the first.
        seq: Gapless, from 1.
        at_us: UTC, microseconds since 1970.
        actor: Operator name.
        session: Session id.
        action: Such as `payment.record`.
        obj: What it was done to.
        detail: From `detail_json`.
        row_hashes: 32 bytes for each posted row in insertion order; a bulk transaction's single hash.
    """
    texts = b"".join(lp(part.encode()) for part in (actor, session, action, obj, detail))
    canonical = struct.pack(">QQ", seq, at_us) + texts + lp(row_hashes)
    return hashlib.sha256(b"netbill/audit/v1" + prev + canonical).digest()


# Each value stands with its length and type. A run of a hundred thousand invoices writes the same texts again and again.
_LENGTH = tuple(struct.pack(">I", n) for n in range(64))
_NULL = _LENGTH[1] + b"n"


@lru_cache(maxsize=16384)
def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack(">I", len(raw) + 1) + b"t" + raw


@lru_cache(maxsize=64)
def _head(table: str) -> bytes:
    return b"netbill/row/v1" + lp(table.encode())


def row_hash(table: str, values: Sequence[object]) -> bytes:
    """The hash of a posted row: its table and every column in the order of the table, each with its type."""
    parts = [_head(table)]
    for value in values:
        if isinstance(value, str):
            parts.append(_text(value))
        elif value is None:
            parts.append(_NULL)
        elif isinstance(value, int):
            number = b"i%d" % value
            parts.append(_LENGTH[len(number)])
            parts.append(number)
        elif isinstance(value, bytes):
            parts.append(struct.pack(">I", len(value) + 1) + b"b" + value)
        else:
            raise TypeError(f"a posted row holds no {type(value).__name__}")
    return hashlib.sha256(b"".join(parts)).digest()


def bulk_hash(hashes: Iterable[bytes]) -> bytes:
    """The single hash of a bulk transaction, over its rows' hashes in id order."""
    total = hashlib.sha256()
    for row_hash in hashes:
        total.update(row_hash)
    return total.digest()
