"""The command session."""

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import moment
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.access import sittings
from netbill_tui.usecases.core.session import Session


def session(call: Call, session: Session) -> int:
    """Who is at it, or end a sitting."""
    args = call.args
    if args.what == "end":
        if not args.id:
            raise InvalidInput("Name the sitting: netbill session end ID; netbill session lists them.")
        sittings.end(session, args.id, dry_run=call.dry_run)
        call.output.record({"session": args.id, "ended": True}, lambda: f"The sitting {args.id} is ended.")
        return 0
    rows: list[dict[str, object]] = [
        {"session": s.id, "operator": s.operator, "kind": s.kind, "host": s.host, "pid": s.pid, "started": moment(s.started_us),
         "ended": moment(s.ended_us), "why": s.why, "alive": sittings.is_alive(s)}
        for s in sittings.listed(session, every=args.all)
    ]  # fmt: skip
    columns: list[Column] = [
        ("session", "Session", 16, False),
        ("operator", "Operator", 14, False),
        ("kind", "Kind", 8, False),
        ("host", "Host", 12, False),
        ("started", "Since (UTC)", 20, False),
        ("ended", "Ended", 20, False),
        ("why", "Why", 20, False),
    ]
    call.output.rows(rows, columns, empty="Nobody is signed in.", keys="session operator kind host pid started ended why alive")
    return 0
