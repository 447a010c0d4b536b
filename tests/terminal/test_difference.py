"""What differs is enough: a terminal that gets only that shows what one shows that gets all of Textual's paints."""

import unicodedata
from random import Random
from threading import Thread

import pyte
import pytest
from rich.cells import cell_len

from netbill_tui.terminal.difference import Look, Picture
from netbill_tui.terminal.difference import _cells as _cells_of
from netbill_tui.terminal.steady_lines import steady_lines

COLUMNS, ROWS = 34, 7
STYLES = (
    "",
    "1",
    "7",
    "4",
    "1;7",
    "97;44",
    "30;43",
    "30;46",
    "1;91",
    "97;41",
    "38;5;209",
    "38;5;231;48;5;25",
    "4;38;5;231",
    "2",
    "95",
)
NAMES = ("Smith, John", "Łukasz Żółć", "Zoë", "O'Brien", "—", "▄▄▄│█")
WIDE = ("鈴木 花子", "中a中b", "한국")
UNEVEN = ("अनुष्का शर्मा", "דוד כהן", "فاطمة", "👩‍👩‍👧 co", "Z͑ͫalgo")
SEEDS, AT_ONCE = 2000, 250


def _cells(text: str) -> int:
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def _row(chance: Random, room: int, names: tuple[str, ...]) -> str:
    """Parts of a row in styles, in so many cells at most."""
    out = []
    while room > 1 and chance.random() < 0.9:
        text = chance.choice((*names, "12,345.67", "    ", "  -  ", "x" * chance.randint(1, 12), " " * chance.randint(1, room)))
        while _cells(text) > room:
            text = text[:-1]
        style = chance.choice(STYLES)
        out.append(f"\x1b[{style}m{text}\x1b[0m" if style else text)
        room -= _cells(text)
    return "".join(out) + (" " * room if chance.random() < 0.5 or names is WIDE else "")


def _paint(chance: Random, wide: set[int]) -> str:
    """A paint as Textual writes one: regions of rows, each from a move on, each part in its style from the beginning.

    A row with wide characters is painted whole: no part of one is ever written over.
    """
    out = ["\x1b[?2026h"]
    for _ in range(chance.randint(0, 3)):
        y, x = chance.randrange(ROWS), chance.randrange(COLUMNS - 2)
        for row in range(y, min(y + chance.randint(1, 4), ROWS)):
            whole = row in wide or chance.random() < 0.2
            begin = 0 if whole else x
            text = _row(chance, COLUMNS - begin, WIDE if whole else NAMES)
            out.append(f"\x1b[{row + 1};{begin + 1}H{text}")
            if whole and text:
                wide.add(row)
    out.append(f"\x1b[{chance.randint(1, ROWS)};{chance.randint(1, COLUMNS)}H")
    out += [chance.choice(("", "", "\x07", "\x1b]52;c;QzE=\x07"))]
    return "".join([*out, "\x1b[?2026l"])


def _shown(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    rows = []
    for y in range(ROWS):
        cells = [screen.buffer[y][x] for x in range(COLUMNS)]
        # Of a blank nothing is seen but its background, its line and whether it is reversed.
        rows.append([
            (c.data, c.fg if c.data != " " or c.reverse else "", c.bg, c.bold and c.data != " ", c.underscore, c.reverse) for c in cells
        ])  # fmt: skip
    return rows


def _torn(data: str, chance: Random) -> list[str]:
    """The same in pieces, cut wherever it comes: also inside of a sequence."""
    places = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randint(0, 4)))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_what_differs_is_enough(first: int):
    sent = whole = 0
    for seed in range(first, first + AT_ONCE):
        chance = Random(seed)  # noqa: S311 - paints that can be made again
        plain, thrifty = pyte.Screen(COLUMNS, ROWS), pyte.Screen(COLUMNS, ROWS)
        theirs, ours = pyte.Stream(plain), pyte.Stream(thrifty)
        picture, wide = Picture(COLUMNS, ROWS), set[int]()
        for _ in range(6):
            data = _paint(chance, wide)
            theirs.feed(steady_lines(data))
            pieces = [picture.write(piece) for piece in _torn(data, chance)]
            ours.feed("".join(pieces))
            sent, whole = sent + sum(map(len, pieces)), whole + len(data)
            assert _shown(thrifty) == _shown(plain), (seed, data, pieces)
            if chance.random() < 0.1:
                picture.forget()
    assert sent < whole


