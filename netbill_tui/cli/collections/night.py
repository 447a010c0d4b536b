"""The command collect: the night by hand or by timer, what it would do, and whether it does anything at all."""

import sys

from netbill_tui.billing.collections.policies import SWITCH
from netbill_tui.billing.core.money import Tally
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import progress
from netbill_tui.cli.core.words import money
from netbill_tui.errors import InvalidInput
from netbill_tui.text import counted
from netbill_tui.usecases.collections import night, policies
from netbill_tui.usecases.collections.night import Night
from netbill_tui.usecases.core.session import Session

EVERYBODY = 1 << 31
SHOWN = 20  # so many accounts are named to people


def collect(call: Call, session: Session) -> int:
    """Run the ladder for today, or say what it would do on any day."""
    args = call.args
    if args.off:
        policies.turn(session, SWITCH, False, reason="by command")
        call.output.record({"active": False}, lambda: "Collections are off; netbill collect --activate COUNT lets them begin.")
        return 0
    most = EVERYBODY if call.output.form == "json" else SHOWN
    if call.dry_run:
        done = night.preview(
            session, session.date(), catch_up=args.catch_up, most=most, on_progress=progress("Looking", call.output)
        )
        call.output.leaves(len(done.fates))
    else:
        if call.as_of is not None and call.as_of != session.today():
            raise InvalidInput("collect acts for today only; give --dry-run with --as-of to see what another day would do.")
        if args.activate is not None:
            night.activate(session, args.activate)
        elif not policies.switches(session).active and not call.no_input and sys.stdin.isatty():
            _ask(call, session)
        done = night.collect(session, catch_up=args.catch_up, most=most, on_progress=progress("Collecting", call.output))
    data = night_data(session, done) | {"dry_run": call.dry_run}
    call.output.record(data, lambda: _text(session, done, dry=call.dry_run))
    return 0


def _ask(call: Call, session: Session) -> None:
    """Show the first night by step and sum, and let the owner type its count."""
    ahead = night.preview(session, most=SHOWN)
    call.output.remark(_text(session, ahead, dry=True))
    print(f"Type {ahead.count} to activate collections in this book: ", end="", file=sys.stderr, flush=True)
    typed = sys.stdin.readline().strip()
    if not typed.isdigit():
        raise InvalidInput("Nothing was activated.")
    night.activate(session, int(typed))


def _sum(session: Session, tally: Tally) -> dict[str, object]:
    return {"number": tally.number, "sum": money(session, tally.amount)}


def night_data(session: Session, done: Night) -> dict[str, object]:
    """What a night did or would do, as JSON."""
    day = done.day.isoformat()
    return {
        "as_of": day, "count": done.count, "promises": done.promises, "fees": _sum(session, done.fees),
        "messages": [{"step": s, "channel": c, **_sum(session, t)} for (s, c), t in sorted(done.messages.items())],
        "proposals": [{"action": a, **_sum(session, t)} for a, t in sorted(done.proposals.items())],
        "reasons": [{"action": a, "reason": r, **_sum(session, t)} for (a, r), t in sorted(done.skipped.items())],
        "done": [
            {"account": f.account, "action": f.kind, "step": f.action, "detail": f.detail or None, "day": day,
             "amount": money(session, f.amount)}
            for f in done.fates if not f.reason
        ],
        "skipped": [
            {"account": f.account, "action": f.kind, "step": f.action, "reason": f.reason, "amount": money(session, f.amount)}
            for f in done.fates if f.reason
        ],
    }  # fmt: skip


def _text(session: Session, done: Night, *, dry: bool) -> str:
    would = "would be " if dry else ""
    lines = [f"{'What the night of' if dry else 'The night of'} {done.day} {'would do' if dry else 'did'}:"]
    for state, number in sorted(done.promises.items()):
        lines.append(f"  {counted(number, 'promise')} {would}{state}")
    for (step, channel), tally in sorted(done.messages.items()):
        lines.append(f"  {step:<12} {channel:<8} {tally.number:>7,}  {money(session, tally.amount):>14}")
    if done.fees.number:
        lines.append(f"  {'late fees':<21} {done.fees.number:>7,}  {money(session, done.fees.amount):>14}")
    for action, tally in sorted(done.proposals.items()):
        lines.append(f"  {'propose ' + action:<21} {tally.number:>7,}  {money(session, tally.amount):>14}")
    if len(lines) == 1:
        lines.append("  nothing is due")
    if done.skipped:
        lines.append("Not done, and why:")
        for (action, reason), tally in sorted(done.skipped.items()):
            lines.append(f"  {action:<12} {reason:<24} {tally.number:>7,}  {money(session, tally.amount):>14}")
    named = [f for f in done.fates if not f.reason][:SHOWN]
    if named:
        lines.append("Accounts:")
        lines += [f"  {f.account:<14} {f.action:<10} {f.detail:<14} {money(session, f.amount):>12}  {f.name}" for f in named]
        if len(named) == SHOWN:
            lines.append("  ... netbill collect --dry-run --json names all")
    if done.stopped:
        lines.append("Stopped; the next run goes on.")
    return "\n".join(lines)
