"""The second wall: whatever reached a widget, no control or direction-changing character reaches the terminal.

Textual passes ESC, C1, DEL and RLO from data to the terminal from every widget (security.md, findings 1 and 3). The first
wall is that screens show data through `visible`; this filter deletes what slipped through.
"""

import sys
import unicodedata
from functools import lru_cache

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))


@lru_cache(maxsize=1)
def _table() -> dict[int, None]:
    bad = {c for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) in ("Cc", "Zl", "Zp", "Cs")}
    return dict.fromkeys(bad | set(_BIDI))


class Scrub(LineFilter):
    """Deletes every character that a terminal would obey."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments without them. Most text is ASCII and printable, and passes at the price of two tests."""
        return [
            s
            if s.control or (s.text.isascii() and s.text.isprintable())
            else Segment(s.text.translate(_table()), s.style, s.control)
            for s in segments
        ]
