"""The billing run: preview with exceptions, the run with its progress, parked customers, runs, drafts."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from textual.app import ComposeResult

from netbill_tui.billing.core.dates import parse_date, short
from netbill_tui.commands import BILL_DATE, CATCH_UP, NEXT_TAB, OPEN, PAPER, RETRY, RUN, RUN_STOP, RUN_UNDO, TABS, Command
from netbill_tui.errors import Refused
from netbill_tui.screens.billing_run import handing_out
from netbill_tui.screens.billing_run.handing_out import How
from netbill_tui.screens.shell.base import story
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.reversal import check_reason
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.screens.shell.tabs import TabbedScreen
from netbill_tui.styles.roles import BAD, BAR, KEY, PLAIN, STRONG, WAIT
from netbill_tui.text import counted
from netbill_tui.usecases.billing_run import issue, papers, undo
from netbill_tui.usecases.billing_run.issue import DraftRow, Exceptional, ParkedRow, Preview, Run
from netbill_tui.usecases.billing_run.undo import Undone
from netbill_tui.widgets.bars import FULL
from netbill_tui.widgets.lines import Lines, Part, bar_of, chip
from netbill_tui.widgets.record_grid import Col, RecordGrid

T = TypeVar("T")

_CATCH_UP = {"": "left out", "all": "billed one by one", "latest": "only the latest is billed", "skip": "skipped"}


_USUAL = ("done", "undone")
UNUSUAL_PERCENT, UNUSUAL_SUM = 10, 5000  # a total that differs more from the last run's, in percent and in minor units


def _unusual(run: Run) -> Part | None:
    return None if run.state in _USUAL else chip(run.state.upper(), WAIT)


def _compared(words: str, now: int, before: int | None, shown: Callable[[int], str]) -> list[Part]:
    """A figure beside that of the last run; a change that somebody should look at is a chip."""
    parts: list[Part] = [(f" {words:<17}", PLAIN), (f"{shown(now):>14}", STRONG)]
    if before is None:
        return parts
    parts.append((f"{shown(before):>22}   ", PLAIN))
    change = now - before
    tenths = abs(change) * 1000 // abs(before) if before else 0
    percent = f"{'-' if change < 0 else '+' if change else ''}{tenths // 10}.{tenths % 10} %" if before else "new"
    is_unusual = bool(now) and abs(change) >= UNUSUAL_SUM and abs(change) * 100 > abs(before) * UNUSUAL_PERCENT
    return [*parts, chip(percent, BAD) if is_unusual else (f" {percent}", PLAIN)]


class BillingScreen(TabbedScreen):
    """Looks first: nothing is issued before the preview was confirmed."""

    TITLE_WORDS = "Billing run"
    TAB_NAMES = ("Preview", "Parked", "Runs", "Drafts")
    DECLARED = (RUN, BILL_DATE, CATCH_UP, RETRY, RUN_UNDO, OPEN, PAPER, RUN_STOP, NEXT_TAB, *TABS[:4])

    def __init__(self, *, tab: int = 1) -> None:
        super().__init__()
        self._tab = tab - 1
        self._catch_up = ""
        self._as_of: date | None = None
        self._preview: Preview | None = None
        self._at_work = False
        self._stop_asked = False

    def body(self) -> ComposeResult:
        """Figures, tabs, list."""
        self._figures = Lines([" Planning ..."] + [""] * 4)
        yield self._figures
        yield self._tab_line
        self._grid = RecordGrid(self._exception_columns(), _identity, empty="")
        yield self._grid

    def footer_first(self) -> Sequence[Command]:
        """What is done on the tab."""
        return ((RUN, BILL_DATE, CATCH_UP), (OPEN, RETRY), (RUN_UNDO, PAPER), (OPEN,))[self._tab]

    def account(self) -> str | None:
        """The account of the row."""
        return getattr(self._grid.record, "account", None)

    # Looking.

    @story
    async def action_refresh(self) -> None:
        """Plan anew; on the other tabs, read them again."""
        if self._at_work:
            return
        if self._tab == 0 or self._preview is None:
            await self._plan()
        self._draw()
        await self._show_tab()

    async def _plan(self) -> None:
        shown = self._progress("Planning")
        call = self.netbill.calls.long
        self._preview = await call(issue.preview, self.session, self._day(), catch_up=self._catch_up, on_progress=shown)

    def _day(self) -> date:
        """The day that is billed: today, or the one that was asked for."""
        return self._as_of or self.session.date()

    def _progress(self, words: str) -> Any:
        began = time.monotonic()
        last_told = [0.0]
        first: list[int] = []  # what was done before it began

        def show(done: int, total: int) -> None:
            now = time.monotonic()
            first[:] = first or [done]
            if now - last_told[0] < 0.2 and done < total:
                return
            last_told[0] = now
            left = (now - began) / (done - first[0]) * (total - done) if done > first[0] else 0
            percent = 100 * done // total if total else 100
            drawn = (FULL * (20 * percent // 100)).ljust(20, ".")
            rest = f"{int(left) // 60}:{int(left) % 60:02} left" if left else ""
            line: list[Part] = [(f" {words} {done:,} of {total:,}  ", STRONG), (drawn, BAR), (f"  {percent} %  {rest}", PLAIN)]
            if self._at_work:
                line += [("   ", PLAIN), chip("s", KEY), (" stops it", PLAIN)]
            self.app.call_from_thread(self._figures.show, [line])

        return show

    def _draw(self) -> None:
        preview = self._preview
        if preview is None:
            return
        counts = "   ".join(f"{n:,} {kind}" for kind, n in preview.counts.items()) or "nothing out of the ordinary"
        last, money = preview.last, self.money
        parked: list[Part] = [chip(f"{len(preview.parked):,} CANNOT BE BILLED", WAIT)] if preview.parked else []
        against = f"last run, {short(last.as_of)}" if last else ""
        head = bar_of(
            f" As of {short(preview.as_of):<12}{'this run':>14}{against:>22}{'change' if last else '':>12}",
            self.app.size.width,
            *parked,
        )
        invoices = _compared("invoices", preview.issued, last.invoices if last else None, "{:,}".format)
        total = _compared("total", preview.total, last.total if last else None, money)
        rest = f" net {money(preview.net)}   tax {money(preview.tax)}   {counted(preview.lines, 'line')}"
        rest += f"   {counted(preview.credits, 'credit note')}" if preview.credits else ""
        self._figures.show([
            head, invoices, total, f"{rest}   {counted(preview.already, 'customer')} billed already",
            f" {counts}   missed periods: {_CATCH_UP[self._catch_up]} (w changes it)",
        ])  # fmt: skip

    async def _show_tab(self) -> None:
        self.draw_tabs()
        if self._tab == 0:
            preview = self._preview
            rows = list(preview.exceptions) if preview else []
            self._grid.set_columns(self._exception_columns())
            ahead = (
                f"The next bill date is {short(preview.next_on)}."
                if preview and preview.next_on
                else "No service waits for a bill."
            )
            nothing = preview is not None and not preview.issued + preview.credits
            some = "Nothing is out of the ordinary. F10 issues the documents counted above."
            self._grid.show(rows, empty=f"There is nothing to bill as of this day. {ahead}" if nothing else some)
        elif self._tab == 1:
            columns: list[Col[ParkedRow]] = [
                Col("Account", 12, lambda p: p.account),
                Col("Customer", 16, lambda p: p.name, priority=1),
                Col("As of", 9, lambda p: short(p.as_of), priority=2),
                Col("Reason", 0, lambda p: p.reason),
            ]
            self._grid.set_columns(columns)
            empty = "No customer is parked. Customers that cannot be billed are listed here, with the reason."
            self._grid.show(await self.read(issue.parked), empty=empty)
        elif self._tab == 2:
            self._grid.set_columns(self._run_columns())
            self._grid.show(await self.read(issue.runs), empty="Nothing was billed yet. F10 on the preview starts a run.")
        else:
            drafts: list[Col[DraftRow]] = [
                Col("Account", 12, lambda d: d.account),
                Col("Customer", 0, lambda d: d.name, priority=1),
                Col("Bill date", 9, lambda d: short(d.bill_date)),
                Col("Issued on", 9, lambda d: short(d.posts_on)),
                Col("Net", 11, lambda d: self.money(d.net), right=True),
                Col("State", 9, lambda d: d.state),
            ]
            self._grid.set_columns(drafts)
            self._grid.show(await self.read(issue.drafts), empty="No draft is waiting. :rule drafts_days 3 lets invoices wait.")

    def _exception_columns(self) -> list[Col[Exceptional]]:
        return [
            Col("Account", 12, lambda e: e.account),
            Col("Customer", 0, lambda e: e.name),
            Col("What", 9, lambda e: e.kind),
            Col("Detail", 26, lambda e: e.detail),
            Col("Net", 11, lambda e: self.money(e.net), right=True),
        ]

    def _run_columns(self) -> list[Col[Run]]:
        return [
            Col("Run", 9, lambda r: r.number),
            Col("As of", 9, lambda r: short(r.as_of)),
            Col("Kind", 4, lambda r: r.kind),
            Col("State", 9, lambda r: r.state if r.state in _USUAL else "", mark=_unusual),
            Col("Invoices", 8, lambda r: f"{r.invoices:,}", right=True),
            Col("Credits", 7, lambda r: f"{r.credits:,}", right=True, priority=2),
            Col("Total", 0, lambda r: self.money(r.total), right=True),
            Col("Parked", 6, lambda r: str(r.parked), right=True),
            Col("By", 8, lambda r: r.operator, priority=1),
        ]

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Open the account of the row."""
        account = getattr(event.record, "account", None)
        if account:
            await self.open_screen("customer", account)

    @story
    async def action_catch_up(self) -> None:
        """What becomes of periods that were missed."""
        choices = (("a", "bill all of them"), ("l", "only the latest"), ("s", "skip them"), ("o", "leave these customers out"))
        key = await self.ask(ChoiceForm("More than one period is missing for some customers:", choices))
        if key is not None:
            self._catch_up = {"a": "all", "l": "latest", "s": "skip", "o": ""}[key]
            self._tab = 0
            self.action_refresh()

    @story
    async def action_bill_date(self) -> None:
        """Another day to plan and bill for."""
        today = self.session.date()
        lines = ("Everything with a bill date up to that day. Documents get that date, or today if it is in the future.",)
        asked = Asked("As of", self._day().isoformat(), lambda text: parse_date(text, today), limit=20)
        answer = await self.ask(TextForm("Which day is billed?", (asked,), lines))
        if answer is not None:
            day = parse_date(answer[0], today)
            self._as_of = None if day == today else day
            self._tab = 0
            self.action_refresh()

    # Doing.

    @story
    async def action_run(self) -> None:
        """Issue what the preview shows."""
        self.session.may_post()
        preview = self._preview
        if self._at_work:
            raise Refused("A run is in progress; s stops it after this batch.")
        if preview is None or not preview.issued + preview.credits:
            raise Refused("There is nothing to bill as of this day.")
        count = str(preview.issued + preview.credits)

        def check(text: str) -> None:
            if text.replace(",", "").strip() != count:
                raise Refused(f"Type {count}, the number of documents, to issue them.")

        summary = f"{_documents(preview, ' and ')}, total {self.money(preview.total)}, as of {short(preview.as_of)}."
        lines = (summary, "They get numbers and cannot be changed; a run is undone by credit notes only.")
        if await self.ask(TextForm("Run the billing", (Asked("How many?", check=check),), lines)) is None:
            self.tell("Nothing was issued.")
            return
        self.beside(self._run_it, "billing", newest=False)

    async def _at_length(self, words: str, work: Callable[..., T], *args: object, **more: object) -> T | None:
        """Long work of this session with its progress, which `s` stops; None where it was refused, which is said."""
        from netbill_tui.errors import NetbillError, SessionEnded

        self._at_work, self._stop_asked = True, False
        ends = {"on_progress": self._progress(words), "should_stop": lambda: self._stop_asked}
        try:
            return await self.netbill.calls.long(work, self.session, *args, **more, **ends)
        except SessionEnded:
            raise
        except NetbillError as error:
            self.refuse(str(error))
            return None
        finally:
            self._at_work = False

    async def _run_it(self) -> None:
        done = await self._at_length("Billing", issue.issue, self._day(), catch_up=self._catch_up)
        if done is None:
            return
        how = "stopped; the next run continues after it" if done.stopped else "done"
        self.done(
            f"{done.run or 'The run'} is {how}: {_documents(done, ', ')}, "
            f"{self.money(done.total)}; {len(done.parked):,} left out."
        )
        self._preview = None
        self.action_refresh()

    @story
    async def action_paper(self) -> None:
        """The documents of the run of the row, in postal order: to the printer, or into files."""
        row = self._grid.record
        if not isinstance(row, Run):
            raise Refused("Go to the runs with 3 and put the cursor on one.")
        if self._at_work:
            raise Refused("Something is in progress; s stops it after this batch.")
        how = await handing_out.asked(self, row.number)
        if how is None:
            self.tell("Nothing was printed.")
            return
        self.beside(lambda: self._hand_out(row.number, how), "papers", newest=False)

    async def _hand_out(self, number: str, how: How) -> None:
        words = "Printing" if how.is_printed else "Writing"
        done = await self._at_length(words, papers.hand_out, number, to=how.to, singles=how.singles, unknown=how.unknown)
        if done is None:
            return
        stopped = "Stopped; P goes on behind it. " if done.stopped else ""
        self.done(stopped + done.words(printed=how.is_printed))
        self.action_refresh()

    def action_stop_run(self) -> None:
        """Stop the run behind its batch."""
        if self._at_work:
            self._stop_asked = True
            self.tell("Stopping after this batch ...")

    @story
    async def action_retry(self) -> None:
        """Bill the parked customer of the row now."""
        self.session.may_post()
        row = self._grid.record
        if not isinstance(row, ParkedRow):
            raise Refused("Go to the parked customers with 2 and put the cursor on one.")
        billed = await self.write(issue.bill_one, row.account, self._day(), catch_up=self._catch_up)
        self.done(billed.parked[0][1] if billed.parked else f"{row.account} is billed: {counted(billed.issued, 'invoice')}.")
        self._preview = None
        self.action_refresh()

    @story
    async def action_undo(self) -> None:
        """Take the run of the row back."""
        self.session.may_post()
        row = self._grid.record
        if not isinstance(row, Run):
            raise Refused("Go to the runs with 3 and put the cursor on one.")
        undoable = await self.read(undo.check_undo, row.number)
        number = undoable.number

        def check(text: str) -> None:
            if text.strip().upper() != number:
                raise Refused(f"Type {number} to take it back.")

        plus, minus = counted(len(undoable.invoices), "invoice"), counted(len(undoable.credit_notes), "credit note")
        lines = (
            f"Credits {plus} and takes {minus} back, {self.money(row.total)}.",
            "What they billed can be billed again afterwards.",
        )
        asked = (Asked("Which run?", check=check), Asked("Reason", check=check_reason, limit=200))

        def form(typed: tuple[str, ...], problem: str) -> TextForm:
            return TextForm(f"Undo {number}", asked, lines, typed=typed, problem=problem)

        async def post(answer: tuple[str, ...]) -> Undone:
            shown = self._progress("Undoing")
            return await self.netbill.calls.long(undo.undo, self.session, number, answer[1], on_progress=shown)

        undone = await self.ask_until(form, post)
        if undone is not None:
            self.done(f"{undone.undoes} is undone by {counted(undone.credits, 'credit note')}, {self.money(undone.total)}.")
            self._preview = None
            self.action_refresh()


def _documents(counts: Preview, joined: str) -> str:
    return f"{counted(counts.issued, 'invoice')}{joined}{counted(counts.credits, 'credit note')}"


def _identity(record: object) -> object:
    if isinstance(record, Exceptional):
        return (record.account, record.kind)
    return getattr(record, "number", None) or getattr(record, "account", record)
