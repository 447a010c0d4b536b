"""Notes and the outcomes of calls, asked until they are posted or left."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from netbill_tui.billing.core.dates import parse_date, short
from netbill_tui.billing.core.money import parse_amount
from netbill_tui.billing.receivables.overdue import OUTCOMES
from netbill_tui.errors import InvalidInput
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.text import NOTE_LIMIT, clean
from netbill_tui.usecases.collections import calls, promises
from netbill_tui.usecases.customers import accounts, notes
from netbill_tui.usecases.receivables import disputes
from netbill_tui.usecases.receivables.payments import new_request_id

if TYPE_CHECKING:
    from netbill_tui.screens.shell.base import NetbillScreen


def _check_note(text: str) -> None:
    if not clean(text, "The note", limit=NOTE_LIMIT):
        raise InvalidInput("The note is empty; type it, or leave with F12.")


def _check_remark(text: str) -> None:
    clean(text, "The remark", limit=NOTE_LIMIT)


async def write_note(screen: "NetbillScreen", account: str) -> str:
    """Ask for a note and write it; its text, empty when the operator left."""
    screen.session.may_post()

    def form(typed: tuple[str, ...], problem: str) -> TextForm:
        return TextForm(f"Note on {account}", (Asked("Note", check=_check_note, limit=NOTE_LIMIT),), typed=typed, problem=problem)

    request_id = new_request_id()

    async def post(answer: tuple[str, ...]) -> str:
        await screen.write(notes.add, account, answer[0], request_id=request_id)
        return answer[0]

    text = await screen.ask_until(form, post)
    if text:
        repeat_note(screen, text)
        screen.done(f"Noted on {account}.")
    return text or ""


def repeat_note(screen: "NetbillScreen", text: str) -> None:
    """Let `.` write the same note on another account."""

    async def repeat(account: str) -> str:
        await screen.write(notes.add, account, text)
        return f"Noted on {account}: {text[:60]}"

    screen.netbill.desk.repeat = repeat


async def record_outcome(screen: "NetbillScreen", account: str, key: str) -> date | None:
    """Ask for what the outcome needs and post it; the day the account comes up again, or None when the operator left."""
    today = screen.session.today()
    asked: tuple[Asked, ...]
    lines: tuple[str, ...]
    if key == "m":
        currency = screen.session.book.currency
        proposed = await screen.read(promises.proposed, account)
        asked = (
            Asked("Pays by", "+7", lambda t: parse_date(t, today)),
            Asked("Amount", screen.money(proposed.amount), lambda t: parse_amount(t, currency), limit=30),
            Asked("Remark", check=_check_remark, limit=NOTE_LIMIT),
        )
        title = f"Promise of {account}"
        lines = (
            f"A day such as {short(today + timedelta(days=7))}, or +7 for in a week; at most 14 days ahead.",
            f"{screen.money(proposed.amount)} is {'overdue' if proposed.is_overdue else 'open'}; at least half of it. Until the "
            "end of that day nothing is sent or charged.",
        )
    elif key == "d":
        undisputed = [d for d in await screen.read(accounts.invoices_of, account) if d.open > 0 and not d.disputed]
        choices = [(d.number, f"{d.number}  due {short(d.due)}  open {screen.money(d.open)}") for d in undisputed]
        oldest = await screen.read(disputes.oldest, account)
        asked = (Asked("Their words", check=_check_remark, limit=NOTE_LIMIT), Asked("Invoice", oldest, choices=choices, limit=60))
        title = f"{account} disputes {OUTCOMES[key].word[9:]}"
        lines = ("Left out of the queue and of payments until you answer it: d on the invoice.",)
    else:
        return await screen.write(calls.outcome, account, key)

    def form(typed: tuple[str, ...], problem: str) -> TextForm:
        return TextForm(title, asked, lines, typed=typed, problem=problem)

    request_id = new_request_id()

    async def post(answer: tuple[str, ...]) -> date:
        if key == "d":
            typed = screen.named(("words", "invoice"), answer, also_empty=("words", "invoice"))
            words, invoice = typed["words"], typed["invoice"]
            return await screen.write(calls.outcome, account, key, words, invoice=invoice, request_id=request_id)
        names = ("day", "amount", "remark")
        typed = screen.named(names, answer, also_empty=names)
        remark, day = typed["remark"], parse_date(typed["day"], today)
        amount = parse_amount(typed["amount"], screen.session.book.currency)
        return await screen.write(calls.outcome, account, key, remark, day, amount=amount, request_id=request_id)

    return await screen.ask_until(form, post)
