"""The command audit."""

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.cli.books.backups import EVENT_COLUMNS
from netbill_tui.cli.core.call import Call
from netbill_tui.errors import Ambiguous, InvalidInput, NotFound
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.core import checkpoints
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import accounts


def audit(call: Call, session: Session) -> int:
    """Who did what: to an account with its payments, to another record, or in the whole book; or a checkpoint."""
    args, account = call.args, ""
    if args.limit < 0:
        raise InvalidInput(f"--limit is {args.limit}; type a number from 1, or 0 for all.")
    if args.checkpoint:
        return _checkpoint(call, session)
    if not args.record or args.by or args.action or args.first or args.last:
        events = _queried(call, session)
    else:
        account, events = _of(session, args.record)
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


def _checkpoint(call: Call, session: Session) -> int:
    session.sign_in_if_needed()
    checkpoint, problem = checkpoints.write(session)
    data = {
        "install": checkpoint.install,
        "seq": checkpoint.seq,
        "head": checkpoint.head,
        "time": checkpoint.time,
        "signed": bool(checkpoint.signature),
    }
    call.output.record(data, lambda: checkpoint.note.rstrip())
    if problem:
        call.output.remark(f"The checkpoint file was not written: {problem}.")
    return 0


def _queried(call: Call, session: Session) -> list[trail.Event]:
    """What the options ask for, of the whole book; leaving it as data is an event."""
    args, today = call.args, session.today()
    first = parse_date(args.first, today) if args.first else None
    last = parse_date(args.last, today) if args.last else None
    query = trail.read_query(session, args.record or "", args.by, args.action, first, last)
    if call.output.form in ("csv", "json"):
        trail.note_export(session, query)
        call.output.on_export = None  # that was its event
    return list(trail.every(session, query, args.limit))


def _of(session: Session, record: str) -> tuple[str, list[trail.Event]]:
    """The account of that number and its events, or no account and those of another record."""
    try:
        account = accounts.find_customer(session, record).account
    except Ambiguous:
        raise
    except NotFound:
        return "", trail.of_record(session, record) or trail.of_record(session, record.upper())
    return account, trail.of_account(session, account)
