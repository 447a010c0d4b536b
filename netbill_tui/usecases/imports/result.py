"""What an import did, row by row."""

from dataclasses import dataclass, field

from netbill_tui.integrations.csv_files import Footer, Rejection


@dataclass(frozen=True, slots=True)
class Held:
    """A row that looks like a payment in the book; posted only where its line is named to be taken."""

    line: int
    receipt: str
    reason: str


@dataclass(slots=True)
class Result:
    """What an import did.

    Attributes:
        added: New rows by table.
        seen: Equal rows of the file.
        take: Lines that are posted although they look like a payment in the book.
        held: Rows that were not, because they do.
        cells: Cells that were left out of rows that were taken.
        footers: What stood below the rows and is none.
        changed: Account and fields of what this batch changed.
        accounts: The first new accounts of a file that was not one of customers.
        posted: Ids of the payments that rows of this file are, posted by this run or by one before.
    """

    kind: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    already: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    added: dict[str, int] = field(default_factory=dict)
    seen: dict[object, int] = field(default_factory=dict)
    take: frozenset[int] = frozenset()
    held: list[Held] = field(default_factory=list)
    cells: list[Rejection] = field(default_factory=list)
    footers: list[Footer] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    accounts: list[str] = field(default_factory=list)
    posted: set[int] = field(default_factory=set)

    def count(self, what: str) -> None:
        """One more row that was created, updated or already there."""
        if what == "created":
            self.created += 1
        elif what == "updated":
            self.updated += 1
        else:
            self.already += 1

    def add(self, table: str, number: int = 1) -> None:
        """So many more rows of a table."""
        self.added[table] = self.added.get(table, 0) + number
