"""The arithmetic behind a number."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from netbill_tui.billing.core.dates import dates_as_shown
from netbill_tui.screens.shell.forms.form import FormScreen
from netbill_tui.styles.roles import QUIET
from netbill_tui.text import visible, wrapped
from netbill_tui.widgets.lines import Line, Lines, fit, fit_right, panel_head

HEIGHT = 14


class WhyForm(FormScreen[None]):
    """Lines of words and amounts, adding up."""

    BINDINGS = [
        Binding("enter,q", "leave", show=False),
        Binding("down,j", "scroll_by(1)", show=False),
        Binding("up,k", "scroll_by(-1)", show=False),
        Binding("pagedown,space", "scroll_by(10)", show=False),
        Binding("pageup", "scroll_by(-10)", show=False),
        Binding("home", "scroll_by(-1000000)", show=False),
        Binding("end,G", "scroll_by(1000000)", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[tuple[str, str]], *, verbatim: bool = False) -> None:
        """Make the page.

        Args:
            title: What it is about.
            lines: Words, with an amount or without.
            verbatim: The words are somebody's own: their dates stay as they were written.
        """
        super().__init__()
        self._heading = title
        self._sums = [(words if verbatim else dates_as_shown(words), amount) for words, amount in lines]

    def _lines(self, width: int) -> list[Line]:
        """Words alone take the whole line, and another where they need it."""
        body: list[Line] = []
        for words, amount in self._sums:
            if amount:
                body.append(f"  {fit(words, width - 20)} {fit_right(amount, 16)}")
            else:
                body += [f"  {part}" for part in wrapped(visible(words), width - 2)]
        return body

    def compose(self) -> ComposeResult:
        """Title, arithmetic, how to leave."""
        with Vertical(id="form"):
            yield Lines([panel_head(self._heading)])
            body = self._lines(self.app.size.width - 2)
            self._body = Lines(body, scrolls=True)
            height = max(1, min(len(body), HEIGHT, self.app.size.height - 8))
            self._body.styles.height = height
            yield self._body
            scrolls = "Up and Down scroll, " if len(body) > height else ""
            yield Lines(["", f"  {scrolls}Enter or F12 leaves"], role=QUIET)

    def action_scroll_by(self, by: int) -> None:
        """Scroll the arithmetic."""
        self._body.scroll(by)
