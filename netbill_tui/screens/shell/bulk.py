"""The same action on many accounts: a preview with count and sum, one confirmation, a result for each row.

Up to twenty rows want a y; more want their number typed. Each row is its own posting with its own audit event, so one that
is refused stops nothing but itself, and what was done is named.
"""

from collections.abc import Awaitable, Callable, Sequence

from netbill_tui.errors import InvalidInput, NetbillError, OutcomeUnknown, Refused
from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.screens.shell.marks import Marks
from netbill_tui.text import NOTE_LIMIT, clean, counted
from netbill_tui.usecases.customers import notes, tags
from netbill_tui.usecases.receivables import payments
from netbill_tui.widgets.lines import Line

TYPED_FROM = 21


def confirmation(count: int, what: str) -> Asked:
    """The field that wants a yes for a few rows and their number for many."""

    def check(text: str) -> None:
        answers = ("y", "yes") if count < TYPED_FROM else (str(count),)
        if text.strip().lower() not in answers:
            raise InvalidInput(f"Type {answers[0]} to {what} {counted(count, 'row')}, or leave with F12.")

    return Asked(f"Type {'y' if count < TYPED_FROM else count}", check=check)


def preview(marks: Marks, accounts: Sequence[str], what: str) -> tuple[str, ...]:
    """The lines above the confirmation: how many, how much, and the first of them."""
    screen = marks.screen
    first = ", ".join(accounts[:8]) + (f" and {len(accounts) - 8} more" if len(accounts) > 8 else "")
    return (
        f"{what}: {counted(len(accounts), 'account')}, sum {screen.money(marks.amount)} {screen.session.book.currency}.",
        first,
    )


async def each(marks: Marks, rows: Sequence[str], what: str, do: Callable[[str, bytes], Awaitable[object]]) -> int:
    """Do it for each row under a request id of its own, the count on the message line; how many were done.

    What was refused is shown by name. A row whose outcome is not known is asked again under its id, so that none is done twice.
    """
    screen = marks.screen
    refused: list[Line] = []
    done = 0
    for number, row in enumerate(rows, 1):
        try:
            await _once(do, row, payments.new_request_id())
            done += 1
        except NetbillError as error:
            refused.append(f"  {row}: {error}")
        if len(rows) > 10 and number % 5 == 0:
            screen.tell(f"{what}: {number} of {len(rows)} ...")
    marks.done()
    screen.done(f"{what}: {done} done, {len(refused)} left out.")
    if refused:
        from netbill_tui.screens.shell.text_page import TextPage

        await screen.app.push_screen(TextPage(f"{what}: left out", [f"  {done} done, these not:", "", *refused]))
    return done


async def _once(do: Callable[[str, bytes], Awaitable[object]], row: str, request_id: bytes) -> None:
    """Do it, and once more under the same id where the line broke before the answer came."""
    try:
        await do(row, request_id)
    except OutcomeUnknown:
        await do(row, request_id)


async def note_all(marks: Marks) -> None:
    """Write a note on the account under the cursor, or the same on all that are marked."""
    from netbill_tui.screens.shell.forms.notes import repeat_note, write_note

    screen, accounts = marks.screen, marks.accounts
    if not accounts:
        raise Refused("There is no account here.")
    if not len(marks):
        if await write_note(screen, accounts[0]):
            screen.action_refresh()
        return

    def check(text: str) -> None:
        if not clean(text, "The note", limit=NOTE_LIMIT):
            raise InvalidInput("The note is empty; type it, or leave with F12.")

    asked = (Asked("Note", check=check, limit=NOTE_LIMIT), confirmation(len(accounts), "note"))
    answer = await screen.ask(TextForm("The same note on all marked", asked, preview(marks, accounts, "Note")))
    if answer is None:
        screen.tell("Nothing was noted.")
        return
    text = answer[0]
    repeat_note(screen, text)
    await each(marks, accounts, "Noted", lambda account, uid: screen.write(notes.add, account, text, request_id=uid))


async def tag_one(screen: NetbillScreen, account: str) -> None:
    """Put a tag on one account, or take it off where a dash stands before it."""
    now = await screen.read(tags.tags_of, account)
    lines = (_known_tags(await screen.read(tags.every_tag)), f"On {account}: {' '.join(now) or 'none'}.", _DASH)
    answer = await screen.ask(TextForm(f"Tag {account}", (_tag_field(),), lines))
    if answer is None:
        screen.tell("Nothing was tagged.")
        return
    repeat = _tagging(screen, answer[0])
    screen.netbill.desk.repeat = repeat
    sentence = await repeat(account)
    screen.action_refresh()
    screen.done(sentence)


_DASH = "A dash takes one off: -vip"


def _known_tags(counts: Sequence[tags.TagCount]) -> str:
    return f"Tags in use: {' '.join(f'{t.tag}({t.accounts})' for t in counts[:12]) or 'none yet'}"


def _tag_field() -> Asked:
    return Asked("Tag", check=lambda text: tags.check_tag(text.strip().lstrip("-")), limit=31)


def _tagging(screen: NetbillScreen, typed: str) -> Callable[[str], Awaitable[str]]:
    on, word = not typed.strip().startswith("-"), typed.strip().lstrip("-")

    async def repeat(account: str) -> str:
        changed = await screen.write(tags.tag, account, word, on=on)
        return f"{account}: {word} {'put on' if on else 'taken off'}." if changed else f"{account}: {word} was already so."

    return repeat


async def tag_all(marks: Marks) -> None:
    """Put a tag on the account under the cursor or on all that are marked; a dash before it takes it off."""
    screen, accounts = marks.screen, marks.accounts
    if not accounts:
        raise Refused("There is no account here.")
    if not len(marks):
        await tag_one(screen, accounts[0])
        return
    lines = (*preview(marks, accounts, "Tag"), _known_tags(await screen.read(tags.every_tag)), _DASH)
    answer = await screen.ask(TextForm("Tag all marked", (_tag_field(), confirmation(len(accounts), "tag")), lines))
    if answer is None:
        screen.tell("Nothing was tagged.")
        return
    repeat = _tagging(screen, answer[0])
    screen.netbill.desk.repeat = repeat
    # A tag that is on already is not put on again: it needs no id.
    await each(marks, accounts, f"Tag {answer[0].strip()}", lambda account, _: repeat(account))
