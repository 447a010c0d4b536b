"""The catalogue as it stands in the book."""

import json
from decimal import Decimal
from typing import NamedTuple

from netbill_tui.billing.catalogue.codes import Catalogue, Code, Rules
from netbill_tui.billing.catalogue.prices import Price, Tier
from netbill_tui.billing.catalogue.taxes import DatedRate, Rate
from netbill_tui.billing.core.money import Tally
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Row, Select, Statement

_CODES = Statement(
    "select code, name, category, kind, tax_class, proration, suspended, minimum_months, leave_fee, unit, active from code "
    "order by code"
)
_PARTS = Statement("select bundle, part, weight from bundle_part order by bundle, weight desc, part")
_PRICES = Statement(
    "select code, id, from_on, end_on, audience, amount, promo_amount, promo_periods, included, tiers, notice, used from price "
    "order by code, from_on, audience"
)
_RATES = Statement(
    "select tax_class, from_on, end_on, name, category, percent, ord, compound, reason from tax_rate "
    "order by tax_class, from_on, ord"
)
_SET = Statement("insert into book_setting (name, value) values (?, ?) on conflict (name) do update set value = excluded.value")
_ADD_CODE = Statement(
    "insert into code (code, name, category, kind, tax_class, proration, suspended, minimum_months, leave_fee, unit, active, "
    "created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (code) do update set name = excluded.name, "
    "category = excluded.category, tax_class = excluded.tax_class, proration = excluded.proration, "
    "suspended = excluded.suspended, minimum_months = excluded.minimum_months, leave_fee = excluded.leave_fee, "
    "unit = excluded.unit, active = excluded.active"
)
_DROP_PARTS = Statement("delete from bundle_part where bundle = ?")
_ADD_PART = Statement("insert into bundle_part (bundle, part, weight) values (?, ?, ?)")
_ADD_PRICE = Statement(
    "insert into price (id, code, from_on, end_on, audience, amount, promo_amount, promo_periods, included, tiers, notice, used, "
    "created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)"
)
_PRICED_BY = Statement(
    "select 1 from audit_event where object = ? and action in ('price.add', 'price.drop') and actor = ? and at_us >= ? limit 1"
)
_DROP_PRICE = Statement("delete from price where id = ?")
_RUNNING = Statement("select count(*) from service_state where code = ? and (ends_on is null or ends_on > ?)")
_USE = Statement("update price set used = 1 where id = ? and used = 0")
_ADD_RATE = Statement(
    "insert into tax_rate (id, tax_class, from_on, end_on, name, category, percent, ord, compound, reason, created_at) "
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_EXTEND_RATE = Statement("update tax_rate set end_on = ? where tax_class = ? and ord = ? and end_on = ?")
_DROP_RATE = Statement("delete from tax_rate where tax_class = ? and ord = ? and from_on = ?")
# The day of a line's rates, as db.credits has it: the last of a period in arrears, the first of another, else the bill date.
# What an undone run charged has no rate any more: it was given back with the tax it was charged with, and is charged anew.
_RATED_ON = (
    "select case when b.audit_seq <= ? then coalesce(i.bill_date, n.bill_date) else b.first_on end as day, "
    "case when s.mode = 'arrears' and b.audit_seq > ? then b.end_on end as before from billed b "
    "left join invoice i on i.id = b.invoice_id left join credit_note n on n.id = b.invoice_id "
    "left join service s on s.id = b.service_id where b.tax_class = ? and b.kind in ('recurring', 'one-off', 'usage', 'fee') "
    "and not exists (select 1 from billed u where u.service_id = b.service_id and u.charge_id = b.charge_id "
    "and u.kind = case when b.kind = 'fee' and b.service_id > 0 then 'unfee' else 'undo' end and u.first_on = b.first_on "
    "and u.terms_id = b.terms_id and u.again = b.again and u.code = b.code and u.why <> 'the end was taken back')"
)
_RATED_BETWEEN = Statement(
    f"select 1 from ({_RATED_ON}) as r where (r.before is null and r.day >= ? and r.day < ?) "  # noqa: S608 - no value in it
    "or (r.before is not null and r.before > ? and r.before <= ?) limit 1"
)
_REVENUE = Statement(
    "select l.code, cast(sum(l.amount) as bigint), count(*) from invoice_line l join invoice i on i.id = l.invoice_id "
    "where i.issued_on >= ? and i.issued_on <= ? and l.amount <> 0 group by l.code"
)
_CREDITED = Statement(
    "select l.code, cast(-sum(l.amount) as bigint), count(*) from credit_line l join credit_note c on c.id = l.credit_id "
    "where c.issued_on >= ? and c.issued_on <= ? and l.amount <> 0 group by l.code"
)
_TAXES = Select(
    "select t.name, t.category, t.percent, cast(sum(t.base) as bigint), cast(sum(t.tax) as bigint), count(*) from invoice_tax t "
    "join invoice i on i.id = t.invoice_id where i.issued_on >= ? and i.issued_on <= ? group by t.name, t.category, t.percent "
    "union all select t.name, t.category, t.percent, cast(-sum(t.base) as bigint), cast(-sum(t.tax) as bigint), count(*) "
    "from invoice_tax t join credit_note c on c.id = t.invoice_id where c.issued_on >= ? and c.issued_on <= ? "
    "group by t.name, t.category, t.percent",
    lambda *columns: RateSum(*columns),
)


def load(db: Database, rules: Rules) -> Catalogue:
    """Everything that can be charged."""
    part_rows, code_rows, price_rows, rate_rows = db.together(*(Read(s, (), list) for s in (_PARTS, _CODES, _PRICES, _RATES)))
    parts: dict[str, list[tuple[str, int]]] = {}
    for bundle, part, weight in part_rows:
        parts.setdefault(bundle, []).append((part, int(weight)))
    codes = {
        r[0]: Code(r[0], r[1], r[2], r[3], r[4], r[5], r[6], int(r[7]), int(r[8]), r[9], tuple(parts.get(r[0], ())), bool(r[10]))
        for r in code_rows
    }
    prices: dict[str, list[Price]] = {}
    for row in price_rows:
        prices.setdefault(row[0], []).append(_price(row[1:]))
    rates = tuple(DatedRate(r[0], r[1], r[2], Rate(r[3], r[4], r[5], int(r[6]), bool(r[7]), r[8])) for r in rate_rows)
    return Catalogue(codes, {c: tuple(p) for c, p in prices.items()}, rates, rules)


def _price(row: Row) -> Price:
    tiers = tuple(Tier(None if up is None else Decimal(up), Decimal(each)) for up, each in json.loads(row[8] or "[]"))
    return Price(
        int(row[0]), row[1], row[2], row[3], int(row[4]), row[5], int(row[6]), Decimal(row[7] or "0"), tiers, bool(row[9])
    )


def used_prices(db: Database) -> frozenset[int]:
    """Ids of the prices that an invoice used."""
    return frozenset(int(r[1]) for r in db.rows(_PRICES) if r[11])


def was_priced_by(db: Database, code: str, operator: str, since_us: int) -> bool:
    """Whether an operator entered or dropped a list price of a code since then."""
    return bool(db.rows(_PRICED_BY, (code, operator, since_us)))


def store_code(db: Database, code: Code, now_us: int) -> None:
    """Insert or change a code with its parts; its kind never changes."""
    db.run(_ADD_CODE, (
        code.code, code.name, code.category, code.kind, code.tax_class, code.proration, code.suspended, code.minimum_months,
        code.leave_fee,
        code.unit, int(code.active), now_us,
    ))  # fmt: skip
    db.run(_DROP_PARTS, (code.code,))
    db.run_many(_ADD_PART, [(code.code, part, weight) for part, weight in code.parts])


def add_price(db: Database, code: str, price: Price, now_us: int) -> None:
    """Insert a price."""
    tiers = json.dumps([[None if t.up_to is None else str(t.up_to), str(t.amount)] for t in price.tiers]) if price.tiers else ""
    db.run(_ADD_PRICE, (
        price.id, code, price.first, price.end, price.audience, price.amount, price.promo_amount, price.promo_periods,
        str(price.included), tiers,
        int(price.notice), now_us,
    ))  # fmt: skip


def drop_price(db: Database, price_id: int) -> None:
    """Delete a price that nothing used; the database refuses another."""
    db.run(_DROP_PRICE, (price_id,))


def use_prices(db: Database, price_ids: set[int]) -> set[int]:
    """Lock the prices that an invoice used; those that there are."""
    db.run_many(_USE, [(i,) for i in sorted(price_ids)])
    return set(used_prices(db)) & price_ids if price_ids else set()


def add_rate(db: Database, row_id: int, dated: DatedRate, now_us: int) -> None:
    """Insert a rate."""
    rate = dated.rate
    db.run(_ADD_RATE, (
        row_id, dated.tax_class, dated.first, dated.end, rate.name, rate.category, rate.percent, rate.order, int(rate.compound),
        rate.reason, now_us,
    ))  # fmt: skip


def drop_rate(db: Database, dated: DatedRate) -> None:
    """Delete a rate; one that an older program ended where this one began goes on to where this one would have ended."""
    db.run(_DROP_RATE, (dated.tax_class, dated.rate.order, dated.first))
    db.run(_EXTEND_RATE, (dated.end, dated.tax_class, dated.rate.order, dated.first))


def rate_was_used(db: Database, tax_class: str, first: str, end: str | None) -> bool:
    """Whether a line of the class has the rates of a day in a half-open span; None is open-ended."""
    old, last = last_by_bill_date(db), end or "9999-12-31"
    return db.row(_RATED_BETWEEN, (old, old, tax_class, first, last, first, last)) is not None


def set_setting(db: Database, name: str, value: str) -> None:
    """Keep a setting of the book."""
    db.run(_SET, (name, value))


class RateSum(NamedTuple):
    """What a tax rate came to: its base, the tax, and how many documents have it."""

    name: str
    category: str
    percent: str
    base: int
    tax: int
    documents: int


def revenue(db: Database, first: str, last: str) -> dict[str, Tally]:
    """Net amount and number of lines by code, invoices less credit notes, by issue date, both ends included."""
    # The lines of discounts on a whole invoice have no code.
    by_code: dict[str, Tally] = {}
    for code, amount, number in (*db.rows(_REVENUE, (first, last)), *db.rows(_CREDITED, (first, last))):
        sums = by_code.get(str(code), Tally())
        by_code[str(code)] = Tally(sums.number + int(number), sums.amount + int(amount))
    return dict(sorted(by_code.items()))


def taxes(db: Database, first: str, last: str) -> list[RateSum]:
    """What each rate came to in a span, by name, category and percentage."""
    by_rate: dict[tuple[str, str, str], RateSum] = {}
    for rate in _TAXES.all(db, (first, last, first, last)):
        key = (rate.name, rate.category, rate.percent)
        old = by_rate.get(key, rate._replace(base=0, tax=0, documents=0))
        by_rate[key] = rate._replace(base=old.base + rate.base, tax=old.tax + rate.tax, documents=old.documents + rate.documents)
    return [rate for _, rate in sorted(by_rate.items())]


def running(db: Database, code: str, today: str) -> int:
    """How many services of a code run, or will."""
    row = db.row(_RUNNING, (code, today))
    return int(row[0]) if row else 0


_BY_BILL_DATE = Statement("select value from keeping where name = 'taxed_by_bill_date'")


def last_by_bill_date(db: Database) -> int:
    """The last audit event whose lines were taxed by their bill dates, before the day of supply counted; 0 in a newer book."""
    return int((db.row(_BY_BILL_DATE) or ("0",))[0])
