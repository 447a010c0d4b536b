"""The help page: the keys of a screen, from the same declarations as its bindings; F1 again shows all."""

from textual.app import ComposeResult
from textual.binding import Binding

from netbill_tui import commands
from netbill_tui.commands import Command, shown_key
from netbill_tui.screens.base import NetbillScreen
from netbill_tui.widgets.lines import BOLD, PLAIN, Line, Lines


class HelpScreen(NetbillScreen):
    """Keys with what they do."""

    AUTO_FOCUS = None
    KEYS = (
        Binding("down,j", "scroll_by(1)", show=False),
        Binding("up,k", "scroll_by(-1)", show=False),
        Binding("pagedown", "scroll_by(18)", show=False),
        Binding("pageup", "scroll_by(-18)", show=False),
    )

    def __init__(self, of: str, declared: tuple[Command, ...]) -> None:
        super().__init__()
        self._of = of
        self._declared = declared
        self._all = False
        self._page = Lines([])

    def body(self) -> ComposeResult:
        """The list of keys, which scrolls."""
        self._page.styles.height = "1fr"
        yield self._page

    def title_words(self) -> str:
        """Whose help it is."""
        return f"Help: {'all keys' if self._all else self._of}"

    def action_refresh(self) -> None:
        """Write the page."""
        here = commands.ALL if self._all else self._declared
        lines: list[Line] = [[("On this screen" if not self._all else "Every command", BOLD)], ""]
        lines += [_line(c) for c in dict.fromkeys(here)]
        if not self._all:
            lines += ["", [("Everywhere", BOLD)], "", *(_line(c) for c in commands.EVERYWHERE)]
        lines += ["", [("In lists", BOLD)], "", *(f"  {keys:<16} {what}" for keys, what in commands.MOVES)]
        lines += ["", "F1 again: every command. Up, Down, PgUp, PgDn scroll. F12 leaves."]
        self._page.show(lines)

    def action_help(self) -> None:
        """Show every command."""
        self._all = not self._all
        self.draw_frame()
        self.action_refresh()

    def action_scroll_by(self, by: int) -> None:
        """Scroll the page."""
        self._page.scroll(by)


def _line(command: Command) -> Line:
    keys = " ".join(shown_key(k) for k in command.keys)
    return [(f"  {keys:<16} ", BOLD), (command.help, PLAIN)]
