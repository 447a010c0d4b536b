"""The way of every command: read the words, open the session, do one thing, answer, close."""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from netbill_tui import __version__, settings
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.declared import spelled
from netbill_tui.cli.core.inside import OPENS_NOTHING, canonical, exporting, function_of
from netbill_tui.cli.core.output import Output, typed_yes
from netbill_tui.cli.core.parser import build
from netbill_tui.cli.core.roads import check_roads
from netbill_tui.db.core.opening import shut_out_drivers
from netbill_tui.errors import ClockProblem, Damaged, InvalidInput, NetbillError, NotPermitted
from netbill_tui.text import scrub, visible

if TYPE_CHECKING:
    from netbill_tui.usecases.core.session import Session

_FLAGS = (
    "book", "operator", "password_file", "credential", "theme", "color", "glyphs", "reader", "slow", "readonly",
    "accept_shared_file",
)  # fmt: skip


def main(argv: list[str]) -> int:
    """Run one command; its exit code. No traceback reaches an operator."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    try:
        try:
            return _run(argv)
        finally:
            if "netbill_tui.cli.core.progress" in sys.modules:
                from netbill_tui.cli.core.progress import close_all

                close_all()
    except NetbillError as error:
        message = str(error) if sys.stderr.isatty() else scrub(str(error))  # what nobody reads at once goes into a log
        print(f"netbill: {visible(message)}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("netbill: stopped; anything that was not confirmed was not saved.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _give_up_stdout()  # The reader of our output left; that is its right.
        return 141
    except SystemExit:
        raise
    except OSError as error:
        _give_up_stdout()
        why = visible(str(error.strerror or error))
        print(f"netbill: {why}. Anything already posted is saved; check with netbill payments before repeating.", file=sys.stderr)
        return 1
    except Exception as error:
        if os.environ.get("NETBILL_TRACEBACK") == "1":
            raise
        from netbill_tui.usecases.core.incidents import record

        print(f"netbill: {record(error)}", file=sys.stderr)
        return 1


def _give_up_stdout() -> None:
    """Let what is still buffered go nowhere, so that the exit code is ours and not that of a failed flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leave(number: int, frame: object) -> None:  # noqa: ARG001 - a signal handler gets both
    """A signal ends the command: a running transaction rolls back on the way out."""
    raise SystemExit(128 + number)


def _run(argv: list[str]) -> int:
    argv = spelled(_asked(argv))
    _check_words(argv)
    args = build(argv).parse_args(argv)
    if getattr(args, "version", False):
        print(f"netbill {__version__}")
        return 0
    check_roads(args)
    does = getattr(args, "does", "core.screens:tui")
    flags = {name: getattr(args, name, None) for name in _FLAGS}
    chosen = settings.load(flags)
    shut_out_drivers(chosen.book)
    if chosen.accept_shared_file == "on":
        from netbill_tui.usecases.core.open_book import accept_shared_file

        accept_shared_file()
    is_terminal = sys.stdout.isatty()
    form = getattr(args, "form", "table" if is_terminal else "plain")
    output = Output(form, quiet=getattr(args, "quiet", False), is_terminal=is_terminal)
    no_input = getattr(args, "no_input", False)
    if no_input:
        os.environ["NETBILL_NO_INPUT"] = "1"
    call = Call(args, chosen, output, _as_of(args), getattr(args, "dry_run", False), getattr(args, "yes", False), no_input)
    command = function_of(does)
    if (args.command or "tui") in OPENS_NOTHING:
        return command(call)
    return _in_session(call, argv, command)


def _in_session(call: Call, argv: list[str], command: Callable[..., int]) -> int:
    """Run a command that works in a book, and end the sitting that it began."""
    from netbill_tui.bootstrap import open_session

    args, output = call.args, call.output
    try:
        session = open_session(call.settings, as_of=call.as_of)
    except Damaged:
        if args.command != "verify":
            raise
        # It cannot be opened: what of it is hit is read from the file itself.
        return function_of("verify.book:scan")(call)
    if session.book.demo:
        output.remark("DEMO book: nothing in it is real.")
    try:
        canonical(args, session)
        output.on_export = exporting(session, args.command, argv)
        output.exports = args.command == "invoice" and args.all
        code = _carried_out(call, session, command)
        sys.stdout.flush()
        if call.dry_run and code in (0, 3):
            # Whatever the command says of itself, it says it as if it had been done.
            output.remark("Dry run: nothing was written.")
        return code
    finally:
        if session.sitting.is_stored:
            from netbill_tui.usecases.access.sign_in import leave

            leave(session, "done")
        session.db.close()


def _carried_out(call: Call, session: "Session", command: Callable[..., int]) -> int:
    """Run the command; what its operator may not is told to the audit, a book that was not used for long is asked about."""
    try:
        return command(call, session)
    except NotPermitted as refused:
        from netbill_tui.usecases.audit.trail import note_refusal

        note_refusal(session, str(call.args.command), str(refused))
        raise
    except ClockProblem as problem:
        if not problem.ahead or not typed_yes(str(problem), no_input=call.no_input):
            raise
        from netbill_tui.usecases.access import clock

        clock.accept(session)
        return command(call, session)


def _asked(argv: list[str]) -> list[str]:
    """The words, with those of a client of sshd's forced command; nothing of them is handed on to what this process starts."""
    if "SSH_ORIGINAL_COMMAND" not in os.environ:
        return argv
    from netbill_tui.cli.core.forced import words_of

    try:
        return words_of(argv)
    finally:
        del os.environ["SSH_ORIGINAL_COMMAND"]


def _check_words(argv: list[str]) -> None:
    """Refuse words that are not UTF-8, and give an answer a place to go where the caller closed it."""
    for word in argv:
        if any("\ud800" <= c <= "\udfff" for c in word):
            raise InvalidInput(f"{visible(word)[:60]!r} holds bytes that are not UTF-8; type it again.")
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115


def _as_of(args: argparse.Namespace) -> date | None:
    typed = getattr(args, "as_of", None)
    if typed is None:
        return None
    from netbill_tui.billing.core.dates import FIRST_YEAR, parse_date

    if typed[:1] in "+-tT":
        raise InvalidInput(f"--as-of {visible(typed)!r} is not a date; type it as 2026-11-22.")
    day = parse_date(typed, date.min)
    if day.year < FIRST_YEAR:
        raise InvalidInput(f"--as-of {visible(typed)[:20]!r} needs its year; type it as 2026-11-22.")
    return day
