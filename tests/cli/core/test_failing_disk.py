"""A disk that takes nothing more: the book is read, nobody waits, and what cannot be saved is said to be not saved."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests import stretching
from tests.conftest import Run


def _no_room() -> None:
    """Every write to a file beyond its first byte fails, as on a disk that is full or broken."""
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))


@pytest.fixture
def ask(netbill: Run, tmp_path: Path):
    """A command on a book whose disk takes nothing more: exit code, and all that it said."""
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    netbill("new-customer", "Smith, John", "--account", "C1", "--yes", check=0)
    netbill("pay", "C1", "5", "--method", "cash", "--yes", check=0)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("NETBILL_", "PYTHON"))} | {
        "NETBILL_BOOK": str(tmp_path / "acme.db"), "NETBILL_OPERATOR": "boss", "NETBILL_PASSWORD_FILE": str(tmp_path / "pw"),
        "HOME": str(tmp_path),
    }  # fmt: skip

    def asked(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [*stretching.NETBILL, *words], capture_output=True, text=True, cwd=tmp_path, env=environment,
            preexec_fn=_no_room, timeout=60, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    return asked


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("customer", "C1"), "Smith, John"),
        (("customers",), "C1"),
        (("find", "smith"), "C1"),
        (("payments",), "R-10001"),
        (("audit", "C1"), "customer.create"),
        (("overdue",), "No account is overdue"),
        (("verify",), "The book is sound."),
    ],
)
def test_what_is_in_the_book_is_read(ask, words: tuple[str, ...], shown: str):
    code, said = ask(*words)
    assert shown in said
    assert code == 0


@pytest.mark.parametrize(
    "words", [("pay", "C1", "7", "--method", "cash", "--yes"), ("note", "C1", "hello"), ("customer", "C1", "--contact")]
)
def test_what_needs_a_write_says_that_nothing_was_saved(ask, netbill: Run, words: tuple[str, ...]):
    code, said = ask(*words)
    assert code == 1
    assert "The disk reported an error; nothing was saved" in said
    assert "Nobody can sign in until then. netbill customer, find, dues and overdue read without." in said
    assert "Traceback" not in said
    assert "R-10001" in netbill("payments", check=0).out
    assert "R-10002" not in netbill("payments", check=0).out
    assert "The book is sound." in netbill("verify", check=0).out


_MENDED = """
import resource, signal, sys
from netbill_tui.db.core.sqlite import SqliteBook
from netbill_tui.db.core.statements import Statement
from netbill_tui.errors import NotSaved

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
book = SqliteBook(sys.argv[1])
book.connect()
print(book.row(Statement("select count(*) from customer"))[0])
try:
    with book.write():
        print("written")
except NotSaved:
    print("refused")
book.close()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
book.connect()
with book.write():
    book.run(Statement("update keeping set value = value"))
    print("written", book.row(Statement("pragma locking_mode"))[0])
"""


def test_once_the_disk_is_mended_the_book_is_written_to_as_before(netbill: Run, tmp_path: Path):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    done = subprocess.run(
        [sys.executable, "-c", _MENDED, str(tmp_path / "acme.db")], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split("\n") == ["0", "refused", "written normal", ""], done.stderr
