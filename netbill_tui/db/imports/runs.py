"""Imports: when each began and ended, and what became of its rows."""

from typing import NamedTuple

from netbill_tui.db.core import tables, versions
from netbill_tui.db.core.statements import Statement
from netbill_tui.db.core.transaction import Transaction, insert_into


class Counts(NamedTuple):
    """What became of the rows so far."""

    rows: int
    created: int
    updated: int
    already: int
    rejected: int


_COUNT = Statement(
    "update import_run set finished_at = ?, rows = ?, created = ?, updated = ?, already = ?, rejected = ? where id = ?"
)


def begin(tx: Transaction, run_id: int, kind: str, file_name: str, profile: str, operator: str) -> None:
    """An import begins."""
    row = (run_id, kind, file_name, profile, tx.now_us, None, 0, 0, 0, 0, 0, operator)
    tx.db.run(insert_into(tables.ImportRun), row)
    tx.touch(versions.READING, [run_id])


def record(tx: Transaction, run_id: int, counts: Counts, finished_us: int | None) -> None:
    """Keep how far an import got; `finished_us` is None while it goes on."""
    versions.leave(tx, versions.READING, [run_id])
    tx.db.run(_COUNT, (finished_us, *counts, run_id))
    tx.touch(versions.READING, [run_id])
