"""The start screen: today's takings, receivables by age, what is to be done. Every number is a door."""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from textual.app import ComposeResult

from netbill_tui.billing.core.dates import dates_as_shown, short
from netbill_tui.billing.core.money import Tally
from netbill_tui.billing.receivables.ageing import BUCKET_NAMES
from netbill_tui.billing.receivables.payments import METHODS
from netbill_tui.commands import NEW, OPEN
from netbill_tui.errors import NetbillError, SessionEnded
from netbill_tui.screens.reports.charts import last_posted, received_by_day
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.lanes import Replaced
from netbill_tui.styles.roles import BAR, HEAD, LATE, PLAIN, QUIET, STRONG
from netbill_tui.text import counted
from netbill_tui.usecases.collections import outbox, work_list
from netbill_tui.usecases.collections.outbox import Waiting
from netbill_tui.usecases.core import unfinished_forms
from netbill_tui.usecases.lookup import lists, views
from netbill_tui.usecases.reports.dashboard import DAYS_AHEAD, Dashboard, dashboard
from netbill_tui.usecases.verify import book
from netbill_tui.widgets.bars import bar, spark
from netbill_tui.widgets.lines import Line, Lines, Part, fit_right, problem_lines
from netbill_tui.widgets.record_grid import Col, RecordGrid


@dataclass(frozen=True, slots=True)
class Door:
    """A line of figures that opens the list it sums."""

    id: str
    words: str
    count: int
    amount: int
    bar: str = ""


TREND = 14  # days in the small line
DOORS = 12  # lines of the doors with their heading
LEAST = 32  # lines of a terminal from which on there is room for more
_LATE = BUCKET_NAMES[2:]  # more than 30 days past due


