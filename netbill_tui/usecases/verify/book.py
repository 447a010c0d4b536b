"""What must always be true, checked on the whole book; each row that breaks a rule is named. Source: docs/rules.md."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from netbill_tui.db.access import operators as operator_rows
from netbill_tui.db.core import chain as audit_chain
from netbill_tui.db.core import files, migrate, scanning, versions
from netbill_tui.db.core.engine import Database
from netbill_tui.db.customers.contacts import INDEX_NAMES
from netbill_tui.db.verify import collections, sums
from netbill_tui.errors import BookProblem, Busy, Damaged, NetbillError
from netbill_tui.security.rights import CONTACT
from netbill_tui.usecases.access import sealed
from netbill_tui.usecases.core import checkpoints
from netbill_tui.usecases.core.checkpoints import Checkpoint
from netbill_tui.usecases.core.checks import MAX_NAMED, blame
from netbill_tui.usecases.core.checks import Check as Check
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.verify import beside, chain, keys, vouched
from netbill_tui.usecases.verify.customers import broken_states, entries_ahead, taxed_twice
from netbill_tui.usecases.verify.services import broken_services


def verify(
    session: Session,
    *,
    on_progress: Callable[[int, int, str], None] | None = None,
    outside: Sequence[Checkpoint] = (),
    every_cell: bool = False,
    quick: bool = False,
    only: Sequence[str] = (),
) -> list[Check]:
    """Run every check in one consistent view of the book. Changes nothing.

    Args:
        session: With keys, a sample of the sealed cells is opened; without, their shape is looked at.
        on_progress: Gets checks done and in all, and what is looked at now.
        outside: Checkpoints from outside the book that its audit must fit.
        every_cell: Open every sealed cell instead of a sample.
        quick: What takes seconds in any book: the file's pages and its schema, who may sign in with which keys, guards,
            approvals, series, kept sums of due dates, and the newest 5,000 events with what they posted.
        only: The titles of the checks to run; empty for all. Of a large book a part is run in a process beside.
    """
    if not only:
        session.rolled()
    with (
        beside.beginning(session.db, quick=quick or bool(only)) as other,
        session.db.unhurried(),
        session.db.reading() as db,
    ):
        more: dict[str, Callable[[], Check | list[Check]]] = {
            "no entry lies ahead of its posting": lambda: entries_ahead(session),
            "services": lambda: _services(session),
            "customers": lambda: _customers(session),
            "operators": lambda: keys.operators(session),
            "key grants": lambda: keys.grants(session),
            "guards": lambda: _guards(session),
            "approvals": lambda: keys.approved(db),
            "number series": lambda: keys.series(db),
            "records": lambda: _records(session),
            "request ids": lambda: keys.requests(db),
            "more request ids": lambda: vouched.claims(db),
            "words of search": lambda: vouched.words(db),
            "sittings": lambda: vouched.sittings(session),
            "keys": lambda: vouched.keys(session),
            "sealed fields": lambda: sealed.sample(db, session.vault, every=every_cell),
            "storage and schema": lambda: keys.storage(db, quick=quick),
            "checkpoints": lambda: _checkpoints(session, outside),
        }
        checks = _CHECKS
        if quick:
            checks = {"newest audit events": chain.audit_tail} | {k: c for k, c in _CHECKS.items() if k in _QUICK}
            more = {k: check_ for k, check_ in more.items() if k in _QUICK}
        more = {title: partial(_filled, check, db, Check(title)) for title, check in checks.items()} | more
        chosen = {title: check_ for title, check_ in more.items() if not only or title in only}
        results = _looked_at(chosen, other, on_progress or (lambda *_: None))
        storage = next((c for c in results if c.name == _STORAGE), None)
        if storage is not None and not storage.broken and any(_DAMAGED in sentence for c in results for sentence in c.broken):
            for sentence in db.unreadable():
                blame(storage, sentence)
    return results


def _looked_at(
    checks: Mapping[str, Callable[[], Check | list[Check]]], other: beside.Beside, report: Callable[[int, int, str], None]
) -> list[Check]:
    """What the checks find, in their order: those of the process beside, and what it could not look at, after our own."""
    total, by_title = len(checks), dict.fromkeys(checks, list[Check]())
    own = [title for title in checks if not (other.runs and title in beside.TITLES)]
    for done, title in enumerate(own):
        report(done, total, title)
        by_title[title] = _done(title, checks[title])
    if other.runs:
        report(len(own), total, beside.TITLES[0])
        there = other.results()
        by_title |= {title: there.get(title) or _done(title, checks[title]) for title in beside.TITLES}
    report(total, total, "")
    return [check for results in by_title.values() for check in results]


_STORAGE = "storage and schema"
_DAMAGED = f"the file is damaged; see what is damaged under {_STORAGE}"
_QUICK = frozenset((
    "kept credit of the book", "kept totals per due date", "operators", "key grants", "guards", "approvals", "number series",
    "storage and schema", "checkpoints",
))  # fmt: skip
CHECKED = "checked"  # in `keeping`: the business date on which the book was found sound


def start_of_day(session: Session) -> str:
    """What the first quick look of a business date finds wrong, in a sentence; empty where all is well or was looked at.

    Side effect: that it was looked at is kept, so that nobody looks again that day. What is wrong is told to everybody, until it
    is mended.
    """
    if session.settings.readonly or session.operator is None:
        return ""
    seal = _seal(session)
    if seal and operator_rows.state_value(session.db, CHECKED) == seal:
        return ""
    try:
        wrong = [c for c in verify(session, quick=True) if c.broken]
    except Damaged as error:
        return f"The book is NOT sound: {error}"
    if wrong:
        return f"The book is NOT sound ({wrong[0].name}: {wrong[0].broken[0]}). Stop posting, and run: netbill verify"
    if seal:
        with session.db.write():
            operator_rows.set_state_value(session.db, CHECKED, seal)
    return ""


def _seal(session: Session) -> str:
    """The business date as only who holds a key can keep it; empty for who holds none, and looks each time."""
    vault, today = session.vault, session.today().isoformat()
    if vault is None or not vault.holds(CONTACT):
        return ""
    return f"{today} {vault.blind_index('email', INDEX_NAMES['email'], f'checked on {today}'):x}"


def scan(target: str) -> Check:
    """The damaged pages of a file that cannot be opened as a book, and what they hit.

    Raises:
        BookProblem: It cannot even be read.
    """
    path = files.real(target)
    try:
        damages = scanning.scan(path)
        pages = path.stat().st_size // 4096
    except OSError as error:
        raise BookProblem(f"{path} cannot be read ({error.strerror}); restore the book from a backup.") from None
    sentences = damages or ["SQLite can read the file, but its contents are not a book; restore the book from a backup"]
    return Check("pages of the file", pages, sentences)


def _done(title: str, work: Callable[[], Check | list[Check]]) -> list[Check]:
    """What a check found; where a row cannot even be read, that is what it found."""
    try:
        result = work()
    except Exception as error:
        if isinstance(error, (BookProblem, Busy)) and not isinstance(error, Damaged):
            raise  # The book cannot be read at all, which says nothing of what stands in it.
        # Whatever somebody wrote into the book must not keep the other checks from looking.
        said = (
            _DAMAGED
            if isinstance(error, Damaged)
            else str(error)
            if isinstance(error, NetbillError)
            else f"holds a value that netbill never writes ({type(error).__name__})"
        )
        return [Check(title, 0, [f"cannot be checked: {said}"])]
    return result if isinstance(result, list) else [result]


def _filled(check: Callable[[Database, Check], None], db: Database, result: Check) -> Check:
    check(db, result)
    return result


def _checkpoints(session: Session, outside: Sequence[Checkpoint]) -> Check:
    """The audit holds what checkpoints outside the book saw, and the file holds the last one that the book wrote."""
    seen, misfits = checkpoints.compare(session.db, session.book.install_id, session.book.admin_public, outside)
    wrong = [misfit.words for misfit in misfits]
    last = checkpoints.last_kept(session.db).partition(" ")[0]
    head = audit_chain.head(session.db)
    if last.isdigit() and (head is None or int(last) > head.seq):
        wrong.append(f"the book wrote a checkpoint at audit event {last}, and ends before it: its end was cut off")
    mine = [c.seq for c in outside if c.install == session.book.install_id.hex()]
    if mine and last.isdigit() and max(mine) < int(last):
        wrong.append(f"the book wrote a checkpoint at audit event {last}, the newest that was given is at {max(mine)}")
    elif outside and not mine:
        wrong.append("none of the checkpoints that were given is of this book")
    return Check("checkpoints outside the book", seen, wrong[:MAX_NAMED])


def _sum(rule: sums.Rule, db: Database, result: Check) -> None:
    result.rows, result.broken = rule.looked_at(db), rule.broken(db)


_CHECKS: dict[str, Callable[[Database, Check], None]] = {
    "audit chain and journal hashes": chain.audit_chain,
    **{rule.name: partial(_sum, rule) for rule in (*sums.RULES, *collections.RULES)},
}


def _services(session: Session) -> Check:
    """No day is charged twice, and the kept rows of services follow from their events."""
    count, wrong = broken_services(session)
    return Check("services: periods and kept rows", count, wrong[:MAX_NAMED])


def _customers(session: Session) -> list[Check]:
    """No closed or suspended customer has services that say otherwise, and no line was taxed by two rates of one order."""
    (states, wrong), (taxed, twice) = broken_states(session), taxed_twice(session)
    return [
        Check("customers: states that fit their services", states, wrong[:MAX_NAMED]),
        Check("taxes: one rate of an order", taxed, twice[:MAX_NAMED]),
    ]


def _records(session: Session) -> list[Check]:
    """Every record of a kind that the book vouches for is as it was last written."""
    left = versions.missing(session.db)
    if left and session.db.damages(quick=True):
        left = ()  # what the audit tells of itself cannot be believed: everything is looked at
    results = keys.records(session.db, [k for k in versions.KINDS if k not in left])
    if left:
        results.append(Check("records vouched for", 1, ["the upgrade of this book is not finished: netbill init --upgrade"]))
    return results


def _guards(session: Session) -> Check:
    """The triggers that keep posted rows as they are stand as this program makes them."""
    missing = migrate.missing_guards(session.db)
    return Check("guards of posted rows", len(migrate.POSTED), missing)
