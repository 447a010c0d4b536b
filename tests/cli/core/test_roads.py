"""An option that a command would not heed is refused before anything happens; nothing that was typed is dropped in silence."""

import argparse

import pytest

from netbill_tui.cli.core.parser import build
from netbill_tui.cli.core.roads import USES, check_roads
from netbill_tui.errors import InvalidInput
from tests.conftest import Run


@pytest.mark.parametrize(("words", "said"), [
    ("service change 2 --code B --mode arrears", "--mode has no effect with change"),
    ("service change 2 --code B --price 10", "--price has no effect with change"),
    ("service change 2 --code B --billed-through 2026-12-01", "--billed-through has no effect"),
    ("service price 2 --price 10 --price-until 2027-01-01", "--price-until has no effect with price"),
    ("service pause 2 --until 2027-01-01", "--until has no effect with pause"),
    ("service end 2 --end 2026-12-01", "--end has no effect with end"),
    ("service A1 2 --code B", "'2' has no effect with a service of an account"),
    ("service A1 --code B --on 2026-12-01", "--on has no effect with a service of an account"),
    ("service A1 --next --code B", "--code has no effect with --next"),
    ("service --history 2 --reason x", "--reason has no effect with --history"),
    ("service --take-back 2 3 --on 2026-12-01", "--on has no effect with --take-back"),
    ("charge A1 --withdraw 4 --amount 5", "--amount has no effect with --withdraw"),
    ("charge A1 VISIT --reason x", "--reason has no effect with a charge"),
    ("discount A1 --stop 4 --percent 5", "--percent has no effect with --stop"),
    ("discount A1 --percent 5 --on 2026-12-01", "--on has no effect with a discount"),
    ("price A --drop 2026-12-01 --until 2026-12-05", "--until has no effect with --drop"),
    ("tax std --drop 2026-12-01 --name VAT", "--name has no effect with --drop"),
    ("bill --runs --catch-up all", "--catch-up has no effect with --runs"),
    ("bill A1 --put-back 2026-12-01 --reason x", "--reason has no effect with --put-back"),
    ("bill --reason x", "--reason has no effect with a run"),
    ("view dues big --drop --shared", "--shared has no effect with --drop"),
    ("operator disable mira --role clerk", "--role has no effect with this"),
    ("operator limit mira --limit 5 --contact", "--contact has no effect with limit"),
])  # fmt: skip
def test_an_option_that_is_not_heeded_is_refused(words: str, said: str):
    args = build(words.split()).parse_args(words.split())
    with pytest.raises(InvalidInput, match=said.replace("(", ".").replace("'", ".")):
        check_roads(args)


@pytest.mark.parametrize("command", sorted(USES))
def test_every_field_of_the_table_is_an_option_or_word_of_its_command(command: str):
    parsed = vars(build([command]).parse_args([command, *_WORDS.get(command, ())]))
    for road in USES[command].roads:
        for name in (*road.takes.split(), *USES[command].words.split(), *([road.option] if road.option else [])):
            assert name in parsed, (command, name)


_WORDS = {"charge": ["A1"], "discount": ["A1"], "price": ["A"], "view": ["dues"]}


def test_it_is_asked_before_the_book_is_opened(netbill: Run):
    done = netbill("service", "change", "2", "--code", "B", "--mode", "arrears", "--book", "nowhere.db")
    assert (done.code, done.out) == (2, "")
    assert "--mode has no effect with change; leave it out" in done.err


def test_a_command_of_one_use_takes_what_its_parser_takes():
    check_roads(argparse.Namespace(command="pay", account="A1", amount="5", note="x"))
