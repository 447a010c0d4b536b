"""Text of any script on a page: fonts that have its letters, joined and ordered as its readers write them. Extra `pdf`.

DejaVu Sans comes with netbill: Latin, Greek, Cyrillic, Armenian, Georgian. Letters of other scripts are looked for in the fonts
of the machine, by the names of Noto Sans and of fonts for Chinese, Japanese and Korean. HarfBuzz joins letters and makes
conjuncts, the bidirectional algorithm orders them; what is drawn in another order or shape than it was written carries the
written words beside it, so that it is found and copied as words. What no font has is named.
"""

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from netbill_tui.text import visible

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_OWN = Path(__file__).parent / "fonts"
_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
# Written from the right, joined, or with signs before and around the letters they follow: nothing for a letter by a letter.
_JOINED = (
    (0x0300, 0x036F), (0x0590, 0x08FF), (0x0900, 0x0DFF), (0x0E00, 0x0EFF), (0x0F00, 0x109F), (0x1780, 0x17FF),
    (0x1800, 0x18AF), (0x200C, 0x200F), (0x202A, 0x202E), (0x2066, 0x2069), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFF),
)  # fmt: skip
# Fonts with outlines that can be embedded, for scripts whose name no font of Noto has in its own.
_EASTERN = (
    "DroidSansFallbackFull",
    "DroidSansFallback",
    "wqy-zenhei",
    "wqy-microhei",
    "ipag",
    "NanumGothic",
    "NotoSansTC-Regular",
)
_EASTERN_SCRIPTS = frozenset(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH"))


# A letter of each script that a machine may have a font for, by the script's name.
SAMPLES = (
    ("Arabic", "\u0634"), ("Hebrew", "\u05e9"), ("Devanagari", "\u0939"), ("Bengali", "\u09ac"), ("Gurmukhi", "\u0a2a"),
    ("Gujarati", "\u0a97"), ("Tamil", "\u0ba4"), ("Telugu", "\u0c24"), ("Kannada", "\u0c95"), ("Malayalam", "\u0d2e"),
    ("Sinhala", "\u0dc3"), ("Thai", "\u0e20"), ("Lao", "\u0ea5"), ("Khmer", "\u1781"), ("Myanmar", "\u1019"),
    ("Ethiopic", "\u12a0"), ("Chinese", "\u4e2d"), ("Japanese", "\u3072"), ("Korean", "\ud55c"),
)  # fmt: skip


class Piece(NamedTuple):
    """Glyphs that are one written part of a run, so far from its left end at size 1."""

    at: float
    glyphs: str
    written: str


class Run(NamedTuple):
    """Letters of one font as they stand on the page, and how wide at size 1.

    `pieces`, from the left, where the glyphs do not tell what was written.
    """

    font: str
    text: str
    width: float
    pieces: tuple[Piece, ...] = ()


class Line(NamedTuple):
    """A line of text, ready to be drawn, from its left end."""

    runs: tuple[Run, ...]
    width: float
    missing: str = ""


class Typesetter:
    """Sets lines of text; one for each document, because it keeps what could not be written.

    Attributes:
        missing: Letters that no font has, or that cannot be joined here.
    """

    def __init__(self) -> None:
        register()
        self.missing: dict[str, None] = {}

    def line(self, text: str, *, bold: bool = False) -> Line:
        """Text without breaks, with control characters made visible."""
        line = _line(text, bold=bold)
        if line.missing:
            self.missing |= dict.fromkeys(line.missing)
        return line

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """How wide it stands."""
        return self.line(text, bold=bold).width * size

    def lines_of(self, words: str, room: float, size: float, *, bold: bool = False) -> list[str]:
        """The words in lines that fit a room; a word that is longer than a line is broken, nothing is cut on paper."""
        if self.width(words, size, bold=bold) <= room:
            return [words]
        room = max(room, size)  # of a room for no letter each has a line of its own
        lines: list[str] = []
        line = ""
        for word in words.split(" "):
            left = word
            while self.width(f"{line} {left}" if line else left, size, bold=bold) > room:
                if line:
                    lines.append(line)
                    line = ""
                    continue
                at = self._fitting(left, room, size, bold=bold)
                lines.append(left[:at])
                left = left[at:]
            line = f"{line} {left}" if line else left
        return [*lines, line] if line or not lines else lines

    def _fitting(self, word: str, room: float, size: float, *, bold: bool) -> int:
        """How many letters of a word fit, at least one, and no sign without its letter."""
        least, most = 1, len(word)
        while least < most:
            middle = (least + most + 1) // 2
            if self.width(word[:middle], size, bold=bold) <= room:
                least = middle
            else:
                most = middle - 1
        while least < len(word) and unicodedata.category(word[least]) in ("Mn", "Mc", "Me", "Cf"):
            least += 1
        return least

    def draw(self, canvas: "Canvas", x: float, y: float, text: str, size: float, *, bold: bool = False) -> None:
        """Draw a line from its left end."""
        for run in self.line(text, bold=bold).runs:
            canvas.setFont(run.font, size)
            if not run.pieces:
                canvas.drawString(x, y, run.text)
            for piece in run.pieces:
                with saying(canvas, piece.written):
                    canvas.drawString(x + piece.at * size, y, piece.glyphs)
            x += run.width * size


def register() -> None:
    """Make our own fonts known, and let pages be written as bytes: as text they take longer and are larger by a fifth."""
    from reportlab import rl_config

    rl_config.useA85 = 0
    _register(PLAIN, _OWN / f"{PLAIN}.ttf")
    _register(BOLD, _OWN / f"{BOLD}.ttf")


# A run of a thousand invoices writes the same words again and again.
@lru_cache(maxsize=16384)
def _line(text: str, *, bold: bool) -> Line:
    font = BOLD if bold else PLAIN
    plain = visible(text)
    if plain.isascii() or all(_is_plain(ord(c), font) for c in plain):
        width = _width(font, plain)
        return Line((Run(font, plain, width),), width)
    plain = unicodedata.normalize("NFC", plain)
    missing: dict[str, None] = {}
    runs = tuple(run for part, right in _ordered(plain) for run in _runs(part, missing, bold=bold, right=right))
    return Line(runs, sum(run.width for run in runs), "".join(missing))


def _runs(text: str, missing: dict[str, None], *, bold: bool, right: bool) -> list[Run]:
    """Text of one direction by its fonts; from the right, the last stands first."""
    parts: list[tuple[str, str]] = []
    for char in text:
        font = _font_of(char, parts[-1][0] if parts else "", missing, bold=bold)
        if parts and parts[-1][0] == font:
            parts[-1] = (font, parts[-1][1] + char)
        else:
            parts.append((font, char))
    runs = [_shaped(font, part, right=right) for font, part in parts]
    return runs[::-1] if right else runs


def _font_of(char: str, before: str, missing: dict[str, None], *, bold: bool) -> str:
    """The font that has a letter: the one before it, ours, else one of the machine; ours with its empty box where none has."""
    code, own = ord(char), BOLD if bold else PLAIN
    joined = _is_joined(code)
    if joined and not can_join():
        missing[char] = None
        return own
    if before and (unicodedata.combining(char) or (_has(before, code) and (joined or char == " " or not char.isascii()))):
        return before
    for font in _fonts_of(char, bold=bold):
        if _has(font, code):
            return font
    if unicodedata.category(char) != "Cf":
        missing[char] = None
    return before or own


@contextmanager
def saying(canvas: "Canvas", written: str) -> Iterator[None]:
    """Let what is drawn be found and copied as these words."""
    canvas.addLiteral(f"/Span <</ActualText <FEFF{written.encode('utf-16-be').hex()}>>> BDC")
    yield
    canvas.addLiteral("EMC")


def can_write(letter: str) -> bool:
    """Whether a font here has a letter."""
    register()
    return not _line(letter, bold=False).missing


def can_join() -> bool:
    """Whether letters can be joined and ordered here."""
    return _libraries()


@lru_cache(maxsize=1)
def _libraries() -> bool:
    return find_spec("uharfbuzz") is not None and find_spec("bidi") is not None


@lru_cache(maxsize=65536)
def _is_joined(code: int) -> bool:
    return any(first <= code <= last for first, last in _JOINED)


@lru_cache(maxsize=65536)
def _is_plain(code: int, font: str) -> bool:
    """Whether a letter of our own font is drawn as it stands."""
    return not _is_joined(code) and _has(font, code)


def _register(name: str, path: Path, index: int = 0) -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(name, str(path), subfontIndex=index))


