"""Columns of a list: what stands in a cell, what it means, and how wide it is for what is loaded."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from rich.cells import cell_len
from rich.segment import Segment

from netbill_tui.patterns import Pattern
from netbill_tui.styles.roles import HEAD, LATE, PLAIN, SORTED, paint
from netbill_tui.text import visible
from netbill_tui.widgets.lines import Part, fit, fit_right, steady

R = TypeVar("R")
_LEAST = 14  # cells of the column that takes what is left
_NARROWEST = 4  # cells that words keep on the smallest terminal
_DATE, _DAY = 9, 6  # cells of `22 Nov 26`, and of `22 Nov`: a date loses its year before it is cut
_IS_DATE = Pattern(r"\d\d [A-Z][a-z]{2} \d\d\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Col(Generic[R]):
    """A column.

    Attributes:
        heading: Its word.
        width: Most cells; it is as wide as what is loaded needs. 0 takes what is left.
        text: The record's cell.
        right: A number.
        priority: Above 0 it goes when there is no room, the highest first.
        role: What the cell means; plain where it is not given.
        mark: A chip before the text of the cell.
        sort: The name of the order that this column shows.
        fixed: The operator chose this width.
        least: Cells that the column which takes what is left must have; others go before it is narrower.
    """

    heading: str
    width: int
    text: Callable[[R], str]
    right: bool = False
    priority: int = 0
    role: Callable[[R], str] | None = None
    mark: Callable[[R], Part | None] | None = None
    sort: str = ""
    fixed: bool = False
    least: int = _LEAST

    def sized(self, width: int) -> "Col[R]":
        """The same column in another width."""
        return replace(self, width=width, fixed=True)

    def needs(self, row: R) -> int:
        """How many cells a record takes."""
        mark = self.mark(row) if self.mark else None
        return cell_len(steady(visible(self.text(row)))) + (cell_len(mark[0]) if mark else 0)


Layout = list[tuple[Col[R], int]]


class Widths(Generic[R]):
    """How wide each column must be for the records that were loaded: it only grows, so that nothing jumps while one reads."""

    def __init__(self) -> None:
        self._needed: dict[str, int] = {}
        self._meant: dict[str, set[str]] = {}
        self._known = False

    def learn(self, columns: Sequence[Col[R]], rows: Sequence[R]) -> bool:
        """Look at some records; True where a column grew."""
        grew = False
        self._known = self._known or bool(rows)
        for column in columns:
            if column.role:
                self._meant.setdefault(column.heading, set()).update(map(column.role, rows))
            if column.width and rows and not column.fixed:
                needed = max(column.needs(row) for row in rows)
                if needed > self._needed.get(column.heading, 0):
                    self._needed[column.heading] = needed
                    grew = True
        return grew

    def of(self, column: Col[R]) -> int:
        """The width of a column; -1 where it is empty in every record, and so not drawn."""
        if not column.width or column.fixed or not self._known:
            return column.width
        needed = self._needed.get(column.heading, 0)
        if not needed:
            return -1
        heading = len(column.heading) + (2 if column.sort else 0)
        return min(max(needed, heading), max(column.width, heading))

    def says_nothing(self, column: Col[R]) -> bool:
        """Whether every record is late alike: a column that is red from top to bottom tells nothing apart."""
        return self._meant.get(column.heading) == {LATE}

    def layout(self, columns: Sequence[Col[R]], width: int) -> Layout[R]:
        """The columns that fit, with their widths."""
        sizes = {c.heading: self.of(c) for c in columns}
        chosen = [c for c in columns if sizes[c.heading] >= 0] or list(columns[:1])
        while len(chosen) > 1:
            needed = sum(sizes[c.heading] or c.least for c in chosen) + len(chosen) + 1
            worst = max(chosen, key=lambda c: c.priority)
            if needed <= width or worst.priority == 0:
                break
            chosen.remove(worst)
        rest = max(width - sum(sizes[c.heading] for c in chosen) - len(chosen) - 1, 1)
        plain = [(replace(c, role=None) if self.says_nothing(c) else c, sizes[c.heading] or rest) for c in chosen]
        return _within(plain, width, self._needed)


def _within(layout: Layout[R], width: int, needed: Mapping[str, int]) -> Layout[R]:
    """The columns no wider than there is room.

    A heading gives way before what stands below it, then dates lose their year, then words are cut; a number that is cut says so
    by its signs.
    """
    over = sum(size for _, size in layout) + len(layout) + 1 - width
    sizes = [size for _, size in layout]
    for step in ("headings", "years", "words"):
        for at, (column, _) in enumerate(layout):
            less = min(over, sizes[at] - _least(column, sizes[at], step, needed)) if over > 0 else 0
            over -= less
            sizes[at] -= less
    shrunk = [(column, size) for (column, _), size in zip(layout, sizes, strict=True)]
    used, fits = 2, []
    for column, size in shrunk:
        if used < width:
            fits.append((column, min(size, width - used)))
            used += size + 1
    return fits


def _least(column: Col[Any], size: int, step: str, needed: Mapping[str, int]) -> int:
    """How narrow a column may become in a step."""
    is_date = column.width == _DATE
    if step == "headings":
        return size if column.fixed else min(size, max(needed.get(column.heading) or size, _NARROWEST))
    if step == "years":
        return min(size, _DAY) if is_date else size
    return size if column.right or is_date else min(size, _NARROWEST)


def heading_of(layout: Layout[Any], sorted_by: tuple[str, bool] | None, width: int) -> list[Segment]:
    """The heading as a bar; the column that the list is sorted by with `v` or `^` behind its word."""
    segments, used = [Segment("  ", paint(HEAD))], 2
    for column, size in layout:
        of_order = sorted_by is not None and column.sort == sorted_by[0] and bool(column.sort)
        words = column.heading + ((" v" if sorted_by[1] else " ^") if of_order and sorted_by else "")
        text = fit_right(words, size) if column.right and len(words) <= size else fit(words, size)
        segments += [Segment(text, paint(SORTED if of_order else HEAD)), Segment(" ", paint(HEAD))]
        used += size + 1
    line = "".join(s.text for s in segments)
    if used > width:
        return [Segment(fit(line, width), paint(HEAD))]
    return list(Segment.simplify([*segments, Segment(" " * (width - used), paint(HEAD))]))


def cells_of(row: R, layout: Layout[R], otherwise: str = PLAIN) -> list[Part]:
    """The cells of a record, each with the role of what it means, a blank behind each."""
    parts: list[Part] = []
    for column, size in layout:
        role = column.role(row) if column.role else PLAIN
        role = otherwise if role == PLAIN else role
        mark = column.mark(row) if column.mark else None
        if mark is not None:
            shown = fit(mark[0], min(cell_len(mark[0]), size))
            parts.append((shown, mark[1]))
            size -= cell_len(shown)
        text = column.text(row)
        if _DAY <= size < _DATE == column.width and _IS_DATE.match(text):
            text = text[:_DAY]
        whole = fit_right(text, size) if column.right else fit(text, size)
        if role == otherwise:
            parts.append((whole + " ", otherwise))
            continue
        # A chip is as long as its words; the room around them is plain.
        bare = whole.strip()
        ahead = len(whole) - len(whole.lstrip())
        parts += [(whole[:ahead], PLAIN)] if ahead else []
        parts += [(bare, role), (whole[ahead + len(bare) :] + " ", PLAIN)]
    return parts
