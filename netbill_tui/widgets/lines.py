"""Lines of plain text on the Line API: no markup, no wrapping, no scrollbar, few bytes."""

import re
import textwrap
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from netbill_tui.styles.roles import BAD, HEAD, PLAIN, STRONG, TITLE, paint
from netbill_tui.text import UNEVEN, cell_width, counted, cut, visible

# Emoji joiners and variation selectors: terminals disagree how wide what they join is.
_JOINING = re.compile("(?<=[\u2190-\u2bff\U0001f000-\U0001faff\ufe0f])\u200d|[\ufe00-\ufe0f]")

# From so many lines on a movement is one of a page, and from so many to the end.
PAGE, EDGE = 10, 10_000
_BARS = (HEAD, TITLE)

# A line is a text, or parts, each with the role of what it means. What begins and ends as a bar is one to the edge.
Part = tuple[str, str]
Line = str | Sequence[Part]


def steady(text: str) -> str:
    """The text with room for the terminal that takes the most cells for it; a second time it stays as it is.

    What joins emoji to one picture is left out, so each stands alone. Behind words that terminals count differently stand so many
    blanks that the one that counts the most shows them whole; where what follows begins is the driver's work (steady_lines).
    """
    return text if text.isascii() else UNEVEN.sub(_with_room, _alone(text))


def _alone(text: str) -> str:
    return _JOINING.sub("", visible(text))


def _with_room(run: re.Match[str]) -> str:
    words, blanks = run[1], run[2]
    follows = bool(blanks) and run.end() < len(run.string)
    room = max(cell_width(words) - cell_len(words), 0) + follows
    return words + blanks.ljust(room)


def fit(text: str, width: int) -> str:
    """The text in exactly so many cells, cut with `~`, control characters made visible."""
    # ASCII too may hold what a terminal obeys.
    shown = steady(visible(text))
    if cell_len(shown) > width:
        # Cut where the terminal that counts the most would end.
        shown = steady(cut(_alone(visible(text)).rstrip(), max(width, 0)))
    return set_cell_size(shown, width) if width > 0 else ""


def fit_right(text: str, width: int) -> str:
    """A number at the right edge; one that does not fit becomes `#`, never a wrong number."""
    size = cell_len(text)
    return " " * (width - size) + text if size <= width else "#" * width


def wrapped(sentence: str, width: int) -> list[str]:
    """A sentence in as many lines as it needs, three at most, so that what to do is never cut off."""
    return textwrap.wrap(visible(sentence), max(width, 10), max_lines=3, placeholder=" ...") or [""]


def between(left: str, right: str, width: int) -> str:
    """Two texts at both edges of a line; the left one gives way."""
    tail = steady(visible(right))
    room = width - cell_len(tail)
    return fit(left, room) + tail if room > 0 else fit(tail, width)


def chip(words: str, role: str) -> Part:
    """A word that stands out, with room on both sides."""
    return f" {words} ", role


def panel_head(words: str) -> list[Part]:
    """The upper edge of a panel: what it is about."""
    return [(f" {words}", HEAD)]


def problem_lines(sentence: str, width: int = 74) -> list[Line]:
    """Why something was refused, behind its chip."""
    first, *more = wrapped(sentence, width - 5)
    return [[chip("NO", BAD), (f" {first}", STRONG)], *([(f"     {line}", STRONG)] for line in more)]


def bar_of(words: str, width: int, *more: Part, role: str = HEAD) -> list[Part]:
    """A bar over the whole width: words at its left, what more is to be said at its right."""
    size = sum(cell_len(steady(visible(text))) for text, _ in more)
    return [(fit(words, max(width - size, 0)), role), *more]


class Lines(Widget):
    """Shows lines; where there are more than its height, `scroll` moves a window over them."""

    DEFAULT_CSS = "Lines { height: auto; width: 1fr; }"

    def __init__(
        self,
        lines: Sequence[Line] = (),
        *,
        scrolls: bool = False,
        role: str = PLAIN,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Make the lines.

        Args:
            lines: What is shown.
            scrolls: The last line says how many more there are below.
            role: Of lines that are only text.
            id: The widget's.
        """
        super().__init__(id=id)
        self._scrolls, self._role = scrolls, role
        self._lines: list[Line] = list(lines)
        self._top = 0

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines; only those that differ are written to the terminal."""
        new = list(lines)
        old, self._lines = self._lines, new
        if len(old) != len(new) and self.styles.auto_dimensions:
            self.refresh(layout=True)
            return
        top = min(self._top, max(len(new) - max(self.size.height, 1), 0))
        if top != self._top:
            self._top = top
            self.refresh()
            return
        changed = [y for y in range(max(len(old), len(new))) if old[y : y + 1] != new[y : y + 1]]
        if changed:
            self.refresh(*(Region(0, y - self._top, self.size.width, 1) for y in changed))

    def scroll(self, by: int) -> None:
        """Move the window by so many lines; from ten on, down or up, by what it shows less one, so that none is passed over."""
        if PAGE <= abs(by) < EDGE:
            by = max(self.size.height - 1, 1) * (1 if by > 0 else -1)
        top = max(0, min(self._top + by, len(self._lines) - self.size.height))
        if top != self._top:
            self._top = top
            self.refresh()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002 - one line each
        """As high as there are lines."""
        return len(self._lines)

    def render_line(self, y: int) -> Strip:
        """One line, filled to the width."""
        width, at = self.size.width, y + self._top
        if at >= len(self._lines):
            return Strip([Segment(" " * width, paint(PLAIN))], width)
        line = self._lines[at]
        below = len(self._lines) - at - 1
        if self._scrolls and below and y == self.size.height - 1:
            more = fit(f" {counted(below, 'more line')} below ", min(width, len(f" {counted(below, 'more line')} below ")))
            shown = line if isinstance(line, str) else "".join(text for text, _ in line)
            return Strip([Segment(fit(shown, width - len(more)), paint(PLAIN)), Segment(more, paint(TITLE))], width)
        if isinstance(line, str):
            return Strip([Segment(fit(line, width), paint(self._role))], width)
        segments, used, role = [], 0, PLAIN
        for text, role in line or [("", PLAIN)]:
            shown = steady(visible(text))
            shown = shown if used + cell_len(shown) <= width else fit(shown, max(width - used, 0))
            segments.append(Segment(shown, paint(role)))
            used += cell_len(shown)
        is_bar = bool(line) and role in _BARS and line[0][1] in _BARS
        segments.append(Segment(" " * max(width - used, 0), paint(role if is_bar else PLAIN)))
        return Strip(segments, width)
