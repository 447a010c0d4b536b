"""Commands of what a customer takes: service, quote, charge, discount, exempt."""

from collections.abc import Sequence

from netbill_tui.billing.billing_run.invoicing import Bill
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.parser import EVENTS
from netbill_tui.cli.core.words import dated_today, money, number_of, only_wet, options_given, request_id
from netbill_tui.db.services.subscriptions import ServiceRow
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.services import estimates, events, orders, subscriptions


def service_data(session: Session, account: str, row: ServiceRow) -> dict[str, object]:
    """A service as JSON."""
    own = None
    if row.override.kind:
        own = money(session, int(row.override.value)) if row.override.kind == "fixed" else f"{row.override.value}%"
    return {
        "service": row.service.id, "account": account, "code": row.code, "quantity": row.quantity, "parts": row.parts.split(),
        "status": row.status, "start": row.service.start.isoformat(), "ends": row.ends_on, "cycle": row.service.cycle.code,
        "anchor": row.service.anchor, "mode": row.service.mode, "own_price": own, "billed_through": row.settled_until,
        "next_bill": row.next_on,
    }  # fmt: skip


def service(call: Call, session: Session) -> int:
    """Services of an account: list, add; of one service: what happens to it."""
    args = call.args
    if args.history:
        return _history(call, session)
    if args.take_back:
        service_id, event_id = (number_of(w) for w in args.take_back)
        only_wet(call, session)
        voided = events.take_back(session, service_id, event_id, args.reason or "")
        call.output.record(
            {"service": service_id, "taken_back": voided.kind}, lambda: f"The {voided.kind} of {voided.on} is taken back."
        )
        return 0
    if args.what in EVENTS:
        return _schedule_event(call, session)
    if args.what is None:
        raise InvalidInput("Name an account: netbill service ACCOUNT; or an event: netbill service end 12 --on 2026-12-01.")
    fields = options_given(
        call, "code", "quantity", "start", "end", "cycle", "anchor", "mode", "price", "percent", "price_until", "reason", "parts",
        "address", "billed_through",
    )  # fmt: skip
    if "code" in fields:
        return _add(call, session, fields)
    if fields:
        raise InvalidInput("A new service needs its code: --code INT-100; an event is netbill service change 12 --code INT-250.")
    if args.next:
        plan = estimates.next_bill(session, args.what)
        return _show_bills(call, session, plan.bills, f"{args.what}: no invoice is planned.")
    rows = [service_data(session, args.what, r) for r in subscriptions.of_account(session, args.what)]
    columns: list[Column] = [
        ("service", "No", 0, True), ("code", "Code", 16, False), ("quantity", "Qty", 0, True), ("status", "Status", 0, False),
        ("start", "Start", 0, False), ("ends", "Ends", 0, False), ("cycle", "Cycle", 0, False), ("anchor", "Day", 0, True),
        ("own_price", "Own price", 0, True), ("billed_through", "Billed to", 0, False), ("next_bill", "Next bill", 0, False),
    ]  # fmt: skip
    call.output.rows(
        rows,
        columns,
        empty="No service yet; add one: netbill service ACCOUNT --code INT-100.",
        keys="service account code quantity status start ends cycle anchor mode own_price billed_through next_bill",
    )
    return 0


def _add(call: Call, session: Session, fields: dict[str, str]) -> int:
    dated_today(call, session, "A service")
    row = subscriptions.add(session, call.args.what, fields, dry_run=call.dry_run, request_id=request_id(call))
    if row is None:
        new = orders.read_new(session, call.args.what, fields)
        from netbill_tui.usecases.catalogue import codes

        plan = estimates.estimate_of(session, [new], estimates.account_of(session, call.args.what), codes.load(session))
        return _show_bills(call, session, plan.bills, "It would never be billed.")
    data = service_data(session, call.args.what, row)
    call.output.record(data, lambda: f"Service {row.service.id} {row.code} from {row.service.start}, billed on {row.next_on}.")
    return 0


