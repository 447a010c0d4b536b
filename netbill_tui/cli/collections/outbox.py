"""The command outbox: what waits to be sent, one message, and stopping or starting all that sends."""

import sys
from pathlib import Path

from netbill_tui.billing.collections.policies import SENDERS
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column, progress
from netbill_tui.cli.core.words import moment, money, number_of, only_wet
from netbill_tui.errors import InvalidInput
from netbill_tui.text import counted
from netbill_tui.usecases.collections import outbox as usecase
from netbill_tui.usecases.collections import policies
from netbill_tui.usecases.core.session import Session


def outbox(call: Call, session: Session) -> int:
    """What waits to be sent, or one message; stop or start every sender."""
    args = call.args
    if args.stop or args.start:
        only_wet(call, session)
        policies.turn(session, SENDERS, bool(args.start), reason=args.reason or "by command")
        words = "Messages are sent again." if args.start else "Nothing is sent until netbill outbox --start."
        call.output.record({"sending": bool(args.start)}, lambda: words)
        return 0
    if args.lift:
        only_wet(call, session)
        policies.lift(session)
        call.output.record({"lifted": True}, lambda: "Any number of mails may go on a day.")
        return 0
    if args.send:
        return _send(call, session)
    if args.letters is not None or args.printed:
        return _letters(call, session)
    if args.number:
        return _message(call, session)
    if args.cancel or args.came or args.lost:
        raise InvalidInput("Name the message: netbill outbox NUMBER; netbill outbox lists them.")
    rows = [
        {"message": m.id, "account": m.account, "name": m.name or None, "step": m.step, "channel": m.channel, "on": m.on,
         "state": m.state, "amount": money(session, m.amount), "detail": m.detail or None}
        for m in usecase.listed(session, args.state or "")
    ]  # fmt: skip
    columns: list[Column] = [
        ("message", "Message", 0, True), ("account", "Account", 12, False), ("step", "Step", 0, False),
        ("channel", "By", 0, False), ("on", "Queued", 0, False), ("state", "State", 0, False), ("amount", "Amount", 0, True),
        ("detail", "", 30, False),
    ]  # fmt: skip
    call.output.rows(
        rows, columns, empty="Nothing waits to be sent.", keys="message account name step channel on state amount detail"
    )
    if not policies.switches(session).sending:
        call.output.remark(f"Nothing is sent: stopped by {policies.switches(session).stopped_by}; netbill outbox --start.")
    return 0


def _message(call: Call, session: Session) -> int:
    args, number = call.args, number_of(call.args.number, "message", "netbill outbox lists them")
    if args.cancel or args.came or args.lost:
        only_wet(call, session)
        if args.cancel:
            usecase.cancel(session, number, args.reason or "")
        else:
            usecase.settle_unknown(session, number, bool(args.came))
    row = usecase.message(session, number)
    events = usecase.events(session, number)
    data = {
        "message": row.id, "account": row.account, "step": row.step, "channel": row.channel, "on": row.on, "state": row.state,
        "amount": money(session, row.amount), "language": row.language, "subject": row.subject, "text": row.body,
        "events": [{"state": e.kind, "at": moment(e.recorded_us), "by": e.operator, "detail": e.detail or None} for e in events],
    }  # fmt: skip
    call.output.record(data, lambda: "\n".join([
        f"Message {row.id} to {row.account} {row.name}: {row.step} by {row.channel}, {row.state}",
        *(f"  {moment(e.recorded_us)} {e.kind} {e.operator} {e.detail}".rstrip() for e in events), "", row.subject, "", row.body,
    ]))  # fmt: skip
    return 0


def _send(call: Call, session: Session) -> int:
    """Send what waits by mail; 3 where something could not go."""
    from netbill_tui.bootstrap import mail_server
    from netbill_tui.usecases.collections import sending

    only_wet(call, session)
    done = sending.send(session, mail_server(call.settings), on_progress=progress("Sending", call.output))
    data = {"sent": done.sent, "later": done.later, "refused": done.refused, "unknown": done.unknown, "cancelled": done.cancelled,
            "why": done.why or None}  # fmt: skip
    words = f"{counted(done.sent, 'mail')} sent, {done.later} to be tried later, {done.refused} refused, {done.unknown} unknown, "
    call.output.record(data, lambda: f"{words}{done.cancelled} not needed any more{f'; {done.why}' if done.why else ''}.")
    return 3 if done.later + done.refused + done.unknown or done.why else 0


def _letters(call: Call, session: Session) -> int:
    """Draw the letters that wait, draw a batch again, or say that one was printed."""
    from netbill_tui.usecases.collections import letters

    only_wet(call, session)
    if call.args.printed:
        went = letters.printed(session, call.args.printed)
        call.output.record({"printed": went}, lambda: f"{counted(went, 'letter')} went; they count as read in three days.")
        return 0
    shown = progress("Drawing", call.output)
    number = call.args.letters
    done = letters.draw_again(session, number, on_progress=shown) if number else letters.draw(session, on_progress=shown)
    data = {"batch": done.number, "file": str(done.path), "letters": done.letters, "cancelled": done.cancelled,
            "missing": done.missing or None}  # fmt: skip
    call.output.record(data, lambda: "\n".join([
        f"{done.number}: {counted(done.letters, 'letter')} in {done.path}; {done.cancelled} not needed any more.",
        f"When they are printed: netbill outbox --printed {done.number}",
        *([f"Letters that no font has: {done.missing}"] if done.missing else []),
    ]))  # fmt: skip
    return 0


def delivery(call: Call, session: Session) -> int:
    """How an account wants bills and messages, or set it."""
    from netbill_tui.usecases.collections import bills

    args = call.args
    if args.what:
        only_wet(call, session)
        bills.choose(session, args.account, args.what, args.reason)
        call.output.record({"account": args.account, "delivery": args.what}, lambda: f"{args.account}: {args.what}.")
        return 0
    marks = bills.wishes(session, args.account)
    chosen = next((m.covers for m in marks if m.kind == "delivery"), None)
    others = [m.kind for m in marks if m.kind != "delivery"]
    data = {"account": args.account, "delivery": chosen, "marks": others}
    words = chosen or "by mail where the account is paperless, else on paper"
    call.output.record(data, lambda: f"{args.account}: {words}{''.join(f', {kind}' for kind in others)}")
    return 0


def bounce(call: Call, session: Session) -> int:
    """Take reports of mail that did not arrive."""
    from netbill_tui.integrations import bounces as reports
    from netbill_tui.usecases.collections import bounces

    only_wet(call, session)
    counts: dict[str, int] = {}
    if call.args.maildir:
        folder = Path(call.args.maildir).expanduser()
        for path, content in reports.in_maildir(folder):
            what, _ = bounces.take(session, content)
            counts[what] = counts.get(what, 0) + 1
            (folder / "cur").mkdir(exist_ok=True)
            path.rename(folder / "cur" / f"{path.name}:2,S")
    else:
        what, _ = bounces.take(session, sys.stdin.buffer.read(reports.LARGEST))
        counts[what] = 1
    text = ", ".join(f"{number} {what}" for what, number in sorted(counts.items())) or "no report"
    call.output.record({"bounced": counts.get("bounced", 0), "ignored": counts.get("ignored", 0)}, lambda: text)
    return 0
