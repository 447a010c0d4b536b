"""Reading a CSV by a profile: every row becomes fields, or a rejection with line, column and reason."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from netbill_tui.billing.money import exponent
from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.profiles import Profile
from netbill_tui.text import plain_cell, visible

# A record of more lines is taken for a quote that somebody forgot to close.
_MAX_LINES = 50
_AMOUNT = {".": re.compile(r"(\d+)(?:\.(\d+))?\Z", re.ASCII), ",": re.compile(r"(\d+)(?:,(\d+))?\Z", re.ASCII)}


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was left out."""

    line: int
    column: str
    reason: str


class BadCell(Exception):
    """A cell that cannot be taken; becomes a Rejection with its line."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


class Cells:
    """One row of the file: its fields by our names."""

    __slots__ = ("_profile", "_row", "line")

    def __init__(self, profile: Profile, row: dict[str, str], line: int) -> None:
        self._profile = profile
        self._row = row
        self.line = line

    def column(self, name: str) -> str:
        """The file's column of a field, for a sentence about it."""
        return ", ".join(self._profile.columns.get(name, (name,)))

    def bad(self, name: str, reason: str) -> BadCell:
        """A refusal of this field."""
        return BadCell(self.column(name), reason)

    def has(self, name: str) -> bool:
        """True when the profile says something about the field."""
        return name in self._profile.columns or name in self._profile.defaults

    def text(self, name: str) -> str:
        """The field as text, mapped by the profile, blanks around it gone; empty where there is none."""
        made = []
        mapping = self._profile.values.get(name, {})
        for column in self._profile.columns.get(name, ()):
            raw = plain_cell(self._row[column].strip()).strip()
            # `Column=value` tells apart the same word in two columns of one field.
            made.append(mapping.get(f"{column}={raw}", mapping.get(raw, raw)))
        return ", ".join(m for m in made if m) or self._profile.defaults.get(name, "")

    def needed(self, name: str) -> str:
        """The field, which may not be empty."""
        found = self.text(name)
        if not found:
            raise self.bad(name, "is empty")
        return found

    def date(self, name: str) -> date | None:
        """The field as a date in the profile's form; None where it is empty."""
        found = self.text(name)
        if not found:
            return None
        try:
            day = datetime.strptime(found, self._profile.date_format).date()  # noqa: DTZ007 - a civil date has no zone
        except ValueError:
            shape = self._profile.date_format.replace("%d", "DD").replace("%m", "MM").replace("%Y", "YYYY").replace("%y", "YY")
            raise self.bad(name, f"{visible(found)[:40]!r} is not a date in the form {shape}") from None
        if not 1900 <= day.year <= 2999:
            raise self.bad(name, f"{day} is out of range")
        return day

    def amount(self, name: str, currency: str) -> int:
        """The field in minor units, by the profile's decimal mark only."""
        return self._minor(self.needed(name), currency, self.column(name))

    def amount_of(self, column: str, currency: str) -> int:
        """The cell of a column in minor units."""
        found = self.raw(column)
        if not found:
            raise BadCell(column, "is empty")
        return self._minor(found, currency, column)

    def _minor(self, found: str, currency: str, column: str) -> int:
        places = exponent(currency)
        match = _AMOUNT[self._profile.decimal].match(found)
        if found.startswith("-"):
            raise BadCell(column, f"{visible(found)[:40]!r} is less than nothing")
        if not match or len(match[2] or "") > places or len(match[1]) > 15 - places:
            raise BadCell(column, f"{visible(found)[:40]!r} is not an amount with at most {places} decimals")
        return int(match[1] + (match[2] or "").ljust(places, "0"))

    def raw(self, column: str) -> str:
        """The cell of a column as it stands, blanks around it gone."""
        return self._row[column].strip()

    def bad_column(self, column: str, why: str) -> "BadCell":
        """A refusal that names a column of the file."""
        return BadCell(column, why)

    def yes(self, name: str) -> bool:
        """The field as yes or no; empty is no."""
        found = self.text(name).lower()
        if found in ("", "no", "n", "false", "0"):
            return False
        if found in ("yes", "y", "true", "1"):
            return True
        raise self.bad(name, f"{visible(found)[:40]!r} is neither yes nor no")


