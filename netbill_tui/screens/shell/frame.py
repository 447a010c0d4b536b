"""What every screen has: the frame, bindings made from its commands, stories, and the one error policy.

A story is what an action does from its key to its end. It holds the key gate while it works and gives it back while a form
waits for the operator. A `NetbillError` ends it: the sentence is shown once, the bell rings, and what was typed ahead is
dropped. Anything else goes to the error page. So no screen has a `try`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Container, Coroutine, Sequence
from functools import partial, wraps
from time import monotonic
from typing import Any, ClassVar, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from netbill_tui import commands
from netbill_tui.billing.core.dates import dates_as_shown
from netbill_tui.billing.core.money import format_amount
from netbill_tui.commands import Command
from netbill_tui.errors import NetbillError, SessionEnded
from netbill_tui.screens.shell.desk import Message
from netbill_tui.screens.shell.forms.form import FormScreen, NamedFields
from netbill_tui.screens.shell.frame_lines import footer_parts, title_bar
from netbill_tui.screens.shell.lanes import Replaced
from netbill_tui.screens.shell.program import Program
from netbill_tui.styles.roles import BAD, STRONG, TITLE, WAIT
from netbill_tui.usecases.core.session import Session
from netbill_tui.widgets.lines import Line, Lines, Part, chip, wrapped

T = TypeVar("T")
PATIENT_S = 0.6  # so long a write may take before it is said that it waits


def bindings_of(declared: Sequence[Command]) -> list[Binding]:
    """Textual bindings from commands, with ids for the user's key map."""
    # The lock goes first: a field would take its key for itself, and somebody wants to leave the desk now.
    return [
        Binding(",".join(c.keys), c.action, c.help, show=False, id=c.id, priority=c is commands.LOCK) for c in declared
    ]  # fmt: skip


