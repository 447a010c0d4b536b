"""R17: bytes of the book's file are overwritten anywhere: verify says so and names what is hit, or nothing of the book changed."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

from netbill_tui.db.core import scanning
from netbill_tui.errors import Damaged, NetbillError
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.verify.book import scan, verify
from tests.proof import changes, tampering
from tests.proof.books import sign_in
from tests.proof.report import Report, Run, proof


def _content(path: Path) -> object:
    """The schema and every value that verify looks at, as bytes; None where SQLite cannot read them all."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as c:
            c.text_factory = bytes
            schema = c.execute(
                "select type, name, tbl_name, sql from sqlite_master where sql is not null order by name"
            ).fetchall()
            tables = [row[1].decode() for row in schema if row[0] == b"table"]
            return schema, [sorted(map(repr, c.execute(f"select {_covered(c, name)} from {name}"))) for name in tables]
    except (sqlite3.Error, UnicodeError):
        return None


def _covered(c: sqlite3.Connection, table: str) -> str:
    """The columns that verify looks at."""
    names = [row[1].decode() for row in c.execute(f"pragma table_info({table})")]
    return ", ".join(n for n in names if f"{table}.{n}" not in changes.UNCOVERED) or "1"


def _said(path: Path) -> list[str]:
    """What `netbill verify` answers for a file: nothing where the book is sound."""
    try:
        session = sign_in(str(path))
    except Damaged:
        return [f"{c.name}: {b}" for c in [scan(str(path))] for b in c.broken]
    except NetbillError:
        try:
            session = open_book(str(path))  # whoever cannot sign in is told what is wrong all the same
        except NetbillError as error:
            return [str(error)]
    try:
        return [f"{c.name}: {b}" for c in verify(session, every_cell=True) for b in c.broken]
    except NetbillError as error:
        return [str(error)]
    finally:
        session.db.close()


@proof("R17", "bytes overwritten anywhere in the file: verify names what is hit, or nothing of the book changed", "blind")
def r17(run: Run) -> Report:
    report = Report()
    target, _ = changes.filled(run.place)
    whole, data = _content(target), target.read_bytes()
    if run.sabotage == "blind":
        scanning.damages = lambda _: []
    chance, count = random.Random(run.seed), run.size(120, 3_000)
    named = harmless = 0
    for n in range(count):
        at, width = chance.randrange(len(data)), (1, 1, 16, 512)[n % 4]
        # Where there is nothing a byte hits nothing: most fall where something stands.
        while n % 3 and data[at] == 0:
            at = chance.randrange(len(data))
        copy = run.place / "damaged.db"
        for left in run.place.glob("damaged.db*"):
            left.unlink()
        tampering.copied(target, copy, data[:at] + chance.randbytes(width) + data[at + width :])
        content = _content(copy)  # before anybody signs in to it
        said = _said(copy)
        if said:
            named += 1
            report.must(bool(said[0]), f"byte {at}: an empty sentence")
        else:
            same = content == whole
            harmless += same
            report.must(same, f"byte {at}, {width} wide: the book changed and verify is silent")
    page = int.from_bytes(data[16:18])
    blank = run.place / "damaged.db"
    for number in chance.sample(range(2, len(data) // page), run.size(20, 100)):
        for left in run.place.glob("damaged.db*"):
            left.unlink()
        tampering.copied(target, blank, data[: (number - 1) * page] + b"\xff" * page + data[number * page :])
        said = _said(blank)
        report.must(any(f"age {number}" in s for s in said), f"page {number} was overwritten and is not named: {said[:1]}")
    report.figures = {
        "damages": count,
        "named": named,
        "nothing of the book hit": harmless,
        "whole pages named": run.size(20, 100),
    }
    return report
