"""The help page: the keys of a screen, from the same declarations as its bindings; F1 again shows all."""

from textual.app import ComposeResult

from netbill_tui import commands
from netbill_tui.commands import FILTER, Command, shown_key
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.screens.shell.text_page import SCROLL_KEYS
from netbill_tui.styles.roles import PLAIN, STRONG
from netbill_tui.text import fold
from netbill_tui.widgets.lines import Line, Lines, wrapped


class HelpScreen(NetbillScreen):
    """Keys with what they do."""

    AUTO_FOCUS = None
    DECLARED = (FILTER,)
    KEYS = SCROLL_KEYS

    def __init__(self, of: str, declared: tuple[Command, ...], lines: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._of = of
        self._about = lines
        self._filter = ""
        self._declared = declared
        self._all = False
        self._page = Lines([], scrolls=True)

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
        lines: list[Line] = [[("On this screen" if not self._all else "Every command", STRONG)], ""]
        width = self.app.size.width
        lines += [row for c in dict.fromkeys(here) for row in _line(c, width)]
        if self._about:
            lines += ["", *(f"  {part}" for text in self._about for part in wrapped(text, self.app.size.width - 4))]
        if not self._all:
            lines += ["", [("Everywhere", STRONG)], "", *(row for c in commands.EVERYWHERE for row in _line(c, width))]
        lines += ["", [("In lists", STRONG)], "", *(f"  {keys:<16} {what}" for keys, what in commands.MOVES)]
        lines += ["", [("Behind :", STRONG)], ""]
        lines += [f"  :{v.word} {v.args}{f'  (or {v.short})' if v.short else ''}  {v.help}" for v in commands.VERBS]
        lines += ["", "  ... and every command of the shell: find, statement, ageing, audit, verify, doctor, ..."]
        if self._filter:
            # A heading is no answer.
            answers = [line for line in lines if _text(line).startswith("  ")]
            lines = [a for a in answers if fold(self._filter) in fold(_text(a))] or ["  Nothing fits; / searches again."]
        self._page.show([*lines, "", "F1 again: every command. / searches. Up, Down, PgUp, PgDn scroll. F12 leaves."])

    @story
    async def action_filter(self) -> None:
        """Show only the lines that have some words."""
        answer = await self.ask(TextForm("Search the help", (Asked("Words", self._filter, limit=40),)))
        if answer is not None:
            self._filter = answer[0].strip()
            self.action_refresh()
            self._page.scroll(-1_000_000)

    def action_back(self) -> None:
        """First the whole page again, then away."""
        if self._filter:
            self._filter = ""
            self.action_refresh()
        else:
            super().action_back()

    def action_help(self) -> None:
        """Show every command."""
        self._all = not self._all
        self.draw_frame()
        self.action_refresh()

    def action_scroll_by(self, by: int) -> None:
        """Scroll the page."""
        self._page.scroll(by)


def _text(line: Line) -> str:
    return line if isinstance(line, str) else "".join(part for part, _ in line)


def _line(command: Command, width: int) -> list[Line]:
    """A command with its keys, in as many lines as its sentence needs."""
    keys = " ".join(shown_key(k) for k in command.current)
    first, *rest = wrapped(command.help, width - 20)
    return [[(f"  {keys:<16} ", STRONG), (first, PLAIN)], *(f"{'':<19}{part}" for part in rest)]
