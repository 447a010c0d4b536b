"""How somebody's file of rows is laid out: encoding, separator, where its header stands, what stands below its rows."""

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from netbill_tui.errors import InvalidInput
from netbill_tui.text import fold, visible

DELIMITERS = ",;\t|"
HEADER_WITHIN = 60  # records of a preamble at the most
# A record of more lines is taken for a quote that somebody forgot to close.
_MAX_LINES = 50
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEP = re.compile(r"sep=(.)\r?\n?\Z", re.IGNORECASE)
_TOTAL = re.compile(
    r"(?:grand |sub ?)?totals?|sum(?:me)?|gesamt(?:summe)?|saldo|(?:closing |opening |ending )?balance|"
    r"end of (?:file|report|list|statement)|(?:number of )?(?:records|rows|transactions)|\(?\d+ rows?(?: affected)?\)?"
)


def open_text(path: Path, encoding: str) -> TextIO:
    """The file as text; bytes of another encoding come as lone surrogates, so that they refuse their row and not the file."""
    return path.open(encoding=encoding, newline="", errors="surrogateescape")


def unreadable(path: Path, error: OSError) -> InvalidInput:
    """The sentence for a file that cannot be opened."""
    return InvalidInput(f"The file {visible(str(path))} cannot be read: {error.strerror}.")


def encoding_of(path: Path) -> tuple[str, str]:
    """The encoding of a whole file, and what is doubtful about it.

    A file is UTF-8 where it holds more letters in it than bytes that are none: one bad byte refuses its row, not the others.
    """
    good, bad, high = _measure(path)
    if isinstance(good, str):
        return good, ""
    if not bad:
        return "utf-8", ""
    if good > bad:
        return "utf-8", ""
    with path.open("rb") as file:
        nul = b"\0" in file.read(4096)
    if nul:
        return "utf-8", 'It holds zero bytes, as UTF-16 without its mark does; write encoding = "utf-16-le" into the profile.'
    odd = high > 20 and bad > high * 0.9 and _mostly_high(path)
    doubt = "Its letters are in an encoding that cannot be told, such as cp1251 or shift_jis; write it into the profile."
    return "cp1252", doubt if odd else ""


def _measure(path: Path) -> tuple[int | str, int, int]:
    """Letters of several UTF-8 bytes, bytes that are no UTF-8, and bytes above ASCII; or the encoding that a mark names."""
    good = bad = high = 0
    with path.open("rb") as file:
        head = file.read(4)
        marked = next((name for mark, name in _BOMS if head.startswith(mark)), None)
        if marked is not None:
            return marked, 0, 0
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        while block := file.read(1 << 20):
            if block.isascii() and not decoder.getstate()[0]:
                continue
            text = decoder.decode(block)
            wrong = sum(1 for c in text if "\udc80" <= c <= "\udcff")
            several = sum(1 for c in text if c > "\x7f") - wrong
            good, bad, high = good + several, bad + wrong, high + wrong + several
        bad += sum(1 for c in decoder.decode(b"", final=True) if "\udc80" <= c <= "\udcff")
    return good, bad, high


def _mostly_high(path: Path) -> bool:
    """Whether most letters stand above ASCII, as in scripts that cp1252 has no letters of."""
    with path.open("rb") as file:
        block = file.read(1 << 16)
    letters = sum(1 for b in block if chr(b).isalpha() and b < 128)
    return sum(1 for b in block if b > 127) > letters / 2


