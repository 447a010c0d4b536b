"""Commands of the billing run and of credit notes: bill, credit."""

import sys

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import format_amount, parse_amount
from netbill_tui.cli.call import Call
from netbill_tui.cli.catalogue import dated_today, given, needs_word
from netbill_tui.cli.output import Column, progress
from netbill_tui.cli.writes import request_id
from netbill_tui.errors import InvalidInput
from netbill_tui.text import counted
from netbill_tui.usecases.billing_run import issue, undo
from netbill_tui.usecases.billing_run.issue import Preview
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables import apply_credit, credit_notes, credit_parts


def _money(session: Session, minor: int | None) -> str | None:
    return None if minor is None else format_amount(minor, session.book.currency)


# The run.


def bill(call: Call, session: Session) -> int:
    """The billing run for a date; or its runs, parked customers and drafts."""
    args = call.args
    for name, does in (("runs", _runs), ("parked", _parked), ("drafts", _drafts)):
        if getattr(args, name):
            return does(call, session)
    if args.undo:
        return _undo(call, session)
    if args.confirm or args.throw:
        return _decide(call, session)
    as_of = session.date()
    if call.dry_run and args.account:
        made = issue.preview_one(session, args.account, as_of, catch_up=args.catch_up or "")
    elif call.dry_run:
        made = issue.preview(session, as_of, catch_up=args.catch_up or "", on_progress=progress("Planning", call.output))
    elif args.account:
        made = issue.bill_one(session, args.account, as_of, catch_up=args.catch_up or "")
    else:
        made = _run(call, session)
    data = run_data(session, made)
    data["dry_run"] = call.dry_run
    if call.dry_run:
        call.output.leaves(len(made.parked))
    call.output.record(data, lambda: _run_text(session, made, call.dry_run))
    for account, reason in made.parked:
        call.output.remark(f"{account} was left out: {reason}")
    return 3 if made.parked else 0


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


def run_data(session: Session, made: Preview) -> dict[str, object]:
    """What a run did or would do, as JSON."""
    return {
        "as_of": made.as_of.isoformat(), "issued": made.issued, "credits": made.credits, "already": made.already,
        "parked": [{"account": a, "reason": r} for a, r in made.parked], "lines": made.lines, "net": _money(session, made.net),
        "tax": _money(session, made.tax), "total": _money(session, made.total), "run": made.run or None, "waiting": made.waiting,
        "exceptions": [
            {"account": e.account, "name": e.name or None, "kind": e.kind, "detail": e.detail, "net": _money(session, e.net)}
            for e in made.exceptions
        ],
        "counts": made.counts,
        "last": None if made.last is None else {
            "run": made.last.number, "as_of": made.last.as_of, "issued": made.last.invoices, "total": _money(session,
            made.last.total)
        },
    }  # fmt: skip


def _run_text(session: Session, made: Preview, dry: bool) -> str:
    verb = "Would issue" if dry else "Issued"
    lines = [
        f"{verb} {counted(made.issued, 'invoice')} and {counted(made.credits, 'credit note')} as of {made.as_of}"
        + (f" ({made.run})" if made.run else ""),
        f"  {counted(made.lines, 'line')}, net {_money(session, made.net)}, tax {_money(session, made.tax)}, total "
        f"{_money(session, made.total)} {session.book.currency}; {counted(made.already, 'customer')} billed already",
    ]
    if made.waiting:
        lines.append(f"  waiting as drafts: {made.waiting:,}; netbill bill --drafts lists them")
    if made.last is not None:
        last = made.last
        lines.append(
            f"  last run {last.number} of {last.as_of}: {counted(last.invoices, 'invoice')}, total {_money(session, last.total)}"
        )
    for kind, count in made.counts.items():
        lines.append(f"  {count:,} {kind}")
        lines += [f"    {e.account:<14} {e.detail}" for e in made.exceptions if e.kind == kind][:10]
    if made.parked:
        lines.append(f"  {len(made.parked):,} left out")
    return "\n".join(lines)


