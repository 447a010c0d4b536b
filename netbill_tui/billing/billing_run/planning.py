"""What a customer is to be billed by a date: one invoice for each bill date.

Source: docs/rules.md, *13 Billing run*; docs/billing.md, *The run*.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from netbill_tui.billing.billing_run.accounts import Account, Held
from netbill_tui.billing.billing_run.composing import compose
from netbill_tui.billing.billing_run.giving_back import credit_lines, given_by_hand, span_key
from netbill_tui.billing.billing_run.invoicing import (
    Bill,
    BillLine,
    OneOff,
    leave_fee_line,
    notice_lines,
    one_off_line,
    part_lines,
)
from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.catalogue.prices import CannotBill
from netbill_tui.billing.services.charging import (
    ALONE_DAYS,
    Piece,
    Span,
    Unused,
    bill_date,
    is_alone,
    supply_day,
    taxed_day,
    to_charge_and_credit,
    upcoming,
    whole_periods,
)
from netbill_tui.billing.services.line_kinds import FEE_REVERSAL
from netbill_tui.billing.services.proration import fraction
from netbill_tui.billing.services.subscriptions import Event, Timeline, known_on, timeline_of

CATCH_UPS = ("all", "latest", "skip")
# In the place of the day of a span's rates: it was charged by an older program, with those of its bill date.
BY_BILL_DATE = "bill date"


class After(NamedTuple):
    """How a service stands after its bills: settled before `covered`, next bill date, next event to look at."""

    service_id: int
    settled_until: date
    next_on: date | None
    check_on: date | None


class Plan(NamedTuple):
    """What one customer gets.

    Attributes:
        bills: By bill date.
        after: How each service stands then.
        skipped: Service, first day and end of periods that are not charged by the operator's choice.
        late: Whole periods missing of the service that misses most.
    """

    account: Account
    bills: tuple[Bill, ...]
    after: tuple[After, ...]
    skipped: tuple[tuple[int, date, date], ...] = ()
    late: int = 0


class _Line(NamedTuple):
    """A service while its customer is planned."""

    held: Held
    full: Timeline
    dates: list[date]
    spans: list[Span]
    fee: list[BillLine]


def plan_customer(
    account: Account,
    services: Sequence[Held],
    charges: Sequence[OneOff],
    as_of: date,
    catalogue: Catalogue,
    currency: str,
    catch_up: str = "",
) -> Plan:
    """The bills of a customer up to a date, in the order of their bill dates. Changes nothing.

    Args:
        account: Whom.
        services: All that are not settled to their end.
        charges: Entered and not billed, by day.
        as_of: The business date of the run.
        catalogue: The catalogue with the book's rules.
        currency: ISO 4217.
        catch_up: `all`, `latest` or `skip`, where more than one whole period is missing; empty leaves `late` to be judged.

    Raises:
        CannotBill: With the reason, in a sentence.
    """
    if account.terms_days < 0 and not account.terms_day:
        raise CannotBill("The customer has no payment terms; set them with netbill change-customer --set terms_days=30.")
    keys = tuple(h.plain.key(catalogue) for h in services if h.plain is not None and h.check_on is None)
    if len(keys) < len(services) or charges or account.discounts or account.exemptions:
        return _plan(account, services, charges, as_of, catalogue, currency, catch_up)
    # Thousands have the same services with the same dates and nothing else: one of them is planned, the others are like it.
    model = catalogue.once(
        ("plan", keys, as_of, catch_up), lambda: _plan(account, services, (), as_of, catalogue, currency, catch_up)
    )
    return _fitted(model, account, services)


def _fitted(model: Plan, account: Account, services: Sequence[Held]) -> Plan:
    """The plan of one customer for another who differs in name and numbers only."""
    if model.account is account:
        return model
    own_ids = {a.service_id: h.service.id for a, h in zip(model.after, services, strict=True)}
    bills = tuple(
        b._replace(lines=tuple(n._replace(service_id=own_ids.get(n.service_id, 0)) for n in b.lines)) for b in model.bills
    )
    after = tuple(a._replace(service_id=own_ids[a.service_id]) for a in model.after)
    return Plan(account, bills, after, tuple((own_ids[s], a, b) for s, a, b in model.skipped), model.late)


def _plan(
    account: Account,
    services: Sequence[Held],
    charges: Sequence[OneOff],
    as_of: date,
    catalogue: Catalogue,
    currency: str,
    catch_up: str,
) -> Plan:
    until = as_of + timedelta(days=catalogue.rules.lead_days)
    horizon = until + timedelta(days=ALONE_DAYS)
    lines = [_line(h, horizon, catalogue) for h in services]
    late = max((_whole_missing(service, as_of, catalogue) for service in lines), default=0)
    skipped: list[tuple[int, date, date]] = []
    if late > 1 and catch_up in ("latest", "skip"):
        lines, skipped = _skip(lines, as_of, until, catalogue, latest=catch_up == "latest")
    regular = sorted({d for service in lines for d in service.dates})
    dates = {d for d in regular if d <= until} | _lone_dates(lines, charges, regular, until, catalogue)
    bills = []
    open_charges = list(charges)
    for on in sorted(dates):
        bill = _bill(account, lines, open_charges, on, catalogue, currency)
        if bill is not None:
            bills.append(bill)
    after = tuple(_after(service, max(dates, default=None), until, catalogue) for service in lines)
    return Plan(account, tuple(bills), after, tuple(skipped), late)


def _line(held: Held, horizon: date, catalogue: Catalogue) -> _Line:
    full = _timeline_of(held, held.events)
    spans = [_taxed(full, s, catalogue) for s in held.spans]
    return _Line(held, full, upcoming(full, held.settled_until, horizon, catalogue.rules.first_bill), spans, [])


def _taxed(full: Timeline, span: Span, catalogue: Catalogue) -> Span:
    """The span with the days whose taxes it was charged with; what is kept of it is its invoice's bill date."""
    if not span.billed_on:
        return span
    day = taxed_day(full, span.first, span.end, date.fromisoformat(span.billed_on), catalogue.rules.first_bill).isoformat()
    rated = {"": supply_day(full, span.first, span.end).isoformat(), BY_BILL_DATE: day}.get(span.rated_on, span.rated_on)
    return span._replace(billed_on=day, rated_on=rated)


