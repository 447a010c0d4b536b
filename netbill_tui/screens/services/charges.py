"""What else is billed to an account: one-off charges, discounts, exemptions, terms; each a small form behind one key."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from netbill_tui.billing.billing_run.invoicing import OneOff
from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import format_amount
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.pick import PickForm
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.usecases.catalogue import codes as catalogue
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables import apply_credit
from netbill_tui.usecases.receivables.payments import new_request_id
from netbill_tui.usecases.services import charges, discounts, subscriptions

if TYPE_CHECKING:
    from netbill_tui.screens.shell.base import NetbillScreen

_WHAT = (
    ("c", "a one-off charge"),
    ("w", "withdraw a charge that waits"),
    ("d", "a discount"),
    ("s", "let a discount end"),
    ("e", "an exemption from tax"),
    ("t", "due day and anchor day"),
    ("a", "apply the open credit to open invoices"),
)
_CHARGE = (
    ("code", "Code", ""),
    ("amount", "Amount", ""),
    ("quantity", "Quantity", "1"),
    ("on", "Day", "t"),
    ("text", "Text", ""),
)
_DISCOUNT = (
    ("percent", "Percent", ""),
    ("amount", "or amount", ""),
    ("code", "On code", ""),
    ("from", "From", "t"),
    ("periods", "For periods", ""),
    ("until", "or until", ""),
    ("text", "Text", ""),
)
_EXEMPTION = (("certificate", "Certificate", ""), ("from", "From", "t"), ("until", "Until", ""))
_TERMS = (("day", "Due day, 1-31", ""), ("anchor", "Anchor, 1-31", ""))
Fields = dict[str, str]


async def bill_more(screen: "NetbillScreen", account: str) -> bool:
    """Ask what is billed or agreed, and its fields; False when the operator left."""
    screen.session.may_post()
    key = await screen.ask(ChoiceForm(f"Bill {account}, or agree with them:", _WHAT))
    if key == "c":
        return await _charge(screen, account)
    if key == "w":
        return await _withdraw(screen, account)
    if key == "d":
        return await _discount(screen, account)
    if key == "s":
        return await _end_discount(screen, account)
    if key == "a":
        return await _apply_credit(screen, account)
    if key == "e":
        remark = ("While the certificate holds, invoices take no tax and name it.",)
        return await _filled(screen, "Exemption from tax", _EXEMPTION, remark, _exempt, account, {})
    if key == "t":
        lines = (
            "Invoices fall due on this day of the month after; days after issue stand in the profile.",
            "New services begin their periods on the anchor day. 0 removes either day.",
        )
        return await _filled(screen, "Due day and anchor day", _TERMS, lines, _set_terms, account, {})
    return False


async def _filled(
    screen: "NetbillScreen",
    title: str,
    shape: tuple[tuple[str, str, str], ...],
    lines: tuple[str, ...],
    post: Callable[[Session, str, Fields], str],
    account: str,
    choices: dict[str, list[tuple[str, str]]],
) -> bool:
    """Ask for fields until they are stored."""
    asked = tuple(Asked(words, value, limit=120, choices=choices.get(name, ())) for name, words, value in shape)

    def form(typed: tuple[str, ...], problem: str) -> TextForm:
        return TextForm(f"{title}: {account}", asked, lines, typed=typed, problem=problem)

    async def store(answer: tuple[str, ...]) -> str:
        fields = screen.named([name for name, _, _ in shape], answer)
        return await screen.write(post, account, fields)

    said = await screen.ask_until(form, store)
    if said is not None:
        screen.done(said)
    return said is not None


async def _apply_credit(screen: "NetbillScreen", account: str) -> bool:
    foreseen = await screen.read(apply_credit.apply_credit, account, dry_run=True)
    asked = f"Use {screen.money(foreseen.used)} of the credit of {account} now?"
    if (
        await screen.ask(ChoiceForm(asked, (("y", "settle the oldest open invoices"), ("n", "leave it for the next invoice"))))
        != "y"
    ):
        return False
    applied = await screen.write(apply_credit.apply_credit, account, request_id=new_request_id())
    screen.done(f"{screen.money(applied.used)} used; {screen.money(applied.left)} of credit is left.")
    return True


def _once(post: Callable[[Session, str, Fields, bytes], str]) -> Callable[[Session, str, Fields], str]:
    """The same for one opened form: however often it is sent, it is posted once."""
    request_id = new_request_id()

    def posted(session: Session, account: str, fields: Fields) -> str:
        return post(session, account, fields, request_id)

    return posted


async def _charge(screen: "NetbillScreen", account: str) -> bool:
    codes = await screen.read(catalogue.to_choose, "one-time", "usage")
    if not codes:
        raise Refused("There is no one-time code yet; g k adds one.")
    waiting = await screen.read(charges.pending, account)
    lines = (
        "It goes on the next invoice. Without an amount the price of the code is used.",
        *(f"waits already: {c.on} {c.code} {c.text}" for c in waiting[:3]),
    )
    return await _filled(screen, "One-off charge", _CHARGE, lines, _once(_post_charge), account, {"code": codes})


def _post_charge(session: Session, account: str, fields: Fields, request_id: bytes) -> str:
    charged = charges.charge(session, account, fields, request_id=request_id)
    return f"{charged.code} goes on the next invoice; h shows it, w w withdraws it."


async def _withdraw(screen: "NetbillScreen", account: str) -> bool:
    waiting = await screen.read(charges.pending, account)
    if not waiting:
        raise Refused("No charge waits; take back a charge on an invoice by a credit note.")
    currency = screen.session.book.currency

    def words(charge: OneOff) -> str:
        amount = "list price" if charge.amount is None else format_amount(charge.amount, currency)
        return f"{charge.on}  {charge.code:<16} x {charge.quantity}  {amount}  {charge.text}"

    chosen = await screen.ask(PickForm("Which charge is withdrawn?", [(str(c.id), words(c)) for c in waiting]))
    if chosen is None:
        return False

    def post(session: Session, name: str, fields: Fields) -> str:
        charges.withdraw(session, name, int(chosen), fields.get("reason", ""))
        return "The charge is withdrawn; no invoice will hold it."

    return await _filled(screen, "Withdraw a charge", (("reason", "Reason", ""),), (), post, account, {})


async def _discount(screen: "NetbillScreen", account: str) -> bool:
    codes = await screen.read(catalogue.to_choose, "recurring", "bundle", "usage", "one-time")
    lines = ("On one code, or on the whole invoice if you leave the code empty. It ends by itself, or never.",)
    return await _filled(screen, "Discount", _DISCOUNT, lines, _once(_post_discount), account, {"code": codes})


def _post_discount(session: Session, account: str, fields: Fields, request_id: bytes) -> str:
    discount = discounts.discount(session, account, fields, request_id=request_id)
    return f"{discount.text} holds from {discount.first}{f' until {discount.end}' if discount.end else ''}."


async def _end_discount(screen: "NetbillScreen", account: str) -> bool:
    today, currency = screen.session.date().isoformat(), screen.session.book.currency
    standing = [d for d in await screen.read(discounts.discounts, account) if d.end is None or d.end > today]
    if not standing:
        raise Refused("The account has no discount that could end.")
    rows = [
        (
            str(d.id),
            f"{d.first}  {d.value + ' %' if d.kind == 'percent' else format_amount(int(d.value), currency):>10}  "
            f"{d.code or 'whole invoice'}  {d.text}{f'  until {d.end}' if d.end else ''}",
        )
        for d in standing
    ]
    chosen = await screen.ask(PickForm("Which discount ends?", rows))
    if chosen is None:
        return False

    def post(session: Session, name: str, fields: Fields) -> str:
        day = parse_date(fields.get("on", "t"), session.date())
        discounts.end_discount(session, name, int(chosen), day)
        return f"Invoices of {day} and later have no such discount."

    return await _filled(screen, "Let a discount end", (("on", "No longer on", "t"),), (), post, account, {})


def _exempt(session: Session, account: str, fields: Fields) -> str:
    today = session.date()
    until = parse_date(fields["until"], today) if "until" in fields else None
    discounts.exempt(session, account, fields.get("certificate", ""), parse_date(fields.get("from", "t"), today), until)
    return f"No tax is taken from {account} while the certificate holds."


def _set_terms(session: Session, account: str, fields: Fields) -> str:
    numbers = {}
    for name, words in (("day", "The due day"), ("anchor", "The anchor")):
        typed = fields.get(name, "").strip()
        if typed and not (typed.isascii() and typed.isdigit() and int(typed) <= 31):
            raise InvalidInput(f"{words} is a day from 1 to 31, or 0 for none.")
        numbers[name] = int(typed) if typed else None
    if numbers["day"] is None and numbers["anchor"] is None:
        raise InvalidInput("Type at least one day; 0 removes it.")
    subscriptions.set_terms(session, account, terms_day=numbers["day"], anchor=numbers["anchor"])
    return "The change applies from the next invoice on."
