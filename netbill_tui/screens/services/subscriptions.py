"""What is done to the services of an account: add one with an estimate, and every dated event of one."""

from datetime import date
from typing import TYPE_CHECKING

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.services.subscriptions import Event
from netbill_tui.documents.bills import bills_text
from netbill_tui.errors import Refused
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.estimate import EstimateForm
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.screens.shell.text_page import TextPage
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables.payments import new_request_id
from netbill_tui.usecases.services import effects, estimates, events, orders, subscriptions
from netbill_tui.usecases.services.subscriptions import EventRow, ServiceRow
from netbill_tui.widgets.record_grid import Col

if TYPE_CHECKING:
    from netbill_tui.screens.shell.base import NetbillScreen

_FIELDS = (
    ("code", "Code", "", "as INT-100 (F4 lists)"),
    ("quantity", "Quantity", "1", ""),
    ("start", "Start", "t", "2026-12-01, t, +7"),
    ("cycle", "Cycle", "1M", "F4 lists: 1M 3M 1Y 7D"),
    ("anchor", "Anchor day", "", "empty: as the account"),
    ("mode", "Billed in", "advance", "advance or arrears"),
    ("price", "Own price", "", "empty: the list price"),
    ("parts", "Parts", "", "of a bundle; empty: all"),
    ("address", "Address", "", "sealed"),
    ("end", "End", "", "empty: open"),
)
_EVENTS = (
    ("c", "change", "change the plan or quantity"),
    ("o", "price", "own price"),
    ("p", "pause", "pause charging"),
    ("r", "resume", "resume charging"),
    ("s", "suspend", "suspend access"),
    ("t", "restore", "restore access"),
    ("a", "anchor", "another day of the month"),
    ("e", "end", "end it"),
)
_ASKED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "change": (("on", "From", "t"), ("code", "Code", ""), ("quantity", "Quantity", ""), ("reason", "Reason", "")),
    "price": (
        ("on", "From", "t"),
        ("price", "Amount", ""),
        ("percent", "or % of list", ""),
        ("until", "Until", ""),
        ("reason", "Reason", ""),
    ),
    "anchor": (("on", "From", "t"), ("anchor", "Day 1-31", ""), ("reason", "Reason", "")),
    "end": (("on", "Day after last", "t"), ("policy", "days or period", "days"), ("reason", "Reason", "")),
}
_CYCLES = (("1M", "1M  a month"), ("2M", "2M  two months"), ("3M", "3M  a quarter"), ("6M", "6M  half a year"),
           ("1Y", "1Y  a year"), ("7D", "7D  a week"), ("14D", "14D two weeks"), ("28D", "28D four weeks"))  # fmt: skip
_CHOICES = {
    "cycle": _CYCLES,
    "mode": (("advance", "advance  before the period"), ("arrears", "arrears  after it")),
    "policy": (("days", "days    what was not used is given back"), ("period", "period  it runs to the end of its period")),
}
_PLAIN = (("on", "From", "t"), ("reason", "Reason", ""))


def service_columns(screen: "NetbillScreen") -> list[Col[ServiceRow]]:
    """The columns of a list of services."""

    def own(row: ServiceRow) -> str:
        if row.override.kind == "fixed":
            return screen.money(int(row.override.value))
        return f"{row.override.value} %" if row.override.kind else ""

    return [
        Col("No", 9, lambda s: str(s.service.id), right=True),
        Col("Code", 0, lambda s: s.code),
        Col("Qty", 4, lambda s: s.quantity, right=True, priority=2),
        Col("Status", 9, lambda s: s.status),
        Col("Since", 9, lambda s: short(s.service.start.isoformat()), priority=1),
        Col("Ends", 9, lambda s: short(s.ends_on) if s.ends_on else ""),
        Col("Own price", 10, own, right=True),
        Col("Cycle", 6, lambda s: s.service.cycle.code, priority=3),
        Col("Next bill", 9, lambda s: short(s.next_on) if s.next_on else "-"),
    ]


