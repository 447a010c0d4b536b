"""What every screen has: the frame, bindings made from its commands, stories, and the one error policy.

A story is what an action does from its key to its end. It holds the key gate while it works and gives it back while a form
waits for the operator. A `NetbillError` ends it: the sentence is shown once, the bell rings, and what was typed ahead is
dropped. Anything else goes to the error page. So no screen has a `try`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial, wraps
from typing import Any, ClassVar, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from netbill_tui import commands
from netbill_tui.billing.dates import short
from netbill_tui.billing.money import format_amount
from netbill_tui.commands import Command
from netbill_tui.errors import NetbillError
from netbill_tui.screens.calls import Replaced
from netbill_tui.screens.forms.form import FormScreen
from netbill_tui.screens.program import Program
from netbill_tui.services.session import Session
from netbill_tui.widgets.lines import BOLD, INVERSE, PLAIN, Lines, Part, between, wrapped

T = TypeVar("T")
S = TypeVar("S", bound="NetbillScreen")


def bindings_of(declared: Sequence[Command]) -> list[Binding]:
    """Textual bindings from commands, with ids for the user's key map."""
    return [Binding(",".join(c.keys), c.action, c.help, show=False, id=c.id) for c in declared]


def story(action: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make an action a story: it runs as a worker of its own, so that no reload can cancel a payment half-way."""

    @wraps(action)
    def start(self: "NetbillScreen", *args: object) -> None:
        self.netbill.hold_keys()
        # Given as a function: a program that is told to end must not be left with a story that never began.
        self.run_worker(cast(Any, partial(_told, self, action, args)), group="story", exit_on_error=True)

    return start


async def _told(screen: "NetbillScreen", action: Callable[..., Awaitable[None]], args: tuple[object, ...]) -> None:
    try:
        await action(screen, *args)
    except Replaced:
        return
    except NetbillError as error:
        screen.refuse(str(error))
    finally:
        screen.netbill.release_keys()


class NetbillScreen(Screen[None]):
    """The frame: title, body, message, footer."""

    TITLE_WORDS: ClassVar[str] = ""
    DECLARED: ClassVar[tuple[Command, ...]] = ()
    KEYS: ClassVar[tuple[Binding, ...]] = ()
    AUTO_FOCUS: ClassVar[str | None] = "RecordGrid"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Make the bindings of a screen from its commands."""
        mine = {c.id for c in cls.DECLARED}
        taken = {key for c in cls.DECLARED for key in c.keys}
        general = [c for c in commands.EVERYWHERE if c.id not in mine and not (set(c.keys) & taken and c.keys[0] in taken)]
        cls.BINDINGS = [*bindings_of([*cls.DECLARED, *general]), *cls.KEYS]
        super().__init_subclass__(**kwargs)

    def __init__(self) -> None:
        super().__init__()
        self._title = Lines([""])
        self._title.add_class("title")
        self._message = Lines([""])
        self._message.add_class("message")
        self._footer = Lines([""])
        self._footer.add_class("footer")
        self._stops = 0
        self._drawn_width = 0

    # What a screen is given.

    @property
    def netbill(self) -> Program:
        """The program."""
        return cast(Program, self.app)

    @property
    def session(self) -> Session:
        """Whose book, which day."""
        return self.netbill.session

    def money(self, minor: int) -> str:
        """An amount as people read it: grouped."""
        return format_amount(minor, self.session.book.currency, grouped=True)

    async def read(self, service: Callable[..., T], *args: object, **kwargs: object) -> T:
        """A service that looks, on the reader's thread."""
        return await self.netbill.calls.read(service, self.session, *args, **kwargs)

    async def write(self, service: Callable[..., T], *args: object, **kwargs: object) -> T:
        """A service that posts, on the writer's thread; never cancelled."""
        return await self.netbill.calls.write(service, self.session, *args, **kwargs)

    async def search(self, service: Callable[..., T], *args: object, **kwargs: object) -> T:
        """A service as the operator types: a newer call replaces this one."""
        return await self.netbill.calls.search(service, self.session, *args, **kwargs)

    async def ask(self, form: FormScreen[T], *, unexpected: bool = False) -> T | None:
        """The form's answer, or None when the operator left it.

        Args:
            form: What to ask.
            unexpected: The operator did not ask for it: the bell rings and what was typed ahead is dropped.
        """
        if unexpected:
            self.app.bell()
            self.netbill.drop_keys()
        answer: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        await self.app.push_screen(form, answer.set_result)
        # The form gets the keys; its answer takes the gate back before it goes.
        self.netbill.release_keys()
        return await answer

    async def ask_until(
        self,
        make: Callable[[tuple[str, ...], str], FormScreen[tuple[str, ...]]],
        post: Callable[[tuple[str, ...]], Awaitable[T]],
    ) -> T | None:
        """What came of posting a form's answer, or None when the operator left it.

        A refusal opens the form again with what was typed and the reason above its keys: nothing typed is lost.

        Args:
            make: Makes the form from what was typed before and why that was refused.
            post: Posts the answer.
        """
        typed: tuple[str, ...] = ()
        problem = ""
        while True:
            answer = await self.ask(make(typed, problem), unexpected=bool(problem))
            if answer is None:
                self.tell("Nothing was posted.")
                return None
            try:
                return await post(answer)
            except NetbillError as error:
                typed, problem = answer, str(error)

    def tell(self, sentence: str) -> None:
        """Say something on the message line."""
        self._message.show([[(f" {line}", BOLD)] for line in wrapped(sentence, self.app.size.width - 2)])

    def refuse(self, sentence: str) -> None:
        """Say why something was not done; keys typed ahead were meant for what did not come."""
        self.app.bell()
        self.netbill.drop_keys()
        self._message.show([[(f" {line} ", INVERSE)] for line in wrapped(sentence, self.app.size.width - 2)])
        if isinstance(self.focused, Input):
            # Typing replaces what was refused.
            self.focused.select_all()

    # The frame.

    def compose(self) -> ComposeResult:
        """Title, body, message, footer."""
        yield self._title
        yield from self.body()
        yield self._message
        yield self._footer

    def body(self) -> ComposeResult:
        """The screen's own widgets."""
        yield from ()

    def on_mount(self) -> None:
        """Draw the frame and read the data."""
        self.draw_frame()
        self.action_refresh()

    def on_resize(self) -> None:
        """The footer shows as many keys as fit; on a low terminal the list comes before what is told about it."""
        self.draw_frame()
        if self._drawn_width not in (0, self.app.size.width):
            self.action_refresh()
        self._drawn_width = self.app.size.width
        for kind, least in ((".beside", 14), (".figures", 20)):
            for widget in self.query(kind):
                widget.display = self.app.size.height >= least

    def title_words(self) -> str:
        """What the title says after the program's name."""
        return self.TITLE_WORDS

    def draw_frame(self) -> None:
        """Draw title and footer."""
        session = self.session
        marks = [m for m, on in (("DEMO", session.book.demo), (f"AS OF {session.date()}", session.as_of is not None)) if on]
        who = session.operator.name if session.operator else ""
        width = self.app.size.width
        left = len(self.title_words()) + 12
        # What the book pretends is always said; company, operator and day give way to the screen's name.
        rest = [session.book.company[:20], who, short(session.today().isoformat())]
        while rest and left + sum(len(w) + 2 for w in [*marks, *rest]) + 2 > width:
            rest.pop(0)
        right = " " + "  ".join([*marks, *rest]) + " "
        self._title.show([[(between(f" netbill | {self.title_words()}", right, width), INVERSE)]])
        self._footer.show([self._footer_parts(width)])

    def _footer_parts(self, width: int) -> list[Part]:
        declared = dict.fromkeys([commands.HELP, *self.DECLARED, *commands.EVERYWHERE])
        wanted = [c for c in declared if c.label and not (self.session.preview and c.posts)]
        # The way out is always shown; the others as far as there is room.
        wanted = [*(c for c in wanted if c is not commands.BACK), *(c for c in wanted if c is commands.BACK)]
        sizes = {c: len(c.shown) + len(c.label) + 3 for c in wanted}
        room = width - sizes.get(commands.BACK, 0)
        parts: list[Part] = []
        for command in wanted:
            if command is not commands.BACK:
                if sizes[command] > room:
                    continue
                room -= sizes[command]
            parts += [(f" {command.shown} ", BOLD), (f"{command.label} ", PLAIN)]
        return parts

    # What every screen can do.

    def action_refresh(self) -> None:
        """Read the screen's data again."""

    def on_record_grid_failed(self, event: Any) -> None:
        """A page of a list could not be read."""
        self.refuse(event.sentence)

    def action_redraw(self) -> None:
        """Draw everything again."""
        self.app.refresh(layout=True)

    def action_help(self) -> None:
        """Show the help page of this screen."""
        from netbill_tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.title_words(), self.DECLARED))

    def action_find(self) -> None:
        """Go to the search."""
        from netbill_tui.screens.find import FindScreen

        self.app.push_screen(FindScreen())

    def action_dashboard(self) -> None:
        """Go to the dashboard."""
        while len(self.app.screen_stack) > 2:
            self.app.pop_screen()
        if hasattr(self.app.screen, "action_refresh"):
            self.app.screen.action_refresh()

    def action_overdue(self) -> None:
        """Go to the overdue queue."""
        from netbill_tui.screens.overdue import OverdueScreen

        self.go_to(OverdueScreen())

    def go_to(self, screen: "NetbillScreen") -> None:
        """Go to a main screen: what was open above the dashboard is closed, so that F12 leads back there."""
        app = self.app

        async def move() -> None:
            while len(app.screen_stack) > 2:
                app.pop_screen()
            await app.push_screen(screen)

        app.call_later(move)

    def posted(self, receipt: str) -> None:
        """A payment was posted from here; a screen that lists it puts its cursor there, so that the next key is about it."""

    def account(self) -> str | None:
        """The account that the cursor is about."""
        return None

    @story
    async def action_pay(self) -> None:
        """Take a payment, for the account of the row if there is one."""
        from netbill_tui.screens.take_payment import TakePaymentScreen

        if self.session.preview:
            self.session.may_post()
        await self.app.push_screen(TakePaymentScreen(self.account()))

    @story
    async def action_go(self) -> None:
        """Go where the next key says."""
        from netbill_tui.screens.forms.choice import GO_CHOICES, ChoiceForm

        where = await self.ask(ChoiceForm("Go to", GO_CHOICES))
        if where == "d":
            self.action_dashboard()
        elif where == "o":
            self.action_overdue()
        elif where == "f":
            self.action_find()
        elif where == "u":
            from netbill_tui.screens.dues import DuesScreen

            self.go_to(DuesScreen())
        elif where == "p":
            from netbill_tui.screens.payments import PaymentsScreen

            self.go_to(PaymentsScreen())
        elif where in ("g", "e"):
            for grid in self.query("RecordGrid"):
                await grid.action_edge("first" if where == "g" else "last")  # type: ignore[attr-defined]

    def action_open(self) -> None:
        """Open the row under the cursor; the list does it itself while it has the focus."""
        for grid in self.query("RecordGrid"):
            grid.action_open()  # type: ignore[attr-defined]

    def action_back(self) -> None:
        """Leave this screen."""
        if len(self.app.screen_stack) > 2:
            self.app.pop_screen()
        else:
            self.action_quit_program()

    def on_screen_resume(self) -> None:
        """Another screen was left: what it changed is shown here."""
        if self.is_mounted:
            self.draw_frame()
            self.action_refresh()

    @story
    async def action_quit_program(self) -> None:
        """End the program after a question."""
        from netbill_tui.screens.forms.choice import ChoiceForm

        if await self.ask(ChoiceForm("Leave netbill?", (("y", "yes"), ("n", "no")))) == "y":
            self.netbill.leave()

    def action_stop(self) -> None:
        """^C: leave the field; twice in a row asks to quit."""
        self._stops += 1
        if self._stops > 1:
            self._stops = 0
            self.action_quit_program()
        else:
            self.netbill.drop_keys()
            self.tell("Press ^C again to leave the program, F12 to go back.")
