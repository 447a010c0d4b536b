"""Reading a CSV by a profile: every row becomes fields, or a rejection with line, column and reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.fields import Fields
from netbill_tui.integrations.layout import Records, is_total, open_text, unreadable
from netbill_tui.integrations.profiles import NUMBER_FIELDS, QUALIFIERS, Profile
from netbill_tui.integrations.values import read_amount, read_date, shown, tidy, unspoken
from netbill_tui.text import counted, fold, visible


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was left out."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Footer:
    """What stands below the rows and is none: a total, a count."""

    line: int
    text: str


class BadCell(Exception):
    """A cell that cannot be taken; becomes a Rejection with its line."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


class Cells(Fields):
    """One row of the file: its fields by our names."""

    __slots__ = ("_profile", "_row")

    def __init__(self, profile: Profile, row: dict[str, str], line: int) -> None:
        self._profile = profile
        self._row = row
        self.line = line

    def column(self, name: str) -> str:
        """The file's column of a field, for a sentence about it."""
        return ", ".join(self._profile.columns.get(name, (name,)))

    def bad(self, name: str, reason: str) -> BadCell:
        """A refusal of this field."""
        return BadCell(self.column(name), unspoken(name, reason))

    def has(self, name: str) -> bool:
        """True when the profile says something about the field."""
        return name in self._profile.columns or name in self._profile.defaults

    def filled(self, name: str) -> bool:
        """True when the file itself says something in the field."""
        return name in self._profile.columns and bool(self._own(name))

    def text(self, name: str) -> str:
        """The field as text, mapped by the profile, blanks around it gone; empty where there is none."""
        return self._own(name) or self._profile.defaults.get(name, "")

    def _own(self, name: str) -> str:
        parts = []
        mapping = self._profile.values.get(name, {})
        for column in self._profile.columns.get(name, ()):
            raw = tidy(self._row[column], breaks=", " if name in ("street", "address") else " ", number=name in NUMBER_FIELDS)
            # `Column=value` tells apart the same word in two columns of one field.
            parts.append(mapping.get(f"{column}={raw}", mapping.get(raw, raw)))
        return ", ".join(m for m in parts if m)

    def date(self, name: str) -> date | None:
        """The field as a date in the profile's form; None where it is empty."""
        text = self.text(name)
        if not text:
            return None
        form = self._profile.dates.get(name, self._profile.date_format)
        day = read_date(text, form, zone=self._profile.zone, today=self._profile.today)
        if day is None:
            shape = form.replace("%d", "DD").replace("%m", "MM").replace("%Y", "YYYY").replace("%y", "YY")
            raise self.bad(name, f"{shown(text)} is not a date in the form {shape}")
        return self.in_range(name, day)

    def amount(self, name: str, currency: str) -> int:
        """The field in minor units, as the profile says amounts are written; never below zero."""
        return self._minor(self.needed(name), currency, self.column(name))

    def signed(self, name: str, currency: str) -> int:
        """The field in minor units, which may be below zero; 0 where it is empty."""
        text = self.text(name)
        return self._minor(text, currency, self.column(name), negative=True) if text else 0

    def amount_of(self, column: str, currency: str) -> int:
        """The cell of a column in minor units."""
        text = tidy(self.raw(column))
        if not text:
            raise BadCell(column, "is empty")
        return self._minor(text, currency, column)

    def _minor(self, text: str, currency: str, column: str, *, negative: bool = False) -> int:
        try:
            minor = read_amount(text, self._profile.amounts, currency)
        except ValueError as wrong:
            raise BadCell(column, f"{shown(text)} is not an amount: it {wrong}") from None
        if minor < 0 and not negative:
            raise BadCell(column, f"{shown(text)} is below zero")
        return minor

    def raw(self, column: str) -> str:
        """The cell of a column as it stands, blanks around it gone."""
        return self._row[column].strip()

    def bad_column(self, column: str, why: str) -> "BadCell":
        """A refusal that names a column of the file."""
        return BadCell(column, why)


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
        raise unreadable(path, error) from None