def _has(font: str, code: int) -> bool:
    from reportlab.pdfbase import pdfmetrics

    return code in pdfmetrics.getFont(font).face.charToGlyph


def _width(font: str, text: str) -> float:
    from reportlab.pdfbase import pdfmetrics

    return float(pdfmetrics.stringWidth(text, font, 1))


def _ordered(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of a line as they stand from the left, each in the order in which it is written, and whether from the right."""
    if not can_join() or not any(unicodedata.bidirectional(c) in ("R", "AL", "AN", "RLE", "RLO", "RLI") for c in text):
        yield text, False
        return
    from bidi import algorithm

    storage = algorithm.get_empty_storage()
    level = algorithm.get_base_level(text)
    storage["base_level"], storage["base_dir"] = level, ("L", "R")[level]
    algorithm.get_embedding_levels(text, storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    algorithm.reorder_resolved_levels(storage, False)
    part, right = "", False
    for char in storage["chars"]:
        turned = bool(char["level"] % 2)
        if part and turned != right:
            yield part[::-1] if right else part, right
            part = ""
        part, right = part + char["ch"], turned
    yield part[::-1] if right else part, right


def _shaped(font: str, text: str, *, right: bool) -> Run:
    """Text of one font and direction with its letters joined."""
    # Digits stand one beside the other in every script; Arabic ones run from the left within words that do not.
    if not can_join() or not (right or any(_is_joined(ord(c)) and not c.isdigit() for c in text)):
        return Run(font, text, _width(font, text))
    from reportlab.lib.abag import ABag
    from reportlab.pdfbase.ttfonts import shapeFragWord

    word = shapeFragWord([_width(font, text), (ABag(fontName=font, fontSize=1000), text)], features={}, force=True)
    glyphs = word[1][1]
    data = glyphs.__shapeData__
    width = sum(g.x_advance for g in data) / 1000
    if not right:
        return Run(font, glyphs, width, (Piece(0, glyphs, text),))
    # Letter by letter from the left, as other programs write it: readers of the file turn what is written from the right.
    pieces, at, end = [], 0.0, len(text)
    for first, group in groupby(range(len(data)), key=lambda i: data[i].cluster):
        places = list(group)
        pieces.append(Piece(at / 1000, glyphs[places[0] : places[-1] + 1], text[first:end]))
        at, end = at + sum(data[i].x_advance for i in places), first
    return Run(font, glyphs, width, tuple(pieces))


@lru_cache(maxsize=4096)
def _fonts_of(char: str, *, bold: bool) -> tuple[str, ...]:
    """The fonts to look for a letter in, ours first."""
    own = BOLD if bold else PLAIN
    # Ours knows Arabic and Hebrew letters, but the fonts made for them have all their signs.
    script = unicodedata.name(char, "").split(" ", 1)[0].split("-", 1)[0]
    if script in _EASTERN_SCRIPTS:
        names = list(_EASTERN)
    else:
        name = script.title().replace("_", "")
        names = [f"NotoSans{name}-Bold", f"NotoSans{name}-Regular"] if bold else [f"NotoSans{name}-Regular"]
        names += [f"NotoSerif{name}-Regular", "NotoSans-Regular", "NotoSansSymbols-Regular", "NotoSansSymbols2-Regular"]
    there = [name for name in names if _of_machine(name)]
    return (*there[:1], own, *there[1:]) if _is_joined(ord(char)) else (own, *there)


@lru_cache(maxsize=256)
def _of_machine(name: str) -> bool:
    """Whether the machine has a font that can be embedded."""
    from reportlab.pdfbase.ttfonts import TTFError

    path = machine_fonts().get(name)
    if path is None:
        return False
    try:
        _register(name, path)
    except (TTFError, OSError):
        return False  # outlines of another kind
    return True


@lru_cache(maxsize=1)
def machine_fonts() -> dict[str, Path]:
    """The fonts of the machine by the names of their files."""
    paths: dict[str, Path] = {}
    for folder in _FOLDERS:
        for place, _, names in os.walk(Path(folder).expanduser()):
            for name in names:
                stem, ending = os.path.splitext(name)
                if ending.lower() in (".ttf", ".ttc"):
                    paths.setdefault(stem, Path(place) / name)
    return paths
