"""The catalogue: billing codes, tax rates, the rules of the book, and what the codes brought."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta
from textual.app import ComposeResult

from netbill_tui.billing.catalogue.taxes import CATEGORIES as TAX_CATEGORIES
from netbill_tui.billing.catalogue.taxes import DatedRate
from netbill_tui.billing.core.dates import short
from netbill_tui.commands import CODE_CHANGE, CODE_NEW, NEXT_TAB, OPEN, PRICE_DROP, TABS, WIDER, Command
from netbill_tui.errors import Refused
from netbill_tui.screens.catalogue.code import ask_code
from netbill_tui.screens.shell.base import story
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.screens.shell.tabs import TabbedScreen
from netbill_tui.styles.roles import BAD, QUIET
from netbill_tui.usecases.catalogue import codes, rules, tax_rates
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.reports import revenue
from netbill_tui.usecases.reports.revenue import Brought
from netbill_tui.widgets.lines import Part, chip
from netbill_tui.widgets.record_grid import Col, RecordGrid

_RATE_FIELDS = (
    ("tax_class", "Tax class", ""),
    ("percent", "Percent", ""),
    ("name", "Name", ""),
    ("from", "From", ""),
    ("until", "Until", ""),
    ("order", "Order", "1"),
    ("compound", "Compound? y/n", "n"),
    ("category", "Category", ""),
    ("reason", "Reason", ""),
)
_EVER = "1900-01-01"
_SPANS = ("this month", "last month", "this year", "last year")


class RuleRow(NamedTuple):
    """A rule of the book."""

    name: str
    value: str
    meaning: str


class CatalogueScreen(TabbedScreen):
    """All billing codes, rates and rules."""

    TITLE_WORDS = "Catalogue"
    TAB_NAMES = ("Codes", "Tax rates", "Rules", "Revenue")
    DECLARED = (OPEN, CODE_NEW, CODE_CHANGE, PRICE_DROP, WIDER, NEXT_TAB, *TABS[:4])

    def __init__(self) -> None:
        super().__init__()
        self._span = 0

    def body(self) -> ComposeResult:
        """Tabs and list."""
        yield self._tab_line
        self._grid: RecordGrid[Any] = RecordGrid(self._code_columns(), _identity, empty="")
        yield self._grid

    def footer_first(self) -> Sequence[Command]:
        """What is done on the tab."""
        return ((OPEN, CODE_NEW), (CODE_NEW, PRICE_DROP), (CODE_CHANGE,), (WIDER, OPEN))[self._tab]

    def _code_columns(self) -> list[Col[codes.Listed]]:
        return [
            Col("Code", 14, lambda r: r.code.code),
            Col("Name", 0, lambda r: r.code.name),
            Col("Category", 10, lambda r: r.code.category, priority=2),
            Col("Kind", 10, lambda r: r.code.kind, priority=1),
            Col("Tax", 8, lambda r: r.code.tax_class, priority=3),
            Col("Price", 11, lambda r: "" if r.price is None else self.money(r.price), right=True, mark=_no_price),
            Col("To come", 22, self._to_come, priority=2, role=lambda _: QUIET),
        ]

    def _to_come(self, row: codes.Listed) -> str:
        if not row.code.active:
            return "withdrawn"
        if not row.from_on:
            return ""
        return f"> {self.money(row.then) if row.then is not None else 'none'} from {short(row.from_on)}"

    @story
    async def action_refresh(self) -> None:
        """Read what the tab shows."""
        self.draw_tabs()
        await (self._show_codes, self._show_rates, self._show_rules, self._show_revenue)[self._tab]()

    async def _show_codes(self) -> None:
        self._grid.set_columns(self._code_columns())
        self._grid.show(
            await self.read(codes.listed), empty="No billing code yet. + adds one; the tax rates on tab 2 come first."
        )

    async def _show_rates(self) -> None:
        columns: list[Col[tax_rates.Held]] = [
            Col("Class", 12, lambda r: r.dated.tax_class),
            Col("From", 9, lambda r: short(r.first) if r.first > _EVER else "ever"),
            Col("Until", 9, lambda r: short(r.until) if r.until else "", priority=1),
            Col("Name", 0, lambda r: f"{r.dated.rate.name}{', resumed' if r.is_resumed else ''}"),
            Col("Percent", 8, lambda r: r.dated.rate.percent, right=True),
            Col("Cat", 3, lambda r: r.dated.rate.category, priority=2),
            Col("Order", 5, lambda r: f"{r.dated.rate.order}{' compound' if r.dated.rate.compound else ''}", priority=3),
        ]
        self._grid.set_columns(columns)
        self._grid.show(
            await self.read(tax_rates.rates), empty="No tax rate yet. + adds one; a code without a tax class is not taxed."
        )

    async def _show_rules(self) -> None:
        columns: list[Col[RuleRow]] = [
            Col("Rule", 15, lambda r: r.name),
            Col("Value", 18, lambda r: r.value),
            Col("Meaning", 0, lambda r: r.meaning),
        ]
        self._grid.set_columns(columns)
        self._grid.show(await self.read(_rules))

    async def _show_revenue(self) -> None:
        first, last = span_of(self.session.date(), _SPANS[self._span])
        columns: list[Col[Brought]] = [
            Col("Code", 14, lambda r: r.code),
            Col("Name", 0, lambda r: r.name),
            Col("Category", 10, lambda r: r.category, priority=1),
            Col("Lines", 9, lambda r: f"{r.lines:,}", right=True),
            Col("Net", 14, lambda r: self.money(r.net), right=True),
        ]
        self._grid.set_columns(columns)
        brought = await self.read(revenue.revenue, first, last)
        self._grid.show(brought, empty=f"Nothing was invoiced in {_SPANS[self._span]}. w shows another span.")
        total = self.money(sum(r.net for r in brought))
        self.tell(f"{_SPANS[self._span].capitalize()}, {first} to {last}: {total} net. w shows another span.")

    def action_within(self) -> None:
        """The next span of the revenue."""
        if self._tab != len(self.TAB_NAMES) - 1:
            self.refuse("You can change the span of the revenue only; 4 shows it.")
            return
        self._span = (self._span + 1) % len(_SPANS)
        self.action_refresh()

    def row_number(self) -> str:
        """The code, the class or the rule."""
        record = self._grid.record
        return "" if record is None else str(_identity(record)[0])

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Open the code, or change the rule."""
        record = event.record
        if isinstance(record, codes.Listed):
            await self.open_screen("code", record.code.code)
        elif isinstance(record, RuleRow):
            await self._change_rule(record)
        elif isinstance(record, Brought) and record.name and record.code:
            await self.open_screen("code", record.code)

    @story
    async def action_new_code(self) -> None:
        """Add a code, or on the rates a rate."""
        self.session.may_post()
        if self._tab == 1:
            await self._add_rate()
            return
        code = await ask_code(self, None)
        if code is not None:
            self.done(f"{code.code} {code.name} is stored; Enter opens it, and i gives it a price.")
            self.action_refresh()

    @story
    async def action_change_code(self) -> None:
        """Change the rule of the row, or the code."""
        self.session.may_post()
        record = self._grid.record
        if isinstance(record, RuleRow):
            await self._change_rule(record)
        elif isinstance(record, codes.Listed):
            if await ask_code(self, record.code) is not None:
                self.action_refresh()
        else:
            raise Refused("A rate is never changed: + adds one from a day on; v takes one back that taxed nothing yet.")

    @story
    async def action_drop_price(self) -> None:
        """Take back the tax rate of the row, where it taxed nothing yet."""
        self.session.may_post()
        record = self._grid.record
        if not isinstance(record, tax_rates.Held):
            raise Refused("Go to the tax rates with 2 and put the cursor on one; a price is dropped on its code.")
        dated = record.dated
        asked = f"Drop {dated.rate.name}, {dated.rate.percent} % from {dated.first}?"
        if await self.ask(ChoiceForm(asked, (("y", "drop it: the rate before it stays in force"), ("n", "keep it")))) == "y":
            await self.write(tax_rates.drop_rate, dated.tax_class, dated.first, dated.rate.order)
            self.done(f"{dated.tax_class} has no rate of its own from {dated.first} any more.")
            self.action_refresh()

    async def _add_rate(self) -> None:
        choices = {
            "tax_class": [(c, c) for c in await self.read(codes.tax_classes)],
            "category": [(c, f"{c}  {words}") for c, words in TAX_CATEGORIES.items()],
        }
        asked = tuple(Asked(words, value, limit=120, choices=choices.get(name, ())) for name, words, value in _RATE_FIELDS)
        lines = ("The rate of the same order is in force until the new one begins. An empty day means from the beginning.",)

        def form(typed: tuple[str, ...], problem: str) -> TextForm:
            return TextForm("New tax rate", asked, lines, typed=typed, problem=problem)

        async def post(answer: tuple[str, ...]) -> DatedRate:
            fields = self.named([n for n, _, _ in _RATE_FIELDS], answer)
            if not rules.yes(fields.get("compound", "n")):
                fields.pop("compound", "")
            return await self.write(tax_rates.add_rate, fields.pop("tax_class", ""), fields)

        stored = await self.ask_until(form, post)
        if stored is not None:
            self.done(f"{stored.tax_class}: {stored.rate.name}, {stored.rate.percent} % from {stored.first}.")
            self.action_refresh()

    async def _change_rule(self, row: RuleRow) -> None:
        self.session.may_post()
        asked = (Asked(row.name, row.value, limit=300, choices=[(c, c) for c in rules.choices(row.name)], is_stored=True),)
        lines = (f"{row.meaning}.", "What is issued already stays as it is.")

        def form(typed: tuple[str, ...], problem: str) -> TextForm:
            return TextForm("How the book bills", asked, lines, typed=typed, problem=problem)

        async def post(answer: tuple[str, ...]) -> str:
            return await self.write(rules.set_rule, row.name, answer[0])

        value = await self.ask_until(form, post)
        if value is not None:
            self.done(f"{row.name} is {value} from now on.")
            self.action_refresh()


def span_of(today: date, name: str) -> tuple[date, date]:
    """First and last day of a span that ends today, or with the month or year before."""
    first = today.replace(day=1) if "month" in name else today.replace(month=1, day=1)
    if name.startswith("this"):
        return first, today
    before = first - relativedelta(months=1 if "month" in name else 12)
    return before, first - relativedelta(days=1)


def _rules(session: Session) -> list[RuleRow]:
    return [RuleRow(*row) for row in rules.settings(session)]


def _no_price(row: codes.Listed) -> Part | None:
    return chip("NO PRICE", BAD) if row.lacks_price else None


def _identity(record: object) -> tuple[object, ...]:
    if isinstance(record, codes.Listed):
        return (record.code.code,)
    if isinstance(record, tax_rates.Held):
        return (record.dated.tax_class, record.first, record.dated.rate.order)
    assert isinstance(record, (RuleRow, Brought))
    return (record.name if isinstance(record, RuleRow) else record.code,)
