"""The start screen: today's takings, receivables by age, what is to be done. Every number is a door."""

from dataclasses import dataclass

from textual.app import ComposeResult

from netbill_tui.billing.payments import METHODS
from netbill_tui.commands import OPEN
from netbill_tui.screens.base import NetbillScreen, story
from netbill_tui.screens.dues import DuesScreen
from netbill_tui.screens.overdue import OverdueScreen
from netbill_tui.screens.payments import PaymentsScreen
from netbill_tui.services.dashboard import DAYS_AHEAD, Dashboard, dashboard
from netbill_tui.widgets.bars import bar
from netbill_tui.widgets.lines import PLAIN, UNDERLINE, Line, Lines
from netbill_tui.widgets.record_grid import Col, RecordGrid


@dataclass(frozen=True, slots=True)
class Door:
    """A line that opens a list."""

    id: str
    words: str
    count: int
    amount: int


class DashboardScreen(NetbillScreen):
    """One page in 80 x 24."""

    TITLE_WORDS = "Dashboard"
    DECLARED = (OPEN,)

    def body(self) -> ComposeResult:
        """Figures above, doors below."""
        self._figures = Lines(["", "  reading ..."])
        self._figures.add_class("figures")
        yield self._figures
        self._doors: RecordGrid[Door] = RecordGrid(
            [
                Col("What", 0, lambda d: d.words),
                Col("Number", 10, lambda d: f"{d.count:,}", right=True),
                Col("Amount", 16, lambda d: self.money(d.amount) if d.amount or d.id != "none" else "", right=True),
            ],
            lambda d: d.id,
            empty="Nothing yet. Bring your customers: netbill import --profile FILE.toml FILE.csv",
        )
        yield self._doors

    @story
    async def action_refresh(self) -> None:
        """Read every figure again."""
        made = await self.read(dashboard)
        self._figures.show(self._lines(made))
        self._doors.show(_doors(made))
        if not made.customers:
            self.tell("The book is empty. Leave with ^Q and run: netbill import --profile FILE.toml FILE.csv")

    def _lines(self, made: Dashboard) -> list[Line]:
        lines: list[Line] = []
        heads = [f"{METHODS[m][0].split()[0][:8]:>9}" for m in METHODS]
        lines.append([("  Takings" + "".join(heads), UNDERLINE)])
        sums = [self.money(made.takings.get(m, (0, 0))[1]) if m in made.takings else "-" for m in METHODS]
        lines.append("  " + made.as_of[5:] + "  " + "".join(f"{s:>9}" for s in sums))
        number = sum(n for n, _ in made.takings.values())
        total = self.money(sum(a for _, a in made.takings.values()))
        lines += [[(f"  {number} payments, {total} {self.session.book.currency} in all", PLAIN)], ""]
        largest = max((amount for _, amount in made.ageing.buckets.values()), default=0)
        lines.append([("  Receivables      invoices           open", UNDERLINE)])
        for name, (count, amount) in made.ageing.buckets.items():
            words = "not due" if name == "current" else f"{name} d"
            lines.append(f"  {words:<14}{count:>11,}{self.money(amount):>15}  {bar(amount, largest, 34)}")
        lines.append(f"  {'on account':<14}{'':>11}{self.money(made.ageing.unapplied):>15}")
        lines.append(f"  {'total':<14}{'':>11}{self.money(made.ageing.total):>15}  {made.customers:,} customers")
        lines.append("")
        return lines

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Go through the door."""
        door = event.record
        assert isinstance(door, Door)
        if door.id in ("work", "overdue"):
            await self.app.push_screen(OverdueScreen(work=door.id == "work"))
        elif door.id == "today":
            await self.app.push_screen(PaymentsScreen(today=True))
        else:
            await self.app.push_screen(DuesScreen(DAYS_AHEAD if door.id == "soon" else None))


def _doors(made: Dashboard) -> list[Door]:
    if not made.customers:
        return []
    open_count = sum(n for n, _ in made.ageing.buckets.values())
    open_sum = sum(a for _, a in made.ageing.buckets.values())
    today = (sum(n for n, _ in made.takings.values()), sum(a for _, a in made.takings.values()))
    return [
        Door("work", "Overdue accounts to work today", made.work[0], made.work[1]),
        Door("overdue", "All overdue accounts", *made.overdue),
        Door("soon", f"Invoices due in the next {DAYS_AHEAD} days", *made.falling_due),
        Door("dues", "All open invoices", open_count, open_sum),
        Door("today", "Payments of today", *today),
    ]
