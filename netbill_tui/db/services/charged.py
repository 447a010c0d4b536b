"""What stands charged of services, as the rules want it."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from netbill_tui.billing.billing_run.accounts import Fee
from netbill_tui.billing.billing_run.invoicing import policy_in
from netbill_tui.billing.billing_run.planning import BY_BILL_DATE
from netbill_tui.billing.services import line_kinds
from netbill_tui.billing.services.charging import Span
from netbill_tui.billing.services.proration import share
from netbill_tui.db.catalogue.codes import last_by_bill_date
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Row, Statement, in_list

# Beside it what credit notes by hand gave back of the line, and the line they gave it back of; with tax where prices include it.
_SPANS_OF = (
    "select b.service_id, b.kind, b.code, b.first_on, b.end_on, b.terms_id, b.again, b.span_first, b.charged, b.tax_class, "
    "coalesce(i.bill_date, n.bill_date, ''), b.audit_seq, b.tax, coalesce((select cast(sum(l.amount + case when ? = 1 then l.tax "
    "else 0 end) as bigint) from credit_line l where l.line_id = b.id), 0), coalesce(o.amount, 0) + case when ? = 1 then b.tax "
    "else 0 end, case when b.kind = 'recurring' then b.why else '' end from billed b left join invoice i on i.id = b.invoice_id "
    "left join credit_note n on n.id = b.invoice_id left join invoice_line o on o.id = b.id where b.service_id {where} "
    "and b.charge_id = 0 order by b.service_id, b.id"
)
_INCLUSIVE = Statement("select value from book_setting where name = 'inclusive'")


class Charged(NamedTuple):
    """What stands charged of a service: its spans, its early-leave fee, and how often one was charged before."""

    spans: tuple[Span, ...] = ()
    fee: Fee | None = None
    fees: int = 0


def spans(db: Database, service_ids: Sequence[int]) -> dict[int, Charged]:
    """What stands charged of some services."""
    if not service_ids:
        return {}
    inclusive = (db.row(_INCLUSIVE) or ("no",))[0] == "yes"
    old = last_by_bill_date(db)
    rows: dict[int, list[Row]] = {i: [] for i in service_ids}
    statement = Statement(_SPANS_OF.format(where=f"in {in_list(len(service_ids))}"))
    for row in db.rows(statement, (int(inclusive), int(inclusive), *service_ids)):
        rows[row[0]].append(row)
    return {i: _charged(mine, old) for i, mine in rows.items()}


_Spans = dict[tuple[str, int, int], Span]


def _charged(rows: Sequence[Row], old: int) -> Charged:
    mine: _Spans = {}
    fee: Fee | None = None
    last: Fee | None = None
    fees = reversals = 0
    for _, kind, code, first, end, terms_id, recharge, span_first, charged, tax_class, billed_on, seq, *more in rows:
        if kind == line_kinds.FEE:
            rated_on = billed_on if seq <= old else first
            # Counted by how often one was given back: each time it can be given back once more.
            whole = int(more[2]) or 1
            left = int(charged) - share(int(charged), min(int(more[1]), whole), whole) if more[1] > 0 else int(charged)
            fee = last = Fee(code, tax_class, left, first, terms_id, max(int(recharge), reversals), billed_on, rated_on)
            fees += 1
        elif kind == line_kinds.FEE_REVERSAL:
            fee, reversals = None, reversals + 1
        elif kind == line_kinds.FEE_RESTORED:
            fee = last._replace(recharge=reversals) if last is not None else None
        elif kind == line_kinds.RECURRING:
            span = Span(
                date.fromisoformat(first), date.fromisoformat(end), terms_id, (), (), recharge, (), billed_on,
                BY_BILL_DATE if seq <= old else "",
            )  # fmt: skip
            held = mine.get((first, terms_id, recharge), span)
            mine[first, terms_id, recharge] = _with_line(held, (code, tax_class, int(charged)), *more)
        elif kind in (line_kinds.CREDIT, line_kinds.CHARGE_REVERSAL, line_kinds.CREDIT_REVERSAL):
            part = (date.fromisoformat(first), date.fromisoformat(end))
            _give_back(mine, kind, part, (code, tax_class, int(charged)), terms_id, recharge, span_first)
    return Charged(tuple(sorted(mine.values(), key=lambda s: (s.first, s.recharge))), fee, fees)


def _with_line(span: Span, line: tuple[str, str, int], tax: int, credited: int, whole: int, why: str) -> Span:
    """The span with a line more, what was given back of it by hand, and whether tax was taken with it."""
    hand = min(share(line[2], min(int(credited), int(whole)), int(whole)), line[2]) if credited > 0 and whole > 0 else 0
    return span._replace(
        lines=(*span.lines, line),
        hand=(*span.hand, hand),
        back=(*span.back, 0),
        policy=policy_in(why),
        taxed=(*span.taxed, bool(tax) if line[2] else None),
    )


def _give_back(
    mine: _Spans, kind: str, part: tuple[date, date], line: tuple[str, str, int], terms_id: int, recharge: int, span_first: str
) -> None:
    first_of, _, times = span_first.partition("#")
    key = (first_of, terms_id, int(times or "0"))
    held = mine.get(key)
    if held is None:
        return
    if kind != line_kinds.CHARGE_REVERSAL:
        # A credit is below zero, and what takes it back above.
        at = next((i for i, (code, tax_class, _) in enumerate(held.lines) if (code, tax_class) == line[:2]), None)
        if at is not None:
            held = held._replace(back=(*held.back[:at], held.back[at] - line[2], *held.back[at + 1 :]))
    else:
        # What was given back by hand went with the run that is undone.
        held = held._replace(hand=())
    credited = tuple(g for g in held.credited if g != part)
    if kind == line_kinds.CREDIT_REVERSAL:
        # Every line of a bundle says the same of the span.
        mine[key] = held._replace(credited=credited, recharged=tuple({*held.recharged, (part[0], recharge + 1)}))
    else:
        mine[key] = held._replace(credited=(*credited, part))
