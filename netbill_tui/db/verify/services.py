"""Services and charges that are kept otherwise than they were entered, or nowhere."""

from typing import NamedTuple

from netbill_tui.db.core.chain import said
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select


class WrongCharge(NamedTuple):
    """A one-off charge that waits though it was billed or is stored otherwise, or that neither waits nor was billed."""

    id: int
    waits: bool


_UNKEPT = Select(
    "select s.id from service s where not exists (select 1 from service_state t where t.service_id = s.id and t.customer_id = "
    "s.customer_id) order by s.id limit 50",
    int,
)
# A charge waits, was billed and not undone, or was withdrawn with an audit event; never two of these and never none.
_LIVE = (
    "(select coalesce(sum(case when b.kind = 'undo' then -1 else 1 end), 0) from billed b where b.service_id = 0 "
    "and b.charge_id = h.id)"
)
_CHARGES = Select(
    f"select h.id, p.charge_id is not null from charge h left join pending_charge p on p.charge_id = h.id where "
    f"(p.charge_id is not null and ({_LIVE} > 0 or p.customer_id <> h.customer_id or p.on_date <> h.on_date)) or "
    f"(p.charge_id is null and {_LIVE} <= 0) order by h.id",
    WrongCharge,
)
_WITHDRAWN = Select(
    "select detail from audit_event where action = 'charge.withdraw' union all "
    "select request from approval where kind = 'withdraw' and state = 'approved' union all "
    "select '{\"charge\": ' || f.charge_id || '}' from late_fee_waiver w join late_fee f on f.id = w.fee_id "
    "where w.document like 'charge %'",
    said,
)
_ELSEWHERE = Select("select coalesce(billed_through, '') from service where id = ?", str)
_LATEST = Select("select coalesce(max(as_of), '') from billing_run", str)


def kept_nowhere(db: Database) -> list[int]:
    """The first fifty services that no run would look at."""
    return _UNKEPT.all(db)


def wrong_charges(db: Database) -> list[WrongCharge]:
    """Charges that wait and were billed, or that wait nowhere and were not."""
    return _CHARGES.all(db)


def withdrawn_charges(db: Database) -> set[int]:
    """The charges that the audit or an approval says were withdrawn."""
    return {int(detail["charge"]) for detail in _WITHDRAWN.all(db) if "charge" in detail}


def billed_elsewhere(db: Database, service_id: int) -> str:
    """Until when an import says that a service was billed elsewhere, or empty."""
    return _ELSEWHERE.first(db, (service_id,)) or ""


def latest_run(db: Database) -> str:
    """The day as of which the book was billed the latest; empty before its first run."""
    return _LATEST.one(db)
