"""Commands of the catalogue: code, price, tax, rule, report."""

from collections.abc import Mapping
from datetime import date

from netbill_tui.billing.catalogue.codes import Code
from netbill_tui.billing.catalogue.prices import Price
from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import format_amount
from netbill_tui.cli.call import Call
from netbill_tui.cli.output import Column
from netbill_tui.errors import InvalidInput
from netbill_tui.text import counted, visible
from netbill_tui.usecases.catalogue import codes, rules, tax_rates
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.reports import revenue


def given(call: Call, *names: str) -> dict[str, str]:
    """The options that were given, by the names of their fields."""
    return {n: str(getattr(call.args, n)) for n in names if getattr(call.args, n, None) not in (None, False)}


def needs_word(fields: Mapping[str, str], what: str, command: str) -> None:
    """Refuse options that write where the word that makes them write is missing: nothing that was typed is dropped in silence.

    Raises:
        InvalidInput: There are such options; the sentence shows the right command.
    """
    if fields:
        option, value = next(iter(fields.items()))
        shown = "" if value in ("True", "yes") else f" {visible(value)[:40]!r}" if " " in value else f" {visible(value)[:40]}"
        raise InvalidInput(f"--{option.replace('_', '-')} needs {what}: {command} --{option.replace('_', '-')}{shown}")


def dated_today(call: Call, session: Session, what: str) -> None:
    """Refuse a pretended date where what is written is dated today, or by an option of its own.

    Raises:
        InvalidInput: Another date was given.
    """
    if call.as_of is not None and call.as_of != session.today():
        raise InvalidInput(f"{what} is dated today or by an option of its own; leave --as-of out.")


def _code_data(session: Session, one: Code) -> dict[str, object]:
    return {
        "code": one.code, "name": one.name, "category": one.category, "kind": one.kind, "tax_class": one.tax_class or None,
        "proration": one.proration or None, "suspended": one.suspended, "minimum_months": one.minimum_months,
        "leave_fee": format_amount(one.leave_fee, session.book.currency), "unit": one.unit or None,
        "parts": [{"code": part, "weight": weight} for part, weight in one.parts], "active": one.active,
    }  # fmt: skip


def price_data(session: Session, code: str, one: Price, used: bool) -> dict[str, object]:
    """A price as JSON."""

    def money(minor: int | None) -> str | None:
        return None if minor is None else format_amount(minor, session.book.currency)

    return {
        "code": code, "from": one.first, "until": one.end, "audience": one.audience, "amount": money(one.amount),
        "promo_amount": money(one.promo_amount), "promo_periods": one.promo_periods, "included": str(one.included),
        "tiers": [{"up_to": None if t.up_to is None else str(t.up_to), "amount": str(t.amount)} for t in one.tiers],
        "notice": one.notice, "used": used,
    }  # fmt: skip


def code(call: Call, session: Session) -> int:
    """List billing codes, show one with its prices, add or change one."""
    fields = given(
        call, "name", "category", "kind", "tax_class", "proration", "suspended", "minimum_months", "leave_fee", "unit", "parts",
        "active",
    )  # fmt: skip
    if call.args.code is None:
        if fields:
            raise InvalidInput("Name the code that is added or changed, such as netbill code INT-100 --name 'Fibre 100'.")
        book = codes.load(session)
        today = session.date().isoformat()
        listed = []
        for one in book.codes.values():
            now = [p for p in book.prices_of(one.code) if p.first <= today and p.audience == "all"]
            data = _code_data(session, one)
            data["price"] = format_amount(now[-1].amount, session.book.currency) if now else None
            listed.append(data)
        columns: list[Column] = [
            ("code", "Code", 20, False), ("name", "Name", 30, False), ("category", "Category", 0, False), ("kind", "Kind", 0,
            False),
            ("tax_class", "Tax", 10, False), ("price", "Price", 0, True),
        ]  # fmt: skip
        call.output.rows(
            listed,
            columns,
            empty="There is no billing code yet; add one: netbill code INT-100 --name 'Fibre 100'.",
            keys="code name category kind tax_class proration suspended minimum_months leave_fee unit active price",
        )
        return 0
    if fields:
        dated_today(call, session, "A billing code")
        made = codes.store_code(session, {**fields, "code": call.args.code}, dry_run=call.dry_run)
        said = "would be stored" if call.dry_run else "stored"
        call.output.record({**_code_data(session, made), "dry_run": call.dry_run}, lambda: f"{made.code} {made.name} {said}.")
        return 0
    one = codes.code_named(session, call.args.code)
    used = codes.used(session)
    prices = [price_data(session, one.code, p, p.id in used) for p in codes.load(session).prices_of(one.code)]
    call.output.record({**_code_data(session, one), "prices": prices}, lambda: _code_text(session, one, prices))
    return 0