class DashboardScreen(NetbillScreen):
    """One page in 80 x 24: every line is a door."""

    TITLE_WORDS = "Dashboard"
    DECLARED = (OPEN, NEW)

    def __init__(self) -> None:
        super().__init__()
        self._work: tuple[int, int] | None = None
        self._waiting: Waiting | None = None
        self._looked_at = ""
        self._wrong = ""
        self._chart: list[Line] = []

    def body(self) -> ComposeResult:
        """Takings above, doors below."""
        self._figures = Lines(["", "  reading ..."])
        self._figures.add_class("figures")
        yield self._figures
        self._doors: RecordGrid[Door] = RecordGrid(
            [
                Col("What", 32, lambda d: d.words),
                Col("Number", 8, lambda d: f"{d.count:,}" if d.count or d.amount >= 0 else "", right=True),
                Col("Amount", 14, lambda d: "" if d.id == "outbox" else self.money(d.amount), right=True, role=_amount_role),
                Col("", 0, lambda d: d.bar, priority=1, role=_bar_role),
            ],
            lambda d: d.id,
            empty="Nothing yet. Bring your customers: netbill import --profile FILE.toml FILE.csv",
        )
        yield self._doors
        self._drawn = Lines([])
        yield self._drawn

    @story
    async def action_refresh(self) -> None:
        """Read every figure again."""
        figures = await self.read(dashboard)
        self._figures.show(self._lines(figures))
        self._doors.show(_doors(figures, self._work, self._waiting))
        self._draw_more(figures)
        # Counted after the rest is shown: of a million customers it looks at every overdue one.
        self.beside(partial(self._count_work, figures), "count", newest=True)
        if self._looked_at != figures.as_of:
            self._looked_at = figures.as_of
            self.beside(partial(self._look_at_book, figures), "day", newest=True)
        if not figures.customers:
            self.tell("The book is empty. Leave with ^Q and run: netbill import --profile FILE.toml FILE.csv")

    def _draw_more(self, figures: Dashboard) -> None:
        """On a high terminal the room below is used: what came in day by day, and the newest payments."""
        room = self.app.size.height - LEAST
        self._drawn.display = room >= 0 and bool(figures.customers)
        self._doors.styles.height = DOORS if self._drawn.display else "1fr"
        if self._drawn.display:
            self._chart = received_by_day(figures.received, self.money, self.app.size.width)
            self._drawn.show(self._chart)
            self.beside(self._show_last, "last", newest=True)

    async def _show_last(self) -> None:
        newest = await self.read(lists.page, "payments")
        rows = max(self.app.size.height - LEAST, 0)
        self._drawn.show([*self._chart, *last_posted(newest, self.money, self.app.size.width, rows)])

    async def _look_at_book(self, figures: Dashboard) -> None:
        """Once a day, whoever comes first: is the book sound, as far as a quick look tells?"""
        try:
            self._wrong = await self.netbill.calls.long(book.start_of_day, self.session)
        except SessionEnded:
            raise
        except NetbillError:
            return  # It cannot be read now: whoever works in it is told so.
        if self._wrong:
            self._figures.show(self._lines(figures))

    def _show_own_theme(self) -> None:
        """The theme that the operator chose the last time, unless this sitting was begun with another."""
        name, origin = self.netbill.desk.preference("theme").get("name"), self.netbill.settings.origins.get("theme", "")
        if isinstance(name, str) and not origin.startswith(("--", "NETBILL_")):
            with suppress(NetbillError):  # its file is gone
                self.netbill.show_theme(name)

    async def _count_work(self, figures: Dashboard) -> None:
        desk = self.netbill.desk
        first = not desk.offered and self.session.operator is not None
        if first:
            desk.preferences = await self.read(views.preferences)
            self._show_own_theme()
        try:
            self._work = await self.netbill.calls.count(work_list.work_sums, self.session)
            self._waiting = await self.read(outbox.waiting)
        except Replaced:
            return
        except SessionEnded:
            raise
        except NetbillError as error:
            self.refuse(str(error))
            return
        self._doors.show(_doors(figures, self._work, self._waiting))
        if first:
            desk.offered = True
            unfinished = await self.read(unfinished_forms.waiting)
            if unfinished:
                forms = f"{len(unfinished)} forms were" if len(unfinished) > 1 else "A form was"
                self.tell(f"{forms} left half-filled: {', '.join(d.title for d in unfinished[-3:])}. ^G or b brings it back.")

    @story
    async def action_new(self) -> None:
        """Store a new customer."""
        self.session.may_post()
        await self.open_screen("customer-form")

    def _lines(self, figures: Dashboard) -> list[Line]:
        wrong = dates_as_shown(self._wrong)
        heads = [f"{m:>10}" for m in METHODS]
        sums = [self.money(figures.takings[m].amount) if m in figures.takings else "-" for m in METHODS]
        number = sum(t.number for t in figures.takings.values())
        total = self.money(sum(t.amount for t in figures.takings.values()))
        currency = self.session.book.currency
        days = [amount for _, amount in figures.received][-TREND - 1 : -1]  # today is not over yet
        trend: list[Part] = [(f"  {len(days)} days  ", PLAIN), (spark(days), BAR)]
        trend.append((f"  {self.money(min(days))} to {self.money(max(days))} a day" if days else "", QUIET))
        balance: list[Part] = [("  All balances ", PLAIN), (self.money(figures.ageing.total), STRONG)]
        balance.append((f" {currency} of {counted(figures.customers, 'customer')}", PLAIN))
        return [
            [(" Today  " + "".join(heads), HEAD)],
            " " + short(figures.as_of)[:6] + " " + "".join(" " + fit_right(s, 9) for s in sums),
            [(f"  {counted(number, 'payment')}, ", PLAIN), (total, STRONG), (f" {currency} in all", PLAIN)],
            trend,
            balance,
            *(problem_lines(wrong, self.app.size.width) if self._wrong else ()),
        ]

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Go through the door."""
        door = event.record
        assert isinstance(door, Door)
        if door.id in ("work", "overdue"):
            await self.open_screen("overdue", work=door.id == "work")
        elif door.id == "today":
            await self.open_screen("payments", today=True)
        elif door.id == "outbox":
            await self.open_screen("collections", tab=2)
        elif door.id == "credit":
            await self.open_screen("customers", terms="st:credit")
        elif door.id in BUCKET_NAMES:
            await self.open_screen("dues", bucket=door.id)
        else:
            await self.open_screen("dues", DAYS_AHEAD if door.id == "soon" else None)


def _doors(figures: Dashboard, work: tuple[int, int] | None, waiting: Waiting | None) -> list[Door]:
    if not figures.customers:
        return []
    buckets = figures.ageing.buckets
    largest = max(amount for _, amount in buckets.values())
    today = Tally(sum(t.number for t in figures.takings.values()), sum(t.amount for t in figures.takings.values()))
    doors = [
        Door("work", "Overdue accounts to work today", *(work or (0, 0)), "" if work else "counting ..."),
        Door("overdue", "All overdue accounts", *figures.overdue),
        Door("soon", f"Invoices due in the next {DAYS_AHEAD} days", *figures.falling_due),
        Door("today", "Payments of today", *today),
        Door("dues", "All open invoices", sum(n for n, _ in buckets.values()), sum(a for _, a in buckets.values())),
    ]
    for name, (count, amount) in buckets.items():
        words = "not due yet" if name == "current" else f"{name} days past due"
        doors.append(Door(name, f"  {words}", count, amount, bar(amount, largest, 20)))
    doors.append(Door("credit", "Unallocated credit", 0, figures.ageing.unapplied))
    if waiting is not None and waiting.total:
        doors.append(Door("outbox", f"Outbox: {_waiting_words(waiting)}", waiting.total, 0))
    return doors


def _waiting_words(waiting: Waiting) -> str:
    """What wants a person first: the two first of what there is."""
    parts = (
        (waiting.unknown, "unknown"), (waiting.bounced, "came back"), (waiting.letters, "to print"), (waiting.mails, "to mail"),
    )  # fmt: skip
    return ", ".join(f"{number:,} {words}" for number, words in [p for p in parts if p[0]][:2])


def _amount_role(door: Door) -> str:
    return LATE if door.id in _LATE else STRONG


def _bar_role(door: Door) -> str:
    return PLAIN if door.id == "work" else BAR
