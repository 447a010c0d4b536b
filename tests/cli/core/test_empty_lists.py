"""A list without rows is a CSV with its header, and with rows has the same one."""

import pytest

from tests.conftest import Run

# What each command lists, and how a row comes into it; `{}` where nothing has to come first.
MAKE = (
    ("import", "customers.csv", "--yes"), ("code", "INT-1", "--name", "Fibre"), ("price", "INT-1", "20", "--from", "2020-01-01"),
    ("code", "VISIT", "--name", "Visit", "--kind", "one-time", "--category", "one-off"), ("tax", "std", "20", "--name", "VAT"),
    ("service", "A1", "--code", "INT-1", "--start", "t"), ("charge", "A1", "VISIT", "--amount", "5"),
    ("discount", "A1", "--percent", "10"), ("tag", "A1", "vip"), ("view", "dues", "big", "--save", "amount>5"),
    ("bill", "--yes"), ("pay", "A1", "5", "--method", "cash"), ("credit", "INV-000001", "--amount", "1", "--reason", "goodwill"),
)  # fmt: skip
LISTS = {
    "find zzzz": "find A1", "dues": "dues", "customers": "customers", "payments": "payments", "code": "code", "tax": "tax",
    "tag": "tag", "view dues": "view dues", "bill --runs": "bill --runs", "service A1": "service A1", "charge A1": "charge A1",
    "discount A1": "discount A1", "credit --list A1": "credit --list A1", "statement A1": "statement A1",
    "report revenue": "report revenue",
}  # fmt: skip
ALWAYS_EMPTY = ("overdue", "bill --parked", "bill --drafts", "dispute", "approval", "report tax")


@pytest.fixture
def book(netbill: Run) -> Run:
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    return netbill


def header(netbill: Run, words: str) -> str:
    done = netbill(*words.split(), "--csv")
    assert done.out.count("\n") >= 1, (words, done)
    return done.out.splitlines()[0]


def test_an_empty_list_has_the_header_of_a_full_one(book: Run, tmp_path):
    (tmp_path / "customers.csv").write_text("account,name\nA1,Smith\n")
    empty = {}
    for words in (*LISTS, *ALWAYS_EMPTY):
        if " A1" not in words or "find" in words:
            empty[words] = header(book, words)
    make = [[str(tmp_path / w) if w.endswith(".csv") else w for w in words] for words in MAKE]
    book(*make[0], check=0)
    for words in LISTS:
        if words not in empty:
            empty[words] = header(book, words)
    for words in make[1:]:
        book(*words, check=0)
    for words, full in LISTS.items():
        assert header(book, full) == empty[words], words
    for words in ALWAYS_EMPTY:
        assert "," in empty[words], words


def test_an_account_is_answered_under_its_whole_number_and_an_event_stays_one(book: Run, tmp_path):
    (tmp_path / "c.csv").write_text("account,name\nC10007,Smith\nPAUSE,Jones\n")
    book("import", str(tmp_path / "c.csv"), "--yes", check=0)
    book("code", "INT-1", "--name", "Fibre", check=0)
    book("price", "INT-1", "20", "--from", "2020-01-01", check=0)
    added = book("service", "10007", "--code", "INT-1", "--start", "2026-11-01", "--json", check=0).json
    assert added["account"] == "C10007"
    assert book("service", "10007", "--csv", check=0).out.splitlines()[1].split(",")[1] == "C10007"
    assert book("tag", "10007", "vip", "--json", check=0).json["account"] == "C10007"
    paused = book("service", "pause", str(added["service"]), "--reason", "holiday", "--json", check=0).json
    assert paused["event"] == "pause"
    (tmp_path / "d.csv").write_text("account,name\nC010007,Other\n")
    book("import", str(tmp_path / "d.csv"), "--yes", check=0)
    for words in (("customer", "10007"), ("audit", "10007"), ("service", "10007")):
        done = book(*words)
        assert (done.code, "type the whole account number" in done.err) == (4, True), (words, done)
