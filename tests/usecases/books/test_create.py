"""A new book: what it refuses to stand beside, two at once, and one that was killed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netbill_tui.errors import (
    InvalidInput,
    Refused,
)
from netbill_tui.usecases.books import backups, create
from netbill_tui.usecases.books.create import NewBook, make_book
from netbill_tui.usecases.core.open_book import open_book
from tests.conftest import CLOCK, NEW, TODAY, Desk


def test_of_two_inits_at_once_one_wins_and_the_other_takes_nothing_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tmp_path.chmod(0o700)
    target = str(tmp_path / "race.db")
    real, rivals = create._fill, []

    def fill_while_another_finishes(*args: object) -> object:
        if not rivals:
            rivals.append(True)
            create.make_book(target, NEW, clock=CLOCK).session.db.close()
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(create, "_fill", fill_while_another_finishes)
    with pytest.raises(Refused, match="already"):
        create.make_book(target, NEW, clock=CLOCK)
    open_book(target, clock=CLOCK).db.close()
    assert sorted(p.name for p in tmp_path.iterdir() if "making" in p.name) == []


def test_a_killed_init_leaves_a_place_to_begin_again(tmp_path: Path):
    tmp_path.chmod(0o700)
    target = tmp_path / "k.db"
    (tmp_path / f"k.db.making-{os.getpid() + 1}").write_bytes(b"half")
    create.make_book(str(target), NEW, clock=CLOCK).session.db.close()
    assert TODAY
    assert target.exists()


@pytest.mark.parametrize("left", ["", "-wal", "-shm", "-journal"])
def test_a_book_is_not_made_beside_what_another_one_left(tmp_path: Path, left: str):
    folder = tmp_path / "books"
    folder.mkdir(mode=0o700)
    (folder / f"b.db{left}").write_bytes(b"left by a program that was killed")
    with pytest.raises(Refused, match="something at"):
        make_book(str(folder / "b.db"), NEW)
    assert [p.name for p in folder.iterdir()] == [f"b.db{left}"]


def test_a_folder_that_only_looks_like_a_leftover_stays(sqlite_desk: Desk, tmp_path: Path):
    d = sqlite_desk
    place = Path(d.target).parent
    mine = place / ".netbill-copy-old"
    mine.mkdir(mode=0o700)
    (mine / "2025.txt").write_text("kept")
    backups.sweep(place)
    assert (mine / "2025.txt").read_text() == "kept"
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o700)
    left = shared / ".netbill-copy-4194399-abcdefgh"
    left.mkdir(mode=0o700)
    (left / "book.db").write_text("a plain copy")
    shared.chmod(0o777)
    backups.sweep(shared)
    assert left.exists()
    shared.chmod(0o700)
    backups.sweep(shared)
    assert not left.exists()


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="mounting takes root and unshare")
def test_a_book_whose_file_alone_is_mounted_is_not_opened(sqlite_desk: Desk, tmp_path: Path):
    sqlite_desk.session.db.close()
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    (other / "b.db").touch(mode=0o600)
    code = "import sys\nfrom netbill_tui.usecases.core.open_book import open_book\ntry:\n    open_book(sys.argv[1])\nexcept Exception as e:\n    print(e)"
    words = f"mount --bind {sqlite_desk.target} {other}/b.db && exec {sys.executable} -c '{code}' {other}/b.db"
    done = subprocess.run(["unshare", "-m", "sh", "-c", words], capture_output=True, text=True, check=False)
    if done.returncode and "mount" in done.stderr:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    assert "is a mount point of its own" in done.stdout, done


@pytest.mark.parametrize("wrong", [
    {"company": ""}, {"currency": "XXX"}, {"timezone": "Mars/Olympus"}, {"country": "ZZ"}, {"operator": "a b"}, {"password": "short"},
])  # fmt: skip
def test_a_book_that_cannot_be_is_not_made(tmp_path: Path, wrong: dict[str, str]):
    given = {"company": "Acme", "currency": "EUR", "timezone": "UTC", "country": "", "operator": "boss", "password": None} | wrong
    with pytest.raises(InvalidInput):
        make_book(str(tmp_path / "x.db"), NewBook(**given), clock=CLOCK)  # type: ignore[arg-type]
    assert list(tmp_path.glob("x.db*")) == []
