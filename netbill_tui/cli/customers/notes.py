"""Commands of notes."""

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.words import request_id, today_only
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import notes


def note(call: Call, session: Session) -> int:
    """Write a note on an account."""
    today_only(call, session, "A note")
    if call.dry_run:
        notes.check_note(session, call.args.account, call.args.text)
    else:
        notes.add(session, call.args.account, call.args.text, request_id=request_id(call))
    call.output.record(
        {"account": call.args.account, "dry_run": call.dry_run}, lambda: "Nothing was noted." if call.dry_run else "Noted."
    )
    return 0


def pin(call: Call, session: Session) -> int:
    """Let a note stand above the others."""
    notes.check_pin(session, call.args.account, call.args.note)
    if not call.dry_run:
        notes.pin(session, call.args.account, call.args.note, on=not call.args.off)
    data = {"account": call.args.account, "note": call.args.note, "pinned": not call.args.off, "dry_run": call.dry_run}
    call.output.record(data, lambda: "Nothing was changed." if call.dry_run else "Done.")
    return 0
