"""Collections as a whole: what the night would do, what waits to be sent, the policies, who is held."""

import time
from collections.abc import Callable, Sequence
from datetime import date

from textual.app import ComposeResult

from netbill_tui.billing.collections.policies import BOOK, KINDS, SENDERS
from netbill_tui.billing.core.dates import parse_date, short
from netbill_tui.commands import (
    COLLECT_DATE,
    COLLECT_RUN,
    LETTERS,
    MESSAGE_CANCEL,
    NEXT_TAB,
    OPEN,
    POLICY_NEW,
    SENDERS_SWITCH,
    TABS,
    Command,
)
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.screens.shell.base import story
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.reversal import check_reason
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.screens.shell.tabs import TabbedScreen
from netbill_tui.screens.shell.text_page import TextPage
from netbill_tui.styles.roles import BAD, PLAIN, STRONG, WAIT
from netbill_tui.text import counted
from netbill_tui.usecases.collections import holds, letters, night, outbox, policies
from netbill_tui.usecases.collections.holds import MarkRow
from netbill_tui.usecases.collections.night import Fate, Night
from netbill_tui.usecases.collections.outbox import MessageRow
from netbill_tui.usecases.collections.policies import Switches
from netbill_tui.widgets.lines import Line, Lines, Part, bar_of, chip
from netbill_tui.widgets.record_grid import Col, RecordGrid