class Records:
    """Splits lines into cells. A quote that is never closed costs its own line, not what follows."""

    def __init__(self, lines: Iterator[str], delimiter: str, skip: int = 0) -> None:
        self._lines = lines
        self._put_back: list[str] = []
        self._delimiter = delimiter
        self.line = 0
        for _ in range(skip):
            self._next()
            self.line += 1

    def _next(self) -> str | None:
        return self._put_back.pop(0) if self._put_back else next(self._lines, None)

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
                self._put_back = taken[1:] + self._put_back
                self.line = first
                unclosed = "has a quote that is not closed"
                return first, unclosed if problem == "unexpected end of data" else f"is not a row of a CSV file: {problem}"
            taken.append(more)
            self.line += 1

    def find_header(self, fits: Callable[[list[str]], bool]) -> list[str] | None:
        """The cells of the first record that fits, among the first; None where none does."""
        for _ in range(HEADER_WITHIN):
            record = self.next()
            if record is None:
                return None
            names = [plain_name(c) for c in record[1]] if isinstance(record[1], list) else []
            if any(names) and fits(names):
                return names
        return None


def plain_name(cell: str) -> str:
    """The name of a column as it is compared: without marks and blanks around it."""
    return cell.strip().strip("\ufeff").strip()


def is_total(row: Sequence[str], columns: int) -> bool:
    """Whether a row looks like what programs write below the rows: a total, a balance, a count."""
    cells = [c.strip() for c in row if c.strip()]
    return bool(cells) and len(cells) <= max(columns - 1, 1) and _TOTAL.fullmatch(fold(cells[0]).strip(" :=-*")) is not None


class Layout(NamedTuple):
    """How a file is laid out.

    Attributes:
        skip: Physical lines before its header.
        rows: Its records below the header, as they are split, with what stands before footers left in.
    """

    encoding: str
    delimiter: str
    skip: int
    header: list[str]
    doubts: list[str]


def measure(path: Path, known: Callable[[str], bool]) -> Layout:
    """How the file is laid out, by the whole of it.

    Args:
        path: The file.
        known: Whether a column's name is one that files of ours have.

    Raises:
        InvalidInput: It cannot be read, or holds no header of several columns.
    """
    try:
        if not path.is_file():
            raise InvalidInput(f"{visible(str(path))} cannot be read twice for guessing; give --profile to import it.")
        encoding, doubt = encoding_of(path)
        with open_text(path, encoding) as file:
            head = [line for line, _ in zip(file, range(HEADER_WITHIN * 2), strict=False)]
    except OSError as error:
        raise unreadable(path, error) from None
    except UnicodeError as error:
        raise InvalidInput(f"The file {visible(str(path))} is not text in {encoding}: {error.__class__.__name__}.") from None
    match = _SEP.match(head[0].lstrip("\ufeff")) if head else None
    delimiter = match[1] if match else max(DELIMITERS, key=lambda d: _fit(head, d))
    best = _header_at(head, delimiter, known)
    if best is None:
        raise InvalidInput(
            f"The file {visible(str(path))} has no header with several columns; one of its first lines must name them."
        )
    skip, header = best
    return Layout(encoding, delimiter, skip, header, [doubt] if doubt else [])


def _fit(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    """How many records have the commonest number of cells above one, and that number."""
    counts: dict[int, int] = {}
    for _, cells in _records(lines, delimiter):
        if len(cells) > 1:
            counts[len(cells)] = counts.get(len(cells), 0) + 1
    best = max(counts, key=lambda n: (counts[n], n), default=0)
    return counts.get(best, 0), best


def _records(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    records = Records(iter(lines), delimiter)
    while (record := records.next()) is not None:
        if isinstance(record[1], list):
            yield record[0], record[1]


def _header_at(lines: Sequence[str], delimiter: str, known: Callable[[str], bool]) -> tuple[int, list[str]] | None:
    """Lines before the header and its cells: the record with most names that are known, the first of equals."""
    best: tuple[int, int, list[str]] | None = None
    for line, cells in _records(lines, delimiter):
        names = [plain_name(c) for c in cells]
        if sum(1 for n in names if n) < 2:
            continue
        # Each once: a row that says `No` in ten columns names nothing.
        score = len({fold(n) for n in names if n and known(n)})
        if best is None or score > best[0]:
            best = (score, line - 1, names)
    return None if best is None else (best[1], best[2])
