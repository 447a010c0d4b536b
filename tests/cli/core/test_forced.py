"""What a client may ask through sshd's forced command, and what not."""

import pytest

from netbill_tui.cli.core.forced import words_of
from netbill_tui.errors import InvalidInput
from tests.conftest import Run

FORCED = ["--operator", "mira"]
TAKEN = {
    "find 4417": ["find", "4417"], "netbill find 4417": ["find", "4417"], "  dues  ": ["dues"], "netbill": [],
    "find 'O Brien' \"x y\"": ["find", "O Brien", "x y"], "find $(id) ; rm -rf / | cat > x && `id` \\*": [
        "find", "$(id)", ";", "rm", "-rf", "/", "|", "cat", ">", "x", "&&", "`id`", "*",
    ],
    "tui": ["tui"], "--json dues": ["--json", "dues"], "--version": ["--version"], "keys": ["keys"], "audit --checkpoint": ["audit", "--checkpoint"],
    "service pause 12": ["service", "pause", "12"], "pay C1 25 --method cash --yes": ["pay", "C1", "25", "--method", "cash", "--yes"], "customers --json": [
        "customers", "--json",
    ],
}  # fmt: skip
REFUSED = {
    "find 1 --book /tmp/x.db": "--book is set by the server", "find 1 --book=/tmp/x.db": "--book is set by the server",
    "--book /tmp/x.db find 1": "--book is set by the server", "find 1 --operator boss": "--operator is set by the server",
    "pay C1 5 --method cash --credential /etc/k": "--credential is set by the server", "dues --password-file /etc/shadow": "--password-file is",
    "dues --accept-shared-file": "--accept-shared-file is", "dues --boo x": "nrecognized arguments",
    "scp -t /tmp": "not a command of netbill", "/usr/lib/openssh/sftp-server": "not a command of netbill", "sh -c id": "not a command of netbill",
    "find 'x": "quote is not closed", "init --company x": "on the server itself", "restore a b": "on the server itself",
    "demo": "on the server itself", "keys pepper /tmp/x": "on the server itself", "import /etc/passwd": "on the server itself",
    "script": "on the server itself", "script /etc/passwd": "on the server itself", "--json script": "on the server",
    "import --write-profile /tmp/p x.csv": "on the server itself", "backup /tmp/b": "on the server itself", "--json import x": "on the server",
    "invoice INV-1 --pdf /tmp/x": "names a file of the server", "invoice INV-1 --xml /tmp/x": "names a file", "statement C1 --pdf x": "names a file",
    "operator add x --role clerk --write-credential /tmp/c": "names a file", "verify --checkpoint /etc/passwd": "names a file",
    "operator activate x --code-file /etc/passwd": "names a file", "credit --show CN-1 --pdf x": "rguments", "rsync --server . /": "not a command of netbill", "find " + "x" * 5000: "at most 4000",
    "\x1b[31m": "not a command of netbill",
}  # fmt: skip


@pytest.mark.parametrize("asked", TAKEN)
def test_a_command_of_netbill_is_taken_word_by_word(asked: str):
    if asked.startswith("find $("):
        with pytest.raises(InvalidInput, match="nrecognized arguments: -rf"):
            words_of(FORCED, {"SSH_ORIGINAL_COMMAND": asked})
        return
    assert words_of(FORCED, {"SSH_ORIGINAL_COMMAND": asked}) == [*FORCED, *TAKEN[asked]]


@pytest.mark.parametrize("asked", REFUSED)
def test_anything_else_is_refused_with_a_sentence(asked: str):
    with pytest.raises(InvalidInput, match=REFUSED[asked]) as refused:
        words_of(FORCED, {"SSH_ORIGINAL_COMMAND": asked})
    assert "\x1b" not in str(refused.value)


def test_a_forced_command_that_names_its_own_is_not_widened():
    assert words_of([*FORCED, "overdue"], {"SSH_ORIGINAL_COMMAND": "pay C1 5"}) == [*FORCED, "overdue"]
    assert words_of(["--operator", "pay"], {"SSH_ORIGINAL_COMMAND": "dues"}) == ["--operator", "pay", "dues"]
    assert words_of(FORCED, {}) == FORCED


def test_the_program_answers_it(netbill: Run):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    done = netbill("--operator", "boss", env={"SSH_ORIGINAL_COMMAND": "find zzzz --json"})
    assert (done.out.strip(), done.code) == ("[]", 4)
    assert netbill(env={"SSH_ORIGINAL_COMMAND": "find 1 --book /etc/passwd"}).code == 2
    done = netbill(env={"SSH_ORIGINAL_COMMAND": "find $(id)"})
    assert "uid=" not in done.out + done.err