class CollectionsScreen(TabbedScreen):
    """Looks first: the night does nothing before somebody activated it with the count of what it would do."""

    TITLE_WORDS = "Collections"
    TAB_NAMES = ("Tonight", "Outbox", "Policies", "Held")
    DECLARED = (COLLECT_RUN, COLLECT_DATE, OPEN, LETTERS, MESSAGE_CANCEL, POLICY_NEW, SENDERS_SWITCH, NEXT_TAB, *TABS[:4])
    HELP_LINES = (
        "Tonight shows who gets what as things stand, and why the others get nothing; d looks at a later day, if nobody pays.",
        "F10 does it now, as the timer does by night: done twice it adds nothing.",
    )

    def __init__(self, *, tab: int = 1) -> None:
        super().__init__(tab - 1)
        self._as_of: date | None = None
        self._night: Night | None = None
        self._switches: Switches | None = None
        self._at_work = False

    def body(self) -> ComposeResult:
        """Figures, tabs, list."""
        self._figures = Lines([" Looking ..."] + [""] * 5)
        yield self._figures
        yield self._tab_line
        self._grid = RecordGrid(self._fate_columns(), _identity, empty="")
        yield self._grid

    def footer_first(self) -> Sequence[Command]:
        """What is done on the tab."""
        return ((COLLECT_RUN, COLLECT_DATE), (OPEN, LETTERS, MESSAGE_CANCEL, SENDERS_SWITCH), (POLICY_NEW,), (OPEN,))[self._tab]

    def account(self) -> str | None:
        """The account of the row."""
        return getattr(self._grid.record, "account", None)

    @story
    async def action_refresh(self) -> None:
        """Look anew; on the other tabs, read them again."""
        if self._at_work:
            return
        self._switches = await self.read(policies.switches)
        if self._tab == 0 or self._night is None:
            shown = self._progress("Looking")
            self._night = await self.netbill.calls.long(night.preview, self.session, self._as_of, on_progress=shown)
        self._draw()
        await self._show_tab()

    def _progress(self, words: str) -> Callable[[int, int], None]:
        last_told = [0.0]

        def show(done: int, total: int) -> None:
            now = time.monotonic()
            if now - last_told[0] >= 0.2 or done >= total:
                last_told[0] = now
                self.app.call_from_thread(self._figures.show, [f" {words}: {done:,} of {total:,} accounts"])

        return show

    def _draw(self) -> None:
        done, switches = self._night, self._switches
        if done is None or switches is None:
            return
        states: list[Part] = [] if switches.active else [chip("NOT ACTIVE", WAIT)]
        states += [] if switches.sending else [chip(f"NOTHING IS SENT: {switches.stopped_by}", BAD)]
        ahead = "" if done.day == self.session.date() else ", if nobody pays until then"
        head = bar_of(f" The night of {short(done.day)}{ahead}", self.app.size.width, *states)
        steps = [
            f"{step} {channel} {t.number:,} ({self.money(t.amount)})" for (step, channel), t in sorted(done.messages.items())
        ]
        fees = f"late fees {done.fees.number:,} ({self.money(done.fees.amount)})" if done.fees.number else "no late fee"
        proposed = [f"{action} {t.number:,} ({self.money(t.amount)})" for action, t in sorted(done.proposals.items())]
        reasons = [f"{reason} {t.number:,}" for (action, reason), t in sorted(done.skipped.items()) if action == "message"]
        lines: list[Line] = [head, [(f" {'   '.join(steps) or 'no message'}", STRONG)]]
        lines.append(f" {fees}   propose: {', '.join(proposed) or 'nothing'}")
        lines.append(f" nothing goes: {', '.join(reasons) or 'nobody is left out'}")
        lines += [""] * (6 - len(lines))
        self._figures.show(lines)

    async def _show_tab(self) -> None:
        self.draw_tabs()
        if self._tab == 0:
            self._grid.set_columns(self._fate_columns())
            fates = sorted(self._night.fates, key=lambda f: (bool(f.reason), f.action)) if self._night else []
            self._grid.show(fates, empty="Nothing is due. 3 shows the policies; nobody is reminded where none is set.")
        elif self._tab == 1:
            columns: list[Col[MessageRow]] = [
                Col("Account", 12, lambda m: m.account), Col("Customer", 0, lambda m: m.name, priority=2),
                Col("Step", 9, lambda m: m.step), Col("By", 6, lambda m: m.channel), Col("Queued", 9, lambda m: short(m.on)),
                Col("State", 10, lambda m: m.state if m.state == "queued" else "", mark=_state_chip),
                Col("Amount", 11, lambda m: self.money(m.amount), right=True),
            ]  # fmt: skip
            self._grid.set_columns(columns)
            self._grid.show(await self.read(outbox.listed), empty="Nothing waits to be sent.")
        elif self._tab == 2:
            lines: list[Col[policies.Line]] = [
                Col("Policy", 10, lambda n: n.kind), Col("Of", 12, lambda n: n.account or n.scope),
                Col("From", 9, lambda n: short(n.from_on)), Col("Holds", 5, lambda n: "yes" if n.in_force else ""),
                Col("Values", 0, lambda n: n.text), Col("By", 8, lambda n: n.operator, priority=1),
            ]  # fmt: skip
            self._grid.set_columns(lines)
            self._grid.show(
                await self.read(policies.listed), empty="No policy is set. + sets one; its defaults are a good start."
            )
        else:
            held: list[Col[MarkRow]] = [
                Col("Account", 12, lambda m: m.account), Col("Customer", 20, lambda m: m.name, priority=1),
                Col("Mark", 11, lambda m: m.kind), Col("Until", 9, lambda m: short(m.until) if m.until else ""),
                Col("Reason", 0, lambda m: m.reason),
            ]  # fmt: skip
            self._grid.set_columns(held)
            self._grid.show(await self.read(holds.listed), empty="No account is held. c on an account holds it.")

    def _fate_columns(self) -> list[Col[Fate]]:
        return [
            Col("Account", 12, lambda f: f.account),
            Col("Customer", 0, lambda f: f.name, priority=1),
            Col("What", 10, lambda f: f.action or f.kind),
            Col("By", 14, lambda f: f.detail, priority=2),
            Col("Amount", 11, lambda f: self.money(f.amount), right=True),
            Col("Not, because", 24, lambda f: f.reason),
        ]

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Open the account, the message or the policy of the row."""
        record = event.record
        if isinstance(record, MessageRow):
            lines: list[Line] = [
                [(f" {record.step} by {record.channel}, {record.state}, to {record.account} {record.name}", STRONG)], "",
                [(f" {record.subject}", STRONG)], "", *(f" {line}" for line in record.body.split("\n")),
            ]  # fmt: skip
            for happened in await self.read(outbox.events, record.id):
                lines.append([(f" {short(happened.on)} {happened.kind} {happened.operator} {happened.detail}", PLAIN)])
            await self.app.push_screen(TextPage(f"Message {record.id}", lines))
        elif isinstance(record, policies.Line):
            words = [f" {part}" for part in record.text.split("  ")]
            await self.app.push_screen(TextPage(f"Policy {record.kind} of {record.account or record.scope}", words))
        elif account := getattr(record, "account", None):
            await self.open_screen("customer", account)

    @story
    async def action_collect_date(self) -> None:
        """Look at another day."""
        today = self.session.date()
        lines = ("What the night of that day would do, if nobody paid until then. Nothing is done.",)
        asked = Asked("Day", (self._as_of or today).isoformat(), lambda text: parse_date(text, today), limit=20)
        answer = await self.ask(TextForm("Which night?", (asked,), lines))
        if answer is not None:
            day = parse_date(answer[0], today)
            if day < today:
                raise Refused(f"{short(day)} is over; type today or a later day.")
            self._as_of, self._tab = (None if day == today else day), 0
            self.action_refresh()

    @story
    async def action_collect(self) -> None:
        """Do now what the night does."""
        self.session.may_post()
        if self._at_work:
            raise Refused("The night is being done already.")
        if self._as_of is not None:
            raise Refused("A later day is only looked at; d and today come back.")
        done, switches = self._night, self._switches
        if done is None or switches is None:
            return
        lines = [f"{counted(done.count, 'message or fee', 'messages and fees')} as things stand; each account is looked at anew."]
        if not switches.active:
            lines.append("This activates collections in this book: from now on the timer does it each night.")
        count = Asked("How many?", check=lambda text: check_number(text, done.count), limit=12)
        if await self.ask(TextForm("Run collections", (count,), lines)) is None:
            self.tell("Nothing was done.")
            return
        if not switches.active:
            await self.write(night.activate, done.count)
        self.beside(self._collect, "collections", newest=False)

    async def _collect(self) -> None:
        self._at_work = True
        try:
            done = await self.netbill.calls.long(night.collect, self.session, on_progress=self._progress("Collecting"))
        finally:
            self._at_work = False
        sent = sum(t.number for t in done.messages.values())
        self.done(f"{counted(sent, 'message')} queued, {counted(done.fees.number, 'late fee')} {self.money(done.fees.amount)}.")
        self._night = None
        self.action_refresh()

    @story
    async def action_cancel_message(self) -> None:
        """Take the message of the row back, or say whether an unknown one came."""
        self.session.may_post()
        row = self._grid.record
        if not isinstance(row, MessageRow):
            raise Refused("Go to the outbox with 2 and put the cursor on a message.")
        if row.state == "unknown":
            choices = (("k", "it came"), ("l", "it did not come: the same step goes by the next channel"))
            key = await self.ask(ChoiceForm(f"{row.step} to {row.account}: does the customer have it?", choices))
            if key is not None:
                await self.write(outbox.settle_unknown, row.id, key == "k")
                self.done("Noted.")
                self.action_refresh()
            return

        def form(typed: tuple[str, ...], problem: str) -> TextForm:
            title = f"Take back: {row.step} to {row.account}"
            return TextForm(title, (Asked("Reason", check=check_reason, limit=200),), (), typed=typed, problem=problem)

        async def post(answer: tuple[str, ...]) -> bool:
            await self.write(outbox.cancel, row.id, answer[0])
            return True

        if await self.ask_until(form, post):
            self.done(f"Taken back: {row.step} to {row.account}.")
            self.action_refresh()

    @story
    async def action_letters(self) -> None:
        """Draw the letters that wait into one file; of a batch that was drawn, say that it is printed, or draw it again."""
        self.session.may_post()
        row = self._grid.record
        if isinstance(row, MessageRow) and row.channel == "letter" and row.state == "claimed":
            number = row.detail
            choices = (("y", "yes: they go to the post"), ("d", "draw them again, as copies"), ("n", "no"))
            key = await self.ask(ChoiceForm(f"Were the letters of {number} printed?", choices))
            if key == "y":
                self.done(f"{counted(await self.write(letters.printed, number), 'letter')} went; read in three days.")
            elif key == "d":
                done = await self.write(letters.draw_again, number)
                self.done(f"{number}: {counted(done.letters, 'copy', 'copies')} in {done.path}.")
        else:
            if await self.ask(ChoiceForm("Draw all letters that wait into one file?", (("y", "yes"), ("n", "no")))) != "y":
                return
            done = await self.write(letters.draw)
            self.done(f"{done.number}: {counted(done.letters, 'letter')} in {done.path}. b on one of them says they are printed.")
        self._tab = 1
        self.action_refresh()

    @story
    async def action_switch_senders(self) -> None:
        """Stop everything that sends, or let it go on."""
        self.session.may_post()
        sending = (await self.read(policies.switches)).sending
        words = "Stop all that is sent, by every sender?" if sending else "Let messages be sent again?"
        if await self.ask(ChoiceForm(words, (("y", "yes"), ("n", "no")))) == "y":
            await self.write(policies.turn, SENDERS, not sending, reason="on the screen")
            self.done("Nothing is sent until s is pressed again." if sending else "Messages are sent again.")
            self.action_refresh()

    @story
    async def action_new_policy(self) -> None:
        """Set a version of a policy; what stands in the fields is what holds, or the default."""
        self.session.may_post()
        keys = {"r": KINDS[0], "f": KINDS[1], "d": KINDS[2]}
        kind = keys.get(await self.ask(ChoiceForm("Which policy?", [(k, v) for k, v in keys.items()])) or "")
        if kind is None:
            return
        known = await self.read(policies.to_set, kind)
        scopes = [(s, s) for s in (BOOK, "residential", "business")]
        asked = (
            Asked("Of", BOOK, choices=scopes, limit=60), Asked("From", "t", limit=20),
            *(Asked(name, value, limit=400) for name, value in known.items()),
        )  # fmt: skip

        def form(typed: tuple[str, ...], problem: str) -> TextForm:
            lines = ("F4 lists; an account may stand under Of.",)
            return TextForm(f"Policy: {kind}", asked, lines, typed=typed, problem=problem)

        async def post(answer: tuple[str, ...]) -> bool:
            today = self.session.today()
            values = dict(zip(known, answer[2:], strict=True))
            await self.write(policies.set_policy, kind, answer[0], values, from_on=parse_date(answer[1] or "t", today))
            return True

        if await self.ask_until(form, post):
            self.done(f"The policy {kind} is set.")
            self._night = None
            self.action_refresh()

    def action_export(self) -> None:
        """The command that says the same."""
        self.tell(f"netbill {('collect --dry-run', 'outbox', 'policy', 'hold')[self._tab]} --json")


def _identity(record: object) -> object:
    if isinstance(record, Fate):
        return (record.account, record.kind, record.detail)
    return getattr(record, "id", None) or getattr(record, "account", record)


def _state_chip(row: MessageRow) -> Part | None:
    return None if row.state == "queued" else chip(row.state.upper(), BAD if row.state != "claimed" else WAIT)


def check_number(text: str, number: int) -> None:
    """Refuse another number than the one that is to be typed.

    Raises:
        InvalidInput: It is another.
    """
    if text.replace(",", "").strip() != str(number):
        raise InvalidInput(f"Type {number} to do it.")