def count_lines(path: Path) -> int:
    """How many lines the file has, for a progress bar; quoted line breaks count too.

    Raises:
        InvalidInput: It cannot be read.
    """
    try:
        if not path.is_file():
            return 1  # a pipe can be read only once, so its bar has no end
        with path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    except OSError as error:
        raise InvalidInput(f"The file {visible(str(path))} cannot be read: {error.strerror}.") from None


def read_rows(path: Path, profile: Profile) -> Iterator[Cells | Rejection]:
    """The rows of the file in order; what is not a row of this file comes as a rejection.

    Raises:
        InvalidInput: The file cannot be read at all: missing, no header, a column is missing or stands there twice.
    """
    try:
        # surrogateescape: bytes of another encoding reject their row, not the file.
        with path.open(encoding=profile.encoding, newline="", errors="surrogateescape") as file:
            yield from _rows(_Records(file, profile.delimiter), path, profile)
    except OSError as error:
        raise InvalidInput(f"The file {visible(str(path))} cannot be read: {error.strerror}.") from None


def service_columns(profile: Profile) -> list[str]:
    """The columns that the service of each customer is read from."""
    one = profile.service
    return [] if one is None else list(dict.fromkeys([one.price, one.tenure, *(p.column for p in one.parts)]))


class _Records:
    """Splits lines into cells. A quote that is never closed costs its own line, not what follows."""

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self._lines = lines
        self._again: list[str] = []
        self._delimiter = delimiter
        self.line = 0

    def _next(self) -> str | None:
        return self._again.pop(0) if self._again else next(self._lines, None)

    def next(self) -> tuple[int, list[str] | str] | None:
        """First line of a record and its cells, or what is wrong with it; None at the end."""
        text = self._next()
        if text is None:
            return None
        self.line += 1
        first, taken = self.line, [text]
        while True:
            try:
                return first, next(csv.reader(taken, delimiter=self._delimiter, strict=True), [])
            except csv.Error as error:
                problem = str(error)
            more = self._next() if problem == "unexpected end of data" and len(taken) < _MAX_LINES else None
            if more is None:
                self._again = taken[1:] + self._again
                self.line = first
                unclosed = "has a quote that is not closed"
                return first, unclosed if problem == "unexpected end of data" else f"is not a row of a CSV file: {problem}"
            taken.append(more)
            self.line += 1


def _rows(records: _Records, path: Path, profile: Profile) -> Iterator[Cells | Rejection]:
    header = records.next()
    if header is None or not header[1] or isinstance(header[1], str):
        raise InvalidInput(f"The file {visible(str(path))} is empty or has no header; its first line must name the columns.")
    names = [h.strip() for h in header[1]]
    wanted = [*profile.columns.items(), *(("service", (c,)) for c in service_columns(profile))]
    for field, columns in wanted:
        for column in columns:
            if names.count(column) != 1:
                how = "has no column" if column not in names else "has more than one column"
                have = visible(", ".join(names))[:200]
                raise InvalidInput(f"The file {visible(str(path))} {how} {column!r} for {field}; it has {have}.")
    while (found := records.next()) is not None:
        line, row = found
        if isinstance(row, str):
            yield Rejection(line, "", row)
        elif not any(cell.strip() for cell in row):
            continue
        elif len(row) != len(names):
            yield Rejection(line, "", f"has {len(row)} cells, the header has {len(names)}")
        elif any("\ud800" <= c <= "\udfff" for cell in row for c in cell if not cell.isascii()):
            yield Rejection(
                line, "", f"has bytes that are not {profile.encoding.removesuffix('-sig')}; name the encoding in the profile"
            )
        else:
            yield Cells(profile, dict(zip(names, row, strict=True)), line)
