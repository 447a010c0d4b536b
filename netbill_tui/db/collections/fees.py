"""Late fees: what is late, what was charged, waived and collected."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from netbill_tui.billing.collections.fees import Late, LineFacts
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement, in_list


class FeeRow(NamedTuple):
    """A late fee that was charged.

    Attributes:
        invoice: Of which one it is, by number.
        billed: Number of the invoice that it stands on; empty while it waits.
        line: Its position there.
        withdrawn: It waits no more and stands on no invoice.
        waived: What was given back of it, and by whom.
    """

    id: int
    customer_id: int
    account: str
    name: str
    invoice: str
    n: int
    charge_id: int
    base: int
    amount: int
    why: str
    on: str
    operator: str
    billed: str
    line: int
    waits: bool
    waived: int
    waived_by: str
    due: str


_COLUMNS = (
    "f.id, f.customer_id, c.account, c.name, i.number, f.number, f.charge_id, f.base, f.amount, f.why, f.on_date, f.operator, "
    "coalesce(j.number, ''), coalesce(l.position, 0), exists (select 1 from pending_charge p where p.charge_id = f.charge_id), "
    "coalesce(w.amount, 0), coalesce(w.operator, ''), i.due_on"
)
# What a run billed of a charge may have been undone and billed anew: the last row says how it stands.
_STANDS = (
    "b.service_id = 0 and b.charge_id = {charge} and b.kind <> 'undo' and b.id = (select max(x.id) from billed x where "
    "x.service_id = 0 and x.charge_id = {charge})"
)
_FROM = (
    "from late_fee f join customer c on c.id = f.customer_id join invoice i on i.id = f.invoice_id left join late_fee_waiver w "
    f"on w.fee_id = f.id left join billed b on {_STANDS.format(charge='f.charge_id')} left join invoice_line l on l.id = "
    f"b.id left "
    "join invoice j on j.id = l.invoice_id"
)


def _fee(*row: object) -> FeeRow:
    fee = FeeRow(*row)  # type: ignore[arg-type]
    return fee._replace(waits=bool(fee.waits), charge_id=int(fee.charge_id))


_OF_CUSTOMER = Select(f"select {_COLUMNS} {_FROM} where f.customer_id = ? and f.charge_id is not null order by f.id desc", _fee)
_BY_ID = Select(f"select {_COLUMNS} {_FROM} where f.id = ? and f.charge_id is not null", _fee)
_WAIVED_BY = Select("select document from late_fee_waiver where fee_id = ?", str)
_CREDITED = Select(
    "select cast(coalesce(sum(k.amount), 0) as bigint) from billed b join credit_line k on k.line_id = b.id where "
    + _STANDS.format(charge="?"),
    int,
)
_OPEN = Select(
    "select coalesce((select o.open from billed b join open_item o on o.invoice_id = b.invoice_id where "
    f"{_STANDS.format(charge='?')}), 0)",
    int,
)
_GIVEN_UP = Select(
    "select cast(coalesce(sum(g.amount - coalesce((select sum(r.amount) from recovery r where r.write_off_id = g.id), 0)), 0) as "
    f"bigint) from billed b join write_off g on g.invoice_id = b.invoice_id where {_STANDS.format(charge='?')}",
    int,
)
_BETWEEN = Select(
    f"select {_COLUMNS} {_FROM} where f.on_date >= ? and f.on_date <= ? and f.charge_id is not null order by f.id", _fee
)
_LATE = (
    "select o.invoice_id, o.number, o.due_on, o.open, o.disputed, o.customer_id from open_item o where o.customer_id in {marks} "
    "and o.due_on < ? order by o.customer_id, o.due_on, o.invoice_id"
)


def late(db: Database, customer_ids: Sequence[int], day: date) -> dict[int, list[Late]]:
    """The overdue invoices of some accounts with their lines less what was credited, and the fees of them that are used."""
    by_customer: dict[int, list[Late]] = {}
    for at in range(0, len(customer_ids), 500):
        part = customer_ids[at : at + 500]
        rows = db.rows(Statement(_LATE.format(marks=in_list(len(part)))), (*part, day.isoformat()))
        ids = [int(row[0]) for row in rows]
        lines, numbers = _lines(db, ids), used(db, ids)
        for id_, number, due, open_, disputed, customer_id in rows:
            by_customer.setdefault(int(customer_id), []).append(
                Late(
                    int(id_),
                    number,
                    date.fromisoformat(due),
                    int(open_),
                    tuple(lines.get(int(id_), ())),
                    bool(disputed),
                    frozenset(numbers.get(int(id_), ())),
                )  # fmt: skip
            )
    return by_customer


def _lines(db: Database, invoice_ids: Sequence[int]) -> dict[int, list[LineFacts]]:
    """The lines of some invoices less credit notes; an imported one has no kinds, and all of it is a recurring charge."""
    lines: dict[int, list[LineFacts]] = {}
    for at in range(0, len(invoice_ids), 500):
        part = invoice_ids[at : at + 500]
        # What credit notes gave back stands beside the line that it was given back of.
        statement = Statement(
            "select l.invoice_id, l.kind, l.amount, coalesce(b.tax, 0), "
            "coalesce((select sum(k.amount) from credit_line k where k.line_id = l.id), 0), "
            "coalesce((select sum(k.tax) from credit_line k where k.line_id = l.id), 0), i.tax, b.id is null "
            "from invoice_line l join invoice i on i.id = l.invoice_id left join billed b on b.id = l.id "
            f"where l.invoice_id in {in_list(len(part))} order by l.invoice_id, l.position"  # noqa: S608
        )
        for invoice_id, kind, net, tax, net_back, tax_back, of_invoice, is_imported in db.rows(statement, part):
            known = lines.setdefault(int(invoice_id), [])
            whole = int(of_invoice) if is_imported and not known else int(tax)
            known.append(LineFacts("recurring" if is_imported else kind, int(net) - int(net_back), whole - int(tax_back)))
    return lines


def used(db: Database, invoice_ids: Sequence[int]) -> dict[int, set[int]]:
    """The numbers of fees of some invoices that are charged or used up."""
    numbers: dict[int, set[int]] = {}
    for at in range(0, len(invoice_ids), 500):
        part = invoice_ids[at : at + 500]
        read = f"select invoice_id, number from late_fee where invoice_id in {in_list(len(part))}"
        for invoice_id, number in db.rows(Statement(read), part):
            numbers.setdefault(int(invoice_id), set()).add(int(number))
    return numbers


def charged_flat_on(db: Database, customer_ids: Sequence[int], day: str) -> set[int]:
    """Those of some accounts to whom a fee was charged on a day."""
    if not customer_ids:
        return set()
    read = (
        f"select distinct customer_id from late_fee where on_date = ? and charge_id is not null and why like 'flat%' "  # noqa: S608
        f"and customer_id in {in_list(len(customer_ids))}"
    )
    return {int(row[0]) for row in db.rows(Statement(read), (day, *customer_ids))}


def of_customer(db: Database, customer_id: int) -> list[FeeRow]:
    """The late fees of an account, newest first."""
    return _OF_CUSTOMER.all(db, (customer_id,))


def by_id(db: Database, fee_id: int) -> FeeRow | None:
    """A late fee, or None."""
    return _BY_ID.first(db, (fee_id,))


def between(db: Database, first: str, last: str) -> list[FeeRow]:
    """The late fees that were charged from one day to another."""
    return _BETWEEN.all(db, (first, last))


def waived_by(db: Database, fee_id: int) -> str:
    """The document by which a fee was waived; empty where it was not."""
    return _WAIVED_BY.first(db, (fee_id,)) or ""


def credited(db: Database, fee: FeeRow) -> int:
    """What credit notes by hand gave back of the line of a fee."""
    return _CREDITED.one(db, (fee.charge_id, fee.charge_id))


def open_of(db: Database, fee: FeeRow) -> int:
    """What is open of the invoice that a fee stands on: fees are settled last."""
    return _OPEN.one(db, (fee.charge_id, fee.charge_id))


def given_up_of(db: Database, fee: FeeRow) -> int:
    """What is written off of the invoice that a fee stands on and was not recovered."""
    return _GIVEN_UP.one(db, (fee.charge_id, fee.charge_id))
