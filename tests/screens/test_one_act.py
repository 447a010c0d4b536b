"""One act by the screen's keys, by the command and, where a file can do it, by an import: equal rows and equal events."""

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netbill_tui.cli.core.inside import run_in
from netbill_tui.integrations.profiles import Profile
from netbill_tui.settings import Settings
from netbill_tui.usecases.imports import files
from tests.conftest import TODAY, Desk, sound
from tests.screens.keys import line, opened, press, type_
from tests.usecases.billing_run.shop import shop

# Numbers and moments that every row has of its own; the request id names the sending, and who recorded it when is no content.
_OWN = {"id", "uid", "audit_seq", "recorded_at", "created_at", "request_uid", "at_us", "payment_id"}
_TABLES = (
    "payment", "payment_event", "allocation", "entry", "note", "dispute_event", "customer_tag", "customer", "customer_total", "open_item",
    "price", "service", "service_event", "service_state",
)  # fmt: skip
PAYMENTS = Profile("payments", {n: (n,) for n in ("account", "received", "amount", "method", "reference")})
CUSTOMERS = Profile("customers", {n: (n,) for n in ("account", "name", "status")})

# Act: keys after `:c C1`, typed as the operator does; the words of the command; the file.
ACTS: dict[str, tuple[tuple[str, ...], list[str], tuple[Profile, str] | None]] = {
    "payment": (
        ("=p", "=3", "enter", "+12.34", "enter", "+RF 77", "f10"), ["pay", "C1", "12.34", "--method", "card", "--reference", "RF 77"],
        (PAYMENTS, f"account,received,amount,method,reference\nC1,{TODAY},12.34,card,RF 77\n"),
    ),
    "reversal": (("=3", "=v", "+wrong account", "f10"), ["reverse", "R-10001", "--reason", "wrong account"], None),
    "note": (("=n", "+Called about the line", "enter"), ["note", "C1", "Called about the line"], None),
    "tag": (("=t", "+hold", "enter"), ["tag", "C1", "hold"], None),
    "status": (
        ("=d", "enter", "enter", "ctrl+u", "+suspended", "f10"), ["change-customer", "C1", "--set", "status=suspended"],
        (CUSTOMERS, 'account,name,status\nC1,"Smith, John",suspended\n'),
    ),
    "price": (
        (":catalogue A", "=i", "+35", "enter", "ctrl+u", "+2027-01-01", "f10"), ["price", "A", "35", "--from", "2027-01-01"], None,
    ),
    "service": (
        ("=7", "plus", "+A", "enter", "enter", "ctrl+u", "+2026-12-01", "f10"), ["service", "C1", "--code", "A", "--start", "2026-12-01"],
        None,
    ),
}  # fmt: skip


def rows(desk: Desk) -> dict[str, list[str]]:
    """What every table holds, without what each row has of its own."""
    made, db = {}, desk.session.db.peewee
    for table in _TABLES:
        names = [c.name for c in db.get_columns(table)]
        kept = [n for n in names if n not in _OWN]
        found = db.execute_sql(f"select {', '.join(kept)} from {table}").fetchall()
        made[table] = sorted(
            json.dumps([bytes(v).hex() if isinstance(v, (bytes, memoryview)) else v for v in row]) for row in found
        )
    return made


def events(desk: Desk, before: int) -> list[tuple[str, str, str]]:
    found = desk.session.db.peewee.execute_sql(
        f"select action, object, detail from audit_event where seq > {before} and action not in ('session.open', 'session.close', "
        "'contact.show', 'draft.keep') order by seq"
    ).fetchall()
    told = [(str(a), str(o), json.loads(d)) for a, o, d in found]
    return [(a, o, json.dumps({k: v for k, v in d.items() if k not in ("request", "claim")}, sort_keys=True)) for a, o, d in told]


@pytest.fixture
def prepared(sqlite_books: Callable[[Path], Iterator[Desk]], tmp_path: Path) -> Iterator[Callable[[str], Desk]]:
    """Books that are alike, one for each road."""
    with contextlib.ExitStack() as stack:

        def one(name: str) -> Desk:
            folder = tmp_path / name
            folder.mkdir(mode=0o700)
            desk = stack.enter_context(contextlib.contextmanager(sqlite_books)(folder))
            shop(desk)
            desk.customer("C1", "Smith, John")
            desk.invoice("C1", 3000, due=-40, number="INV-900001")
            desk.pay("C1", 500, reference="first")
            return desk

        yield one


@pytest.mark.parametrize("act", ACTS)
async def test_every_road_posts_the_same(prepared: Callable[[str], Desk], act: str, tmp_path: Path):
    keys, words, file = ACTS[act]
    by_keys, by_command = prepared("keys"), prepared("command")
    before = int(str(by_keys.column("select max(seq) from audit_event")[0]))
    at_first = rows(by_keys)
    async with opened(by_keys) as pilot:
        await line(pilot, "c C1")
        for part in keys:
            if part[0] == ":":
                await line(pilot, part[1:])
            elif part[0] == "+":
                await type_(pilot, part[1:])
            else:
                await press(pilot, part.removeprefix("="))
    assert rows(by_keys) != at_first, "the keys post something"
    settings = Settings(by_command.target, "boss")
    assert run_in(by_command.session, settings, words, io.StringIO()) == 0
    assert rows(by_command) == rows(by_keys)
    told = events(by_command, before)
    assert told == events(by_keys, before)
    assert len(told) == 1
    if file is not None:
        by_file = prepared("file")
        path = tmp_path / "f.csv"
        path.write_text(file[1])
        assert files.run(by_file.session, path, file[0]).rejected == []
        assert rows(by_file) == rows(by_command)
        assert [a for a, _, _ in events(by_file, before)] == ["import.begin", "import.batch", "import.end"]
        sound(by_file)
    sound(by_keys)
    sound(by_command)
