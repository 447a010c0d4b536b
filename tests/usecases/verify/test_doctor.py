"""What the doctor says of a server's statistics."""

import time

from netbill_tui.usecases.books.create import make_book
from netbill_tui.usecases.verify.doctor import examine
from tests.conftest import CLOCK, NEW, Desk


def told(desk: Desk) -> tuple[str, str]:
    (finding,) = [f for f in examine(desk.session, desk.target) if f.name == "statistics"]
    return finding.state, finding.text


def until(desk: Desk, state: str) -> str:
    """A server counts changes a moment after they were made."""
    for _ in range(200):
        now, text = told(desk)
        if now == state:
            return text
        time.sleep(0.05)
    raise AssertionError(f"never {state}: {told(desk)}")


def test_tables_that_grew_since_they_were_counted_are_named_until_they_are_counted(database_url: str):
    made = make_book(database_url, NEW, clock=CLOCK)
    desk = Desk(made.session, database_url, made)
    desk.session.db.analyze()
    assert desk.column("select reltuples from pg_class where relname = 'search_term'") == [-1], "a small one is not counted"
    until(desk, "ok")
    desk.session.db.peewee.execute_sql("insert into search_term select 'w' || n, 1 from generate_series(1, 5000) n")
    text = until(desk, "warning")
    assert "search_term" in text
    assert "analyze" in text
    desk.session.db.analyze()
    assert "counted" in until(desk, "ok")
    assert desk.column("select reltuples from pg_class where relname = 'search_term'") == [5000]
    desk.session.db.close()


def test_a_file_needs_none(sqlite_desk: Desk):
    assert told(sqlite_desk) == ("ok", "a file needs none")
