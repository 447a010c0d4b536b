"""The command script: many commands from standard input or a file, in one process, one session and one sitting."""

import io
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.declared import NAMES, WITH_VALUE, spelled
from netbill_tui.cli.core.inside import OPENS_NOTHING, canonical, exporting, function_of
from netbill_tui.cli.core.output import Output
from netbill_tui.cli.core.parser import build
from netbill_tui.cli.core.roads import check_roads
from netbill_tui.errors import InvalidInput, NetbillError, NotPermitted
from netbill_tui.text import visible
from netbill_tui.usecases.access.sittings import still
from netbill_tui.usecases.core.session import Session

# What may stand before the command of a line, beside what is given once.
_BEFORE = frozenset({"--json", "--csv", "--plain", "--dry-run", "--yes", "--no-input", "--quiet"} | WITH_VALUE)
# Given once, for all lines.
_FOR_ALL = ("book", "operator", "password_file", "credential", "as_of", "accept_shared_file", "color", "version")


def script(call: Call, session: Session) -> int:
    """Run each line as a command; stop at the first that fails, with its exit code.

    A line is what stands behind `netbill` in a shell, with its quoting; blank lines and what follows a # are passed over. With
    --keep-going the others are run too, and the exit code is that of the first one that failed.
    """
    first = 0
    for number, line in _lines(call):
        try:
            still(session)
            code = _carried_out(call, session, line)
        except NetbillError as error:
            call.output.err.flush()
            print(f"netbill: line {number}: {visible(str(error))}", file=call.output.err)
            code = error.exit_code
        call.output.out.flush()
        first = first or code
        if code and not call.args.keep_going:
            break
    return first


def _lines(call: Call) -> Iterator[tuple[int, str]]:
    if call.args.file:
        try:
            raw: Iterable[bytes] = Path(call.args.file).read_bytes().splitlines()
        except OSError as error:
            raise InvalidInput(f"{visible(call.args.file)} cannot be read: {error.strerror}.") from None
    elif sys.stdin is None or sys.stdin.isatty():
        raise InvalidInput("Name a file of commands, or send them: netbill script < commands.txt.")
    else:
        raw = sys.stdin.buffer
        sys.stdin = io.StringIO()  # what a line would read as an answer is another command
    for number, line in enumerate(raw, 1):
        try:
            yield number, line.decode()
        except UnicodeDecodeError:
            raise InvalidInput(f"Line {number} is not UTF-8; convert the file, such as with iconv.") from None


def _without_remark(line: str) -> str:
    """The line up to a # that begins a word, as in a shell; one within a word or in quotation marks is part of it."""
    quote, before, at = "", " ", 0
    while at < len(line):
        char = line[at]
        if char == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "#" and before.isspace():
            return line[:at]
        before, at = char, at + 1
    return line


def _carried_out(call: Call, session: Session, line: str) -> int:
    try:
        words = shlex.split(_without_remark(line))
    except ValueError:
        raise InvalidInput("A quotation mark is not closed.") from None
    if words[:1] == ["netbill"]:
        words = words[1:]
    if not words:
        return 0
    if {"-h", "--help"} & set(words):
        raise InvalidInput(f"{visible(words[0])} --help is read outside a script.")
    words = spelled(words)
    if words[0] not in NAMES and words[0] not in _BEFORE:
        # A file that is no script is not repeated: it may be one that only this account reads.
        raise InvalidInput("It begins with no command of netbill; see netbill --help.")
    args = build(words).parse_args(words)
    check_roads(args)
    once = next((name for name in _FOR_ALL if getattr(args, name, None)), None)
    if once is not None:
        raise InvalidInput(f"--{once.replace('_', '-')} is given once, behind netbill script; leave it out here.")
    if args.command is None or args.command in (*OPENS_NOTHING, "script"):
        raise InvalidInput(f"{args.command or 'An option alone'} is not run in a script; run it by itself.")
    if getattr(args, "private", False) or getattr(args, "check", None) or getattr(args, "check_pin", None):
        raise InvalidInput(f"{args.command} reads what is typed; run it by itself.")
    if args.command in ("operator", "backup", "keys") and getattr(args, "what", "") in ("activate", "password", "pepper"):
        raise InvalidInput(f"{args.command} asks for a secret; run it by itself.")
    dry_run = call.dry_run or getattr(args, "dry_run", False)
    form = getattr(args, "form", call.output.form)
    output = Output(form, quiet=call.output.quiet or getattr(args, "quiet", False), is_terminal=False, out=call.output.out,
                    err=call.output.err)  # fmt: skip
    # Nobody answers a question: what is read as an answer would be the next line.
    own = Call(args, call.settings, output, call.as_of, dry_run, call.yes or getattr(args, "yes", False), no_input=True)
    canonical(args, session)
    output.on_export = exporting(session, args.command, words)
    output.exports = args.command == "invoice" and args.all
    try:
        code = function_of(args.does)(own, session)
    except NotPermitted as refused:
        from netbill_tui.usecases.audit.trail import note_refusal

        note_refusal(session, args.command, str(refused))
        raise
    if dry_run and code in (0, 3):
        output.remark("Dry run: nothing was written.")
    return code
