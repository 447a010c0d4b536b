"""A book of version 0.3, as its program left it, is brought to this version: signed, sound, and nothing in it changed."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.conftest import Run

OLD = Path(__file__).with_name("book_0_3.sql")


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
