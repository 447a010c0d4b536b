"""Commands of discounts and exemptions."""

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import dated_today, money, needs_word, number_of, only_wet, options_given, request_id
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.services import discounts


def discount(call: Call, session: Session) -> int:
    """Give a discount, end one, or list those of an account."""
    args = call.args
    if args.stop:
        return _end(call, session)
    fields = options_given(call, "percent", "amount", "code", "from", "until", "periods", "text")
    if not {"percent", "amount"} & fields.keys():
        needs_word(fields, "what is given", f"netbill discount {args.account} --percent 10")
        return _listed(call, session)
    dated_today(call, session, "A discount")
    discounted = discounts.discount(session, args.account, fields, dry_run=call.dry_run, request_id=request_id(call))
    data = {
        "discount": discounted.id or None,
        "account": args.account,
        "code": discounted.code or None,
        "kind": discounted.kind,
        "from": discounted.first,
        "until": discounted.end,
        "dry_run": call.dry_run,
    }
    until = f" until {discounted.end}" if discounted.end else ""
    call.output.record(data, lambda: f"{discounted.text} applies from {discounted.first}{until}.")
    return 0


def _end(call: Call, session: Session) -> int:
    only_wet(call, session)
    args = call.args
    on = parse_date(args.on, session.today()) if args.on else session.today()
    discounts.end_discount(session, args.account, number_of(args.stop), on)
    call.output.record({"account": args.account, "discount": number_of(args.stop), "until": str(on)}, lambda: f"It ends on {on}.")
    return 0


def _listed(call: Call, session: Session) -> int:
    rows = [
        {
            "discount": d.id,
            "code": d.code or None,
            "kind": d.kind,
            "value": d.value + "%" if d.kind == "percent" else money(session, int(d.value)),
            "from": d.first,
            "until": d.end,
            "text": d.text,
        }
        for d in discounts.discounts(session, call.args.account)
    ]
    columns: list[Column] = [
        ("discount", "No", 0, True),
        ("code", "Code", 16, False),
        ("value", "Value", 0, True),
        ("from", "From", 0, False),
        ("until", "Until", 0, False),
        ("text", "Text", 30, False),
    ]
    call.output.rows(rows, columns, empty="No discount.", keys="discount code kind value from until text")
    return 0


def exempt(call: Call, session: Session) -> int:
    """Take no tax from a customer while a certificate holds."""
    args, today = call.args, session.today()
    first = parse_date(getattr(args, "from"), today) if getattr(args, "from") else today
    until = parse_date(args.until, today) if args.until else None
    dated_today(call, session, "An exemption")
    discounts.exempt(session, args.account, args.certificate, first, until, dry_run=call.dry_run)
    data = {"account": args.account, "certificate": args.certificate, "from": str(first), "until": str(until) if until else None}
    call.output.record(data, lambda: f"{args.account} pays no tax from {first}{f' until {until}' if until else ''}.")
    return 0
