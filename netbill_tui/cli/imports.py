"""The import command."""

import signal
from pathlib import Path

from netbill_tui.cli.main import Call
from netbill_tui.cli.output import progress
from netbill_tui.errors import InvalidInput
from netbill_tui.services.session import Session
from netbill_tui.text import visible


def import_file(call: Call, session: Session) -> int:
    """Read a CSV by a profile; 3 when rows were left out, 1 when one of them refused all."""
    from netbill_tui.integrations.profiles import read_profile
    from netbill_tui.services import importing

    if call.as_of is not None and call.as_of > session.today() and not call.dry_run:
        raise InvalidInput(f"--as-of {call.as_of} lies ahead; nothing is posted before its day.")
    path, profile = Path(call.args.file), read_profile(Path(call.args.profile))
    stopping: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: stopping.append(number))
    result = importing.run(
        session, path, profile, all_or_nothing=call.args.all_or_nothing, dry_run=call.dry_run,
        on_progress=progress(f"Importing {visible(path.name)}", call.output), should_stop=lambda: bool(stopping),
    )  # fmt: skip
    rejected = [{"line": r.line, "column": r.column or None, "reason": visible(r.reason)} for r in result.rejected]
    data = {
        "kind": result.kind, "rows": result.rows, "created": result.created, "updated": result.updated,
        "already": result.already, "rejected": rejected, **{f"new_{k}": v for k, v in sorted(result.made.items())},
    }  # fmt: skip

    def text() -> str:
        lines = [f"line {r['line']}{', ' + str(r['column']) if r['column'] else ''}: {r['reason']}" for r in rejected]
        lines.append(
            f"{result.rows} rows: {result.created} created, {result.updated} updated, {result.already} already there, "
            f"{len(rejected)} rejected"
        )
        return "\n".join(lines)

    call.output.record(data, text)
    if stopping:
        call.output.remark("Stopped after a whole batch; run it again to go on.")
        return 130
    if rejected and call.args.all_or_nothing:
        call.output.remark("Nothing was imported, because a row was rejected.")
        return 1
    return 3 if rejected else 0
