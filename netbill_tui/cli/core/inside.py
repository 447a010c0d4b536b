"""One command in a session that is open: for the shell, for the `:` line of the screens, and for exports."""

import argparse
import contextlib
import importlib
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.declared import POSTING, spelled
from netbill_tui.cli.core.output import Output
from netbill_tui.cli.core.parser import EVENTS, build
from netbill_tui.errors import InvalidInput
from netbill_tui.settings import Settings
from netbill_tui.text import visible

if TYPE_CHECKING:
    from netbill_tui.usecases.core.session import Session

# Commands that open their book themselves.
OPENS_NOTHING = ("init", "demo", "tui", "config", "keymap", "theme", "recovery", "restore")


def function_of(does: str) -> Callable[..., int]:
    """The function that a command names in the parser."""
    module, function = does.split(":")
    return getattr(importlib.import_module(f"netbill_tui.cli.{module}"), function)  # type: ignore[no-any-return]


def run_in(session: "Session", chosen: Settings, words: list[str], out: TextIO, *, form: str = "table") -> int:
    """Run one command in a session that is open, for the `:` line and for exports; its exit code.

    Raises:
        NetbillError: What the command would have told on stderr.
    """
    text = io.StringIO()
    try:
        words = spelled(words)
        args = build(words).parse_args(words)
    except SystemExit:
        raise InvalidInput(f"{visible(words[0])}: read netbill {visible(words[0])} --help outside the screens.") from None
    if (args.command or "tui") in OPENS_NOTHING:
        raise InvalidInput(f"{args.command} is for the shell; leave the screens first.")
    for name in ("book", "operator", "password_file", "credential", "as_of"):
        if getattr(args, name, None) is not None:
            raise InvalidInput(f"--{name.replace('_', '-')} is given when the screens are opened; leave it out here.")
    if args.command in ("operator", "backup", "keys") and getattr(args, "what", "") in ("activate", "password", "pepper"):
        raise InvalidInput(f"{args.command} asks for a secret; leave the screens, or use their own keys.")
    if args.command in ("import", "script") or getattr(args, "private", False) or getattr(args, "check", None):
        raise InvalidInput(f"{args.command} reads what is typed or a file; leave the screens, or use their own keys.")
    if session.settings.preview and args.command in POSTING:
        session.may_post()
    output = Output(getattr(args, "form", form), quiet=False, is_terminal=form == "table", out=out, err=text)
    call = Call(args, chosen, output, session.calendar.as_of, getattr(args, "dry_run", False), getattr(args, "yes", False), True)
    canonical(args, session)
    output.on_export = exporting(session, args.command, words)
    output.exports = form == "plain" or (args.command == "invoice" and args.all)  # it goes into a file, or is all of them
    code = function_of(args.does)(call, session)
    out.write(text.getvalue())
    return code


def exporting(session: "Session", name: str, words: list[str]) -> Callable[[int, str], None]:
    """What is done before a list leaves the book: whoever takes it has the right, and the audit knows."""

    def note(rows: int, form: str) -> None:
        from netbill_tui.usecases.audit.trail import note_list_export

        note_list_export(session, name, rows, form, " ".join(_without_secrets(words)))

    return note


def _without_secrets(words: list[str]) -> list[str]:
    """The words of a command for the audit: of a filter its conditions, and not what may be somebody's street or number."""
    from netbill_tui.usecases.lookup.views import without_words

    return [without_words(w) if n and words[n - 1] in ("--filter", "find") else w for n, w in enumerate(words)]


def canonical(args: argparse.Namespace, session: "Session") -> None:
    """An account that was typed without its letter is answered under its whole number: others join on it."""
    name = "what" if args.command == "service" else "account"
    typed = getattr(args, name, None)
    if not isinstance(typed, str) or args.command == "new-customer" or (name == "what" and typed in EVENTS):
        return
    from netbill_tui.errors import NotFound
    from netbill_tui.usecases.customers.accounts import find_customer

    with contextlib.suppress(NotFound):  # the command says so in its own words
        setattr(args, name, find_customer(session, typed).account)
