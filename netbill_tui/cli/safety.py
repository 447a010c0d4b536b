"""Commands that keep the book safe: audit, keys, recovery, backup, restore."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from netbill_tui.cli.call import Call
from netbill_tui.cli.output import Column, Output
from netbill_tui.errors import InvalidInput, KeyProblem, NotFound
from netbill_tui.text import counted
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    from netbill_tui.usecases.books.restoring import Second

EVENT_COLUMNS: list[Column] = [
    ("at", "At (UTC)", 0, False), ("actor", "Who", 12, False), ("action", "Did", 18, False), ("object", "To", 14, False),
    ("detail", "Detail", 60, False),
]  # fmt: skip


def audit(call: Call, session: Session) -> int:
    """Who did what: to an account with its payments, to another record, or in the whole book; or a checkpoint."""
    from netbill_tui.billing.core.dates import parse_date
    from netbill_tui.usecases.audit import trail
    from netbill_tui.usecases.core import checkpoints
    from netbill_tui.usecases.customers import accounts

    args, account = call.args, ""
    if args.limit < 0:
        raise InvalidInput(f"--limit is {args.limit}; type a number from 1, or 0 for all.")
    if args.checkpoint:
        session.sign_in_if_needed()
        made = checkpoints.write(session)
        data = {"install": made.install, "seq": made.seq, "head": made.head, "time": made.time, "signed": bool(made.signature)}
        call.output.record(data, lambda: made.note.rstrip())
        if session.checkpoint_problem:
            call.output.remark(f"The checkpoint file was not written: {session.checkpoint_problem}.")
        return 0
    whole = not args.record or args.by or args.action or args.first or args.last
    if whole:
        today = session.today()
        first = parse_date(args.first, today) if args.first else None
        last = parse_date(args.last, today) if args.last else None
        wanted = trail.read_wanted(session, args.record or "", args.by, args.action, first, last)
        if call.output.form in ("csv", "json"):
            trail.note_export(session, wanted)
            call.output.on_export = None  # that was its event
        found = list(trail.every(session, wanted, args.limit))
    else:
        try:
            account = accounts.find_customer(session, args.record).account
            found = trail.of_account(session, account)
        except NotFound as missing:
            if "type the whole account number" in str(missing):
                raise
            found = trail.of_record(session, args.record) or trail.of_record(session, args.record.upper())
        if args.limit and len(found) > args.limit:
            call.output.remark(f"The newest {args.limit} of {len(found)}; --limit {len(found)} shows all.")
            found = found[: args.limit]
    rows: list[dict[str, object]] = [
        {"seq": e.seq, "at": trail.moment(e), "actor": e.actor, "action": e.action, "object": e.object,
         "detail": trail.words(e, account), "session": e.session}
        for e in found
    ]  # fmt: skip
    call.output.rows(
        rows,
        EVENT_COLUMNS,
        empty=f"Nothing was done to {args.record!r}." if args.record else "Nothing was done so.",
        keys="seq at actor action object detail session",
    )
    return 0 if found or not args.record else 4


def keys(call: Call, session: Session) -> int:
    """Status of the keys, rotation, a pepper."""
    from netbill_tui.cli.operators import moment
    from netbill_tui.usecases.access import rotation

    args = call.args
    if args.what == "rotate":
        return _rotate(call, session)
    if args.what == "pepper":
        if len(args.names) != 1:
            raise InvalidInput("Name a new file, outside the book's folder: netbill keys pepper FILE.")
        number = rotation.new_pepper(session, args.names[0], dry_run=call.dry_run)
        old = (call.settings.pepper_file or "OLD") if session.peppers else ""
        let = f"both, the new one first ({args.names[0]}:{old})," if old else "it"
        keep = " Keep the old one until everybody has signed in once: who has not needs it." if old else ""
        words = (
            f"Wrote {args.names[0]}. Let pepper_file name {let} in the configuration of everybody who signs in, and keep a copy "
            f"apart from the backups: a password opens nothing without it. Each operator moves to it at the next sign-in.{keep}"
        )
        call.output.record({"file": args.names[0], "pepper": number}, lambda: words)
        return 0
    rows: list[dict[str, object]] = [
        {"compartment": k.compartment, "key": k.key_id, "state": k.status, "since": moment(k.created_us), "cells": cells,
         "holders": holders, "held": ", ".join(holders)}
        for k, cells, holders in rotation.status(session)
    ]  # fmt: skip
    columns: list[Column] = [
        ("compartment", "Keys of", 11, False), ("key", "Key", 10, True), ("state", "State", 12, False),
        ("since", "Since (UTC)", 20, False), ("cells", "Cells", 9, True), ("held", "Held by", 40, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="")
    return 0


def _rotate(call: Call, session: Session) -> int:
    from netbill_tui.cli.output import progress
    from netbill_tui.usecases.access import rotation

    names = rotation.check_names(call.args.names)
    done = []
    for name in names:
        if call.dry_run:
            cells = sum(c for k, c, _ in rotation.status(session) if k.compartment == name and k.status != "destroyed")
            done.append({"compartment": name, "cells": cells, "done": False})
            continue
        made = rotation.rotate_until_done(session, name, on_progress=progress(f"Rotating {name}", call.output))
        done.append({"compartment": name, "key": made.key_id, "cells": made.cells, "done": made.done})
    words = "Would seal anew" if call.dry_run else "Sealed anew"
    call.output.record(
        {"rotated": done},
        lambda: "\n".join(f"{words}: {counted(int(str(d['cells'])), 'cell')} of {d['compartment']}." for d in done),
    )
    return 0 if call.dry_run or all(d["done"] for d in done) else 3


def _shares(call: Call) -> tuple[str, str]:
    """The two recovery shares, from their file or typed."""
    from netbill_tui.usecases.core.host import read_private_file

    if call.args.shares_file:
        text = read_private_file(Path(call.args.shares_file).expanduser(), "The shares").decode("ascii", "replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
    elif call.no_input or not sys.stdin.isatty():
        raise KeyProblem("Give the two recovery shares: --shares-file FILE (mode 600), a line each.")
    else:
        import getpass

        lines = [getpass.getpass("Recovery share 1: "), getpass.getpass("Recovery share 2: ")]
    if len(lines) != 2:
        raise InvalidInput(f"There are two recovery shares, a line each; {counted(len(lines), 'line')} came.")
    return lines[0], lines[1]


def recovery(call: Call) -> int:
    """Combine the shares into the age identity that opens backups; needs no book."""
    from netbill_tui.usecases.books.restoring import combine

    identity = combine(*_shares(call))
    if call.args.write:
        path = Path(call.args.write).expanduser()
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise InvalidInput(f"The identity {path} cannot be written: {error.strerror}; name a new file.") from None
        with os.fdopen(fd, "w", encoding="ascii") as out:
            out.write(identity + "\n")
        data: dict[str, object] = {"file": str(path)}
        call.output.record(data, lambda: f"{path} opens every backup of the book: age -d -i {path} FILE. Destroy it afterwards.")
    else:
        call.output.record({"identity": identity}, lambda: identity)
    return 0


def _bars(output: Output) -> Callable[[str, int, int], None]:
    """A bar for each step of a backup or a restore."""
    from netbill_tui.cli.output import progress

    bars: dict[str, Callable[[int, int], None] | None] = {}

    def show(step: str, done: int, total: int) -> None:
        if step not in bars:
            bars[step] = progress(step, output)
        bar = bars[step]
        if bar:
            bar(done, total)

    return show


def backup(call: Call, session: Session) -> int:
    """Write an encrypted, verified backup."""
    from netbill_tui.usecases.books import backups

    made = backups.backup(session, call.args.file, call.args.recipient, _bars(call.output), dry_run=call.dry_run)
    if made is None:
        call.output.remark("A backup would be written.")
        return 0
    data: dict[str, object] = {
        "file": str(made.path),
        "bytes": made.size,
        "sha256": made.sha256,
        "seq": made.seq,
        "head": made.head,
        "rows": made.rows,
    }
    call.output.record(
        data, lambda: f"Wrote {made.path}: {made.size:,} bytes, verified, audit event {made.seq}.\nSHA-256 {made.sha256}"
    )
    return 0


def restore(call: Call) -> int:
    """Bring a book back."""
    from netbill_tui.bootstrap import peppers
    from netbill_tui.usecases.books import restoring
    from netbill_tui.usecases.core import checkpoints

    args = call.args
    text = None
    if args.identity:
        from netbill_tui.usecases.core.host import read_private_file

        text = read_private_file(Path(args.identity).expanduser(), "The identity").decode("ascii", "replace")
    key = restoring.key_of(text, None if text is not None else _shares(call))
    files = list(args.checkpoint)
    own = call.settings.checkpoint_file
    if own and os.path.exists(os.path.expanduser(own)):
        files.append(own)
    given = [c for f in files for c in checkpoints.read(f)]
    if call.dry_run:
        args.drill = True
    made = restoring.restore(
        call.settings.book, args.file, key, given=given, accept_missing=args.accept_missing,
        second=_second(call) if args.second else None, drill=args.drill, on_progress=_bars(call.output),
        peppers=peppers(call.settings),
    )  # fmt: skip
    data: dict[str, object] = {
        "book": made.book or None, "drill": bool(args.drill), "seq": made.seq, "head": made.head, "cells": made.cells,
        "missing": made.missing, "aside": made.aside or None,
    }  # fmt: skip

    def words() -> str:
        what = "The backup can be restored" if args.drill else f"Restored {made.book}"
        aside = f" The old book stands at {made.aside}." if made.aside else ""
        if made.behind:
            aside += (
                f" It went on for {counted(made.behind, 'audit event')} more: what was done in them, such as operators that were "
                "disabled, is not in this one."
            )
        compared = f"{counted(len(given), 'checkpoint')} compared" if given else "no checkpoint was given to compare with"
        return f"{what}: audit event {made.seq}, {counted(made.cells, 'sealed cell')} looked at, {compared}.{aside}"

    call.output.record(data, words)
    return 0


def _second(call: Call) -> "Callable[[], Second]":
    """The second operator of a restore that loses events."""
    from netbill_tui.usecases.books.restoring import Second
    from netbill_tui.usecases.core.host import read_private_file

    def ask() -> Second:
        name = str(call.args.second)
        if call.args.second_password_file:
            raw = read_private_file(Path(call.args.second_password_file).expanduser(), "The password file")
            return Second(name, raw.decode("utf-8", "replace").removesuffix("\n"))
        if call.no_input or not sys.stdin.isatty():
            raise KeyProblem("Nobody can be asked for the password here; give --second-password-file FILE (mode 600).")
        import getpass

        return Second(name, getpass.getpass(f"Password of {name}: "))

    return ask
