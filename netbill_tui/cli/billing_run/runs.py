"""Commands of the billing run and of credit notes: bill, credit."""

import sys

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column, progress
from netbill_tui.cli.core.words import money
from netbill_tui.errors import InvalidInput
from netbill_tui.text import counted
from netbill_tui.usecases.billing_run import issue, undo
from netbill_tui.usecases.billing_run.issue import Preview
from netbill_tui.usecases.core.session import Session

TOLD = 20  # so many of those who were left out are named on stderr

# The run.


def bill(call: Call, session: Session) -> int:
    """The billing run for a date; or its runs, parked customers and drafts."""
    args = call.args
    for name, does in (("runs", _runs), ("parked", _parked), ("drafts", _drafts)):
        if getattr(args, name):
            return does(call, session)
    if args.undo:
        return _undo(call, session)
    if args.papers:
        return _papers(call, session)
    if args.confirm or args.throw:
        return _decide(call, session)
    as_of = session.date()
    if call.dry_run and args.account:
        preview = issue.preview_one(session, args.account, as_of, catch_up=args.catch_up or "")
    elif call.dry_run:
        preview = issue.preview(session, as_of, catch_up=args.catch_up or "", on_progress=progress("Planning", call.output))
    elif args.account:
        preview = issue.bill_one(session, args.account, as_of, catch_up=args.catch_up or "")
    else:
        preview = _run(call, session)
    data = run_data(session, preview)
    data["dry_run"] = call.dry_run
    if call.dry_run:
        call.output.leaves(len(preview.parked))
    call.output.record(data, lambda: _run_text(session, preview, call.dry_run))
    for account, reason in preview.parked[:TOLD]:
        call.output.remark(f"{account} was left out: {reason}")
    if len(preview.parked) > TOLD:
        where = "--json" if call.dry_run else "netbill bill --parked"
        call.output.remark(f"{len(preview.parked) - TOLD:,} more were left out; {where} lists all with the reason.")
    return 3 if preview.parked else 0


def _run(call: Call, session: Session) -> Preview:
    args = call.args
    catch_up = args.catch_up or ""
    if not catch_up and not call.yes and not call.no_input and sys.stdin.isatty() and sys.stderr.isatty():
        ahead = issue.preview(session, session.date(), on_progress=progress("Planning", call.output))
        late = [reason for _, reason in ahead.parked if "whole periods are missing" in reason]
        if late:
            print(f"More than one period is missing for {counted(len(late), 'customer')}.", file=sys.stderr)
            try:
                catch_up = input(
                    "Bill all of them, the latest only, or skip them (all, latest, skip; Enter leaves them out)? "
                ).strip()
            except EOFError:
                catch_up = ""
            issue.check_catch_up(catch_up)
    return issue.issue(session, session.date(), catch_up=catch_up, on_progress=progress("Billing", call.output))


def run_data(session: Session, preview: Preview) -> dict[str, object]:
    """What a run did or would do, as JSON."""
    return {
        "as_of": preview.as_of.isoformat(), "issued": preview.issued, "credits": preview.credits, "already": preview.already,
        "parked": [{"account": a, "reason": r} for a, r in preview.parked], "lines": preview.lines, "net": money(session,
        preview.net),
        "tax": money(session, preview.tax), "total": money(session, preview.total), "run": preview.run or None,
        "waiting": preview.waiting,
        "exceptions": [
            {"account": e.account, "name": e.name or None, "kind": e.kind, "detail": e.detail, "net": money(session, e.net)}
            for e in preview.exceptions
        ],
        "counts": preview.counts, "queued": preview.queued,
        "last": None if preview.last is None else {
            "run": preview.last.number, "as_of": preview.last.as_of, "issued": preview.last.invoices, "total": money(session,
            preview.last.total)
        },
    }  # fmt: skip


def _run_text(session: Session, preview: Preview, dry: bool) -> str:
    verb = "Would issue" if dry else "Issued"
    lines = [
        f"{verb} {counted(preview.issued, 'invoice')} and {counted(preview.credits, 'credit note')} as of {preview.as_of}"
        + (f" ({preview.run})" if preview.run else ""),
        f"  {counted(preview.lines, 'line')}, net {money(session, preview.net)}, tax {money(session, preview.tax)}, total "
        f"{money(session, preview.total)} {session.book.currency}; {counted(preview.already, 'customer')} billed already",
    ]
    if preview.queued:
        lines.append("  " + ", ".join(f"{number:,} {way}" for way, number in sorted(preview.queued.items())))
    if preview.waiting:
        lines.append(f"  waiting as drafts: {preview.waiting:,}; netbill bill --drafts lists them")
    if preview.last is not None:
        last = preview.last
        lines.append(
            f"  last run {last.number} of {last.as_of}: {counted(last.invoices, 'invoice')}, total {money(session, last.total)}"
        )
    for kind, count in preview.counts.items():
        lines.append(f"  {count:,} {kind}")
        lines += [f"    {e.account:<14} {e.detail}" for e in preview.exceptions if e.kind == kind][:10]
    if preview.parked:
        lines.append(f"  {len(preview.parked):,} left out")
    return "\n".join(lines)


