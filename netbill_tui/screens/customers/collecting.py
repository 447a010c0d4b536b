"""What collections do with one account: one key opens what can be done, another everything that was."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from netbill_tui.billing.core.dates import parse_date, short
from netbill_tui.billing.core.money import parse_amount
from netbill_tui.errors import Refused
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.notes import record_outcome
from netbill_tui.screens.shell.forms.pick import PickForm
from netbill_tui.screens.shell.forms.reversal import check_reason
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.screens.shell.text_page import TextPage
from netbill_tui.styles.roles import PLAIN, QUIET, STRONG
from netbill_tui.usecases.collections import fees, holds, promises, standing, write_offs
from netbill_tui.usecases.collections.standing import Story
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables.payments import new_request_id
from netbill_tui.widgets.lines import Line

if TYPE_CHECKING:
    from netbill_tui.screens.shell.base import NetbillScreen

_WHAT = (
    ("m", "a promise to pay"),
    ("a", "an arrangement in instalments"),
    ("f", "waive a late fee"),
    ("h", "hold the account, or release it"),
    ("o", "write off an invoice"),
    ("g", "hand over to an agency, or take back"),
    ("c", "cancel the open promise"),
)


async def collect_more(screen: "NetbillScreen", account: str) -> bool:
    """Ask what is to be done, and its fields; False when the operator left."""
    screen.session.may_post()
    key = await screen.ask(ChoiceForm(f"Collections of {account}:", _WHAT))
    if key == "m":
        return await record_outcome(screen, account, "m") is not None
    if key == "a":
        return await _arrange(screen, account)
    if key == "f":
        return await _waive(screen, account)
    if key == "h":
        return await _hold(screen, account)
    if key == "o":
        return await _write_off(screen, account)
    if key == "g":
        return await _hand_over(screen, account)
    if key == "c":
        return await _reasoned(screen, account, f"Cancel the promise of {account}", promises.cancel, "The promise is cancelled.")
    return False


async def _arrange(screen: "NetbillScreen", account: str) -> bool:
    dues = [d for d in await screen.read(accounts.dues_of, account) if d.days > 0 and not d.disputed]
    overdue = sum(d.open for d in dues)
    if not overdue:
        raise Refused(f"Nothing of {account} is overdue and undisputed; there is nothing to arrange.")
    session, money = screen.session, session_currency(screen)
    lines = (
        f"{screen.money(overdue)} is overdue; the instalments sum to it.",
        "Amount and day each, with commas between: 30.00 +14, 30.00 2026-12-31. Its own invoices are held while it is kept.",
    )
    asked = (
        Asked("Instalments", check=lambda text: promises.read_parts(session, text, money), limit=300),
        Asked("Remark", limit=200),
    )

    def form(typed: tuple[str, ...], problem: str) -> TextForm:
        return TextForm(f"Arrangement with {account}", asked, lines, typed=typed, problem=problem)

    request_id = new_request_id()

    async def post(answer: tuple[str, ...]) -> int:
        parts = promises.read_parts(session, answer[0], money)
        await screen.write(promises.arrange, account, parts, answer[1], request_id=request_id)
        return len(parts)

    number = await screen.ask_until(form, post)
    if number is not None:
        screen.done(f"Arranged with {account}: {screen.money(overdue)} in {number} instalments.")
    return number is not None


def session_currency(screen: "NetbillScreen") -> str:
    """The currency of the book."""
    return screen.session.book.currency


async def _waive(screen: "NetbillScreen", account: str) -> bool:
    standing_fees = [f for f in await screen.read(fees.of_account, account) if not f.waived_by and (f.waits or f.billed)]
    if not standing_fees:
        raise Refused(f"No late fee of {account} can be waived.")
    choices = [
        (str(f.id), f"{short(f.on)}  {screen.money(f.amount):>9}  {f.invoice}  {'waits' if f.waits else f'on {f.billed}'}")
        for f in standing_fees
    ]
    chosen: str | None = choices[0][0]
    if len(choices) > 1:
        chosen = await screen.ask(PickForm("Which fee is waived?", choices))
    if chosen is None:
        return False
    fee = next(f for f in standing_fees if str(f.id) == chosen)
    where = "It waits for the next invoice and is withdrawn." if fee.waits else f"A credit note of {fee.billed} gives it back."
    lines = (f"{screen.money(fee.amount)} of {short(fee.on)} on {fee.invoice}: {fee.why}.", where)

    def form(typed: tuple[str, ...], problem: str) -> TextForm:
        reason = Asked("Reason", check=check_reason, limit=200)
        return TextForm(f"Waive a late fee of {account}", (reason,), lines, typed=typed, problem=problem)

    request_id = new_request_id()

    async def post(answer: tuple[str, ...]) -> fees.Waived:
        return await screen.write(fees.waive, account, fee.id, answer[0], request_id=request_id)

    waived = await screen.ask_until(form, post)
    if waived is not None:
        screen.done(f"Waived: {screen.money(waived.amount)}.")
    return waived is not None


async def _hold(screen: "NetbillScreen", account: str) -> bool:
    held = [m for m in await screen.read(holds.of_account, account) if m.kind == "hold"]
    if held:
        until = f" until {short(held[0].until)}" if held[0].until else ""
        title = f"{account} is held{until}: {held[0].reason}. Release it"
        return await _reasoned(screen, account, title, holds.release, f"{account} is released.")
    today = screen.session.today()
    lines = ("Nothing is sent, charged or suspended up to the end of that day; without a day until it is released.",)
    asked = (
        Asked("Until", "+7", lambda text: parse_date(text, today) if text.strip() else None, limit=20),
        Asked("Covers", "all", choices=(("all", "everything"), ("fees", "late fees alone")), limit=10),
        Asked("Reason", check=check_reason, limit=200),
    )

    def form(typed: tuple[str, ...], problem: str) -> TextForm:
        return TextForm(f"Hold {account}", asked, lines, typed=typed, problem=problem)

    async def post(answer: tuple[str, ...]) -> date | str:
        until = parse_date(answer[0], today) if answer[0].strip() else None
        await screen.write(holds.hold, account, until, answer[2], covers=answer[1].strip() or "all")
        return until or "it is released"

    until_ = await screen.ask_until(form, post)
    if until_ is not None:
        screen.done(f"{account} is held until {short(until_) if isinstance(until_, date) else until_}.")
    return until_ is not None


async def _reasoned(
    screen: "NetbillScreen", account: str, title: str, work: Callable[..., None], said: str, lines: Sequence[str] = ()
) -> bool:
    """Ask for a reason until it is done."""

    def form(typed: tuple[str, ...], problem: str) -> TextForm:
        return TextForm(title, (Asked("Reason", check=check_reason, limit=200),), lines, typed=typed, problem=problem)

    async def post(answer: tuple[str, ...]) -> bool:
        await screen.write(work, account, answer[0])
        return True

    if await screen.ask_until(form, post) is None:
        return False
    screen.done(said)
    return True


async def _write_off(screen: "NetbillScreen", account: str) -> bool:
    dues = await screen.read(accounts.dues_of, account)
    if not dues:
        raise Refused(f"{account} has no open invoice.")
    choices = [(d.number, f"{d.number}  due {short(d.due)}  open {screen.money(d.open)}") for d in dues]
    lines = (
        "What is open is given up as a bad debt. It stays on the statement, and a later payment brings it back.",
        "From 90 days past due and when no service runs; type yes to do it all the same.",
    )
    currency = session_currency(screen)

    def amount(text: str) -> int | None:
        return parse_amount(text, currency) if text.strip() else None

    asked = (
        Asked("Invoice", dues[0].number, choices=choices, limit=60), Asked("Amount", "", amount, limit=30),
        Asked("Reason", check=check_reason, limit=200), Asked("Anyway", "", limit=5),
    )  # fmt: skip

    def form(typed: tuple[str, ...], problem: str) -> TextForm:
        return TextForm(f"Write off: {account}", asked, lines, typed=typed, problem=problem)

    request_id = new_request_id()

    async def post(answer: tuple[str, ...]) -> write_offs.WrittenOff:
        return await screen.write(
            write_offs.write_off, account, answer[0], answer[2], amount=amount(answer[1]),
            anyway=answer[3].strip().lower() in ("yes", "y"), request_id=request_id,
        )  # fmt: skip

    done = await screen.ask_until(form, post)
    if done is not None:
        screen.done(f"{done.number}: {screen.money(done.amount)} of {done.invoice} is written off.")
    return done is not None


async def _hand_over(screen: "NetbillScreen", account: str) -> bool:
    if any(m.kind == "handed-over" for m in await screen.read(holds.of_account, account)):
        said = f"{account} is taken back; the ladder goes on where its age says."
        return await _reasoned(screen, account, f"Take {account} back from the agency", holds.take_back, said)
    lines = ("Ladder and queue leave the account alone. :hand-over --csv writes the file for the agency.",)
    said = f"{account} is handed over."
    return await _reasoned(screen, account, f"Hand {account} over to an agency", holds.hand_over, said, lines)


# Everything that was.


async def show_story(screen: "NetbillScreen", account: str) -> None:
    """What was sent, promised, charged and given up of an account, what comes next, and why nothing does."""
    known = await screen.read(standing.story, account)
    await screen.app.push_screen(TextPage(f"Collections of {account}", story_lines(known, screen.money)))


def standing_words(stands: standing.Standing) -> str:
    """How an account stands in one line."""
    parts = []
    if stands.stage and stands.since is not None:
        parts.append(f"{stands.stage} of {short(stands.since)}")
    if stands.reason:
        parts.append(f"now nothing: {stands.reason}")
    if stands.next and stands.next_on is not None:
        parts.append(f"next {stands.next} {short(stands.next_on)}")
    return "; ".join(parts)


def story_lines(known: Story, money: Callable[[int], str]) -> list[Line]:
    """The page of an account."""
    lines: list[Line] = [[(f" {standing_words(known.standing) or 'Nothing was sent, and nothing comes.'}", STRONG)], ""]
    lines += [[(f" not {action}: {reason}", PLAIN)] for action, reason in sorted(known.reasons.items())]
    for mark in known.marks:
        until = f" until {short(mark.until)}" if mark.until else ""
        covers = " (fees alone)" if mark.covers == "fees" else ""
        lines.append([(f" {mark.kind}{until}{covers}: {mark.reason}", STRONG)])
    sections: list[tuple[str, list[str]]] = [
        ("Promises", [
            f"{short(p.on)}  {p.kind:<12} {money(p.amount):>10} by {short(p.by)}  {p.state:<10} {money(p.came):>10} came  "
            f"{p.operator}"
            for p in known.promises
        ]),
        ("Messages", [
            f"{short(m.on)}  {m.step:<10} {m.channel:<7} {m.state:<10} {money(m.amount):>10}  {m.detail}".rstrip()
            for m in known.messages
        ]),
        ("Late fees", [
            f"{short(f.on)}  {money(f.amount):>10} on {f.invoice:<14} "
            f"{f'waived by {f.waived_by}' if f.waived_by else 'waits' if f.waits else f'on {f.billed}'}  {f.why}"
            for f in known.fees
        ]),
        ("Write-offs", [
            f"{short(w.on)}  {w.number} {money(w.amount):>10} of {w.invoice:<14} recovered {money(w.recovered):>10}  {w.reason}"
            for w in known.write_offs
        ]),
    ]  # fmt: skip
    for title, rows in sections:
        lines += ["", [(f" {title}", STRONG)]]
        lines += [f"   {row}" for row in rows] if rows else [[("   none", QUIET)]]
    return lines
