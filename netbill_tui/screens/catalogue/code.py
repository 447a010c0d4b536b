"""One billing code: what it is, its price history, what it brought; and the form of a code."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult

from netbill_tui.billing.catalogue.codes import CODE_KINDS, Code
from netbill_tui.billing.catalogue.prices import CATEGORIES, Price
from netbill_tui.billing.core.dates import short
from netbill_tui.commands import CODE_CHANGE, PRICE_ADD, PRICE_DROP
from netbill_tui.errors import Refused
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.text import counted
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.reports import revenue
from netbill_tui.widgets.lines import Line, Lines
from netbill_tui.widgets.record_grid import Col, RecordGrid

_CODE_FIELDS = (
    ("code", "Code", "such as INT-100"),
    ("name", "Name", "as on the invoice"),
    ("category", "Category", "internet"),
    ("kind", "Kind", "recurring, one-time, usage, bundle"),
    ("tax_class", "Tax class", ""),
    ("minimum_months", "Term, months", ""),
    ("leave_fee", "Early-leave fee", ""),
    ("suspended", "When suspended", "continue or stop"),
    ("parts", "Parts of a bundle", ""),
)
_CHOICES = {
    "category": tuple((c, c) for c in CATEGORIES),
    "kind": tuple((k, k) for k in CODE_KINDS),
    "suspended": (("continue", "continue  it is charged while access is suspended"), ("stop", "stop      with the next period")),
}
_PRICE_FIELDS = (
    ("amount", "Price"),
    ("from", "From"),
    ("audience", "For (all, new)"),
    ("promo_amount", "Promotion"),
    ("promo_periods", "For periods"),
    ("included", "Units included"),
    ("tiers", "Tiers"),
    ("notice", "Announce? y/n"),
)


async def ask_code(screen: NetbillScreen, before: Code | None) -> Code | None:
    """Ask for the fields of a code until they are stored, or None when the operator left."""
    values = ["" for _ in _CODE_FIELDS]
    if before is not None:
        parts = ",".join(f"{p}={w}" for p, w in before.parts)
        values = [before.code, before.name, before.category, before.kind, before.tax_class, str(before.minimum_months),
                  screen.money(before.leave_fee).replace(",", ""), before.suspended, parts]  # fmt: skip
    names = [name for name, _, _ in _CODE_FIELDS]
    choices = {**_CHOICES, "tax_class": [(c, c) for c in await screen.read(codes.tax_classes)]}
    asked = [
        Asked(words, value, limit=200, choices=choices.get(name, ()), is_stored=before is not None)
        for (name, words, _), value in zip(_CODE_FIELDS, values, strict=True)
    ]
    lines = ("Parts of a bundle as INT-100=70,PHONE=30: their weights split its price.",)

    def form(typed: tuple[str, ...], problem: str) -> TextForm:
        title = f"Change {before.code}" if before else "New billing code"
        return TextForm(title, asked, lines, typed=typed, problem=problem)

    async def post(answer: tuple[str, ...]) -> Code:
        fields = screen.named(names, answer, also_empty=[n for n in names if n not in ("category", "kind", "leave_fee")])
        if before is not None:
            fields["code"] = before.code
        if not fields.get("parts", "").strip():
            fields.pop("parts", None)
        return await screen.write(codes.store_code, fields)

    return await screen.ask_until(form, post)


class PriceRow(NamedTuple):
    """A price of the code, and whether an invoice used it."""

    price: Price
    used: bool


class CodeScreen(NetbillScreen):
    """One code: what it is, its prices by date, what it brought."""

    DECLARED = (CODE_CHANGE, PRICE_ADD, PRICE_DROP)

    def __init__(self, code: str) -> None:
        super().__init__()
        self._billing_code = code
        self._code: Code | None = None

    def title_words(self) -> str:
        """Its name."""
        return f"Billing code {self._billing_code}"

    def body(self) -> ComposeResult:
        """What it is, and its prices."""
        self._head = Lines([""] * 4)
        yield self._head
        columns: list[Col[PriceRow]] = [
            Col("From", 9, lambda r: short(r.price.first)),
            Col("Until", 9, lambda r: short(r.price.end) if r.price.end else ""),
            Col("For", 4, lambda r: r.price.audience),
            Col("Price", 12, lambda r: self.money(r.price.amount), right=True),
            Col("Promotion", 0, self._promotion),
            Col("Notice", 6, lambda r: "yes" if r.price.notice else "", priority=1),
            Col("Used", 5, lambda r: "used" if r.used else ""),
        ]
        self._grid: RecordGrid[PriceRow] = RecordGrid(columns, lambda r: r.price.id, empty="No price yet. i adds one.")
        yield self._grid

    def _promotion(self, row: PriceRow) -> str:
        price = row.price
        parts = []
        if price.promo_amount is not None:
            parts.append(f"{self.money(price.promo_amount)} for {counted(price.promo_periods, 'period')}")
        if price.included:
            parts.append(f"{price.included} included")
        parts += [f"{'all above' if t.up_to is None else f'to {t.up_to}'}: {t.amount} c" for t in price.tiers]
        return ", ".join(parts)

    @story
    async def action_refresh(self) -> None:
        """Read the code."""
        code, prices, lines = await self.read(_code_of, self._billing_code)
        self._code = code
        self._head.show([self._fit(line) for line in lines])
        self._grid.show(prices)

    def _fit(self, line: str) -> Line:
        return f" {line}"[: self.app.size.width]

    @story
    async def action_change_code(self) -> None:
        """Change what may change of it."""
        self.session.may_post()
        if self._code is not None and await ask_code(self, self._code) is not None:
            self.done(f"{self._billing_code} is changed.")
            self.action_refresh()

    @story
    async def action_add_price(self) -> None:
        """Add a dated price, after showing who is affected."""
        self.session.may_post()
        names = [name for name, _ in _PRICE_FIELDS]
        asked = [Asked(words, {"from": "t", "audience": "all", "notice": "n"}.get(n, ""), limit=80) for n, words in _PRICE_FIELDS]
        lines = ("The price holds for periods that begin on its date or later. Tiers of usage as 100=0.05, *=0.03.",)

        def form(typed: tuple[str, ...], problem: str) -> TextForm:
            return TextForm(f"Price of {self._billing_code}", asked, lines, typed=typed, problem=problem)

        async def post(answer: tuple[str, ...]) -> tuple[Price, Sequence[codes.Affected]]:
            fields = self.named(names, answer, also_empty=names)
            fields["notice"] = "yes" if fields["notice"].strip().lower().startswith("y") else ""
            price, affected = await self.read(codes.add_price, self._billing_code, fields, dry_run=True)
            if affected and not await self._confirmed(price, affected):
                raise Refused("Nothing was stored yet; F10 stores it, F12 leaves.")
            return await self.write(codes.add_price, self._billing_code, fields)

        stored = await self.ask_until(form, post)
        if stored is not None:
            self.done(f"{self.money(stored[0].amount)} from {stored[0].first}; affects {counted(len(stored[1]), 'service')}.")
            self.action_refresh()

    async def _confirmed(self, price: Price, affected: Sequence[codes.Affected]) -> bool:
        own = sum(1 for a in affected if a.own)
        lines = [
            f"{a.account}  {a.name[:24]}  {'-' if a.old is None else self.money(a.old)} -> {self.money(a.new)} from {a.from_on}"
            + ("  own price, left out" if a.own else "")
            for a in affected[:8]
        ]
        more = (
            [f"and {len(affected) - 8} more; :price {self._billing_code} AMOUNT --from DATE --dry-run lists all"]
            if len(affected) > 8
            else []
        )
        will = counted(len(affected) - own, "service")
        head = f"{will} will pay {self.money(price.amount)}; with a price of their own: {own}."
        form = TextForm(f"Price of {self._billing_code}", (Asked("Type yes"),), (head, *lines, *more))
        answer = await self.ask(form)
        return answer is not None and answer[0].strip().lower() == "yes"

    @story
    async def action_drop_price(self) -> None:
        """Take out the price under the cursor, where nothing used it."""
        self.session.may_post()
        record = self._grid.record
        if record is None:
            raise Refused("Put the cursor on a price first.")
        if record.used:
            raise Refused(f"An invoice used the price of {record.price.first}; it stays. Add one with a later date.")
        answer = await self.ask(TextForm(f"Drop the price of {record.price.first}?", (Asked("Type yes"),)))
        if answer is not None and answer[0].strip().lower() == "yes":
            await self.write(codes.drop_price, self._billing_code, record.price.first, record.price.audience)
            self.done("The price is gone.")
            self.action_refresh()


def _code_of(session: Session, name: str) -> tuple[Code, list[PriceRow], list[str]]:
    """The code with its prices and what it brought this year."""
    code = codes.code_named(session, name)
    used = codes.used(session)
    prices = [PriceRow(p, p.id in used) for p in codes.load(session).prices_of(code.code)]
    today = session.date()
    brought = revenue.revenue(session, today.replace(month=1, day=1), today)
    amount, lines = next(((b.net, b.lines) for b in brought if b.code == code.code), (0, 0))
    from netbill_tui.billing.core.money import format_amount

    money = format_amount(amount, session.book.currency, grouped=True)
    tax = f"tax class {code.tax_class}" if code.tax_class else "no tax"
    term = f"   term {counted(code.minimum_months, 'month')}" if code.minimum_months else ""
    parts = "parts " + ", ".join(f"{p} {w}" for p, w in code.parts) if code.parts else ""
    return (
        code,
        prices,
        [
            f"{code.name}   {code.category}, {code.kind}   {tax}{term}{'' if code.active else '   NOT SOLD ANY MORE'}",
            f"while suspended: {code.suspended}   proration: {code.proration or 'as the book'}",
            parts,
            f"this year {money} net in {counted(lines, 'line')}   (:report revenue)",
        ],
    )
