"""Many commands in one process: the same commands, rights and events as one by one."""

import json
from pathlib import Path

import pytest

from tests.conftest import Run


@pytest.fixture
def owing(netbill: Run) -> Run:
    netbill("init", "--company", "Acme Net", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    netbill("new-customer", "Smith, John", "--account", "C1", check=0)
    return netbill


def test_lines_are_commands_and_answers_come_in_their_order(owing: Run, tmp_path: Path):
    lines = [
        "# the morning", "", "pay C1 12.50 --method cash --note 'with a \"quoted\" word'   # at the desk",
        "netbill note C1 'rang twice'", "customer add 'Brown, Ann' --account C2", "customer C1 --json", "payments --json",
    ]  # fmt: skip
    done = owing("script", stdin="\n".join(lines) + "\n", check=0)
    answers = [json.loads(line) for line in done.out.splitlines() if line[:1] in "[{"]
    assert answers[0]["balance"] == "-12.50"
    assert [p["amount"] for p in answers[1]] == ["12.50"]
    (tmp_path / "s.txt").write_text("customer C2 --json\n")
    assert json.loads(owing("script", str(tmp_path / "s.txt"), check=0).out)["name"] == "Brown, Ann"
    actions = [e["action"] for e in owing("audit", "--limit", "20", "--json", check=0).json]
    assert actions.count("payment.record") == 1
    assert actions.count("note.add") == 1
    assert owing("verify", check=0)


def test_the_first_failure_ends_it_and_names_its_line(owing: Run):
    done = owing("script", stdin="pay C1 5 --method cash\npay C9 5 --method cash\npay C1 6 --method cash\n", check=4)
    assert "line 2: There is no account 'C9'" in done.err
    assert [p["amount"] for p in owing("payments", "--json", check=0).json] == ["5.00"]
    done = owing("script", "--keep-going", stdin="pay C9 5 --method cash\npay C1 6 --method cash\nnonsense\n", check=4)
    assert "line 1:" in done.err
    assert "line 3:" in done.err
    assert sorted(p["amount"] for p in owing("payments", "--json", check=0).json) == ["5.00", "6.00"]


@pytest.mark.parametrize(("line", "says"), [
    ("demo", "demo is not run in a script"), ("tui", "tui is not run"), ("script", "script is not run"),
    ("customer C1 --book /tmp/other.db", "--book is given once"), ("customer C1 --operator mira", "--operator is given once"),
    ("pay C1 'five", "quotation mark is not closed"), ("--json", "An option alone"), ("pay --help", "pay --help is read outside"),
    ("customer C1 --check pin", "reads what is typed"), ("change-customer C1 --private", "reads what is typed"),
    ("operator password", "asks for a secret"), ("pay C1 5 --method cash --as-of 2020-01-01", "--as-of is given once"),
])  # fmt: skip
def test_what_a_line_may_not_do_is_refused_in_one_sentence(owing: Run, line: str, says: str):
    done = owing("script", stdin=f"{line}\n")
    assert done.code == 2
    assert says in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_a_dry_run_of_a_script_writes_nothing(owing: Run):
    done = owing("script", "--dry-run", stdin="note C1 'rang'\npay C1 5 --method cash\n")
    assert "Dry run: nothing was written." in done.err
    assert owing("payments", "--json", check=0).json == []
    assert owing("customer", "C1", "--notes", "--json", check=0).json["notes"] == []


def test_a_file_that_cannot_be_read_says_so(owing: Run, tmp_path: Path):
    assert "cannot be read" in owing("script", str(tmp_path / "none"), check=2).err
    (tmp_path / "l1").write_bytes("note C1 Zo\xeb".encode("latin-1"))
    assert "not UTF-8" in owing("script", str(tmp_path / "l1"), check=2).err


def test_a_number_sign_within_a_word_is_no_remark(owing: Run):
    """What stood behind it would be lost in silence: --dry-run, the method, the day."""
    lines = (
        "pay C1 7.77 --method bank --reference INV#77 --dry-run\n"
        "pay C1 8.88 --method bank --reference 'a # b'   # a remark with a ' in it\n"
        "note C1 no\\ #remark\n#note C1 never\n"
    )
    done = owing("script", stdin=lines)
    assert "Dry run: nothing was written." in done.err
    rows = owing("payments", "--json", check=0).json
    assert [(p["amount"], p["reference"]) for p in rows] == [("8.88", "a # b")]


def test_no_line_is_taken_as_an_answer_to_another(owing: Run):
    done = owing("script", "--keep-going", stdin="customer C1 --check pin\n1234\nnote C1 'still run'\n", check=2)
    assert "line 1" in done.err
    assert "line 2" in done.err
    assert [n["text"] for n in owing("customer", "C1", "--notes", "--json", check=0).json["notes"]] == ["still run"]


@pytest.mark.parametrize("line", ["root:$6$secret:1::", "-----BEGIN PRIVATE KEY-----", "AGE-SECRET-KEY-1QQQ more"])
def test_a_file_that_is_no_script_is_not_repeated(owing: Run, tmp_path: Path, line: str):
    """Whoever may run netbill as its account would read the first word of what only that account may read."""
    (tmp_path / "shadow").write_text(f"{line}\n")
    done = owing("script", str(tmp_path / "shadow"), check=2)
    assert "line 1: It begins with no command of netbill" in done.err
    for word in line.split():
        assert word not in done.err + done.out


def test_a_line_with_an_option_that_has_no_effect_is_refused(owing: Run):
    assert (
        "line 1: --amount has no effect with --withdraw"
        in owing("script", stdin="charge C1 --withdraw 4 --amount 5\n", check=2).err
    )