def _runs(call: Call, session: Session) -> int:
    rows = [
        {"run": r.number, "as_of": r.as_of, "kind": r.kind, "state": r.state, "undoes": r.undoes or None, "issued": r.invoices,
         "credits": r.credits, "net": money(session, r.net), "tax": money(session, r.tax), "parked": r.parked, "by": r.operator}
        for r in issue.runs(session)
    ]  # fmt: skip
    columns: list[Column] = [
        ("run", "Run", 0, False), ("as_of", "As of", 0, False), ("kind", "Kind", 0, False), ("state", "State", 0, False),
        ("issued", "Issued", 0, True), ("credits", "Credits", 0, True), ("net", "Net", 0, True), ("tax", "Tax", 0, True),
        ("parked", "Parked", 0, True), ("by", "By", 0, False),
    ]  # fmt: skip
    call.output.rows(
        rows,
        columns,
        empty="Nothing was billed yet; netbill bill --dry-run shows what would be.",
        keys="run as_of kind state undoes issued credits net tax parked by",
    )
    return 0


def _parked(call: Call, session: Session) -> int:
    rows = [
        {"account": p.account, "name": p.name or None, "as_of": p.as_of, "reason": p.reason, "run": p.run}
        for p in issue.parked(session)
    ]
    columns: list[Column] = [
        ("account", "Account", 14, False),
        ("name", "Name", 20, False),
        ("as_of", "As of", 0, False),
        ("reason", "Reason", 70, False),
    ]
    call.output.rows(rows, columns, empty="No customer is parked.", keys="account name as_of reason run")
    return 0


def _drafts(call: Call, session: Session) -> int:
    rows = [
        {
            "account": d.account,
            "name": d.name or None,
            "bill_date": d.bill_date,
            "posts_on": d.posts_on,
            "net": money(session, d.net),
            "tax": money(session, d.tax),
            "state": d.state,
        }
        for d in issue.drafts(session)
    ]
    columns: list[Column] = [
        ("account", "Account", 14, False),
        ("name", "Name", 20, False),
        ("bill_date", "Bill date", 0, False),
        ("posts_on", "Issued on", 0, False),
        ("net", "Net", 0, True),
        ("tax", "Tax", 0, True),
        ("state", "State", 0, False),
    ]
    call.output.rows(rows, columns, empty="No draft invoice is waiting.", keys="account name bill_date posts_on net tax state")
    return 0


def _decide(call: Call, session: Session) -> int:
    args = call.args
    if not args.account:
        raise InvalidInput("Name the account whose draft is meant: netbill bill ACCOUNT --confirm BILL-DATE.")
    day = parse_date(args.confirm or args.throw, session.today()).isoformat()
    if not call.dry_run:
        issue.decide_draft(session, args.account, day, confirm=bool(args.confirm))
    said = "will be issued by the next run" if args.confirm else "waits its days again"
    call.output.record({"account": args.account, "bill_date": day, "confirmed": bool(args.confirm)}, lambda: f"The draft {said}.")
    return 0


def _papers(call: Call, session: Session) -> int:
    """The documents of a run, written or printed; 3 where a letter is missing or it was stopped."""
    from netbill_tui.usecases.billing_run import papers

    args = call.args
    if args.once_more and not args.print:
        raise InvalidInput("--once-more goes with --print; files that are there are never written again: remove them first.")
    if args.unknown and args.unknown not in (papers.PRINTED, papers.MISSING):
        raise InvalidInput(f"Type --unknown as {papers.PRINTED} or {papers.MISSING}.")
    to = papers.PRINTER if args.print else papers.FILES
    if call.dry_run:
        many = len(papers.listed(session, args.papers))
        data: dict[str, object] = {"run": args.papers, "documents": many, "dry_run": True}
        call.output.record(data, lambda: f"Would {'print' if args.print else 'write'} {counted(many, 'document')}.")
        return 0
    done = papers.hand_out(
        session, args.papers, to=to, singles=args.singles, once_more=args.once_more, unknown=args.unknown or "",
        on_progress=progress("Printing" if args.print else "Writing", call.output),
    )  # fmt: skip
    data = {
        "run": done.run,
        "documents": done.documents,
        "before": done.before,
        "left_out": done.left_out,
        "to": done.where,
        "missing": done.missing or None,
    }
    call.output.record(data, lambda: done.words(printed=args.print))
    return 3 if done.missing else 0


def _undo(call: Call, session: Session) -> int:
    args = call.args
    undoable = undo.check_undo(session, args.undo)
    number, plus, minus = undoable.number, len(undoable.invoices), len(undoable.credit_notes)
    if call.dry_run:
        call.output.record(
            {"run": number, "invoices": plus, "credit_notes": minus, "dry_run": True},
            lambda: f"Would take back {counted(plus, 'invoice')} and {counted(minus, 'credit note')} of {number}.",
        )
        return 0
    if not call.yes:
        if call.no_input or not sys.stdin.isatty():
            raise InvalidInput(f"Undoing {number} writes {counted(plus, 'credit note')}; give --yes to do it.")
        print(
            f"{number}: {counted(plus, 'invoice')} and {counted(minus, 'credit note')} would be taken back.",
            file=sys.stderr,
        )
        try:
            typed = input(f"Type {number} to do it: ")
        except EOFError:
            typed = ""
        if typed.strip().upper() != number:
            raise InvalidInput("Nothing was undone.")
    done = undo.undo(session, number, args.reason, on_progress=progress("Undoing", call.output))
    data = {
        "run": done.run,
        "undoes": done.undoes,
        "credits": done.credits,
        "invoices": done.invoices,
        "total": money(session, done.total),
    }
    papers = [
        f"{n} {word}{'s' if n != 1 else ''}" for n, word in ((done.credits, "credit note"), (done.invoices, "invoice")) if n
    ]
    by = f" by {' and '.join(papers)}, {money(session, done.total)}" if papers else "; it had issued nothing"
    call.output.record(data, lambda: f"{done.undoes} is undone{by}.")
    return 0


# Credit notes.
