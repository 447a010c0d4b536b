"""What is given away by a discount, the own price of a service or an event that is dated back, reckoned as the run would bill it.

Limits (access/limits.py) are compared with it. Source: docs/security.md, *Who gives back how much*.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from netbill_tui.billing.billing_run.accounts import Account
from netbill_tui.billing.billing_run.planning import plan_customer
from netbill_tui.billing.catalogue.prices import CannotBill
from netbill_tui.billing.services.charging import upcoming
from netbill_tui.billing.services.discounts import Discount
from netbill_tui.billing.services.subscriptions import Event, standing, timeline_of
from netbill_tui.db.billing_run import accounts as run_rows
from netbill_tui.db.catalogue import codes as code_rows
from netbill_tui.db.services import agreements, subscriptions
from netbill_tui.db.services import charged as charged_rows
from netbill_tui.db.services.subscriptions import ServiceRow
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.services import estimates
from netbill_tui.usecases.services.orders import New
from netbill_tui.usecases.services.states import FAR


def worth_of(session: Session, account: str, more: Discount) -> int | None:
    """What a discount takes off the first bill of each service that it holds for, and off charges that wait.

    None where no bill of them is known yet, or none has what it is for.

    Raises:
        CannotBill: With what is missing.
    """
    who, catalogue = estimates.account_of(session, account), codes.load(session)
    mine, first = run_rows.load(session.db, (who.id,), FAR)[0], date.fromisoformat(more.first)
    far = date(max(first, session.today()).year + 3, 1, 1)
    days = [c.on for c in mine.charges]
    for held in mine.services:
        timeline = held.plain.timeline if held.plain else timeline_of(held.service, held.events)
        days += [d for d in upcoming(timeline, held.settled_until, far, catalogue.rules.first_bill) if d >= first][:1]
    if not days:
        return None
    until, with_it = max(days), who._replace(discounts=(*who.discounts, more))
    charges = tuple(c for c in mine.charges if c.on <= until)

    def total(account: Account) -> int:
        return sum(
            b.total for b in plan_customer(account, mine.services, charges, until, catalogue, session.book.currency, "all").bills
        )

    return (total(who) - total(with_it)) or None


def backdated(
    session: Session, account: str, row: ServiceRow, event: Event, today: date | None = None, *, asked_by: str = ""
) -> int:
    """What an event of a service gives back beyond what it would give back if it were dated today.

    An own price, and what takes a fee for leaving back, counts wholly, whatever its day; so does what is priced by a list price
    that the same operator entered within a month. An own price counts as if nothing paused the service, and what its operator
    makes more of it by a change within a month counts too. What its operator takes back that they entered today and no run has
    billed is a slip of the hand, and counts nothing; so does what happens to a service that they sold today, but an own price.
    What cannot be computed counts as all that stands charged.

    Args:
        session: Whose book.
        account: Whose service.
        row: The service.
        event: What would happen to it; its id decides nothing. One that voids another is compared with nothing being voided.
        today: The day on which it was asked for; the business date by default.
        asked_by: Who asked for it; by default who is signed in.
    """
    by = asked_by or session.sign_in_if_needed()[0].name
    today = today or session.today()
    known = subscriptions.events(session.db, (row.service.id,))[row.service.id]
    if event.kind == "price":
        return _of_price(session, account, row, event, known, today)
    grown = _grown(session, account, row, event, known, today, by) if event.kind in ("change", "void") else 0
    return grown + _beyond_today(session, account, row, event, known, today, by)


def _beyond_today(
    session: Session, account: str, row: ServiceRow, event: Event, known: tuple[Event, ...], today: date, by: str
) -> int:
    """What an event gives back beyond what it would give back if it were dated today."""
    charged = charged_rows.spans(session.db, (row.service.id,))[row.service.id]
    wholly = (event.on >= today and charged.fee is not None) or _is_own_list_price(session, row, event, by)
    if (event.on >= today and not wholly and event.kind != "void") or _is_slip(session, row, event, known, by):
        return 0
    late = event._replace(id=1 << 62)
    now = late._replace(id=late.id + 1, on=max(today, row.service.start))
    if event.kind == "void":
        with_it, without = tuple(e for e in known if e.id != event.number), known
    elif wholly:
        with_it, without = (*known, late), known
    elif event.kind == "end":  # of two ends the one that was ordered last holds
        with_it, without = (*known, late), (*known, now)
    else:
        with_it, without = (*known, late, now), (*known, now)
    try:
        since, until, who = min(event.on, today), _until(session, row, without, today), estimates.account_of(session, account)
        return max(_total(session, who, row, without, since, until) - _total(session, who, row, with_it, since, until), 0)
    except CannotBill:
        return _charged_from(session, row, event.on)


def _charged_from(session: Session, row: ServiceRow, day: date) -> int:
    """All that stands charged for days behind one."""
    spans = charged_rows.spans(session.db, (row.service.id,))[row.service.id].spans
    return sum(n for s in spans if s.end > day for *_, n in s.lines)


def _of_price(session: Session, account: str, row: ServiceRow, event: Event, known: tuple[Event, ...], today: date) -> int:
    """What an own price gives back, and takes off the first bill with days from its own on."""
    runs = _uninterrupted(known, today)
    try:
        who = estimates.account_of(session, account)
        return max(_off(session, (who, who), row, runs, (*runs, event._replace(id=1 << 62)), event.on, today), 0)
    except CannotBill:
        return _charged_from(session, row, event.on)


def _grown(session: Session, account: str, row: ServiceRow, event: Event, known: tuple[Event, ...], today: date, by: str) -> int:
    """What a change makes more of the own prices and discounts that the same operator agreed within a month.

    To take a change back is a change too: a service made small, given a price or a discount, and let grow again.
    """
    who, runs, since = estimates.account_of(session, account), _uninterrupted(known, today), _long_ago(session)
    entries = {e.id: subscriptions.entered(session.db, e.id) for e in runs if e.kind == "price" and e.id != event.number}
    mine = {i for i, entry in entries.items() if entry and entry.operator == by and entry.recorded_us >= since}
    rebates = agreements.discounts_given(session.db, account, by, since)
    if not mine and not rebates:
        return 0
    listed = tuple(e for e in runs if e.id not in mine)
    without = who._replace(discounts=tuple(d for d in who.discounts if d.id not in rebates))

    def after(events: tuple[Event, ...]) -> tuple[Event, ...]:
        if event.kind == "void":
            return tuple(e for e in events if e.id != event.number)
        return (*events, event._replace(id=1 << 62))

    try:
        before = _off(session, (without, who), row, listed, runs, event.on, today)
        return max(_off(session, (without, who), row, after(listed), after(runs), event.on, today) - before, 0)
    except CannotBill:
        return _charged_from(session, row, event.on)


def _off(
    session: Session,
    who: tuple[Account, Account],
    row: ServiceRow,
    without: tuple[Event, ...],
    with_it: tuple[Event, ...],
    on: date,
    today: date,
) -> int:
    """What the events of one account bring less than those of another on one of the first two bills with days from one on.

    The first may be of a part of a period; it is the larger of both that counts.
    """
    timeline, catalogue = timeline_of(row.service, tuple(standing(without))), codes.load(session)
    until, settled_until = max(today, on), date.fromisoformat(row.settled_until)
    far, in_arrears = date(until.year + 3, 1, 1), row.service.mode == "arrears"
    dates = upcoming(timeline, settled_until, far, catalogue.rules.first_bill)
    bills = [d for d in dates if d > until or (d == until and not in_arrears)][:2] or [until]
    since, sums = min(on, today), [0]
    for day in bills:
        sums.append(_total(session, who[0], row, without, since, day) - _total(session, who[1], row, with_it, since, day))
    return max(later - before for before, later in pairwise(sums))


def _uninterrupted(known: Sequence[Event], today: date) -> tuple[Event, ...]:
    """The events of a service without an end, and without pauses and suspensions that are not over today."""
    left: list[Event] = []
    for opens, closes in (("pause", "resume"), ("suspend", "restore")):
        pair = [e for e in standing(known) if e.kind in (opens, closes)]
        over = [at for at, e in enumerate(pair) if e.kind == closes and e.on <= today]
        left += pair[: over[-1] + 1] if over else []
    return (*(e for e in standing(known) if e.kind not in _INTERRUPTING), *left)


_INTERRUPTING = ("pause", "resume", "suspend", "restore", "end")


def of_new(session: Session, account: str, new: New) -> int:
    """What the own price of a service that is added takes off one of its first two bills, the larger; as if it had no end."""
    if not any(e.kind == "price" for e in new.events):
        return 0
    catalogue, who = codes.load(session), estimates.account_of(session, account)
    runs = tuple(e for e in new.events if e.kind not in _INTERRUPTING)
    totals: list[dict[date, int]] = []
    for events in (tuple(e for e in runs if e.kind != "price"), runs):
        try:
            plan = estimates.estimate_of(session, [new._replace(events=events)], who, catalogue, 2)
        except CannotBill:
            return 0  # without a list price nothing is taken off it
        totals.append({bill.bill_date: bill.total for bill in plan.bills})
    return max([0, *(total - totals[1].get(day, 0) for day, total in totals[0].items())])


def _is_own_list_price(session: Session, row: ServiceRow, event: Event, by: str) -> bool:
    """Whether a list price that now counts was entered by the same operator, not long ago: it is no list to them."""
    return any(code_rows.was_priced_by(session.db, code, by, _long_ago(session)) for code in {row.code, event.code} if code)


def _long_ago(session: Session) -> int:
    """Before this moment what somebody agreed is no part of what they do now."""
    return session.now_us() - _OWN_PRICE_DAYS * 86_400 * 1_000_000


_OWN_PRICE_DAYS = 31


def _is_slip(session: Session, row: ServiceRow, event: Event, known: Sequence[Event], by: str) -> bool:
    """What is taken back was entered today by who takes it back, or the whole service was, and nothing was billed since."""
    first = next((e.id for e in known if e.kind == "start"), 0)
    entry = subscriptions.entered(session.db, event.number if event.kind == "void" else first)
    if entry is None or entry.operator != by or session.calendar.day_of(entry.recorded_us) != session.today():
        return False
    return not subscriptions.is_billed_since(session.db, row.service.id, entry.audit_seq)


def _until(session: Session, row: ServiceRow, known: Sequence[Event], today: date) -> date:
    """The day by which one reckons what an event gives back.

    In advance today; in arrears the next bill date, because the days that are over are billed then.
    """
    if row.service.mode != "arrears":
        return today
    timeline, catalogue = timeline_of(row.service, tuple(standing(known))), codes.load(session)
    settled_until, far = date.fromisoformat(row.settled_until), date(today.year + 3, 1, 1)
    return next((d for d in upcoming(timeline, settled_until, far, catalogue.rules.first_bill) if d >= today), today)


def _total(session: Session, who: Account, row: ServiceRow, known: tuple[Event, ...], since: date, until: date) -> int:
    """What a service would be billed by a day with these events, changes at once; below zero where it would be given back."""
    catalogue = codes.load(session)
    at_once = replace(catalogue, rules=catalogue.rules._replace(changes="at-once"), _lines={})
    events = tuple(standing(known))
    check_on = min(max(since, row.service.start).isoformat(), row.check_on or "9999")
    held = run_rows.held(session.db, row._replace(check_on=check_on), events)
    who = who._replace(terms_days=max(who.terms_days, 0))
    return sum(b.total for b in plan_customer(who, [held], (), until, at_once, session.book.currency, "all").bills)
