"""The second wall: whatever reached a widget, no control or direction-changing character reaches the terminal.

Textual passes ESC, C1, DEL and RLO from data to the terminal from every widget (docs/security.md, *The terminal,
files, the host*). The first
wall is that screens show data through `visible`; this filter deletes what slipped through.
"""

import sys
import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
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


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """A character in ASCII, as many cells wide: its letter without accents, or a question mark."""
    if char.isascii():
        return char
    code = ord(char)
    if 0x2400 <= code <= 0x2420:
        return "^"
    letters = "".join(c for c in unicodedata.normalize("NFKD", char) if c.isascii() and c.isprintable())
    width = cell_len(char)
    return (letters[:width] or _LETTERS.get(char, "?")).ljust(width, "?") if width else ""


_LETTERS = {
    "\u00df": "s", "\u00f8": "o", "\u00d8": "O", "\u0142": "l", "\u0141": "L", "\u0111": "d", "\u0110": "D", "\u00e6": "a",
    "\u00c6": "A", "\u0131": "i", "\u00fe": "t", "\u00de": "T", "\u2019": "'", "\u2013": "-", "\u2014": "-",
    "\u2502": "|", "\u2588": "#", "\u25b2": "^", "\u25bc": "v", "\u2584": "#", "\u2581": "_", "\u2582": ".", "\u2583": "-",
    "\u2585": "=", "\u2586": "+", "\u2587": "^", "\u00b1": "~",
}  # fmt: skip


class PlainGlyphs(LineFilter):
    """For a terminal that does not show UTF-8: names keep their letters as far as ASCII has them."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments in ASCII, each as wide as before."""
        return [
            s if s.control or s.text.isascii() else Segment("".join(map(_plain, s.text)), s.style, s.control) for s in segments
        ]


@lru_cache(maxsize=256)
def _uncoloured(style: Style) -> Style:
    return Style(bold=style.bold, dim=style.dim, italic=style.italic, underline=style.underline, reverse=style.reverse)


class Uncoloured(LineFilter):
    """No colour at all where none is wanted: Textual's own filter writes greys, and black on black for a box."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments with bold, underline and reverse, and the terminal's own two colours."""
        return [s if s.style is None or s.control else Segment(s.text, _uncoloured(s.style), s.control) for s in segments]
