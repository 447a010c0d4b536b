"""A form of several fields that can show beforehand what comes of it."""

from collections.abc import Awaitable, Callable, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from netbill_tui.billing.core.dates import dates_as_shown
from netbill_tui.errors import NetbillError
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.styles.roles import QUIET
from netbill_tui.widgets.fields import Field
from netbill_tui.widgets.lines import Line, Lines, panel_head, problem_lines

Estimate = Callable[[tuple[str, ...]], Awaitable[Sequence[str]]]
_ROOM = 5


class EstimateForm(TextForm):
    """Asks for texts; F9 shows what they come to, Enter walks, F10 stores."""

    BINDINGS = [Binding("f9,ctrl+e", "estimate", "Estimate", show=False)]
    MORE_HELP = "F9 or ^E         the first bills, before anything is stored"

    def __init__(
        self,
        title: str,
        asked: Sequence[Asked],
        remarks: Sequence[str],
        estimate: Estimate,
        *,
        above: Sequence[str] = (),
        shows: str = "the first bills",
        typed: Sequence[str] = (),
        problem: str = "",
    ) -> None:
        """Make the form.

        Args:
            title: What it is about.
            asked: Its fields.
            remarks: What can be typed into each.
            estimate: Gives the lines to show for what stands in the fields.
            above: What is known.
            shows: What F9 shows.
            typed: What stood in the fields before a refusal.
            problem: Why that was refused.
        """
        super().__init__(title, asked, above, typed=typed, problem=problem)
        self._remarks, self._shows = tuple(remarks), shows
        self._estimate = estimate
        self._shown = Lines([])

    def compose(self) -> ComposeResult:
        """Title, fields with remarks, what they come to."""
        with Vertical(id="form", classes="tall"):
            yield Lines([panel_head(self._title_words), *(f" {dates_as_shown(line)}" for line in self._above)])
            for at, (field, remark) in enumerate(zip(self._asked, self._remarks, strict=True)):
                yield Field(field.words, f"field{at}", value=field.value, remark=remark, limit=field.limit, long_words=True)
            yield self._error
            yield self._shown
            yield Lines([f"    F9 {self._shows}, F4 lists, F10 stores, F12 leaves, nothing changes"], role=QUIET)

    def action_estimate(self) -> None:
        """Show what the fields come to."""
        values = tuple(self.query_one(f"#field{at}", Input).value for at in range(len(self._asked)))
        self.run_worker(self._show(values), group="estimate", exclusive=True)

    async def _show(self, values: tuple[str, ...]) -> None:
        try:
            lines: list[Line] = list(await self._estimate(values))
        except NetbillError as error:
            self.app.bell()
            lines = problem_lines(str(error))
        if self.app.size.height < len(self._asked) + _ROOM + 6:
            self.show_lines(
                self._shows.capitalize(), [(str(line) if isinstance(line, str) else line[0][0], "") for line in lines]
            )
            return
        self._shown.styles.height = min(len(lines), _ROOM)
        self._shown.show(lines[:_ROOM])