def _timeline_of(held: Held, events: Sequence[Event]) -> Timeline:
    """What some of its events come to."""
    return timeline_of(held.service, events) if held.plain is None else held.plain.timeline._replace(service=held.service)


def _whole_missing(service: _Line, as_of: date, catalogue: Catalogue) -> int:
    """Whole periods that are missing by a day: a stub is none, nor is what is billed ahead, or billed in part before."""
    due = {d for d in service.dates if d <= as_of}
    if len(due) < 2:
        return len(due)
    held, number = service.held, 0
    for period in whole_periods(service.full, max(held.settled_until, held.service.start)):
        on = bill_date(service.full, period, catalogue.rules.first_bill)
        if on > as_of:
            break
        number += on in due and period.first >= held.settled_until and period.first == period.whole_first
    return number


def _skip(
    lines: list[_Line], as_of: date, until: date, catalogue: Catalogue, *, latest: bool
) -> tuple[list[_Line], list[tuple[int, date, date]]]:
    """The services with what is not to be charged taken out, and what that is."""
    left, skipped = [], []
    for service in lines:
        due = [d for d in service.dates if d <= until]
        if _whole_missing(service, as_of, catalogue) < 2:
            left.append(service)
            continue
        plan = service.full.schedule_on(due[-1])
        if service.held.service.mode == "arrears":
            turn = plan.period(due[-1] - timedelta(days=1))[0] if latest else due[-1]
        else:
            turn = due[-1] if latest else plan.period(due[-1])[1]
        skipped.append((service.held.service.id, service.held.settled_until, turn))
        gap = Event(0, service.held.settled_until, "skip", until=turn)
        held = service.held._replace(settled_until=turn, settled=service.held.base, events=(*service.held.events, gap))
        if held.plain is not None:
            held = held._replace(settled=turn)
        dates = upcoming(service.full, turn, until + timedelta(days=ALONE_DAYS), catalogue.rules.first_bill)
        left.append(_Line(held, service.full, dates, service.spans, service.fee))
    return left, skipped


