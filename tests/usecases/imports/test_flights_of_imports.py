"""A file is taken in statements for a batch: how often it goes to a server and back does not grow with its rows."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from netbill_tui.integrations.profiles import Profile
from netbill_tui.usecases.imports import files
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import shop

CUSTOMERS = "account,name,street,email,phone\n", "K{n},Person {n},{n} High Street,p{n}@example.org,+44 20 7946 0{n:03d}\n"
MOVED = "account,street,email\n", "K{n},{n} Low Street,q{n}@example.org\n"
SERVICES = "account,code,start,quantity\n", "K{n},A,2026-09-01,1\n"
OPEN = "account,number,issued,due,amount\n", "K{n},X{n},2026-10-01,2026-10-30,10.00\n"
SETTLED = "account,number,issued,due,amount,settled,reference\n", "K{n},X{n},2026-10-01,2026-10-30,10.00,2026-11-01,CHQ {n}\n"
PAYMENTS = "account,amount,received,method,reference\n", "K{n},10.00,2026-11-02,cheque,CHR {n}\n"


def taken(desk: Desk, folder: Path, kind: str, form: tuple[str, str], numbers: range) -> files.Result:
    path = folder / "rows.csv"
    path.write_text(form[0] + "".join(form[1].format(n=n) for n in numbers))
    return files.run(desk.session, path, Profile(kind, {name: (name,) for name in form[0].strip().split(",")}))


@pytest.mark.parametrize(
    ("before", "kind", "form"),
    [
        ((), "customers", CUSTOMERS),
        ((("customers", CUSTOMERS),), "customers", CUSTOMERS),
        ((("customers", CUSTOMERS),), "customers", MOVED),
        ((("customers", CUSTOMERS),), "services", SERVICES),
        ((("customers", CUSTOMERS), ("services", SERVICES)), "services", SERVICES),
        ((("customers", CUSTOMERS),), "invoices", OPEN),
        ((("customers", CUSTOMERS),), "settled-invoices", SETTLED),
        ((("customers", CUSTOMERS), ("invoices", OPEN)), "settled-invoices", SETTLED),
        ((("customers", CUSTOMERS), ("invoices", OPEN)), "payments", PAYMENTS),
    ],
    ids=["new", "again", "moved", "services", "services again", "open", "settled", "settled later", "payments"],
)
def test_flights_do_not_grow_with_the_rows(
    postgres_desk: Desk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: Sequence[tuple[str, tuple[str, str]]],
    kind: str,
    form: tuple[str, str],
):
    d = shop(postgres_desk)
    few, many = range(100, 110), range(200, 260)
    for first_kind, first in before:
        for numbers in (few, many):
            assert not taken(d, tmp_path, first_kind, first, numbers).rejected
    flights = []
    for numbers in (few, many):
        sent: list[bytes] = []
        real = d.session.db._ask
        with monkeypatch.context() as patched:
            patched.setattr(
                d.session.db, "_ask", lambda statement, real=real, sent=sent: sent.append(statement) or real(statement)
            )
            result = taken(d, tmp_path, kind, form, numbers)
        assert not result.rejected
        assert result.created + result.updated + result.already == len(numbers)
        flights.append(len(sent))
    assert flights[1] <= flights[0] + 2, "two more for what begins a new day or a longer list"
    assert flights[1] < len(many)
    sound(d)
