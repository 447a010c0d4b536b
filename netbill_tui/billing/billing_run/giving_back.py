"""What a change gives back of what was charged. Source: docs/rules.md, *16 Changes*."""

from collections.abc import Callable, Sequence
from datetime import date

from netbill_tui import text
from netbill_tui.billing.billing_run.invoicing import BillLine
from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.services.charging import Piece, Span, Unused
from netbill_tui.billing.services.proration import billable_days, credits_for, retained, share
from netbill_tui.billing.services.subscriptions import Timeline


def span_key(first: date | str, recharge: int) -> str:
    """How a credit names the span that it gives back a part of."""
    return f"{first}#{recharge}"


def credit_lines(timeline: Timeline, unused: Sequence[Unused], catalogue: Catalogue, currency: str) -> list[BillLine]:
    """The lines that give back what was charged and is not used: what was charged less what is kept.

    Days are counted as the charge counted them. Where the first part of a period costs the whole of it, nothing is given back
    while any day of it is used. Where a credit note by hand gave back some of it, the days left share what is left.
    """
    lines: list[BillLine] = []
    unused_days: dict[int, int] = {}
    backs: dict[int, list[int]] = {}
    for part_unused in unused:
        span = part_unused.span
        policy, count = _count_of(timeline, span, catalogue)
        billed, days = count(span.first, span.end), count(part_unused.first, part_unused.end)
        recharge = max((n for first, n in span.recharged if first == part_unused.first), default=0)
        credited_days = sum(count(a, b) for a, b in span.credited) + unused_days.get(id(span), 0)
        unused_days[id(span)] = unused_days.get(id(span), 0) + days
        if policy == "whole" and credited_days + days < billed:
            continue
        before = backs.setdefault(id(span), [*span.back, *[0] * (len(span.lines) - len(span.back))])
        hands = [*span.hand, *[0] * (len(span.lines) - len(span.hand))]
        parts = []
        for at, (_, _, charged) in enumerate(span.lines):
            left = max(charged - hands[at] - before[at], 0)
            if policy == "whole":
                part = left
            elif hands[at]:
                part = share(left, days, billed - credited_days) if billed > credited_days else 0
            else:
                part = credits_for(charged, billed, [days], credited_days)[0]
            parts.append(part)
            before[at] += part
        taxed = [*span.taxed, *[None] * (len(span.lines) - len(span.taxed))]
        for (name, tax_class, charged), back, had_tax in zip(span.lines, parts, taxed, strict=True):
            untaxed = "" if had_tax is None else "no" if had_tax else "yes"
            code = catalogue.codes.get(name)
            why = (
                f"charged {format_amount(charged, currency)} for {text.counted(billed, 'day')}, {span.first} to {span.end}\n"
                f"{text.counted(days, 'day')} not used, {part_unused.first} to {part_unused.end}\n"
                f"kept for {text.counted(billed - credited_days - days, 'day')}, given back {format_amount(back, currency)}"
            )
            lines.append(BillLine(
                "credit", name, f"Credit: {code.name if code else name}", part_unused.first.isoformat(),
                part_unused.end.isoformat(), "1", -back,
                -back, tax_class, timeline.service.id, span.terms_id, recharge, 0, 0, span_key(span.first, span.recharge),
                why, -back,
                taxed_on=span.billed_on, rated_on=span.rated_on, untaxed=untaxed,
            ))  # fmt: skip
    return lines


def given_by_hand(timeline: Timeline, piece: Piece, spans: Sequence[Span], catalogue: Catalogue) -> dict[str, int]:
    """Of days that are charged once more on the same terms, what credit notes by hand gave back of them before, by code.

    It is what a run would have given back of the days, less what it gave: an event that is taken back brings the days to what
    they had cost the customer. Source: docs/rules.md, *16 Changes*.
    """
    by_code: dict[str, int] = {}
    for span in spans:
        parts = [(max(a, piece.first), min(b, piece.end)) for a, b in span.credited if a < piece.end and b > piece.first]
        if span.terms_id != piece.terms.id or not any(span.hand) or not parts:
            continue
        policy, count = _count_of(timeline, span, catalogue)
        billed, credited = count(span.first, span.end), sum(count(a, b) for a, b in span.credited)
        days = sum(count(a, b) for a, b in parts)
        if not days or (policy == "whole" and credited < billed):
            continue
        backs = [*span.back, *[0] * (len(span.lines) - len(span.back))]
        for (code, _, charged), back in zip(span.lines, backs, strict=True):
            stays = 0 if policy == "whole" else retained(charged, billed - credited, billed)
            by_code[code] = by_code.get(code, 0) + share(max(charged - stays - back, 0), days, credited)
    return by_code


def _count_of(timeline: Timeline, span: Span, catalogue: Catalogue) -> tuple[str, Callable[[date, date], int]]:
    """How a charged span was prorated, and how its days are counted."""
    terms = next((t for t in timeline.terms if t.id == span.terms_id), None)
    code = catalogue.codes.get(terms.code) if terms is not None else None
    policy = span.policy or (code.proration if code is not None else "") or catalogue.rules.proration
    whole_first, whole_end = timeline.schedule_on(span.first).period(span.first)
    return policy, lambda first, end: billable_days(first, end, whole_first, whole_end, policy, timeline.service.start)
