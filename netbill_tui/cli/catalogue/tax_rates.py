"""The command tax."""

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import dated_today, needs_word, options_given
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.catalogue import tax_rates
from netbill_tui.usecases.core.session import Session


def tax(call: Call, session: Session) -> int:
    """List tax classes with their rates, add a rate, or take one back that taxed nothing."""
    args = call.args
    if args.drop:
        return _drop_rate(call, session)
    fields = options_given(call, "percent", "name", "category", "from", "until", "order", "compound", "reason")
    if args.percent is None:
        needs_word(fields, "the percentage", f"netbill tax {args.tax_class or 'standard'} 20")
        rows: list[dict[str, object]] = [
            {"tax_class": r.tax_class, "from": held.first, "until": held.until, "name": r.rate.name, "category": r.rate.category,
             "percent": r.rate.percent, "order": r.rate.order, "compound": r.rate.compound, "reason": r.rate.reason or None,
             "resumed": held.is_resumed}
            for held in tax_rates.rates(session)
            for r in (held.dated,)
            if args.tax_class in (None, r.tax_class)
        ]  # fmt: skip
        columns: list[Column] = [
            ("tax_class", "Class", 20, False),
            ("from", "From", 0, False),
            ("until", "Until", 0, False),
            ("name", "Name", 24, False),
            ("category", "Cat", 0, False),
            ("percent", "%", 0, True),
            ("order", "Order", 0, True),
            ("compound", "Compound", 0, False),
            ("resumed", "Resumed", 0, False),
        ]
        call.output.rows(
            rows,
            columns,
            empty="There is no tax class; add one: netbill tax standard 20 --name 'VAT 20 %'.",
            keys="tax_class from until name category percent order compound reason resumed",
        )
        return 0
    dated_today(call, session, "A rate")
    stored = tax_rates.add_rate(session, args.tax_class, fields, dry_run=call.dry_run)
    data = {
        "tax_class": stored.tax_class,
        "from": stored.first,
        "until": stored.end,
        "percent": stored.rate.percent,
        "dry_run": call.dry_run,
    }
    call.output.record(data, lambda: f"{stored.tax_class}: {stored.rate.name}, {stored.rate.percent} % from {stored.first}.")
    return 0


def _drop_rate(call: Call, session: Session) -> int:
    args = call.args
    if args.tax_class is None:
        raise InvalidInput("--drop needs the tax class: netbill tax standard --drop 2027-01-01.")
    dated_today(call, session, "A rate")
    day = parse_date(args.drop, session.today()).isoformat()
    order = args.order or "1"
    if not order.isascii() or not order.isdigit():
        raise InvalidInput("Type the order of a rate as a number from 1 to 9.")
    dropped = tax_rates.drop_rate(session, args.tax_class, day, int(order), dry_run=call.dry_run)
    data = {"tax_class": dropped.tax_class, "dropped": dropped.first, "order": dropped.rate.order, "dry_run": call.dry_run}
    call.output.record(data, lambda: f"The rate of {dropped.first} {'would be' if call.dry_run else 'is'} gone.")
    return 0
