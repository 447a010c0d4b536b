"""What goes to the terminal is only what differs: a picture of it stands between Textual and the line.

Textual writes whole regions, each cell of them, each style from its beginning; colours would make that dearer still. Here each
paint is drawn into a picture first; then the cells that differ from what the terminal shows are written, with the shortest move
and the shortest change of style. A row with words that terminals count differently is written whole, each run of them held in its
cells (steady_lines). A sequence that is not known passes as it is, and the picture is forgotten: nothing is left out on a guess.
"""

import re
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from rich.cells import cell_len, split_graphemes

from netbill_tui.terminal.steady_lines import steady_lines
from netbill_tui.text import UNEVEN

# Move, style, line feed, text; then whole sequences of other kinds; the end of one that is torn waits for its rest.
_TOKEN = re.compile(
    r"\x1b\[(?P<to>\d*;?\d*)H|\x1b\[(?P<style>[0-9;]*)m|(?P<line>\r\n|\n|\r)|(?P<text>[^\x00-\x1f\x7f]+)"
    r"|(?P<sync>\x1b\[\?2026[hl])|(?P<harmless>\x07|\x1b\[\?25[hl]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\))"
    r"|(?P<torn>\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?)?\Z)|(?P<other>\x1b\[[0-?]*[ -/]*[@-~]|\x1b.|[\x00-\x1f\x7f])",
    re.DOTALL,
)
_GAP = 5  # cells that are written again rather than jumped over
_TAIL = 4  # blanks at the end from which on erasing is shorter
_OFF = {1: 22, 2: 22, 3: 23, 4: 24, 5: 25, 7: 27, 8: 28, 9: 29}


class Look(NamedTuple):
    """How a cell looks: what is switched on, its colour and its background as they are written."""

    on: frozenset[int] = frozenset()
    colour: str = ""
    ground: str = ""


_PLAIN = Look()
Cell = tuple[str, Look]
_BLANK: Cell = (" ", _PLAIN)
_UNKNOWN: Cell = ("\0", Look(ground="?"))


@lru_cache(maxsize=4096)
def _after(look: Look, params: str) -> Look:
    """How what follows a style sequence looks."""
    parts = [int(p or 0) for p in params.split(";")]
    on, colour, ground = set(look.on), look.colour, look.ground
    at = 0
    while at < len(parts):
        part, size = parts[at], 1
        if part in (38, 48):
            size = 3 if parts[at + 1 : at + 2] == [5] else 5
            words = ";".join(map(str, parts[at : at + size]))
            colour, ground = (words, ground) if part == 38 else (colour, words)
        elif part == 0:
            on, colour, ground = set(), "", ""
        elif part in _OFF:
            on.add(part)
        elif part in _OFF.values():
            on -= {n for n, off in _OFF.items() if off == part}
        elif part == 39:
            colour = ""
        elif part == 49:
            ground = ""
        elif 30 <= part <= 37 or 90 <= part <= 97:
            colour = str(part)
        elif 40 <= part <= 47 or 100 <= part <= 107:
            ground = str(part)
        at += size
    return Look(frozenset(on), colour, ground)


@lru_cache(maxsize=4096)
def _way(old: Look | None, new: Look) -> str:
    """The shortest style sequence from one look to another."""
    whole = ";".join(["0", *map(str, sorted(new.on)), *filter(None, new[1:])])
    if old is None:
        return f"\x1b[{whole}m"
    if old == new:
        return ""
    if new == _PLAIN:
        return "\x1b[m"
    off = {_OFF[n] for n in old.on - new.on}
    # Bold and dim are switched off together, so what stays of them is switched on anew.
    anew = {n for n in new.on if n not in old.on or _OFF[n] in off}
    codes = [str(n) for n in [*sorted(off), *sorted(anew)]]
    codes += [new.colour or "39"] if old.colour != new.colour else []
    codes += [new.ground or "49"] if old.ground != new.ground else []
    return f"\x1b[{min(';'.join(codes), whole, key=len)}m"


def _is_flat(look: Look) -> bool:
    """Whether a blank of this look is a blank like any other."""
    return not look.ground and not look.on & {4, 7, 9}


