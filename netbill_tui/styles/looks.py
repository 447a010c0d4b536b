"""How something looks on a terminal: two colours and four ways of standing out, read from words such as `bold 215 on 24`."""

import re
from functools import lru_cache
from typing import NamedTuple

from rich.color import Color
from rich.style import Style

from netbill_tui.patterns import Pattern

NAMES = (
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright_black", "bright_red", "bright_green", "bright_yellow", "bright_blue", "bright_magenta", "bright_cyan", "bright_white",
)  # fmt: skip
WAYS = ("bold", "underline", "reverse")
_HEX = Pattern(r"#[0-9a-f]{6}\Z", re.ASCII)
Rgb = tuple[int, int, int]


class Look(NamedTuple):
    """What a role looks like: a colour is a number of the 256, 0 to 15 the terminal's own, None its text or background."""

    text: int | None = None
    ground: int | None = None
    bold: bool = False
    underline: bool = False
    reverse: bool = False


def read(words: str) -> Look:
    """A look from its words: the 16 names, a number of the 256, #rrggbb (the nearest of the 256); `bold underline reverse`.

    Raises:
        ValueError: With the word that cannot be read.
    """
    values: dict[str, int | bool] = {}
    place = "text"
    for word in words.lower().split():
        if word == "on":
            place = "ground"
        elif word in WAYS:
            values[word] = True
        elif word != "default":
            if place in values:
                raise ValueError(word)
            values[place] = _number(word)
    return Look(**values)  # type: ignore[arg-type]


def _number(word: str) -> int:
    if word in NAMES:
        return NAMES.index(word)
    if word.isascii() and word.isdigit() and int(word) < 256:
        return int(word)
    if _HEX.match(word):
        nearest_to = (int(word[1:3], 16), int(word[3:5], 16), int(word[5:7], 16))
        return min(range(16, 256), key=lambda n: sum((a - b) ** 2 for a, b in zip(cube(n), nearest_to, strict=True)))
    raise ValueError(word)


def cube(number: int) -> Rgb:
    """The fixed colours of the 256, from 16 on: a cube of six levels and 24 greys."""
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return grey, grey, grey
    rest = number - 16
    levels = (0, 95, 135, 175, 215, 255)
    return levels[rest // 36], levels[rest // 6 % 6], levels[rest % 6]


@lru_cache(maxsize=256)
def style(look: Look) -> Style:
    """The same for Rich."""
    colours = [None if n is None else Color.from_ansi(n) for n in look[:2]]
    return Style(
        color=colours[0],
        bgcolor=colours[1],
        bold=look.bold or None,
        underline=look.underline or None,
        reverse=look.reverse or None,
    )