def _runs(call: Call, session: Session) -> int:
    rows = [
        {"run": r.number, "as_of": r.as_of, "kind": r.kind, "state": r.state, "undoes": r.undoes or None, "issued": r.invoices,
         "credits": r.credits, "net": _money(session, r.net), "tax": _money(session, r.tax), "parked": r.parked, "by": r.operator}
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
    rows = [{"account": p.account, "name": p.name or None, "as_of": p.as_of, "reason": p.reason, "run": p.run}
            for p in issue.parked(session)]  # fmt: skip
    columns: list[Column] = [
        ("account", "Account", 14, False), ("name", "Name", 20, False), ("as_of", "As of", 0, False), ("reason", "Reason", 70,
        False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="Nobody is parked.", keys="account name as_of reason run")
    return 0


def _drafts(call: Call, session: Session) -> int:
    rows = [
        {"account": d.account, "name": d.name or None, "bill_date": d.bill_date, "posts_on": d.posts_on, "net": _money(session,
        d.net),
         "tax": _money(session, d.tax), "state": d.state}
        for d in issue.drafts(session)
    ]  # fmt: skip
    columns: list[Column] = [
        ("account", "Account", 14, False), ("name", "Name", 20, False), ("bill_date", "Bill date", 0, False),
        ("posts_on", "Issued on", 0, False), ("net", "Net", 0, True), ("tax", "Tax", 0, True), ("state", "State", 0, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="No invoice waits.", keys="account name bill_date posts_on net tax state")
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


def _undo(call: Call, session: Session) -> int:
    args = call.args
    number, plus, minus = undo.check_undo(session, args.undo)
    if call.dry_run:
        call.output.record(
            {"run": number, "invoices": len(plus), "credit_notes": len(minus), "dry_run": True},
            lambda: f"Would take back {counted(len(plus), 'invoice')} and {counted(len(minus), 'credit note')} of {number}.",
        )
        return 0
    if not call.yes:
        if call.no_input or not sys.stdin.isatty():
            raise InvalidInput(f"Undoing {number} writes {counted(len(plus), 'credit note')}; give --yes to do it.")
        print(
            f"{number}: {counted(len(plus), 'invoice')} and {counted(len(minus), 'credit note')} would be taken back.",
            file=sys.stderr,
        )
        try:
            typed = input(f"Type {number} to do it: ")
        except EOFError:
            typed = ""
        if typed.strip().upper() != number:
            raise InvalidInput("Nothing was undone.")
    done = undo.undo(session, number, args.reason, on_progress=progress("Undoing", call.output))
    data = {"run": done.run, "undoes": done.undoes, "credits": done.credits, "invoices": done.invoices,
            "total": _money(session, done.total)}  # fmt: skip
    papers = [
        f"{n} {word}{'s' if n != 1 else ''}" for n, word in ((done.credits, "credit note"), (done.invoices, "invoice")) if n
    ]
    by = f" by {' and '.join(papers)}, {_money(session, done.total)}" if papers else "; it had issued nothing"
    call.output.record(data, lambda: f"{done.undoes} is undone{by}.")
    return 0


# Credit notes.


def credit(call: Call, session: Session) -> int:
    """Take back all or part of an invoice; or list the credit notes of an account, or show one."""
    args = call.args
    if args.list:
        rows = [{"number": n, "issued": d, "total": _money(session, t), "reason": r}
                for n, d, t, r in credit_notes.of_account(session, args.list)]  # fmt: skip
        columns: list[Column] = [
            ("number", "Number", 0, False), ("issued", "Issued", 0, False), ("total", "Total", 0, True), ("reason", "Reason",
            40, False),
        ]  # fmt: skip
        call.output.rows(rows, columns, empty="No credit note yet.", keys="number issued total reason")
        return 0
    if args.invoice == "apply":
        return _apply_credit(call, session)
    if args.account:
        raise InvalidInput("Only credit apply takes an account: netbill credit apply ACCOUNT.")
    if not args.invoice:
        raise InvalidInput("Name the invoice that is taken back, or --list ACCOUNT.")
    if not args.reason:
        from netbill_tui.cli.invoices import show_credit_note

        fields = given(call, "amount") | ({"line": " --line ".join(args.line)} if args.line else {})
        needs_word(fields, "a reason", f"netbill credit {args.invoice} --reason 'line was down'")

        return show_credit_note(call, session, args.invoice)
    dated_today(call, session, "A credit note")
    lines = credit_parts.read_lines(session, args.line)
    amount = parse_amount(args.amount, session.book.currency) if args.amount else None
    if lines is not None and amount is not None:
        raise InvalidInput("Give lines with their amounts, or one amount for the whole invoice, not both.")
    made = credit_notes.credit(session, args.invoice, args.reason, lines=lines, amount=amount, dry_run=call.dry_run,
                               request_id=request_id(call))  # fmt: skip
    data = {
        "number": made.number or None, "invoice": made.invoice, "net": _money(session, made.net), "tax": _money(session,
        made.tax),
        "total": _money(session, made.total), "settled": _money(session, made.settled), "unapplied": _money(session, made.left),
        "balance": _money(session, made.balance), "dry_run": call.dry_run,
    }  # fmt: skip
    said = "Would give back" if call.dry_run else f"{made.number} gives back"
    call.output.record(data, lambda: f"{said} {data['total']} of {made.invoice}; balance {data['balance']}.")
    return 0


def _apply_credit(call: Call, session: Session) -> int:
    """Use the open credit of an account on its open invoices."""
    if not call.args.account:
        raise InvalidInput("Name the account whose credit is used: netbill credit apply ACCOUNT.")
    dated_today(call, session, "Using credit")
    made = apply_credit.apply_credit(session, call.args.account, dry_run=call.dry_run, request_id=request_id(call))
    data = {
        "account": made.account, "used": _money(session, made.used), "left": _money(session, made.left),
        "overdue": _money(session, made.overdue), "dry_run": call.dry_run,
    }  # fmt: skip
    said = "Would use" if call.dry_run else "Used"
    call.output.record(data, lambda: f"{said} {data['used']} of the credit of {made.account}; {data['left']} of it is left.")
    return 0
