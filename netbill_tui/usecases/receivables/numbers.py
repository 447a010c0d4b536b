"""The numbers of invoices and credit notes."""

from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.receivables import credit_notes


def free_numbers(tx: Transaction, series: str, pattern: str, count: int, year: int) -> list[str]:
    """The next document numbers of a series; one that an imported document, of either kind, has already is passed over."""
    numbers: list[str] = []
    while len(numbers) < count:
        candidates = [pattern.format(seq=seq, year=year) for seq in tx.take(series, count - len(numbers))]
        for at in range(0, len(candidates), 500):
            part = candidates[at : at + 500]
            taken = credit_notes.taken_numbers(tx.db, part)
            numbers += [n for n in part if n not in taken]
    return numbers
