"""One or two lines of text: a reason, a note, a date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from netbill_tui.billing.core.dates import dates_as_shown
from netbill_tui.errors import NetbillError
from netbill_tui.screens.shell.forms.form import FormScreen
from netbill_tui.screens.shell.forms.pick import PickForm
from netbill_tui.screens.shell.forms.why import WhyForm
from netbill_tui.screens.shell.program import Program
from netbill_tui.styles.roles import QUIET
from netbill_tui.widgets.fields import SHORT, Field, mark_wrong
from netbill_tui.widgets.lines import Line, Lines, panel_head, problem_lines, wrapped

MOST_LOST = 2  # a form of so many fields is typed again sooner than it is asked about


@dataclass(frozen=True, slots=True)
class Asked:
    """A field of the form.

    Attributes:
        words: What is asked.
        value: What stands in it at first.
        check: Raises a NetbillError where the text cannot be taken; its sentence is shown and the text kept.
        limit: Most characters.
        password: Show stars.
        choices: Value and words of what F4 offers.
        is_stored: The value is what is stored, so that another one is marked as a change.
    """

    words: str
    value: str = ""
    check: Callable[[str], object] | None = None
    limit: int = 300
    password: bool = False
    choices: Sequence[tuple[str, str]] = ()
    is_stored: bool = False


class TextForm(FormScreen[tuple[str, ...]]):
    """Asks for texts; Enter walks, F4 lists, the last Enter or F10 answers."""

    BINDINGS = [Binding("f4,ctrl+t", "pick", show=False), Binding("f1", "help", show=False)]
    MORE_HELP = ""
    _is_refused = False

    def __init__(
        self, title: str, asked: Sequence[Asked], lines: Sequence[str] = (), *, typed: Sequence[str] = (), problem: str = ""
    ) -> None:
        """Make the form.

        Args:
            title: What it is about.
            asked: Its fields.
            lines: What is known.
            typed: What stood in the fields before a refusal.
            problem: Why that was refused.
        """
        super().__init__()
        self._stored = [field.value if field.is_stored else None for field in asked]
        asked = [replace(field, value=typed[at]) if at < len(typed) else field for at, field in enumerate(asked)]
        self._title_words = title
        self._asked = tuple(asked)
        self._above = tuple(lines)
        self._error = Lines(_problem_lines(problem))
        self._first = 0

    def compose(self) -> ComposeResult:
        """Title, what is known, the fields, how to leave."""
        with Vertical(id="form"):
            above = [line for text in self._above for line in wrapped(dates_as_shown(text), 70)]
            head: list[Line] = [panel_head(self._title_words), *(f" {line}" for line in above)]
            yield Lines(head)
            long_words = any(len(field.words) > SHORT for field in self._asked)
            for at, field in enumerate(self._asked):
                box = Field(
                    field.words, f"field{at}", value=field.value, wide=True, limit=field.limit, password=field.password,
                    long_words=long_words, required=bool(_problem(field, "")),
                )  # fmt: skip
                stored = self._stored[at]
                if stored is not None:
                    box.stored(stored)
                yield box
            yield self._error
            listed = ", F4 lists the values" if any(field.choices for field in self._asked) else ""
            yield Lines([f"    Enter or F10 posts, F12 leaves and changes nothing{listed}"], role=QUIET)

    def on_mount(self) -> None:
        """Begin in the first field, or in the one that was refused, where typing replaces what stands there."""
        field = self.query_one(f"#field{self._first}", Input)
        field.focus()
        if self._is_refused:
            field.select_all()
            mark_wrong(field, " ")

    def point_to(self, field: int) -> None:
        """Begin in this field: what stood in it was refused."""
        self._first, self._is_refused = field, True

    def action_pick(self) -> None:
        """Choose from a list what stands in the field."""
        field = self.focused
        if not isinstance(field, Input):
            return
        asked = self._asked[int((field.id or "field0").removeprefix("field"))]
        if not asked.choices:
            self.app.bell()
            self._error.show(_problem_lines("This field has no list; type into it."))
            return

        def took(chosen: str | None) -> None:
            cast(Program, self.app).release_keys()
            if chosen is not None:
                field.value = chosen
            field.focus()

        self.app.push_screen(PickForm(asked.words, asked.choices, chosen=field.value), took)

    def action_help(self) -> None:
        """Which keys the form has."""
        lines = [
            ("Enter, Down", "the next field; Enter in the last one posts"),
            ("Up", "the field before"),
            ("F10", "post from any field"),
            ("F4 or ^T", "choose from a list, if the field has one"),
            ("F5 or ^U", "empty the field"),
            ("F12 or Escape", "leave; nothing is changed"),
        ]
        self.show_lines(self._title_words, [(f"{keys:<16} {words}", "") for keys, words in lines] + [(self.MORE_HELP, "")])

    def show_lines(self, title: str, lines: Sequence[tuple[str, str]]) -> None:
        """Lines over the form, until they are left."""
        self.app.push_screen(WhyForm(title, lines), lambda _: cast(Program, self.app).release_keys())

    def action_leave_for(self, where: str) -> None:
        """Go elsewhere, unless a form of several fields is half filled: that much is not thrown away by a slip of a key."""
        changed = any(self.query_one(f"#field{at}", Input).value != field.value for at, field in enumerate(self._asked))
        if changed and len(self._asked) > MOST_LOST:
            self.app.bell()
            cast(Program, self.app).drop_keys()
            self._error.show(_problem_lines("The form is half filled. F10 stores it, F12 leaves and forgets it."))
        else:
            super().action_leave_for(where)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """What cannot be taken is said when the field is left, not when all of them are posted."""
        at = int((event.input.id or "field0").removeprefix("field"))
        problem = _problem(self._asked[at], event.value)
        if problem:
            event.stop()
            event.prevent_default()  # else the form goes on to the next field
            self._refuse(at, problem)

    def _refuse(self, at: int, problem: str) -> None:
        self.app.bell()
        cast(Program, self.app).drop_keys()
        self._error.show(_problem_lines(problem))
        field = self.query_one(f"#field{at}", Input)
        field.focus()
        field.select_all()
        mark_wrong(field, " ")

    def action_post(self) -> None:
        """Answer, if every field can be taken; else say which cannot and stay."""
        values = [self.query_one(f"#field{at}", Input).value for at in range(len(self._asked))]
        for at, (asked, value) in enumerate(zip(self._asked, values, strict=True)):
            problem = _problem(asked, value)
            if problem:
                self._refuse(at, problem)
                return
        self.answer(tuple(values))


def _problem_lines(problem: str) -> list[Line]:
    return problem_lines(dates_as_shown(problem)) if problem else [""]


def _problem(field: Asked, value: str) -> str:
    if field.check is None:
        return ""
    try:
        field.check(value)
    except NetbillError as error:
        return str(error)
    return ""
