"""Sealed cells: whether they open with the keys at hand."""

from itertools import islice

from netbill_tui.db.access import sealed
from netbill_tui.db.core.engine import Database
from netbill_tui.db.customers import accounts
from netbill_tui.security.envelope import Unreadable, key_id_of
from netbill_tui.security.secret import Sealed
from netbill_tui.security.vault import Vault
from netbill_tui.usecases.core.checks import Check, blame

SAMPLE = 1000  # cells of each column that are opened; their hashes are compared all


def sample(db: Database, vault: Vault | None, *, every: bool = False) -> Check:
    """Sealed cells are envelopes; with the keys at hand, a sample of each column, or every one, opens."""
    check = Check("sealed fields" + ("" if vault is not None else " (shape only: nobody is signed in)"))
    for place in sealed.PLACES:
        for cell in islice(sealed.cells(db, place), None if every else SAMPLE):
            check.rows += 1
            column = cell.kind or place.name[1]
            try:
                if vault is not None and vault.holds_field(place.name[0], column):
                    vault.open(place.name[0], column, cell.record, Sealed(cell.envelope))
                else:
                    key_id_of(cell.envelope)
            except (Unreadable, KeyError):
                blame(check, f"{_whose(db, place, cell)} {column} does not open")
    return check


def _whose(db: Database, place: sealed.Place, cell: sealed.Cell) -> str:
    """The account of a sealed cell, as far as it has one."""
    account = accounts.account_of(db, cell.owner) if place.table in ("customer", "contact") else None
    return account or f"{place.table} {cell.key if isinstance(cell.key, int) else cell.record.hex()}"
