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


# The beginning of an answer whose rest has not come yet.
_BEGUN = re.compile(r"\x1b(?:[PX\]^_][^\x07\x1b]{0,3000}\x1b?|\[[?>=][0-9;]*)\Z")
_PASTE, _PASTED = "\x1b[200~", "\x1b[201~"


class Incoming:
    """Decodes what is read, in pieces as they come. What is pasted is text: nothing is taken out of it."""

    def __init__(self, charset: str) -> None:
        self._decode = getincrementaldecoder(charset)(ERRORS).decode
        self._held = ""
        self._pasting = False

    def text(self, data: bytes) -> str:
        """What the bytes say; a letter or an answer that was torn waits for its rest."""
        rest = self._held + self._decode(data)
        self._held = ""
        if not rest.isascii():
            rest = rest.translate(_CONTROLS)
        text = ""
        while rest:
            if self._pasting:
                inside, end, rest = rest.partition(_PASTED)
                text += inside.replace("\x1b", LOST) + end
                self._pasting = not end
                continue
            typed, begin, rest = rest.partition(_PASTE)
            text += self._without_answers(typed, last=not begin) + begin
            self._pasting = bool(begin)
        return text

    def _without_answers(self, typed: str, *, last: bool) -> str:
        typed = _ANSWERS.sub("", typed)
        begun = _BEGUN.search(typed) if last else None
        if begun is None:
            return typed
        self._held = begun[0]
        return typed[: begun.start()]

    def flush(self) -> str:
        """What waited for a rest that does not come: somebody pressed Alt and a letter."""
        held, self._held = self._held, ""
        return held
