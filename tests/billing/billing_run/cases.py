"""The catalogue, the services and the histories that tests of billing rules share."""

from datetime import date, timedelta

from hypothesis import strategies as st

from netbill_tui.billing.catalogue.codes import Catalogue, Code, Rules
from netbill_tui.billing.catalogue.prices import Price, PriceOverride
from netbill_tui.billing.catalogue.taxes import DatedRate, Rate
from netbill_tui.billing.core.cycles import Cycle
from netbill_tui.billing.services.charging import pieces
from netbill_tui.billing.services.subscriptions import Event, Service, timeline_of
from tests.billing.billing_run.simulation import Customer

D = date
VAT = Rate("VAT 20 %", "S", "20")
CODES = {
    "A": Code("A", "Plan A", tax_class="std"), "B": Code("B", "Plan B", tax_class="std"), "N": Code("N", "No price"),
    "T": Code("T", "Term", minimum_months=12, leave_fee=5000), "S": Code("S", "Stops", suspended="stop"),
    "X": Code("X", "Box", "bundle", kind="bundle", parts=(("A", 2), ("B", 1))), "ONE": Code("ONE", "Visit", kind="one-time"),
    "GB": Code("GB", "Traffic", kind="usage", unit="GB"),
}  # fmt: skip


def book(prices: dict[str, tuple[Price, ...]] | None = None, **rules) -> Catalogue:
    listed = {c: (Price(i, "2020-01-01", None, "all", p),) for i, (c, p) in enumerate(
        {"A": 5999, "B": 7999, "T": 3000, "S": 3000, "X": 1000, "ONE": 2500}.items(), 1)}  # fmt: skip
    return Catalogue(CODES, listed | (prices or {}), (DatedRate("std", "2000-01-01", None, VAT),), Rules(**rules))


MONTHLY = Cycle(1)


def service(start: date, anchor: int | None = None, cycle: Cycle = MONTHLY, mode: str = "advance", code: str = "A", **more):
    events = [Event(100, start, "start", code, **more)]
    return Service(1, start, cycle, anchor or start.day, mode), events


def customer(made: Catalogue, *services) -> Customer:
    one = Customer(made)
    for at, (kept, events) in enumerate(services, 1):
        one.add(kept._replace(id=at), [e._replace(id=e.id + at * 1000) for e in events])
    return one


def lines(bills, kind: str = "") -> list[tuple[object, ...]]:
    return [(n.code, n.first, n.end, n.amount) for b in bills for n in b.lines if not kind or n.kind == kind]


# One book, billed in two ways.

START = D(2024, 1, 1)
SPAN = st.integers(0, 230).map(lambda n: START + timedelta(days=n))
KINDS = st.sampled_from(["change", "change", "price", "pause", "resume", "suspend", "restore", "anchor", "end"])


@st.composite
def histories(draw):
    """Services with events that are known from the beginning."""
    made = []
    for at in range(draw(st.integers(1, 2))):
        start = draw(st.integers(0, 90).map(lambda n: START + timedelta(days=n)))
        cycle = draw(st.sampled_from([Cycle(1), Cycle(1), Cycle(3), Cycle(0, 14)]))
        kept = Service(at + 1, start, cycle, draw(st.integers(1, 31)), draw(st.sampled_from(["advance", "advance", "arrears"])))
        events = [Event(100, start, "start", draw(st.sampled_from(["A", "T", "S"])), draw(st.sampled_from(["1", "2", "1.5"])))]
        for n in range(draw(st.integers(0, 4))):
            on = max(draw(SPAN), start)
            kind = draw(KINDS)
            own = PriceOverride("fixed", str(draw(st.integers(0, 9000))), "own")
            until = on + timedelta(days=draw(st.integers(1, 60))) if kind == "price" and draw(st.booleans()) else None
            events.append(Event(
                101 + n, on, kind, draw(st.sampled_from(["A", "B", "S"])), "1", override=own if kind == "price" else PriceOverride(), until=until,
                number=draw(st.integers(1, 31)), policy=draw(st.sampled_from(["days", "period"])),
            ))  # fmt: skip
        made.append((kept, events))
    return made


def assert_every_day_once(one: Customer, end: date) -> None:
    for held in one.held.values():
        live = sorted(part for s in held.spans for part in s.live)
        for a, b in zip(live, live[1:], strict=False):
            assert a[1] <= b[0], "no day is charged twice"
        full = timeline_of(held.service, held.events)
        by_terms: dict[int, int] = {}
        for s in held.spans:
            by_terms[s.terms_id] = by_terms.get(s.terms_id, 0) + sum((b - a).days for a, b in s.live)
        wanted: dict[int, int] = {}
        for p in pieces(full, held.service.start, end):
            wanted[p.terms.id] = wanted.get(p.terms.id, 0) + (p.end - p.first).days
        waiting = held.check_on is not None and held.check_on <= end
        if not waiting:
            assert {k: v for k, v in by_terms.items() if v} == wanted, "every day is charged once, on its own terms"


CODES |= {"P": Code("P", "Promoted", tax_class="std"), "W": Code("W", "For new ones", tax_class="std")}
