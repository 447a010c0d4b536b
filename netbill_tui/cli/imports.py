"""The import command."""

import signal
import sys
from pathlib import Path
from typing import TextIO

from netbill_tui.cli.main import Call
from netbill_tui.cli.output import progress
from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.profiles import Profile
from netbill_tui.services.session import Session
from netbill_tui.text import neutral, visible

FIRST_PROBLEMS = 20


def import_file(call: Call, session: Session) -> int:
    """Read a CSV by a profile, or by the one that is guessed; 3 when rows were left out, 1 when one of them refused all."""
    from netbill_tui.integrations.profiles import read_profile

    if call.as_of is not None and call.as_of > session.today() and not call.dry_run:
        raise InvalidInput(f"--as-of {call.as_of} lies ahead; nothing is posted before its day.")
    path = Path(call.args.file)
    if call.args.profile:
        return _read(call, session, path, read_profile(Path(call.args.profile)))
    return _guessed(call, session, path)


def _guessed(call: Call, session: Session, path: Path) -> int:
    """Show what the file seems to hold on five rows; import nothing until that is confirmed."""
    from netbill_tui.integrations.guessing import guess

    found = guess(path, kind=call.args.kind or "")
    if call.args.write_profile:
        _write(Path(call.args.write_profile), found.toml)
    data = {
        "kind": found.kind, "columns": [{"field": f, "column": c, "values": v} for f, c, v in found.columns],
        "left_out": found.left, "missing": found.missing, "doubts": found.doubts, "profile": found.toml, "imported": False,
    }  # fmt: skip

    def text() -> str:
        lines = [f"{path.name} seems to hold {found.kind}:", ""]
        lines += [f"  {f:<13} from {c[:24]:<24}  {' | '.join(v)[:76]}" for f, c, v in found.columns]
        lines += ["", f"Nothing is taken from: {', '.join(found.left)}"] if found.left else []
        lines += [f"No column was found for {m}, which is needed." for m in found.missing]
        return "\n".join([*lines, *found.doubts])

    goes_on = found.profile is not None and not call.args.write_profile and (call.yes or call.dry_run)
    if goes_on:
        # The answer is the import's; what was guessed is a remark beside it.
        for line in text().splitlines():
            call.output.remark(line)
    else:
        call.output.record(data, text)
    if call.args.write_profile:
        call.output.remark(f"Written to {call.args.write_profile}; look at it, then: netbill import --profile "
                           f"{call.args.write_profile} {path}")  # fmt: skip
        return 0
    if found.profile is None:
        call.output.remark(
            "Nothing was imported. Write the profile with --write-profile FILE.toml and mend it there, or give --kind."
        )
        return 1
    if not call.yes and not call.dry_run and not _confirmed(call):
        call.output.remark("Nothing was imported. --yes imports it so, --dry-run shows the first problems, "
                           "--write-profile FILE.toml writes the profile.")  # fmt: skip
        return 0
    return _read(call, session, path, found.profile)


def _confirmed(call: Call) -> bool:
    if call.no_input or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print("Type yes to import it so: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() == "yes"


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InvalidInput(f"{visible(str(path))} cannot be written: {error.strerror}; nothing is overwritten.") from None


def _begin_report(path: str | None) -> TextIO | None:
    """The report's file, opened before anything is imported and over nothing."""
    if not path:
        return None
    try:
        return Path(path).open("x", encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidInput(f"The report {visible(path)} cannot be written: {error.strerror}; nothing was imported.") from None


def _report(file: TextIO, rejected: list[dict[str, object]]) -> None:
    import csv

    with file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("line", "column", "reason"))
        writer.writerows((r["line"], r["column"] or "", neutral(r["reason"])) for r in rejected)


def _read(call: Call, session: Session, path: Path, profile: Profile) -> int:
    from netbill_tui.services import importing

    report = _begin_report(call.args.report)
    stopping: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: stopping.append(number))
    result = importing.run(
        session, path, profile, all_or_nothing=call.args.all_or_nothing, dry_run=call.dry_run,
        on_progress=progress(f"Importing {visible(path.name)}", call.output), should_stop=lambda: bool(stopping),
    )  # fmt: skip
    rejected: list[dict[str, object]] = [
        {"line": r.line, "column": r.column or None, "reason": visible(r.reason)} for r in result.rejected
    ]
    data = {
        "kind": result.kind, "rows": result.rows, "created": result.created, "updated": result.updated,
        "already": result.already, "rejected": rejected, **{f"new_{k}": v for k, v in sorted(result.made.items())},
    }  # fmt: skip

    def text() -> str:
        shown = rejected[:FIRST_PROBLEMS] if call.dry_run else rejected
        lines = [f"line {r['line']}{', ' + str(r['column']) if r['column'] else ''}: {r['reason']}" for r in shown]
        if len(shown) < len(rejected):
            lines.append(f"... and {len(rejected) - len(shown)} more; --report FILE writes them all")
        lines.append(
            f"{result.rows} rows: {result.created} created, {result.updated} updated, {result.already} already there, "
            f"{len(rejected)} rejected"
        )
        return "\n".join(lines)

    call.output.record(data, text)
    if report is not None:
        _report(report, rejected)
    if stopping:
        call.output.remark("Stopped after a whole batch; run it again to go on.")
        return 130
    if rejected and call.args.all_or_nothing:
        call.output.remark("Nothing was imported, because a row was rejected.")
        return 1
    return 3 if rejected else 0
