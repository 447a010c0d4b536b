"""How parts are told apart in what is hashed, signed or sealed. It imports no cryptography: reads that open nothing need none."""

import struct


def lp(part: bytes) -> bytes:
    """The part behind its length, four bytes big-endian."""
    return struct.pack(">I", len(part)) + part
