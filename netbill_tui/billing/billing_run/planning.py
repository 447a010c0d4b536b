"""What a customer is to be billed by a date: one invoice for each bill date.

Source: docs/rules.md, *13 Billing run*; docs/billing.md, *The run*.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from netbill_tui.billing.billing_run.accounts import Account, Held
from netbill_tui.billing.billing_run.giving_back import credit_lines
from netbill_tui.billing.billing_run.invoicing import (
    Bill,
    BillLine,
    OneOff,
    compose,
    leave_fee_line,
    notice_lines,
    one_off_line,
    part_lines,
)
from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.catalogue.prices import CannotBill
from netbill_tui.billing.services.charging import (
    ALONE_DAYS,
    Span,
    Unused,
    bill_date,
    is_alone,
    missing,
    supply_day,
    taxed_day,
    upcoming,
    whole_periods,
)
from netbill_tui.billing.services.subscriptions import Course, Event, course, known_on

CATCH_UPS = ("all", "latest", "skip")
# In the place of the day of a span's rates: it was charged by an older program, with those of its bill date.
BY_BILL_DATE = "bill date"


class After(NamedTuple):
    """How a service stands after its bills: settled before `covered`, next bill date, next event to look at."""

    service_id: int
    covered: date
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
    full: Course
    dates: list[date]
    spans: list[Span]
    fee: list[BillLine]


def plan_customer(
    account: Account, services: Sequence[Held], charges: Sequence[OneOff], as_of: date, book: Catalogue, currency: str,
    catch_up: str = "",
) -> Plan:  # fmt: skip
    """The bills of a customer up to a date, in the order of their bill dates. Changes nothing.

    Args:
        account: Whom.
        services: All that are not settled to their end.
        charges: Entered and not billed, by day.
        as_of: The business date of the run.
        book: The catalogue with the book's rules.
        currency: ISO 4217.
        catch_up: `all`, `latest` or `skip`, where more than one whole period is missing; empty leaves `late` to be judged.

    Raises:
        CannotBill: With the reason, in a sentence.
    """
    if account.terms_days < 0 and not account.terms_day:
        raise CannotBill("The customer has no terms; give them with netbill change-customer --set terms_days=30.")
    keys = tuple(h.plain.key(book) for h in services if h.plain is not None and h.check_on is None)
    if len(keys) < len(services) or charges or account.discounts or account.exemptions:
        return _plan(account, services, charges, as_of, book, currency, catch_up)
    # Thousands have the same services with the same dates and nothing else: one of them is planned, the others are like it.
    like = book.once(("plan", keys, as_of, catch_up), lambda: _plan(account, services, (), as_of, book, currency, catch_up))
    return _fitted(like, account, services)


def _fitted(like: Plan, account: Account, services: Sequence[Held]) -> Plan:
    """The plan of one customer for another who differs in name and numbers only."""
    if like.account is account:
        return like
    mine = {a.service_id: h.service.id for a, h in zip(like.after, services, strict=True)}
    bills = tuple(b._replace(lines=tuple(n._replace(service_id=mine.get(n.service_id, 0)) for n in b.lines)) for b in like.bills)
    after = tuple(a._replace(service_id=mine[a.service_id]) for a in like.after)
    return Plan(account, bills, after, tuple((mine[s], a, b) for s, a, b in like.skipped), like.late)


def _plan(
    account: Account,
    services: Sequence[Held],
    charges: Sequence[OneOff],
    as_of: date,
    book: Catalogue,
    currency: str,
    catch_up: str,
) -> Plan:
    until = as_of + timedelta(days=book.rules.lead_days)
    horizon = until + timedelta(days=ALONE_DAYS)
    lines = [_line(h, horizon, book) for h in services]
    late = max((_whole_missing(one, as_of, book) for one in lines), default=0)
    skipped: list[tuple[int, date, date]] = []
    if late > 1 and catch_up in ("latest", "skip"):
        lines, skipped = _skip(lines, as_of, until, book, latest=catch_up == "latest")
    regular = sorted({d for one in lines for d in one.dates})
    dates = {d for d in regular if d <= until} | _lone_dates(lines, charges, regular, until, book)
    bills = []
    open_charges = list(charges)
    for on in sorted(dates):
        bill = _bill(account, lines, open_charges, on, book, currency)
        if bill is not None:
            bills.append(bill)
    after = tuple(_after(one, max(dates, default=None), until, book) for one in lines)
    return Plan(account, tuple(bills), after, tuple(skipped), late)


def _line(held: Held, horizon: date, book: Catalogue) -> _Line:
    full = _course(held, held.events)
    spans = [_taxed(full, s, book) for s in held.spans]
    return _Line(held, full, upcoming(full, held.covered, horizon, book.rules.first_bill), spans, [])


def _taxed(full: Course, span: Span, book: Catalogue) -> Span:
    """The span with the days whose taxes it was charged with; what is kept of it is its invoice's bill date."""
    if not span.billed_on:
        return span
    day = taxed_day(full, span.first, span.end, date.fromisoformat(span.billed_on), book.rules.first_bill).isoformat()
    rated = {"": supply_day(full, span.first, span.end).isoformat(), BY_BILL_DATE: day}.get(span.rated_on, span.rated_on)
    return span._replace(billed_on=day, rated_on=rated)