async def add_service(screen: "NetbillScreen", account: str) -> ServiceRow | None:
    """Ask for a new service until it is stored, or None when the operator left; F9 shows the first bills."""
    screen.session.may_post()
    names = [name for name, *_ in _FIELDS]
    choices = {**_CHOICES, "code": await screen.read(codes.to_choose, "recurring", "bundle")}
    asked = [Asked(words, value, limit=200, choices=choices.get(name, ())) for name, words, value, _ in _FIELDS]
    remarks = [remark for *_, remark in _FIELDS]

    def fields_of(answer: tuple[str, ...]) -> dict[str, str]:
        return screen.named(names, answer)

    async def estimate(answer: tuple[str, ...]) -> list[str]:
        return await screen.read(_estimate, account, fields_of(answer))

    def form(typed: tuple[str, ...], problem: str) -> EstimateForm:
        return EstimateForm(f"New service of {account}", asked, remarks, estimate, typed=typed, problem=problem)

    request_id = new_request_id()

    async def post(answer: tuple[str, ...]) -> ServiceRow | None:
        return await screen.write(subscriptions.add, account, fields_of(answer), request_id=request_id)

    return await screen.ask_until(form, post)


def _estimate(session: Session, account: str, fields: dict[str, str]) -> list[str]:
    catalogue = codes.load(session)
    new = orders.read_new(session, account, fields, catalogue)
    plan = estimates.estimate_of(session, [new], estimates.account_of(session, account), catalogue)
    lines, currency = [], session.book.currency
    for bill in plan.bills[:2]:
        parts = [f"{n.text} {format_amount(net, currency)}" for n, net in zip(bill.lines, bill.nets, strict=True)]
        tax = f", tax {format_amount(bill.tax, currency)}" if bill.tax else ""
        lines += [f"{bill.bill_date}  total {format_amount(bill.total, currency)}{tax}", f"   {', '.join(parts)}"[:72]]
    return lines or ["It would never be billed."]


async def service_event(screen: "NetbillScreen", row: ServiceRow) -> bool:
    """Ask what happens to a service and from when; False when the operator left."""
    screen.session.may_post()
    key = await screen.ask(ChoiceForm(f"Service {row.service.id} {row.code}, {row.status}", [(k, w) for k, _, w in _EVENTS]))
    if key is None:
        return False
    kind = next(name for k, name, _ in _EVENTS if k == key)
    shape = _ASKED.get(kind, _PLAIN)
    choices = {**_CHOICES, "code": await screen.read(codes.to_choose, "recurring", "bundle") if kind == "change" else ()}
    asked = tuple(Asked(words, value, limit=200, choices=choices.get(name, ())) for name, words, value in shape)
    lines = (
        f"{row.code} x {row.quantity} since {row.service.start}, billed up to {row.settled_until}",
        "No document is made before the day; F9 shows what the next invoices will be.",
    )

    async def estimate(answer: tuple[str, ...]) -> list[str]:
        fields = screen.named([name for name, _, _ in shape], answer)
        return await screen.write(_effect, row.service.id, kind, fields)

    def form(typed: tuple[str, ...], problem: str) -> EstimateForm:
        title = f"{kind.capitalize()} service {row.service.id}"
        return EstimateForm(
            title, asked, [""] * len(asked), estimate, above=lines, shows="the next invoices", typed=typed, problem=problem
        )

    request_id = new_request_id()

    async def post(answer: tuple[str, ...]) -> tuple[Event, ServiceRow]:
        fields = screen.named([name for name, _, _ in shape], answer)
        return await screen.write(events.schedule_event, row.service.id, kind, fields, request_id=request_id)

    posted = await screen.ask_until(form, post)
    if posted is None:
        return False
    screen.done(f"Service {row.service.id}: {kind} from {posted[0].on}. z takes it back, Enter shows it.")
    return True


