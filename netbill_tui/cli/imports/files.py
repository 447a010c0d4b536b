"""The import command."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import progress
from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.profiles import Profile
from netbill_tui.security import rights
from netbill_tui.text import neutral, visible
from netbill_tui.usecases.audit import exports
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    from netbill_tui.usecases.imports.result import Result

FIRST_PROBLEMS = 20


def import_file(call: Call, session: Session) -> int:
    """Read a CSV by a profile, or by the one that is guessed; 3 when rows were left out, 1 when one of them refused all."""
    from netbill_tui.integrations.profiles import read_profile

    if call.as_of is not None and call.as_of > session.today() and not call.dry_run:
        raise InvalidInput(f"--as-of {call.as_of} is in the future; you cannot post before that day.")
    if exports.is_confined(session):
        session.needs(rights.IMPORT)  # a preview shows what stands in a file of the account that several share
    path = Path(call.args.file)
    for option, other in (
        ("profile", "kind"),
        ("profile", "write_profile"),
        ("write_profile", "take"),
        ("write_profile", "report"),
    ):
        if getattr(call.args, option) and getattr(call.args, other):
            raise InvalidInput(f"--{option.replace('_', '-')} and --{other.replace('_', '-')} do not go together; leave one out.")
    if call.args.profile:
        return _read(call, session, path, read_profile(Path(call.args.profile)))
    return _guessed(call, session, path)


def _guessed(call: Call, session: Session, path: Path) -> int:
    """Show what the file seems to hold on five rows; import nothing until that is confirmed."""
    from netbill_tui.integrations.guessing import guess

    guessed = guess(path, kind=call.args.kind or "")
    if call.args.write_profile:
        written = exports.write(session, call.args.write_profile, guessed.toml.encode())
    data = {
        "kind": guessed.kind, "columns": [{"field": f, "column": c, "values": v} for f, c, v in guessed.columns],
        "words": [{"field": w.field, "word": w.theirs,
        "becomes": None if w.becomes == "?" else w.becomes} for w in guessed.words],
        "left_out": guessed.left, "missing": guessed.missing, "doubts": guessed.doubts, "profile": guessed.toml,
        "imported": False,
    }  # fmt: skip

    def text() -> str:
        lines = [f"{visible(path.name)} seems to hold {guessed.kind}:", ""]
        lines += [f"  {f:<13} from {visible(c)[:24]:<24}  {visible(' | '.join(v))[:76]}" for f, c, v in guessed.columns]
        for field in dict.fromkeys(w.field for w in guessed.words):
            words = [f"{visible(w.theirs)[:30]} -> {w.becomes}" for w in guessed.words if w.field == field]
            lines += [f"  {field:<13} {' · '.join(words[:40])}"]
        lines += ["", f"Columns that are not used: {', '.join(guessed.left)}"] if guessed.left else []
        lines += [f"No column was found for {m}, which is needed." for m in guessed.missing]
        return "\n".join([*lines, *guessed.doubts])

    goes_on = guessed.profile is not None and not call.args.write_profile and (call.yes or call.dry_run)
    if goes_on:
        # The answer is the import's; what was guessed is a remark beside it.
        for line in text().splitlines():
            call.output.remark(line)
    else:
        call.output.record(data, text)
    if call.args.write_profile:
        call.output.remark(f"Written to {written}; look at it, then: netbill import --profile {written} {path}")
        return 0
    if guessed.profile is None:
        call.output.remark(
            "Nothing was imported. Write the profile with --write-profile FILE.toml and mend it there, or give --kind."
        )
        return 1
    if not call.yes and not call.dry_run and not _confirmed(call):
        call.output.remark(
            "Nothing was imported. --yes imports it so, --dry-run shows the first problems, "
            "--write-profile FILE.toml writes the profile."
        )
        return 0
    return _read(call, session, path, guessed.profile)


def _confirmed(call: Call) -> bool:
    if call.no_input or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print("Type yes to import it so: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() == "yes"


def _begin_report(session: Session, path: str | None) -> TextIO | None:
    """The report's file, opened before anything is imported and over nothing."""
    if not path:
        return None
    try:
        return exports.place(session, path).open("x", encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidInput(f"The report {visible(path)} cannot be written: {error.strerror}; nothing was imported.") from None


def _report(file: TextIO, rejected: list[dict[str, object]]) -> None:
    import csv

    with file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("line", "column", "reason"))
        writer.writerows((r["line"], r["column"] or "", neutral(r["reason"])) for r in rejected)