def _course(held: Held, events: Sequence[Event]) -> Course:
    """What some of its events come to."""
    return course(held.service, events) if held.plain is None else held.plain.course._replace(service=held.service)


def _whole_missing(one: _Line, as_of: date, book: Catalogue) -> int:
    """Whole periods that are missing by a day: a stub is none, nor is what is billed ahead, or billed in part before."""
    due = {d for d in one.dates if d <= as_of}
    if len(due) < 2:
        return len(due)
    held, found = one.held, 0
    for period in whole_periods(one.full, max(held.covered, held.service.start)):
        on = bill_date(one.full, period, book.rules.first_bill)
        if on > as_of:
            break
        found += on in due and period.first >= held.covered and period.first == period.whole_first
    return found


def _skip(
    lines: list[_Line], as_of: date, until: date, book: Catalogue, *, latest: bool
) -> tuple[list[_Line], list[tuple[int, date, date]]]:
    """The services with what is not to be charged taken out, and what that is."""
    made, skipped = [], []
    for one in lines:
        due = [d for d in one.dates if d <= until]
        if _whole_missing(one, as_of, book) < 2:
            made.append(one)
            continue
        plan = one.full.schedule_on(due[-1])
        if one.held.service.mode == "arrears":
            turn = plan.period(due[-1] - timedelta(days=1))[0] if latest else due[-1]
        else:
            turn = due[-1] if latest else plan.period(due[-1])[1]
        skipped.append((one.held.service.id, one.held.covered, turn))
        gap = Event(0, one.held.covered, "skip", until=turn)
        held = one.held._replace(covered=turn, settled=one.held.base, events=(*one.held.events, gap))
        if held.plain is not None:
            held = held._replace(settled=turn)
        dates = upcoming(one.full, turn, until + timedelta(days=ALONE_DAYS), book.rules.first_bill)
        made.append(_Line(held, one.full, dates, one.spans, one.fee))
    return made, skipped


def _lone_dates(
    lines: Sequence[_Line], charges: Sequence[OneOff], regular: Sequence[date], until: date, book: Catalogue
) -> set[date]:
    """Days of changes and charges that no invoice comes for soon."""
    days = {c.on for c in charges if c.on <= until}
    for one in lines:
        if one.held.check_on is not None and one.held.check_on <= until:
            # Of an event that was taken back nothing else is left.
            days.add(one.held.check_on)
            days |= {e.on for e in one.held.events if one.held.check_on <= e.on <= until}
            days |= {t.first for t in one.full.terms if one.held.check_on <= t.first <= until}
            if one.full.end is not None and one.held.check_on <= one.full.end <= until:
                days.add(one.full.end)
    at_once = book.rules.changes == "at-once"
    return {d for d in days if at_once or is_alone(d, regular)}


def _bill(account: Account, lines: list[_Line], charges: list[OneOff], on: date, book: Catalogue, currency: str) -> Bill | None:
    made: list[BillLine] = []
    fresh: list[tuple[int, int, int]] = []  # service, its new span, place of the span's first line
    for at, one in enumerate(lines):
        before = len(made)
        new, spans = _service_lines(one, on, book, currency)
        for number in range(len(one.spans), len(spans)):
            fresh.append((at, number, before + sum(len(s.lines) for s in spans[len(one.spans) : number])))
        made += new
        lines[at] = one._replace(spans=spans)
    due = [c for c in charges if c.on <= on]
    made += [one_off_line(c, book, currency) for c in due]
    for c in due:
        charges.remove(c)
    if not made:
        return None
    bill = compose(on, made, book, discounts=account.discounts, exemptions=account.exemptions, currency=currency)
    if account.discounts:
        # What is given back later is what was really charged.
        for at, number, place in fresh:
            span = lines[at].spans[number]
            told = tuple((c, t, bill.lines[place + i].charged) for i, (c, t, _) in enumerate(span.lines))
            lines[at].spans[number] = span._replace(lines=told)
    return bill