@lru_cache(maxsize=4096)
def _cells(text: str, look: Look) -> tuple[Cell, ...]:
    """A text as cells: a wide character has an empty cell behind it, one without width stands with the one before."""
    # Of a blank nothing is seen but its background, its line and whether it is reversed.
    bare = _PLAIN if _is_flat(look) else look
    if text.isascii():
        return tuple((c, look) if c != " " else (" ", bare) for c in text)
    cells: list[Cell] = []
    # By what Textual counts as one, so that a picture is as wide as what was laid out.
    for first, last, width in split_graphemes(text)[0]:
        char = text[first:last]
        if width:
            cells += [(char, look if char != " " else bare), *[("", look)] * (width - 1)]
        elif cells:
            at = len(cells) - 1
            while at and cells[at][0] == "":
                at -= 1
            cells[at] = (cells[at][0] + char, cells[at][1])
    # A joiner with nothing before it swallows what follows, where Textual counts.
    return tuple(cells[max(len(cells) - cell_len(text), 0) :])


class _Outside(Exception):
    """Something is drawn where the picture has no cell."""


class Picture:
    """What the terminal shows, as far as it is known, and what was drawn since."""

    def __init__(self, columns: int, rows: int) -> None:
        self._alone = Lock()  # a driver may be written to from its thread of input too
        self._torn = ""
        self._cursor_is_seen = True
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has this size now, and nothing is known of what it shows."""
        with self._alone:
            self._columns, self._rows = columns, rows
            self._forget()

    def forget(self) -> None:
        """Nothing is known of what the terminal shows, where its cursor stands and how it would write."""
        with self._alone:
            self._forget()

    def _forget(self) -> None:
        self._shown: dict[int, list[Cell]] = {}
        self._drawn: dict[int, list[Cell]] = {}
        self._y = self._x = 0
        self._look = _PLAIN
        self._at: tuple[int, int] | None = None
        self._now: Look | None = None
        self._begun = ""

    def write(self, data: str) -> str:
        """What is to be sent for what Textual writes."""
        with self._alone:
            whole = self._begun + self._torn + data
            try:
                return self._differences(data)
            except _Outside:
                # The terminal is not as large as it said: what Textual writes is sent as it is, and nothing is known any more.
                self._forget()
                return steady_lines(whole)

    def _differences(self, data: str) -> str:
        out: list[str] = []
        asked: tuple[int, int] | None = None
        data, self._torn = self._torn + data, ""
        for token in _TOKEN.finditer(data):
            kind, words = token.lastgroup, token[0]
            if kind == "text":
                self._draw(words)
                asked = None
            elif kind == "style":
                self._look = _after(self._look, token["style"])
            elif kind == "to":
                row, _, column = token["to"].partition(";")
                self._y, self._x = int(row or 1) - 1, int(column or 1) - 1
                asked = (self._y, self._x)
            elif kind == "line":
                self._y, self._x = self._y + ("\n" in words), 0
            elif kind == "torn":
                self._torn = words
            elif kind == "sync":
                self._synchronise(words, out)
            else:
                out.append(self._paint())
                out.append(words)
                if words.startswith("\x1b[?25"):
                    self._cursor_is_seen = words.endswith("h")
                if kind == "other":
                    self._forget()
        out.append(self._paint())
        if asked is not None and self._cursor_is_seen:
            out.append(self._move(*asked))
        return self._within_sync("".join(out))

    def _synchronise(self, words: str, out: list[str]) -> None:
        """A paint of nothing needs no beginning and no end."""
        if words.endswith("h"):
            self._begun = words
        else:
            out.append(self._paint())
            if self._begun:
                self._begun = ""  # nothing was sent since
            else:
                out.append(words)

    def _within_sync(self, sent: str) -> str:
        if sent and self._begun:
            sent, self._begun = self._begun + sent, ""
        return sent

    def _draw(self, text: str) -> None:
        while text and not cell_len(text[0]):
            self._join(text[0])
            text = text[1:]
        cells = _cells(text, self._look)
        if cells:
            if not (0 <= self._y < self._rows and self._x >= 0 and self._x + len(cells) <= self._columns):
                raise _Outside
            row = self._drawn.get(self._y)
            if row is None:
                shown = self._shown.get(self._y)
                row = self._drawn[self._y] = list(shown) if shown else [_UNKNOWN] * self._columns
            last = self._x + len(cells)
            # Of a wide character whose one half is written over nothing is left.
            if row[self._x][0] == "" and self._x:
                row[self._x - 1] = (" ", row[self._x - 1][1])
            if last < self._columns and row[last][0] == "":
                row[last] = (" ", row[last][1])
            row[self._x : last] = cells
        self._x += len(cells)

    def _join(self, char: str) -> None:
        """A character without width belongs to the one that was drawn before it."""
        row = self._drawn.get(self._y)
        at = self._x - 1
        while row is not None and at > 0 and row[at][0] == "":
            at -= 1
        if row is not None and 0 <= at < len(row) and row[at] is not _UNKNOWN:
            row[at] = (row[at][0] + char, row[at][1])

    def _paint(self) -> str:
        """Send what was drawn, as far as it differs."""
        out: list[str] = []
        for y in sorted(self._drawn):
            row, shown = self._drawn[y], self._shown.get(y)
            if row != shown:
                out.append(self._paint_row(y, row, shown))
                self._shown[y] = row
        self._drawn = {}
        return "".join(out)

    def _paint_row(self, y: int, row: list[Cell], shown: list[Cell] | None) -> str:
        end = len(row)
        while end and row[end - 1] == _BLANK:
            end -= 1
        if shown is None or _is_uneven(row) or _is_uneven(shown):
            return self._whole_row(y, row, shown, end)
        differ = [x for x in range(len(row)) if row[x] != shown[x]]
        erases = differ[-1] >= end and len(row) - end >= _TAIL and any(x >= end for x in differ)
        spans: list[tuple[int, int]] = []
        for x in differ:
            if erases and x >= end:
                break
            first = x
            while first and row[first][0] == "":
                first -= 1  # a wide character is written as one
            last = x + 1
            while last < len(row) and row[last][0] == "":
                last += 1
            if spans and first - spans[-1][1] <= _GAP and _UNKNOWN not in row[spans[-1][1] : first]:
                spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
            else:
                spans.append((first, last))
        out = [self._span(y, row, first, last) for first, last in spans]
        return "".join([*out, *(self._erase(y, end) if erases else ())])

    def _span(self, y: int, row: list[Cell], first: int, last: int) -> str:
        out = [self._move(y, first)]
        for char, look in row[first:last]:
            if (char, look) == _BLANK and self._now is not None and _is_flat(self._now):
                out.append(char)  # nothing of the look is seen on a blank
            elif char:
                out += [self._style(look), char]
        self._at = (y, last) if last < self._columns else None
        return "".join(out)

    def _erase(self, y: int, x: int) -> list[str]:
        return [self._move(y, x), self._style(_PLAIN), "\x1b[K"]

    def _whole_row(self, y: int, row: list[Cell], shown: list[Cell] | None, end: int) -> str:
        """A row from its beginning, what terminals count differently held in its cells."""
        # To its very end where terminals disagree: blanks behind such words are their room, and nothing there is erased.
        whole = len(row) if _is_uneven(row) or (shown is not None and _is_uneven(shown)) else end
        out = [self._move(y, 0)]
        at = 0
        while at < whole:
            look, begun = row[at][1], at
            if row[begun] == _UNKNOWN:
                while at < whole and row[at] == _UNKNOWN:
                    at += 1
                self._at = None
                out.append(self._move(y, at) if at < whole else "")
                continue
            # Of a blank nothing is seen: it stands with what it follows, so that a name keeps its room.
            while at < whole and row[at] != _UNKNOWN and (row[at][1] == look or (row[at] == _BLANK and _is_flat(look))):
                at += 1
            out += [self._style(look), steady_lines("".join(char for char, _ in row[begun:at]))]
            self._at = (y, at) if at < self._columns else None
        return "".join([*out, *(self._erase(y, end) if whole < self._columns else ())])

    def _style(self, look: Look) -> str:
        way, self._now = _way(self._now, look), look
        return way

    def _move(self, y: int, x: int) -> str:
        """The cursor's way to a cell."""
        at, self._at = self._at, (y, x)
        if at == (y, x):
            return ""
        if at is not None and at[0] == y and x > at[1]:
            step = x - at[1]
            return f"\x1b[{step}C" if step > 1 else "\x1b[C"
        if at is not None and y == at[0] + 1 and x == 0 and at[1] < self._columns:
            return "\r\n"
        return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"


def _is_uneven(row: list[Cell]) -> bool:
    text = "".join(char for char, _ in row)
    return not text.isascii() and UNEVEN.search(text) is not None
