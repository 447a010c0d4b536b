"""The base of the small forms: how they answer, and how Enter walks through them."""

from typing import TypeVar, cast

from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import Input

from netbill_tui.commands import LOCK
from netbill_tui.screens.program import Program

T = TypeVar("T")


class FormScreen(ModalScreen[T | None]):
    """A small form over a screen. It answers with its value, or with None when it is left."""

    BINDINGS = [
        Binding("escape,f12,ctrl+c", "leave", "Leave", show=False),
        Binding("f10", "post", "Post", show=False),
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

    def action_post(self) -> None:
        """Take what stands in the form."""

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the last field posts."""
        event.stop()
        inputs = list(self.query(Input))
        at = inputs.index(event.input)
        if at + 1 < len(inputs):
            inputs[at + 1].focus()
        else:
            self.action_post()
