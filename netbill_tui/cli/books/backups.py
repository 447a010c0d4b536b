"""Commands that keep the book safe: audit, keys, recovery, backup, restore."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from netbill_tui.cli.access.keys import _shares
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column, Output
from netbill_tui.errors import KeyProblem
from netbill_tui.text import counted
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    from netbill_tui.usecases.books.restoring import Restored, Second

EVENT_COLUMNS: list[Column] = [
    ("at", "At (UTC)", 0, False),
    ("actor", "Who", 12, False),
    ("action", "Did", 18, False),
    ("object", "To", 14, False),
    ("detail", "Detail", 60, False),
]


def _bars(output: Output) -> Callable[[str, int, int], None]:
    """A bar for each step of a backup or a restore."""
    from netbill_tui.cli.core.output import progress

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

    written = backups.backup(session, call.args.file, call.args.recipient, _bars(call.output), dry_run=call.dry_run)
    if written is None:
        call.output.remark("A backup would be written.")
        return 0
    data: dict[str, object] = {
        "file": str(written.path),
        "bytes": written.size,
        "sha256": written.sha256,
        "seq": written.seq,
        "head": written.head,
        "rows": written.rows,
    }
    call.output.record(
        data,
        lambda: f"Wrote {written.path}: {written.size:,} bytes, verified, audit event {written.seq}.\nSHA-256 {written.sha256}",
    )
    return 0


def restore(call: Call) -> int:
    """Bring a book back."""
    from netbill_tui.bootstrap import peppers
    from netbill_tui.usecases.books import restoring
    from netbill_tui.usecases.core import checkpoints

    args = call.args
    files = list(args.checkpoint)
    own = call.settings.checkpoint_file
    if own and os.path.exists(os.path.expanduser(own)):
        files.append(own)
    outside = [c for f in files for c in checkpoints.read(f)]
    if call.dry_run:
        args.drill = True
    restored = restoring.restore(
        call.settings.book,
        args.file,
        _key(call),
        outside=outside,
        accept_missing=args.accept_missing,
        second=_second(call) if args.second else None,
        drill=args.drill,
        on_progress=_bars(call.output),
        peppers=peppers(call.settings),
    )
    data: dict[str, object] = {
        "book": restored.book or None,
        "drill": bool(args.drill),
        "seq": restored.seq,
        "head": restored.head,
        "cells": restored.cells,
        "missing": restored.missing,
        "aside": restored.aside or None,
    }

    call.output.record(data, lambda: _restored_words(restored, len(outside), drill=args.drill))
    return 0


def _key(call: Call) -> bytes:
    """What opens the backup: the identity of the file that is named, else of the two shares."""
    from netbill_tui.usecases.books import restoring
    from netbill_tui.usecases.core.host import read_private_file

    if not call.args.identity:
        return restoring.key_of(None, _shares(call))
    text = read_private_file(Path(call.args.identity).expanduser(), "The identity").decode("ascii", "replace")
    return restoring.key_of(text, None)


def _restored_words(restored: "Restored", checkpoints: int, *, drill: bool) -> str:
    what = "The backup can be restored" if drill else f"Restored {restored.book}"
    aside = f" The old book is kept at {restored.aside}." if restored.aside else ""
    if restored.behind:
        aside += (
            f" It has {counted(restored.behind, 'audit event')} more: what was done in them, such as disabling operators, "
            "is missing in this book."
        )
    compared = f"{counted(checkpoints, 'checkpoint')} compared" if checkpoints else "no checkpoint was given to compare with"
    return f"{what}: audit event {restored.seq}, {counted(restored.cells, 'sealed cell')} looked at, {compared}.{aside}"


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
            raise KeyProblem("netbill cannot ask for the password here; give --second-password-file FILE (mode 600).")
        import getpass

        return Second(name, getpass.getpass(f"Password of {name}: "))

    return ask