def _lone_dates(
    lines: Sequence[_Line], charges: Sequence[OneOff], regular: Sequence[date], until: date, catalogue: Catalogue
) -> set[date]:
    """Days of changes and charges that no invoice comes for soon."""
    days = {c.on for c in charges if c.on <= until}
    for service in lines:
        if service.held.check_on is not None and service.held.check_on <= until:
            # Of an event that was taken back nothing else is left.
            days.add(service.held.check_on)
            days |= {e.on for e in service.held.events if service.held.check_on <= e.on <= until}
            days |= {t.first for t in service.full.terms if service.held.check_on <= t.first <= until}
            if service.full.end is not None and service.held.check_on <= service.full.end <= until:
                days.add(service.full.end)
    at_once = catalogue.rules.changes == "at-once"
    return {d for d in days if at_once or is_alone(d, regular)}


def _bill(
    account: Account, lines: list[_Line], charges: list[OneOff], on: date, catalogue: Catalogue, currency: str
) -> Bill | None:
    bill_lines: list[BillLine] = []
    fresh: list[tuple[int, int, int]] = []  # service, its new span, place of the span's first line
    for at, service in enumerate(lines):
        before = len(bill_lines)
        new, spans = _service_lines(service, on, catalogue, currency)
        for number in range(len(service.spans), len(spans)):
            fresh.append((at, number, before + sum(len(s.lines) for s in spans[len(service.spans) : number])))
        bill_lines += new
        lines[at] = service._replace(spans=spans)
    due = [c for c in charges if c.on <= on]
    bill_lines += [one_off_line(c, catalogue, currency) for c in due]
    for c in due:
        charges.remove(c)
    if not bill_lines:
        return None
    bill = compose(on, bill_lines, catalogue, discounts=account.discounts, exemptions=account.exemptions, currency=currency)
    if account.discounts or any(n.by_hand for n in bill_lines):
        # What is given back later is what was really charged.
        for at, number, place in fresh:
            span = lines[at].spans[number]
            charged = tuple((c, t, bill.lines[place + i].charged) for i, (c, t, _) in enumerate(span.lines))
            lines[at].spans[number] = span._replace(lines=charged)
    return bill


def _service_lines(service: _Line, on: date, catalogue: Catalogue, currency: str) -> tuple[list[BillLine], list[Span]]:
    held = service.held
    # What this plan has billed so far counts like what was billed before it: a night would have found it so.
    billed_until = max([held.settled_until, *(end for s in service.spans for _, end in s.live)])
    if held.check_on is None or held.check_on > on:
        # Nothing happened to it since it was billed last.
        if on not in service.dates:
            return [], service.spans
        timeline = _timeline_of(held, known_on(held.events, on))
        charges, unused = to_charge_and_credit(timeline, service.spans, held.base, on, catalogue.rules.first_bill, billed_until)
    else:
        # A day that lies behind the last bill date knows what that one knew.
        seen = max([on, *(date.fromisoformat(s.billed_on) for s in service.spans if s.billed_on)])
        timeline = timeline_of(held.service, known_on(held.events, seen))
        charges, unused = to_charge_and_credit(timeline, service.spans, held.base, on, catalogue.rules.first_bill, billed_until)
    given_back = credit_lines(timeline, unused, catalogue, currency)
    spans = _credited(service.spans, unused, given_back)
    lines: list[BillLine] = []
    for piece in charges:
        day = taxed_day(timeline, piece.first, piece.end, on, catalogue.rules.first_bill)
        rated = supply_day(timeline, piece.first, piece.end).isoformat()
        taxed = "" if day == on else day.isoformat()
        anew = _anew(timeline, piece, spans, catalogue)
        by_hand = given_by_hand(timeline, piece, spans, catalogue) if anew else {}
        new_lines = [
            n._replace(taxed_on=taxed, rated_on=rated, anew=anew, by_hand=by_hand.get(n.code, 0))
            for n in part_lines(timeline, piece, catalogue, currency)
        ]
        lines += new_lines
        charged = tuple((n.code, n.tax_class, n.charged) for n in new_lines)
        spans.append(Span(piece.first, piece.end, piece.terms.id, charged, (), piece.recharge, (), day.isoformat(), rated))
    # Charges stand first, so that a new span's lines are found by their place.
    lines += given_back
    lines += notice_lines(timeline, charges, catalogue, currency)
    lines += _fee_lines(service, timeline, on, catalogue, currency)
    return lines, spans


