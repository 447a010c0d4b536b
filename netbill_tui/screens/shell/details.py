"""What does not fit into a line of a list, opened by Enter: a note in full, an event of the audit."""

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.screens.shell.forms.why import WhyForm
from netbill_tui.screens.shell.frame import FrameScreen
from netbill_tui.usecases.audit import trail


async def show_event(screen: FrameScreen, event: trail.Event, account: str = "") -> None:
    """The whole event; of work on many records what it did to the account."""
    lines = [
        screen.session.calendar.moment(event.at_us),
        f"{event.actor}: {event.action} {event.object}",
        f"sitting {event.session}",
        trail.sentence(screen.session, event, account) or "no detail",
    ]
    await screen.ask(WhyForm(f"Audit event {event.seq}", [(line, "") for line in lines], verbatim=True))


async def show_note(screen: FrameScreen, note: NoteRow) -> None:
    """The whole note, with what is to happen next."""
    head = f"{short(note.date)}, {note.outcome or note.kind}, by {note.operator}{', pinned' if note.pinned else ''}"
    next_action = [f"again on {short(note.next_action_on)}"] if note.next_action_on else []
    await screen.ask(WhyForm(head, [(line, "") for line in (*note.text.split("\n"), *next_action)], verbatim=True))
