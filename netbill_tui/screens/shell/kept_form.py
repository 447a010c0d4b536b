"""A form of a whole screen that is never lost: put aside while a caller waits, and kept through a lost line.

Another screen that is asked for from inside a half-filled form puts the form aside: it leaves the stack alive, with every
field, its cursor and its request id. One key brings it back. What stands in it is also stored, sealed, after each field.
"""

from typing import ClassVar

from textual.binding import Binding
from textual.widgets import Input

from netbill_tui.errors import NetbillError
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.forms.form import to_field
from netbill_tui.usecases.core import unfinished_forms
from netbill_tui.usecases.receivables import payments


class DraftScreen(NetbillScreen):
    """The base of the payment form and of the customer form."""

    IS_FORM = True
    KIND: ClassVar[str] = ""
    KEYS = (Binding("down", "field(1)", show=False), Binding("up", "field(-1)", show=False))
    SECRET: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, draft: unfinished_forms.Draft | None = None) -> None:
        super().__init__()
        self.request_id = draft.uid if draft else payments.new_request_id()
        self._restored = dict(draft.fields) if draft else {}
        self._stored: dict[str, str] = dict(self._restored)
        self._finished = False
        # Something of it may stand in the book, whether or not the last try to store it went well.
        self._in_book = draft is not None

    # What a form says about itself.

    def draft_title(self) -> str:
        """Which of the waiting forms it is."""
        return self.title_words()

    def draft_fields(self) -> dict[str, str]:
        """What stands in the fields."""
        return {i.id: i.value for i in self.query(Input) if i.id}

    def is_dirty(self) -> bool:
        """True when the operator typed something that would be lost."""
        return any(self.draft_fields().values())

    def action_field(self, by: int) -> None:
        """The next field, or the one before; at the ends the cursor stays."""
        to_field(self, by)

    # Keeping it.

    async def keep(self) -> None:
        """Store what stands in the form, where it changed since it was stored."""
        fields = self.draft_fields()
        if self._finished or fields == self._stored or not self.is_dirty() or self.session.settings.preview:
            return
        self._stored, self._in_book = fields, True
        plain = {n: v for n, v in fields.items() if n not in self.SECRET}
        secret = {n: v for n, v in fields.items() if n in self.SECRET and v}
        await self.netbill.calls.write(
            unfinished_forms.keep, self.session, self.request_id, self.KIND, self.draft_title(), plain, secret
        )

    def keep_soon(self) -> None:
        """Store it beside what goes on; a book that is busy for a moment stops nobody from typing."""
        self.beside(self._try_keep, "draft")

    async def _try_keep(self) -> None:
        try:
            await self.keep()
        except NetbillError:
            self._stored = {}

    async def finish(self) -> None:
        """The form was posted or thrown away: nothing of it is kept."""
        if self._in_book and not self.session.settings.preview:
            try:
                await self.netbill.calls.write(unfinished_forms.drop, self.session, self.request_id)
            except NetbillError:
                self.log("a draft could not be dropped")  # What was posted took its draft with it; another is offered again.
        self._stored, self._in_book, self._finished = {}, False, True

    async def start_anew(self) -> None:
        """The form begins again for the next customer, under a new request id."""
        await self.finish()
        self.request_id, self._finished = payments.new_request_id(), False

    def revive(self) -> None:
        """The form is on the screen again, and worth keeping."""
        self._finished = False
        self.call_after_refresh(self.keep_soon)

    def bring_back(self) -> None:
        """Put the form that waits on the screen again, as it was left."""
        app, desk = self.app, self.netbill.desk
        if self is desk.left:
            desk.left = None
        else:
            desk.waiting.remove(self)
        self.revive()
        app.uninstall_screen(self)
        app.push_screen(self)

    async def let_go(self) -> None:
        """Nobody can bring the form back any more."""
        self.app.uninstall_screen(self)
        await self.remove()

    def on_descendant_blur(self) -> None:
        """A field was left, by whatever key: what stands in the form is stored."""
        self.keep_soon()

    # Putting it aside.

    def put_aside(self) -> bool:
        """Take the form off the screen, alive; False when nothing was typed, so that it just goes."""
        app, desk = self.app, self.netbill.desk
        is_kept = self.is_dirty() and not self._finished
        if is_kept and self not in desk.waiting:
            app.install_screen(self, f"waiting-{self.request_id.hex()}")
            desk.waiting.append(self)
            desk.left_last = False
            self.keep_soon()
        app.pop_screen()
        if is_kept and isinstance(app.screen, NetbillScreen):
            app.screen.draw_frame()
        return is_kept

    def _leave_for(self, go: str) -> None:
        """Put the form aside and do on the screen below what was asked for."""
        self.put_aside()
        below = self.app.screen
        assert isinstance(below, NetbillScreen)
        below.next_thing(getattr(below, f"action_{go}"))

    def action_find(self) -> None:
        """Search, with the form put aside."""
        self._leave_for("find")

    def action_pay(self) -> None:
        """Take another payment, with this form put aside."""
        self._leave_for("pay")

    def action_overdue(self) -> None:
        """Go to the overdue queue, with the form put aside."""
        self._leave_for("overdue")

    def action_dashboard(self) -> None:
        """Go to the dashboard, with the form put aside."""
        self._leave_for("dashboard")

    def action_waiting(self) -> None:
        """Bring back the form before this one, with this one put aside."""
        other = self.netbill.desk.newest
        if other is None:
            self.refuse("No other form is waiting.")
            return
        self.put_aside()
        other.bring_back()

    @story
    async def action_back(self) -> None:
        """Leave the form. What was typed can be brought back as long as no other form was left."""
        dirty = self.is_dirty() and not self._finished
        await self.finish()
        desk, app = self.netbill.desk, self.app
        if dirty:
            if desk.left is not None:
                await desk.left.let_go()
            desk.left, desk.left_last = self, True
            app.install_screen(self, f"left-{self.request_id.hex()}")
        app.pop_screen()
        below = app.screen
        if dirty and isinstance(below, NetbillScreen):
            below.call_after_refresh(below.tell, "Nothing was posted. ^G or b brings the form back as it was typed.")
