"""What of a damaged file is hit: its pages, by number, and the table or index that each belongs to.

It reads with SQLite alone and needs no table of the book to be whole, not even its schema.
"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from netbill_tui.db.core import files

_MAGIC = b"SQLite format 3\x00"
_MOST = 200
_INNER, _LEAF = 5, 13  # kinds of pages of a table
_PAGE = re.compile(r"\b[Pp]age (\d+)")
_TREE = re.compile(r"\bTree (\d+)")


def scan(path: Path) -> list[str]:
    """As `damages`, of a file that this process has not open: its head is looked at by hand first.

    Raises:
        OSError: It cannot be read.
    """
    return list(_of_header(path)) or list(_of_schema(path)) or damages(path)


def damages(path: Path, *, quick: bool = False) -> list[str]:
    """What SQLite finds wrong with the pages of a file, each with what it hits; empty where it finds nothing.

    Args:
        path: Of the book; its log beside it is read too.
        quick: Leave out whether the indexes fit their tables.
    """
    try:
        with closing(sqlite3.connect(files.uri(path, "ro"), uri=True)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            return of_connection(connection, quick=quick)
    except (sqlite3.Error, UnicodeError):
        return ["page 1, which holds the schema of the book, or one behind it that it needs, cannot be read"]


def unreadable(path: Path) -> list[str]:
    """Cells whose bytes are no text, with column, row and table: for where a read met one, for it reads the whole book."""
    findings: list[str] = []
    with suppress(sqlite3.Error, UnicodeError), closing(sqlite3.connect(files.uri(path, "ro"), uri=True)) as connection:
        connection.text_factory = _text
        for (table,) in connection.execute("select name from sqlite_master where type = 'table' order by name").fetchall():
            rows = connection.execute(f'select * from "{table}"')
            for row in rows:
                wrong = [at for at, value in enumerate(row) if value is _NO_TEXT]
                findings += [f"{rows.description[at][0]} of row {_shown(row[0])} of {table} is not text" for at in wrong]
                if len(findings) >= _MOST:
                    return findings
    return findings


_NO_TEXT = object()


def _text(raw: bytes) -> object:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return _NO_TEXT


def _shown(key: object) -> str:
    return key.hex() if isinstance(key, bytes) else "?" if key is _NO_TEXT else str(key)


def of_connection(connection: sqlite3.Connection, *, quick: bool = False) -> list[str]:
    """As `damages`, through a connection that nobody else may have beside it.

    Raises:
        sqlite3.Error: Not even the schema can be read.
    """
    return list(_named(connection, ("quick_check",) if quick else ("quick_check", "integrity_check")))


def _of_header(path: Path) -> Iterator[str]:
    """A file that does not begin like one of SQLite, or ends in the middle of a page."""
    with path.open("rb") as file:
        head = file.read(100)
    if head[:16] != _MAGIC:
        yield "page 1 (the head of the file) is not that of a book"
        return
    size = _page_size(head)
    if size < 512 or size & (size - 1):
        yield f"page 1 (the head of the file) says a page has {size} bytes"
    elif os.path.getsize(path) % size:
        yield f"the file ends in the middle of its page {os.path.getsize(path) // size + 1}"


def _page_size(head: bytes) -> int:
    """As the head of a file tells it, where 1 stands for what two bytes cannot hold."""
    size = int.from_bytes(head[16:18])
    return 65536 if size == 1 else size


def _of_schema(path: Path) -> Iterator[str]:
    """The pages of the schema, which SQLite needs before it says anything of the others."""
    with path.open("rb") as file:
        size = _page_size(file.read(18))
        waiting, seen = [1], set[int]()
        while waiting:
            number = waiting.pop()
            file.seek(max(number - 1, 0) * size)
            page = file.read(size)
            head = 100 if number == 1 else 0
            if number < 1 or number in seen or len(page) < size or page[head] not in (_INNER, _LEAF):
                yield f"page {number} (of the schema) cannot be read"
                continue
            seen.add(number)
            if page[head] == _INNER:
                cells = int.from_bytes(page[head + 3 : head + 5])
                at = [int.from_bytes(page[head + 12 + 2 * n : head + 14 + 2 * n]) for n in range(cells)]
                waiting += [int.from_bytes(page[a : a + 4]) for a in at] + [int.from_bytes(page[head + 8 : head + 12])]


def _named(connection: sqlite3.Connection, checks: tuple[str, ...]) -> Iterator[str]:
    roots = dict(connection.execute("select rootpage, name from sqlite_master where rootpage > 0").fetchall()) | {1: "the schema"}
    # The quick one names pages where the long one gives up.
    lines = [line for check in checks for line in _findings(connection, check)]
    owners, torn = _owners(connection) if lines else ({}, set())
    seen: set[int] = set()
    for line in dict.fromkeys(lines):
        pages = {int(n) for n in _PAGE.findall(line)}
        seen |= pages
        hit = {owners.get(n) or roots.get(n) for n in pages} | {roots.get(int(n)) for n in _TREE.findall(line)}
        names = ", ".join(sorted(n for n in hit if n))
        yield line + (f" (in {names})" if names else "")
    for number in sorted(torn - seen):
        yield f"page {number} cannot be read (in {owners[number]})"


def _findings(connection: sqlite3.Connection, check: str) -> list[str]:
    lines: list[str] = []
    try:
        for row in connection.execute(f"pragma {check}({_MOST})"):
            lines += str(row[0]).splitlines()
    except sqlite3.DatabaseError as error:
        lines.append(str(error))
    return [line for line in lines if line != "ok" and not line.startswith("***")]


def _owners(connection: sqlite3.Connection) -> tuple[dict[int, str], set[int]]:
    """The table or index of each page, and the pages that cannot be read, where this SQLite can say."""
    owners: dict[int, str] = {}
    torn: set[int] = set()
    try:
        for name, page, kind in connection.execute("select name, pageno, pagetype from dbstat"):
            owners[int(page)] = str(name)
            if kind == "corrupted":
                torn.add(int(page))
    except sqlite3.Error:
        return owners, torn  # As far as the tree is whole.
    return owners, torn