def _schedule_event(call: Call, session: Session) -> int:
    args = call.args
    dated_today(call, session, "An event")
    fields = options_given(call, "on", "reason", "code", "quantity", "parts", "price", "percent", "until", "anchor", "policy")
    event, row = events.schedule_event(
        session, number_of(args.number), args.what, fields, dry_run=call.dry_run, request_id=request_id(call)
    )
    account, _ = subscriptions.find_service(session, row.service.id)
    data = {**service_data(session, account, row), "event": args.what, "on": event.on.isoformat(), "dry_run": call.dry_run}
    said = "would" if call.dry_run else "will"
    call.output.record(data, lambda: f"Service {row.service.id} of {account}: {args.what} {said} count from {event.on}.")
    return 0


def _history(call: Call, session: Session) -> int:
    events = subscriptions.history(session, number_of(call.args.history))
    voided = {e.event.number for e in events if e.event.kind == "void"}
    rows = [
        {"event": e.event.id, "on": e.event.on.isoformat(), "kind": e.event.kind, "code": e.event.code or None,
         "quantity": e.event.quantity, "own_price": e.event.override.value or None, "until": str(e.event.until or "") or None,
         "reason": e.event.reason or None, "by": e.operator, "taken_back": e.event.id in voided}
        for e in events
    ]  # fmt: skip
    columns: list[Column] = [
        ("event", "Event", 0, True), ("on", "On", 0, False), ("kind", "Kind", 0, False), ("code", "Code", 16, False),
        ("quantity", "Qty", 0, True), ("own_price", "Own price", 0, True), ("until", "Until", 0, False),
        ("reason", "Reason", 30, False), ("by", "By", 0, False), ("taken_back", "Gone", 0, False),
    ]  # fmt: skip
    call.output.rows(
        rows, columns, empty="The service has no event.", keys="event on kind code quantity own_price until reason by taken_back"
    )
    return 0 if rows else 4


def bills_data(session: Session, bills: Sequence[Bill]) -> list[dict[str, object]]:
    """Bills that are not issued, as JSON."""
    return [
        {"bill_date": b.bill_date.isoformat(), "net": money(session, b.net), "tax": money(session, b.tax),
         "total": money(session, b.total),
         "lines": [
             {"code": n.code or None, "kind": n.kind, "text": n.text, "from": n.first, "to": n.end, "quantity": n.quantity,
              "unit_price": money(session, n.unit_price), "amount": money(session, net), "why": n.why.split("\n")}
             for n, net in zip(b.lines, b.nets, strict=True)
         ],
         "taxes": [{"name": g.rate.name, "percent": g.rate.percent, "base": money(session, g.base), "tax": money(session,
         g.tax)}
                   for g in b.groups]}
        for b in bills
    ]  # fmt: skip


def _show_bills(call: Call, session: Session, bills: Sequence[Bill], empty: str) -> int:
    from netbill_tui.documents.bills import bills_text

    if call.output.form == "json":
        call.output.json(bills_data(session, bills))
    elif bills:
        call.output.text(bills_text(bills, session.book.currency))
    else:
        call.output.remark(empty)
    return 0


def quote(call: Call, session: Session) -> int:
    """The first and the following bill of services that are not stored."""
    from netbill_tui.billing.billing_run.accounts import Account
    from netbill_tui.usecases.catalogue import codes

    args = call.args
    common = options_given(call, "start", "cycle", "anchor", "mode", "price", "percent", "quantity")
    catalogue = codes.load(session)
    account = args.account or ""
    many = []
    for word in args.codes:
        code, _, quantity = word.partition("=")
        fields = {**common, "code": code} | ({"quantity": quantity} if quantity else {})
        many.append(orders.read_new(session, account, fields, catalogue))
    who = estimates.account_of(session, account) if account else Account(0, "", "", 30)
    plan = estimates.estimate_of(session, many, who, catalogue)
    return _show_bills(call, session, plan.bills[:2], "It would never be billed.")


def terms(call: Call, session: Session) -> int:
    """Terms by a day of the next month, and the anchor of new services; 0 takes them away."""
    args = call.args
    dated_today(call, session, "What is agreed")
    numbers = {n: None if getattr(args, n) is None else number_of(getattr(args, n)) for n in ("day", "anchor")}
    if not call.dry_run:
        subscriptions.set_terms(session, args.account, terms_day=numbers["day"], anchor=numbers["anchor"])
    data = {"account": args.account, **numbers, "dry_run": call.dry_run}
    call.output.record(data, lambda: "Nothing was changed." if call.dry_run else "Done.")
    return 0
