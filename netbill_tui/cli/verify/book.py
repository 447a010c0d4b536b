"""The command verify."""

import os
from collections.abc import Sequence

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import progress
from netbill_tui.errors import KeyProblem, NetbillError, NotSaved
from netbill_tui.text import visible
from netbill_tui.usecases.core.checks import Check
from netbill_tui.usecases.core.session import Session


def verify(call: Call, session: Session) -> int:
    """Check what must always be true; name each row that breaks a rule."""
    from netbill_tui.bootstrap import can_unlock_silently
    from netbill_tui.usecases.core.checkpoints import read
    from netbill_tui.usecases.verify import beside
    from netbill_tui.usecases.verify.book import verify as usecase

    own = call.settings.checkpoint_file
    files = [*call.args.checkpoint, *([own] if own and os.path.exists(os.path.expanduser(own)) else [])]
    outside = [c for file in files for c in read(file)]
    refused = ""
    if call.args.beside:
        return _report(call, usecase(session, only=beside.TITLES))
    if can_unlock_silently(session, call.settings):
        try:
            session.sign_in_if_needed()
        except NotSaved as problem:
            call.output.remark(f"Nobody could sign in, so no sealed field was opened: {problem}")
        except (NetbillError, AssertionError) as problem:
            # Whatever keeps somebody from signing in must not keep the others from being told what is wrong.
            session.operator = session.vault = None
            refused = str(problem) or "the audit has no head, so nothing can be written"
    checks = usecase(
        session,
        on_progress=progress("Verifying", call.output),
        outside=outside,
        every_cell=call.args.all_cells,
        quick=call.args.quick,
    )
    code = _report(call, checks)
    if refused:
        call.output.remark(f"Nobody could sign in, so no sealed field was opened: {refused}")
    # A mistyped password says nothing of the book, and no alarm is rung for it; but not all was looked at.
    return code or (KeyProblem.exit_code if refused else 0)


def scan(call: Call) -> int:
    """Name the damaged pages of a book that cannot be opened, and what they hit."""
    from netbill_tui.usecases.verify.book import scan as usecase

    return _report(call, [usecase(call.settings.book)])


def _report(call: Call, checks: Sequence[Check]) -> int:
    ok = all(not c.broken for c in checks)
    data = {
        "ok": ok,
        "checks": [{"name": c.name, "rows": c.rows, "broken": [visible(b) for b in c.broken]} for c in checks],
    }

    def text() -> str:
        lines = []
        for check in checks:
            lines.append(f"{'BROKEN' if check.broken else 'ok':<8}{check.rows:>10}  {check.name}")
            lines += [f"          {broken}" for broken in check.broken]
        return "\n".join([*lines, "The book is sound." if ok else "The book is NOT sound: stop posting and find out why."])

    call.output.record(data, text)
    return 0 if ok else 1
