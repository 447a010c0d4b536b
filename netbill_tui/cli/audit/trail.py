"""The command audit."""

from typing import TYPE_CHECKING

from netbill_tui.cli.core.call import Call
from netbill_tui.errors import Ambiguous, InvalidInput, NotFound
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    pass
from netbill_tui.cli.books.backups import EVENT_COLUMNS


def audit(call: Call, session: Session) -> int:
    """Who did what: to an account with its payments, to another record, or in the whole book; or a checkpoint."""
    from netbill_tui.billing.core.dates import parse_date
    from netbill_tui.usecases.audit import trail
    from netbill_tui.usecases.core import checkpoints
    from netbill_tui.usecases.customers import accounts

    args, account = call.args, ""
    if args.limit < 0:
        raise InvalidInput(f"--limit is {args.limit}; type a number from 1, or 0 for all.")
    if args.checkpoint:
        session.sign_in_if_needed()
        checkpoint = checkpoints.write(session)
        data = {
            "install": checkpoint.install,
            "seq": checkpoint.seq,
            "head": checkpoint.head,
            "time": checkpoint.time,
            "signed": bool(checkpoint.signature),
        }
        call.output.record(data, lambda: checkpoint.note.rstrip())
        if session.checkpoint_problem:
            call.output.remark(f"The checkpoint file was not written: {session.checkpoint_problem}.")
        return 0
    whole = not args.record or args.by or args.action or args.first or args.last
    if whole:
        today = session.today()
        first = parse_date(args.first, today) if args.first else None
        last = parse_date(args.last, today) if args.last else None
        query = trail.read_query(session, args.record or "", args.by, args.action, first, last)
        if call.output.form in ("csv", "json"):
            trail.note_export(session, query)
            call.output.on_export = None  # that was its event
        events = list(trail.every(session, query, args.limit))
    else:
        try:
            account = accounts.find_customer(session, args.record).account
            events = trail.of_account(session, account)
        except Ambiguous:
            raise
        except NotFound:
            events = trail.of_record(session, args.record) or trail.of_record(session, args.record.upper())
        if args.limit and len(events) > args.limit:
            call.output.remark(f"The newest {args.limit} of {len(events)}; --limit {len(events)} shows all.")
            events = events[: args.limit]
    rows: list[dict[str, object]] = [
        {"seq": e.seq, "at": trail.moment(e), "actor": e.actor, "action": e.action, "object": e.object,
         "detail": trail.words(e, account), "session": e.session}
        for e in events
    ]  # fmt: skip
    call.output.rows(
        rows,
        EVENT_COLUMNS,
        empty=f"There is no audit event for {args.record!r}." if args.record else "No audit event fits these options.",
        keys="seq at actor action object detail session",
    )
    return 0 if events or not args.record else 4