def _code_text(session: Session, one: Code, prices: list[dict[str, object]]) -> str:
    lines = [f"{one.code}  {one.name}  ({one.category}, {one.kind}{', tax ' + one.tax_class if one.tax_class else ''})"]
    lines += [f"  part {part} weight {weight}" for part, weight in one.parts]
    if one.minimum_months:
        lines.append(
            f"  term {counted(one.minimum_months, 'month')}, "
            f"leaving early costs {format_amount(one.leave_fee, session.book.currency)}"
        )
    for p in prices:
        promo = f", first {counted(int(str(p['promo_periods'])), 'period')} {p['promo_amount']}" if p["promo_periods"] else ""
        until = f" until {p['until']}" if p["until"] else ""
        lines.append(f"  from {p['from']}{until}  {p['amount']}  for {p['audience']}{promo}{'  used' if p['used'] else ''}")
    return "\n".join(lines if prices else [*lines, "  no price yet: netbill price " + one.code + " AMOUNT --from DATE"])


def price(call: Call, session: Session) -> int:
    """Add a dated price, or take out one that nothing used."""
    args = call.args
    if args.drop or args.amount is not None:
        dated_today(call, session, "A price")
    if args.drop:
        if call.dry_run:
            raise InvalidInput("--drop has no dry run; it only takes out what nothing used.")
        day = parse_date(args.drop, session.today()).isoformat()
        gone = codes.drop_price(session, args.code, day, args.audience or "all")
        call.output.record({"code": args.code.upper(), "dropped": gone.first}, lambda: f"The price of {gone.first} is gone.")
        return 0
    fields = given(
        call, "amount", "from", "until", "audience", "promo_amount", "promo_periods", "included", "tiers", "notice",
    )  # fmt: skip
    if args.amount is None:
        needs_word(fields, "the amount", f"netbill price {args.code} 29.90")
        return code(call, session)
    made, found = codes.add_price(session, args.code, fields, dry_run=call.dry_run)
    if call.dry_run:
        call.output.leaves(len(found))
    currency = session.book.currency
    rows = [
        {"account": a.account, "name": a.name or None, "service": a.service,
         "old": None if a.old is None else format_amount(a.old, currency), "new": format_amount(a.new, currency),
         "from": a.from_on, "own_price": a.own}
        for a in found
    ]  # fmt: skip
    data = {**price_data(session, args.code.upper(), made, False), "affected": rows, "dry_run": call.dry_run}

    def text() -> str:
        said = "would cost" if call.dry_run else "costs"
        lines = [f"{args.code.upper()} {said} {format_amount(made.amount, currency)} from {made.first} for {made.audience}."]
        lines += [
            f"  {r['account']:<14} {str(r['name'] or '')[:24]:<24} {r['old'] or '-':>10} -> {r['new']:>10} from {r['from']}"
            + ("  own price, left out" if r["own_price"] else "")
            for r in rows
        ]
        return "\n".join(lines)

    call.output.record(data, text)
    return 0


def tax(call: Call, session: Session) -> int:
    """List tax classes with their rates, add a rate, or take one back that taxed nothing."""
    args = call.args
    if args.drop:
        return _drop_rate(call, session)
    fields = given(call, "percent", "name", "category", "from", "until", "order", "compound", "reason")
    if args.percent is None:
        needs_word(fields, "the percentage", f"netbill tax {args.tax_class or 'standard'} 20")
        rows: list[dict[str, object]] = [
            {"tax_class": r.tax_class, "from": r.first, "until": until, "name": r.rate.name, "category": r.rate.category,
             "percent": r.rate.percent, "order": r.rate.order, "compound": r.rate.compound, "reason": r.rate.reason or None}
            for r, until in tax_rates.rates(session)
            if args.tax_class in (None, r.tax_class)
        ]  # fmt: skip
        columns: list[Column] = [
            ("tax_class", "Class", 20, False), ("from", "From", 0, False), ("until", "Until", 0, False), ("name", "Name", 24,
            False),
            ("category", "Cat", 0, False), ("percent", "%", 0, True), ("order", "Order", 0, True), ("compound", "Compound", 0,
            False),
        ]  # fmt: skip
        call.output.rows(
            rows,
            columns,
            empty="There is no tax class; add one: netbill tax standard 20 --name 'VAT 20 %'.",
            keys="tax_class from until name category percent order compound reason",
        )
        return 0
    dated_today(call, session, "A rate")
    made = tax_rates.add_rate(session, args.tax_class, fields, dry_run=call.dry_run)
    data = {
        "tax_class": made.tax_class,
        "from": made.first,
        "until": made.end,
        "percent": made.rate.percent,
        "dry_run": call.dry_run,
    }
    call.output.record(data, lambda: f"{made.tax_class}: {made.rate.name}, {made.rate.percent} % from {made.first}.")
    return 0


