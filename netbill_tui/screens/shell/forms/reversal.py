"""Taking a payment back: what it was, whether it bounced, why."""

from typing import TYPE_CHECKING

from netbill_tui.billing.receivables.payments import Reversal
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.text import clean
from netbill_tui.usecases.receivables import payments

if TYPE_CHECKING:
    from netbill_tui.screens.shell.base import NetbillScreen


def check_reason(text: str) -> str:
    """A reason of some letters."""
    reason = clean(text, "The reason", limit=200)
    if len(reason) < 3:
        raise InvalidInput("Type why, such as: wrong account.")
    return reason


def _check_bounced(text: str) -> bool:
    if text.strip().lower() not in ("y", "n", "yes", "no"):
        raise InvalidInput("Type y if the bank returned it, n if it was a mistake.")
    return text.strip().lower().startswith("y")


async def reverse_payment(screen: "NetbillScreen", receipt: str) -> bool:
    """Ask for the reason and post the reversal, dated today; False when the operator left."""
    screen.session.may_post()
    payment = await screen.read(payments.find_payment, receipt)
    row = payment.row
    if payment.event_document:
        raise Refused(f"{row.receipt} was {row.state} on {payment.event_date} already; nothing was posted.")
    undone = ", ".join(f"{s.invoice} {screen.money(s.amount)}" for s in payment.allocated) or "nothing"
    lines = (
        f"{row.receipt}  {row.account}  {row.name}",
        f"{screen.money(row.amount)} {row.method} {row.reference} of {row.date}",
        f"Opens again: {undone}. Credit of the account settles what it can of it.",
        "The payment stays in the book, marked; the reversal is dated today.",
    )
    asked = (Asked("Reason", check=check_reason, limit=200), Asked("Bounced? y/n", "n", _check_bounced))

    def form(typed: tuple[str, ...], problem: str) -> TextForm:
        return TextForm(f"Reverse {row.receipt}", asked, lines, typed=typed, problem=problem)

    request_id = payments.new_request_id()

    async def post(answer: tuple[str, ...]) -> Reversal:
        reason, returned = check_reason(answer[0]), _check_bounced(answer[1])
        return await screen.write(payments.reverse, row.receipt, reason, returned=returned, request_id=request_id)

    reversal = await screen.ask_until(form, post)
    if reversal is None:
        return False
    screen.done(f"{reversal.document} posted: {reversal.receipt} is {reversal.state}, balance {screen.money(reversal.balance)}.")
    return True
