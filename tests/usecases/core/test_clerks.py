"""Many at once, and killed in the middle: real processes on real books."""

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from netbill_tui.usecases.books.create import make_book
from netbill_tui.usecases.core import demo_key
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.demo import book
from netbill_tui.usecases.verify.book import verify
from tests import stretching
from tests.conftest import CLOCK, NEW, Desk, Run

CLERK = """
import sys, uuid
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.receivables import payments
from netbill_tui.billing.receivables.payments import PaymentRequest
from pathlib import Path
session = open_book(sys.argv[1])
session.book = session.book._replace(demo=True)
sign_in.sign_in_with_bundle(session, "boss", Path(sys.argv[2]))
for n in range(25):
    made = payments.record(session, PaymentRequest(uuid.uuid4().bytes, "C1", 1000, "cash", confirmed="four clerks"))
    print(made.row.receipt)
session.db.close()
"""


def test_four_clerks_take_exactly_what_they_took(desk: Desk, tmp_path: Path):
    desk.customer()
    desk.invoice("C1", 43210, due=-3)
    key = tmp_path / "key"
    key.write_bytes(desk.made.bundle)
    key.chmod(0o600)
    clerks = [
        subprocess.Popen(
            [sys.executable, "-c", CLERK, desk.target, str(key)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    answers = [clerk.communicate(timeout=120) for clerk in clerks]
    assert [(clerk.returncode, err) for clerk, (_, err) in zip(clerks, answers, strict=True)] == [(0, "")] * 4
    receipts = [line for out, _ in answers for line in out.split()]
    assert len(set(receipts)) == len(receipts) == 100
    assert desk.column("select sum(amount) from payment") == [100_000]
    assert accounts.card(desk.session, "C1").totals.balance == 43210 - 100_000
    assert all(not c.broken for c in verify(desk.session))


@pytest.mark.parametrize("kills", [60])
def test_a_payment_killed_and_repeated_is_there_once(netbill: Run, tmp_path: Path, kills: int):
    """`pay` is killed with -9 at a random moment and repeated by its request id: nothing lost, nothing twice."""
    target = tmp_path / "d.db"
    book.make(str(target), customers=1, months=1, clock=CLOCK).session.db.close()
    environment = {**netbill.environment, "NETBILL_BOOK": str(target), "NETBILL_PASSWORD_FILE": ""}
    chance = random.Random(7)
    words = [*stretching.NETBILL, "pay", "C10001", "1.00", "--method", "cash", "--yes", "--request-id"]
    # How long a whole command takes here decides when to strike: mostly before its end, sometimes after. A machine that was
    # busy then and is not now is followed.
    began = time.monotonic()
    subprocess.run([*words, str(uuid.uuid4())], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    whole = time.monotonic() - began
    acknowledged = killed = 0
    pending: list[tuple[subprocess.Popen[bytes], str]] = []
    for _ in range(kills):
        request = str(uuid.uuid4())
        process = subprocess.Popen([*words, request], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
        time.sleep(whole * chance.uniform(0.5, 1.05))
        process.send_signal(signal.SIGKILL)
        out, _ = process.communicate()
        acknowledged += out.startswith(b"R-")
        struck = process.returncode == -signal.SIGKILL
        killed += struck
        whole *= 1.05 if struck else 0.85
        pending.append((process, request))
    from netbill_tui.usecases.access import sign_in
    from netbill_tui.usecases.core.open_book import open_book
    from netbill_tui.usecases.receivables.payments import record

    session = open_book(str(target))
    sign_in.sign_in_with_bundle(session, "demo", demo_key.key_file(str(target)))
    stored = session.db.peewee.execute_sql("select count(*) from payment where amount = 100").fetchone()[0]
    assert stored >= acknowledged + 1, "an acknowledged payment was lost"
    from netbill_tui.billing.receivables.payments import PaymentRequest

    for _, request in pending:
        record(session, PaymentRequest(uuid.UUID(request).bytes, "C10001", 100, "cash", confirmed="--yes"))
    assert session.db.peewee.execute_sql("select count(*) from payment where amount = 100").fetchone()[0] == kills + 1
    assert session.db.peewee.execute_sql("pragma integrity_check").fetchone()[0] == "ok"
    assert all(not c.broken for c in verify(session))
    assert killed > kills // 4, "the kills must strike while it runs"
    session.db.close()


def test_an_import_killed_in_the_middle_leaves_whole_rows(netbill: Run, tmp_path: Path):
    netbill("init", "--company", "Acme", "--currency", "USD", "--timezone", "UTC", "--no-input", check=0)
    rows = "".join(f"C{n % 97},{n},2026-01-01,2026-02-01,5.00,2026-01-20\n" for n in range(6000))
    (tmp_path / "f.csv").write_text("account,number,issued,due,amount,settled\n" + rows)
    columns = "\n".join(f"{f} = '{f}'" for f in ("account", "number", "issued", "due", "amount", "settled"))
    (tmp_path / "p.toml").write_text(f"kind = 'settled-invoices'\n[columns]\n{columns}\n")
    words = [*stretching.NETBILL, "import", "--profile", "p.toml", "f.csv"]
    for wait in (0.5, 0.8):
        process = subprocess.Popen(
            words, cwd=tmp_path, env=netbill.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(wait)
        process.kill()
        process.wait()
        found = netbill("verify", "--json", check=0).json
        assert found["ok"]
    done = netbill("import", "--profile", "p.toml", "f.csv", "--json", check=0).json
    assert done["created"] + done["already"] == 6000
    assert netbill("verify", "--json", check=0).json["ok"]


def test_a_full_disk_says_so_and_nothing_is_half_posted(tmp_path: Path):
    """A limit on the file's size stands in for a full disk: SQLite sees the same failed write."""
    tmp_path.chmod(0o700)
    target = str(tmp_path / "b.db")
    made = make_book(target, NEW, clock=CLOCK)
    desk = Desk(made.session, target, made)
    desk.customer()
    desk.session.db.peewee.execute_sql("pragma wal_checkpoint(truncate)")
    pages = desk.session.db.peewee.execute_sql("pragma page_count").fetchone()[0]
    desk.session.db.peewee.execute_sql(f"pragma max_page_count = {pages}")
    from netbill_tui.errors import NotSaved

    posted = 0
    with pytest.raises(NotSaved, match=r"full.*nothing was saved"):
        for n in range(500):
            desk.pay("C1", 100 + n)
            posted += 1
    assert desk.column("select count(*) from payment") == [posted]
    desk.session.db.close()
    desk.session.db.connect()
    assert all(not c.broken for c in verify(desk.session))
    desk.session.db.close()
    assert os.stat(target).st_size > 0
