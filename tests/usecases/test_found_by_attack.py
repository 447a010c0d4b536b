"""What an attack on files, upgrade and clock found, each as it was tried."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netbill_tui.errors import BookProblem, ClockProblem, KeyProblem, Refused
from netbill_tui.terminal.incoming import Incoming
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.books import backups, sign_old_book
from netbill_tui.usecases.books.create import make_book
from netbill_tui.usecases.customers import profiles
from netbill_tui.usecases.receivables import overdue
from tests.conftest import NEW, Desk
from tests.usecases.test_clock import moved
from tests.usecases.test_operators import WORDS, at_desk, enrolled


def test_an_upgrade_signs_for_nobody_whose_signature_is_gone(desk: Desk):
    kim = enrolled(desk, "kim", "cashier", "0")
    with desk.session.db.write():
        desk.session.db.peewee.execute_sql("update operator set limit_minor = null, signature = null where name = 'kim'")
    with pytest.raises(BookProblem, match="not what an administrator signed"):
        sign_old_book.finish(desk.session)
    assert desk.column("select count(*) from audit_event where action = 'operator.sign'") == [0]
    assert desk.column("select count(*) from keeping where name = 'upgrade'") == [0]
    with pytest.raises(KeyProblem, match="not what an administrator signed"):
        sign_in.sign_in(at_desk(desk), "kim", WORDS)
    assert kim.operator is not None


def test_a_book_that_an_older_program_upgraded_whole_has_nothing_vouched_for(desk: Desk):
    """What has no version then was put in later; its created_at is the forger's to choose."""
    desk.customer("C1")
    with desk.session.db.write():
        execute = desk.session.db.peewee.execute_sql
        # As the older program left it: born unsigned, signed, all of it vouched for, no word of its end.
        for trigger in ("no_update", "no_delete"):
            if desk.session.db.kind == "sqlite":
                execute(f"drop trigger audit_event_{trigger}")
            else:
                execute("alter table audit_event disable trigger all")
        execute("update audit_event set detail = '{}' where action = 'book.init'")
        execute("update audit_event set action = 'record.vouch', object = 'catalogue' where action = 'test.customer'")
        execute("update customer set created_at = 0")
        if desk.session.db.kind == "sqlite":
            execute("drop trigger record_version_no_delete")
        else:
            execute("alter table record_version disable trigger all")
        execute("delete from record_version where kind = 'customer'")
    assert sign_old_book.step(desk.session) == "settle"
    assert sign_old_book.finish(desk.session) == (0, 0)
    assert desk.column("select count(*) from record_version where kind = 'customer'") == [0]


@pytest.mark.parametrize("left", ["", "-wal", "-shm", "-journal"])
def test_a_book_is_not_made_beside_what_another_one_left(tmp_path: Path, left: str):
    folder = tmp_path / "books"
    folder.mkdir(mode=0o700)
    (folder / f"b.db{left}").write_bytes(b"left by a program that was killed")
    with pytest.raises(Refused, match="something at"):
        make_book(str(folder / "b.db"), NEW)
    assert [p.name for p in folder.iterdir()] == [f"b.db{left}"]


def test_what_is_no_entry_does_not_move_the_clock(sqlite_desk: Desk):
    d = sqlite_desk
    d.customer("C1", profile=(("pin", "1234"),))
    d.invoice("C1", 3000, due=-10)
    d.invoice("C1", 5000, due=20)
    right = moved(d.session, days=400)
    assert profiles.caller_matches(d.session, "C1", "pin", "1234")
    with pytest.raises(ClockProblem):
        d.pay("C1", 1000)
    # A list is computed, and the kept sums stay as the others see them.
    assert [(r.account, r.overdue) for r in overdue.queue(d.session)] == [("C1", 8000)]
    right()
    assert d.column("select overdue from customer_total where account = 'C1'") == [3000]
    assert [(r.account, r.overdue) for r in overdue.queue(d.session)] == [("C1", 3000)]
    d.pay("C1", 1000)


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


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([b"\x1b]11;rgb", b":ffff/ffff", b"\x1b\\A"], "A"), ([b"\x1b[?6", b"4;1;2cA"], "A"), ([b"\x1bP1+r544e", b"=787465\x1b", b"\\A"], "A"),
        ([b"a\x1b[", b"B"], "a\x1b[B"), ([b"\x1b[200~AB\x1bPXYZ\x07CD\x1b[201~E"], "\x1b[200~AB\ufffdPXYZ\x07CD\x1b[201~E"),
        ([b"\x1b[200~A\x1b]0;x", b"\x07B\x1b[201~"], "\x1b[200~A\ufffd]0;x\x07B\x1b[201~"), ([b"M\xc3", b"\xbcller"], "Müller"),
        ([b"\xff"], "\ufffd"), ([b"\xc2\x9b31m"], "\ufffd31m"), ([b"plain"], "plain"),
    ],
)  # fmt: skip
def test_what_comes_in_pieces_is_read_as_if_it_came_at_once(pieces: list[bytes], text: str):
    incoming = Incoming("utf-8")
    assert "".join(incoming.text(piece) for piece in pieces) == text
    assert incoming.flush() == ""


def test_alt_and_a_letter_is_heard_when_nothing_follows():
    incoming = Incoming("utf-8")
    assert incoming.text(b"\x1bP") == ""
    assert incoming.flush() == "\x1bP"


def test_a_latin_1_terminal_types_its_letters():
    assert Incoming("iso8859-1").text(b"M\xfcller \x9b") == "Müller \ufffd"
