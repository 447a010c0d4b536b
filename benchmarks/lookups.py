"""Goals 5, 6 and 8: what a million customers cost against ten thousand; mistyped names against right ones; deep pages."""

import random
import statistics
import time
from collections.abc import Callable

from benchmarks.harness import book, compared, fact, report
from netbill_tui.billing.lookup.search import Hit
from netbill_tui.db.lookup import search as rows
from netbill_tui.usecases.collections import work_list
from netbill_tui.usecases.core import demo_key
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.core.paging import FIRST, Page
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.lookup import list_sums, lists
from netbill_tui.usecases.lookup.search import find
from netbill_tui.usecases.receivables import ageing


def median(work: Callable[[object], object], keys: list[object]) -> float:
    """Median seconds a call over the keys, on a second pass."""
    found = []
    for turn in range(2):
        found = []
        for key in keys:
            began = time.perf_counter()
            work(key)
            found.append(time.perf_counter() - began)
        assert turn in (0, 1)
    return statistics.median(found)


def signed_in(size: int) -> Session:
    """The book with the demo's keys."""
    from netbill_tui.usecases.access import sign_in

    session = open_book(book(size))
    sign_in.sign_in_with_bundle(session, demo_key.OPERATOR, demo_key.key_file(book(size)))
    session.roll()
    return session


def run(sizes: list[int], times: int) -> None:
    """Print the rows."""
    sessions = {size: signed_in(size) for size in sizes}
    _points(sessions, times)
    for size, session in sessions.items():
        _typos(session, size, min(times, 300))
        _deep(session, size, max(times // 10, 7))
    _top(sessions, max(times // 10, 7))
    for session in sessions.values():
        session.db.close()


def _sample(session: Session, sql: str, times: int) -> list[object]:
    chance = random.Random(5)
    from netbill_tui.db.core.statements import Statement

    table = sql.split(" from ")[1].split()[0]
    (highest,) = session.db.rows(Statement(f"select max(id) from {table}"))[0]
    found: list[object] = []
    while len(found) < times:
        found += [r[0] for r in session.db.rows(Statement(sql), (chance.randrange(1, highest + 1),))]
    return found


def _points(sessions: dict[int, Session], times: int) -> None:
    """Goal 5: exact lookups, warm; the same number of rows in both books."""
    as_of = next(iter(sessions.values())).date().isoformat()
    cases: list[tuple[str, str, Callable[[Session], Callable[[object], object]]]] = [
        ("account", "select account from customer where id >= ? order by id limit 1",
         lambda s: lambda k: rows.by_number(s.db, [str(k)], [str(k)], as_of)),
        ("payment reference", "select reference from payment where id >= ? and reference <> '' order by id limit 1",
         lambda s: lambda k: _by_reference(s, "".join(c for c in str(k).lower() if c.isalnum()), as_of)),
        ("receipt", "select receipt from payment where id >= ? order by id limit 1",
         lambda s: lambda k: rows.by_number(s.db, [str(k)], [str(k)], as_of)),
        ("e-mail (sealed, by blind index)", "select account from customer where id >= ? order by id limit 1",
         lambda s: lambda k: find(s, f"{str(k).lower()}@example.org", scope="customer")),
    ]  # fmt: skip
    for name, sql, make in cases:
        found = {}
        for size, session in sessions.items():
            keys = _sample(session, sql, times)
            found[size] = median(make(session), keys)
        compared("5", f"find by {name}", found, 2.0)


def _by_reference(session: Session, key: str, as_of: str) -> list[Hit]:
    return [h for hits in rows.read(session.db, rows.references(key), as_of) for h in hits]


def _typos(session: Session, size: int, times: int) -> None:
    """Goal 6: names with one swapped letter against the same names as they are."""
    chance = random.Random(6)
    known = sorted(w for w in session.name_words(rows.dictionary) if w.isascii() and w.isalpha() and len(w) >= 5)
    names = [chance.choice(known) for _ in range(times)]
    typed = []
    for name in names:
        at = next((i for i in chance.sample(range(len(name) - 1), len(name) - 1) if name[i] != name[i + 1]), 0)
        typed.append(name[:at] + name[at + 1] + name[at] + name[at + 2 :])
    hits = sum(
        1
        for wrong, right in zip(typed, names, strict=True)
        if any(right in _words(h.name, h.reference) for h in find(session, wrong))
    )
    wrong = median(lambda k: find(session, str(k)), list(typed))
    right = median(lambda k: find(session, str(k)), list(names))
    report("6", "search with a swapped letter / the right word", f"{size:,}", wrong, right, 5.0, unit="us")
    fact("6", "of names with a swapped letter found", f"{size:,}", 100 * hits / len(names), "%")


def _words(name: str, why: str) -> str:
    from netbill_tui.text import fold

    return fold(f"{name} {why}")


def _top(sessions: dict[int, Session], times: int) -> None:
    """Goal 8: the first page of the overdue queue, the work list and the ageing of today."""
    cases: list[tuple[str, float | None, Callable[[Session], Callable[[object], object]]]] = [
        ("overdue, first page by days", 1.3, lambda s: lambda _: lists.page(s, "overdue")),
        ("overdue, first page by amount", 1.3,
         lambda s: lambda _: lists.page(s, "overdue", lists.read_filter(s, "overdue", "sort:-amount"))),
        ("work list, first page", None, lambda s: lambda _: work_list.work_page(s)),
        ("ageing of today", 1.3, lambda s: lambda _: ageing.ageing(s)),
        ("customers filtered by plan, first page", None,
         lambda s: lambda _: lists.page(s, "customers", lists.read_filter(s, "customers", "plan:fibre* bal>50"))),
    ]  # fmt: skip
    for name, limit, make in cases:
        compared("8", name, {size: median(make(session), list(range(times))) for size, session in sessions.items()}, limit)


def _deep(session: Session, size: int, times: int) -> None:
    """Goal 8: a page at nine tenths of the list against its first page."""
    for name in ("customers", "dues", "payments"):
        chosen = lists.NOTHING
        count = min(list_sums.sums(session, name, chosen)[0], 200_000)
        which, seen = FIRST, 0
        while seen < count * 9 // 10 and (part := lists.page(session, name, chosen, which)):
            which, seen = Page(after=lists.key_of(name, chosen, part[-1])), seen + len(part)
        deep, first, ends = (median(_page(session, name, w), list(range(times))) for w in (which, FIRST, Page(last=True)))
        report("8", f"{name}: page at row {seen:,} / first page", f"{size:,}", deep, first, 1.3, unit="us")
        report("8", f"{name}: last page (End) / first page", f"{size:,}", ends, first, None, unit="us")


def _page(session: Session, name: str, which: Page) -> Callable[[object], object]:
    return lambda _: lists.page(session, name, lists.NOTHING, which)