def _drop_rate(call: Call, session: Session) -> int:
    args = call.args
    if args.tax_class is None:
        raise InvalidInput("--drop needs the tax class: netbill tax standard --drop 2027-01-01.")
    dated_today(call, session, "A rate")
    day = parse_date(args.drop, session.today()).isoformat()
    order = args.order or "1"
    if not order.isascii() or not order.isdigit():
        raise InvalidInput("The order of a rate is a number from 1 to 9.")
    gone = tax_rates.drop_rate(session, args.tax_class, day, int(order), dry_run=call.dry_run)
    data = {"tax_class": gone.tax_class, "dropped": gone.first, "order": gone.rate.order, "dry_run": call.dry_run}
    call.output.record(data, lambda: f"The rate of {gone.first} {'would be' if call.dry_run else 'is'} gone.")
    return 0


def rule(call: Call, session: Session) -> int:
    """Show how the book bills, or change one rule of it."""
    args = call.args
    if args.name is None or args.value is None:
        known = [(n, v, w) for n, v, w in rules.settings(session) if args.name in (None, n)]
        if not known:
            raise InvalidInput(f"{args.name!r} is no rule of the book; netbill rule lists them.")
        rows = [{"name": n, "value": v, "meaning": w} for n, v, w in known]
        columns: list[Column] = [("name", "Rule", 0, False), ("value", "Value", 30, False), ("meaning", "Meaning", 0, False)]
        call.output.rows(rows, columns, empty="")
        return 0
    dated_today(call, session, "A rule")
    value = rules.set_rule(session, args.name, args.value, dry_run=call.dry_run)
    call.output.record({"name": args.name, "value": value, "dry_run": call.dry_run}, lambda: f"{args.name} = {value}")
    return 0


def report(call: Call, session: Session) -> int:
    """Revenue by code, or tax by rate, of a span."""
    args = call.args
    today = session.date()
    first = parse_date(args.first, today) if args.first else date(today.year, today.month, 1)
    last = parse_date(args.last, today) if args.last else today
    if last < first:
        raise InvalidInput(f"The span would end on {last}, before it begins on {first}; turn the dates round.")
    currency = session.book.currency
    if args.name == "revenue":
        rows = [
            {"code": c, "name": n, "category": k, "lines": number, "net": format_amount(a, currency)}
            for c, n, k, a, number in revenue.revenue(session, first, last)
        ]  # fmt: skip
        columns: list[Column] = [
            ("code", "Code", 20, False), ("name", "Name", 30, False), ("category", "Category", 0, False),
            ("lines", "Lines", 0, True), ("net", "Net", 0, True),
        ]  # fmt: skip
    elif args.name == "tax":
        rows = [
            {"name": n, "category": k, "percent": p, "documents": number, "base": format_amount(b, currency),
             "tax": format_amount(t, currency)}
            for n, k, p, b, t, number in revenue.taxes(session, first, last)
        ]  # fmt: skip
        columns = [
            ("name", "Tax", 24, False), ("category", "Cat", 0, False), ("percent", "%", 0, True),
            ("documents", "Documents", 0, True), ("base", "Base", 0, True), ("tax", "Tax", 0, True),
        ]  # fmt: skip
    else:
        raise InvalidInput(f"{args.name!r} is no report; type revenue or tax.")
    keys = " ".join(key for key, *_ in columns)
    call.output.rows(rows, columns, empty=f"Nothing was invoiced from {first} to {last}.", keys=keys)
    return 0
