"""Bytes from a terminal as text: no byte ends the program, none is swallowed in silence, no answer of a terminal is typed.

A byte that is no letter of the terminal's character set, and a control code above 0x7F, becomes U+FFFD: it is seen where it was
typed, and refused with a sentence where it would be stored.
"""

import re
from codecs import getincrementaldecoder

ERRORS = "replace"
LOST = "\ufffd"
_CONTROLS = dict.fromkeys(range(0x80, 0xA0), LOST)
# What a terminal answers when something asked it: strings (DCS, SOS, OSC, PM, APC) with their end, and who it is and how it is.
_ANSWERS = re.compile(r"\x1b[PX\]^_][^\x07\x1b]{0,3000}(?:\x07|\x1b\\)|\x1b\[[?>=][0-9;]*c|\x1b\[[0-9;]*n")


class Incoming:
    """Decodes what is read, in pieces as they come."""

    def __init__(self, charset: str) -> None:
        self._decode = getincrementaldecoder(charset)(ERRORS).decode

    def text(self, data: bytes) -> str:
        """What the bytes say; a letter that was torn waits for its rest."""
        found = self._decode(data)
        return _ANSWERS.sub("", found) if found.isascii() else _ANSWERS.sub("", found.translate(_CONTROLS))
