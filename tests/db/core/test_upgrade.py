"""Books of versions 0.3 and 0.6, as their programs left them, are brought to this version: signed, sound, nothing in them changed."""

import json
import sqlite3
from pathlib import Path

import pytest

from netbill_tui.db.core import migrate
from netbill_tui.db.core.opening import open_database
from tests.conftest import Run

OLD = Path(__file__).with_name("book_0_3.sql")
SIX = Path(__file__).with_name("book_0_6.sql")


@pytest.fixture
def old_book(tmp_path: Path, netbill: Run) -> Path:
    path = tmp_path / "acme.db"
    with sqlite3.connect(path) as db:
        db.executescript(OLD.read_text(encoding="utf-8"))
    path.chmod(0o600)
    return path


def posted(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(path) as db:
        return {
            name: sorted(db.execute(f"select * from {name}").fetchall())
            for name in ("customer_sealed", "entry", "payment", "customer_email")
            if db.execute("select 1 from sqlite_master where name = ?", (name,)).fetchone()
        }


def test_older_book_is_refused_with_what_to_do(old_book: Path, netbill: Run) -> None:
    done = netbill("customer", "C1")
    assert done.code == 78
    assert "init --upgrade" in done.err


def test_upgrade_signs_everything_and_changes_no_history(old_book: Path, netbill: Run) -> None:
    before = posted(old_book)
    assert before["payment"]
    netbill("init", "--upgrade", check=0)
    assert posted(old_book) == before
    netbill("verify", check=0)
    assert [o["status"] for o in netbill("operator", "--json", check=0).json] == ["active"]
    netbill("pay", "C1", "5", "--method", "cash", "--yes", check=0)
    found = json.loads(netbill("customer", "C1", "--contact", "--json", check=0).out)
    assert "john@example.org" in json.dumps(found)
    netbill("verify", check=0)
    again = netbill("init", "--upgrade")
    assert again.code == 0
    assert "0 migrations applied" in again.out


def test_upgrade_needs_an_administrators_password(old_book: Path, netbill: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("another-otter-lantern-92\n")
    wrong.chmod(0o600)
    done = netbill("init", "--upgrade", env={"NETBILL_PASSWORD_FILE": str(wrong)})
    assert done.code != 0
    with sqlite3.connect(old_book) as db:
        assert db.execute("select count(*) from audit_event where action like 'operator%'").fetchone() == (0,)


@pytest.fixture
def book_0_6(tmp_path: Path, netbill: Run) -> Path:
    """A signed book whose records were vouched for, but not its tags, former names, runs and parked customers."""
    path = tmp_path / "acme.db"
    with sqlite3.connect(path) as db:
        db.executescript(SIX.read_text(encoding="utf-8"))
    path.chmod(0o600)
    return path


def vouched(path: Path) -> set[str]:
    with sqlite3.connect(path) as db:
        return {kind for (kind,) in db.execute("select distinct kind from record_version")}


def change(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as db:
        db.execute(statement)


def test_kinds_that_came_later_are_vouched_for_once(book_0_6: Path, netbill: Run) -> None:
    assert "init --upgrade" in netbill("customer", "C1", check=78).err
    assert "marks" not in vouched(book_0_6)
    said = netbill("init", "--upgrade", check=0).out
    assert "vouched for" in said
    assert {"marks", "former", "settings", "run", "waiting"} <= vouched(book_0_6)
    netbill("verify", check=0)
    assert "0 migrations applied" in netbill("init", "--upgrade", check=0).out
    change(book_0_6, "update customer_tag set tag = 'gold'")
    found = netbill("verify", check=1).out
    assert "tags and pinned notes of C1 is not as it was last written" in found
    # What was put in later is not vouched for by another upgrade.
    netbill("init", "--upgrade", check=0)
    netbill("verify", check=1)


def test_an_upgrade_that_was_interrupted_behind_its_migrations_goes_on(book_0_6: Path, netbill: Run, tmp_path: Path) -> None:
    database = open_database(str(book_0_6))
    migrate.upgrade(database)
    database.close()
    assert "netbill init --upgrade" in netbill("verify", check=1).out
    netbill("tag", "C2", "late", check=0)
    netbill("init", "--upgrade", check=0)
    netbill("verify", check=0)


@pytest.mark.parametrize("step", ["customer -1", "marks 0", "nonsense"])
def test_a_step_that_somebody_put_in_is_refused(book_0_6: Path, netbill: Run, step: str) -> None:
    netbill("init", "--upgrade", check=0)
    change(book_0_6, f"insert into keeping (name, value) values ('upgrade', '{step}')")
    refused = netbill("init", "--upgrade", check=78).err
    assert "another program wrote it" in refused
