"""A page of text: what a command said, a preview, a list of what was left out."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding

from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.widgets.lines import Line, Lines

SCROLL_KEYS = (
    Binding("down,j", "scroll_by(1)", show=False),
    Binding("up,k", "scroll_by(-1)", show=False),
    Binding("pagedown,space", "scroll_by(18)", show=False),
    Binding("pageup", "scroll_by(-18)", show=False),
    Binding("home", "scroll_by(-1000000)", show=False),
    Binding("end,G", "scroll_by(1000000)", show=False),
)


class TextPage(NetbillScreen):
    """Lines that scroll."""

    AUTO_FOCUS = None
    KEYS = SCROLL_KEYS

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        super().__init__()
        self._heading = title
        self._text = list(lines)

    def title_words(self) -> str:
        """What the page is."""
        return self._heading

    def body(self) -> ComposeResult:
        """The lines."""
        self._page = Lines(self._text, scrolls=True)
        self._page.styles.height = "1fr"
        yield self._page

    def action_refresh(self) -> None:
        """Nothing is read again: the page says what was."""
        self._page.show(self._text)

    def action_scroll_by(self, by: int) -> None:
        """Scroll."""
        self._page.scroll(by)
