"""The words of the command line. Each subcommand names the function that does it; nothing heavy is imported here."""

import argparse
import keyword
import textwrap
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from netbill_tui.cli.core.declared import COMMANDS, GROUPS, WITH_VALUE, Declared
from netbill_tui.errors import InvalidInput

# What can happen to a service: `service pause 12`.
EVENTS = ("change", "price", "pause", "resume", "suspend", "restore", "end", "anchor")


_WIDTH = 78  # as argparse takes it of a terminal of 80 columns


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, and where to read on. An option is written out: a short form may mean another one."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False, **more})

    def _get_formatter(self) -> argparse.HelpFormatter:
        # Each option asks for one to check its help with, and one without a width asks the terminal for it.
        return argparse.HelpFormatter(self.prog, width=_WIDTH)

    def error(self, message: str) -> NoReturn:
        """Wrong usage, exit 2."""
        raise InvalidInput(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


class _Root(Parser):
    """The whole program, whose help shows the commands of every day first, and the others by what they are about."""

    def format_help(self) -> str:
        """Usage, commands by group, options."""
        usage, _, options = super().format_help().partition("positional arguments:")
        shown = []
        for group, commands in GROUPS.items():
            shown.append(f"{group}:\n")
            for name, declared in commands.items():
                lines = textwrap.wrap(declared.help, 58)
                shown[-1] += f"  {name:<18}{f'{chr(10)}{20 * chr(32)}'.join(lines)}\n"
        _, _, options = options.partition("\noptions:")
        return f"{usage}" + "\n".join(shown) + f"\noptions:{options}"


def _common() -> "Parser":
    # SUPPRESS lets an option stand before or behind the subcommand without one overwriting the other.
    common = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    where = common.add_argument_group("everywhere")
    where.add_argument("--book", metavar="PATH_OR_URL", help="the book: a SQLite path or postgresql://…")
    where.add_argument("--operator", metavar="NAME", help="operator name; default the Unix user's name")
    where.add_argument("--password-file", metavar="FILE", help="file with the password, mode 600")
    where.add_argument("--credential", metavar="FILE", help="key of a service principal, for timers")
    where.add_argument("--accept-shared-file", action="store_const", const="on", help="accept a book the Unix group can write")
    where.add_argument("--as-of", metavar="DATE", help="the business date; default today in the book's time zone")
    where.add_argument("--json", action="store_const", const="json", dest="form", help="data as JSON")
    where.add_argument("--csv", action="store_const", const="csv", dest="form", help="data as CSV")
    where.add_argument("--plain", action="store_const", const="plain", dest="form", help="tab-separated text")
    where.add_argument("--dry-run", action="store_true", help="show what would happen and change nothing")
    where.add_argument("--yes", action="store_true", help="answer yes where a question would be asked")
    where.add_argument("--no-input", action="store_true", help="ask nothing")
    where.add_argument("--quiet", action="store_true", help="no remarks on stderr")
    where.add_argument("--color", metavar="WHEN", help="auto, 16, 256, true or mono")
    return common


def _give_options(name: str, declared: Declared, command: argparse.ArgumentParser) -> None:
    """What can be typed behind a command stands in the `options` of its district, in a function named as the command."""
    options = import_module(f"netbill_tui.cli.{declared.does.partition('.')[0]}.options")
    function = name.replace("-", "_") + ("_" if keyword.iskeyword(name) else "")
    if hasattr(options, function):
        getattr(options, function)(command)


def _opens_screens(argv: Sequence[str]) -> bool:
    """Nothing but where and as whom: the screens, whose start waits for the words of no other command."""
    words = iter(argv)
    return all(word in WITH_VALUE and next(words, None) is not None for word in words)


def build(argv: Sequence[str]) -> argparse.ArgumentParser:
    """The command line: every command, or only those named among the words, which starts 8 ms sooner."""
    common = _common()
    parser = _Root(prog="netbill", description="Accounts, dues and payments on a text terminal.", parents=[common])
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    words = frozenset(argv)
    named = [n for n in COMMANDS if n in words] or (["tui"] if _opens_screens(argv) else list(COMMANDS))
    for name in named:
        declared = COMMANDS[name]
        command = commands.add_parser(name, help=declared.help, description=declared.help, parents=[common])
        command.set_defaults(does=declared.does)
        _give_options(name, declared, command)
    return parser
