"""Who may do what, who is at it, which keys there are, and what waits for a second pair of eyes."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from textual.app import ComposeResult

from netbill_tui.billing.access.approvals import Approval
from netbill_tui.commands import (
    ANSWER_NO,
    ANSWER_YES,
    KEYS_ROTATE,
    NEXT_TAB,
    OPERATOR_ADD,
    OPERATOR_CHANGE,
    SESSION_END,
    TABS,
    Command,
)
from netbill_tui.errors import NetbillError, Refused
from netbill_tui.screens.shell.base import story
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.screens.shell.tabs import TabbedScreen
from netbill_tui.screens.shell.text_page import TextPage
from netbill_tui.text import counted
from netbill_tui.usecases.access import approvals, operators, rotation, sittings
from netbill_tui.usecases.access.operators import Listed
from netbill_tui.usecases.access.rotation import KeyState
from netbill_tui.widgets.record_grid import Col, RecordGrid

_CHANGES = (
    ("g", "sign and grant the keys of the role"),
    ("r", "another role"),
    ("l", "another amount limit"),
    ("u", "let them try passwords again"),
    ("f", "forgot the password: a new activation code"),
    ("d", "disable"),
)


class OperatorsScreen(TabbedScreen):
    """Operators, sittings, keys and approvals on four tabs."""

    TITLE_WORDS = "Operators"
    TAB_NAMES = ("Operators", "Sittings", "Keys", "Approvals")
    DECLARED = (OPERATOR_ADD, OPERATOR_CHANGE, SESSION_END, KEYS_ROTATE, ANSWER_YES, ANSWER_NO, NEXT_TAB, *TABS[:4])

    def body(self) -> ComposeResult:
        """Tabs and list."""
        yield self._tab_line
        self._grid: RecordGrid[Any] = RecordGrid(self._operator_columns(), _identity, empty="")
        yield self._grid

    def footer_first(self) -> Sequence[Command]:
        """What is done on the tab."""
        return ((OPERATOR_CHANGE, OPERATOR_ADD), (SESSION_END,), (KEYS_ROTATE,), (ANSWER_YES, ANSWER_NO))[self._tab]

    @story
    async def action_refresh(self) -> None:
        """Read what the tab shows."""
        self.draw_tabs()
        await (self._show_operators, self._show_sessions, self._show_keys, self._show_approvals)[self._tab]()

    def _operator_columns(self) -> list[Col[Listed]]:
        return [
            Col("Name", 18, lambda o: o.name),
            Col("Role", 13, lambda o: o.role),
            Col("State", 8, lambda o: o.state),
            Col("Limit", 10, lambda o: "" if o.limit is None else self.money(o.limit), right=True, priority=1),
            Col("Keys", 0, lambda o: " ".join(o.compartments)),
            Col("Fingerprint", 19, lambda o: o.fingerprint, priority=2),
        ]

    async def _show_operators(self) -> None:
        self._grid.set_columns(self._operator_columns())
        people = await self.read(operators.listed)
        self._grid.show(people)
        waiting = [o.name for o in people if o.state == "enrolled"]
        if waiting:
            self.tell(f"{waiting[0]} enrolled and waits: compare the fingerprint, then d g grants the keys.")

    async def _show_sessions(self) -> None:
        columns: list[Col[sittings.Sitting]] = [
            Col("Who", 14, lambda s: s.operator),
            Col("Since", 15, lambda s: self.session.calendar.moment(s.started_us)[:15]),
            Col("Kind", 8, lambda s: s.kind),
            Col("Host", 14, lambda s: s.host, priority=1),
            Col("Process", 8, lambda s: str(s.pid), right=True, priority=2),
            Col("Id", 0, lambda s: s.id),
        ]
        self._grid.set_columns(columns)
        self._grid.show(await self.read(sittings.listed), empty="Nobody is signed in.")

    async def _show_keys(self) -> None:
        columns: list[Col[KeyState]] = [
            Col("Keys of", 8, lambda k: k.key.compartment),
            Col("Key", 10, lambda k: str(k.key.key_id), right=True),
            Col("State", 12, lambda k: k.key.status),
            Col("Since", 15, lambda k: self.session.calendar.moment(k.key.created_us)[:15], priority=1),
            Col("Cells", 9, lambda k: f"{k.cells:,}", right=True),
            Col("Held by", 0, lambda k: ", ".join(k.holders)),
        ]
        self._grid.set_columns(columns)
        self._grid.show(await self.read(rotation.status))

    async def _show_approvals(self) -> None:
        columns: list[Col[Approval]] = [
            Col("No", 7, lambda a: str(a.id), right=True),
            Col("What", 7, lambda a: a.kind),
            Col("Of", 13, lambda a: a.object),
            Col("Amount", 11, lambda a: self.money(a.amount), right=True),
            Col("Asked by", 12, lambda a: a.asked_by),
            Col("Why", 0, lambda a: a.reason),
            Col("State", 9, lambda a: a.state, priority=1),
        ]
        self._grid.set_columns(columns)
        self._grid.show(await self.read(approvals.listed), empty="Nothing waits for approval.")

    def row_number(self) -> str:
        """The name, the sitting or the number."""
        record = self._grid.record
        return str(getattr(record, "name", None) or getattr(record, "id", "") or "")

    def _on_tab(self, tab: int) -> Any:
        """The record of the row, on the tab that the key is about."""
        if self._tab != tab:
            raise Refused(f"This key is for the tab {self.TAB_NAMES[tab]}; {tab + 1} shows it.")
        record = self._grid.record
        if record is None:
            raise Refused("There is nothing on this line.")
        return record

    # Operators.

    @story
    async def action_add_operator(self) -> None:
        """Make an operator, who enrols with the code that is shown."""
        asked = (
            Asked("Name", check=operators.check_name, limit=40),
            Asked("Role", "clerk", check=operators.check_role, choices=operators.ROLES),
            Asked("Limit", check=partial(operators.read_limit, self.session), limit=20),
        )
        lines = ("They choose their own password with the code that comes; the limit is the most they give back alone.",)
        invited = await self.ask_until(
            lambda typed, problem: TextForm("A new operator", asked, lines, typed=typed, problem=problem),
            lambda a: self._invite(a[0], a[1], a[2]),
        )
        if invited:
            await self._show_code(*invited)

    async def _invite(self, name: str, role: str, limit: str) -> tuple[str, str]:
        return name, await self.write(operators.add, name, role, limit=limit)

    async def _show_code(self, name: str, code: str) -> None:
        page = TextPage(f"Activation code of {name}", [
            "", "  Shown once; it opens nothing but this enrolment, within a day:", "", f"      {code}", "",
            f"  {name} runs on the server:   netbill operator activate {name}", "",
            "  Then compare the fingerprint by voice, and grant the keys: d g on their line.", "",
            "  F12 leaves this page.",
        ])  # fmt: skip
        await self.app.push_screen(page)

    @story
    async def action_change_operator(self) -> None:
        """One more key says what becomes of the operator."""
        operator: Listed = self._on_tab(0)
        key = await self.ask(ChoiceForm(f"{operator.name} ({operator.role}, {operator.state}):", _CHANGES))
        if key is not None:
            await {
                "g": self._grant,
                "r": self._role,
                "l": self._limit,
                "u": self._unlock,
                "f": self._reset,
                "d": self._disable,
            }[key](operator)
            self.action_refresh()

    def on_record_grid_opened(self) -> None:
        """Enter changes the operator of the row."""
        if self._tab == 0:
            self.action_change_operator()

    async def _sure(self, question: str) -> bool:
        return await self.ask(ChoiceForm(question, (("y", "yes"), ("n", "no")))) == "y"

    async def _grant(self, operator: Listed) -> None:
        question = f"Does {operator.name} read {operator.fingerprint or 'no fingerprint'} aloud? Then sign and grant."
        if await self._sure(question):
            _, held = await self.write(operators.approve, operator.name)
            self.done(f"{operator.name} may sign in as {operator.role}; keys: {', '.join(held) or 'none'}.")

    async def _role(self, operator: Listed) -> None:
        asked = (Asked("Role", operator.role, check=operators.check_role, choices=operators.ROLES, is_stored=True),)
        answer = await self.ask(
            TextForm(f"Another role for {operator.name}", asked, ("Their sittings end; the next sign-in has the new role.",))
        )
        if answer:
            self._told_lost(
                f"{operator.name} is {answer[0]} now.", await self.write(operators.change_role, operator.name, answer[0])
            )

    def _told_lost(self, words: str, lost: Sequence[str]) -> None:
        due = [c for c in lost if c in rotation.ROTATED]
        self.done(f"{words} They held {', '.join(due)}: rotate it within a day, 3 r." if due else words)

    async def _limit(self, operator: Listed) -> None:
        now = "" if operator.limit is None else self.money(operator.limit)
        asked = (Asked("Limit", now, check=partial(operators.read_limit, self.session), limit=20, is_stored=True),)
        lines = ("The most they may give back alone; for more they ask a second operator. Empty for no limit.",)
        answer = await self.ask(TextForm(f"The limit of {operator.name}", asked, lines))
        if answer:
            most = await self.write(operators.change_limit, operator.name, answer[0])
            self.done(f"{operator.name} gives back alone: {'anything' if most is None else self.money(most)}.")

    async def _unlock(self, operator: Listed) -> None:
        await self.write(operators.unlock, operator.name)
        self.done(f"{operator.name} may try again.")

    async def _reset(self, operator: Listed) -> None:
        if await self._sure(f"A new code for {operator.name}? The old password and keys are gone then."):
            await self._show_code(operator.name, await self.write(operators.reset, operator.name))

    async def _disable(self, operator: Listed) -> None:
        if await self._sure(f"Disable {operator.name}? From the next action on they can do nothing."):
            self._told_lost(f"{operator.name} can do nothing any more.", await self.write(operators.disable, operator.name))

    # Sittings, keys, approvals.

    @story
    async def action_end_session(self) -> None:
        """End the sitting of the row."""
        row: sittings.Sitting = self._on_tab(1)
        mine = " It is your own." if row.id == self.session.sitting.id else ""
        if await self._sure(f"End the sitting of {row.operator}?{mine}"):
            await self.write(sittings.end, row.id)
            self.done(f"The sitting of {row.operator} is ended.")
            self.action_refresh()

    @story
    async def action_rotate(self) -> None:
        """Give the compartment of the row another key."""
        state: KeyState = self._on_tab(2)
        (name,) = rotation.check_names([state.key.compartment])
        if await self._sure(f"Seal every cell of {name} with another key, and destroy the old one?"):
            self.beside(partial(self._rotate, name), "rotation")

    async def _rotate(self, name: str) -> None:
        app, tell = self.app, self.tell

        def progress(done: int, total: int) -> None:
            app.call_from_thread(tell, f"Rotating {name}: {done:,} of {counted(total, 'cell')}. You can go on working.")

        try:
            rotated = await self.netbill.calls.long(rotation.rotate_until_done, self.session, name, on_progress=progress)
        except NetbillError as error:
            self.refuse(str(error))
            return
        self.done(f"{counted(rotated.cells, 'cell')} of {name} sealed with another key; the old one is destroyed.")
        self.action_refresh()

    async def _answer(self, *, approve: bool) -> None:
        asked: Approval = self._on_tab(3)
        what = f"{asked.kind} {self.money(asked.amount)} of {asked.object}"
        if approve:
            if await self._sure(f"Approve {what}, asked by {asked.asked_by}: {asked.reason}?"):
                answer = await self.write(approvals.answer, asked.id, approve=True)
                self.done(f"Posted {answer.result}, asked by {asked.asked_by}, approved by {answer.answered_by}.")
        else:
            reply = await self.ask(TextForm(f"Refuse {what}", (Asked("Reason", limit=200),)))
            if reply:
                await self.write(approvals.answer, asked.id, approve=False, reason=reply[0])
                self.done(f"Refused: {what}.")
        self.action_refresh()

    @story
    async def action_approve(self) -> None:
        """Post what was asked."""
        await self._answer(approve=True)

    @story
    async def action_decline(self) -> None:
        """Say no to what was asked."""
        await self._answer(approve=False)


def _identity(record: Any) -> object:
    named: Callable[[Any], object] = lambda r: getattr(r, "name", None) or getattr(r, "id", None)  # noqa: E731
    return (record.key.compartment, record.key.key_id) if isinstance(record, KeyState) else named(record)
