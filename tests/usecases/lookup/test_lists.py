"""Lists by filter and order: the same rows on both engines, no row twice and none left out, whatever the page."""

import random
import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbill_tui.billing.receivables.overdue import Overdue
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.collections import calls, work_list
from netbill_tui.usecases.core.paging import FIRST, Page
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import tags
from netbill_tui.usecases.lookup import list_sums, lists
from netbill_tui.usecases.receivables import dues, overdue
from tests.conftest import TODAY, Desk

PLANS = ("Fibre 100", "Fibre 250", "DSL 16", "100% off_er", "Back\\slash")


def fill(desk: Desk, count: int = 30) -> None:
    chance = random.Random(7)
    for n in range(count):
        account = f"C{n:03d}"
        desk.customer(account, f"Smith, {'John' if n % 2 else 'Ana'}", plan=PLANS[n % 5], town=("Northfield", "Ostra")[n % 2],
                      kind=("residential", "business")[n % 3 == 0], preferred_method=("cash", "bank")[n % 2])  # fmt: skip
        for _ in range(n % 4):
            desk.invoice(account, chance.choice((1000, 1000, 2500, 4990)), due=-chance.choice((3, 3, 40, 70, 120)))
        if n % 5 == 0:
            desk.pay(account, chance.choice((1000, 2500)), method="cheque", reference=f"CHQ {n:06d}")
        if n % 4 == 0:
            tags.tag(desk.session, account, "vip")
        if n % 6 == 3:
            calls.outcome(desk.session, account, "m", "", TODAY)
        elif n % 6 == 1:
            calls.outcome(desk.session, account, "n")


def whole(session: Session, name: str, text: str) -> list:
    return lists.every(session, name, lists.read_filter(session, name, text))


def pages(session: Session, name: str, text: str, *, backward: bool) -> list:
    chosen = lists.read_filter(session, name, text)
    found: list = []
    which = Page(last=True) if backward else FIRST
    while part := lists.page(session, name, chosen, which):
        found = [*part, *found] if backward else [*found, *part]
        edge = lists.key_of(name, chosen, part[0] if backward else part[-1])
        which = Page(before=edge) if backward else Page(after=edge)
    return found