def _read(call: Call, session: Session, path: Path, profile: Profile) -> int:
    from netbill_tui.usecases.imports import files

    report = _begin_report(session, call.args.report)
    stopping: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: stopping.append(number))
    result = files.run(
        session,
        path,
        profile,
        all_or_nothing=call.args.all_or_nothing,
        dry_run=call.dry_run,
        take=_lines(call.args.take),
        on_progress=progress(f"Importing {visible(path.name)}", call.output),
        should_stop=lambda: bool(stopping),
    )
    rejected: list[dict[str, object]] = [
        {"line": r.line, "column": r.column or None, "reason": visible(r.reason)} for r in result.rejected
    ]
    cells: list[dict[str, object]] = [{"line": r.line, "column": r.column, "reason": visible(r.reason)} for r in result.cells]
    held: list[dict[str, object]] = [{"line": h.line, "receipt": h.receipt, "reason": visible(h.reason)} for h in result.held]
    data = {
        "kind": result.kind,
        "rows": result.rows,
        "created": result.created,
        "updated": result.updated,
        "already": result.already,
        "rejected": rejected,
        "held": held,
        "cells_left_out": cells,
        "footers": [{"line": f.line, "text": f.text} for f in result.footers],
        **{f"new_{k}": v for k, v in sorted(result.added.items())},
    }
    call.output.record(data, lambda: _text(result, rejected, held, cells, cut=call.dry_run))
    if report is not None:
        _report(report, [*rejected, *({**c, "reason": f"{c['reason']}; the cell was left out"} for c in cells), *held])
    if stopping:
        call.output.remark("Stopped after a whole batch; run it again to go on.")
        return 130
    if held:
        lines = ",".join(str(h["line"]) for h in held[:20])
        call.output.remark(f"Held rows were not posted. To post one that is another payment, give its line: --take {lines}")
    if (rejected or held) and call.args.all_or_nothing:
        call.output.remark("Nothing was imported, because a row was rejected or held.")
        return 1
    return 3 if rejected or held or cells else 0


def _lines(typed: str | None) -> frozenset[int]:
    """The lines of a file that were named to be taken.

    Raises:
        InvalidInput: It is no list of numbers.
    """
    words = (typed or "").replace(",", " ").split()
    if not all(w.isascii() and w.isdigit() and len(w) < 10 for w in words):
        raise InvalidInput(f"--take {visible(typed or '')[:30]!r} is not a list of line numbers; type them as 3,7.")
    return frozenset(int(w) for w in words)


def _text(
    result: "Result",
    rejected: list[dict[str, object]],
    held: list[dict[str, object]],
    cells: list[dict[str, object]],
    *,
    cut: bool,
) -> str:
    """What an import did, each problem with its line; on a dry run the first of them."""
    sentences = [f"line {r['line']}{', ' + str(r['column']) if r['column'] else ''}: {r['reason']}" for r in rejected]
    sentences += [
        f"line {c['line']}, {c['column']}: {c['reason']}; the cell was left out, the rest of the row taken" for c in cells
    ]
    sentences += [f"line {h['line']}: held, {h['reason']}" for h in held]
    lines = sentences[:FIRST_PROBLEMS] if cut else sentences
    if len(lines) < len(sentences):
        lines.append(f"... and {len(sentences) - len(lines)} more; --report FILE writes them all")
    lines += [f"line {f.line}: not a row: {f.text}" for f in result.footers]
    if result.accounts:
        many = result.added.get("customers", 0)
        named = ", ".join(visible(a) for a in result.accounts[:10])
        lines.append(f"{many} new {'account' if many == 1 else 'accounts'}: {named}{' ...' if many > 10 else ''}")
    lines.append(
        f"{result.rows} {'row' if result.rows == 1 else 'rows'}: {result.created} created, {result.updated} updated, "
        f"{result.already} already there, {len(rejected)} rejected" + (f", {len(held)} held" if held else "")
    )
    return "\n".join(lines)
