"""Commands of keys and their recovery."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.errors import InvalidInput, KeyProblem
from netbill_tui.text import counted
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    pass


def keys(call: Call, session: Session) -> int:
    """Status of the keys, rotation, a pepper."""
    from netbill_tui.cli.core.words import moment
    from netbill_tui.usecases.access import rotation

    args = call.args
    if args.what == "rotate":
        return _rotate(call, session)
    if args.what == "pepper":
        if len(args.names) != 1:
            raise InvalidInput("Name a new file, outside the book's folder: netbill keys pepper FILE.")
        number = rotation.new_pepper(session, args.names[0], dry_run=call.dry_run)
        old = (call.settings.pepper_file or "OLD") if session.settings.peppers else ""
        let = f"both, the new one first ({args.names[0]}:{old})," if old else "it"
        advice = " Keep the old one until every operator has signed in once." if old else ""
        words = (
            f"Wrote {args.names[0]}. Set pepper_file to {let} in the configuration of everybody who signs in, and keep a copy "
            f"apart from the backups: a password opens nothing without it. Each operator moves to it at the next sign-in.{advice}"
        )
        call.output.record({"file": args.names[0], "pepper": number}, lambda: words)
        return 0
    rows: list[dict[str, object]] = [
        {"compartment": s.key.compartment, "key": s.key.key_id, "state": s.key.status, "since": moment(s.key.created_us),
         "cells": s.cells, "holders": s.holders, "held": ", ".join(s.holders)}
        for s in rotation.status(session)
    ]  # fmt: skip
    columns: list[Column] = [
        ("compartment", "Keys of", 11, False),
        ("key", "Key", 10, True),
        ("state", "State", 12, False),
        ("since", "Since (UTC)", 20, False),
        ("cells", "Cells", 9, True),
        ("held", "Held by", 40, False),
    ]
    call.output.rows(rows, columns, empty="")
    return 0


def _rotate(call: Call, session: Session) -> int:
    from netbill_tui.cli.core.output import progress
    from netbill_tui.usecases.access import rotation

    names = rotation.check_names(call.args.names)
    done = []
    for name in names:
        if call.dry_run:
            mine = [s for s in rotation.status(session) if s.key.compartment == name and s.key.status != "destroyed"]
            cells = sum(s.cells for s in mine)
            done.append({"compartment": name, "cells": cells, "done": False})
            continue
        rotated = rotation.rotate_until_done(session, name, on_progress=progress(f"Rotating {name}", call.output))
        done.append({"compartment": name, "key": rotated.key_id, "cells": rotated.cells, "done": rotated.done})
    words = "Would seal again" if call.dry_run else "Sealed again"
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