@pytest.mark.parametrize(("name", "text", "holds"), [
    ("overdue", "days>30", lambda r: r.days > 30), ("overdue", "days<=40", lambda r: r.days <= 40),
    ("overdue", "amount>=25 days:70", lambda r: r.overdue >= 2500 and r.days == 70), ("overdue", "st:promised", lambda r: r.promise_on),
    ("overdue", "!st:promised", lambda r: not r.promise_on), ("overdue", "last:1d", lambda r: r.last_contact_on),
    ("overdue", "last>1d", lambda r: not r.last_contact_on), ("overdue", "contact:no*", lambda r: r.last_contact == "no answer"),
    ("overdue", "tag:vip", lambda r: int(r.account[1:]) % 4 == 0), ("overdue", "!tag:v*", lambda r: int(r.account[1:]) % 4),
    ("overdue", "plan:fibre*", lambda r: int(r.account[1:]) % 5 < 2), ("overdue", "plan:100%*", lambda r: int(r.account[1:]) % 5 == 3),
    ("overdue", "plan:*off_er", lambda r: int(r.account[1:]) % 5 == 3), ("overdue", "plan:back\\*", lambda r: int(r.account[1:]) % 5 == 4),
    ("overdue", "john", lambda r: int(r.account[1:]) % 2), ("overdue", '"joh"', lambda _: False),
    ("overdue", "!john kind:business", lambda r: int(r.account[1:]) % 6 == 0),
    ("dues", "st:part", lambda r: r.state == "part paid"), ("dues", "amount=10", lambda r: r.open == 1000),
    ("dues", "acc:c001,C002", lambda r: r.account in ("C001", "C002")), ("dues", "town:ostra", lambda r: int(r.account[1:]) % 2),
    ("payments", "method:cheque ref:chq*", lambda _: True), ("payments", "amount>20", lambda r: r.amount > 2000),
    ("payments", "by:boss receipt:r-10001", lambda r: r.receipt == "R-10001"), ("payments", "by:mira", lambda _: False),
    ("customers", "st:overdue pays:cash", lambda r: r.overdue and int(r.account[1:]) % 2 == 0),
    ("customers", "bal>0 st:active", lambda r: r.balance > 0), ("customers", "over>=10", lambda r: r.overdue >= 1000),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_a_filter_leaves_exactly_what_it_says(desk: Desk, name: str, text: str, holds):
    fill(desk)
    everything = whole(desk.session, name, "")
    expected = [r for r in everything if holds(r)]
    found = whole(desk.session, name, text)
    assert found == expected
    chosen = lists.read_filter(desk.session, name, text)
    assert list_sums.sums(desk.session, name, chosen)[0] == len(expected)


@pytest.mark.parametrize("pattern", [
    "chq*", "chq-004417", "chq", "*417", "*18-75*", "rf18-7518720", "rf18*", "*-*", "a", "*a", "a*", "über*", "*12", "ref*7", "100%",
    "100%*", "x_y", "x__", "7518720", "*7518720", "004417",
])  # fmt: skip
def test_a_reference_is_filtered_by_what_it_is_whatever_leads_to_it(desk: Desk, pattern: str):
    """Words and tails lead to the payments; which of them are shown is what the pattern says of the whole reference."""
    references = [
        "CHQ-004417",
        "RF18-7518720",
        "a",
        "",
        "über-12",
        "ref-7",
        "REF 17",
        "100%",
        "100%x",
        "x_y",
        "xAy",
        "--",
        "7518720",
    ]
    desk.customer()
    for n, reference in enumerate(references):
        desk.pay("C1", 100 + n, method="bank", reference=reference)
    found = [r.reference for r in whole(desk.session, "payments", f"ref:{pattern}")]
    parts = [re.escape(part) for part in pattern.split("*")]
    assert sorted(found) == sorted(r for r in references if re.fullmatch(".*".join(parts), r.lower(), re.DOTALL))


@pytest.mark.parametrize("name", list(lists.LISTINGS))
def test_every_order_gives_each_row_once_forward_and_backward(desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch):
    from netbill_tui.db.core.statements import Keyset
    from netbill_tui.db.lookup import lists as rows

    fill(desk)
    real = Keyset.__init__
    monkeypatch.setattr(Keyset, "__init__", lambda self, *a, **k: real(self, *a, **{**k, "size": 3}))
    rows._keyset.cache_clear()
    try:
        for sort in lists.LISTINGS[name].sorts:
            for sign in ("", "-"):
                forward = pages(desk.session, name, f"sort:{sign}{sort}", backward=False)
                assert pages(desk.session, name, f"sort:{sign}{sort}", backward=True) == forward
                assert len({(r.account, getattr(r, "id", 0)) for r in forward}) == len(forward) > 0
                chosen = lists.read_filter(desk.session, name, f"sort:{sign}{sort}")
                keys = [lists.key_of(name, chosen, r)[0] for r in forward]
                falls = (sign == "-") != rows.LISTS[name].sorts[sort][2]
                assert keys == sorted(keys, reverse=falls)
    finally:
        rows._keyset.cache_clear()


def test_the_work_list_by_pages_is_that_of_the_rules(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    fill(desk, 40)
    desk.session.book = desk.session.book._replace(minimum_overdue=1500)
    expected = [r.account for r in overdue.queue(desk.session, work=True)]
    assert len(expected) > 10
    monkeypatch.setattr(lists, "PAGE", 4)
    found: list[Overdue] = []
    which = FIRST
    while part := work_list.work_page(desk.session, lists.NOTHING, which):
        found += part
        which = Page(after=work_list.work_key(part[-1]))
    assert [r.account for r in found] == expected
    backward: list[Overdue] = []
    which = Page(last=True)
    while part := work_list.work_page(desk.session, lists.NOTHING, which):
        backward = [*part, *backward]
        which = Page(before=work_list.work_key(part[0]))
    assert [r.account for r in backward] == expected
    assert work_list.work_sums(desk.session) == (len(expected), sum(r.overdue for r in found))


@pytest.mark.parametrize("text", ["days>30", "st:part", "town:ostra", "smith sort:-amount", "!john amount<30"])
def test_a_past_date_is_filtered_by_what_was_open_then(desk: Desk, text: str):
    fill(desk)
    today = whole(desk.session, "dues", text)
    desk.session.calendar.as_of = TODAY
    assert whole(desk.session, "dues", text) == today

    # Nothing was posted today but the notes, so a past date differs only by its days.
    desk.session.calendar.as_of = TODAY - timedelta(days=1)
    before = dues.page(desk.session)
    assert {r.id for r in whole(desk.session, "dues", "")} == {r.id for r in before}


def test_a_place_is_found_in_every_order(desk: Desk):
    fill(desk)
    for name, text, typed, holds in (
        ("customers", "", "c010", lambda r: r.account >= "C010"), ("dues", "", "-50", lambda r: r.days <= 50),
        ("dues", "sort:-amount", "25", lambda r: r.open <= 2500), ("overdue", "", "45", lambda r: r.days <= 45),
        ("overdue", "sort:-amount", "30", lambda r: r.overdue <= 3000), ("payments", "", "t", lambda _: True),
    ):  # fmt: skip
        chosen = lists.read_filter(desk.session, name, text)
        rows = lists.page(desk.session, name, chosen, lists.position(desk.session, name, chosen, typed))
        assert rows == [r for r in lists.every(desk.session, name, chosen) if holds(r)], (name, text)
    with pytest.raises(InvalidInput):
        lists.position(desk.session, "dues", lists.NOTHING, "soon")


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_sql_and_the_rules_agree_on_any_filter(data: st.DataObject):
    """The same terms by SQL today, and by the records themselves as of today."""
    session = _BOOK["session"]
    terms = st.sampled_from([
        "days>30", "days<=40", "!days>60", "amount>=25", "amount<30", "last:2d", "last>2d", "st:promised", "!st:uncalled", "contact:no*",
        "plan:fibre*", "!plan:*off*", "town:ostra", "john", "!smith", "kind:business", "tag:vip", "!tag:vip", "acc:c00*",
    ])  # fmt: skip
    text = " ".join(data.draw(st.lists(terms, max_size=4)))
    chosen = lists.read_filter(session, "overdue", text)
    by_sql = lists.every(session, "overdue", chosen)
    assert by_sql == lists.past(session, "overdue", chosen), text


_BOOK: dict = {}


@pytest.fixture(autouse=True, scope="module")
def book(tmp_path_factory: pytest.TempPathFactory):
    from netbill_tui.usecases.books.create import make_book
    from tests.conftest import CLOCK, NEW

    folder = tmp_path_factory.mktemp("lists")
    folder.chmod(0o700)
    made = make_book(str(folder / "b.db"), NEW, clock=CLOCK)
    fill(Desk(made.session, "", made))
    _BOOK["session"] = made.session
    yield
    made.session.db.close()


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        ("days>30", {"C31", "C90"}), ("days>=30", {"C30", "C31", "C90"}), ("days<31", {"C5", "C30"}),
        ("days>5 days<90", {"C30", "C31"}), ("days>5 days>30", {"C31", "C90"}), ("days<90 days<31", {"C5", "C30"}),
        ("!days>30", {"C5", "C30"}),
    ],
)  # fmt: skip
def test_bounds_of_the_sorted_column_hold_however_many_there_are(desk: Desk, terms: str, wanted: set[str]):
    for days in (5, 30, 31, 90):
        desk.customer(f"C{days}")
        desk.invoice(f"C{days}", 1000, due=-days)
    for order in ("", " sort:days", " sort:-days", " sort:amount"):
        chosen = lists.read_filter(desk.session, "overdue", terms + order)
        assert {r.account for r in lists.every(desk.session, "overdue", chosen)} == wanted, order