def test_a_paint_that_changes_nothing_sends_nothing():
    picture = Picture(COLUMNS, ROWS)
    data = "\x1b[?2026h\x1b[2;3H\x1b[1;31mlate\x1b[0m    \x1b[1;1H\x1b[?2026l"
    assert "late" in picture.write("\x1b[?25l" + data)
    assert picture.write(data) == ""
    assert picture.write("\x07") == "\x07"
    picture.forget()
    assert "late" in picture.write(data)


@pytest.mark.parametrize("name", UNEVEN)
def test_a_number_keeps_its_column_beside_a_name_that_terminals_count_differently(name: str):
    for width in (1, 2):  # a terminal that counts marks as a cell, and the program that does not
        screen = pyte.Screen(60, 3)
        picture = Picture(60, 3)
        stream = pyte.Stream(screen)
        for amount in ("1.00", "9.30", "125.50"):
            data = f"\x1b[2;1H{name}{' ' * width}\x1b[2;41H\x1b[1m{amount:>10}\x1b[0m\x1b[1;1H"
            stream.feed(picture.write(data))
            assert "".join(screen.buffer[1][x].data for x in range(40, 50)) == f"{amount:>10}"


def test_what_another_wrote_is_written_over_after_a_sequence_that_is_not_known():
    picture = Picture(COLUMNS, ROWS)
    data = "\x1b[1;1Hnetbill\x1b[1;1H"
    picture.write(data)
    assert "netbill" not in picture.write(data)
    picture.write("\x1b[?1049h")
    assert "netbill" in picture.write(data)


@pytest.mark.parametrize("size", [(0, 0), (10, 2)])
def test_a_terminal_that_says_it_is_smaller_than_it_is_gets_everything(size: tuple[int, int]):
    picture, screen = Picture(*size), pyte.Screen(COLUMNS, ROWS)
    for words in ("netbill  Dashboard", "netbill  Customers"):
        data = f"\x1b[?2026h\x1b[5;3H\x1b[1;97;44m{words}\x1b[0m\x1b[1;1H\x1b[?2026l"
        pyte.Stream(screen).feed("".join(picture.write(piece) for piece in (data[:7], data[7:])))
        assert words in screen.display[4]


CLUSTERS = (
    *UNEVEN,
    "ශ්\u200dරී ලංකා",
    "क्\u200dष शर्मा",
    "❤\ufe0f co",
    "\u200d",
    "\ufe0fa",
    "a\u200d",
    "👍🏽",
    "🇩🇪🇫🇷",
    "e\u0301",
    "中\u0301",
    "",
)


@pytest.mark.parametrize("text", CLUSTERS)
def test_the_picture_is_as_wide_as_what_was_laid_out(text: str):
    for words in (text, f"{text} 12.34", f"x{text}{text}"):
        assert len(_cells_of(words, Look())) == cell_len(words)


@pytest.mark.parametrize("name", ["நிவேதிதா", "कीर्ति राय", "ශ්\u200dරී ලංකා"])
@pytest.mark.parametrize("style", ["", "1", "38;5;46"])
def test_no_letter_of_a_name_is_erased_where_a_terminal_counts_marks(name: str, style: str):
    """A terminal that gives each spacing mark a cell: the name keeps the room that was laid out for it, at the end of a row too."""
    room = name + " " * (sum(unicodedata.category(c) == "Mc" for c in name) + 1)
    for ahead in ("Customer ", ""):
        text = f"{ahead}{room}"
        picture = Picture(60, 3)
        data = f"\x1b[2;1H\x1b[{style}m{text}\x1b[0m" + " " * (60 - cell_len(text))
        sent = picture.write(data)
        # All that was meant to stand on the row is sent in one run, and nothing behind it is erased.
        assert name in sent
        assert "\x1b[K" not in sent
        held = sent.split(name)[0]
        assert held.count(" ") >= cell_len(room)


def test_writing_and_forgetting_at_once_ends_nothing():
    picture, wrong = Picture(COLUMNS, ROWS), []
    data = _paint(Random(3), set())  # noqa: S311 - a paint that can be made again

    def forget() -> None:
        for _ in range(3000):
            picture.resize(COLUMNS, ROWS)

    def write() -> None:
        try:
            for _ in range(600):
                picture.write(data)
        except Exception as error:
            wrong.append(error)

    threads = [Thread(target=forget), Thread(target=write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
