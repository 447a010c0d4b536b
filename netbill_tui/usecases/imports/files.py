"""Reading a company's own files. Batches of whole rows, each one transaction; a rerun completes what was killed.

Identity: customers by account, invoices by number as in the file, payments by uuid5 of install id, kind, number and
reference. So the same file again adds nothing, whoever reads it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.imports import runs
from netbill_tui.errors import InvalidInput, NotPermitted
from netbill_tui.integrations.csv_files import BadCell, Cells, Footer, Rejection, count_lines, read_rows
from netbill_tui.integrations.profiles import Profile
from netbill_tui.security import rights
from netbill_tui.text import visible
from netbill_tui.usecases.access import approvals
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import checking
from netbill_tui.usecases.imports import customers, invoices, payments
from netbill_tui.usecases.imports import services as service_rows
from netbill_tui.usecases.imports.result import Result

BATCH = 500
# A breath between batches, so that a clerk's payment never waits.
PAUSE_S = 0.005


class _TakeBack(Exception):
    """Leaves the transaction of a dry run, or of an all-or-nothing import with a rejected row."""


def run(
    session: Session,
    path: Path,
    profile: Profile,
    *,
    all_or_nothing: bool = False,
    dry_run: bool = False,
    take: frozenset[int] = frozenset(),
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Result:
    """Read the file by the profile.

    Args:
        session: Who imports.
        path: The CSV.
        profile: How it is read.
        all_or_nothing: One rejected row refuses all.
        dry_run: Do all of it and take it back.
        take: Lines that are posted although they look like a payment in the book.
        on_progress: Called with rows done and lines in all, after each batch.
        should_stop: Asked between batches.

    Raises:
        InvalidInput: The file cannot be read at all.

    Side effect: one audit event for each batch.
    """
    total = max(count_lines(path) - 1, 1)
    profile = replace(profile, zone=session.book.timezone, today=session.today())
    result = Result(profile.kind, take=take)
    _find_repeated(path, profile, result)
    batches = _batches(read_rows(path, profile), result)

    def report(done: int) -> None:
        if on_progress:
            on_progress(done, total)

    if all_or_nothing or dry_run:
        _at_once(session, path, profile, batches, result, report, dry_run=dry_run)
    else:
        _one_by_one(session, path, profile, batches, result, report, should_stop)
    if result.created + result.updated >= MANY:
        session.db.analyze()
    result.rejected.sort(key=lambda r: r.line)
    result.held.sort(key=lambda h: h.line)
    return result


def _find_repeated(path: Path, profile: Profile, result: Result) -> None:
    """Note the invoice numbers that stand on several rows of a file: such a file has one row for each line of an invoice."""
    if profile.kind not in ("invoices", "settled-invoices") or not path.is_file():
        return
    first: dict[str, int] = {}
    for cells in read_rows(path, profile):
        number = cells.text("number") if isinstance(cells, Cells) else ""
        if isinstance(cells, Cells) and number:
            if number in first:
                result.seen["twice", number] = first[number]
            first.setdefault(number, cells.line)


Batches = Iterator[list[Cells]]
MANY = 1000  # so many new rows change what a server should choose its indexes by


def _at_once(
    session: Session,
    path: Path,
    profile: Profile,
    batches: Batches,
    result: Result,
    report: Callable[[int], None],
    *,
    dry_run: bool,
) -> None:
    """All of the file in one transaction, which a rejected row or a dry run takes back."""
    done = 0
    try:
        with writing(session, rights.IMPORT) as tx:
            for batch in batches:
                _apply(tx, session, profile, batch, result)
                done += len(batch)
                report(done)
            tx.note("import.all", visible(path.name), _summary(result, Result(result.kind)), bulk=True)
            if dry_run or result.rejected or result.held:
                raise _TakeBack
    except _TakeBack:
        if not dry_run:
            result.created = result.updated = 0
            result.added = {}


def _one_by_one(
    session: Session,
    path: Path,
    profile: Profile,
    batches: Batches,
    result: Result,
    report: Callable[[int], None],
    should_stop: Callable[[], bool],
) -> None:
    """Each batch in a transaction of its own, so that a kill leaves whole rows and others get their turn."""
    done, run_id = 0, _begin(session, path, profile)
    for batch in batches:
        with writing(session, rights.IMPORT) as tx:
            before = replace(result)
            result.changed = {}
            _apply(tx, session, profile, batch, result)
            tx.note("import.batch", visible(path.name), _summary(result, before), bulk=True)
            _record(tx, run_id, result, finished=None)
        done += len(batch)
        report(done)
        if should_stop():
            break
        session.db.give_way(PAUSE_S)
    with writing(session, rights.IMPORT) as tx:
        _record(tx, run_id, result, finished=tx.now_us)
        tx.note("import.end", visible(path.name), _summary(result))


def _batches(rows: Iterator[Cells | Rejection | Footer], result: Result) -> Iterator[list[Cells]]:
    batch: list[Cells] = []
    for row in rows:
        if isinstance(row, Footer):
            result.footers.append(row)
            continue
        result.rows += 1
        if isinstance(row, Rejection):
            result.rejected.append(row)
            continue
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


# How a row of each kind is read, how a batch of them is stored, and what of the book a batch is read against, if anything;
# invoices may be settled ones.
_KINDS: dict[str, tuple[Callable[..., Any], Callable[..., None], Callable[..., Any] | None]] = {
    "customers": (checking.read, customers.store, None),
    "payments": (payments.read, payments.store, None),
    "services": (service_rows.read, service_rows.store, service_rows.around),
}


def _apply(tx: Transaction, session: Session, profile: Profile, batch: list[Cells], result: Result) -> None:
    """Store what of the batch is new or changed; whatever cannot be taken is rejected alone."""
    tx.alone()
    read, store, around = _KINDS.get(profile.kind, (invoices.read, invoices.store, None))
    against = () if around is None else (around(session, batch),)
    good = []
    for cells in batch:
        try:
            row = read(session, cells, *against)
            result.cells += getattr(row, "left", ())
            good.append((cells, row))
        except BadCell as bad:
            result.rejected.append(Rejection(cells.line, bad.column, str(bad)))
        except InvalidInput as bad_text:
            result.rejected.append(Rejection(cells.line, "", str(bad_text)))
    services = _services(session, profile, good, result)
    store(tx, session, good, result)
    if profile.service is not None and services:
        catalogue = service_rows.ensure_codes(tx, session, profile.service)
        result.add("services", service_rows.add(tx, session, services, catalogue, result.seen, bundled=True)[0])


def _services(session: Session, profile: Profile, good: list[tuple[Cells, Any]], result: Result) -> list[tuple[str, Any]]:
    """The service of each customer that the file tells of; a row whose service cannot be read is rejected whole."""
    if profile.service is None:
        return []
    operator, _ = session.sign_in_if_needed()
    if operator.limit is not None and len(approvals.approvers(session)) > 1:
        raise NotPermitted("The file gives customers their own prices; ask an operator without a limit to import it.")
    counts: dict[str, Any] = {}
    left = []
    for cells, row in good:
        try:
            if row.new.status == "closed":
                raise cells.bad("status", "is closed, and a closed account has no running service")
            # Of several rows of an account the last one tells of its one service.
            counts[row.new.account] = service_rows.from_customer(session, cells, profile.service)
            left.append((cells, row))
        except BadCell as bad:
            result.rejected.append(Rejection(cells.line, bad.column, str(bad)))
        except InvalidInput as bad_text:
            result.rejected.append(Rejection(cells.line, "", str(bad_text)))
    good[:] = left
    return list(counts.items())


def _summary(result: Result, before: Result | None = None) -> dict[str, object]:
    base = before or Result(result.kind)
    summary: dict[str, object] = {
        "kind": result.kind,
        "created": result.created - base.created,
        "updated": result.updated - base.updated,
        "already": result.already - base.already,
        "rejected": len(result.rejected),
    }
    if result.held:
        summary["held"] = len(result.held)
    if before is not None and result.changed:
        # The trail of each record names what was changed of it.
        summary["changed"] = result.changed
    return summary


def _begin(session: Session, path: Path, profile: Profile) -> int:
    operator, _ = session.sign_in_if_needed()
    with writing(session, rights.IMPORT) as tx:
        (run_id,) = tx.take("id")
        runs.begin(tx, run_id, profile.kind, visible(path.name)[:200], visible(profile.name), operator.name)
        tx.note("import.begin", visible(path.name), {"kind": profile.kind, "profile": visible(profile.name)})
    return int(run_id)


def _record(tx: Transaction, run_id: int, result: Result, *, finished: int | None) -> None:
    counts = runs.Counts(result.rows, result.created, result.updated, result.already, len(result.rejected))
    runs.record(tx, run_id, counts, finished)
