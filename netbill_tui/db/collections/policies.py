"""The versions of the policies, and the switches beside them."""

import json
from collections.abc import Sequence

from netbill_tui.billing.collections.policies import Version
from netbill_tui.db.core.chain import said
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, in_list

_COLUMNS = "p.id, p.kind, p.scope, p.customer_id, p.from_on, p.body, p.operator, p.recorded_at"


def _version(
    id_: int, kind: str, scope: str, customer_id: int, from_on: str, body: str, operator: str, recorded_us: int
) -> Version:
    values = {str(name): str(value) for name, value in said(body).items()} if body else {}
    return Version(int(id_), kind, scope, int(customer_id), from_on, values, operator, int(recorded_us))


_OF_BOOK = Select(f"select {_COLUMNS} from collection_policy p where p.customer_id = 0 order by p.id", _version)
_ALL = Select(f"select {_COLUMNS} from collection_policy p order by p.id", _version)
_SWITCH = Select(
    f"select {_COLUMNS} from collection_policy p where p.kind = ? and p.customer_id = 0 order by p.id desc limit 1", _version
)

_OF_KIND = Select(f"select {_COLUMNS} from collection_policy p where p.kind = ? and p.customer_id = 0 order by p.id", _version)


def body(values: dict[str, str]) -> str:
    """The values as they are stored."""
    return json.dumps(values, sort_keys=True, ensure_ascii=False) if values else ""


def of_book(db: Database) -> list[Version]:
    """The versions that are no single customer's, in the order in which they were set."""
    return _OF_BOOK.all(db)


def everything(db: Database) -> list[Version]:
    """Every version, those of single customers too."""
    return _ALL.all(db)


def of_customers(db: Database, customer_ids: Sequence[int]) -> dict[int, list[Version]]:
    """The versions of those of some customers who have policies of their own."""
    own: dict[int, list[Version]] = {}
    if customer_ids:
        sql = f"select {_COLUMNS} from collection_policy p where p.kind in ('reminders', 'fees') and p.customer_id in "
        for version in Select(f"{sql}{in_list(len(customer_ids))} order by p.id", _version).all(db, customer_ids):
            own.setdefault(version.customer_id, []).append(version)
    return own


def of_kind(db: Database, kind: str) -> list[Version]:
    """The book's versions of one kind, in the order in which they were set."""
    return _OF_KIND.all(db, (kind,))


def switch(db: Database, kind: str) -> Version | None:
    """How a switch stands; None where nobody ever turned it."""
    return _SWITCH.first(db, (kind,))
