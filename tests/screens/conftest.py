"""What every test of a screen stands on: folders of its own, and books in which somebody owes, or is sold to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from netbill_tui import commands
from tests.conftest import Desk
from tests.usecases.billing_run.shop import shop
from tests.usecases.customers.people import person


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    yield tmp_path
    commands.use({})


@pytest.fixture
def owing(sqlite_desk: Desk) -> Desk:
    person(sqlite_desk)
    sqlite_desk.customer("C2", "Smith, John")
    sqlite_desk.invoice("C1", 3000, due=-40)
    sqlite_desk.invoice("C1", 1500, due=3)
    sqlite_desk.invoice("C2", 9900, due=-100)
    sqlite_desk.pay("C2", 2500, method="cheque", reference="CHQ 004417")
    return sqlite_desk


@pytest.fixture
def shopped(sqlite_desk: Desk) -> Desk:
    return shop(sqlite_desk)
