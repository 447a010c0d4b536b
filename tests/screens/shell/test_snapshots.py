"""Every screen as it stands, text and roles, in files that can be read: what changes on one is seen in a review.

Each line stands twice: as it is read, and below it the role of each cell by its letter (a dot is plain). NETBILL_SNAPSHOTS=write
writes them anew.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from netbill_tui.styles import roles
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.customers import notes, tags
from netbill_tui.usecases.receivables import disputes, payments
from tests.conftest import TODAY, Desk
from tests.screens.keys import opened, press, type_
from tests.usecases.billing_run.shop import bill, serve, shop
from tests.usecases.customers.people import person

# Request ids and fingerprints are another in each book.
_DRAWN_BY_LOT = re.compile(r"(?<=claim )[0-9a-f]{2,8}|\b[0-9a-f]{4}(?: [0-9a-f]{4}){2,}")
FOLDER = Path(__file__).parents[1] / "snapshots"
LETTERS = dict(zip(roles.ROLES, ".sqtbhocmkfulxwra", strict=True))
DAILY = ((60, 16), (40, 10), (100, 30), (120, 40), (160, 50))
# Name: the keys that lead there; `=` types what is behind it.
SCREENS = {
    "dashboard": "", "find": "f2 =smi", "find-groups": "f2 =25.00", "customers": "g c", "dues": "g u", "payments": "g p", "overdue-work": "g o",
    "overdue-all": "g o 2 down", "customer-ledger": "f2 =C2 enter", "customer-invoices": "f2 =C2 enter 2",
    "customer-payments": "f2 =C2 enter 3", "customer-profile": "f2 =C1 enter 4", "customer-notes": "f2 =C2 enter 5",
    "customer-services": "f2 =C1 enter 7", "customer-credit": "f2 =C3 enter", "invoice-late": "f2 =INV-000002 enter",
    "receipt-reversed": "f2 =R-10002 enter", "take-payment": "f2 =C2 enter p", "take-payment-wrong": "f2 =C2 enter p 1 enter =12.5.0 enter",
    "take-payment-change": "f2 =C2 enter p 1 enter =35 enter =50 enter", "billing-preview": "g i", "billing-runs": "g i 3",
    "catalogue": "g k", "catalogue-code": "g k enter", "operators": "g w", "audit": "g a", "help": "f1", "go": "g",
    "outcome": "g o c", "promise": "g o c m", "note-empty": "g c n f10", "command-line": "colon =cus", "command": "ctrl+p",
    "columns": "g p f4", "customer-form": "g c +", "empty-filter": "g c / =tag:nobody enter",
    "collections": "g x", "account-story": "f7 2 enter C",
}  # fmt: skip
MANY_SIZES = ("dashboard", "find", "overdue-all", "customer-ledger", "payments", "take-payment-change")


@pytest.fixture
def furnished(sqlite_desk: Desk) -> Desk:
    """A book in which every state stands that a screen can show."""
    desk = shop(sqlite_desk)
    serve(desk, start="2026-10-01")
    bill(desk, "2026-11-01")
    person(desk) if "C1" not in desk.column("select account from customer") else None
    desk.customer("C2", "Smith, John")
    desk.customer("C3", "Łukasz Żółć")
    desk.customer("C4", "鈴木 花子")
    for account, cents, due in (("C2", 9900, -100), ("C2", 4500, -40), ("C2", 3000, 10), ("C4", 2500, -5)):
        desk.invoice(account, cents, due=due)
    desk.pay("C2", 2500, method="cheque", reference="CHQ 004417")
    gone = desk.pay("C2", 1500, method="card")
    payments.reverse(desk.session, gone.row.receipt, "wrong account")
    desk.pay("C3", 1250)
    calls.outcome(desk.session, "C2", "m", "pays on Friday", TODAY)
    notes.add(desk.session, "C2", "Rang twice; asks for a copy of the invoice")
    tags.tag(desk.session, "C2", "vip")
    disputes.start(desk.session, desk.invoice("C4", 1900, due=-20), "never had that")
    return desk


@pytest.fixture(autouse=True)
def _theme_as_before() -> Iterator[None]:
    yield
    roles.use(roles.DEFAULT)


def drawn(pilot: Pilot) -> str:
    """The screen: each line as it is read, then by roles."""
    by_number = {100 + n: LETTERS[role] for n, role in enumerate(roles.ROLES)}
    lines = []
    for strip in pilot.app.screen._compositor.render_strips():
        text = meant = ""
        for segment in strip:
            colour = segment.style.color if segment.style else None
            letter = by_number.get(colour.number if colour and colour.number is not None else -1, ".")
            text, meant = text + segment.text, meant + letter * cell_len(segment.text)
        lines += [f"  {text}".rstrip(), f"| {meant}".rstrip(" .")]
    return _DRAWN_BY_LOT.sub(lambda m: re.sub("[0-9a-f]", "x", m[0]), "\n".join(lines)) + "\n"


async def _compare(desk: Desk, names: Sequence[str], size: tuple[int, int]) -> None:
    differ = []
    for name in names:
        async with opened(desk, size=size) as pilot:
            # Each role in a colour of its own, so that the cells say which they have.
            roles.use("letters", {role: f"{100 + n}" for n, role in enumerate(roles.ROLES)})
            pilot.app.screen.refresh(layout=True)
            for key in SCREENS[name].split():
                await (
                    type_(pilot, key[1:])
                    if key.startswith("=")
                    else press(pilot, "plus" if key == "+" else "slash" if key == "/" else key)
                )
            await press(pilot)
            shown = drawn(pilot)
        file = FOLDER / f"{name}-{size[0]}x{size[1]}.txt"
        if os.environ.get("NETBILL_SNAPSHOTS") == "write":
            FOLDER.mkdir(exist_ok=True)
            file.write_text(shown)
        elif not file.exists() or file.read_text() != shown:
            differ.append(f"{file.name} differs:\n{shown}")
    assert not differ, "\n".join(differ)


@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_stands_as_it_was_looked_at(furnished: Desk, name: str):
    await _compare(furnished, [name], (80, 24))


@pytest.mark.parametrize("size", DAILY)
async def test_what_is_used_all_day_stands_in_every_size(furnished: Desk, size: tuple[int, int]):
    await _compare(furnished, MANY_SIZES, size)