def _effect(session: Session, service_id: int, kind: str, fields: dict[str, str]) -> list[str]:
    """The next invoices with the event beside those without it, and what stands on the first of them."""
    effect = effects.effect(session, service_id, kind, fields)
    currency = session.book.currency
    before = {b.bill_date: b.total for b in effect.before.bills}
    after = {b.bill_date: b.total for b in effect.after.bills}
    lines = []
    for day in sorted({*before, *after})[:2]:
        old, new = before.get(day, 0), after.get(day, 0)
        change = f"{'+' if new >= old else '-'}{format_amount(abs(new - old), currency)}"
        shown = (format_amount(old, currency), format_amount(new, currency), change)
        lines.append(f"  {short(day)}  now {shown[0]:>10}   then {shown[1]:>10}   {shown[2]:>10}")
    for bill in effect.after.bills[:1]:
        parts = [f"{n.text} {format_amount(net, currency)}" for n, net in zip(bill.lines, bill.nets, strict=True)]
        lines += [f"     {part}"[:72] for part in parts]
    return lines or ["It would never be billed."]


async def take_event_back(screen: "NetbillScreen", row: ServiceRow) -> bool:
    """Ask which event of a service is taken back, and why; False when the operator left."""
    from netbill_tui.screens.shell.forms.pick import PickForm

    screen.session.may_post()
    rows = await screen.read(subscriptions.history, row.service.id)
    voided = {e.event.number for e in rows if e.event.kind == "void"}
    standing = [e for e in rows if e.event.kind not in ("void", "start") and e.event.id not in voided]
    if not standing:
        raise Refused("The service has no event that you can take back.")
    chosen = await screen.ask(PickForm("Which event is taken back?", [(str(e.event.id), _event_words(e)) for e in standing]))
    if chosen is None:
        return False
    answer = await screen.ask(TextForm("Take it back", (Asked("Reason", limit=200),)))
    if answer is None:
        return False
    await screen.write(events.take_back, row.service.id, int(chosen), answer[0])
    screen.done("Taken back; the next run gives back or charges what follows from it.")
    return True


def _event_words(row: EventRow) -> str:
    e = row.event
    more = " ".join(w for w in (e.code, f"x {e.quantity}" if e.code else "", e.override.value, e.reason) if w)
    return f"{short(e.on)}  {'took back' if e.kind == 'void' else e.kind:<9} {more}  by {row.operator}"


def _day(day: str | date | None) -> str:
    return short(day) if day else "-"


async def show_service(screen: "NetbillScreen", account: str, row: ServiceRow) -> None:
    """A service with everything that happened to it, what was billed of it, and where it is."""
    address = "" if screen.session.settings.readonly else await screen.write(subscriptions.address_of, row.service.id)
    lines = await screen.read(_history_of, row)
    place = [f" At       {address}"] if address else []
    await screen.app.push_screen(TextPage(f"Service {row.service.id} of {account}", [*lines[:3], *place, *lines[3:]]))


def _history_of(session: Session, row: ServiceRow) -> list[str]:
    events = subscriptions.history(session, row.service.id)
    voided = {e.event.number for e in events if e.event.kind == "void"}
    service = row.service
    lines = [
        f" {row.code} x {row.quantity}   {row.status}   {service.cycle.words} in {service.mode}, on day {service.anchor or '-'}",
        f" Since    {short(service.start)}   ends {_day(row.ends_on)}   billed up to {short(row.settled_until)}   "
        f"next bill {_day(row.next_on)}",
        f" Parts    {row.parts or '-'}",
        "",
        " What happened",
    ]
    lines += [f"   {_event_words(e)}{'   TAKEN BACK' if e.event.id in voided else ''}" for e in events]
    lines += ["", " What was billed"]
    for span in subscriptions.spans_of(session, service.id):
        credited = "".join(f", given back {short(a)} - {short(b)}" for a, b in span.credited)
        amount = sum(charged for *_, charged in span.lines)
        lines.append(f"   {short(span.first)} - {short(span.end)}  {format_amount(amount, session.book.currency):>12}{credited}")
    return lines


async def show_next(screen: "NetbillScreen", account: str) -> None:
    """What the next invoice of an account will be."""
    plan = await screen.read(estimates.next_bill, account)
    if not plan.bills:
        screen.tell("No invoice is planned: no service runs and no charge waits.")
        return
    text = bills_text(plan.bills, screen.session.book.currency)
    lines = [*text.splitlines(), ""]
    for bill in plan.bills:
        lines += [f"   {line}" for n in bill.lines for line in (f"{n.text}:", *("  " + w for w in n.why.split("\n")))]
    await screen.app.push_screen(TextPage(f"Next invoice of {account}", lines))
