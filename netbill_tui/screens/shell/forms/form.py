"""The base of the small forms: how they answer, and how Enter walks through them."""

from collections.abc import Container, Sequence
from typing import Any, TypeVar, cast

from textual.binding import Binding
from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from netbill_tui.commands import LOCK
from netbill_tui.screens.shell.program import Program

T = TypeVar("T")


class NamedFields(dict[str, str]):
    """What was typed, by name, and which field was read last: each is checked as it is read, so a refusal is about that one."""

    def __init__(self, names: Sequence[str], typed: Sequence[str], *, also_empty: Container[str] = ()) -> None:
        """Make the fields.

        Args:
            names: Of all fields, in their order on the form.
            typed: What stands in each; an empty one is left out.
            also_empty: Those that stay where they are empty.
        """
        super().__init__({n: v for n, v in zip(names, typed, strict=True) if v.strip() or n in also_empty})
        self._names = tuple(names)
        self._last = ""

    @property
    def last(self) -> int | None:
        """Where on the form the field that was read last stands."""
        return self._names.index(self._last) if self._last in self._names else None

    def __getitem__(self, name: str) -> str:
        """The field."""
        self._last = name
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The field, or what stands for it."""
        self._last = name
        return super().get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        """The field, taken out."""
        self._last = name
        return super().pop(name, *default)


def to_field(screen: Screen[Any], by: int) -> None:
    """Put the cursor into the next field of a screen, or into the one before, where there is one."""
    inputs = [i for i in screen.query(Input) if i.display and i.can_focus]
    if isinstance(screen.focused, Input) and screen.focused in inputs:
        inputs[max(0, min(inputs.index(screen.focused) + by, len(inputs) - 1))].focus()


class FormScreen(ModalScreen[T | None]):
    """A small form over a screen. It answers with its value, or with None when it is left."""

    BINDINGS = [
        Binding("escape,f12,ctrl+c", "leave", "Leave", show=False),
        Binding("f10", "post", "Post", show=False),
        Binding("f5", "empty", show=False),
        Binding("down", "field(1)", show=False),
        Binding("up", "field(-1)", show=False),
        Binding("f2", "leave_for('find')", show=False),
        Binding("f3", "leave_for('dashboard')", show=False),
        Binding("f7", "leave_for('overdue')", show=False),
        Binding(",".join(LOCK.keys), "app.lock", show=False, priority=True, id=LOCK.id),
    ]

    def answer(self, value: T | None) -> None:
        """Give the answer. The gate is held until the story that asked goes on."""
        cast(Program, self.app).hold_keys()
        self.dismiss(value)

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.answer(None)

    def action_leave_for(self, where: str) -> None:
        """Leave without an answer, and go where the key leads from everywhere."""
        self.answer(None)
        app = self.app

        app.call_later(lambda: getattr(app.screen, f"action_{where}", app.bell)())

    def point_to(self, field: int) -> None:
        """Begin in this field: what stood in it was refused."""

    def action_post(self) -> None:
        """Take what stands in the form."""

    def action_empty(self) -> None:
        """Empty the field."""
        if isinstance(self.focused, Input):
            self.focused.value = ""

    def action_field(self, by: int) -> None:
        """The next field, or the one before; at the ends the cursor stays."""
        to_field(self, by)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the last field posts."""
        event.stop()
        inputs = list(self.query(Input))
        at = inputs.index(event.input)
        if at + 1 < len(inputs):
            inputs[at + 1].focus()
        else:
            self.action_post()
