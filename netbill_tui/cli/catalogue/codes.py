"""Commands of the catalogue: code, price, tax, rule, report."""

from netbill_tui.billing.catalogue.codes import Code
from netbill_tui.billing.catalogue.prices import Price
from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import format_amount
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import dated_today, money, needs_word, options_given
from netbill_tui.errors import InvalidInput
from netbill_tui.text import counted
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session


def _code_data(session: Session, code: Code) -> dict[str, object]:
    return {
        "code": code.code, "name": code.name, "category": code.category, "kind": code.kind, "tax_class": code.tax_class or None,
        "proration": code.proration or None, "suspended": code.suspended, "minimum_months": code.minimum_months,
        "leave_fee": format_amount(code.leave_fee, session.book.currency), "unit": code.unit or None,
        "parts": [{"code": part, "weight": weight} for part, weight in code.parts], "active": code.active,
    }  # fmt: skip


def price_data(session: Session, code: str, price: Price, used: bool) -> dict[str, object]:
    """A price as JSON."""

    def money(minor: int | None) -> str | None:
        return None if minor is None else format_amount(minor, session.book.currency)

    return {
        "code": code, "from": price.first, "until": price.end, "audience": price.audience, "amount": money(price.amount),
        "promo_amount": money(price.promo_amount), "promo_periods": price.promo_periods, "included": str(price.included),
        "tiers": [{"up_to": None if t.up_to is None else str(t.up_to), "amount": str(t.amount)} for t in price.tiers],
        "notice": price.notice, "used": used,
    }  # fmt: skip


def code(call: Call, session: Session) -> int:
    """List billing codes, show one with its prices, add or change one."""
    fields = options_given(
        call, "name", "category", "kind", "tax_class", "proration", "suspended", "minimum_months", "leave_fee", "unit", "parts",
        "active",
    )  # fmt: skip
    if call.args.code is None:
        if fields:
            raise InvalidInput("Name the code that is added or changed, such as netbill code INT-100 --name 'Fibre 100'.")
        return _listed(call, session)
    if fields:
        dated_today(call, session, "A billing code")
        stored = codes.store_code(session, {**fields, "code": call.args.code}, dry_run=call.dry_run)
        said = "would be stored" if call.dry_run else "stored"
        call.output.record(
            {**_code_data(session, stored), "dry_run": call.dry_run}, lambda: f"{stored.code} {stored.name} {said}."
        )
        return 0
    code_ = codes.code_named(session, call.args.code)
    used = codes.used(session)
    prices = [price_data(session, code_.code, p, p.id in used) for p in codes.load(session).prices_of(code_.code)]
    call.output.record({**_code_data(session, code_), "prices": prices}, lambda: _code_text(session, code_, prices))
    return 0


def _listed(call: Call, session: Session) -> int:
    """Every code with the price that everybody pays today."""
    listed = []
    for row in codes.listed(session):
        data = _code_data(session, row.code)
        data["price"] = money(session, row.price) if row.price is not None else None
        data["next_price"] = money(session, row.then) if row.from_on and row.then is not None else None
        data["next_price_from"] = row.from_on or None
        listed.append(data)
    columns: list[Column] = [
        ("code", "Code", 20, False),
        ("name", "Name", 30, False),
        ("category", "Category", 0, False),
        ("kind", "Kind", 0, False),
        ("tax_class", "Tax", 10, False),
        ("price", "Price", 0, True),
    ]
    call.output.rows(
        listed,
        columns,
        empty="There is no billing code yet; add one: netbill code INT-100 --name 'Fibre 100'.",
        keys="code name category kind tax_class proration suspended minimum_months leave_fee unit active price next_price "
        "next_price_from",
    )
    return 0


def _code_text(session: Session, code: Code, prices: list[dict[str, object]]) -> str:
    lines = [f"{code.code}  {code.name}  ({code.category}, {code.kind}{', tax ' + code.tax_class if code.tax_class else ''})"]
    lines += [f"  part {part} weight {weight}" for part, weight in code.parts]
    if code.minimum_months:
        lines.append(
            f"  term {counted(code.minimum_months, 'month')}, "
            f"leaving early costs {format_amount(code.leave_fee, session.book.currency)}"
        )
    for p in prices:
        promo = f", first {counted(int(str(p['promo_periods'])), 'period')} {p['promo_amount']}" if p["promo_periods"] else ""
        until = f" until {p['until']}" if p["until"] else ""
        lines.append(f"  from {p['from']}{until}  {p['amount']}  for {p['audience']}{promo}{'  used' if p['used'] else ''}")
    return "\n".join(lines if prices else [*lines, "  no price yet: netbill price " + code.code + " AMOUNT --from DATE"])


def price(call: Call, session: Session) -> int:
    """Add a dated price, or take out one that nothing used."""
    args = call.args
    if args.drop or args.amount is not None:
        dated_today(call, session, "A price")
    if args.drop:
        return _drop_price(call, session)
    fields = options_given(
        call, "amount", "from", "until", "audience", "promo_amount", "promo_periods", "included", "tiers", "notice",
    )  # fmt: skip
    if args.amount is None:
        needs_word(fields, "the amount", f"netbill price {args.code} 29.90")
        return code(call, session)
    stored, affected = codes.add_price(session, args.code, fields, dry_run=call.dry_run)
    if call.dry_run:
        call.output.leaves(len(affected))
    currency = session.book.currency
    rows = [
        {"account": a.account, "name": a.name or None, "service": a.service,
         "old": None if a.old is None else format_amount(a.old, currency), "new": format_amount(a.new, currency),
         "from": a.from_on, "own_price": a.own}
        for a in affected
    ]  # fmt: skip
    data = {**price_data(session, args.code.upper(), stored, False), "affected": rows, "dry_run": call.dry_run}

    def text() -> str:
        said = "would cost" if call.dry_run else "costs"
        lines = [
            f"{args.code.upper()} {said} {format_amount(stored.amount, currency)} from {stored.first} for {stored.audience}."
        ]
        lines += [
            f"  {r['account']:<14} {str(r['name'] or '')[:24]:<24} {r['old'] or '-':>10} -> {r['new']:>10} from {r['from']}"
            + ("  own price, left out" if r["own_price"] else "")
            for r in rows
        ]
        return "\n".join(lines)

    call.output.record(data, text)
    return 0


def _drop_price(call: Call, session: Session) -> int:
    args = call.args
    if call.dry_run:
        raise InvalidInput("--drop has no dry run, and it only drops a price that nothing used; leave --dry-run out.")
    day = parse_date(args.drop, session.today()).isoformat()
    dropped = codes.drop_price(session, args.code, day, args.audience or "all")
    call.output.record({"code": args.code.upper(), "dropped": dropped.first}, lambda: f"The price of {dropped.first} is gone.")
    return 0
