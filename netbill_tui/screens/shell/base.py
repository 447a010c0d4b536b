"""What an operator can do on every screen, beside the frame: go, find, pay, type a command, jump, repeat."""

import asyncio
from collections.abc import Iterable
from functools import partial
from time import monotonic
from typing import Any, ClassVar, cast

from netbill_tui import commands
from netbill_tui.errors import NetbillError, Refused
from netbill_tui.screens.shell import routes
from netbill_tui.screens.shell.desk import KeptForm, Place, remember
from netbill_tui.screens.shell.frame import FrameScreen, story
from netbill_tui.usecases.audit import exports

TWICE_S = 1.5
__all__ = ["NetbillScreen", "story"]


class NetbillScreen(FrameScreen):
    """A screen of the program.

    Attributes:
        IS_FORM: It is a form that is put aside, kept and brought back: see DraftScreen.
    """

    IS_FORM: ClassVar[bool] = False

    def put_aside(self) -> bool:
        """Leave the screen; True where what was typed in it waits to be brought back."""
        self.app.pop_screen()
        return False

    def place(self) -> Place | None:
        """The record that the screen shows, for the jump list."""
        return None

    def row_number(self) -> str:
        """The number that `y` copies."""
        place = self.place()
        return place.number if place else self.account() or ""

    def account(self) -> str | None:
        """The account that the cursor is about."""
        return None

    def posted(self, receipt: str) -> None:
        """A payment was posted from here; a screen that lists it puts its cursor there, so that the next key is about it."""

    def on_record_grid_failed(self, event: Any) -> None:
        """A page of a list could not be read."""
        self.refuse(event.sentence)

    def on_screen_resume(self) -> None:
        """Another screen was left: what it changed is shown here."""
        asked, self._asking = self._asking, False
        left, self._left = self._left, False
        if self.is_mounted:
            self.draw_frame()
            # A screen that was only just opened reads once, when it is mounted.
            if left and not asked:
                self.action_refresh()

    # Going somewhere.

    def action_lock(self) -> None:
        """Lock the screens."""
        self.netbill.lock("key")

    def action_redraw(self) -> None:
        """Draw everything again."""
        self.netbill.draw_anew()

    def action_help(self) -> None:
        """Show the help page of this screen."""
        self.app.push_screen(routes.screen("help", self.title_words(), self.DECLARED, self.HELP_LINES))

    def action_find(self) -> None:
        """Go to the search."""
        self.app.push_screen(routes.screen("find"))

    def action_dashboard(self) -> None:
        """Go to the dashboard."""
        self._down_to_dashboard()
        if hasattr(self.app.screen, "action_refresh"):
            self.app.screen.action_refresh()

    def action_overdue(self) -> None:
        """Go to the overdue queue."""
        self.go("overdue")

    def _down_to_dashboard(self) -> bool:
        """Close what is open above the dashboard; a half-filled form among it is put aside. False where nothing was."""
        above = len(self.app.screen_stack) > 2
        while len(self.app.screen_stack) > 2:
            top = self.app.screen
            if isinstance(top, NetbillScreen):
                top.put_aside()
            else:
                self.app.pop_screen()
        return above

    def pass_by(self) -> None:
        """The screen comes up only for another one to be opened: what it shows is not read again for that."""
        self._asking = True

    def go(self, name: str, *args: Any, **more: Any) -> None:
        """Go to a main screen: what was open above the dashboard is closed, so that F12 leads back there.

        Args:
            name: Of the table of routes.
            args: What the screen takes.
            more: The same, by name.
        """

        async def move() -> None:
            if self._down_to_dashboard():
                # It is passed on the way, and shows nothing: what it would read is read when one comes back to it.
                cast(NetbillScreen, self.app.screen).pass_by()
            await self.open_screen(name, *args, **more)

        self.next_thing(move)

    async def open_screen(self, name: str, *args: Any, **more: Any) -> None:
        """Open a screen of the table of routes above this one, made from what it takes."""
        await self.app.push_screen(routes.screen(name, *args, **more))

    def open_place(self, place: Place) -> None:
        """Open a record by its kind and number."""

        async def move() -> None:
            # A record takes the place of a record, so that going back and forth piles nothing up.
            if self.place() is not None and self.app.screen is self:
                self.app.pop_screen()
            await self.open_screen(place.kind, place.number)

        self.next_thing(move)

    def action_jump(self, by: int) -> None:
        """Open the record that was opened before or after this one."""
        place = self.netbill.desk.jumps.move(by, self.place())
        if place is None:
            self.refuse("No record was opened before." if by < 0 else "No record was opened after this one.")
        else:
            self.open_place(place)

    def action_waiting(self) -> None:
        """Bring back the form that was put aside last."""
        desk = self.netbill.desk
        open_form = next((s for s in reversed(self.app.screen_stack) if is_form(s)), None)
        if open_form is not None and open_form is not self.app.screen:
            # The form is open under this screen: what lies above it goes.
            while self.app.screen is not open_form:
                self.app.pop_screen()
        elif desk.newest is not None:
            desk.newest.bring_back()
        else:
            self._offer_drafts()

    @story
    async def _offer_drafts(self) -> None:
        """Bring back a form of an earlier sitting."""
        from netbill_tui.screens.shell.forms.choice import ChoiceForm
        from netbill_tui.usecases.core import unfinished_forms

        here = {form.request_id for form in forms_among(self.app.screen_stack)}
        forms = [d for d in await self.read(unfinished_forms.waiting) if d.uid not in here]
        if not forms:
            self.refuse("No form is waiting.")
            return
        if len(forms) == 1:
            chosen = forms[0]
        else:
            newest = forms[::-1][:9]
            key = await self.ask(ChoiceForm("Which form?", [(str(n), d.title) for n, d in enumerate(newest, 1)]))
            if key is None:
                return
            chosen = newest[int(key) - 1]
        await self.open_screen("customer-form" if chosen.kind == "customer" else "payment-form", draft=chosen)

    @story
    async def action_go(self) -> None:
        """Go where the next key says."""
        from netbill_tui.screens.shell.forms.choice import ChoiceForm

        where = await self.ask(ChoiceForm("Go to", routes.go_choices()))
        if where == "d":
            self.action_dashboard()
        elif where == "o":
            self.action_overdue()
        elif where == "f":
            self.action_find()
        elif where in routes.BY_KEY:
            self.go(routes.BY_KEY[where])
        elif where in ("g", "e"):
            for grid in self.query("RecordGrid"):
                await grid.action_edge("first" if where == "g" else "last")  # type: ignore[attr-defined]

    # Doing something.

    @story
    async def action_pay(self) -> None:
        """Take a payment, for the account of the row if there is one."""
        self.session.may_post()
        await self.open_screen("payment-form", self.account())

    @story
    async def action_line(self) -> None:
        """Type a command."""
        await self._typed_line()

    @story
    async def action_palette(self) -> None:
        """Choose a command by its words."""
        from netbill_tui.screens.shell.forms.pick import PickForm

        here = [c for c in dict.fromkeys([*self.DECLARED, *commands.EVERYWHERE]) if self.may_do(c)]
        rows = [(c.id, f"{' '.join(commands.shown_key(k) for k in c.current):<12} {c.help}") for c in here]
        rows += [(f":{v.word}", f":{v.word + ' ' + v.args:<11} {v.help}") for v in commands.VERBS]
        chosen = await self.ask(PickForm("Do what?", rows))
        if chosen is None:
            return
        if chosen.startswith(":"):
            verb = next(v for v in commands.VERBS if v.word == chosen[1:])
            if verb.args:
                self.next_thing(partial(self._line_with, f"{verb.word} "))
            else:
                await self.netbill.run_line(self, verb.word)
            return
        command = next(c for c in here if c.id == chosen)
        self.next_thing(partial(self.run_action, command.action))

    @story
    async def _line_with(self, begun: str) -> None:
        """The command line, with its first word there already."""
        await self._typed_line(begun)

    async def _typed_line(self, begun: str = "") -> None:
        from netbill_tui.screens.shell.forms.line import LineForm

        typed = await self.ask(LineForm(self.netbill.line_words(), begun, whose=self.session.who))
        if typed and typed.strip():
            await self.netbill.run_line(self, typed.strip())
            remember(self.session.who, typed.strip())

    @story
    async def action_repeat(self) -> None:
        """Do the last note, tag or outcome again, on the account of the row."""
        self.session.may_post()
        repeat, account = self.netbill.desk.repeat, self.account()
        if repeat is None or account is None:
            why = "Nothing to repeat: . repeats a note, a tag or an outcome without a date again, not a promise or a dispute."
            raise Refused(why if repeat is None else "There is no account here.")
        self.done(await repeat(account))
        self.action_refresh()

    @story
    async def action_yank(self) -> None:
        """Copy the number of the row; terminals that refuse the clipboard find it in the file."""
        number = self.row_number()
        if not number:
            raise Refused("There is no number here to copy.")
        self.app.copy_to_clipboard(number)
        path = await asyncio.to_thread(exports.write_numbered, self.session, "copied.txt", number + "\n", over=True)
        self.tell(f"{number} was sent to the terminal's clipboard, which may refuse it, and written to {path}.")

    def action_pane(self) -> None:
        """Show or hide the account beside the list."""
        desk = self.netbill.desk
        desk.pane = not desk.pane
        if self.app.size.width < 120:
            self.tell(f"The terminal has {self.app.size.width} columns; from 120 on the account stands beside the list.")
        self.on_resize()

    def action_open(self) -> None:
        """Open the row under the cursor; the list does it itself while it has the focus."""
        for grid in self.query("RecordGrid"):
            grid.action_open()  # type: ignore[attr-defined]

    # Leaving.

    def action_back(self) -> None:
        """Leave this screen."""
        if len(self.app.screen_stack) > 2:
            self.app.pop_screen()
        else:
            self.action_quit_program()

    @story
    async def action_quit_program(self) -> None:
        """End the program after a question."""
        from netbill_tui.screens.shell.forms.choice import ChoiceForm

        forms = [*forms_among(self.app.screen_stack), *self.netbill.desk.waiting]
        half = sum(1 for f in forms if f.is_dirty()) if self.session.settings.can_post else 0
        remark = f" {half} half-filled form{'s are' if half > 1 else ' is'} kept and offered again." if half else ""
        if self.netbill.keys_waiting > 1:
            # A burst was not meant as an answer: a y within it would end the program.
            self.netbill.drop_keys()
        choices = (("y", "yes, leave netbill"), ("n", "no, stay"))
        if await self.ask(ChoiceForm(f"Leave netbill?{remark}", choices, leave="stay")) == "y":
            for form in forms:
                await save_quietly(form)
            self.netbill.leave()

    def action_stop(self) -> None:
        """^C: leave the field; twice in a row asks to quit."""
        now = monotonic()
        twice, self._stopped_at = now - self._stopped_at < TWICE_S, now
        if twice:
            self.action_quit_program()
        else:
            self.netbill.drop_keys()
            for grid in list(self.query("RecordGrid"))[:1]:
                if grid.can_focus:
                    grid.focus()
            self.tell("Press ^C again at once to leave the program, F12 to go back.")


def is_form(screen: object) -> bool:
    """Whether a screen is a form that is kept."""
    return isinstance(screen, NetbillScreen) and screen.IS_FORM


def forms_among(screens: Iterable[object]) -> list[KeptForm]:
    """The forms that are kept among some screens."""
    return [cast(KeptForm, s) for s in screens if is_form(s)]


async def save_quietly(form: KeptForm) -> None:
    """Store what stands in a form before the program ends; a book that cannot be written must not keep it from ending."""
    try:
        await form.keep()
    except NetbillError:
        return
