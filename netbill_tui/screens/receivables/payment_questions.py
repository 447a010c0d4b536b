"""What the payment form asks beside its fields: what can stand in one, an unusual amount, a second entry."""

from collections.abc import Callable
from datetime import date, timedelta

from netbill_tui.billing.core.dates import parse_date, short
from netbill_tui.billing.core.money import format_amount, large_amount, parse_positive
from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.receivables.payments import BACKDATE_DAYS, METHODS, Payment, PaymentRequest
from netbill_tui.errors import DuplicateSuspected, InvalidInput
from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.screens.shell.forms.reversal import check_reason
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.styles.roles import PLAIN, QUIET, STRONG, TITLE
from netbill_tui.text import clean
from netbill_tui.usecases.collections import fees
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables import payments
from netbill_tui.widgets.lines import Part, chip

# An amount above so many times what is due, or above `large_amount`, is typed twice.
_LARGE = 3


# Keys of the numeric pad and letters for the methods, as the form shows them.
METHOD_KEYS = {
    "1": "cash", "2": "cheque", "3": "card", "4": "bank", "5": "online", "6": "debit", "7": "paypal", "q": "cheque", "d": "card",
    "": "cash",
}  # fmt: skip
AMOUNT_HINT = "Enter takes the balance; 3*59.99-10"
_TEXTS = {"reference": 80, "note": 500}
TENDERED_HINT = "cash only: what was handed over"


async def posted_sentence(screen: NetbillScreen, payment: Payment) -> str:
    """What was posted, with the change and the balance; and the late fees that money which came in time would have spared."""
    row, money = payment.row, screen.money
    before = " before; nothing was posted again" if payment.repeated else ""
    change = f", change {money(payment.change)}" if payment.tendered is not None else ""
    what = f"{money(row.amount)} {METHODS[row.method][0]} for {row.account}"
    said = f"{row.receipt} posted{before}: {what}{change}, balance {money(payment.balance)}."
    if row.date < screen.session.today().isoformat():
        spared = await screen.read(fees.offered, row.account, date.fromisoformat(row.date))
        if spared:
            said += f" It came in time: c f on the account waives {money(sum(f.amount for f in spared))} of late fees."
    return said


def check_text(name: str, typed: str) -> None:
    """Refuse a text that cannot be stored, and what is typed where nothing is."""
    if name in _TEXTS:
        clean(typed, f"The {name}", limit=_TEXTS[name])
    elif name == "post" and typed:
        raise InvalidInput("Nothing is typed into Post: Enter posts what stands above, F12 leaves.")


def day_received(typed: str, today: date) -> date:
    """The day on which the money came."""
    day = parse_date(typed or "t", today)
    if not 0 <= (today - day).days <= BACKDATE_DAYS:
        raise InvalidInput(f"{day} is not possible; type today or a day up to {BACKDATE_DAYS} days ago.")
    return day


def choices(screen: NetbillScreen, name: str, card: Card | None) -> list[tuple[str, str]]:
    """What can stand in a field, with its words; nothing for one without a list."""
    today, currency = screen.session.today(), screen.session.book.currency
    if name == "method":
        return [(m, f"{at} {m:<8} {words[0]}") for at, (m, words) in zip("1234675", METHODS.items(), strict=True)]
    if name == "received":
        days = [today - timedelta(days=n) for n in range(BACKDATE_DAYS + 1)]
        return [(day.isoformat(), f"{short(day)}  {day:%A}") for day in days]
    if name != "amount" or card is None:
        return []
    amounts = dict.fromkeys((card.totals.balance, card.totals.overdue))
    words = ("everything that is open", "what is overdue")
    return [
        (format_amount(a, currency), f"{screen.money(a):>14}  {said}") for a, said in zip(amounts, words, strict=False) if a > 0
    ]


def is_unusual(screen: NetbillScreen, amount: int, due: int) -> bool:
    """Whether an amount is far more than what is due, or than people pay."""
    limit = large_amount(screen.session.book.currency)
    return amount > limit or amount > (due * _LARGE if due else limit)


async def confirm_amount(screen: NetbillScreen, amount: int, due: int) -> bool:
    """Let an unusual amount be typed twice; False where the operator leaves."""
    currency = screen.session.book.currency

    def same(text: str) -> None:
        if parse_positive(text, currency) != amount:
            raise InvalidInput(f"That is not {format_amount(amount, currency)}; type it again, or leave with F12.")

    usual = large_amount(currency)
    than = (
        f"{screen.money(usual)}, above which an amount is typed twice" if amount > usual else f"what is due, {screen.money(due)}"
    )
    lines = (f"{screen.money(amount)} is more than {than}.",)
    form = TextForm("An unusual amount", (Asked("Amount again", check=same),), lines)
    return await screen.ask(form, unexpected=True) is not None


async def record(screen: NetbillScreen, request: PaymentRequest) -> Payment | None:
    """Post; a suspected duplicate wants a typed yes and a reason. None where the operator leaves."""
    posted = await screen.write(_record_or_suspect, request)
    if isinstance(posted, Payment):
        return posted

    def yes(text: str) -> None:
        if text.strip().lower() != "yes":
            raise InvalidInput("Type yes in full, or leave with F12.")

    asked = (Asked("Type yes", check=yes), Asked("Reason", check=check_reason, limit=100))
    answer = await screen.ask(TextForm("Is this another payment?", asked, (str(posted),)), unexpected=True)
    return None if answer is None else await screen.write(payments.record, request._replace(confirmed=answer[1]))


def _record_or_suspect(session: Session, request: PaymentRequest) -> Payment | DuplicateSuspected:
    """The posted payment, or the suspicion as a value: the form has a question about it."""
    try:
        return payments.record(session, request)
    except DuplicateSuspected as suspected:
        return suspected


def method_parts(typed: str) -> list[Part]:
    """The methods with their keys, the chosen one as a tab."""
    chosen = METHOD_KEYS.get(typed.lower(), typed) if typed else ""
    parts: list[Part] = []
    for key, method in list(METHOD_KEYS.items())[:5]:
        parts += [chip(f"{key} {method}", TITLE)] if method == chosen else [(f" {key}", STRONG), (f" {method} ", PLAIN)]
    return [*parts, (" F4 all", QUIET)]


def change_parts(screen: NetbillScreen, tendered: Callable[[], int | None], amount: Callable[[], int]) -> str | list[Part]:
    """The change of what stands in both fields now; the hint of the field where it cannot be said."""
    try:
        handed_over = tendered()
        change = -1 if handed_over is None else handed_over - amount()
    except InvalidInput:
        return TENDERED_HINT
    return [(f"CHANGE {screen.money(change)}", STRONG)] if change >= 0 else TENDERED_HINT