def _anew(timeline: Timeline, piece: Piece, spans: Sequence[Span], catalogue: Catalogue) -> tuple[int, int] | None:
    """Of a piece whose days were charged and given back, its days and those of its whole period; else None."""
    if not any(first < piece.end and piece.first < end for span in spans for first, end in span.credited):
        return None
    policy = catalogue.code(piece.terms.code).proration or catalogue.rules.proration
    return fraction(piece.first, piece.end, piece.whole_first, piece.whole_end, policy, timeline.service.start)


def _fee_lines(service: _Line, timeline: Timeline, on: date, catalogue: Catalogue, currency: str) -> list[BillLine]:
    """The fee for leaving early where it is due and not charged, or given back where it was charged and is not due."""
    held = service.held
    due = leave_fee_line(timeline, on, catalogue, currency)
    if due is not None and held.fee is None and not service.fee:
        service.fee.append(due)
        return [due._replace(recharge=held.fees)]
    if due is None and held.fee is not None and held.fee.amount and not service.fee:
        fee = held.fee
        back = BillLine(
            FEE_REVERSAL, fee.code, "Credit: early leave", fee.on, None, "1", -fee.amount, -fee.amount, fee.tax_class,
            held.service.id, fee.terms_id, fee.recharge, 0, 0, "", "the end was taken back", -fee.amount, "", fee.billed_on,
            fee.rated_on or fee.billed_on,
        )  # fmt: skip
        service.fee.append(back)
        return [back]
    return []


def _credited(spans: list[Span], unused: Sequence[Unused], lines: Sequence[BillLine]) -> list[Span]:
    """The spans with what is given back of them now."""
    parts: dict[int, list[tuple[date, date]]] = {}
    for part in unused:
        parts.setdefault(id(part.span), []).append((part.first, part.end))
    back: dict[tuple[str, int, str], int] = {}
    for line in lines:
        key = (line.span_first, line.terms_id, line.code)
        back[key] = back.get(key, 0) - line.amount
    credited = []
    for span in spans:
        if id(span) not in parts:
            credited.append(span)
            continue
        before = [*span.back, *[0] * (len(span.lines) - len(span.back))]
        key_of = span_key(span.first, span.recharge)
        backs = tuple(b + back.get((key_of, span.terms_id, code), 0) for b, (code, _, _) in zip(before, span.lines, strict=True))
        credited.append(span._replace(credited=(*span.credited, *parts[id(span)]), back=backs))
    return credited


def _after(service: _Line, last: date | None, until: date, catalogue: Catalogue) -> After:
    held, full = service.held, service.full
    reached = [end for s in service.spans for _, end in s.live] + [held.settled_until]
    regular = [d for d in service.dates if d <= until]
    if regular and last is not None:
        # Periods without a day of charge are settled too.
        before = _ends_billed(full, held.settled_until, until, catalogue)
        reached += before[-1:]
    settled_until = max(reached)
    if full.end is not None:
        settled_until = min(settled_until, max(full.end, held.settled_until))
    ahead = upcoming(full, settled_until, date(settled_until.year + 3, 1, 1), catalogue.rules.first_bill, 1)
    check = held.check_on
    if check is not None and last is not None and check <= last:
        later = [d for d in happenings(full, held.events) if d > last]
        check = min(later) if later else None
    if ahead and any(a >= settled_until for s in service.spans for a, _ in s.credited):
        # What was undone ahead is charged again: the run must know how often it was.
        check = settled_until if check is None else min(check, settled_until)
    return After(held.service.id, settled_until, ahead[0] if ahead else None, check)


def _ends_billed(full: Timeline, settled_until: date, until: date, catalogue: Catalogue) -> list[date]:
    """Ends of the periods that are billed by a day."""
    ends = []
    for period in whole_periods(full, settled_until):
        if bill_date(full, period, catalogue.rules.first_bill) > until:
            break
        ends.append(period.end)
    return ends


def happenings(full: Timeline, events: Sequence[Event]) -> list[date]:
    """Every day on which what is charged may change, behind the first."""
    days = {e.on for e in events if e.kind in _TURNS} | {t.first for t in full.terms[1:]}
    # An own price that another one hides counts too: what it comes to once that has ended is known from its day on.
    days |= {e.on for e in events if e.kind == "price" and e.on > full.service.start}
    if full.end is not None:
        days.add(full.end)
    return sorted(days)


_TURNS = ("pause", "resume", "suspend", "restore", "anchor", "end")
