"""Hygiene of text from outside, used by every layer.

Text from outside is hostile: it may hold terminal escapes, invisible or direction-changing characters, or a card
number. `clean` refuses at the door, `visible` shows what is already inside, and `fold` makes search words.
"""

import re
import unicodedata
from functools import lru_cache

from netbill_tui.cards import UNSEEN, card_number_in, card_numbers_in
from netbill_tui.errors import InvalidInput
from netbill_tui.identifiers import ibans_in
from netbill_tui.patterns import Pattern

NAME_LIMIT = 300
NOTE_LIMIT = 2000
LOG_LIMIT = 4000

# Characters that reorder or hide text. A zero-width joiner is tested by its neighbours in `_refusal`.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = frozenset("\u200c\u200d")
_MARKS_PER_BASE = 4
_VARIATIONS = Pattern("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})


def _joins(text: str, at: int) -> bool:
    """True where a joiner stands between two letters, marks or symbols, as scripts and emoji need it."""
    if at == 0 or at + 1 >= len(text):
        return False
    before, after = unicodedata.category(text[at - 1]), unicodedata.category(text[at + 1])
    return before[0] in "LMS" and after[0] in "LMS"


def _hides(text: str, at: int) -> bool:
    """True for a character that is drawn as nothing, and for a variation of nothing that has one."""
    char = text[at]
    if char in UNSEEN:
        return True
    if char == "\ufe0f" and text[at + 1 : at + 2] == "\u20e3" and at:
        return text[at - 1] not in "0123456789#*"  # a key, as people draw them
    varied = unicodedata.category(text[at - 1]) if at else "Cc"
    return bool(_VARIATIONS.match(char)) and not (varied[0] == "S" or varied == "Lo")


def _refusal(text: str, *, newlines: bool) -> str | None:
    """What stands in the text that may not, or None."""
    marks = 0
    for at, char in enumerate(text):
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _MARKS_PER_BASE:
            return f"more than {_MARKS_PER_BASE} combining marks on one letter"
        if char == "\ufffd":
            return f"a letter that was lost on its way here (U+FFFD at position {at + 1})"
        if (category not in _FORBIDDEN_CATEGORIES and not _hides(text, at)) or (char == "\n" and newlines):
            continue
        if char in _JOINERS and _joins(text, at):
            continue
        return f"the character U+{ord(char):04X} at position {at + 1}"
    return None


def clean(text: str, what: str, *, limit: int = NAME_LIMIT, newlines: bool = False) -> str:
    """The text in NFC without blanks at its ends, fit to be stored.

    Args:
        text: What was typed or read.
        what: How the field is called in the sentence of a refusal.
        limit: Most characters; four times as many bytes.
        newlines: Whether line breaks may stay (notes only).

    Raises:
        InvalidInput: Control, invisible or direction-changing characters, a card number, or too long.
    """
    if text.isascii() and text.isprintable():
        text = text.strip()
    else:
        text = unicodedata.normalize("NFC", text).strip()
        problem = _refusal(text, newlines=newlines)
        if problem is not None:
            raise InvalidInput(f"{what} holds {problem}; type it again without it.")
    if len(text) > limit or len(text.encode()) > 4 * limit:
        raise InvalidInput(f"{what} is too long: {len(text)} characters, at most {limit}.")
    if card_number_in(text):
        raise InvalidInput(f"{what} holds what looks like a card number; keep the last four digits only.")
    return text


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"<{code:04X}>"


def is_safe(text: str) -> bool:
    """True when the text can go to a terminal as it stands."""
    if text.isascii():
        return text.isprintable()
    return all(
        (unicodedata.category(c) not in _FORBIDDEN_CATEGORIES and not _hides(text, i))
        or (c in _JOINERS and _joins(text, i))
        or unicodedata.category(c) == "Co"
        for i, c in enumerate(text)
    )


def visible(text: str) -> str:
    """The text with every control, invisible or direction-changing character made visible.

    Rows stored by an older version or by another client are shown, never silently cleaned.
    """
    if is_safe(text):
        return text
    return "".join(
        c
        if (unicodedata.category(c) not in _FORBIDDEN_CATEGORIES and not _hides(text, i)) or (c in _JOINERS and _joins(text, i))
        else _shown(c)
        for i, c in enumerate(text)
    )


# Letters that carry no combining mark in NFKD and still are accented forms to whoever types the name.
_FOLDS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_APOSTROPHES = Pattern(r"['\u2019\u02bc`\u00b4]")
_WORD = Pattern(r"\w+", re.UNICODE)


def fold(text: str) -> str:
    """The text without accents and case, for comparing and searching."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().translate(_FOLDS)
        return unicodedata.normalize("NFC", text)
    return text.lower()


def search_words(text: str) -> list[str]:
    """The folded words that somebody may type to find this text, each once, in order.

    `O'Brien` is found by `obrien` and by `brien`: its joined form and its parts are words.
    """
    folded = fold(text)
    words = _WORD.findall(_APOSTROPHES.sub("", folded))
    if _APOSTROPHES.search(folded):
        words += [w for w in _WORD.findall(_APOSTROPHES.sub(" ", folded)) if len(w) > 1]
    return list(dict.fromkeys(w[:60] for w in words))


def query_words(text: str) -> list[str]:
    """The folded words of a search box, every one of which must match as a prefix."""
    return list(dict.fromkeys(w[:60] for w in _WORD.findall(_APOSTROPHES.sub("", fold(text)))))


def counted(number: int, singular: str, many: str = "") -> str:
    """`1 invoice`, `2 invoices`, `1,200 people`: a number with its word as people say it."""
    return f"{number:,} {singular if number == 1 else many or singular + 's'}"


@lru_cache(maxsize=8192)
def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def cell_width(text: str) -> int:
    """How many terminal cells the text takes."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


# What terminals count differently: combining and spacing marks, joiners, conjoining letters, emoji. A run is every word that
# holds one of them, with single blanks between, and the blanks behind it.
_UNEVEN_CHAR = (
    "[\u0300-\u036f\u0483-\u0489\u0590-\u10ff\u1100-\u11ff\u135d-\u135f\u1700-\u1cff\u1dc0-\u1dff\u200b-\u200f\u20d0-\u20ff"
    "\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\u302a-\u302f\u3099\u309a\ua66f-\ua69f\ua800-\uabff\ud7b0-\ud7ff\ufb1e\ufe00-\ufe2f"
    "\U00010a00-\U0001ffff\U000e0000-\U000e0fff]"
)
_UNEVEN_WORD = rf"[^\s\x00-\x1f]*{_UNEVEN_CHAR}[^\s\x00-\x1f]*"
UNEVEN = Pattern(rf"({_UNEVEN_WORD}(?: {_UNEVEN_WORD})*)( *)")


def cut(text: str, width: int) -> str:
    """The text in exactly `width` cells: filled with blanks, or cut with a `~` as its last cell."""
    size = cell_width(text)
    if size <= width:
        return text + " " * (width - size)
    letters, used = [], 0
    for char in text:
        step = _char_width(char)
        if used + step > width - 1:
            break
        letters.append(char)
        used += step
    return "".join(letters) + "~" + " " * (width - 1 - used) if width > 0 else ""


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells, at its blanks, or inside a word that is longer; at least one line."""
    lines, line = [], ""
    for word in text.split(" "):
        while True:
            joined = f"{line} {word}" if line else word
            if cell_width(joined) <= width:
                line = joined
                break
            if line:
                lines.append(line)
                line = ""
                continue
            # A word of its own that does not fit: as much as the line holds.
            at = max(_fits(word, width), 1)
            head, word = word[:at], word[at:]
            lines.append(head)
    return [*lines, line] if line or not lines else lines


def _fits(text: str, width: int) -> int:
    """How many characters of the text fit into so many cells."""
    used = 0
    for at, char in enumerate(text):
        used += _char_width(char)
        if used > width:
            return at
    return len(text)


def right(text: str, width: int) -> str:
    """The text at the right edge of `width` cells. Numbers that do not fit become `#`, never a wrong number."""
    size = cell_width(text)
    return " " * (width - size) + text if size <= width else "#" * width


# What identifies a person where it may stand in a log: in the order in which they are looked for.
_IN_LOGS: tuple[tuple[Pattern, str], ...] = (
    (Pattern(r"(//|%2F%2F)[^\s/@]+(:|%3A)[^\s/@]+(@|%40)", re.IGNORECASE), r"\1[password]\3"),
    (Pattern(r"\b\w(?:[\w+.-]|%2B)*(?:@|%40)[a-z\d-]+(?:\.[a-z\d-]+)*\.[a-z]+\b", re.IGNORECASE), "[e-mail]"),
    (Pattern(r"(?:\+|%2B)[1-9](?:[ .()-]?\d){6,14}\b"), "[phone]"),
    (Pattern(r"(?<![\w-])(?:\+\d{1,2}[ ])?\(?\d{3}\)?[ +.-]\d{3}[ +.-]\d{4}(?![\w-])"), "[phone]"),
    (Pattern(r"(?<![\w-])\d{3}[ +-]\d{2}[ +-]\d{4}(?![\w-])"), "[tax id]"),
    (Pattern(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,3})?\b"), "[bank account]"),
)


def scrub(text: str) -> str:
    """The text as it may stand in a log: without card numbers, mail addresses, phone numbers, tax ids, accounts, passwords."""
    text = text if len(text) <= LOG_LIMIT else f"{text[:LOG_LIMIT]} [{len(text) - LOG_LIMIT} more]"
    for finder, word in ((ibans_in, "[bank account]"), (card_numbers_in, "[card]")):
        parts, last = [], 0
        for first, end in finder(text):
            parts += [text[last:first], word]
            last = end
        text = "".join([*parts, text[last:]])
    for pattern, word in _IN_LOGS:
        text = pattern.sub(word, text)
    return text


def neutral(value: object) -> object:
    """A text cell that a spreadsheet would take for a formula gets one `'` in front, which an import takes off (S7)."""
    if not isinstance(value, str):
        return "" if value is None else value
    core = value.lstrip(" \u00a0\u3000\ufeff")
    is_number = core.replace(".", "", 1).removeprefix("-").isascii() and core.replace(".", "", 1).removeprefix("-").isdigit()
    return "'" + value if core[:1] in _FORMULAS or (core[:1] == "-" and not is_number) else value


def plain_cell(text: str) -> str:
    """A cell of a file as it was before it was kept from being a formula: exactly one `'` less, where one was put."""
    if not text.startswith("'"):
        return text
    core = text[1:].lstrip(" \u00a0\u3000\ufeff")
    return text[1:] if core[:1] in _FORMULAS or core[:1] == "-" else text


_FORMULAS = frozenset("=+@\t\r\n\0'\uff1d\uff0b\uff20\uff0d\u2212\ufe63")
