"""The clock: how it stands against the book, and accepting it."""

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import typed_yes
from netbill_tui.errors import Refused
from netbill_tui.usecases.core.session import Session


def clock(call: Call, session: Session) -> int:
    """Show the clock against the last entry, or accept it."""
    from netbill_tui.usecases.access import clock as usecase

    problem = session.clock_problem()
    if call.args.what == "accept":
        if (
            not call.yes
            and not call.dry_run
            and not typed_yes(str(problem or "The clock agrees with the book already."), no_input=call.no_input)
        ):
            raise Refused("Nothing was accepted; type yes, or give --yes.")
        usecase.accept(session, call.args.reason, dry_run=call.dry_run)
        call.output.record({"accepted": not call.dry_run, "date": session.today().isoformat()}, lambda: "The clock is accepted.")
        return 0
    sentence = str(problem) if problem is not None else "The clock agrees with the book."
    data = {"ok": problem is None, "date": session.today().isoformat(), "text": sentence}
    call.output.record(data, lambda: sentence)
    return 0 if problem is None else 1