def _service_lines(one: _Line, on: date, book: Catalogue, currency: str) -> tuple[list[BillLine], list[Span]]:
    held = one.held
    # What this plan has billed so far counts like what was billed before it: a night would have found it so.
    reach = max([held.covered, *(end for s in one.spans for _, end in s.live)])
    if held.check_on is None or held.check_on > on:
        # Nothing happened to it since it was billed last.
        if on not in one.dates:
            return [], one.spans
        made = _course(held, known_on(held.events, on))
        charges, unused = missing(made, one.spans, held.base, on, book.rules.first_bill, reach)
    else:
        # A day that lies behind the last bill date knows what that one knew.
        seen = max([on, *(date.fromisoformat(s.billed_on) for s in one.spans if s.billed_on)])
        made = course(held.service, known_on(held.events, seen))
        charges, unused = missing(made, one.spans, held.base, on, book.rules.first_bill, reach)
    spans = _given(one.spans, unused)
    lines: list[BillLine] = []
    for piece in charges:
        day = taxed_day(made, piece.first, piece.end, on, book.rules.first_bill)
        rated = supply_day(made, piece.first, piece.end).isoformat()
        taxed = "" if day == on else day.isoformat()
        found = [n._replace(taxed_on=taxed, rated_on=rated) for n in part_lines(made, piece, book, currency)]
        lines += found
        told = tuple((n.code, n.tax_class, n.charged) for n in found)
        spans.append(Span(piece.first, piece.end, piece.terms.id, told, (), piece.again, (), day.isoformat(), rated))
    # Charges stand first, so that a new span's lines are found by their place.
    lines += credit_lines(made, unused, book, currency)
    lines += notice_lines(made, charges, book, currency)
    lines += _fee_lines(one, made, on, book, currency)
    return lines, spans


def _fee_lines(one: _Line, made: Course, on: date, book: Catalogue, currency: str) -> list[BillLine]:
    """The fee for leaving early where it is due and not charged, or given back where it was charged and is not due."""
    held = one.held
    due = leave_fee_line(made, on, book, currency)
    if due is not None and held.fee is None and not one.fee:
        one.fee.append(due)
        return [due._replace(again=held.fees)]
    if due is None and held.fee is not None and held.fee.amount and not one.fee:
        fee = held.fee
        back = BillLine(
            "unfee", fee.code, "Credit: early leave", fee.on, None, "1", -fee.amount, -fee.amount, fee.tax_class,
            held.service.id, fee.terms_id, fee.again, 0, 0, "", "the end was taken back", -fee.amount, "", fee.billed_on,
            fee.rated_on or fee.billed_on,
        )  # fmt: skip
        one.fee.append(back)
        return [back]
    return []


def _given(spans: list[Span], unused: Sequence[Unused]) -> list[Span]:
    parts: dict[int, list[tuple[date, date]]] = {}
    for one in unused:
        parts.setdefault(id(one.span), []).append((one.first, one.end))
    return [s._replace(given=(*s.given, *parts[id(s)])) if id(s) in parts else s for s in spans]


def _after(one: _Line, last: date | None, until: date, book: Catalogue) -> After:
    held, full = one.held, one.full
    reached = [end for s in one.spans for _, end in s.live] + [held.covered]
    regular = [d for d in one.dates if d <= until]
    if regular and last is not None:
        # Periods without a day of charge are settled too.
        before = _ends_billed(full, held.covered, until, book)
        reached += before[-1:]
    covered = max(reached)
    if full.end is not None:
        covered = min(covered, max(full.end, held.covered))
    ahead = upcoming(full, covered, date(covered.year + 3, 1, 1), book.rules.first_bill, 1)
    check = held.check_on
    if check is not None and last is not None and check <= last:
        later = [d for d in happenings(full, held.events) if d > last]
        check = min(later) if later else None
    if ahead and any(a >= covered for s in one.spans for a, _ in s.given):
        # What was undone ahead is charged again: the run must know how often it was.
        check = covered if check is None else min(check, covered)
    return After(held.service.id, covered, ahead[0] if ahead else None, check)


def _ends_billed(full: Course, covered: date, until: date, book: Catalogue) -> list[date]:
    """Ends of the periods that are billed by a day."""
    found = []
    for period in whole_periods(full, covered):
        if bill_date(full, period, book.rules.first_bill) > until:
            break
        found.append(period.end)
    return found


def happenings(full: Course, events: Sequence[Event]) -> list[date]:
    """Every day on which what is charged may change, behind the first."""
    days = {e.on for e in events if e.kind in _TURNS} | {t.first for t in full.terms[1:]}
    # An own price that another one hides counts too: what it comes to once that has ended is known from its day on.
    days |= {e.on for e in events if e.kind == "price" and e.on > full.service.start}
    if full.end is not None:
        days.add(full.end)
    return sorted(days)


_TURNS = ("pause", "resume", "suspend", "restore", "anchor", "end")