def read_rows(path: Path, profile: Profile) -> Iterator[Cells | Rejection | Footer]:
    """The rows of the file in order; what is not a row of this file comes as a rejection.

    Raises:
        InvalidInput: The file cannot be read at all: missing, no header, a column is missing or stands there twice.
    """
    try:
        with open_text(path, profile.encoding) as file:
            yield from _rows(Records(file, profile.delimiter, profile.skip or 0), path, profile)
    except OSError as error:
        raise unreadable(path, error) from None
    except UnicodeError as error:
        raise InvalidInput(f"The file {visible(str(path))} is not {profile.encoding}: {visible(str(error))[:80]}.") from None


def service_columns(profile: Profile) -> list[str]:
    """The columns that the service of each customer is read from."""
    service = profile.service
    return [] if service is None else list(dict.fromkeys([service.price, service.tenure, *(p.column for p in service.parts)]))


def _header(records: Records, path: Path, profile: Profile) -> list[str]:
    """The names of the columns: the first record that has all that the profile asks for, or that `skip` leads to."""
    needed = [*profile.columns.items(), *(("service", (c,)) for c in service_columns(profile))]
    needed += [("[only]", (c,)) for c in profile.only]
    asked = {c for _, columns in needed for c in columns}
    seen: list[list[str]] = []

    def fits(names: list[str]) -> bool:
        seen.append(names)
        return profile.skip is not None or asked <= set(names)

    names = records.find_header(fits)
    if names is None and not seen:
        raise InvalidInput(f"The file {visible(str(path))} is empty or has no header; a first line must name the columns.")
    # Of a file without such a header the likeliest one is told.
    names = names if names is not None else max(seen, key=lambda row: (len(asked & set(row)), -seen.index(row)))
    for field, columns in needed:
        for column in columns:
            if names.count(column) != 1:
                how = "has no column" if column not in names else "has more than one column"
                have = visible(", ".join(names))[:200]
                raise InvalidInput(f"The file {visible(str(path))} {how} {column!r} for {field}; it has {have}.")
    _check_qualifiers(names, asked, path, profile)
    return names


def _check_qualifiers(names: list[str], asked: set[str], path: Path, profile: Profile) -> None:
    """Refuse a file with a column that says whether or how an amount counts, and that the profile passes over."""
    known = QUALIFIERS.get(profile.kind, {})
    for column in names:
        field = known.get("".join(c for c in fold(column) if c.isalnum()))
        if field and column not in asked and column not in profile.ignore:
            raise InvalidInput(
                f"The file {visible(str(path))} has a column {visible(column)!r}, which may say that an amount does not count; "
                f'write {field} = "{visible(column)}" under [columns], or ignore = ["{visible(column)}"] under [file].'
            )


def _rows(records: Records, path: Path, profile: Profile) -> Iterator[Cells | Rejection | Footer]:
    names = _header(records, path, profile)
    below: list[tuple[int, list[str]]] = []
    while (record := records.next()) is not None:
        line, row = record
        if isinstance(row, str):
            yield Rejection(line, "", row)
        elif not any(cell.strip() for cell in row):
            continue
        elif is_total(row, len(names)):
            below.append((line, row))
        else:
            # A total with rows behind it is none of the footer, and is no row either.
            yield from (Rejection(at, "", "looks like a total between the rows; take it out of the file") for at, _ in below)
            below = []
            yield _row(line, row, names, profile)
    yield from (Footer(at, visible(" ".join(c.strip() for c in row if c.strip()))[:60]) for at, row in below)


def _row(line: int, row: list[str], names: list[str], profile: Profile) -> Cells | Rejection:
    if len(row) > len(names) and not any(cell.strip() for cell in row[len(names) :]):
        row = row[: len(names)]
    if len(row) > len(names):
        return Rejection(line, "", f"has {counted(len(row), 'cell')}, the header has {len(names)}")
    if any("\ud800" <= c <= "\udfff" for cell in row for c in cell if not cell.isascii()):
        encoding = profile.encoding.removesuffix("-sig")
        return Rejection(line, "", f"has bytes that are not {encoding}; name the encoding in the profile")
    # Blank cells at the end of a row are left out by many programs; what is needed is asked for by its name.
    cells = dict(zip(names, [*row, *[""] * (len(names) - len(row))], strict=True))
    for column, values in profile.only.items():
        if tidy(cells[column]) not in values:
            return Rejection(line, column, f"{shown(tidy(cells[column]))} is not one of those taken: {', '.join(values)}")
    return Cells(profile, cells, line)
