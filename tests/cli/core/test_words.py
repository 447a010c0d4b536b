"""The words of the shell: declared once, grouped for who reads them, and with the thing first where somebody types it so."""

import pytest

from netbill_tui.cli.core.declared import COMMANDS, GROUPS, NAMES, POSTING, spelled
from netbill_tui.cli.core.inside import function_of
from netbill_tui.cli.core.parser import build
from tests.conftest import Run


def test_every_command_is_declared_once_and_leads_to_its_function():
    assert sum(len(group) for group in GROUPS.values()) == len(COMMANDS)
    for name, one in COMMANDS.items():
        assert callable(function_of(one.does)), name
    assert {"pay", "bill", "change-customer"} <= POSTING < NAMES
    assert not {"find", "verify", "overdue"} & POSTING


def test_the_help_names_every_command_by_its_group_those_of_every_day_first_in_eighty_columns():
    text = build([]).format_help()
    at = [text.index(f"\n{group}:\n") for group in GROUPS]
    assert at == sorted(at)
    assert next(iter(GROUPS)) == "every day"
    assert len(GROUPS["every day"]) == 10
    for name in NAMES:
        assert text.count(f"\n  {name} ") == 1, name
    assert max(map(len, text.splitlines())) < 80
    assert "--as-of DATE" in text


@pytest.mark.parametrize(("typed", "words"), [
    ("customer add Smith", "new-customer Smith"),
    ("customer change C1 --set town=Leeds", "change-customer C1 --set town=Leeds"),
    ("customer show C1", "customer C1"),
    ("--book b.db --json customer show C1", "--book b.db --json customer C1"),
    ("customer C1", "customer C1"),
    ("customer --account add", "customer --account add"),
    ("customer", "customer"),
    ("find customer add", "find customer add"),
    ("--operator customer add", "--operator customer add"),
    ("", ""),
])  # fmt: skip
def test_the_thing_first_and_then_what_is_done_to_it(typed: str, words: str):
    assert spelled(typed.split()) == words.split()


def test_both_spellings_do_the_same_and_an_account_called_add_is_reached(netbill: Run):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    netbill("customer", "add", "Smith, John", "--account", "ADD", check=0)
    netbill("new-customer", "Jones, Ann", "--account", "C2", check=0)
    netbill("customer", "change", "C2", "--set", "town=Leeds", check=0)
    assert netbill("customer", "show", "C2", "--json", check=0).out == netbill("customer", "C2", "--json", check=0).out
    assert '"town": "Leeds"' in netbill("customer", "C2", "--json").out
    assert '"Smith, John"' in netbill("customer", "--account", "add", "--json", check=0).out
    assert "netbill customer C10234" in netbill("customer", check=2).err
    assert netbill("audit", "C2", "--json").out.count('"customer.change"') == 1


@pytest.mark.parametrize(("words", "opens"), [
    ([], True), (["--book", "x.db"], True), (["--book", "x.db", "--as-of", "2026-01-01"], True), (["--book"], False),
    (["--help"], False), (["nonsense"], False), (["--book", "x.db", "nonsense"], False), (["nonsense", "--book"], False),
])  # fmt: skip
def test_the_screens_start_without_the_words_of_other_commands(words: list[str], opens: bool):
    """A word that is no command is answered with all that there are."""
    choices = next(a for a in build(words)._actions if a.dest == "command").choices
    assert choices is not None
    assert (len(list(choices)) == 1) == opens
