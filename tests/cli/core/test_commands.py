"""The contract of the shell: shapes, exit codes, configuration, hostile words and environments."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests import stretching
from tests.cli.demo.test_demo import demo_book
from tests.conftest import ROOT, Run, shared

PROFILE = ROOT / "docs" / "profiles" / "accounts-receivable.toml"
REQUEST = "0190a5c2-7e1f-7a3b-9d8e-1f2a3b4c5d6e"


def made(netbill: Run) -> dict:
    return netbill("init", "--company", "Acme Net", "--currency", "USD", "--timezone", "UTC", "--no-input", check=0).json


def imported(netbill: Run) -> dict:
    made(netbill)
    return netbill("import", "--profile", str(PROFILE), str(shared("data", "accounts-receivable.csv")), "--json", check=0).json


def test_the_examples_that_scripts_rely_on(netbill: Run):
    result = imported(netbill)
    assert (result["kind"], result["rows"], result["created"], result["rejected"]) == ("settled-invoices", 2466, 2466, [])
    ageing = netbill("ageing", "--as-of", "2012-06-30", "--json", check=0).json
    assert list(ageing) == ["as_of", "currency", "buckets", "unapplied", "total"]
    assert [b["bucket"] for b in ageing["buckets"]] == ["current", "1-30", "31-60", "61-90", "over-90"]
    assert ageing["buckets"][1] == {"bucket": "1-30", "invoices": 15, "amount": "909.73"}
    overdue = netbill("overdue", "--as-of", "2012-06-30", "--json", check=0).json
    assert list(overdue[0]) == ["account", "name", "days", "overdue", "bucket", "invoices", "stage", "promise", "last_contact"]
    assert (overdue[0]["account"], overdue[0]["days"], overdue[0]["overdue"]) == ("8364-UWVLM", 20, "54.92")
    customer = netbill("customer", "3993-QUNVJ", "--json", check=0).json
    assert (customer["balance"], customer["name"], customer["fault"]) == ("0.00", None, None)
    words = ("pay", "3993-QUNVJ", "25.00", "--method", "cash", "--request-id", REQUEST, "--json")
    first, again = netbill(*words, check=0).json, netbill(*words, check=0).json
    assert {k: first[k] for k in ("payment", "amount", "allocated", "unapplied", "balance", "repeated")} == {
        "payment": REQUEST, "amount": "25.00", "allocated": [], "unapplied": "25.00", "balance": "-25.00", "repeated": False,
    }  # fmt: skip
    assert again == first | {"repeated": True}
    other = netbill("pay", "3993-QUNVJ", "26.00", "--method", "cash", "--request-id", REQUEST)
    assert (other.code, other.out) == (1, "")
    assert netbill("verify", "--json", check=0).json["ok"]


def test_every_shape_of_the_contract(netbill: Run):
    imported(netbill)
    paid = netbill("pay", "3993-QUNVJ", "25.00", "--method", "cheque", "--reference", "CHQ 77", "--json", check=0).json
    receipt = paid["receipt"]
    hits = netbill("find", "chq 77", "--json", check=0).json
    assert list(hits[0]) == ["type", "id", "account", "name", "date", "amount", "reference", "state"]
    statement = netbill("statement", "3993-QUNVJ", "--json", check=0).json
    assert list(statement) == ["opening", "entries", "closing"]
    assert list(statement["entries"][0]) == ["date", "document", "text", "debit", "credit", "balance"]
    assert statement["closing"] == "-25.00"
    dues = netbill("dues", "--as-of", "2012-06-30", "--json", check=0).json
    assert list(dues[0]) == ["number", "account", "name", "issued", "due", "total", "open", "days", "state"]
    assert len(dues) == 98
    payments = netbill("payments", "--from", "2026-01-01", "--to", "2090-01-01", "--method", "cheque", "--json", check=0).json
    assert [p["receipt"] for p in payments] == [receipt]
    assert f"RECEIPT {receipt}" in netbill("receipt", receipt, check=0).out
    assert max(len(line) for line in netbill("receipt", receipt).out.splitlines()) <= 80
    reversed_ = netbill("reverse", receipt, "--reason", "cheque came back", "--returned", "--json", check=0).json
    assert {k: reversed_[k] for k in ("receipt", "reopened", "fee", "balance")} == {
        "receipt": receipt, "reopened": [], "fee": "0.00", "balance": "0.00",
    }  # fmt: skip
    doctor = netbill("doctor", "--json", check=0).json
    assert doctor["ok"]
    assert netbill("config", "--show-origin", "--json", check=0).json[0]["origin"] == "NETBILL_BOOK"


def test_init_prints_the_recovery_shares_once_as_json(netbill: Run, tmp_path: Path):
    result = made(netbill)
    assert list(result) == ["book", "install_id", "recovery"]
    data = b"".join(p.read_bytes() for p in tmp_path.glob("acme.db*"))
    assert all(share.encode() not in data for share in result["recovery"])
    again = netbill("init", "--company", "B", "--currency", "USD", "--timezone", "UTC", "--no-input")
    assert (again.code, "already" in again.err) == (1, True)


@pytest.mark.parametrize(("words", "code", "says"), [
    (("pay", "C1", "abc", "--method", "cash"), 2, "not an amount"), (("pay", "C1", "1,234", "--method", "cash"), 2, "type 1234 or 1.23"),
    (("pay", "C1", "5", "--method", "gold"), 2, "type one of cash"), (("pay", "C1", "5"), 2, "--help"),
    (("pay", "NOBODY", "5", "--method", "cash"), 4, "netbill find"), (("pay", "C10001", "5", "--method", "cash", "--request-id", "x"), 2, "UUID"),
    (("pay", "C10001", "5", "--method", "cash", "--received", "01/02/2026"), 2, "type it as"), (("pay", "C10001", "5", "--method", "cheque"), 2, "number"),
    (("pay", "C10001", "5", "--method", "cash", "--apply", "x"), 2, "INVOICE=AMOUNT"), (("pay", "C10001", "5", "--method", "cash", "--apply", "x=1"), 2, "not an open"),
    (("pay", "C10001", "5", "--method", "card", "--reference", "4111 1111 1111 1111"), 2, "card number"),
    (("customer", "NOBODY"), 4, "netbill find"), (("receipt", "R-1"), 4, "no receipt"), (("reverse", "R-1", "--reason", "wrong"), 4, "no receipt"),
    (("find", "zzzzqqqq"), 4, "Nothing matches"), (("overdue", "--sort", "name"), 2, "days, amount"), (("overdue", "--bucket", "x"), 2, "1-30"),
    (("overdue", "--limit", "0"), 2, "from 1"), (("dues", "--due-within", "-1"), 2, "0 to 3660"), (("ageing", "--as-of", "yesterday"), 2, "2026"), (("ageing", "--as-of", "5nov"), 2, "needs its year"),
    (("nonsense",), 2, "--help"), (("--wrong",), 2, "--help"), (("statement", "C10001", "--from", "2026-05-01", "--to", "2026-01-01"), 2, "swap"),
    (("customer", "C10001", "--reveal", "pin", "--reason", "caller asks"), 1, "never shown"), (("customer", "C10001", "--reveal", "tax_id"), 2, "reason"),
    (("import", "--profile", "none.toml", "x.csv"), 2, "cannot be read"), (("note", "C10001", "a\x1b[31mb"), 2, "U+001B"),
])  # fmt: skip
def test_what_cannot_be_taken_is_one_sentence_and_an_exit_code(netbill: Run, tmp_path: Path, words, code, says):
    book = str(tmp_path / "d.db")
    netbill("demo", "--no-tui", "--book", book, "--customers", "2", "--months", "1", check=0)
    done = netbill(*words, "--book", book)
    assert (done.code, done.out) == (code, ""), done
    remarks = [line for line in done.err.splitlines() if "DEMO" not in line]
    assert len(remarks) == 1, done.err
    assert says in remarks[0]
    assert "Traceback" not in done.err
    assert "\x1b" not in done.err


def test_find_gives_an_empty_list_and_exit_four(netbill: Run, tmp_path: Path):
    netbill("demo", "--no-tui", "--book", "d.db", "--customers", "2", "--months", "1", check=0)
    done = netbill("find", "zzzzqqqq", "--json", "--book", "d.db")
    assert (done.code, json.loads(done.out)) == (4, [])


def test_a_book_that_cannot_be_opened_says_so(netbill: Run, tmp_path: Path):
    assert netbill("ageing").code == 78
    made(netbill)
    book = tmp_path / "acme.db"
    assert netbill("note", "C1", "x", env={"NETBILL_OPERATOR": "nobody"}).code == 4
    other = tmp_path / "pw2"
    other.write_text("wrong-password-entirely\n")
    other.chmod(0o600)
    (tmp_path / "c.csv").write_text("account\nC1\n")
    (tmp_path / "c.toml").write_text("kind='customers'\n[columns]\naccount='account'\n")
    netbill("import", "--profile", "c.toml", "c.csv", check=0)
    wrong = netbill("note", "C1", "hello", env={"NETBILL_PASSWORD_FILE": str(other)})
    assert (wrong.code, "type both again" in wrong.err) == (78, True)
    other.chmod(0o644)
    assert "chmod 600" in netbill("note", "C1", "hello", env={"NETBILL_PASSWORD_FILE": str(other)}).err
    assert netbill("note", "C1", "hello", env={"NETBILL_PASSWORD_FILE": ""}).code == 78
    locker = sqlite3.connect(book, isolation_level=None)
    locker.execute("begin immediate")
    busy = netbill("note", "C1", "hello")
    locker.execute("rollback")
    locker.close()
    assert (busy.code, "nothing was saved" in busy.err) == (75, True)
    book.chmod(0o644)
    assert "chmod 600" in netbill("ageing").err


def test_configuration_is_checked_key_by_key(netbill: Run, tmp_path: Path):
    folder = tmp_path / "config" / "netbill"
    folder.mkdir(parents=True)
    for text, says in (
        ("colour = 'x'", "not a setting"),
        ("theme = 'pink'", "ansi-dark"),
        ("book = 5", "plain text"),
        ("book", "not TOML"),
    ):
        (folder / "config.toml").write_text(text)
        done = netbill("config")
        assert (done.code, says in done.err) == (78, True), done
    (folder / "config.toml").write_text("theme = 'ansi-light'\n")
    assert [r["origin"] for r in netbill("config", "--json", check=0).json if r["setting"] == "theme"] == [
        str(folder / "config.toml")
    ]


PROBE = """
import sys
sys.argv = ["netbill", *sys.argv[1:]]
from netbill_tui.__main__ import main
code = main()
wrong = [m for m in ("textual", "rich", "psycopg2", "psycopg") if sys.modules.get(m)]
print("IMPORTED", wrong, file=sys.stderr)
raise SystemExit(code)
"""


@pytest.mark.parametrize("words", [
    ("find", "smith"), ("customer", "C10001"), ("customer", "C10001", "--contact"), ("statement", "C10001"), ("dues",), ("overdue",), ("ageing",),
    ("payments",), ("receipt", "R-10001"), ("pay", "C10001", "1.23", "--method", "cash"), ("reverse", "R-10001", "--reason", "wrong account"),
    ("verify",), ("doctor",), ("note", "C10001", "hello"), ("call", "C10001", "n"), ("config",), ("--version",),
])  # fmt: skip
def test_no_command_imports_textual_or_a_server_driver(netbill: Run, tmp_path: Path, words):
    book = str(tmp_path / "d.db")
    netbill("demo", "--no-tui", "--book", book, "--customers", "2", "--months", "2", check=0)
    env = {**netbill.environment, "NETBILL_BOOK": book}  # type: ignore[attr-defined]
    done = subprocess.run([sys.executable, "-c", PROBE, *words], capture_output=True, text=True, env=env)
    assert "IMPORTED []" in done.stderr, done.stderr


def test_csv_text_that_a_spreadsheet_would_run_is_neutralised(netbill: Run, tmp_path: Path):
    made(netbill)
    (tmp_path / "c.csv").write_text(
        "account,name\n" + "\n".join(f"C{n},{name}" for n, name in enumerate(("=1+1", "+49", "@x", "'a", "-x", "plain"))) + "\n"
    )
    (tmp_path / "c.toml").write_text("kind='customers'\n[columns]\naccount='account'\nname='name'\n")
    netbill("import", "--profile", "c.toml", "c.csv", check=0)
    import csv
    import io

    found = {}
    for n in range(6):
        row = next(csv.DictReader(io.StringIO(netbill("customer", f"C{n}", "--csv", check=0).out)))
        found[n] = row["name"]
        assert row["balance"] == "0.00"
    assert found == {0: "'=1+1", 1: "'+49", 2: "'@x", 3: "''a", 4: "'-x", 5: "plain"}


def test_without_a_terminal_the_screens_name_the_commands_instead(netbill: Run, tmp_path: Path):
    netbill("demo", "--no-tui", "--book", "d.db", "--customers", "2", "--months", "1", check=0)
    for words in (("tui",), ("demo",), ()):
        done = netbill(*words, "--book", "d.db") if words else netbill(env={"NETBILL_BOOK": str(tmp_path / "d.db")})
        assert (done.code, "netbill find" in done.err, "\x1b" in done.err + done.out) == (2, True, False), done


def test_hostile_environment_changes_nothing(netbill: Run, tmp_path: Path):
    netbill("demo", "--no-tui", "--book", "d.db", "--customers", "2", "--months", "1", check=0)
    done = netbill("ageing", "--book", "d.db", env={"TEXTUAL_LOG": str(tmp_path / "log"), "TEXTUAL": "devtools"}, check=0)
    assert "Ageing" in done.out
    assert not (tmp_path / "log").exists()
    assert os.listdir(tmp_path)


def test_a_demo_book_is_never_made_where_a_configuration_names_the_book(netbill: Run, tmp_path: Path):
    live = tmp_path / "live.db"
    (tmp_path / "config" / "netbill").mkdir(parents=True)
    (tmp_path / "config" / "netbill" / "config.toml").write_text(f'book = "{live}"\n')
    env = {k: v for k, v in netbill.environment.items() if k != "NETBILL_BOOK"}  # type: ignore[attr-defined]
    netbill.environment.clear()  # type: ignore[attr-defined]
    netbill.environment.update(env | {"XDG_DATA_HOME": str(tmp_path / "data")})  # type: ignore[attr-defined]
    done = netbill("demo", "--no-tui", "--customers", "5", check=0)
    assert str(tmp_path / "data" / "netbill" / "demo.db") in done.out
    assert not live.exists()


def test_one_pepper_follows_another_while_both_are_named(netbill: Run, tmp_path: Path):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    first, second = str(tmp_path / "p1"), str(tmp_path / "p2")
    assert "Set pepper_file to it in the configuration" in netbill("keys", "pepper", first, check=0).out
    netbill("new-customer", "Ann", "--account", "C1", "--yes", env={"NETBILL_PEPPER_FILE": first}, check=0)
    told = netbill("keys", "pepper", second, env={"NETBILL_PEPPER_FILE": first}, check=0).out
    assert f"Set pepper_file to both, the new one first ({second}:{first})," in told
    alone = netbill("note", "C1", "one", "--yes", env={"NETBILL_PEPPER_FILE": second})
    assert alone.code == 78
    assert "name it in pepper_file, or both while it changes: new:old" in alone.err
    netbill("note", "C1", "one", "--yes", env={"NETBILL_PEPPER_FILE": f"{second}:{first}"}, check=0)
    netbill("note", "C1", "two", "--yes", env={"NETBILL_PEPPER_FILE": second}, check=0)


@pytest.mark.parametrize(
    "env", [{"NETBILL_PASSWORD_FILE": "/nowhere"}, {"NETBILL_OPERATOR": "nobody"}, {"NETBILL_PASSWORD_FILE": "wrong"}]
)
def test_who_cannot_sign_in_hears_of_the_book_and_not_that_it_is_unsound(netbill: Run, tmp_path: Path, env: dict[str, str]):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    (tmp_path / "wrong").write_text("another-long-password-92\n")
    (tmp_path / "wrong").chmod(0o600)
    env = {name: str(tmp_path / value) if value == "wrong" else value for name, value in env.items()}
    done = netbill("verify", env=env, check=78)
    assert "The book is sound." in done.out
    assert "Nobody could sign in, so no sealed field was opened: " in done.err


def test_a_dry_run_says_that_nothing_was_written(netbill: Run, tmp_path: Path):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    netbill("new-customer", "Ann", "--account", "C1", "--yes", check=0)

    def done_so_far() -> list[str]:
        told = netbill("audit", "--json", "--limit", "0", check=0).json
        return [e["action"] for e in told if not e["action"].startswith(("session.", "audit."))]  # type: ignore[union-attr]

    before = done_so_far()
    for words in (("keys", "pepper", str(tmp_path / "p")), ("tag", "C1", "vip"), ("pay", "C1", "5", "--method", "cash")):
        done = netbill(*words, "--dry-run", "--yes", check=0)
        assert done.err.endswith("Dry run: nothing was written.\n"), words
    assert "Dry run" not in netbill("tag", "C1", "vip", "--yes", check=0).err
    assert not (tmp_path / "p").exists()
    assert len(done_so_far()) == len(before) + 1


def test_as_of_and_dry_run_on_what_is_dated_today(netbill: Run, tmp_path: Path):
    book = ("--book", demo_book(netbill, tmp_path))
    before = netbill("verify", "--json", *book, check=0).json["checks"][0]["rows"]  # type: ignore[index]
    for words in (("note", "C10001", "hello"), ("call", "C10001", "n")):
        assert netbill(*words, "--as-of", "2012-01-01", *book).code == 2
        assert netbill(*words, "--as-of", "2090-01-01", *book).code == 2
        netbill(*words, "--dry-run", *book, check=0)
    assert netbill("note", "NOPE", "hello", "--dry-run", *book).code == 4
    dry = netbill("pay", "C10001", "5", "--method", "cash", "--dry-run", "--as-of", "2090-01-01", "--json", *book, check=0).json
    assert (dry["amount"], dry["repeated"]) == ("5.00", False)  # type: ignore[index]
    assert netbill("pay", "C10001", "5", "--method", "cash", "--dry-run", "--as-of", "2012-01-01", *book).code == 2
    assert netbill("reverse", "R-10001", "--reason", "x", "--dry-run", *book).code == 2
    # The one event is that verify signed in once more.
    assert netbill("verify", "--json", *book, check=0).json["checks"][0]["rows"] == before + 1  # type: ignore[index]


def test_odd_words_and_closed_streams_end_in_a_sentence(netbill: Run, tmp_path: Path):
    import subprocess
    import sys

    book = demo_book(netbill, tmp_path)
    env = {**netbill.environment, "NETBILL_BOOK": book}  # type: ignore[attr-defined]
    base = list(stretching.NETBILL)
    odd = subprocess.run([*base, "find", b"\xff"], capture_output=True, env=env)
    assert (odd.returncode, b"not UTF-8" in odd.stderr) == (2, True)
    closed = subprocess.run(f"{sys.executable} -m netbill_tui ageing >&-", shell=True, capture_output=True, env=env, text=True)
    assert closed.returncode == 0, closed.stderr
    full = subprocess.run(
        f"{sys.executable} -m netbill_tui pay C10001 7.77 --method cash >/dev/full",
        shell=True,
        capture_output=True,
        env=env,
        text=True,
    )
    assert full.returncode == 1
    assert "already posted is saved" in full.stderr
    assert "7.77" in netbill("payments", "--book", book).out


def test_no_line_of_a_note_stands_where_a_line_of_the_card_does(netbill: Run):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    netbill("new-customer", "Smith, John", "--account", "C1", check=0)
    netbill("note", "C1", "rang\nbalance       0.00\nstatus        closed", check=0)
    lines = netbill("customer", "C1", "--notes", "--plain", check=0).out.splitlines()
    assert [line for line in lines if line.startswith(("balance", "status"))] == [
        line for line in netbill("customer", "C1", "--plain", check=0).out.splitlines() if line.startswith(("balance", "status"))
    ]
    assert f"{'':14}  | status        closed" in lines
