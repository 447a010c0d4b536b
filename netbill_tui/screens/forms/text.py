"""One or two lines of text: a reason, a note, a date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from netbill_tui.errors import NetbillError
from netbill_tui.screens.base import FormScreen, Program
from netbill_tui.widgets.fields import Field
from netbill_tui.widgets.lines import BOLD, INVERSE, PLAIN, Line, Lines


@dataclass(frozen=True, slots=True)
class Asked:
    """A field of the form.

    Attributes:
        words: What is asked.
        value: What stands in it at first.
        check: Raises a NetbillError where the text cannot be taken; its sentence is shown and the text kept.
        limit: Most characters.
        password: Show stars.
    """

    words: str
    value: str = ""
    check: Callable[[str], object] | None = None
    limit: int = 300
    password: bool = False


class TextForm(FormScreen[tuple[str, ...]]):
    """Asks for texts; Enter walks, the last Enter or F10 answers."""

    def __init__(self, title: str, asked: Sequence[Asked], lines: Sequence[str] = ()) -> None:
        super().__init__()
        self._title_words = title
        self._asked = tuple(asked)
        self._above = tuple(lines)
        self._error = Lines([""])

    def compose(self) -> ComposeResult:
        """Title, what is known, the fields, how to leave."""
        with Vertical(id="form"):
            head: list[Line] = [[(self._title_words, BOLD)], *self._above, ""]
            yield Lines(head)
            for at, one in enumerate(self._asked):
                yield Field(one.words, f"field{at}", value=one.value, wide=True, limit=one.limit, password=one.password)
            yield self._error
            yield Lines(["Enter or F10 posts, F12 leaves and changes nothing"])

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.query_one("#field0", Input).focus()

    def action_post(self) -> None:
        """Answer, if every field can be taken; else say which cannot and stay."""
        values = [self.query_one(f"#field{at}", Input).value for at in range(len(self._asked))]
        for at, (one, value) in enumerate(zip(self._asked, values, strict=True)):
            problem = _problem(one, value)
            if problem:
                self.app.bell()
                cast(Program, self.app).drop_keys()
                self._error.show([[(problem, INVERSE), ("", PLAIN)]])
                self.query_one(f"#field{at}", Input).focus()
                return
        self.answer(tuple(values))


def _problem(one: Asked, value: str) -> str:
    if one.check is None:
        return ""
    try:
        one.check(value)
    except NetbillError as error:
        return str(error)
    return ""
