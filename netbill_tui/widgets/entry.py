"""What one types into: underlined over its whole length, empty or not, so that it is seen on every terminal."""

from rich.segment import Segment
from textual.strip import Strip
from textual.widgets import Input

from netbill_tui.styles.roles import CURSOR, FIELD, QUIET, paint


class Entry(Input):
    """An input of one line, painted by roles: what stands in it, the caret, what is selected, what is proposed."""

    STARS = "*"

    def __init__(self, value: str = "", **more: object) -> None:
        """Make it; the rest as Textual's."""
        super().__init__(value, compact=True, **more)  # type: ignore[arg-type]
        self.cursor_blink = False
        self.starred = False  # sealed: a star a letter from the first key on

    def render_line(self, y: int) -> Strip:
        """The text in its field; the caret is a cell of its own behind the end."""
        width = self.size.width
        if y:
            return Strip([Segment(" " * width, paint(FIELD))], width)
        shown = self.STARS * len(self.value) if self.password or self.starred else self.value
        start, end = sorted(self.selection)
        caret = self.cursor_position if self.has_focus else -1
        segments = []
        for at, char in enumerate(shown):
            chosen = self.has_focus and (start <= at < end or at == caret)
            segments.append(Segment(char, paint(CURSOR if chosen else FIELD)))
        if caret == len(shown):
            segments.append(Segment(" ", paint(CURSOR)))
        proposed = self._suggestion[len(self.value) :] if self.has_focus and not self.password else ""
        if proposed:
            segments.append(Segment(proposed, paint(QUIET)))
        left = int(self.scroll_offset.x)
        strip = Strip(Segment.simplify(segments)).crop(left, left + width)
        room = width - strip.cell_length
        return Strip([*strip, Segment(" " * max(room, 0), paint(FIELD))], strip.cell_length + max(room, 0))