def story(action: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make an action a story: it runs as a worker of its own, so that no reload can cancel a payment half-way."""

    @wraps(action)
    def start(self: "FrameScreen", *args: object) -> None:
        self.netbill.hold_keys()
        # Given as a function: a program that is told to end must not be left with a story that never began.
        self.run_worker(cast(Any, partial(_run_action, self, action, args)), group="story", exit_on_error=True)

    return start


async def _run_action(screen: "FrameScreen", action: Callable[..., Awaitable[None]], args: tuple[object, ...]) -> None:
    try:
        await action(screen, *args)
        if action.__name__ == "action_refresh":
            screen.was_read()
    except Replaced:
        return
    except SessionEnded as error:
        screen.netbill.lock(str(error))
    except NetbillError as error:
        if action.__name__ == "action_refresh":
            screen.unread(str(error))
        else:
            screen.refuse(str(error))
    except Exception:
        # While the program ends its widgets go one by one, and a story that begins then finds some gone.
        if not screen.netbill.leaving:
            raise
    finally:
        screen.netbill.release_keys()


async def _worked(screen: "FrameScreen", work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except Replaced:
        return
    except SessionEnded as error:
        screen.netbill.lock(str(error))
    except NetbillError as error:
        screen.unread(str(error))
    except Exception:
        if not screen.netbill.leaving:
            raise  # else: its widgets go one by one


# What moves about, and leaves standing what was said last.
_MOVES = frozenset("up down left right pageup pagedown home end j k G space V asterisk".split())


class FrameScreen(Screen[None]):
    """The frame: title, body, message, footer."""

    TITLE_WORDS: ClassVar[str] = ""
    DECLARED: ClassVar[tuple[Command, ...]] = ()
    KEYS: ClassVar[tuple[Binding, ...]] = ()
    HELP_LINES: ClassVar[tuple[str, ...]] = ()
    SHUT: ClassVar[bool] = False  # nothing but what is declared can be done, so the footer names nothing else
    AUTO_FOCUS: ClassVar[str | None] = "RecordGrid"
    _said = ""
    _unread = _refused = False
    _told_at = 0.0
    _left = False
    _named: NamedFields | None = None

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
        self._stopped_at = 0.0
        self._asking = False
        self._drawn_width = 0

    def may_do(self, command: Command) -> bool:
        """Whether a command can run now: not one that posts under a pretended date, and not one that is not one's right."""
        if command.posts and not self.session.settings.can_post:
            return False
        return not command.right or self.session.may(command.right)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual gives both
        """Grey what is not the operator's right; the service refuses it all the same."""
        named = [c for c in (*self.DECLARED, *commands.EVERYWHERE) if c.action.partition("(")[0] == action]
        if named and not any(not c.right or self.session.may(c.right) for c in named):
            return None
        return True

    def on_key(self, event: events.Key) -> None:
        """Say why a grey key does nothing."""
        if self.session.operator is None:
            return
        for command in (*self.DECLARED, *commands.EVERYWHERE):
            if event.key in command.keys and command.right and not self.session.may(command.right):
                self.beside(partial(self._not_permitted, command.right), "refused")
                return

    async def _not_permitted(self, right: str) -> None:
        """Say it, and let the audit know: the writer leaves the event of every refusal."""
        try:
            await self.netbill.calls.write(self.session.needs, right)
        except NetbillError as error:
            self.refuse(str(error))

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
        """A service that posts, on the writer's thread; never cancelled. One that has to wait for the book says so."""
        work = asyncio.ensure_future(self.netbill.calls.write(service, self.session, *args, **kwargs))
        done, _ = await asyncio.wait({work}, timeout=PATIENT_S)
        if not done:
            self.tell("Waiting for the book, five seconds at most; what you type is kept ...")
            self._message.show(self._with_chip("WAIT", WAIT, self._said))
            await asyncio.wait({work})
            self.tell("")
        return work.result()

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
        self._asking = True  # the screen is read again when it comes back from elsewhere, not from its own question
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
            form, wrong = make(typed, problem), self._named.last if problem and self._named else None
            if wrong is not None:
                form.point_to(wrong)
            self._named = None
            answer = await self.ask(form, unexpected=bool(problem))
            if answer is None:
                self.tell("Nothing was posted.")
                return None
            try:
                return await post(answer)
            except NetbillError as error:
                typed, problem = answer, str(error)

    def named(self, names: Sequence[str], answer: Sequence[str], *, also_empty: Container[str] = ()) -> NamedFields:
        """A form's answer by the names of its fields; where it is refused, the form opens in the field that was read last."""
        fields = self._named = NamedFields(names, answer, also_empty=also_empty)
        return fields

    def next_thing(self, work: Callable[[], object]) -> None:
        """Do something when this story is over, before the next typed key: it decides where that key goes.

        Args:
            work: What to do; where it gives an awaitable, its end is waited for.
        """
        netbill = self.netbill
        netbill.hold_keys()

        async def run() -> None:
            try:
                result = work()
                if isinstance(result, Awaitable):
                    await result
            finally:
                netbill.release_keys()

        self.app.call_later(run)

    def beside(self, work: Callable[[], Awaitable[object]], group: str, *, newest: bool = False) -> None:
        """Do something beside what goes on; nobody waits for it.

        Args:
            work: Given as a function, so that a program that ends leaves nothing that never began.
            group: Names it.
            newest: It takes the place of what still runs in the group.
        """
        self.run_worker(cast(Any, partial(_worked, self, work)), group=group, exclusive=newest, exit_on_error=True)

    def tell(self, sentence: str) -> None:
        """Say something on the message line; it stays until another key than a movement comes."""
        sentence = dates_as_shown(sentence)
        self._said, self._unread, self._refused, self._told_at = sentence, False, False, monotonic()
        self._message.show([[(f" {line}", STRONG)] for line in wrapped(sentence, self.app.size.width - 2)])
        self._keep_message(None, sentence)

    def _keep_message(self, mark: Part | None, sentence: str) -> None:
        """What was said is found again behind :messages."""
        if sentence and self.session.operator is not None:
            at = self.session.calendar.moment(self.session.now_us())
            self.netbill.desk.messages.append(Message(at, mark, sentence))

    def done(self, sentence: str) -> None:
        """Say that something was done, which is in the book now."""
        sentence = dates_as_shown(sentence)
        self._said, self._unread, self._refused, self._told_at = sentence, False, False, monotonic()
        self._message.show(self._with_chip("OK", TITLE, sentence))
        self._keep_message(chip("OK", TITLE), sentence)

    def _with_chip(self, word: str, role: str, sentence: str) -> list[Line]:
        """A sentence behind a chip; where it takes more lines, they stand under each other."""
        first, *more = wrapped(sentence, self.app.size.width - len(word) - 5)
        indent = " " * (len(word) + 3)
        return [[chip(word, role), (f" {first}", STRONG)], *([(f"{indent}{line}", STRONG)] for line in more)]

    def unread(self, sentence: str) -> None:
        """Say why the screen could not be read again, below what was said last: a payment that is posted stays told."""
        text = f"{self._said} What is shown here is older: {sentence}" if self._said else dates_as_shown(sentence)
        self._message.show(self._with_chip("NO", BAD, text))
        self._unread = True

    def was_read(self) -> None:
        """The screen was read again: what failed before is no news any more."""
        if self._unread:
            self.tell(self._said)

    def on_screen_suspend(self) -> None:
        """Who comes back finds no old message."""
        self._left = True
        if not self.app.screen.is_modal:
            self.tell("")

    def refuse(self, sentence: str) -> None:
        """Say why something was not done; keys typed ahead were meant for what did not come. The next key clears it."""
        sentence = dates_as_shown(sentence)
        self._said, self._unread, self._refused, self._told_at = "", False, True, monotonic()
        self.app.bell()
        self.netbill.drop_keys()
        self._message.show(self._with_chip("NO", BAD, sentence))
        self._keep_message(chip("NO", BAD), sentence)
        if isinstance(self.focused, Input):
            # Typing replaces what was refused.
            self.focused.select_all()

    def key_comes(self, event: events.Key) -> None:
        """What was said is over with the next key: a refusal with any, a word of success with one that does something else."""
        types = event.is_printable and isinstance(self.focused, Input)  # answers what was refused, and leaves it to be read
        # A key that was typed before the sentence stood there was not typed by somebody who had read it.
        if types or self._unread or event.time <= self._told_at:
            return
        if self._refused or (self._said and event.key not in _MOVES and event.key in self.active_bindings):
            self._message.show([""])
            self._said, self._refused = "", False

    def action_refresh(self) -> None:
        """Read the screen's data again."""

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
                slow = kind == ".beside" and self.netbill.settings.slow == "on"
                widget.display = self.app.size.height >= least and not slow

    def title_words(self) -> str:
        """What the title says after the program's name."""
        return self.TITLE_WORDS

    def footer_first(self) -> Sequence[Command]:
        """The commands that the footer names before the others: those of the tab."""
        return ()

    def draw_frame(self) -> None:
        """Draw title and footer."""
        width, shared = self.app.size.width, self.netbill.settings.accept_shared_file == "on"
        waiting = len(self.netbill.desk.waiting)
        self._title.show([title_bar(self.session, self.title_words(), width, waiting=waiting, shared_file=shared)])
        self._footer.show([footer_parts(self._footer_commands(), self.may_do, width)])

    def _footer_commands(self) -> list[Command]:
        """What the footer may name here."""
        general = () if self.SHUT else commands.EVERYWHERE
        declared = dict.fromkeys([commands.HELP, *self.footer_first(), *self.DECLARED, *general])
        may_not = not self.session.settings.can_post
        shown = [c for c in declared if c.label and not (may_not and c.posts) and c.current]
        if isinstance(self.focused, Input) and not self.query("RecordGrid:focus") and self.AUTO_FOCUS in (None, "#query"):
            # What is typed into a field does nothing else.
            return [c for c in shown if c.in_fields or c in self.DECLARED]
        return shown
