"""How results leave: JSON, CSV, plain text or a table for people. Data on stdout, remarks on stderr."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from netbill_tui.text import cell_width, cut, neutral, right, visible

if TYPE_CHECKING:
    from netbill_tui.cli.core.progress import Bar

MANY = 200  # more rows of a list than a page or two are an export
# Name of the JSON key, heading, width (0: as wide as needed), number on the right.
Column = tuple[str, str, int, bool]


class Output:
    """Where and in which form a command answers."""

    def __init__(
        self, form: str, *, quiet: bool, is_terminal: bool, width: int = 80, out: TextIO | None = None, err: TextIO | None = None
    ) -> None:
        self.out = out or sys.stdout
        self.err = err or sys.stderr
        self.form = form
        self.quiet = quiet
        self.is_terminal = is_terminal
        self.width = width
        self.on_export: Callable[[int, str], None] | None = None  # gets number of rows and form of a list that is an export
        self.exports = False  # whatever is listed goes into a file

    def remark(self, text: str) -> None:
        """A sentence for people, on stderr."""
        if not self.quiet:
            print(visible(text), file=self.err)

    def text(self, text: str) -> None:
        """A document, line by line with control characters made visible."""
        self.out.write("".join(visible(line) + "\n" for line in text.splitlines()))

    def json(self, data: object) -> None:
        """Data as JSON. Non-ASCII is escaped, so no terminal can be addressed by it."""
        import json

        print(json.dumps(data, indent=2 if self.is_terminal else None), file=self.out)

    def rows(self, rows: Sequence[Mapping[str, object]], columns: Sequence[Column], *, empty: str, keys: str = "") -> None:
        """A list in the wanted form. The JSON has every key of the rows, the table only the columns.

        Args:
            rows: What was found.
            columns: Of the table.
            empty: What is said where nothing was found.
            keys: The header of the CSV, with blanks between: a file without rows has it too.
        """
        if self.on_export is not None and (self.exports or self.form == "csv" or len(rows) > MANY):
            self.on_export(len(rows), self.form)
        if self.form == "json":
            self.json([dict(row) for row in rows])
        elif self.form == "csv":
            self._csv(rows, keys.split())
        elif not rows:
            self.remark(empty)
        elif self.form == "plain" or not self.is_terminal:
            for row in rows:
                print("\t".join(visible(_word(row[key])) for key, *_ in columns), file=self.out)
        else:
            self._table(rows, columns)

    def leaves(self, number: int) -> None:
        """So many rows stand in the record that is printed next: a preview of many leaves the book like a list of many."""
        if self.on_export is not None and number > MANY:
            self.on_export(number, self.form)

    def record(self, data: Mapping[str, object], text: Callable[[], str]) -> None:
        """One record: JSON, CSV, or a text for people."""
        if self.form == "json":
            self.json(data)
        elif self.form == "csv":
            self._csv([data], [])
        else:
            self.text(text())

    def _csv(self, rows: Sequence[Mapping[str, object]], keys: list[str]) -> None:
        if rows:
            keys = keys or [k for k, v in rows[0].items() if not isinstance(v, (list, dict))]
        if keys:
            self.out.write(csv_line(keys))
        for row in rows:
            cells = [neutral(row[key]) for key in keys]
            # A file keeps what the book holds, byte for byte; a terminal is never given a control character.
            self.out.write(csv_line([visible(c) if self.is_terminal and isinstance(c, str) else c for c in cells]))

    def _table(self, rows: Sequence[Mapping[str, object]], columns: Sequence[Column]) -> None:
        widths = []
        for key, heading, width, _ in columns:
            widest = max([cell_width(heading), *(cell_width(visible(_word(r[key]))) for r in rows)])
            widths.append(min(widest, width) if width else widest)
        print(
            " ".join(right(h, w) if num else cut(h, w) for (_, h, _, num), w in zip(columns, widths, strict=True)).rstrip(),
            file=self.out,
        )
        for row in rows:
            cells = []
            for (key, _, _, number), width in zip(columns, widths, strict=True):
                word = visible(_word(row[key]))
                cells.append(right(word, width) if number else cut(word, width))
            print(" ".join(cells).rstrip(), file=self.out)


def typed_yes(sentence: str, *, no_input: bool) -> bool:
    """Whether somebody at the terminal types yes to a sentence; nobody does where nobody can be asked."""
    if no_input or sys.stdin is None or not sys.stdin.isatty():
        return False
    print(f"{sentence}\nType yes to accept: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() == "yes"


def csv_line(cells: Sequence[object]) -> str:
    """A line of CSV that ends in a line feed. The module quotes a carriage return only where lines end in one."""
    import csv
    import io

    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue().removesuffix("\r\n") + "\n"


def _word(value: object) -> str:
    return "" if value is None else str(value)


def progress(label: str, output: Output) -> "Bar | None":
    """A bar on the terminal's stderr that a long command can call; None where nobody looks."""
    from netbill_tui.cli.core.progress import bar_for

    return bar_for(label, quiet=output.quiet)
